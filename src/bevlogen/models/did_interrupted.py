"""One series, interrupted: level and slope before and after an action (segmented regression)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]

LEAST_POINTS = 8  # points on each side: with fewer, trend and change cannot be told apart
_STRONG = 0.3  # lag-one correlation of residuals above which errors of short series are too small


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Change of a series at the start of an action.

    Attributes
    ----------
    terms : names of the coefficients: level, trend, level_change, trend_change, and season terms.
    beta, se, vcov : coefficients with Newey-West errors (Bartlett weights, times n / (n - p)). Trend per period.
    df : n - p, for t limits.
    lags : lags in the Newey-West errors.
    rho : lag-one correlation of the residuals.
    effect, effect_se : (T - start,) fitted series minus its continuation without action, per period after the start.
    mean_effect, mean_effect_se : their mean.
    counterfactual : (T,) fitted series without action.
    notes : what a reader must know, in sentences.
    """

    terms: tuple[str, ...]
    beta: FloatArray
    se: FloatArray
    vcov: FloatArray
    df: int
    lags: int
    rho: float
    effect: FloatArray
    effect_se: FloatArray
    mean_effect: float
    mean_effect_se: float
    counterfactual: FloatArray
    notes: tuple[str, ...]

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (p, 2) limits of the coefficients from t with ``df``."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.column_stack([self.beta - half, self.beta + half])


def interrupted(
    y: ArrayLike,
    start: int,
    season: int | None = None,
    *,
    control: ArrayLike | None = None,
    lags: int | None = None,
) -> Interrupted:
    """Estimate change of level and of trend in one series from an action on.

    Parameters
    ----------
    y : (T,) equally spaced outcomes, oldest first, none missing.
    start : position (from 0) of the first period with action.
    season : periods in a cycle (12 for months), fitted as dummies; None for no season.
    control : (T,) series of comparable units without the action; then the difference is analysed.
    lags : lags in the errors; default floor(4 (T / 100)^(2/9)), at least 1.

    Returns
    -------
    Interrupted

    Raises
    ------
    ShapeError
        Missing values, a control of another length, or lags or season that cannot be.
    NotEstimableError
        Fewer than 8 points before or after, too few for the season, or a series without residual variation.

    Notes
    -----
    ``y_t = level + trend t + level_change D_t + trend_change (t - start) D_t + season``, D = 1 from ``start`` on.
    Without a control series anything else that happened at ``start`` counts as effect. Newey-West errors are too small
    in short series with strong correlation over time; ``rho`` and a note say so.

    References
    ----------
    Wagner et al. (2002), doi 10.1046/j.1365-2710.2002.00430.x. Newey & West (1987), doi 10.2307/1913610; (1994) for the
    lags, doi 10.2307/2297912.

    Examples
    --------
    >>> t = np.arange(40)
    >>> y = 10 + 0.1 * t - 2 * (t >= 20) + np.random.default_rng(1).normal(0, 0.5, 40)
    >>> result = interrupted(y, 20)
    >>> bool(abs(result.beta[2] + 2) < 3 * result.se[2])
    True
    """
    y_ = _series(y, control)
    T = len(y_)
    if min(start, T - start) < LEAST_POINTS:
        raise NotEstimableError(
            f"An interrupted series needs {LEAST_POINTS} points before and {LEAST_POINTS} after the start. "
            f"Found: {max(start, 0)} and {max(T - start, 0)}. Add periods, or compare with other units.",
            "few-units",
        )
    X, terms = _design(T, start, season)
    p = X.shape[1]
    if min(start, T - start) < (season or 0) or T - p < 4:
        raise NotEstimableError(
            f"A season of {season} periods needs a full cycle before and after the start, and {p + 4} points. "
            f"Found: {T}."
        )
    lags_ = max(1, int(4 * (T / 100) ** (2 / 9))) if lags is None else lags
    if not 0 <= lags_ < T:
        raise ShapeError(f"Lags lie between 0 and {T - 1}. Found: {lags_}.")
    beta, vcov, residual = _newey_west(y_, X, lags_)
    without = X.copy()
    without[:, 2:4] = 0.0
    moved = (X - without)[start:]
    mean_moved = moved.mean(axis=0)
    rho = float(residual[1:] @ residual[:-1] / (residual @ residual))
    return Interrupted(
        terms=terms,
        beta=beta,
        se=np.sqrt(np.diag(vcov)),
        vcov=vcov,
        df=T - p,
        lags=lags_,
        rho=rho,
        effect=moved @ beta,
        effect_se=np.sqrt(np.einsum("ti,ij,tj->t", moved, vcov, moved)),
        mean_effect=float(mean_moved @ beta),
        mean_effect_se=float(np.sqrt(mean_moved @ vcov @ mean_moved)),
        counterfactual=without @ beta,
        notes=_notes(rho, T, control is not None),
    )


def _series(y: ArrayLike, control: ArrayLike | None) -> FloatArray:
    y_ = np.asarray(y, dtype=float)
    if control is not None:
        control_ = np.asarray(control, dtype=float)
        if control_.shape != y_.shape:
            raise ShapeError(
                f"The control series has {control_.size} points, the series {y_.size}. Give the same periods."
            )
        y_ = y_ - control_
    if y_.ndim != 1 or not np.isfinite(y_).all():
        raise ShapeError("An interrupted series is one row of figures without gaps. Fill or leave out whole years.")
    return y_


def _design(T: int, start: int, season: int | None) -> tuple[FloatArray, tuple[str, ...]]:
    """Level, trend, their changes, and season dummies about their own mean (so that level is that of a mean season)."""
    if season is not None and season < 2:
        raise ShapeError(f"A season has at least two periods. Found: {season}.")
    t = np.arange(T, dtype=float)
    after = (t >= start).astype(float)
    columns, terms = [np.ones(T), t, after, (t - start) * after], ["level", "trend", "level_change", "trend_change"]
    for s in range(1, season or 1):
        columns.append((t % (season or 1) == s) - 1.0 / (season or 1))
        terms.append(f"season_{s}")
    return np.column_stack(columns), tuple(terms)


def _newey_west(y: FloatArray, X: FloatArray, lags: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least squares with Bartlett-weighted errors."""
    n, p = X.shape
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ X.T @ y
    residual = y - X @ beta
    if residual @ residual <= 1e-20 * max(float(y @ y), np.finfo(float).tiny):
        raise NotEstimableError("The series lies exactly on its lines. There is no chance variation to compare with.")
    scores = X * residual[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        both = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (both + both.T)
    return beta, n / (n - p) * bread @ meat @ bread, residual


def _notes(rho: float, T: int, controlled: bool) -> tuple[str, ...]:
    said = []
    if rho > _STRONG:
        said.append(
            f"Neighbouring periods are alike beyond the trend (correlation {rho:.2f}) and the series has {T} points: "
            "the errors are probably too small."
        )
    if not controlled:
        said.append("Without a control series anything else that happened at the start counts as effect.")
    return tuple(said)
