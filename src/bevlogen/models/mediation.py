"""Effects that pass through others: products of paths, their intervals, and what unmeasured causes could undo them.

An indirect effect is a product, and a product of estimates is skewed: its interval comes from Monte Carlo draws of the
paths, never from a normal approximation of the product. For causes measured on people and an outcome of the group
there is ``micro_macro`` in ``micromacro.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.ols import least_squares

FloatArray = NDArray[np.float64]

_KINDS = ("percentile", "bias-corrected")
_DRAWS = 20_000  # limits are then stable to about 1 % of the width of the interval


@dataclass(frozen=True, slots=True)
class Indirect:
    """A product of paths.

    Attributes
    ----------
    estimate : product of the estimates.
    std_error : standard deviation of the draws.
    low, high : quantiles of the draws.
    p_value : two-sided share of draws beyond zero, at least 1 / draws.
    level, draws : of the interval.
    """

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    level: float
    draws: int


@dataclass(frozen=True, slots=True)
class ChainFit:
    """A chain of variables, each later than the one before.

    Attributes
    ----------
    paths, se, df, p_value : (k,) each step, given all earlier variables; HC3 errors, t distribution.
    direct, direct_se : first on last variable, given everything between.
    indirect : product of all steps.
    sensitivity : (k - 1,) for each step after the first: the correlation of unmeasured causes of its two ends that
        would make the step, and with it the chain, nothing.
    sensitivity_limit : (k - 1,) the correlation that would bring the interval of the step to zero; 0 where it holds
        zero already.
    n_obs : rows used.
    """

    paths: FloatArray
    se: FloatArray
    df: FloatArray
    p_value: FloatArray
    direct: float
    direct_se: float
    indirect: Indirect
    sensitivity: FloatArray
    sensitivity_limit: FloatArray
    n_obs: int


def monte_carlo(
    paths: ArrayLike,
    vcov: ArrayLike,
    *,
    df: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = _DRAWS,
    rng: np.random.Generator,
) -> Indirect:
    """Return the product of paths with its Monte Carlo interval.

    Parameters
    ----------
    paths : (k,) estimates.  vcov : (k, k) their covariance.
    df : (k,) degrees of freedom behind each error; None for normal draws. With few units normal draws are too narrow.
    level : of the interval.  draws : how many.  rng : source of the draws.

    Raises
    ------
    ShapeError
        Shapes differ.
    NotEstimableError
        An estimate or error is missing.

    Notes
    -----
    Draws from the joint normal of the paths (t margins with ``df``), multiplied; quantiles of the products.

    References
    ----------
    MacKinnon, Lockwood & Williams (2004), doi 10.1207/s15327906mbr3901_4. Preacher & Selig (2012),
    doi 10.1080/19312458.2012.679848.

    Examples
    --------
    >>> monte_carlo([0.5, 0.4], np.diag([0.01, 0.01]), rng=np.random.default_rng(1)).low > 0
    True
    """
    a, V = np.asarray(paths, dtype=float), np.asarray(vcov, dtype=float)
    if V.shape != (len(a), len(a)):
        raise ShapeError(f"{len(a)} paths, but vcov has shape {V.shape}. Give (k,) and (k, k).")
    if not (np.isfinite(a).all() and np.isfinite(V).all()):
        raise NotEstimableError("A path or its error is missing, so the indirect effect has no interval.")
    values, vectors = np.linalg.eigh(V)
    noise = rng.standard_normal((draws, len(a))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    if df is not None:
        degrees = np.asarray(df, dtype=float)
        noise = noise / np.sqrt(rng.chisquare(degrees, (draws, len(a))) / degrees)
    return _interval(float(np.prod(a)), np.prod(a + noise, axis=1), (0.5 - level / 2, 0.5 + level / 2), level)


def _interval(estimate: float, product: FloatArray, tails: tuple[float, float], level: float) -> Indirect:
    """Summarise draws of a product between two quantiles."""
    low, high = np.quantile(product, tails)
    beyond = min(float(np.mean(product <= 0)), float(np.mean(product >= 0)))
    return Indirect(
        estimate=estimate,
        std_error=float(product.std(ddof=1)),
        low=float(low),
        high=float(high),
        p_value=min(1.0, max(2 * beyond, 1 / len(product))),
        level=level,
        draws=len(product),
    )


def sensitivity(b: float, mediator_variance: float, outcome_variance: float) -> float:
    """Return the correlation of unmeasured causes that would nullify a step from mediator to outcome.

    Parameters
    ----------
    b : slope of the outcome on the mediator, given earlier variables.
    mediator_variance : of the mediator, given earlier variables.
    outcome_variance : of the outcome, given mediator and earlier variables.

    Notes
    -----
    If the errors of mediator and outcome correlate by rho, the step vanishes at rho equal to the correlation of
    mediator and outcome given earlier variables: ``b s_m / sqrt(b^2 s_m^2 + s_y^2)``. Near 0 is fragile, near 1 strong.

    References
    ----------
    Imai, Keele & Yamamoto (2010), doi 10.1214/10-STS321, theorem 4.

    Examples
    --------
    >>> round(sensitivity(0.5, 1.0, 0.75), 2)
    0.5
    """
    explained = b * math.sqrt(mediator_variance)
    total = math.sqrt(explained**2 + outcome_variance)
    return explained / total if total > 0 else math.nan


def chain(
    variables: Sequence[ArrayLike],
    *,
    covariates: ArrayLike | None = None,
    baselines: Sequence[ArrayLike | None] | None = None,
    level: float = 0.95,
    draws: int = _DRAWS,
    rng: np.random.Generator,
) -> ChainFit:
    """Estimate the effect of the first variable on the last through all between.

    Parameters
    ----------
    variables : k + 1 arrays (n,), in the order of the chain and of time; NaN rows are left out.
    covariates : (n, c) held constant in every step.
    baselines : for each variable after the first its own earlier value (n,), held constant in its step, or None.
    level, draws, rng : as in ``monte_carlo``.

    Raises
    ------
    ShapeError
        Fewer than three variables, or lengths differ.
    NotEstimableError
        Too few rows, or a step whose causes cannot be told apart.

    Notes
    -----
    Each variable is regressed on all earlier ones by least squares with HC3 errors (MacKinnon & White 1985), and the
    product of steps gets t draws. It is causal only if nothing unmeasured moves two variables of the chain
    (sequential ignorability); ``sensitivity`` says how strong such a thing would have to be. Variables of one moment
    are no chain: let each be measured later than the one before.

    References
    ----------
    Taylor, MacKinnon & Tein (2008), doi 10.1177/1094428107300344, for chains of three paths.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> x = rng.normal(size=200)
    >>> m = 0.5 * x + rng.normal(size=200)
    >>> y = 0.5 * m + rng.normal(size=200)
    >>> result = chain([x, m, y], rng=rng)
    >>> result.indirect.low < 0.25 < result.indirect.high
    True
    """
    columns, C, base = _checked(variables, covariates, baselines)
    k = len(columns) - 1
    steps = [least_squares(_design(columns, C, base, i), columns[i]) for i in range(1, k + 1)]
    paths, se = np.array([s.beta[1] for s in steps]), np.array([s.se[1] for s in steps])
    df = np.array([s.df for s in steps], dtype=float)
    spare = [steps[i].sigma2 for i in range(k)]
    half = special.stdtrit(df, 0.5 + level / 2) * se
    nearest = np.where(np.abs(paths) > half, np.abs(paths) - half, 0.0) * np.sign(paths)
    return ChainFit(
        paths=paths,
        se=se,
        df=df,
        p_value=np.asarray(2 * special.stdtr(df, -np.abs(paths / se))),
        direct=float(steps[-1].beta[2]),
        direct_se=float(steps[-1].se[2]),
        indirect=monte_carlo(paths, np.diag(se**2), df=df, level=level, draws=draws, rng=rng),
        sensitivity=np.array([sensitivity(paths[i], spare[i - 1], spare[i]) for i in range(1, k)]),
        sensitivity_limit=np.array([sensitivity(nearest[i], spare[i - 1], spare[i]) for i in range(1, k)]),
        n_obs=len(columns[0]),
    )


def bootstrap(
    variables: Sequence[ArrayLike],
    *,
    covariates: ArrayLike | None = None,
    baselines: Sequence[ArrayLike | None] | None = None,
    group: ArrayLike | None = None,
    kind: Literal["percentile", "bias-corrected"] = "percentile",
    level: float = 0.95,
    draws: int = 5_000,
    rng: np.random.Generator,
) -> Indirect:
    """Return the same indirect effect as ``chain`` with an interval from resampled rows, or from whole groups.

    Parameters
    ----------
    variables, covariates, baselines, level, rng : as in ``chain``.
    group : (n,) labels; whole groups are drawn, as rows of one group are not independent. None draws rows. With it
        values may not be missing.
    kind : plain quantiles, or quantiles shifted by the median bias of the draws (Efron 1981).
    draws : number of resamples.

    Raises
    ------
    ShapeError, ChoiceError, NotEstimableError
        As in ``chain``; also an unknown kind, or labels of another length.

    References
    ----------
    Efron & Tibshirani (1993), An introduction to the bootstrap, ch. 13-14.
    """
    if kind not in _KINDS:
        raise ChoiceError("kind", kind, _KINDS)
    columns, C, base = _checked(variables, covariates, baselines)
    n = len(columns[0])
    labels = np.arange(n) if group is None else np.asarray(group)
    if len(labels) != n:
        raise ShapeError(f"{n} complete rows but {len(labels)} group labels. Leave out incomplete rows first.")
    _, code = np.unique(labels, return_inverse=True)
    G = int(code.max()) + 1
    weight = rng.multinomial(G, np.full(G, 1 / G), draws).astype(float)
    product, estimate = np.ones(draws), 1.0
    for i in range(1, len(columns)):
        X, y = _design(columns, C, base, i), columns[i]
        estimate *= least_squares(X, y).beta[1]
        products = np.column_stack([X[:, [j]] * np.column_stack([X, y]) for j in range(X.shape[1])])
        per_group = np.column_stack([np.bincount(code, column) for column in products.T])
        sums = (weight @ per_group).reshape(draws, X.shape[1], X.shape[1] + 1)
        product *= np.array(np.linalg.pinv(sums[:, :, :-1], hermitian=True) @ sums[:, :, -1:])[:, 1, 0]
    shift = 0.0
    if kind == "bias-corrected":
        below = np.clip(np.mean(product < estimate), 1 / draws, 1 - 1 / draws)
        shift = 2 * float(special.ndtri(below))
    z = float(special.ndtri(0.5 + level / 2))
    return _interval(estimate, product, (float(special.ndtr(shift - z)), float(special.ndtr(shift + z))), level)


def _design(columns: Sequence[FloatArray], C: FloatArray, base: Sequence[FloatArray | None], i: int) -> FloatArray:
    """Constant, the step's own cause, all earlier variables, covariates and the outcome's own past."""
    own = base[i - 1]
    design = [np.ones(len(C)), columns[i - 1], *columns[: i - 1], *C.T]
    return np.column_stack(design if own is None else [*design, own])


def _checked(
    variables: Sequence[ArrayLike], covariates: ArrayLike | None, baselines: Sequence[ArrayLike | None] | None
) -> tuple[list[FloatArray], FloatArray, list[FloatArray | None]]:
    """Line up complete rows."""
    columns = [np.asarray(v, dtype=float) for v in variables]
    if len(columns) < 3:
        raise ShapeError(f"A chain has at least three variables. Found: {len(columns)}.")
    n = len(columns[0])
    C = np.empty((n, 0)) if covariates is None else np.asarray(covariates, dtype=float).reshape(n, -1)
    given = list(baselines) if baselines is not None else [None] * (len(columns) - 1)
    base = [None if b is None else np.asarray(b, dtype=float) for b in given]
    known = [b for b in base if b is not None]
    if len(base) != len(columns) - 1 or any(c.shape != (n,) for c in [*columns, *known]):
        raise ShapeError("The variables of a chain differ in length, or baselines are not one per later variable.")
    keep = np.isfinite(np.column_stack([*columns, C, *known])).all(axis=1)
    return [c[keep] for c in columns], C[keep], [None if b is None else b[keep] for b in base]
