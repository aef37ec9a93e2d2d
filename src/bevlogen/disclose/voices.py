"""What people wrote, in a release: themes of groups that are large enough; their own words only where asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from unicodedata import combining, normalize

import numpy as np

from bevlogen.core.shown import Release, Voice
from bevlogen.core.tables import Unit
from bevlogen.disclose.comments import Question, shown_comments, themes
from bevlogen.disclose.keyness import words_of

MOST_WORDS = 8


def with_voices(
    release: Release,
    questions: Sequence[Question],
    units: Sequence[Unit],
    k_comments: int,
    *,
    names: Iterable[str] = (),
    texts: bool = False,
    rng: np.random.Generator | None = None,
) -> Release:
    """Return the release with what people wrote, as far as it may be read.

    Parameters
    ----------
    release : any.
    questions : open questions, each with its comments.
    units, k_comments : as of ``comments.shown_comments``.
    names : of people here: masked in texts, and never a theme.
    texts : also give the comments themselves. Masking finds about half of what tells of a person (docs/comments.md), so
        this is for whoever decided that with open eyes.
    rng : shuffles; by default from the system.

    Raises
    ------
    PolicyError
        ``k_comments`` is below 10.

    Notes
    -----
    Questions stay apart, so that a person who answers two does not count as two. A theme is a word; that it comes from
    half of ten people at least is the rule of ``keyness``.
    """
    known = tuple(names)
    never = {word for name in known for word in words_of(_plain(name))}
    lot = rng or np.random.default_rng()
    voices = []
    for question in questions:
        groups = shown_comments(question.comments, units, k_comments, lot, known)
        for group, theme in zip(groups, themes(question.comments, units, k_comments), strict=True):
            words = tuple(w.word for w in theme.words if not _is_of(w.word, never))[:MOST_WORDS]
            voices.append(Voice(group.unit, group.period, question.text, words, group.texts if texts else ()))
    return replace(release, voices=tuple(voices))


def _plain(text: str) -> str:
    """Without accents and capitals: a colleague writes Zoe for Zoë, and either may come composed or not."""
    return "".join(c for c in normalize("NFD", text.casefold()) if not combining(c))


def _is_of(word: str, names: set[str]) -> bool:
    """Whether a word is one of the names, or the genitive of one: *Sietskes rooster*."""
    plain = _plain(word)
    return plain in names or plain.removesuffix("s") in names
