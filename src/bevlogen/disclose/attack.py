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
from bevlogen.disclose.exposure import Limits, Told, limits, of_one, remainders, whole

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


def attack(sheet: Sheet, *, k: int, protection: float, new: int = 0) -> tuple[Exposure, ...]:
    """Find every group whose answers follow too closely from a sheet.

    Parameters
    ----------
    sheet : all that was released of a construct, all waves together.
    k : a mean of fewer people than this is nobody's business.
    protection : share of the scale that must stay open, about one person's answer and about the mean of fewer than k.
    new : only what a wave from this one on has part in is looked for; what follows without them is not.

    Notes
    -----
    Single waves are attacked exactly; for the mean of a small group each of them also with what one other wave tells of
    the same units, give or take those who came or left. Waves are compared two by two for those people themselves;
    three or more together are not (the study in ``benchmarks/disclosure.py`` attacks those too).
    """
    least = protection * sheet.scale.width
    low, high = whole(sheet.told.low, sheet.told.high, sheet.told.n, sheet.scale)
    sheet = Sheet(sheet.units, Told(sheet.told.n, low, high), sheet.scale)
    n_waves = sheet.told.n.shape[1]
    alone = limits(sheet.units, sheet.told, sheet.scale)
    single = [(t, -1) for t in range(n_waves)]
    found = _answers(alone, sheet.scale, least, single) + _means(sheet.told.n, alone, k, least, single)
    found = [e for e in found if e.wave >= new]
    pairs = [(a, b) for a, b in combinations(range(n_waves), 2) if b >= new]
    if pairs:
        compared = limits(sheet.units, _compared(sheet.told, pairs), sheet.scale)
        found += _answers(compared, sheet.scale, least, [(b, a) for a, b in pairs])
        if ((sheet.told.n > 0) & (sheet.told.n < k)).any():
            found += _small_groups(sheet, Told(sheet.told.n, alone.low, alone.high), pairs, k, least)
    return tuple(dict.fromkeys(found))


def near_an_end(sheet: Sheet, *, k: int, protection: float, new: int = 0) -> tuple[Exposure, ...]:
    """Find groups of which the rest lies so near an end that the mean of any k - 1 of it is known.

    Who they are is not known; but k - 1 of them may one day be all of a team that is left.
    """
    scale, told = sheet.scale, sheet.told
    rest = remainders(sheet.units, told, limits(sheet.units, told, scale))
    room = np.minimum(rest.n * scale.high - rest.low, rest.high - rest.n * scale.low)
    few = np.minimum(rest.n, k - 1)
    near = (few > 0) & (room < few * protection * scale.width - 1e-9)
    near[:, :new] = False
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = rest.low / rest.n, rest.high / rest.n
    return tuple(
        Exposure(u, t, -1, "answer", int(few[u, t]), float(low[u, t]), float(high[u, t]))
        for u, t in np.argwhere(near).tolist()
    )


def shown(n: FloatArray, mean: FloatArray, step: FloatArray) -> Told:
    """Say between what limits sums lie of which a mean was shown, rounded to ``step``; NaN means hidden."""
    hidden = np.isnan(mean) | (n == 0)
    total, half = n * mean, n * step / 2
    return Told(n, np.where(hidden, -np.inf, total - half), np.where(hidden, np.inf, total + half))


def _small_groups(sheet: Sheet, known: Told, pairs: list[tuple[int, int]], k: int, least: float) -> list[Exposure]:
    """Find means of fewer than k that follow from several waves: carried over, or because all of them came or left."""
    few = (known.n > 0) & (known.n < k)
    both_ways = [(a, b) for pair in pairs for a, b in (pair, pair[::-1]) if few[:, a].any()]
    carried = _carried(known, sheet.scale, both_ways)
    found = _means(carried.n, limits(sheet.units, carried, sheet.scale), k, least, both_ways)
    some = [(a, b) for a, b in pairs if ((few[:, a] & (known.n[:, b] == 0)) | (few[:, b] & (known.n[:, a] == 0))).any()]
    if some:
        told = _compared(known, some)
        left = limits(sheet.units, told, sheet.scale)
        low, high = np.where(told.n < 0, -left.high, left.low), np.where(told.n < 0, -left.low, left.high)
        for u, c in np.argwhere(
            (told.n != 0) & (np.abs(told.n) < k) & (high - low < least * np.abs(told.n) - 1e-9)
        ).tolist():
            a, b = some[c]
            people = abs(int(told.n[u, c]))
            if known.n[u, a] == 0 or known.n[u, b] == 0:
                found.append(Exposure(u, b, a, "mean", people, low[u, c] / people, high[u, c] / people))
    return found


def _compared(told: Told, pairs: list[tuple[int, int]]) -> Told:
    """What two figures of one unit tell of those who came and left; nothing where one of the two is hidden."""
    first, then = [a for a, _ in pairs], [b for _, b in pairs]
    both = np.isfinite(told.low[:, first]) & np.isfinite(told.low[:, then])
    with np.errstate(invalid="ignore"):
        low, high = told.low[:, then] - told.high[:, first], told.high[:, then] - told.low[:, first]
    return Told(told.n[:, then] - told.n[:, first], np.where(both, low, -np.inf), np.where(both, high, np.inf))


def _carried(told: Told, scale: AnswerScale, pairs: list[tuple[int, int]]) -> Told:
    """What a second wave tells of a first, if those who stayed answered the same and no more changed than counts say.

    Where that contradicts what the first wave itself tells, it is wrong, and that stands.
    """
    first, then = [a for a, _ in pairs], [b for _, b in pairs]
    n, low, high = told.n[:, first], told.low[:, first], told.high[:, first]
    more = n - told.n[:, then]
    some = (n > 0) & (told.n[:, then] > 0)
    from_low = np.where(some, told.low[:, then] + np.where(more > 0, more * scale.low, more * scale.high), -np.inf)
    from_high = np.where(some, told.high[:, then] + np.where(more > 0, more * scale.high, more * scale.low), np.inf)
    both_low, both_high = np.maximum(low, from_low), np.minimum(high, from_high)
    agree = both_low <= both_high
    return Told(n, np.where(agree, both_low, low), np.where(agree, both_high, high))


def _answers(found: Limits, scale: AnswerScale, least: float, waves: list[tuple[int, int]]) -> list[Exposure]:
    low, high = of_one(found.own, found.own_low, found.own_high, scale)
    narrow = np.argwhere(high - low < least - 1e-9)
    return [
        Exposure(u, *waves[c], "answer", int(abs(found.own[u, c])), float(low[u, c]), float(high[u, c]))
        for u, c in narrow.tolist()
    ]


def _means(n: FloatArray, found: Limits, k: int, least: float, waves: list[tuple[int, int]]) -> list[Exposure]:
    few = (n > 0) & (n < k)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = found.low / n, found.high / n
    return [
        Exposure(u, *waves[t], "mean", int(n[u, t]), float(low[u, t]), float(high[u, t]))
        for u, t in np.argwhere(few & (high - low < least - 1e-9)).tolist()
    ]
