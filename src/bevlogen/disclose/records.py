"""Figures of record on health that were told before: they stay as told, until enough people are different.

Of a figure told twice for one unit and period the difference is about whoever was added, left out or corrected since.
Somebody who knows that it was one colleague would read that colleague's sickness in it. So a figure stays as told until
at least so many people more or fewer are counted as a figure needs, or so much more of everybody's time. Of a group
that holds for what is left of it after the shown units inside it, for that is what its figure tells beside theirs; and
it is made of those as they are told, anew once one of them is.

Only counts decide, never how far a figure moved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.disclose.complement import Tree

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_NOBODY = 0.5
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Recorded:
    """Figures of one measure, on u units over t periods, each (u, t).

    Attributes
    ----------
    n : persons; NaN where there is no figure.
    value : amount per exposure; NaN where there is none, or none was told.
    exposure : what it is counted over, such as days; NaN where it is not known.
    rest_n, rest_exposure : the same of what is left of a unit after the largest shown units inside it.
    """

    n: FloatArray
    value: FloatArray
    exposure: FloatArray
    rest_n: FloatArray
    rest_exposure: FloatArray


@dataclass(frozen=True, slots=True)
class Kept:
    """Figures as they are told, (u, t), and where that is as they were told before."""

    value: FloatArray
    stays: BoolArray


def nothing_recorded(units: int, periods: int) -> Recorded:
    """Return a record without any figure."""
    return Recorded(*(np.full((units, periods), np.nan) for _ in range(5)))


def with_rest(units: Tree, record: Recorded, shown: BoolArray) -> Recorded:
    """Return a record with what is left of each unit, where these are shown, (u, t)."""
    return replace(record, rest_n=_left(units, shown, record.n), rest_exposure=_left(units, shown, record.exposure))


def as_told(units: Tree, now: Recorded, before: Recorded, may_show: BoolArray, least: float, fresh: BoolArray) -> Kept:
    """Say which figures stay as they were told, and make those of the groups above them of what is told.

    Parameters
    ----------
    units : the u units.
    now, before : figures as they are, and as they were last told.
    may_show : (u, t) figures that the other rules let pass.
    least : fewest persons of a figure.
    fresh : (u, t) units that were not there when this was told first. They count as shown, so that no group is told
        anew for their sake, and are not.
    """
    now = with_rest(units, now, may_show)
    weight = np.where(np.isfinite(now.exposure), now.exposure, now.n)
    then = np.where(np.isfinite(before.exposure) & np.isfinite(now.exposure), before.exposure, weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        each, each_then = now.rest_exposure / now.rest_n, before.rest_exposure / before.rest_n
    more_time = np.abs(each - each_then) * before.rest_n >= least * each_then
    many = (np.abs(now.rest_n - before.rest_n) >= least) | more_time
    amount = now.value * weight
    of_parts = (now.rest_n < _NOBODY) & (np.abs(_left(units, may_show, amount)) <= _SAME * (1 + np.abs(amount)))
    told = may_show & np.isfinite(before.value)
    stays = told & ~many & ~of_parts
    moved = np.zeros(now.n.shape, dtype=bool)  # whether a shown part of it is told anew
    value = now.value.copy()
    untold, of_whom = (np.zeros(now.n.shape) for _ in range(2))  # amount and exposure that what is told leaves out
    for unit in units.order:
        stays[unit] |= told[unit] & of_parts[unit] & ~moved[unit]
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = (amount[unit] - untold[unit]) / (weight[unit] - of_whom[unit])
        made_anew = (untold[unit] != 0) | (of_whom[unit] != 0)
        value[unit] = np.where(stays[unit], before.value[unit], np.where(made_anew, rest, now.value[unit]))
        own = amount[unit] - before.value[unit] * then[unit], weight[unit] - then[unit]
        above = units.parent[unit]
        if above >= 0:
            moved[above] |= np.where(may_show[unit], ~stays[unit] & ~fresh[unit], moved[unit])
            for total, part in zip((untold, of_whom), own, strict=True):
                total[above] += np.where(stays[unit], part, total[unit])
    return Kept(value, stays)


def _left(units: Tree, shown: BoolArray, total: FloatArray) -> FloatArray:
    """What is left of each unit after the largest shown units inside it."""
    left, inside = total.copy(), np.zeros(total.shape)
    for unit in units.order:
        left[unit] -= inside[unit]
        above = units.parent[unit]
        if above >= 0:
            inside[above] += np.where(shown[unit], total[unit], inside[unit])
    return left
