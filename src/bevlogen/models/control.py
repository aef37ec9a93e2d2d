"""Is the newest figure of a series more than chance away from its own past, when many series are watched at once?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from bevlogen.models.discovery import adjusted

FloatArray = NDArray[np.float64]
FEWEST_PAST = 5


@dataclass(frozen=True, slots=True)
class ControlCharts:
    """The newest figure of each of J series beside what its own past lets one expect.

    Attributes
    ----------
    newest : (J,) place of the newest figure of a series; -1 where it has fewer than ``FEWEST_PAST`` before it.
    centre : (J,) mean of the figures before it; NaN where there are too few.
    low, high : (J,) limits between which one new figure lies with chance ``level``; NaN likewise.
    p_value : (J,) two-sided, of a new figure from the same distribution.
    q_value : (J,) adjusted for all series that are watched (Benjamini-Hochberg).
    level : coverage of the limits, 0 to 1.
    """

    newest: NDArray[np.int64]
    centre: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    q_value: FloatArray
    level: float


def charts(values: ArrayLike, *, step: ArrayLike = 0.0, level: float = 0.95) -> ControlCharts:
    """Hold the newest figure of each series against the figures before it.

    Parameters
    ----------
    values : (J, T) figures in time order; NaN where there is none.
    step : (J,) or scalar, to which the figures were rounded, in their own units; 0 for exact figures.
    level : coverage of the limits of a single series.

    Returns
    -------
    Limits and p-values. Whoever sounds an alarm where ``q_value`` is below .05 has at most one in twenty alarms
    that is chance, over all series together.

    Notes
    -----
    Control chart for individual figures. With few figures the standard deviation is itself uncertain, so the limits
    are those of a prediction: ``mean ± t(m - 1) s sqrt(1 + 1/m)`` over the m past figures, s with denominator m - 1.
    It assumes that without a change the figures are independent and near normal; a trend or a season in the past
    widens s and makes alarms rarer. Rounding to ``step`` adds ``step² / 12`` to the variance, which also keeps a
    series that never moved from sounding an alarm at its first rounded move.

    References
    ----------
    Montgomery (2012), Introduction to Statistical Quality Control, §6.4. Hahn & Meeker (1991), Statistical Intervals,
    §4.8 (one future observation). Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> import numpy as np
    >>> found = charts([[5.0, 5.2, 4.9, 5.1, 5.0, 7.0], [5.0, 5.2, 4.9, 5.1, 5.0, 5.1]])
    >>> (found.q_value < 0.05).tolist()
    [True, False]
    """
    figures = np.atleast_2d(np.asarray(values, dtype=np.float64))
    steps = np.broadcast_to(np.asarray(step, dtype=np.float64), figures.shape[:1])
    known = np.isfinite(figures)
    m = known.sum(axis=1) - 1  # figures before the newest
    enough = m >= FEWEST_PAST
    newest = np.where(enough, figures.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1), -1).astype(np.int64)
    past = known.copy()
    past[np.arange(len(figures)), newest] = False
    count = np.where(enough, m, 2)
    centre = np.where(past, figures, 0.0).sum(axis=1) / count
    squares = (np.where(past, figures - centre[:, None], 0.0) ** 2).sum(axis=1)
    spread = np.sqrt((squares / (count - 1) + steps**2 / 12) * (1 + 1 / count))
    moved = figures[np.arange(len(figures)), newest] - centre
    ratio = np.divide(np.abs(moved), spread, out=np.zeros_like(moved), where=spread > 0)
    ratio = np.where((spread == 0) & (moved != 0), np.inf, ratio)
    p_value = np.where(enough, 2 * stdtr(count - 1, -ratio), np.nan)
    half = stdtrit(count - 1, 0.5 + level / 2) * spread
    nothing = np.where(enough, 0.0, np.nan)
    q_value = np.array(adjusted(p_value.tolist()))
    return ControlCharts(
        newest, centre + nothing, centre - half + nothing, centre + half + nothing, p_value, q_value, level
    )
