"""One outcome of one action: the effect by the method that fits, and everything that could fool us beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.results import EffectMethod
from bevlogen.errors import NotEstimableError
from bevlogen.models import did
from bevlogen.steer.power import detectable_effect

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FEW = 5  # units acted upon; below it errors that come from their own spread mean nothing
_LEAST_PLACEBO = (
    4  # periods before the start: two of history, one to pretend in, and the last, by which units are chosen
)
_MOST_PERIODS = 40
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Limits:
    """An effect with 95% and 90% limits and its two-sided p."""

    estimate: float = _NAN
    low: float = _NAN
    high: float = _NAN
    low90: float = _NAN
    high90: float = _NAN
    p_value: float = _NAN
    mde: float = _NAN


@dataclass(frozen=True, slots=True)
class Contrast:
    """What the units acted upon did, against what they would have done; in units of y.

    ``given_history`` and ``parallel`` are the two effects that bracket the truth (``parallel`` empty for one series);
    ``why`` is the reason where there is none: ``alone``, ``no-before``, ``no-after``, ``reorganised``,
    ``too-few`` or "".
    """

    method: EffectMethod
    given_history: Limits
    parallel: Limits
    placebo: Limits
    pretrend_p: float
    naive: float
    chance: float
    n_acted: int
    n_compared: int
    n_before: int
    n_after: int
    why: str = ""


def limits(estimate: float, se: float, df: float, p_value: float = _NAN) -> Limits:
    """Return t limits; p from t unless it is given."""
    if not (se > 0 and df > 0):
        return Limits(estimate)
    wide, narrow = (float(special.stdtrit(df, q)) * se for q in (0.975, 0.95))
    p = p_value if math.isfinite(p_value) else float(2 * special.stdtr(df, -abs(estimate) / se))
    return Limits(
        estimate,
        estimate - wide,
        estimate + wide,
        estimate - narrow,
        estimate + narrow,
        p,
        detectable_effect(se, df),
    )


def contrast(y: FloatArray, first: FloatArray, *, season: int | None = None) -> Contrast:
    """Hold units acted upon against what they would have done.

    Parameters
    ----------
    y : (J, T) outcomes in the wanted direction, NaN where missing or where another action had begun.
    first : (J,) position of the first period with action; inf for comparison units; NaN for units to leave out.
    season : periods in a year, for a single series long enough.

    Notes
    -----
    Two effects, each right under another reason why these units were chosen (Ding & Li 2019): among units with the
    same history (``models.did.history``), and by parallel courses: imputation, or the synthetic comparison where fewer
    than five units were acted upon at one moment and everything is measured. One unit with a long series, and all units
    at once, are an interrupted series (the other units as control where there are any). ``naive`` and
    ``chance`` follow Barnett et al. (2005). The placebo is the first effect with the start moved to before the last
    untouched period.

    References
    ----------
    Ding & Li (2019), doi 10.1017/pan.2019.25. Borusyak et al. (2024), doi 10.1093/restud/rdae007. Arkhangelsky et al.
    (2021), doi 10.1257/aer.20190159. Wagner et al. (2002), doi 10.1046/j.1365-2710.2002.00430.x. Barnett et al.
    (2005), doi 10.1093/ije/dyh299.
    """
    used = ~np.isnan(first) & np.isfinite(y).any(axis=1)
    y, first = y[used], first[used]
    acted = np.isfinite(first)
    before, after = _extent(y, first)
    counts = (int(acted.sum()), int((~acted).sum()), before, after)
    if not acted.any() or not after:
        return _nothing("no-after", counts)
    if not before:
        return _nothing("no-before", counts)
    if counts[1] < did.FEWEST_COMPARED and len(np.unique(first[acted])) == 1:
        return _one_series(y[acted], int(first[acted][0]), season, counts)
    try:
        found = did.history(y, first)
    except NotEstimableError:
        return _nothing("too-few", counts)
    parallel, method, pretrend = _parallel(y, first, found)
    naive, chance = _moved(y, first)
    own = limits(found.att, found.se, found.df)
    series = _against_control(y, first, season) if counts[0] == 1 else None
    if series is not None:
        own, parallel, method = series, own, "interrupted"
    return Contrast(
        method,
        own,
        parallel,
        _placebo(y, first),
        pretrend,
        naive,
        chance,
        found.n_treated,
        found.n_comparison,
        before,
        int(found.after.max()),
    )


def _nothing(why: str, counts: tuple[int, int, int, int]) -> Contrast:
    return Contrast("none", Limits(), Limits(), Limits(), _NAN, _NAN, _NAN, *counts, why)


def _extent(y: FloatArray, first: FloatArray) -> tuple[int, int]:
    """Return the most periods that a unit acted upon has before and from its start on."""
    acted = np.isfinite(first)
    if not acted.any():
        return 0, 0
    there, since = np.isfinite(y[acted]), np.arange(y.shape[1]) - first[acted][:, None]
    return int((there & (since < 0)).sum(axis=1).max()), int((there & (since >= 0)).sum(axis=1).max())


def _one_series(y: FloatArray, start: int, season: int | None, counts: tuple[int, int, int, int]) -> Contrast:
    """Everybody acted upon at once: the mean over units measured throughout, before and after."""
    whole = y[np.isfinite(y).all(axis=1)]
    if not len(whole):
        return _nothing("alone", counts)
    series = whole.mean(axis=0)
    seasonal = season if season and season > 1 and min(start, len(series) - start) >= season else None
    try:
        found = did.interrupted(series, start, seasonal)
    except NotEstimableError:
        return _nothing("alone", counts)
    shown = limits(found.mean_effect, found.mean_effect_se, found.df)
    naive = float(series[start:].mean() - series[start - 1])
    return Contrast("interrupted", shown, Limits(), Limits(), _NAN, naive, _NAN, len(whole), 0, start, counts[3])


def _against_control(y: FloatArray, first: FloatArray, season: int | None) -> Limits | None:
    """One unit with a long series: interrupted, the mean of the comparison units as control; None if too short."""
    acted = np.isfinite(first)
    whole = ~acted & np.isfinite(y).all(axis=1)
    start = int(first[acted][0])
    if not whole.any() or not np.isfinite(y[acted]).all():
        return None
    cycle = season if season and season > 1 and min(start, y.shape[1] - start) >= season else None
    try:
        found = did.interrupted(y[acted][0], start, cycle, control=y[whole].mean(axis=0))
    except NotEstimableError:
        return None
    return limits(found.mean_effect, found.mean_effect_se, found.df)


def _parallel(y: FloatArray, first: FloatArray, found: did.History) -> tuple[Limits, EffectMethod, float]:
    """The effect if courses would have been parallel, the method behind it, and the test of earlier courses."""
    acted = np.isfinite(first)
    same = len(np.unique(first[acted])) == 1
    if acted.sum() < FEW and same:
        whole = np.isfinite(y).all(axis=1)
        try:
            mix = did.synthetic(y[whole], acted[whole], int(first[acted][0]))
            return limits(mix.att, mix.se, mix.df, mix.p_value), "synthetic", _NAN
        except NotEstimableError:
            pass  # too short a past or too few units: imputation asks for less
    fit = did.imputation(y, first)
    df, se = fit.df, fit.se
    if acted.sum() < FEW or not math.isfinite(se):
        # The spread of a handful of effects is no error: take that of the untouched, as for the other effect.
        df, se = found.df, found.se
    return limits(fit.att, se, df), "staggered", fit.pretest_p


def _moved(y: FloatArray, first: FloatArray) -> tuple[float, float]:
    """Return the plain change of the units acted upon, and the part of it that chance alone would bring."""
    free = np.where(np.arange(y.shape[1]) < first[:, None], y, np.nan)
    changes, chances = [], []
    for i in np.flatnonzero(np.isfinite(first)):
        g = int(first[i])
        later = y[i, g:]
        if g < 1 or not np.isfinite(y[i, g - 1]) or not np.isfinite(later).any():
            continue
        changes.append(float(np.nanmean(later) - y[i, g - 1]))
        everyone = free[:, g - 1][np.isfinite(free[:, g - 1])]
        lag = 1 + int(np.flatnonzero(np.isfinite(later)).mean())
        r = _retest(free, lag)
        if math.isfinite(r) and len(everyone) > 2 and everyone.std() > 0:
            moved = did.regression_to_mean(r, float(y[i, g - 1]), float(everyone.mean()), float(everyone.std(ddof=1)))
            chances.append(moved.expected_change)
    return (float(np.mean(changes)) if changes else _NAN), (float(np.mean(chances)) if chances else _NAN)


def _retest(free: FloatArray, lag: int) -> float:
    """Correlation of scores so many periods apart, period means taken off; the longest there is where none is so long.

    From untouched cells only.
    """
    centred = free - np.array([np.nanmean(c) if np.isfinite(c).any() else np.nan for c in free.T])
    for gap in range(min(lag, free.shape[1] - 1), 0, -1):
        a, b = centred[:, :-gap].ravel(), centred[:, gap:].ravel()
        both = np.isfinite(a) & np.isfinite(b)
        a, b = a[both], b[both]
        if both.sum() > 5 and a.std() > 0 and b.std() > 0:
            return float(np.clip(a @ b / math.sqrt(float(a @ a) * float(b @ b)), 0, 1))
    return _NAN


def _placebo(y: FloatArray, first: FloatArray) -> Limits:
    """The effect of a start where nothing was done: everything from the period before the real start on is hidden."""
    acted = np.isfinite(first)
    if first[acted].min() < _LEAST_PLACEBO:
        return Limits()
    hidden = np.where(np.arange(y.shape[1]) >= first[:, None] - 1, np.nan, y)
    end = int(first[acted].max()) - 1
    pretended = np.where(acted, np.maximum(first - 2, 2), np.inf)
    try:
        found = did.history(hidden[:, :end], pretended)
    except NotEstimableError:
        return Limits()
    return limits(found.att, found.se, found.df)


def periods_needed(y: FloatArray, first: FloatArray, target: float) -> float:
    """Return how many periods after the start would show an effect of ``target``; infinity where none would.

    Parameters
    ----------
    y, first : as for ``contrast``.
    target : effect in units of y that must be found with 80% chance.
    """
    acted = np.isfinite(first)
    n1, free = int(acted.sum()), y[np.isinf(first)]
    n0 = int(np.isfinite(free).any(axis=1).sum())
    if not n1 or n0 < 4:
        return math.inf
    found = did.noise_after(free, _MOST_PERIODS) * math.sqrt(1 / n1 + 1 / n0)
    enough = np.flatnonzero(found * detectable_effect(1.0, n0 + n1 - 4) <= target)
    return float(enough[0] + 1) if len(enough) else math.inf
