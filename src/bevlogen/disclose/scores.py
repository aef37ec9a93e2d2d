"""Scores as they are shown: all that is told of a unit is made from its rounded mean, so that it tells no more.

The mean, the mean drawn to similar units and its two limits are four functions of one number. Rounded each by itself
they would tell that number about four times as closely as its step says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.measured import Scores
from bevlogen.core.shown import ShownScore
from bevlogen.disclose import rounding

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Precision:
    """How m scores may be shown.

    Attributes
    ----------
    shown : (m,) which of them may be.
    mean : (m,) the mean as shown; NaN where the scale is unknown (three significant digits then).
    step : (m,) to which each mean is rounded; NaN where the scale is unknown.
    variance : (m,) that rounding gives a mean.
    width : (m,) length of the scale; NaN unknown.
    protection : (m,) share of the scale that must stay open about one person.
    """

    shown: BoolArray
    mean: FloatArray
    step: FloatArray
    variance: FloatArray
    width: FloatArray
    protection: FloatArray


def shown_scores(scores: Scores, precision: Precision, public: BoolArray) -> tuple[ShownScore, ...]:
    """Return the scores that may be shown, rounded.

    Parameters
    ----------
    scores : m scores.
    precision : how they may be shown.
    public : (m,) published before: shown as measured, only rounded.

    Notes
    -----
    With rounded mean y, rounded reliability r and rounded mean of similar units c, the drawn mean is c + r (y - c); its
    variance is the measured one with y and c in the place of what was measured. Reliability and variance count what
    rounding does to y as error: the coarser, the more it is drawn. c is rounded as a mean would be on which one person
    has as much influence as here, and never finer than to the usual step. As all of it follows from what is rounded
    already, it need not be rounded as coarsely again as the mean of a small team: to the usual step.
    """
    rows = np.flatnonzero(precision.shown)
    step, width = precision.step[rows], precision.width[rows]
    known = np.isfinite(step)
    mean = np.where(known, precision.mean[rows], scores.mean[rows])
    private = ~public[rows]
    coarse = np.where(private, np.nan_to_num(precision.variance[rows]), 0.0)
    reliability = np.round(_reliability(scores, rows, coarse), 2)
    drawn = [a[rows] for a in (scores.shrunken, scores.shrunken_low, scores.shrunken_high)]
    centres = _centres(scores, rows, width, precision.protection[rows])
    level, half = _redrawn(scores, rows, mean, reliability, coarse, centres)
    drawn[0] = np.where(private, level, drawn[0])
    drawn[1], drawn[2] = np.where(private, level - half, drawn[1]), np.where(private, level + half, drawn[2])
    usual = np.minimum(step, _usual_steps(width))
    for column in drawn:
        column[known] = rounding.to_steps(column[known], usual[known])
    columns = [mean, *drawn]
    for column in columns:
        column[~known] = [rounding.significant(float(v)) for v in column[~known]]
    told = zip(*(c.tolist() for c in (scores.n[rows], *columns, reliability, step, coarse)), strict=True)
    keys = zip(scores.unit[rows].tolist(), scores.period[rows].tolist(), scores.construct[rows].tolist(), strict=True)
    return tuple(
        ShownScore(scores.units[u], scores.periods[t], scores.constructs[v], *figures)
        for (u, t, v), figures in zip(keys, told, strict=True)
    )


def _usual_steps(width: FloatArray) -> FloatArray:
    out = np.full(width.shape, np.nan)
    for w in np.unique(width[np.isfinite(width)]).tolist():
        out[width == w] = rounding.ladder(w)[1]
    return out


def _reliability(scores: Scores, rows: IntArray, coarse: FloatArray) -> FloatArray:
    """Share of the variance of the rounded means that is true; ``coarse`` is the variance that rounding gives them."""
    measured, error = scores.reliability[rows], scores.std_error[rows] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        left = error / (error + (1 - measured) * coarse)
    return np.where(coarse > 0, measured * np.nan_to_num(left, nan=1.0), measured)


def _redrawn(
    scores: Scores, rows: IntArray, mean: FloatArray, reliability: FloatArray, coarse: FloatArray, centre: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Drawn mean and half of its interval, from the rounded mean; the rounded mean itself where there is no centre.

    A drawn mean's variance is its true variance times 1 - reliability, which is reliability times that of its error.
    """
    exact, drawn, measured = scores.mean[rows], scores.shrunken[rows], scores.reliability[rows]
    squared = ((scores.shrunken_high[rows] - scores.shrunken_low[rows]) / 2) ** 2
    undrawn = np.where(np.isfinite(drawn), mean, np.nan)
    if scores.centre is None or scores.allowance is None:
        return undrawn, np.sqrt(squared + _Z95**2 * coarse)
    error, allowance = scores.std_error[rows] ** 2, scores.allowance[rows]
    more = reliability * (error + coarse) - measured * error
    more += allowance * (
        (1 - reliability) ** 2 * (mean - centre) ** 2 - (1 - measured) ** 2 * (exact - scores.centre[rows]) ** 2
    )
    return (
        np.where(np.isfinite(centre), centre + reliability * (mean - centre), undrawn),
        np.sqrt(np.where(np.isfinite(centre), np.maximum(squared + _Z95**2 * more, 0.0), squared + _Z95**2 * coarse)),
    )


def _centres(scores: Scores, rows: IntArray, width: FloatArray, protection: FloatArray) -> FloatArray:
    """Means of similar units, rounded: (number of rows,); NaN where a score is not drawn to any."""
    out = np.full(len(rows), np.nan)
    if scores.centre is None:
        return out
    influence = _influence(scores)
    known = np.isfinite(width)
    for w, share in sorted(set(zip(width[known].tolist(), protection[known].tolist(), strict=True))):
        at = (width == w) & (protection == share) & np.isfinite(scores.centre[rows])
        ladder = rounding.ladder(w)
        rung = np.maximum(1, rounding.rungs(w, influence[rows][at], min(1.0, 4 * share)))
        out[at] = rounding.to_steps(scores.centre[rows][at], ladder[rung])
    return out


def _influence(scores: Scores) -> FloatArray:
    """People that a mean would need in which one person weighs as much as in the centre of this score, at most."""
    if scores.centre is None:
        return scores.n
    _, group = np.unique(
        np.stack([scores.construct, scores.period, np.nan_to_num(scores.centre).round(9)], axis=1),
        axis=0,
        return_inverse=True,
    )
    group = group.ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.nan_to_num((1 - scores.reliability) / scores.std_error**2, posinf=0.0)
        share = weight / np.bincount(group, weight)[group]
        each = np.where(share > 0, np.nan_to_num(scores.n) / share, np.inf)
    least = np.full(group.max(initial=0) + 1, np.inf)
    np.minimum.at(least, group, each)
    return np.where(np.isfinite(least[group]), least[group], 0.0)
