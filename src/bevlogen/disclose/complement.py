"""Complementary suppression: what can be had by subtraction is about nobody, or about at least k who differ.

For one variable in one period the units form a tree, and a group's total is the sum of its parts. Let S be the figures
shown. The *remainder* of a shown group is what is left of it after the largest shown groups inside it are subtracted.
Remainders of different groups do not overlap, and every total that follows from S by adding and subtracting is a union
of remainders. So nothing follows about fewer than k respondents exactly if every remainder holds none or k at least.

A remainder must also leave each of its members in doubt. If all answered 5 but for one 4, each of them is known to have
said 4 or 5. With r people and sum S on a scale from low to high, one person's answer lies within both S - r low and
r high - S of an end; these two distances add up over disjoint parts, and both must be at least the protected width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Respondents left open (counted to k, then no further); the answer that all of them share (None for nobody, MIXED
# where they differ or where it is not known); and how far their sum lies from the lowest and from the highest that it
# could be, in quarters of the protected width (counted down, to WIDE and no further).
Left = tuple[int, float | None, int, int]
Rope = object  # units hidden, as nested pairs: joined in constant time
Options = dict[Left, tuple[float, Rope]]

MIXED = math.inf
WIDE = 4
NOBODY: Left = (0, None, 0, 0)
DOES_NOT_ADD_UP: Left = (-1, MIXED, 0, 0)
SAME_ANSWER = 1e-9  # sum of squares below this share of the group's: rounding error of sums, not a difference
VALUE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Tree:
    """Units as a tree: ``parent`` (u,) indexes units, -1 for a top; ``order`` lists children before parents."""

    parent: tuple[int, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ends:
    """Ends of a scale, and the width within which no person's answer may be known."""

    low: float
    high: float
    least: float


@dataclass(frozen=True, slots=True)
class Protected:
    """Which figures may be shown together, and what the tops leave open to a total over all of them."""

    shown: BoolArray
    left: Left


def tree(parent: Sequence[int]) -> Tree:
    """Order units so that children come before their parents."""
    depth = [0] * len(parent)
    for unit in range(len(parent)):
        above = parent[unit]
        while above >= 0:
            depth[unit] += 1
            above = parent[above]
    order = sorted(range(len(parent)), key=lambda unit: (-depth[unit], unit))
    return Tree(tuple(parent), tuple(order))


def protect(
    units: Tree,
    n: FloatArray,
    mean: FloatArray,
    sd: FloatArray,
    may_show: BoolArray,
    k: int,
    ends: Ends | None = None,
) -> Protected:
    """Choose the figures to show such that every remainder holds nobody, or at least k who differ and are in doubt.

    Parameters
    ----------
    units : the u units.
    n : (u,) respondents of each unit and all below it; 0 where it has none, NaN where unknown.
    mean, sd : (u,) of those respondents, scale points, denominator n - 1; NaN where unknown.
    may_show : (u,) figures that pass the primary rules.
    k : fewest respondents in a remainder.
    ends : the scale, and how wide one person's answer must stay; None where a sum has no ends (figures of record).

    Returns
    -------
    ``shown``, a subset of ``may_show``. Among all safe subsets it loses the fewest respondents, summed over the figures
    hidden; among equals the one met first in the order of the units. ``left`` is what subtraction from a total over
    all tops would leave.

    Notes
    -----
    Exact, by dynamic programming from the leaves up. For each unit and each thing that its part of the tree can leave
    open to the group above it (respondents, cut off at k, and the answer that they share, if so), the cheapest way
    to get there is kept: time is proportional to units times k times the number of distinct shared answers. Distances
    from the ends are counted in whole quarters of the protected width, so they are rather too small than too large. A
    part whose size is unknown is taken as somebody (never as nobody). A group with fewer respondents than the units
    below it together does not add up and is hidden. Periods and variables are judged one by one; what differences
    between waves tell is found by attack (``narrowing``).

    References
    ----------
    Own derivation from the laminar structure. The rule itself: METHODS §3.11; Hundepool et al. 2012, Statistical
    Disclosure Control, chapter 4.
    """
    children: list[list[int]] = [[] for _ in units.parent]
    options: list[Options] = [{} for _ in units.parent]
    own = _own_parts(units, n, mean, sd, k, ends)
    candidate = may_show & np.array([part != DOES_NOT_ADD_UP for part in own], dtype=bool)
    tops: list[Options] = []
    for unit in units.order:
        inside: Options = {own[unit]: (0.0, None)}
        for child in children[unit]:
            inside = _join_options(inside, options[child], k)
            options[child] = {}
        options[unit] = _show_or_hide(unit, inside, float(n[unit]), bool(candidate[unit]), k)
        if units.parent[unit] < 0:
            tops.append(options[unit])
        else:
            children[units.parent[unit]].append(unit)
    left: Left = NOBODY
    hidden: Rope = None
    for top in tops:
        state, (_, rope) = min(top.items(), key=lambda item: item[1][0])
        left, hidden = join(left, state, k), (hidden, rope)
    shown = candidate.copy()
    shown[_units_of(hidden)] = False
    return Protected(shown, left)


def is_safe(left: Left, k: int) -> bool:
    """Say whether a remainder may be had by subtraction: it holds nobody, or k or more who differ, off the ends."""
    return left in (NOBODY, (k, MIXED, WIDE, WIDE))


def join(a: Left, b: Left, k: int) -> Left:
    """Put two remainders together."""
    if a == NOBODY:
        return b
    if b == NOBODY:
        return a
    return min(k, a[0] + b[0]), a[1] if a[1] == b[1] else MIXED, min(WIDE, a[2] + b[2]), min(WIDE, a[3] + b[3])


def _show_or_hide(unit: int, inside: Options, respondents: float, may_show: bool, k: int) -> Options:
    """Hidden, a unit passes on what is open inside it; shown, it leaves nothing open, if what is inside is safe."""
    if not may_show:
        return inside
    out: Options = {left: (cost + respondents, (rope, unit)) for left, (cost, rope) in inside.items()}
    for left, (cost, rope) in inside.items():
        if is_safe(left, k) and (NOBODY not in out or cost < out[NOBODY][0]):
            out[NOBODY] = (cost, rope)
    return out


def _join_options(a: Options, b: Options, k: int) -> Options:
    if len(b) == 1 and NOBODY in b and b[NOBODY] == (0.0, None):
        return a
    out: Options = {}
    for left_a, (cost_a, rope_a) in a.items():
        for left_b, (cost_b, rope_b) in b.items():
            left, cost = join(left_a, left_b, k), cost_a + cost_b
            if left not in out or cost < out[left][0]:
                out[left] = (cost, (rope_a, rope_b))
    return out


def _units_of(rope: Rope) -> list[int]:
    found, stack = [], [rope]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, int):
            found.append(part)
    return found


def _own_parts(units: Tree, n: FloatArray, mean: FloatArray, sd: FloatArray, k: int, ends: Ends | None) -> list[Left]:
    """What each unit adds to its group besides its children: respondents of its own, whether they agree, their sum.

    The answer that they share follows from sums of squares about a common centre: that of the group less those of the
    children, less what the mean of the rest explains.
    """
    centre = float(np.average(mean[n > 0], weights=n[n > 0])) if np.any(n > 0) else 0.0
    away = np.where(n > 0, np.nan_to_num(mean - centre), 0.0)
    inner = np.where(n > 1, (n - 1) * sd**2, 0.0)
    count, total, squares = np.nan_to_num(n), n * away, inner + n * away**2
    total, squares = np.where(n > 0, total, 0.0), np.where(n > 0, squares, 0.0)
    own_n, own_total, own_squares = count.copy(), total.copy(), squares.copy()
    for unit, above in enumerate(units.parent):
        if above >= 0:
            own_n[above] -= count[unit]
            own_total[above] -= total[unit]
            own_squares[above] -= squares[unit]
    if ends is None:
        low, high = np.where(own_n > 0, WIDE, 0), np.where(own_n > 0, WIDE, 0)
    else:
        low = _quarters(own_total + own_n * (centre - ends.low), ends)
        high = _quarters(own_n * (ends.high - centre) - own_total, ends)
    return [
        _own_part(own_n[u], own_total[u], own_squares[u], squares[u], k, (int(low[u]), int(high[u])))
        if n[u] > 0
        else _no_count(n[u])
        for u in range(len(n))
    ]


def _quarters(distance: FloatArray, ends: Ends) -> NDArray[np.int64]:
    """Count a distance from an end in whole quarters of the protected width, from 0 to WIDE."""
    counted = np.floor(WIDE * distance / ends.least + SAME_ANSWER * WIDE)
    whole: NDArray[np.int64] = np.clip(np.nan_to_num(counted), 0, WIDE).astype(np.int64)
    return whole


def _own_part(n: float, total: float, squares: float, squares_of_group: float, k: int, room: tuple[int, int]) -> Left:
    if abs(n) < 0.5:
        return NOBODY
    if n < 0:
        return DOES_NOT_ADD_UP
    mean = total / n
    agree = n < 1.5 or squares - n * mean**2 <= SAME_ANSWER * max(1.0, squares_of_group)
    return min(k, math.floor(n + SAME_ANSWER)), round(mean, VALUE_DIGITS) + 0.0 if agree else MIXED, *room


def _no_count(n: float) -> Left:
    return (0, MIXED, 0, 0) if math.isnan(n) else NOBODY
