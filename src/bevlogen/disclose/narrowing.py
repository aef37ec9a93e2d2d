"""How precisely each mean is shown: a rule that knows counts alone, so that knowing the rule tells nothing more.

Each wave falls apart into people of whom nothing is told but one sum: a team that is shown, and what is left of a shown
group after the shown groups inside it. Only these sums are rounded; the figure of a group is made of them, and so tells
nothing of its own.

A sum S of n answers is counted from the middle m of the scale, D = S - n m, and told to lie in one of a row of cells,
each four protected widths long, that begin at the same points for every team and wave. A team that one person left
moves by two widths at most; so two waves together leave that person two widths, whoever left, and two answers of five.

Where a cell begins is shifted by up to two protected widths, by a digest of what was answered in the team under the key
of the ledger. Nobody without that key knows the shift, whatever he guesses of the answers: a figure is shown as eight
widths, and tells no more than these. That a sum crossed from one cell into the next, which without a shift would tell
which way it moved, then tells nothing. The same answers get the same shift in every wave and release, so that there is
nothing to average over. What is left of a group, in which all small teams are, has cells four times as long, without a
shift.

The two cells at the ends of a row are so long that they leave even k - 1 people, all of them at the end, in doubt.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bevlogen.core import thresholds
from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import Tree, by_depth
from bevlogen.disclose.exposure import Told

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

CELL = 4  # protected widths that a cell is long
SHIFT = 2  # protected widths that it may be shifted, either way
REST = 4  # times as long where it holds what is left of a group
_SAME = 1e-6  # of an answer step: rounding error of sums
_DIGITS = 9
_TIE = 1e-11  # so that a tie falls the same way in whatever order sums were added


@dataclass(frozen=True, slots=True)
class Block:
    """All figures of one variable, on u units over t periods.

    Attributes
    ----------
    n, mean : (u, t) respondents (0 where there are none) and exact means (NaN there).
    may_show : (u, t) figures that threshold and complement let pass.
    scale : of one answer.
    k : fewest respondents of a figure.
    shift : (u, t) from 0 to 1, what nobody outside knows: where in its range the shift of each figure lies.
    known : (u, t) what was told before of these same figures; None without any.
    facets : where this is the mean of others, as measured: their places in the family, and +1, or -1 where less of it
        is better.
    protection : share of the scale that must stay open about one person, and about fewer than k together.
    """

    n: FloatArray
    mean: FloatArray
    may_show: BoolArray
    scale: AnswerScale
    k: int
    shift: FloatArray
    known: Told | None = None
    facets: Mapping[int, int] = field(default_factory=dict)
    protection: float = thresholds.PROTECTION


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one sum.

    Attributes
    ----------
    length : of a cell, in points of the sum.
    most : how far the sum of n answers can lie from the middle of the scale.
    low, high : (...) number of the first and of the last cell.
    shifts : how far a cell may be shifted, either way.
    step : between two answers; 0 where they are not whole.
    """

    length: float
    most: FloatArray
    low: FloatArray
    high: FloatArray
    shifts: float
    step: float

    def variance(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return that of a sum about the middle of two limits: of its cell and the shift; more where they are wider."""
        usual = (self.length**2 + (2 * self.shifts + self.step) ** 2 - 2 * self.step**2) / 12
        return usual * ((high - low) / (self.length + 2 * self.shifts)) ** 2

    @property
    def cells(self) -> FloatArray:
        """How many cells there are; with one, a figure would tell nothing."""
        return self.high - self.low + 1


def row(n: FloatArray, scale: AnswerScale, k: int, protection: float, *, rest: bool = False) -> Row:
    """Return the cells of a sum of n answers; they depend on nothing else."""
    width = max(protection * scale.width, scale.step)
    length = CELL * width * (REST if rest else 1)
    most_shift = SHIFT * width
    if scale.step:
        most_shift = math.floor(most_shift / scale.step + _SAME) * scale.step
    shifts = 0.0 if rest else most_shift
    most, room = n * scale.width / 2, (k - 1) * width
    high = np.floor((most - room + shifts) / length + _SAME)
    low = np.ceil((room - most + scale.step - shifts) / length - _SAME) - 1
    return Row(length, most, np.minimum(low, high), np.maximum(high, low), shifts, scale.step)


def says(n: FloatArray, scale: AnswerScale, k: int, protection: float) -> BoolArray:
    """Say whether n answers are enough for a figure that tells anything."""
    enough: BoolArray = row(n, scale, k, protection).cells > 1
    return enough


def shift_of(key: bytes, variable: str, answers: bytes) -> float:
    """Return a number from 0 to 1 that follows from a key, for what was answered in a team."""
    return int.from_bytes(hmac.digest(key, variable.encode() + b"\0" + answers, "sha256")[:6]) / 2**48


@dataclass(frozen=True, slots=True)
class _Sums:
    """Limits of sums about the middle of the scale, and variance between them, (u, t): as shown, and of the rest."""

    low: FloatArray
    high: FloatArray
    variance: FloatArray
    rest_n: FloatArray
    rest_low: FloatArray
    rest_high: FloatArray
    rest_variance: FloatArray


def rounded(units: Tree, family: Sequence[Block]) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Round all figures of a construct and its facets.

    Of each: means as shown, their steps, and the variance that this gives them, (u, t); NaN if hidden.

    Parameters
    ----------
    units : the u units.
    family : the construct and its facets, over the same units and periods; of a unit all or none are shown.

    Notes
    -----
    A figure told before of as many people stays as it was told, as long as it is still true. A whole that is nothing
    but the mean of its facets is made of theirs where the same people answered all.

    For two of these sums, of whatever teams and waves: let m people be in one of them only. Their answers, counted
    from the middle (those who left with the other sign), sum to at most 2 m widths. Cells are an even number of widths
    apart and shifts at most two each; so what the two tell, an odd number for whole answers on 1 to 5, never reaches
    that end, and everybody keeps a width. For more figures together there is no such proof: these are attacked, in
    ``benchmarks/disclosure.py``.

    References
    ----------
    Own derivation. That refusing by the answers tells of them: Kenthapadi, Mishra & Nissim (2005), Simulatable
    auditing, PODS.
    """
    found: dict[int, _Sums] = {}
    for at in sorted(range(len(family)), key=lambda a: bool(family[a].facets)):
        found[at] = _sums(units, family, at, found)
    return [_shown(block, found[at]) for at, block in enumerate(family)]


def _sums(units: Tree, family: Sequence[Block], at: int, facets: Mapping[int, _Sums]) -> _Sums:
    block = family[at]
    n, scale = block.n, block.scale
    about = np.where(n > 0, n * (np.nan_to_num(block.mean) - _middle(scale)), 0.0)
    inside = {name: np.zeros(n.shape) for name in ("n", "about", "low", "high", "variance")}
    below = np.zeros(n.shape, dtype=bool)
    out = _Sums(*(np.full(n.shape, np.nan) for _ in range(7)))
    for here, above in by_depth(units):
        visible = block.may_show[here]
        own = {name: inside[name][here] for name in inside}
        rest_n = np.maximum(n[here] - own["n"], 0.0)
        some = visible & (rest_n > 0.5)
        part = np.clip(about[here] - own["about"], -rest_n * scale.width / 2, rest_n * scale.width / 2)
        own_rest = _of_rest(block, here, rest_n, part, ~below[here])
        low, high, variance = _of_facets(family, at, facets, here, rest_n, own_rest)
        low, high, variance = (np.where(some, part, 0.0) for part in (low, high, variance))
        out.rest_n[here] = np.where(some, rest_n, 0.0)
        out.rest_low[here], out.rest_high[here], out.rest_variance[here] = low, high, variance
        low, high, variance = own["low"] + low, own["high"] + high, own["variance"] + variance
        apart = visible & ((about[here] < low - _SAME) | (about[here] > high + _SAME))  # given as such
        cells = row(n[here], scale, block.k, block.protection, rest=True)
        alone = _cell(cells, about[here], scale, np.full(about[here].shape, 0.5))
        low, high = np.where(apart, alone[0], low), np.where(apart, alone[1], high)
        variance = np.where(apart, cells.variance(low, high), variance)
        out.low[here], out.high[here] = np.where(visible, low, np.nan), np.where(visible, high, np.nan)
        out.variance[here] = np.where(visible, variance, np.nan)
        if above is not None:
            np.logical_or.at(below, above, n[here] > 0)
            told = {"n": n[here], "about": about[here], "low": low, "high": high, "variance": variance}
            for name, value in told.items():
                np.add.at(inside[name], above, np.where(visible, value, own[name]))
    return out


def _of_rest(
    block: Block, here: IntArray, n: FloatArray, about: FloatArray, is_team: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Limits of what is left of some units after the shown groups inside them, and the variance between them."""
    scale = block.scale
    of_team, of_rest = (row(n, scale, block.k, block.protection, rest=rest) for rest in (False, True))
    team, rest = (_cell(cells, about, scale, block.shift[here]) for cells in (of_team, of_rest))
    low, high = np.where(is_team, team[0], rest[0]), np.where(is_team, team[1], rest[1])
    low, high = _as_kept(n, low, high)
    variance = np.where(is_team, of_team.variance(low, high), of_rest.variance(low, high))
    if block.known is None:
        return low, high, variance
    middle = n * _middle(scale)
    told_low, told_high = block.known.low[here] - middle, block.known.high[here] - middle
    stays = is_team & (block.known.n[here] == n) & (told_low <= about + _SAME) & (about <= told_high + _SAME)
    stays &= np.isfinite(told_low) & np.isfinite(told_high)
    low, high = np.where(stays, told_low, low), np.where(stays, told_high, high)
    return low, high, np.where(stays, of_team.variance(low, high), variance)


def _as_kept(n: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Limits as a ledger gives them back: of a mean and a step with so many digits."""
    people = np.maximum(n, 1.0)
    mean, step = _kept((low + high) / 2 / people), _kept((high - low) / people)
    return people * (mean - step / 2), people * (mean + step / 2)


def _cell(cells: Row, about: FloatArray, scale: AnswerScale, shift: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Limits of the cell that holds each sum, as wide as the shift makes them."""
    if scale.step == 0:
        moved = (2 * shift - 1) * cells.shifts
    else:
        many = round(cells.shifts / scale.step)
        moved = (np.floor(shift * (2 * many + 1)) - many) * scale.step
    half = scale.step / 2
    label = np.clip(np.floor((about + half + moved) / cells.length + _SAME), cells.low, cells.high)
    low = np.where(label <= cells.low, -cells.most, label * cells.length - cells.shifts) - half
    high = np.where(label >= cells.high, cells.most + half, (label + 1) * cells.length + cells.shifts - half)
    return np.maximum(low, -cells.most - half), np.minimum(high, cells.most + half)


def _of_facets(
    family: Sequence[Block],
    at: int,
    found: Mapping[int, _Sums],
    here: IntArray,
    n: FloatArray,
    own: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Take for a whole the mean of what its facets tell, where the same people answered all of them."""
    block = family[at]
    if not block.facets:
        return own
    same = np.all([found[m].rest_n[here] == n for m in block.facets], axis=0)
    ends, variances = [], []
    for m, turn in block.facets.items():
        part = np.stack([found[m].rest_low[here], found[m].rest_high[here]]) / family[m].scale.width
        ends.append(part if turn > 0 else -part[::-1])
        variances.append(found[m].rest_variance[here] / family[m].scale.width ** 2)
    mean = np.mean(ends, axis=0) * block.scale.width
    variance = np.mean(variances, axis=0) / len(variances) * block.scale.width**2
    return np.where(same, mean[0], own[0]), np.where(same, mean[1], own[1]), np.where(same, variance, own[2])


def _shown(block: Block, sums: _Sums) -> tuple[FloatArray, FloatArray, FloatArray]:
    people = np.where(block.n > 0, block.n, np.nan)
    mean = (sums.low + sums.high) / 2 / people + _middle(block.scale)
    step = (sums.high - sums.low) / people
    return _kept(mean), _kept(step), sums.variance / people**2


def _kept(value: FloatArray) -> FloatArray:
    return np.round(value + _TIE, _DIGITS)


def _middle(scale: AnswerScale) -> float:
    return (scale.low + scale.high) / 2
