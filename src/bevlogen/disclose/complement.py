"""Complementary suppression: what can be had by subtraction is about nobody, or about at least k respondents.

For one variable in one period the units form a tree, and a group's total is the sum of its parts. Let S be the figures
shown. The *remainder* of a shown group is what is left of it after the largest shown groups inside it are subtracted.
Remainders of different groups do not overlap, and every total that follows from S by adding and subtracting is a union
of remainders. So nothing follows about fewer than k respondents exactly if every remainder holds none or k at least.

Only counts decide. What is hidden therefore tells nothing of anybody's answer, not even to one who knows this rule.
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

# Respondents left open (counted to k, then no further), and whether that is somebody: a part of unknown size counts 0.
Left = tuple[int, bool]
Rope = object  # units hidden, as nested pairs: joined in constant time
Options = dict[Left, tuple[float, Rope]]

NOBODY: Left = (0, False)
DOES_NOT_ADD_UP: Left = (-1, True)
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Tree:
    """Units as a tree, with two tuples by unit: ``parent``, -1 for a top, and ``depth``, 0 for a top.

    ``order`` lists the units from the deepest up, so that children come before their parents.
    """

    parent: tuple[int, ...]
    depth: tuple[int, ...]
    order: tuple[int, ...]


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
    return Tree(tuple(parent), tuple(depth), tuple(order))


def by_depth(units: Tree) -> list[tuple[IntArray, IntArray | None]]:
    """Units of one depth at a time, deepest first, and the parent of each; None at the top."""
    parent, order = np.array(units.parent, dtype=np.int64), np.array(units.order, dtype=np.int64)
    ends = np.flatnonzero(np.diff(np.array(units.depth, dtype=np.int64)[order])) + 1
    return [(here, parent[here] if len(here) and parent[here[0]] >= 0 else None) for here in np.split(order, ends)]


def protect(units: Tree, n: FloatArray, may_show: BoolArray, k: int) -> Protected:
    """Choose the figures to show such that every remainder holds nobody, or at least k respondents.

    Parameters
    ----------
    units : the u units.
    n : (u,) respondents of each unit and all below it; 0 where it has none, NaN where unknown.
    may_show : (u,) figures that pass the primary rules.
    k : fewest respondents in a remainder.

    Returns
    -------
    ``shown``, a subset of ``may_show``. Among all safe subsets it loses the fewest respondents, summed over the figures
    hidden; among equals the one met first in the order of the units. ``left`` is what subtraction from a total over
    all tops would leave.

    Notes
    -----
    Exact, by dynamic programming from the leaves up. For each unit and each number of respondents that its part of the
    tree can leave open to the group above it (cut off at k) the cheapest way to get there is kept: time is proportional
    to units times k squared. A part whose size is unknown is taken as somebody (never as nobody). A group with fewer
    respondents than the units below it together does not add up and is hidden. Periods and variables are judged one by
    one; what differences between waves tell is a matter of rounding (``narrowing``).

    References
    ----------
    Own derivation from the laminar structure. The rule itself: METHODS §3.11; Hundepool et al. 2012, Statistical
    Disclosure Control, chapter 4.
    """
    children: list[list[int]] = [[] for _ in units.parent]
    options: list[Options] = [{} for _ in units.parent]
    own = _own_parts(units, n, k)
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
    """Say whether a remainder may be had by subtraction: it holds nobody, or k or more."""
    return left == NOBODY or left[0] >= k


def join(a: Left, b: Left, k: int) -> Left:
    """Put two remainders together."""
    return min(k, a[0] + b[0]), a[1] or b[1]


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


def _own_parts(units: Tree, n: FloatArray, k: int) -> list[Left]:
    """What each unit adds to its group besides its children: respondents of its own."""
    known = np.nan_to_num(n)
    own, above = known.copy(), np.array(units.parent, dtype=np.int64)
    np.subtract.at(own, above[above >= 0], known[above >= 0])
    unknown, counts = np.isnan(n).tolist(), known.tolist()
    return [
        _own_part(part, k) if count > 0 else (0, is_unknown)
        for part, count, is_unknown in zip(own.tolist(), counts, unknown, strict=True)
    ]


def _own_part(n: float, k: int) -> Left:
    if abs(n) < 0.5:
        return NOBODY
    return DOES_NOT_ADD_UP if n < 0 else (min(k, math.floor(n + _SLACK)), True)
