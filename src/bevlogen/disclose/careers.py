"""All waves at once: what follows of people who came and left, from more than two figures of one unit together.

Let S(t) be the sum of a unit in wave t. Whoever knows the counts can suppose who came and left: those who came first
leave first, as in a queue, or last, as from a stack. In a queue, with P(i) the sum of the first i people who ever came,
S(t) = P(in) - P(out). On a stack, with P the sum from its bottom up to a place, S(t) = P(top of wave t). Either way all
that is known limits a difference of two P: so many people, each on the scale; or a sum that was shown. The tightest
limits of all differences that follow from these are the lengths of shortest paths, for whole answers too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.exposure import Told, of_one

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_WAVES = 12  # at once; the last ones
_SLACK = 1e-6
_AT_ONCE = 2000  # rows, so that all differences fit in the fast memory


@dataclass(frozen=True, slots=True)
class Career:
    """People who came and left together, and what each of them answered at least and at most.

    ``row`` is where they were; they were there in wave ``there`` and not in wave ``gone``, the wave before or after.
    """

    row: int
    there: int
    gone: int
    people: int
    low: float
    high: float


def careers(told: Told, scale: AnswerScale, least: float) -> tuple[Career, ...]:
    """Find everybody who came or left whose answer follows within less than ``least``, from three waves or more.

    Parameters
    ----------
    told : (r, t) people of each unit in each wave, and limits of their sums; waves in order of time.
    scale : of one answer.
    least : width that must stay open.

    Notes
    -----
    Supposes, as the worst case, that those who stayed answered the same, and that no more came or left than the counts
    say. Rows for which that cannot be are passed over; and so is what follows only if those who came first leave first,
    or only if they leave last: with many waves, one of the two will nearly contradict itself by chance.

    References
    ----------
    Own derivation. Difference constraints by shortest paths: Cormen et al. (2009), Introduction to Algorithms, 24.4.
    """
    first = max(0, told.n.shape[1] - MOST_WAVES)
    recent = Told(*(np.nan_to_num(a[:, first:]) for a in (told.n, told.low, told.high)))
    changed = (np.diff(recent.n, axis=1) != 0).any(axis=1) & ((recent.n > 0).sum(axis=1) > 2)
    rows = np.flatnonzero(changed)
    found: list[Career] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        part = Told(*(a[some] for a in (recent.n, recent.low, recent.high)))
        queued = {one[:4]: one[4:] for one in _queue(part, scale, least)}
        for at, there, gone, people, low, high in _stack(part, scale, least):
            other = queued.get((at, there, gone, people))
            if other is not None and max(high, other[1]) - min(low, other[0]) < least - 1e-9:
                ends = min(low, other[0]), max(high, other[1])
                found.append(Career(int(some[at]), first + there, first + gone, people, *ends))
    return tuple(found)


Found = tuple[int, int, int, int, float, float]


def _queue(told: Told, scale: AnswerScale, least: float) -> Iterator[Found]:
    n, waves = told.n, told.n.shape[1]
    step = np.diff(n, axis=1, prepend=0.0)
    place = np.concatenate([np.cumsum(np.maximum(-step, 0), axis=1), np.cumsum(np.maximum(step, 0), axis=1)], axis=1)
    many = place[:, None, :] - place[:, :, None]
    most = np.where(many >= 0, many * scale.high, many * scale.low)  # of P(j) - P(i)
    out, into = np.arange(waves), np.arange(waves) + waves
    most[:, out, into] = np.minimum(most[:, out, into], told.high)
    most[:, into, out] = np.minimum(most[:, into, out], -told.low)
    agrees = _shortest(most)
    order = np.argsort(place, axis=1, kind="stable")
    lower, upper, rows = order[:, :-1], order[:, 1:], np.arange(len(n))[:, None]
    people = place[rows, upper] - place[rows, lower]
    low, high = of_one(people, -most[rows, upper, lower], most[rows, lower, upper], scale)
    narrow = agrees[:, None] & (people > 0) & (high - low < least - 1e-9)
    for at, c in np.argwhere(narrow).tolist():
        end, begin = place[at, upper[at, c]], place[at, lower[at, c]]
        there = (place[at, :waves] <= begin) & (place[at, waves:] >= end)
        if gone := _beside(there):
            yield at, *gone, int(people[at, c]), float(low[at, c]), float(high[at, c])


def _stack(told: Told, scale: AnswerScale, least: float) -> Iterator[Found]:
    waves = told.n.shape[1]
    n = np.concatenate([np.zeros((len(told.n), 1)), told.n], axis=1)  # the bottom, then the waves
    lowest = np.empty((len(n), waves + 1, waves + 1))  # between two waves
    for t in range(waves + 1):
        lowest[:, t, t:] = np.minimum.accumulate(n[:, t:], axis=1)
        lowest[:, t:, t] = lowest[:, t, t:]
    lowest[:, 0, :] = lowest[:, :, 0] = 0.0
    many = n[:, None, :] - n[:, :, None]
    below = lowest == n[:, :, None]  # what stood in wave i still stands in wave j, under the rest
    above = lowest == n[:, None, :]
    most = np.where(below, many * scale.high, np.where(above, many * scale.low, np.inf))
    most[:, 0, 1:] = np.minimum(most[:, 0, 1:], told.high)
    most[:, 1:, 0] = np.minimum(most[:, 1:, 0], -told.low)
    agrees = _shortest(most)
    low, high = of_one(many, -np.swapaxes(most, 1, 2), most, scale)
    next_to = np.abs(np.subtract.outer(np.arange(waves + 1), np.arange(waves + 1))) == 1
    narrow = agrees[:, None, None] & below & (many > 0) & next_to & (high - low < least - 1e-9)
    narrow[:, 0, :] = False
    for at, i, j in np.argwhere(narrow).tolist():
        yield at, j - 1, i - 1, int(many[at, i, j]), float(low[at, i, j]), float(high[at, i, j])


def _shortest(most: FloatArray) -> NDArray[np.bool_]:
    """Tighten all differences in place (Floyd and Warshall); say where they do not contradict each other, (r,)."""
    for via in range(most.shape[1]):
        np.minimum(most, most[:, :, via, None] + most[:, None, via, :], out=most)
    return np.asarray(np.diagonal(most, axis1=1, axis2=2).min(axis=1) > -_SLACK)


def _beside(there: NDArray[np.bool_]) -> tuple[int, int] | None:
    """A wave in which they were there, and the one beside it in which they were not; None if they always were."""
    steps = np.flatnonzero(np.diff(there.astype(int)))
    if not len(steps):
        return None
    at = int(steps[-1])
    return (at, at + 1) if there[at] else (at + 1, at)
