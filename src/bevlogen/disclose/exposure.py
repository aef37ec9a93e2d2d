"""What can be inferred from figures shown together: the least and greatest value of everything that is hidden.

The units form a tree, and the sum over a unit is the sum over its own people and over the units below it. Each shown
figure says between which limits a sum lies. On a tree the tightest limits that follow for every sum are found by
passing limits up and then down once: that solves the linear programme, and with answers in steps the integer programme
too, for sums of intervals of whole numbers are such intervals again.

Two waves are attacked in the same way: of two figures of one unit the difference is known, and if those who stayed
answered the same again, it is the answers of those who left or came.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import Tree

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_SLACK = 1e-9  # of a step: rounding error of sums, never a different whole number


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
    own = told.n.copy()
    for unit in units.order:
        above = units.parent[unit]
        if above >= 0:
            own[above] -= told.n[unit]
    box_low = np.where(own > 0, own * scale.low, own * scale.high)
    box_high = np.where(own > 0, own * scale.high, own * scale.low)
    said_low, said_high = _whole(told.low, told.high, told.n, scale)
    low, high = box_low.copy(), box_high.copy()  # first own people, then all below, as children come in
    for unit in units.order:
        agreed_low, agreed_high = np.maximum(low[unit], said_low[unit]), np.minimum(high[unit], said_high[unit])
        agree = agreed_low <= agreed_high + _SLACK
        low[unit], high[unit] = np.where(agree, agreed_low, low[unit]), np.where(agree, agreed_high, high[unit])
        above = units.parent[unit]
        if above >= 0:
            low[above] += low[unit]
            high[above] += high[unit]
    from_parts_low, from_parts_high = _from_parts(units, low, high, box_low, box_high)
    own_low, own_high = box_low.copy(), box_high.copy()
    outer_low, outer_high = low.copy(), high.copy()
    for unit in reversed(units.order):
        above = units.parent[unit]
        if above >= 0:
            # the group less all its other parts
            least = outer_low[above] - (from_parts_high[above] - high[unit])
            most = outer_high[above] - (from_parts_low[above] - low[unit])
            outer_low[unit], outer_high[unit] = np.maximum(low[unit], least), np.minimum(high[unit], most)
        own_low[unit] = np.maximum(box_low[unit], outer_low[unit] - (from_parts_high[unit] - box_high[unit]))
        own_high[unit] = np.minimum(box_high[unit], outer_high[unit] - (from_parts_low[unit] - box_low[unit]))
    return Limits(own, outer_low, outer_high, own_low, own_high)


def _from_parts(
    units: Tree, low: FloatArray, high: FloatArray, box_low: FloatArray, box_high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Limits of each unit's sum as own people and units below it give them, before its own figure is heard."""
    parts_low, parts_high = box_low.copy(), box_high.copy()
    for unit in units.order:
        above = units.parent[unit]
        if above >= 0:
            parts_low[above] += low[unit]
            parts_high[above] += high[unit]
    return parts_low, parts_high


def _whole(low: FloatArray, high: FloatArray, n: FloatArray, scale: AnswerScale) -> tuple[FloatArray, FloatArray]:
    """Narrow limits of sums to sums that answers in steps can have."""
    if scale.step == 0:
        return low, high
    base = n * scale.low
    inner_low = base + np.ceil((low - base) / scale.step - _SLACK) * scale.step
    inner_high = base + np.floor((high - base) / scale.step + _SLACK) * scale.step
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
