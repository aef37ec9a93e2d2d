"""Comments as they may be read: enough people together, in no order, without what tells of a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bevlogen.core.tables import Unit
from bevlogen.disclose.masking import masked


@dataclass(frozen=True, slots=True)
class Comment:
    """One answer in words: where, in which period, and who wrote it (any label that stays the same for a person)."""

    unit: str
    period: str
    writer: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownComments:
    """Comments of a unit with all below it that are shown nowhere else; ``texts`` stand in chance order."""

    unit: str
    period: str
    texts: tuple[str, ...]


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

    Notes
    -----
    A comment shown at two levels would tell, by taking away, who wrote the rest; hence once.
    """
    parent = {u.key: u.parent for u in units}
    known = tuple(names)
    out: list[ShownComments] = []
    for period in sorted({c.period for c in comments}):
        held: dict[str, list[Comment]] = {key: [] for key in parent}
        for comment in comments:
            if comment.period == period:
                held[comment.unit].append(comment)
        for key in sorted(parent, key=lambda k: -_depth(k, parent)):
            here = held[key]
            above = parent[key]
            if len({c.writer for c in here}) >= k_comments:
                order = rng.permutation(len(here))
                out.append(ShownComments(key, period, tuple(masked(here[i].text, known) for i in order)))
            elif above is not None:
                held[above].extend(here)
    return tuple(out)


def _depth(key: str, parent: dict[str, str | None]) -> int:
    depth, above = 0, parent[key]
    while above is not None:
        depth, above = depth + 1, parent[above]
    return depth
