"""How well do a scale's items measure one thing? Alpha with item statistics, and omega of one factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.onefactor import (
    LEAST_UNIQUE,
    fit_measures,
    logit_limits,
    omega_error,
    one_factor,
    two_level_factor,
)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha of p items with what psychologists look at beside it.

    Attributes
    ----------
    alpha, low, high : raw alpha and its Feldt interval; NaN where all respondents have the same total.
    std_error : asymptotic standard error (Duhachek and Iacobucci), normal items.
    standardised : alpha of standardised items; NaN if an item does not vary.
    average_r : mean correlation between items.
    lambda6 : Guttman's lambda 6.
    mean, sd : of the scale score (mean of the items), sd with denominator n - 1.
    item_mean, item_sd : (p,) per item.
    raw_r, r_drop, r_cor : (p,) correlation of each item with the total, with the total of the others, and with the
        total corrected for the item's overlap by its squared multiple correlation.
    alpha_if_dropped, standardised_if_dropped : (p,) alpha of the other items; NaN with two items.
    n_obs : respondents (with all items answered, or the most for a pair if pairwise).
    n_items : p.
    level : coverage of the interval.
    """

    alpha: float
    low: float
    high: float
    std_error: float
    standardised: float
    average_r: float
    lambda6: float
    mean: float
    sd: float
    item_mean: FloatArray
    item_sd: FloatArray
    raw_r: FloatArray
    r_drop: FloatArray
    r_cor: FloatArray
    alpha_if_dropped: FloatArray
    standardised_if_dropped: FloatArray
    n_obs: int
    n_items: int
    level: float


@dataclass(frozen=True, slots=True)
class Omega:
    """One-factor model of p items by maximum likelihood, and McDonald's omega from it.

    Attributes
    ----------
    omega, low, high : model-implied omega and its interval (delta method on the logit; NaN where it cannot be had).
    std_error : of omega, normal items, expected information.
    omega_observed : the same with the observed variance of the total in the denominator.
    loadings, uniquenesses : (p,) in the items' own units; factor variance 1, sign so that the loadings sum above 0.
    log_likelihood : normal, means free; NaN if the means' sample is unknown.
    chi2, df, p_value, cfi, tli, rmsea, srmr : fit; NaN where three items leave no degree of freedom.
    converged : the gradient is 0 within rounding.
    n_obs, n_items, level : as in ``Alpha``.
    notes : cautions, in plain words.
    """

    omega: float
    low: float
    high: float
    std_error: float
    omega_observed: float
    loadings: FloatArray
    uniquenesses: FloatArray
    log_likelihood: float
    chi2: float
    df: int
    p_value: float
    cfi: float
    tli: float
    rmsea: float
    srmr: float
    converged: bool
    n_obs: int
    n_items: int
    level: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelOmega:
    """One factor within and one between units by two-level maximum likelihood, and omega on each level.

    Attributes
    ----------
    within, between : omega of persons about their unit, and of (true) unit means.
    loadings_within, uniquenesses_within, loadings_between, uniquenesses_between : (p,) factor variances 1.
    log_likelihood : normal, means free.
    converged : the gradient is 0 within rounding.
    n_obs, n_units, n_items : respondents with all items answered, units, items.
    notes : cautions, in plain words.
    """

    within: float
    between: float
    loadings_within: FloatArray
    uniquenesses_within: FloatArray
    loadings_between: FloatArray
    uniquenesses_between: FloatArray
    log_likelihood: float
    converged: bool
    n_obs: int
    n_units: int
    n_items: int
    notes: tuple[str, ...] = ()


def alpha(items: ArrayLike, *, missing: Literal["complete", "pairwise"] = "complete", level: float = 0.95) -> Alpha:
    """Answer how consistent a scale's items are.

    Parameters
    ----------
    items : (n, p) answers, reverse-keyed items turned; NaN is missing.
    missing : ``complete`` uses rows without NaN, ``pairwise`` each covariance over the rows that have both items.
    level : coverage of the interval.

    Returns
    -------
    Alpha

    Raises
    ------
    ShapeError
        Not a table of two items or more.
    ChoiceError
        Another ``missing``.
    NotEstimableError
        Fewer than three respondents (for a pair of items).

    Notes
    -----
    ``alpha = p / (p - 1) (1 - sum(s_j^2) / s_X^2)``, all variances with denominator n - 1. Interval of Feldt:
    ``1 - (1 - alpha) F`` with n - 1 and (n - 1)(p - 1) degrees of freedom.

    References
    ----------
    Cronbach, L. J. (1951). doi:10.1007/BF02310555
    Feldt, L. S. (1965). doi:10.1007/BF02289499
    Duhachek, A. & Iacobucci, D. (2004). doi:10.1037/0021-9010.89.5.792
    """
    if missing not in ("complete", "pairwise"):
        raise ChoiceError("missing", missing, ("complete", "pairwise"))
    x = _table(items)
    if missing == "complete":
        x = x[~np.isnan(x).any(axis=1)]
        if len(x) < 3:
            raise NotEstimableError(f"Alpha needs three respondents or more who answered every item. Found {len(x)}.")
        return alpha_from_covariance(np.cov(x.T), len(x), mean=x.mean(axis=0), level=level)
    covariance, n_pair = _pairwise(x)
    if n_pair.min() < 3:
        raise NotEstimableError(f"Alpha needs three respondents for every pair of items. Found {int(n_pair.min())}.")
    return alpha_from_covariance(covariance, int(n_pair.max()), mean=np.nanmean(x, axis=0), level=level)


def alpha_from_covariance(
    covariance: ArrayLike, n_obs: int, *, mean: ArrayLike | None = None, level: float = 0.95
) -> Alpha:
    """Answer the same as ``alpha`` from the items' covariance matrix.

    Parameters
    ----------
    covariance : (p, p), denominator n - 1; p is 2 or more.
    n_obs : respondents behind it.
    mean : (p,) item means; None if unknown.
    level : coverage of the interval.

    Raises
    ------
    ShapeError
        Not a square matrix of two items or more.
    """
    c = _square(covariance, 2)
    p = len(c)
    sd = np.sqrt(np.diag(c))
    means = np.full(p, np.nan) if mean is None else np.asarray(mean, dtype=np.float64)
    total = float(c.sum())
    value = _alpha(c)
    upper, lower = special.fdtri(n_obs - 1, (n_obs - 1) * (p - 1), [0.5 + level / 2, 0.5 - level / 2])
    r = _correlation(c)
    smc = _squared_multiple(r)
    r_total = float(r.sum())
    reduced = r - np.diag(1 - smc)
    with_total = c.sum(axis=1)
    rest = total - 2 * with_total + np.diag(c)
    others = [np.delete(np.delete(c, j, 0), j, 1) for j in range(p)]
    others_r = [np.delete(np.delete(r, j, 0), j, 1) for j in range(p)]
    return Alpha(
        value,
        float(1 - (1 - value) * upper),
        float(1 - (1 - value) * lower),
        _alpha_error(c, n_obs),
        _alpha(r),
        (r_total - p) / (p * (p - 1)),
        1 - (p - float(smc.sum())) / r_total if r_total > 0 else np.nan,
        float(means.mean()),
        float(np.sqrt(max(total, 0.0))) / p,
        means,
        sd,
        _ratio(with_total, sd * np.sqrt(max(total, 0.0))),
        _ratio(with_total - np.diag(c), sd * np.sqrt(np.clip(rest, 0.0, None))),
        _ratio(reduced.sum(axis=1), np.full(p, np.sqrt(max(float(reduced.sum()), 0.0)))),
        np.array([_alpha(o) for o in others]) if p > 2 else np.full(p, np.nan),
        np.array([_alpha(o) for o in others_r]) if p > 2 else np.full(p, np.nan),
        n_obs,
        p,
        level,
    )


def omega(items: ArrayLike, *, level: float = 0.95) -> Omega:
    """Answer what share of a scale score's variance one common factor explains.

    Parameters
    ----------
    items : (n, p) answers of three items or more, reverse-keyed items turned; rows with NaN are left out.
    level : coverage of the interval.

    Returns
    -------
    Omega

    Raises
    ------
    ShapeError
        Not a table of three items or more.
    NotEstimableError
        Fewer respondents than items + 1, or items that do not vary or repeat each other exactly.

    Notes
    -----
    ``omega = (sum l)^2 / ((sum l)^2 + sum t)`` with loadings l and uniquenesses t of a one-factor model by normal
    maximum likelihood (covariance with denominator n). Quasi-Newton with the analytic gradient, then Fisher scoring.
    A uniqueness at its lower limit (Heywood case) is noted and gives no interval.

    References
    ----------
    McDonald, R. P. (1999). Test theory: a unified treatment. Erlbaum.
    Joreskog, K. G. (1967). doi:10.1007/BF02289658
    """
    x = _table(items)
    x = x[~np.isnan(x).any(axis=1)]
    if len(x) <= x.shape[1]:
        raise NotEstimableError(f"Omega needs more respondents than items. Found {len(x)} for {x.shape[1]} items.")
    return omega_from_covariance(np.cov(x.T), len(x), level=level)


def omega_from_covariance(covariance: ArrayLike, n_obs: int, *, level: float = 0.95) -> Omega:
    """Answer the same as ``omega`` from the items' covariance matrix (denominator n - 1) of ``n_obs`` respondents.

    Raises
    ------
    ShapeError, NotEstimableError
        As ``omega``.
    """
    c = _square(covariance, 3)
    p = len(c)
    if not (np.diag(c) > 0).all():
        raise NotEstimableError("An item has the same answer from everyone, so omega cannot be known. Leave it out.")
    sd = np.sqrt(np.diag(c))
    r = c / np.outer(sd, sd)
    if np.linalg.eigvalsh(r)[0] < 1e-10:
        raise NotEstimableError("Items repeat each other exactly, so omega cannot be known. Leave one out.")
    loadings, unique, converged = one_factor(r)
    heywood = bool((unique <= 2 * LEAST_UNIQUE).any())
    implied = np.outer(loadings, loadings) + np.diag(unique)
    scaled = loadings * sd
    common, error = float(scaled.sum()) ** 2, float((unique * sd**2).sum())
    value = common / (common + error)
    std_error = np.nan if heywood else omega_error(scaled, unique * sd**2, n_obs)
    low, high = logit_limits(value, std_error, level)
    fit = fit_measures(r, implied, n_obs)
    half = n_obs / 2
    scale = (n_obs - 1) / n_obs
    log_det = float(np.linalg.slogdet(implied)[1]) + 2 * float(np.log(sd).sum()) + p * np.log(scale)
    trace = float(np.trace(np.linalg.solve(implied, r)))
    notes = ("An item is explained wholly by the factor (Heywood case): read omega with care.",) if heywood else ()
    return Omega(
        value,
        low,
        high,
        std_error,
        common / float(c.sum()) if c.sum() > 0 else np.nan,
        scaled * np.sqrt(scale),
        unique * sd**2 * scale,
        -half * (p * np.log(2 * np.pi) + log_det + trace),
        *fit,
        converged,
        n_obs,
        p,
        level,
        notes,
    )


def omega_by_level(items: ArrayLike, group: ArrayLike) -> LevelOmega:
    """Answer how reliable a scale is for telling persons within units apart, and for telling units apart.

    Parameters
    ----------
    items : (n, p) answers of three items or more, reverse-keyed items turned; rows with NaN are left out.
    group : (n,) label of each row's unit.

    Returns
    -------
    LevelOmega

    Raises
    ------
    ShapeError
        Not a table of three items or more, or lengths differ.
    NotEstimableError
        Not more units than items, too few respondents within units, or items that do not vary within units.

    References
    ----------
    Geldhof, G. J., Preacher, K. J. & Zyphur, M. J. (2014). doi:10.1037/a0032138
    """
    x, labels = _table(items), np.asarray(group)
    if labels.shape != x.shape[:1]:
        raise ShapeError(f"Every row needs a unit. Found {len(x)} rows and units of shape {labels.shape}.")
    complete = ~np.isnan(x).any(axis=1)
    x = x[complete]
    _, codes, n = np.unique(labels[complete], return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(codes, column, minlength=len(n)) / n for column in x.T], axis=1)
    rest = x - means[codes]
    return omega_by_level_from_moments(n, means, rest.T @ rest)


def omega_by_level_from_moments(n: ArrayLike, mean: ArrayLike, within: ArrayLike) -> LevelOmega:
    """Answer the same as ``omega_by_level`` from sizes, unit means and products within units.

    Parameters
    ----------
    n : (J,) respondents per unit, all 1 or more.
    mean : (J, p) item means per unit.
    within : (p, p) sum of products of the items about their unit means, over all units.

    Returns
    -------
    LevelOmega

    Raises
    ------
    ShapeError, NotEstimableError
        As ``omega_by_level``.
    """
    size, means, products = np.asarray(n, dtype=np.float64), np.asarray(mean, dtype=np.float64), _square(within, 3)
    p = len(products)
    if means.shape != (len(size), p):
        raise ShapeError(f"Means must be (units, items). Found {means.shape} for {len(size)} units and {p} items.")
    if len(size) <= p or size.sum() - len(size) <= p:
        raise NotEstimableError(
            f"Omega by level needs more units than items, and answers within them. Found {len(size)}."
        )
    if not np.linalg.matrix_rank(products) == p:
        raise NotEstimableError("Items do not vary within units, or repeat each other, so omega cannot be known.")
    fit = two_level_factor(size, means, products)
    notes: tuple[str, ...] = ()
    if fit.heywood:
        notes = ("An item is explained wholly by the factor on one level (Heywood case): read omega with care.",)
    return LevelOmega(
        _share(fit.loadings_within, fit.unique_within),
        _share(fit.loadings_between, fit.unique_between),
        fit.loadings_within,
        fit.unique_within,
        fit.loadings_between,
        fit.unique_between,
        fit.log_likelihood,
        fit.converged,
        int(size.sum()),
        len(size),
        p,
        notes,
    )


def _share(loadings: FloatArray, unique: FloatArray) -> float:
    """McDonald's omega; NaN where the factor and the rest are both 0."""
    common = float(loadings.sum()) ** 2
    total = common + float(unique.sum())
    return common / total if total > 0 else float("nan")


def _alpha(c: FloatArray) -> float:
    total, p = float(c.sum()), len(c)
    return p / (p - 1) * (1 - float(np.trace(c)) / total) if total > 0 and p > 1 else float("nan")


def _alpha_error(c: FloatArray, n_obs: int) -> float:
    """Asymptotic standard error of alpha for normal items (Duhachek & Iacobucci 2004, eq. 1)."""
    p, total, trace = len(c), float(c.sum()), float(np.trace(c))
    if not total > 0:
        return float("nan")
    square = c @ c
    q = 2 * p**2 / ((p - 1) ** 2 * total**3) * (total * (np.trace(square) + trace**2) - 2 * trace * square.sum())
    return float(np.sqrt(max(float(q), 0.0) / n_obs))


def _correlation(c: FloatArray) -> FloatArray:
    """Correlations; NaN for an item that does not vary."""
    sd = np.sqrt(np.diag(c))
    return _ratio(c, np.outer(sd, sd))


def _squared_multiple(r: FloatArray) -> FloatArray:
    """Squared multiple correlation of each item with the others; NaN where the matrix has no inverse."""
    if np.isnan(r).any() or np.linalg.cond(r) > 1e12:
        return np.full(len(r), np.nan)
    return np.asarray(1 - 1 / np.diag(np.linalg.inv(r)))


def _ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    out = np.full(a.shape, np.nan)
    np.divide(a, b, out=out, where=b > 0)
    return out


def _pairwise(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Covariances and counts over the rows that have both items."""
    present = (~np.isnan(x)).astype(np.float64)
    z = np.where(np.isnan(x), 0.0, x - np.nanmean(x, axis=0))
    n, s, q = present.T @ present, z.T @ present, z.T @ z
    return _ratio(q - _ratio(s * s.T, n), n - 1), n


def _table(items: ArrayLike) -> FloatArray:
    x = np.asarray(items, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 2:
        raise ShapeError(f"Items must be a table (respondents, items) with two items or more. Found shape {x.shape}.")
    return x


def _square(covariance: ArrayLike, least: int) -> FloatArray:
    c = np.asarray(covariance, dtype=np.float64)
    if c.ndim != 2 or c.shape[0] != c.shape[1] or len(c) < least:
        raise ShapeError(f"The covariance matrix must be square, of {least} items or more. Found shape {c.shape}.")
    return c
