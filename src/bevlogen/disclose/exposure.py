"""What can be inferred from figures shown together: the least and greatest value of everything that is hidden.

The units form a tree, and the sum over a unit is the sum over its own people and over the units below it. Each shown
figure says between which limits a sum lies. On a tree the tightest limits that follow for every sum are found by
passing limits up and then down once: that solves the linear programme, and with answers in steps the integer programme
too, for sums of intervals of whole numbers are such intervals again.

Two waves are attacked in the same way: of two figures of one unit the difference is known, and if those who stayed
answered the same again, it is the answers of those who left or came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import Tree, by_depth

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_SLACK = 1e-9  # of a step: rounding error of sums, never a different whole number
_MOST_SLACK = 0.1
_OF_MEANS = 1e-8  # the same, for each person, of sums that were read back from a mean and a step with nine digits


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of u units in c columns (a wave, or two compared).

    Attributes
    ----------
    n : (u, c) people of each unit with all below it. In a comparison of waves: those who came less those who left.
    low, high : (u, c) limits of the sum of their answers that the figure shown allows; -inf and inf where hidden.
    """

    n: FloatArray
    low: FloatArray
    high: FloatArray


def beside(parts: Sequence[Told]) -> Told:
    """Put the columns of several beside each other."""
    return Told(*(np.hstack([getattr(part, name) for part in parts]) for name in ("n", "low", "high")))


def within(told: Told, known: Told) -> Told:
    """Tighten limits by what was known of as many people; ``told`` itself where that adds nothing."""
    same = known.n == told.n
    low = np.where(same, np.maximum(told.low, known.low), told.low)
    high = np.where(same, np.minimum(told.high, known.high), told.high)
    if (low == told.low).all() and (high == told.high).all():
        return told
    return Told(told.n, low, high)


@dataclass(frozen=True, slots=True)
class Limits:
    """What follows from all that is told.

    Attributes
    ----------
    own : (u, c) number of a unit's own people, apart from the units below it.
    low, high : (u, c) least and greatest sum of the whole unit.
    own_low, own_high : (u, c) the same of its own people.
    """

    own: FloatArray
    low: FloatArray
    high: FloatArray
    own_low: FloatArray
    own_high: FloatArray


def limits(units: Tree, told: Told, scale: AnswerScale) -> Limits:
    """Find the tightest limits of every sum that follow from all that is told.

    Parameters
    ----------
    units : the tree.
    told : counts, and limits of shown sums. Counts must add up: a unit has at least the people of the units below it,
        or in a comparison any number.
    scale : of one answer.

    Notes
    -----
    Exact on a tree, for real and for whole answers; each column by itself. Where figures contradict each other (the
    attacker's guess that all stayed the same is wrong), the limits of what they cannot agree on are those of the scale.

    References
    ----------
    METHODS §3.11. Two passes on a tree: Pearl (1988), Probabilistic Reasoning in Intelligent Systems, ch. 4, for
    limits instead of beliefs; derivation for sums ours.
    """
    levels = _levels(units)
    own = told.n - _summed(levels, told.n)
    box_low = np.where(own > 0, own * scale.low, own * scale.high)
    box_high = np.where(own > 0, own * scale.high, own * scale.low)
    said_low, said_high = whole(told.low, told.high, told.n, scale)
    parts_low, parts_high = box_low.copy(), box_high.copy()  # own people, then all below too, as children come in
    low, high = box_low.copy(), box_high.copy()
    for here, join in levels:
        from_low, from_high = parts_low[here], parts_high[here]
        agreed_low, agreed_high = np.maximum(from_low, said_low[here]), np.minimum(from_high, said_high[here])
        agree = agreed_low <= agreed_high + _SLACK
        low[here], high[here] = np.where(agree, agreed_low, from_low), np.where(agree, agreed_high, from_high)
        if join is not None:
            parts_low += join @ low[here]
            parts_high += join @ high[here]
    above = np.array(units.parent, dtype=np.int64)
    outer_low, outer_high = low.copy(), high.copy()
    for here, join in reversed(levels):
        if join is not None:  # the group less all its other parts
            group = above[here]
            least = outer_low[group] - (parts_high[group] - high[here])
            most = outer_high[group] - (parts_low[group] - low[here])
            outer_low[here], outer_high[here] = np.maximum(low[here], least), np.minimum(high[here], most)
    own_low = np.maximum(box_low, outer_low - (parts_high - box_high))
    own_high = np.minimum(box_high, outer_high - (parts_low - box_low))
    return Limits(own, outer_low, outer_high, own_low, own_high)


def _levels(units: Tree) -> list[tuple[IntArray, sparse.csr_array | None]]:
    """Units of one depth at a time, deepest first, and what adds them up to their parents; None at the top."""
    out: list[tuple[IntArray, sparse.csr_array | None]] = []
    for here, above in by_depth(units):
        shape = (len(units.parent), len(here))
        join = None if above is None else sparse.csr_array((np.ones(len(here)), (above, np.arange(len(here)))), shape)
        out.append((here, join))
    return out


def _summed(levels: list[tuple[IntArray, sparse.csr_array | None]], values: FloatArray) -> FloatArray:
    """Sum of the children of each unit."""
    out = np.zeros(values.shape)
    for here, join in levels:
        if join is not None:
            out += join @ values[here]
    return out


def whole(low: FloatArray, high: FloatArray, n: FloatArray, scale: AnswerScale) -> tuple[FloatArray, FloatArray]:
    """Narrow limits of sums to sums that answers in steps can have."""
    if scale.step == 0:
        return low, high
    base, slack = n * scale.low, _SLACK + np.minimum(np.abs(n) * _OF_MEANS / scale.step, _MOST_SLACK)
    inner_low = base + np.ceil((low - base) / scale.step - slack) * scale.step
    inner_high = base + np.floor((high - base) / scale.step + slack) * scale.step
    return inner_low, inner_high


def of_one(n: FloatArray, low: FloatArray, high: FloatArray, scale: AnswerScale) -> tuple[FloatArray, FloatArray]:
    """Least and greatest answer of one of n people whose answers sum to between ``low`` and ``high``.

    The others may all have answered highest (or lowest), and no more. NaN where there is nobody. n below 0 counts
    people who left: their sum is the opposite.
    """
    people = np.abs(n)
    least, most = np.where(n < 0, -high, low), np.where(n < 0, -low, high)
    with np.errstate(invalid="ignore"):
        one_low = np.clip(least - (people - 1) * scale.high, scale.low, scale.high)
        one_high = np.clip(most - (people - 1) * scale.low, scale.low, scale.high)
    nobody = people == 0
    return np.where(nobody, np.nan, one_low), np.where(nobody, np.nan, one_high)
