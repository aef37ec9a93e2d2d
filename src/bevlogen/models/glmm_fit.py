"""Generalised linear mixed models with random intercepts of one or two factors: checks, search, errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.glmm_family import Family
from bevlogen.models.glmm_laplace import Laplace, Problem, laplace
from bevlogen.models.lmm_inputs import numbered

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ZERO = 1e-3  # a standard deviation on the link scale below which zero is tried
_FLAT = 1e-7  # fall of -2 log-likelihood that counts as none
_SLOPE = 1e-4  # gradient of -2 log-likelihood (orthonormal columns) below which the search has ended
_SEPARATED = 10.0  # link-scale error of a standardised column: no information holds this coefficient
_MOST = 20_000_000  # cells of the table of two crossed factors: 160 MB
_LOG_SIZE = (-7.0, 12.0)  # size of the negative binomial between 0.001 and 160,000: beyond, it is a Poisson


@dataclass(frozen=True, slots=True)
class GlmmFit:
    """A fitted model; coefficients are on the link scale (log odds or log rate) and hold *within* a unit.

    Attributes
    ----------
    family : "binomial" (logit link), "poisson" or "negative_binomial" (log link).
    beta, se : (p,) fixed effects and standard errors, from the Hessian over all parameters (as lme4 does).
    vcov : (p, p) covariance of ``beta``.
    ratio : (p,) exp(beta): odds ratios or rate ratios.
    variance : variance of the random intercept per factor, on the link scale.
    effects : per factor (J,) conditional modes of the random intercepts, in the order of ``levels``.
    effects_se : per factor (J,) their conditional errors, given the parameters.
    levels : per factor (J,) labels.
    size : size k of the negative binomial, variance mu + mu^2 / k; inf for the other families.
    criterion : -2 log-likelihood (Laplace), constants included.
    log_likelihood, aic : the same, and with twice the number of parameters added.
    fitted : (n,) fitted shares, or counts for the exposure given.
    n_obs, n_groups : what it rests on, groups per factor.
    is_singular : a variance is zero: an answer, not an error.
    converged : the gradient at the optimum is zero within tolerance.
    notes : what a reader must know, in sentences.
    """

    family: Family
    beta: FloatArray
    se: FloatArray
    vcov: FloatArray
    ratio: FloatArray
    variance: Mapping[str, float]
    effects: Mapping[str, FloatArray]
    effects_se: Mapping[str, FloatArray]
    levels: Mapping[str, NDArray[np.generic]]
    size: float
    criterion: float
    log_likelihood: float
    aic: float
    fitted: FloatArray
    n_obs: int
    n_groups: Mapping[str, int]
    is_singular: bool
    converged: bool
    notes: tuple[str, ...]

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (p, 2) limits on the link scale from the normal distribution."""
        half = special.ndtri(0.5 + level / 2) * self.se
        return np.column_stack([self.beta - half, self.beta + half])


@dataclass(frozen=True, slots=True)
class _Rows:
    """Checked rows with orthonormal columns: X = Q R, columns of Q with mean square one."""

    problem: Problem
    R: FloatArray
    spread: FloatArray  # (p,) standard deviations of the columns of X; zero for a constant
    names: tuple[str, ...]  # factors in the order of the problem
    levels: dict[str, NDArray[np.generic]]  # factors in the order given


def fit(
    y: ArrayLike,
    X: ArrayLike,
    group: ArrayLike | Mapping[str, ArrayLike],
    *,
    family: Family = "binomial",
    exposure: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> GlmmFit:
    """Fit a generalised linear model with a random intercept per unit, or with two crossed or nested factors.

    Parameters
    ----------
    y : (n,) shares 0 to 1 (binomial) or counts 0, 1, 2, ... (the other families).
    X : (n, p) fixed-effects design; give the intercept as a column of ones.
    group : (n,) labels of one factor (named "group" in the result), or one or two named factors.
    family : "binomial" with logit link; "poisson" or "negative_binomial" (NB2) with log link.
    exposure : (n,) how much was at risk, as contract years; above 0. The rate per exposure is modelled. Counts only.
    weights : (n,) number of trials behind each share (binomial; default 1), or how often a row of counts occurs.

    Returns
    -------
    GlmmFit

    Raises
    ------
    ChoiceError
        Unknown family.
    ShapeError
        Lengths differ, values are missing, or values that the family cannot have.
    NotEstimableError
        One level in a factor, no more rows than coefficients, collinear X, an outcome that is the same everywhere,
        one row per level (binomial without trials: its variance cannot be told), more than two factors or too many
        levels in two.

    Notes
    -----
    Laplace approximation at the conditional modes with the observed information (lme4's nAGQ = 1; for the negative
    binomial lme4 uses expected information, so values differ a little there). With few yes-or-no rows per unit the
    approximation understates the variance. Errors come from the Hessian of -2 log-likelihood over all parameters; a
    variance at zero is held there. Coefficients are unit-specific: population-averaged effects are nearer to zero.

    References
    ----------
    Bates et al. (2015), doi 10.18637/jss.v067.i01. Breslow & Clayton (1993), doi 10.1080/01621459.1993.10594284.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> team = np.repeat(np.arange(40), 5)
    >>> engagement, years = rng.normal(size=200), rng.uniform(5, 20, 200)
    >>> spells = rng.poisson(years * np.exp(0.1 - 0.2 * engagement + rng.normal(0, 0.3, 40)[team]))
    >>> X = np.column_stack([np.ones(200), engagement])
    >>> result = fit(spells, X, team, family="poisson", exposure=years)
    >>> bool(abs(result.beta[1] + 0.2) < 3 * result.se[1])
    True
    """
    rows = _checked(y, X, group, family, exposure, weights)
    theta, gamma, log_size, at, converged = _optimum(rows.problem, family)
    vcov, hessian_holds = _covariance(rows, theta, gamma, log_size, at)
    return _result(rows, family, theta, gamma, log_size, at, vcov, converged and hessian_holds)


def _checked(
    y: ArrayLike,
    X: ArrayLike,
    group: ArrayLike | Mapping[str, ArrayLike],
    family: Family,
    exposure: ArrayLike | None,
    weights: ArrayLike | None,
) -> _Rows:
    """Check once, number the levels, put the factor with most levels first."""
    if family not in get_args(Family):
        raise ChoiceError("family", family, get_args(Family))
    y_, X_ = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    n = len(y_)
    weights_ = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    exposure_ = np.ones(n) if exposure is None else np.asarray(exposure, dtype=float)
    named = dict(group) if isinstance(group, Mapping) else {"group": group}
    labels = {name: np.asarray(values) for name, values in named.items()}
    lengths = {"y": n, "X": len(X_), "weights": len(weights_), "exposure": len(exposure_)}
    lengths |= {name: len(values) for name, values in labels.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{k} {v}" for k, v in lengths.items())
        raise ShapeError(f"The arrays differ in length. Found: {found}. Give one row per observation in each.")
    if not all(np.isfinite(a).all() for a in (y_, X_, weights_, exposure_)):
        raise ShapeError("y, X, weights or exposure hold missing or infinite values. Leave those rows out first.")
    _check_values(y_, family, weights_, exposure_, exposure is not None)
    if not 1 <= len(labels) <= 2:
        raise NotEstimableError(f"One or two grouping factors can be fitted. Found: {len(labels)}.")
    levels = {name: numbered(values, f'Factor "{name}"') for name, values in labels.items()}
    counts = {name: len(found) for name, (found, _) in levels.items()}
    _check_estimable(y_, X_, counts, family, weights_)
    names = tuple(sorted(counts, key=lambda name: -counts[name]))
    Q, R = np.linalg.qr(X_)
    if (np.abs(np.diag(R)) <= 1e-10 * np.sqrt((X_**2).sum(axis=0))).any():
        raise NotEstimableError("The fixed effects are collinear. Leave out a column of X that others explain.")
    root = np.sqrt(n)
    problem = Problem(
        family=family,
        y=y_,
        X=Q * root,
        weights=weights_,
        offset=np.log(exposure_),
        codes=tuple(levels[name][1] for name in names),
        sizes=tuple(counts[name] for name in names),
    )
    return _Rows(problem, R / root, X_.std(axis=0), names, {name: levels[name][0] for name in labels})


def _check_values(y: FloatArray, family: Family, weights: FloatArray, exposure: FloatArray, exposed: bool) -> None:
    """Refuse what the family cannot have."""
    if (weights <= 0).any() or (exposure <= 0).any():
        raise ShapeError("Weights and exposure must be above 0. Leave out rows without trials or without exposure.")
    if family == "binomial":
        if exposed:
            raise ShapeError("A share has trials, not exposure. Give the number of trials as weights.")
        if (y < 0).any() or (y > 1).any():
            raise ShapeError("A share lies between 0 and 1. Divide counts by their trials, and give those as weights.")
    elif (y < 0).any() or (y != np.round(y)).any():
        raise ShapeError("Counts are whole numbers from 0. Give y as counts, and what was at risk as exposure.")


def _check_estimable(y: FloatArray, X: FloatArray, counts: dict[str, int], family: Family, weights: FloatArray) -> None:
    """Refuse what no data of this form can tell."""
    n, p = X.shape
    few = [name for name, count in counts.items() if count < 2]
    if few:
        raise NotEstimableError(f'A random effect needs at least two groups. "{few[0]}" has one.', "few-units")
    if n <= p:
        raise NotEstimableError(f"{p} fixed effects need more than {p} rows. Found: {n}.", "few-units")
    binary = family == "binomial" and bool((weights == 1).all())
    unreplicated = [name for name, count in counts.items() if count == n]
    if unreplicated and (binary or family == "negative_binomial"):
        raise NotEstimableError(
            f'Every row is its own level of "{unreplicated[0]}". Its variance cannot be told from chance. '
            "Use a grouping with several rows per level."
        )
    if not y.any() or (family == "binomial" and (y == 1).all()):
        raise NotEstimableError("The outcome is the same in every row. There is nothing to estimate.")
    if len(counts) == 2 and np.prod([float(c) for c in counts.values()]) > _MOST:
        raise NotEstimableError(
            f"Two factors with {' and '.join(str(c) for c in counts.values())} levels are too many for this exact fit. "
            "Keep one as random, or take a sample of units."
        )


def _start(problem: Problem) -> FloatArray:
    """Coefficients of a least-squares fit on the link scale of slightly shrunken outcomes."""
    if problem.family == "binomial":
        count = problem.y * problem.weights
        eta = np.log((count + 0.5) / (problem.weights - count + 0.5))
    else:
        rate = problem.y.sum() / np.exp(problem.offset).sum()
        eta = np.log((problem.y + rate) / (np.exp(problem.offset) + 1))
    return problem.X.T @ eta / len(eta)


def _optimum(problem: Problem, family: Family) -> tuple[FloatArray, FloatArray, float, Laplace, bool]:
    """Minimise -2 log-likelihood; a standard deviation that falls to zero is set to zero and the rest fitted again."""
    K, p = len(problem.sizes), problem.X.shape[1]
    sized = family == "negative_binomial"
    free = np.append(np.ones(K + p, bool), sized)
    gamma = _start(problem)
    x, at = _search(problem, np.concatenate([np.full(K, 0.5), gamma, [3.0]]), free, K)
    strayed = sized and not _LOG_SIZE[0] + 1 < x[-1] < _LOG_SIZE[1] - 1
    if strayed or (x[:K] < _ZERO).any():  # a long first step may have ended in a place that only looks flat
        again, at_again = _search(problem, np.concatenate([np.full(K, 0.1), gamma, [0.0]]), free, K)
        if at_again.criterion < at.criterion:
            x, at = again, at_again
    for k in np.flatnonzero(x[:K] < _ZERO):
        at_zero, held = x.copy(), free.copy()
        at_zero[k], held[k] = 0.0, False
        candidate, at_candidate = _search(problem, at_zero, held, K)
        if at_candidate.criterion <= at.criterion + _FLAT:
            x, at, free = candidate, at_candidate, held
    slope = at.gradient[free]  # a standard deviation that stays at its small bound keeps a small slope
    at_limit = sized and not _LOG_SIZE[0] < x[-1] < _LOG_SIZE[1]
    converged = bool(np.abs(slope[:-1] if at_limit else slope).max(initial=0.0) < _SLOPE * np.sqrt(len(problem.y)))
    return x[:K], x[K:-1], float(x[-1]), at, converged


def _search(problem: Problem, x: FloatArray, free: NDArray[np.bool_], K: int) -> tuple[FloatArray, Laplace]:
    """Quasi-Newton over the free parameters with the exact gradient."""

    def full(moving: FloatArray) -> FloatArray:
        out = x.copy()
        out[free] = moving
        return out

    def objective(moving: FloatArray) -> tuple[float, FloatArray]:
        now = full(moving)
        at = laplace(problem, now[:K], now[K:-1], now[-1])
        return at.criterion, at.gradient[free]

    # The criterion is even in theta, hence flat at zero: the search keeps just off it.
    bounds = np.array([(_ZERO / 10, 20.0)] * K + [(-60.0, 60.0)] * (len(x) - K - 1) + [_LOG_SIZE])[free]
    found = optimize.minimize(
        objective,
        x[free],
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500, "maxcor": 30},
    )
    best = full(found.x)
    return best, laplace(problem, best[:K], best[K:-1], best[-1])


def _covariance(
    rows: _Rows, theta: FloatArray, gamma: FloatArray, log_size: float, at: Laplace
) -> tuple[FloatArray, bool]:
    """Covariance of beta: twice the inverse Hessian over all parameters off their bounds, from exact gradients."""
    K, p = len(theta), len(gamma)
    sized = rows.problem.family == "negative_binomial" and _LOG_SIZE[0] < log_size < _LOG_SIZE[1]
    x = np.concatenate([theta, gamma, [log_size]])
    moving = np.flatnonzero(np.concatenate([theta > 0, np.ones(p, bool), [sized]]))
    hessian = np.empty((len(moving), len(moving)))
    for row, i in enumerate(moving):
        h = 1e-4 * max(min(abs(x[i]), 1.0), 0.1) if i >= K else 1e-4 * x[i]
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        rise = [laplace(rows.problem, e[:K], e[K:-1], e[-1]).gradient[moving] for e in (up, down)]
        hessian[row] = (rise[0] - rise[1]) / (2 * h)
    hessian = (hessian + hessian.T) / 2
    values = np.linalg.eigvalsh(hessian)
    holds = bool(values[0] > 1e-10 * values[-1])
    inverse = 2 * np.linalg.inv(hessian) if holds else np.full_like(hessian, np.nan)
    fixed = np.flatnonzero((moving >= K) & (moving < K + p))
    back = np.linalg.inv(rows.R)
    return back @ inverse[np.ix_(fixed, fixed)] @ back.T, holds


def _result(
    rows: _Rows,
    family: Family,
    theta: FloatArray,
    gamma: FloatArray,
    log_size: float,
    at: Laplace,
    vcov: FloatArray,
    converged: bool,
) -> GlmmFit:
    """Bring the answer back to the columns, factors and units that were given."""
    problem = rows.problem
    beta = np.asarray(np.linalg.solve(rows.R, gamma))
    se = np.sqrt(np.diag(vcov))
    ends = np.cumsum(problem.sizes)[:-1]
    modes = dict(zip(rows.names, np.split(at.u, ends), strict=True))
    modes_variance = dict(zip(rows.names, np.split(at.u_variance, ends), strict=True))
    sd = dict(zip(rows.names, theta, strict=True))
    size = float(np.exp(log_size)) if family == "negative_binomial" else float("inf")
    # The scale of a column is its spread; a constant has none and counts as 1.
    unheld = bool((se * np.where(rows.spread > 0, rows.spread, 1.0) > _SEPARATED).any())
    expected = np.exp(at.eta) if family != "binomial" else 1 / (1 + np.exp(-at.eta))
    n_parameters = len(beta) + len(theta) + (family == "negative_binomial")
    return GlmmFit(
        family=family,
        beta=beta,
        se=se,
        vcov=vcov,
        ratio=np.exp(np.clip(beta, -700, 700)),
        variance={name: float(sd[name] ** 2) for name in rows.levels},
        effects={name: sd[name] * modes[name] for name in rows.levels},
        effects_se={name: sd[name] * np.sqrt(modes_variance[name]) for name in rows.levels},
        levels=rows.levels,
        size=size,
        criterion=at.criterion,
        log_likelihood=-at.criterion / 2,
        aic=at.criterion + 2 * n_parameters,
        fitted=expected,
        n_obs=len(problem.y),
        n_groups={name: len(levels) for name, levels in rows.levels.items()},
        is_singular=bool((theta == 0).any()),
        converged=converged and not unheld,
        notes=_notes(problem, theta, log_size, unheld, bool(np.isnan(se).any())),
    )


def _notes(problem: Problem, theta: FloatArray, log_size: float, unheld: bool, flat: bool) -> tuple[str, ...]:
    """Sentences about the final state."""
    said = []
    if (theta == 0).any():
        said.append("The units differ no more than chance allows: a variance between units is zero.")
    if unheld:
        said.append(
            "A column of X separates the outcomes perfectly, so its coefficient has no finite estimate. "
            "Merge its rare category or leave it out."
        )
    if flat:
        said.append(
            "The likelihood is flat at its top, so errors cannot be told: within each unit the outcomes hardly vary."
        )
    if problem.family == "negative_binomial" and log_size >= _LOG_SIZE[1]:
        said.append("The counts vary no more than a Poisson count does: the negative binomial adds nothing.")
    counts = problem.y * problem.weights
    if problem.family == "binomial" and (np.abs(counts - np.round(counts)) > 1e-6 * problem.weights).any():
        said.append("Some shares times their trials are no whole numbers: the shares seem to be rounded.")
    return tuple(said)
