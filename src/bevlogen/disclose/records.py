"""Figures of record on health that were told before: they stay as told, until enough people are different.

Of a figure told twice for one unit and period the difference is about whoever was added, left out or corrected since.
Somebody who knows that it was one colleague would read that colleague's sickness in it. So a figure stays as told until
at least so many people more or fewer are counted as a figure needs, or so much more of their time; and a group is made
of its parts as these are told, or the difference would show there.

Only counts decide, never how far a figure moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.disclose.complement import Tree

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Figures of one measure, on u units over t periods, each (u, t).

    Attributes
    ----------
    n : persons; NaN where there is no figure.
    value : amount per exposure; NaN where there is none, or none was told.
    exposure : what it is counted over, such as days; NaN where it is not known.
    """

    n: FloatArray
    value: FloatArray
    exposure: FloatArray


@dataclass(frozen=True, slots=True)
class Kept:
    """Figures as they are told, (u, t), and where that is as they were told before."""

    value: FloatArray
    stays: BoolArray


def as_told(units: Tree, now: Recorded, before: Recorded, may_show: BoolArray, least: float) -> Kept:
    """Say which figures stay as they were told, and make those of the groups above them of what is told.

    Parameters
    ----------
    units : the u units.
    now, before : figures as they are, and as they were last told.
    may_show : (u, t) figures that the other rules let pass.
    least : fewest persons of a figure.
    """
    weight = np.where(np.isfinite(now.exposure), now.exposure, now.n)
    then = np.where(np.isfinite(before.exposure) & np.isfinite(now.exposure), before.exposure, weight)
    people = np.abs(now.n - before.n)
    more_time = np.abs(weight - then) * before.n >= least * then
    stays = may_show & np.isfinite(before.value) & (people < least) & ~more_time
    value = now.value.copy()
    untold, of_whom = (np.zeros(now.n.shape) for _ in range(2))  # amount and exposure that what is told leaves out
    for unit in units.order:
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = (now.value[unit] * weight[unit] - untold[unit]) / (weight[unit] - of_whom[unit])
        made_anew = (untold[unit] != 0) | (of_whom[unit] != 0)
        value[unit] = np.where(stays[unit], before.value[unit], np.where(made_anew, rest, now.value[unit]))
        own = now.value[unit] * weight[unit] - before.value[unit] * then[unit], weight[unit] - then[unit]
        above = units.parent[unit]
        if above >= 0:
            for total, part in zip((untold, of_whom), own, strict=True):
                total[above] += np.where(stays[unit], part, total[unit])
    return Kept(value, stays)
