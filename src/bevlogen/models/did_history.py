"""Effects of actions among units with the same history: what the untouched did after the same scores before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_HISTORY = 2  # periods before a pretended start: more would leave fewer for the mean after it
_MANY = 40  # comparison units from which the history may bend: the worst go back further than a line says
_LEAST_OPEN = 1e-6  # of a unit that the prediction passes through nothing is left
_LEAST_DF = 3  # comparison units beyond the coefficients of the history


@dataclass(frozen=True, slots=True)
class History:
    """Mean effect on the units acted upon, given what they scored before.

    Attributes
    ----------
    att, se, df : effect in units of y, its error, and degrees of freedom for t.
    effect : (J,) effect per unit acted upon; NaN for all others and where it cannot be had.
    after : (J,) periods after the start behind it; 0 where there is none.
    gap : how far the units acted upon lay above the comparison units just before their start, mean.
    noise : SD of the residual of a comparison unit.
    n_treated, n_comparison : units used; of comparison units the fewest that one start is held against.
    """

    att: float
    se: float
    df: float
    effect: FloatArray
    after: NDArray[np.int64]
    gap: float
    noise: float
    n_treated: int
    n_comparison: int

    @property
    def p_value(self) -> float:
        """Two-sided, of no effect."""
        return float(2 * special.stdtr(self.df, -abs(self.att) / self.se)) if self.se > 0 else float("nan")

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (2,) limits of ``att`` from t with ``df``."""
        half = float(special.stdtrit(self.df, 0.5 + level / 2)) * self.se
        return np.array([self.att - half, self.att + half])


@dataclass(frozen=True, slots=True)
class _Start:
    """What one start brings: effects of its units, and how the comparison units carry the prediction.

    ``left_out`` is what each comparison unit lies from the prediction that is made without it.
    """

    treated: NDArray[np.int64]
    effect: FloatArray
    gap: FloatArray
    weight: FloatArray
    residual: FloatArray
    left_out: FloatArray
    df: int
    periods: int


def history(y: ArrayLike, first: ArrayLike) -> History:
    """Estimate the effect of an action, given each unit's last score before it and the mean of its earlier ones.

    Parameters
    ----------
    y : (J, T) outcomes, oldest period first, NaN where missing.
    first : (J,) position (from 0) of the first period with action; inf for never.

    Returns
    -------
    History

    Raises
    ------
    ShapeError
        Arrays that do not fit.
    NotEstimableError
        No unit acted upon that is measured before and after its start, or too few comparison units.

    Notes
    -----
    For each start g: z = mean over the periods from g on of y less the mean of the comparison units in that period.
    Among comparison units z is regressed on the last score before g and, where g is not the second period, on the
    mean of the earlier ones (both less the comparison mean; a missing mean is filled from the last score by
    regression). The effect on a unit is its z less the prediction. Comparison units are those never acted upon;
    where these are too few, also those not yet acted upon, over the periods before they are.

    It is the group-time effect under parallel trends *given the history* (Callaway & Sant'Anna 2021, outcome
    regression, with past outcomes as covariates), and asks for no more than that units with the same history would
    have gone on alike. So it takes out regression to the mean where units were chosen for their scores. Where they were
    chosen for something lasting that scores only show with noise, it errs towards the other side than plain
    difference in differences does: the two bracket the truth (Ding & Li 2019).

    Errors: of the prediction the larger of the classical (denominator comparison units less coefficients; starts share
    their comparison units) and the heteroscedasticity-consistent one (HC3): the worst units move more than those in the
    middle, and where the worst are acted upon the prediction rests on the few like them that are left. To that comes
    the larger of the residual variance and the variance of the effects (N - starts), over N. Degrees of freedom of the
    residuals, or by Welch-Satterthwaite. One unit acted upon has an error too: that of a new observation.

    References
    ----------
    Callaway & Sant'Anna (2021), doi 10.1016/j.jeconom.2020.12.001. Ding & Li (2019), doi 10.1017/pan.2019.25. MacKinnon
    & White (1985), doi 10.1016/0304-4076(85)90158-7 (HC3).

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> first = np.where(np.arange(60) < 12, 3.0, np.inf)
    >>> y = rng.normal(size=(60, 1)) + rng.normal(0, 0.5, (60, 6)) + 1.0 * (np.arange(6) >= first[:, None])
    >>> result = history(y, first)
    >>> bool(abs(result.att - 1) < 3 * result.se)
    True
    """
    y_, first_ = np.asarray(y, dtype=np.float64), np.asarray(first, dtype=np.float64)
    if y_.ndim != 2 or first_.shape != y_.shape[:1]:
        raise ShapeError("y has a row per unit and a column per period, and first one value per unit.")
    first_ = np.where(first_ < y_.shape[1], first_, np.inf)
    found = [s for g in np.unique(first_[np.isfinite(first_)]) if g >= 1 and (s := _start(y_, first_, int(g)))]
    if not found:
        raise NotEstimableError(
            "No unit acted upon can be compared: it must be measured before and after its start, and so must "
            "at least six units without the action. Add units or periods.",
            "few-units",
        )
    return _together(found, len(y_))


def _start(y: FloatArray, first: FloatArray, g: int) -> _Start | None:
    n_periods = y.shape[1]
    for end in range(n_periods, g, -1):
        free = first >= end
        if end < n_periods and free.sum() == (first >= n_periods).sum():
            continue
        fitted = _fitted(y, first == g, free, g, end)
        if fitted is not None:
            return fitted
    return None


def _fitted(y: FloatArray, acted: BoolArray, free: BoolArray, g: int, end: int) -> _Start | None:
    z, X = _outcome(y, free, g, end)
    whole = np.isfinite(z) & np.isfinite(X).all(axis=1)
    acted, free = acted & whole, free & whole
    df = int(free.sum()) - X.shape[1]
    if not acted.any() or df < _LEAST_DF:
        return None
    X0 = X[free]
    pinv = np.linalg.pinv(X0)
    beta = pinv @ z[free]
    weight, residual, left_out = np.zeros(len(y)), np.zeros(len(y)), np.zeros(len(y))
    weight[free] = X[acted].mean(axis=0) @ pinv
    residual[free] = z[free] - X0 @ beta
    left_out[free] = residual[free] / np.maximum(1 - np.einsum("ij,ji->i", X0, pinv), _LEAST_OPEN)
    treated = np.flatnonzero(acted)
    return _Start(treated, z[acted] - X[acted] @ beta, X[acted, 1], weight, residual, left_out, df, end - g)


def _outcome(y: FloatArray, free: BoolArray, g: int, end: int) -> tuple[FloatArray, FloatArray]:
    """Return (J,) means after g and (J, k) history, both less the mean of the free units in the period."""
    there = np.isfinite(y) & free[:, None]
    count = there.sum(axis=0)
    centre = np.divide(np.where(there, y, 0).sum(axis=0), count, out=np.full(y.shape[1], np.nan), where=count > 0)
    apart = y - centre
    last, earlier = _last_and_earlier(apart[:, :g])
    columns = [np.ones(len(y)), last]
    if g >= 2:
        columns.append(_filled(earlier, last, free))
    if free.sum() >= _MANY:
        columns += [c**2 for c in columns[1:]]
    return _row_mean(apart[:, g:end]), np.column_stack(columns)


def _last_and_earlier(before: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (J,) the last measured score and the mean of those before it."""
    there = np.isfinite(before)
    place = np.where(there, np.arange(before.shape[1]), -1).max(axis=1)
    last = np.where(place >= 0, before[np.arange(len(before)), place], np.nan)
    return last, _row_mean(np.where(np.arange(before.shape[1]) < place[:, None], before, np.nan))


def _filled(earlier: FloatArray, last: FloatArray, free: BoolArray) -> FloatArray:
    """Fill a missing earlier mean with what the last score tells of it, among the free units."""
    known = free & np.isfinite(earlier) & np.isfinite(last)
    square = float(last[known] @ last[known])
    slope = float(last[known] @ earlier[known]) / square if square > 0 else 0.0
    return np.where(np.isfinite(earlier), earlier, slope * last)


def _row_mean(values: FloatArray) -> FloatArray:
    there = np.isfinite(values)
    count = there.sum(axis=1)
    out = np.full(len(values), np.nan)
    np.divide(np.where(there, values, 0).sum(axis=1), count, out=out, where=count > 0)
    return out


def _together(found: list[_Start], n_units: int) -> History:
    N = sum(len(s.effect) for s in found)
    share = np.array([len(s.effect) / N for s in found])
    effect, after = np.full(n_units, np.nan), np.zeros(n_units, dtype=np.int64)
    for s in found:
        effect[s.treated], after[s.treated] = s.effect, s.periods
    df = min(s.df for s in found)
    carried = robust = 0.0
    for a, w in zip(found, share, strict=True):
        for b, v in zip(found, share, strict=True):
            carried += w * v * float(a.weight @ b.weight) * float(a.residual @ b.residual) / max(a.df, b.df)
            robust += w * v * float((a.weight * a.left_out) @ (b.weight * b.left_out))
    carried = max(carried, robust, 0.0)
    noise2 = float(sum(w * float(s.residual @ s.residual) / s.df for s, w in zip(found, share, strict=True)))
    spread = sum(float(((s.effect - s.effect.mean()) ** 2).sum()) for s in found)
    own_df = N - len(found)
    own = spread / own_df if own_df > 0 else 0.0
    part, part_df = (own, own_df) if own > noise2 else (noise2, df)
    variance = carried + part / N
    below = carried**2 / df + (part / N) ** 2 / part_df
    return History(
        att=float(np.nanmean(effect)),
        se=float(np.sqrt(variance)),
        df=variance**2 / below if part > noise2 and below > 0 else float(df),
        effect=effect,
        after=after,
        gap=float(np.concatenate([s.gap for s in found]).mean()),
        noise=float(np.sqrt(noise2)),
        n_treated=N,
        n_comparison=int(min((s.weight != 0).sum() for s in found)),
    )


def noise_after(y: ArrayLike, longest: int) -> FloatArray:
    """Return (longest,) SDs of an untouched unit's mean over 1, 2, ... periods, given its history; NaN where unknown.

    Parameters
    ----------
    y : (J, T) outcomes of untouched units, NaN where missing.
    longest : length of the longest mean; beyond what the data hold the variance is carried on as ``a + b / periods``.

    Notes
    -----
    The residual SD of ``history`` with two periods before a start that is laid on all units as late as the length
    allows. Our own derivation: a mean of m scores has a part that lasts and a part that goes with 1/m.
    """
    y_ = np.asarray(y, dtype=np.float64)
    before = min(_HISTORY, int(y_.shape[1]) - 1)
    known = [
        _residual_variance(y_[:, y_.shape[1] - m - before :], m)
        for m in range(1, min(longest, int(y_.shape[1]) - before) + 1)
    ]
    if before < 1 or not known:
        return np.full(longest, np.nan)
    m = len(known)
    moving = max((known[0] - known[-1]) / (1 - 1 / m), 0.0) if m > 1 else known[0]
    lasting = max(known[-1] - moving / m, 0.0)
    beyond = lasting + moving / np.arange(m + 1, longest + 1)
    out: FloatArray = np.sqrt(np.concatenate([known, beyond]))
    return out


def _residual_variance(y: FloatArray, periods: int) -> float:
    z, X = _outcome(y, np.ones(len(y), dtype=bool), y.shape[1] - periods, y.shape[1])
    whole = np.isfinite(z) & np.isfinite(X).all(axis=1)
    df = int(whole.sum()) - X.shape[1]
    if df < 1:
        return float("nan")
    residual: FloatArray = z[whole] - X[whole] @ (np.linalg.pinv(X[whole]) @ z[whole])
    return float(residual @ residual) / float(df)
