"""An attack on what was released: whose answers follow, within what limits, from all of it together.

The attacker knows the tree, every count, every figure shown and how it is rounded, and who left or came between waves;
and assumes, as the worst case, that those who stayed answered the same again. Units are named, never persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import Tree
from bevlogen.disclose.exposure import Limits, Told, limits, of_one

FloatArray = NDArray[np.float64]

Kind = Literal["answer", "mean"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that was released of one construct, on u units over t waves.

    Attributes
    ----------
    units : the tree.
    told : counts, and the limits of each sum that the figure shown allows, (u, t).
    scale : of one answer.
    """

    units: Tree
    told: Told
    scale: AnswerScale


@dataclass(frozen=True, slots=True)
class Exposure:
    """Something that can be inferred too closely.

    Attributes
    ----------
    unit : whose people, as a code of the sheet.
    wave, since : the wave; and, where two are compared, the one before (else -1).
    kind : ``answer`` of one person, or ``mean`` of fewer than k people.
    people : how many it concerns.
    low, high : what it must lie between.
    """

    unit: int
    wave: int
    since: int
    kind: Kind
    people: int
    low: float
    high: float


def attack(sheet: Sheet, *, k: int, protection: float) -> tuple[Exposure, ...]:
    """Find every group whose answers follow too closely from a sheet.

    Parameters
    ----------
    sheet : all that was released of a construct, all waves together.
    k : a mean of fewer people than this is nobody's business.
    protection : share of the scale that must stay open, about one person's answer and about the mean of fewer than k.

    Notes
    -----
    Single waves are attacked exactly. Waves are compared two by two; three or more together are not (the study in
    ``benchmarks/disclosure.py`` attacks those too, and says what that adds).
    """
    least = protection * sheet.scale.width
    n_waves = sheet.told.n.shape[1]
    alone = limits(sheet.units, sheet.told, sheet.scale)
    found = _answers(alone, sheet.scale, least, [(t, -1) for t in range(n_waves)])
    found += _means(sheet.told.n, alone, k, least)
    pairs = list(combinations(range(n_waves), 2))
    if pairs:
        compared = limits(sheet.units, _compared(sheet, pairs), sheet.scale)
        found += _answers(compared, sheet.scale, least, [(b, a) for a, b in pairs])
    return tuple(found)


def shown(n: FloatArray, mean: FloatArray, step: FloatArray) -> Told:
    """Say between what limits sums lie of which a mean was shown, rounded to ``step``; NaN means hidden."""
    hidden = np.isnan(mean) | (n == 0)
    total, half = n * mean, n * step / 2
    return Told(n, np.where(hidden, -np.inf, total - half), np.where(hidden, np.inf, total + half))


def _compared(sheet: Sheet, pairs: list[tuple[int, int]]) -> Told:
    """What two figures of one unit tell of those who came and left; nothing where one of the two is hidden."""
    told = sheet.told
    first, then = [a for a, _ in pairs], [b for _, b in pairs]
    both = np.isfinite(told.low[:, first]) & np.isfinite(told.low[:, then])
    with np.errstate(invalid="ignore"):
        low, high = told.low[:, then] - told.high[:, first], told.high[:, then] - told.low[:, first]
    return Told(told.n[:, then] - told.n[:, first], np.where(both, low, -np.inf), np.where(both, high, np.inf))


def _answers(found: Limits, scale: AnswerScale, least: float, waves: list[tuple[int, int]]) -> list[Exposure]:
    low, high = of_one(found.own, found.own_low, found.own_high, scale)
    narrow = np.argwhere(high - low < least - 1e-9)
    return [
        Exposure(u, *waves[c], "answer", int(abs(found.own[u, c])), float(low[u, c]), float(high[u, c]))
        for u, c in narrow.tolist()
    ]


def _means(n: FloatArray, found: Limits, k: int, least: float) -> list[Exposure]:
    few = (n > 0) & (n < k)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = found.low / n, found.high / n
    return [
        Exposure(u, t, -1, "mean", int(n[u, t]), float(low[u, t]), float(high[u, t]))
        for u, t in np.argwhere(few & (high - low < least - 1e-9)).tolist()
    ]
