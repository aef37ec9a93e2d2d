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
from bevlogen.disclose.careers import careers
from bevlogen.disclose.complement import Tree
from bevlogen.disclose.exposure import Limits, Told, limits, of_one, whole

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
    swapped : only if one person took the place of another: counts do not tell that.
    """

    unit: int
    wave: int
    since: int
    kind: Kind
    people: int
    low: float
    high: float
    swapped: bool = False


def attack(sheet: Sheet, *, k: int, protection: float) -> tuple[Exposure, ...]:
    """Find every group whose answers follow too closely from a sheet.

    Parameters
    ----------
    sheet : all that was released of a construct, all waves together.
    k : a mean of fewer people than this is nobody's business.
    protection : share of the scale that must stay open, about one person's answer and about the mean of fewer than k.

    Notes
    -----
    Single waves are attacked exactly; for the mean of a small group each of them also with what one other wave tells of
    the same units, give or take those who came or left. Waves are compared two by two for those people themselves, also
    for one who took the place of another where as many were there; and all together, unit by unit (``careers``).
    """
    least = protection * sheet.scale.width
    low, high = whole(sheet.told.low, sheet.told.high, sheet.told.n, sheet.scale)
    sheet = Sheet(sheet.units, Told(sheet.told.n, low, high), sheet.scale)
    n_waves = sheet.told.n.shape[1]
    alone = limits(sheet.units, sheet.told, sheet.scale)
    single = [(t, -1) for t in range(n_waves)]
    found = _answers(alone, sheet.scale, least, single) + _means(sheet.told.n, alone, k, least, single)
    pairs = list(combinations(range(n_waves), 2))
    if pairs:
        compared = limits(sheet.units, _compared(sheet.told, pairs), sheet.scale)
        found += _answers(compared, sheet.scale, least, [(b, a) for a, b in pairs])
        known = Told(sheet.told.n, alone.low, alone.high)
        found += _swaps(known, sheet.scale, least, pairs)
        found += _all_waves(sheet.units, known, alone, sheet.scale, least, found)
        if ((sheet.told.n > 0) & (sheet.told.n < k)).any():
            found += _small_groups(sheet, known, pairs, k, least)
    return tuple(dict.fromkeys(found))


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


def _swaps(known: Told, scale: AnswerScale, least: float, pairs: list[tuple[int, int]]) -> list[Exposure]:
    """Find who follows if between two waves of as many people one left and one came, and the others stayed."""
    first, then = [a for a, _ in pairs], [b for _, b in pairs]
    alike = (known.n[:, first] == known.n[:, then]) & (known.n[:, first] > 0)
    more_low, more_high = known.low[:, then] - known.high[:, first], known.high[:, then] - known.low[:, first]
    came = scale.low + np.maximum(more_low, 0.0), scale.high + np.minimum(more_high, 0.0)
    left = scale.low + np.maximum(-more_high, 0.0), scale.high + np.minimum(-more_low, 0.0)
    narrow = alike & (came[1] - came[0] < least - 1e-9) & (came[1] - came[0] > -1e-9)
    return [
        Exposure(u, pairs[c][1], pairs[c][0], "answer", 1, float(low[u, c]), float(high[u, c]), swapped=True)
        for u, c in np.argwhere(narrow).tolist()
        for low, high in (came, left)
    ]


def _all_waves(
    units: Tree, known: Told, alone: Limits, scale: AnswerScale, least: float, before: list[Exposure]
) -> list[Exposure]:
    """Find who follows from three waves or more of one unit, or of a group's own people, and from no two of them."""
    size = len(units.parent)
    groups = np.unique([above for above in units.parent if above >= 0]).astype(np.int64)
    whose = np.concatenate([np.arange(size), groups])
    own = alone.own[groups], alone.own_low[groups], alone.own_high[groups]
    parts = zip((known.n, known.low, known.high), own, strict=True)
    everyone = Told(*(np.concatenate([whole, part]) for whole, part in parts))
    told_before = {(e.unit, frozenset((e.wave, e.since))) for e in before if not e.swapped}
    found = []
    for one in careers(everyone, scale, least):
        unit, wave, since = int(whose[one.row]), max(one.there, one.gone), min(one.there, one.gone)
        if (unit, frozenset((wave, since))) not in told_before:
            found.append(Exposure(unit, wave, since, "answer", one.people, one.low, one.high))
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
