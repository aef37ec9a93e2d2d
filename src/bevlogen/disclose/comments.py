"""Comments as they may be read: enough people together, in no order, without what tells of a person.

Public as ``bevlogen.comments``; ``docs/comments.md`` shows the way from a file to what may be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bevlogen.core import thresholds
from bevlogen.core.chain import Text
from bevlogen.core.tables import Unit
from bevlogen.disclose.keyness import KeyWord, keyness
from bevlogen.disclose.masking import Flag, flags, masked
from bevlogen.disclose.policy import PolicyError

__all__ = [
    "Comment",
    "Flag",
    "KeyWord",
    "Question",
    "ShownComments",
    "Text",
    "Themes",
    "Unit",
    "flags",
    "masked",
    "shown_comments",
    "themes",
]


@dataclass(frozen=True, slots=True)
class Comment:
    """One answer in words: where, in which period, and who wrote it (any label that stays the same for a person)."""

    unit: str
    period: str
    writer: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One open question of one round, with what was written; a writer counts once, so each writes one comment.

    ``key`` is what the question is remembered by once it was told: the same every time, another in each round. Without
    one it is its text.
    """

    text: Text
    comments: Sequence[Comment]
    key: str = ""

    @property
    def name(self) -> str:
        """What it is remembered by."""
        return self.key or self.text.en


@dataclass(frozen=True, slots=True)
class ShownComments:
    """Comments of a unit with all below it that are shown nowhere else; ``texts`` stand in chance order."""

    unit: str
    period: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Themes:
    """Words that the people of a unit use more than the rest, most telling first."""

    unit: str
    period: str
    words: tuple[KeyWord, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Comments of k writers or more that are read together."""

    unit: str
    period: str
    comments: tuple[Comment, ...]


def shown_comments(
    comments: Sequence[Comment],
    units: Sequence[Unit],
    k_comments: int,
    rng: np.random.Generator,
    names: Iterable[str] = (),
) -> tuple[ShownComments, ...]:
    """Say which comments may be read, and where.

    Parameters
    ----------
    comments : in any order; only the period of a date is kept.
    units : the tree.
    k_comments : fewest writers of what is shown together.
    rng : shuffles, so that the order tells nothing of who wrote when.
    names : of people, to mask besides those that the rules know.

    Returns
    -------
    Per period: each comment once, at the smallest unit around it that has k writers left. What is too few on its own
    goes up and is read with the group; what is too few at the top is not shown.

    Raises
    ------
    PolicyError
        ``k_comments`` is below 10.

    Notes
    -----
    A comment shown at two levels would tell, by taking away, who wrote the rest; hence once.
    """
    known = tuple(names)
    return tuple(
        ShownComments(group.unit, group.period, shuffled(group.comments, rng, known))
        for group in groups_of(comments, units, k_comments)
    )


def themes(comments: Sequence[Comment], units: Sequence[Unit], k_comments: int) -> tuple[Themes, ...]:
    """Say which words each group that may be read uses more than all other groups of that period together.

    Parameters
    ----------
    comments, units, k_comments : as of ``shown_comments``.

    Returns
    -------
    One for each group of ``shown_comments``, in that order; without words where the rest has fewer than k writers, or
    where the group says nothing that the rest does not.

    Raises
    ------
    PolicyError
        ``k_comments`` is below 10.
    """
    groups = groups_of(comments, units, k_comments)
    return tuple(Themes(group.unit, group.period, words_of_group(group, groups, k_comments)) for group in groups)


def words_of_group(group: Group, groups: Sequence[Group], k_comments: int) -> tuple[KeyWord, ...]:
    """Return the words that a group uses more than all other groups of its period."""
    rest = [c for other in groups if other.period == group.period and other is not group for c in other.comments]
    return keyness(_said(group.comments), _said(rest), k_comments)


def shuffled(comments: Sequence[Comment], rng: np.random.Generator, names: Iterable[str]) -> tuple[str, ...]:
    """Return what was written, masked and in chance order."""
    known = tuple(names)
    return tuple(masked(comments[i].text, known) for i in rng.permutation(len(comments)))


def _said(comments: Iterable[Comment]) -> list[tuple[str, str]]:
    return [(c.writer, c.text) for c in comments]


def groups_of(comments: Sequence[Comment], units: Sequence[Unit], k: int) -> list[Group]:
    """Each comment once, with the smallest unit around it that has k writers left."""
    if k < thresholds.K_COMMENTS:
        raise PolicyError("k_comments", k, thresholds.K_COMMENTS)
    parent = {u.key: u.parent for u in units}
    out = []
    for period in sorted({c.period for c in comments}):
        held: dict[str, list[Comment]] = {key: [] for key in parent}
        for comment in comments:
            if comment.period == period:
                held[comment.unit].append(comment)
        for key in sorted(parent, key=lambda unit: -_depth(unit, parent)):
            here, above = held[key], parent[key]
            if len({c.writer for c in here}) >= k:
                out.append(Group(key, period, tuple(here)))
            elif above is not None:
                held[above].extend(here)
    return out


def _depth(key: str, parent: dict[str, str | None]) -> int:
    depth, above = 0, parent[key]
    while above is not None:
        depth, above = depth + 1, parent[above]
    return depth
