"""What people wrote, in a release: themes of groups that are large enough, told once; texts only where asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from unicodedata import combining, normalize

import numpy as np

from bevlogen.core.shown import Release, Voice
from bevlogen.core.tables import Unit
from bevlogen.disclose.comments import Comment, Question, groups_of, shuffled, words_of_group
from bevlogen.disclose.keyness import words_of
from bevlogen.disclose.ledger import Heard, Ledger, mark_of
from bevlogen.errors import BevlogenError

MOST_WORDS = 8


def newly_heard(
    ledger: Ledger, questions: Sequence[Question], units: Sequence[Unit], k_comments: int, names: Iterable[str] = ()
) -> tuple[Heard, ...]:
    """Say what questions tell of periods of which they told nothing yet.

    Parameters
    ----------
    ledger : what was told before.
    questions : open questions, each with its comments.
    units, k_comments : as of ``comments.shown_comments``.
    names : of people here, which are never a theme.

    Returns
    -------
    All groups of a question and period that may be read, at once: they are held against each other.

    Raises
    ------
    PolicyError
        ``k_comments`` is below 10.
    BevlogenError
        Two questions are remembered by the same name.

    Notes
    -----
    A question and period is told once. Told anew, with somebody more or less, in other groups or in another tree, a
    word that comes or goes would be that person's. Questions stay apart, so that a person who answers two does not
    count as two. A theme is a word; that it comes from half of ten people at least is the rule of ``keyness``.
    """
    never = _never(names)
    told = {(one.question, one.period) for one in ledger.heard}
    if twice := [name for name, many in Counter(question.name for question in questions).items() if many > 1]:
        raise BevlogenError(
            f"Two open questions are called {twice[0]!r}. Give each question of each round its own key."
        )
    out = []
    for question in questions:
        groups = groups_of([c for c in question.comments if _counts(c)], units, k_comments)
        for group in groups:
            if (question.name, group.period) not in told:
                words = (w.word for w in words_of_group(group, groups, k_comments) if not _is_of(w.word, never))
                writers = frozenset(mark_of(ledger, c.writer) for c in group.comments)
                out.append(Heard(question.name, group.period, group.unit, tuple(words)[:MOST_WORDS], writers))
    return tuple(out)


def with_voices(
    release: Release,
    questions: Sequence[Question],
    units: Sequence[Unit],
    k_comments: int,
    ledger: Ledger,
    *,
    names: Iterable[str] = (),
    texts: bool = False,
    rng: np.random.Generator | None = None,
) -> Release:
    """Return the release with what people wrote, as it was told and as far as it may be read.

    Parameters
    ----------
    release : any.
    questions, units, k_comments : as of ``newly_heard``.
    ledger : what was told, also just now.
    names : of people here: masked in texts, and never a theme.
    texts : also give the comments themselves, of those who are behind the themes. Masking finds about half of what
        tells of a person (docs/comments.md), so this is for whoever decided that with open eyes.
    rng : shuffles; by default from the system.

    Notes
    -----
    What a group told stays as told as long as what everybody in it wrote is there. Once something was erased, all that
    the group told to that question is gone for good, so that what is gone tells nothing of who asked for it; so it is
    where fewer wrote than are asked now.
    """
    known = tuple(names)
    never, lot, here = _never(known), rng or np.random.default_rng(), {unit.key for unit in units}
    voices = []
    for question in questions:
        marked = [(mark_of(ledger, c.writer), c) for c in question.comments if _counts(c)]
        for told in ledger.heard:
            if told.question != question.name or told.unit not in here or len(told.writers) < k_comments:
                continue
            own = [(mark, c) for mark, c in marked if mark in told.writers and c.period == told.period]
            if len({mark for mark, _ in own}) < len(told.writers):
                continue
            words = tuple(word for word in told.words if not _is_of(word, never))
            said = shuffled([c for _, c in own], lot, known) if texts else ()
            voices.append(Voice(told.unit, told.period, question.text, words, said))
    return replace(release, voices=tuple(voices))


def _counts(comment: Comment) -> bool:
    return bool(comment.text.strip())


def _never(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in words_of(_plain(name))}


def _plain(text: str) -> str:
    """Without accents and capitals: a colleague writes Zoe for Zoë, and either may come composed or not."""
    return "".join(c for c in normalize("NFD", text.casefold()) if not combining(c))


def _is_of(word: str, names: set[str]) -> bool:
    """Whether a word is one of the names, or the genitive of one: *Sietskes rooster*."""
    plain = _plain(word)
    return plain in names or plain.removesuffix("s") in names
