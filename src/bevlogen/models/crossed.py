"""Linear mixed model with several crossed or nested grouping factors, such as employee and customer.

Two methods behind one record: exact REML or ML (``crossed_exact``), and moments with backfitting for data
of a size that no likelihood can hold (``crossed_moments``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import ChoiceError, NotEstimableError
from bevlogen.models import crossed_exact as exact
from bevlogen.models import crossed_moments as moments
from bevlogen.models.crossed_inputs import (
    checked,
    connection,
    note_nesting,
    scale_of,
    scaled,
    told_from_residual,
)
from bevlogen.models.crossed_profile import project
from bevlogen.models.crossed_tables import Factor, Tables, cross_tables
from bevlogen.models.lmm_inputs import centre_of

FloatArray = NDArray[np.float64]
Method = Literal["exact", "moments"]


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """Predicted effects of one factor.

    Attributes
    ----------
    labels : (J,) its levels.
    values : (J, r) best linear unbiased predictions, one column per random-effect column, in units of y.
    """

    labels: NDArray[np.generic]
    values: FloatArray


@dataclass(frozen=True, slots=True)
class CrossedFit:
    """A fitted model.

    Attributes
    ----------
    beta, se : (p,) fixed effects and their standard errors, in units of y per unit of x.
    vcov : (p, p) covariance of ``beta``.
    df : (p,) Satterthwaite degrees of freedom, from the average information (exact) or the normal-theory covariance of
        the moments.
    variance : per factor the variance of its first random-effect column; nan for a factor that was left out.
    covariance : per factor (r, r) covariance of its random effects.
    sigma2 : residual variance.
    variance_cov : (m + 1, m + 1) covariance of the estimates [variance of each factor in the given order, sigma2];
        zero for a variance of zero, nan for a factor that was left out.
    criterion : -2 restricted log-likelihood (REML) or -2 log-likelihood (ML), with lme4's constants; nan for moments.
    n_obs : rows.  n_levels : levels per factor.
    connected : share (0 to 1) of rows in the largest connected part of the graph of the first two factors.
    is_singular : a variance is zero or a correlation is plus or minus one: an answer, not an error.
    converged : the gradient is zero (exact), or backfitting has come to rest (moments), within tolerance.
    n_iterations : evaluations of the criterion (exact) or sweeps (moments).
    method : which method.  reml : which criterion.
    notes : sentences about what these data can and cannot tell apart.
    random : per factor the predicted effects.
    """

    beta: FloatArray
    se: FloatArray
    vcov: FloatArray
    df: FloatArray
    variance: dict[str, float]
    covariance: dict[str, FloatArray]
    sigma2: float
    variance_cov: FloatArray
    criterion: float
    n_obs: int
    n_levels: dict[str, int]
    connected: float
    is_singular: bool
    converged: bool
    n_iterations: int
    method: Method
    reml: bool
    notes: tuple[str, ...]
    random: dict[str, RandomEffects]

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (p, 2) limits of the fixed effects from t with Satterthwaite degrees of freedom."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.column_stack([self.beta - half, self.beta + half])

    def ranef(self, name: str) -> RandomEffects:
        """Return the predicted effects of one factor.

        Raises
        ------
        ChoiceError
            There is no such factor, or it was left out.
        """
        if name not in self.random:
            raise ChoiceError("factor", name, self.random)
        return self.random[name]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What either method gives, on centred columns and scaled Z."""

    beta: FloatArray
    vcov: FloatArray
    T: tuple[FloatArray, ...]  # per factor (r, r) covariance of its effects
    sigma2: float
    cov: FloatArray  # covariance of [elements of T on and below the diagonal, factor after factor; sigma2]
    K: FloatArray
    effects: FloatArray
    criterion: float
    is_singular: bool
    converged: bool
    n_iterations: int


def fit(
    y: ArrayLike,
    X: ArrayLike,
    groups: Mapping[str, ArrayLike],
    *,
    Z: Mapping[str, ArrayLike] | None = None,
    reml: bool = True,
    method: Method = "exact",
) -> CrossedFit:
    """Fit a linear mixed model with random effects of several crossed or nested factors.

    Parameters
    ----------
    y : (n,) outcome.
    X : (n, p) fixed-effects design; give the intercept as a column of ones.
    groups : per factor its name and (n,) labels (numbers or text). Crossed, nested or in between: no need to say which.
        A factor nested in another needs labels that are unique over all rows.
    Z : for factors with slopes, (n, r) columns with random effects that may covary, the intercept among them as a
        column of ones. Factors without an entry have a random intercept. Exact method only.
    reml : restricted (True) or full (False) maximum likelihood. The moments know no likelihood: there it is not used.
    method : ``"exact"`` maximises the likelihood; memory grows with the square and time with the cube of the levels
        beside the largest factor (1,000: under a second; 5,000: a minute, 1.4 GB; 10,000 at most). ``"moments"`` costs
        time and memory in proportion to the rows.

    Returns
    -------
    CrossedFit

    Raises
    ------
    ShapeError
        Lengths differ, no factor is given, or a value or label is missing.
    ChoiceError
        Unknown method, or Z for a factor that is not in ``groups``.
    NotEstimableError
        A factor has one level, two factors divide the rows alike, X is collinear, there are no more rows than fixed
        effects, the outcome does not vary given X, or too many levels for the exact method.

    Notes
    -----
    A factor with one row per level cannot be told from the residual: it is left out and a note says so. A variance of
    zero is an answer (``is_singular``). Rows that are not connected are all used: the random effects tie them together
    by assumption alone, which a note says. With moments, factors may number three or more: each adds one equation, the
    sum of squares within its levels.

    Standard errors of ``beta`` take the variances as known, as lme4's do; ``df`` makes up for it. Standard errors of
    the variances assume normal effects. With moments they leave out that p coefficients were fitted, and beyond 1,500
    random effects the traces of large factors come from fixed sign vectors (error of about one per cent at most).

    References
    ----------
    Bates et al. (2015), doi 10.18637/jss.v067.i01. Gilmour, Thompson & Cullis (1995), doi 10.2307/2533274. Gao & Owen
    (2017), doi 10.1214/17-EJS1236. Ghosh, Hastie & Owen (2022), arXiv 2007.10612.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> employee, customer = rng.integers(0, 40, 2000), rng.integers(0, 300, 2000)
    >>> y = 7 + rng.normal(size=40)[employee] + rng.normal(size=300)[customer] + rng.normal(size=2000)
    >>> result = fit(y, np.ones((2000, 1)), {"employee": employee, "customer": customer})
    >>> bool(0.5 < result.variance["employee"] < 2)
    True
    """
    if method not in get_args(Method):
        raise ChoiceError("method", method, get_args(Method))
    if Z and method == "moments":
        raise NotEstimableError('The moments know random intercepts only. Leave out Z or use method="exact".')
    y_, X_, given = checked(y, X, groups, Z)
    notes: list[str] = []
    kept = told_from_residual(given, notes)
    placed = tuple(sorted(kept, key=lambda f: -f.n_levels * f.r))
    centre = centre_of(y_, X_)
    scales = tuple(scale_of(f) for f in placed)
    about = y_ - centre.values[-1], X_ - centre.values[:-1]
    tables = cross_tables(*about, tuple(scaled(f, s) for f, s in zip(placed, scales, strict=True)))
    note_nesting(tables, placed, notes)
    connected = connection(tables, placed, kept, notes)
    answer = _exact(tables, reml) if method == "exact" else _moments(tables, placed, notes)
    beta, vcov = centre.back @ answer.beta + centre.shift, centre.back @ answer.vcov @ centre.back.T
    where = {f.name: k for k, f in enumerate(placed)}
    T = {f.name: answer.T[k] / np.outer(scales[k], scales[k]) for f, k in zip(placed, where.values(), strict=True)}
    return CrossedFit(
        beta=beta,
        se=np.sqrt(np.diag(vcov)),
        vcov=vcov,
        df=_degrees(answer, tables, centre.back),
        variance={f.name: float(T[f.name][0, 0]) if f.name in T else float("nan") for f in given},
        covariance={f.name: T[f.name] if f.name in T else np.full((f.r, f.r), np.nan) for f in given},
        sigma2=answer.sigma2,
        variance_cov=_variance_cov(answer, tables, given, where, scales),
        criterion=answer.criterion,
        n_obs=tables.n,
        n_levels={f.name: f.n_levels for f in given},
        connected=connected,
        is_singular=answer.is_singular,
        converged=answer.converged,
        n_iterations=answer.n_iterations,
        method=method,
        reml=reml,
        notes=tuple(notes),
        random={
            f.name: RandomEffects(f.labels, answer.effects[tables.slices[k]].reshape(f.n_levels, f.r) / scales[k])
            for f, k in ((f, where[f.name]) for f in kept)
        },
    )


def _exact(t: Tables, reml: bool) -> _Answer:
    found = exact.optimum(t, _start(t), reml)
    sigma2 = found.at.fixed.rss / (t.n - t.p if reml else t.n)
    PW = project(t, found.at.P1, found.at.P2, t.W)
    return _Answer(
        beta=found.at.fixed.beta,
        vcov=sigma2 * found.at.fixed.inverse,
        T=tuple(sigma2 * block @ block.T for block in found.Lambda),
        sigma2=sigma2,
        cov=exact.variance_covariance(t, found, sigma2),
        K=found.at.K,
        effects=PW @ np.append(-found.at.fixed.beta, 1.0),
        criterion=found.at.criterion,
        is_singular=any(
            bool(np.any(np.abs(np.diag(block)) < 1e-5 * max(1.0, float(np.abs(block).max())))) for block in found.Lambda
        ),
        converged=found.converged,
        n_iterations=found.n_evaluations,
    )


def _start(t: Tables) -> tuple[FloatArray, ...]:
    """Start at the moments where they apply, else at equal standard deviations."""
    if any(r > 1 for r in t.r):
        return tuple(0.5 * np.eye(r) for r in t.r)
    raw = moments.solution(t)
    relative = np.maximum(raw[:-1], 0.01 * raw[-1]) / raw[-1] if raw[-1] > 0 else np.ones(len(t.r))
    return tuple(np.sqrt(v) * np.eye(1) for v in np.minimum(relative, 100.0))


def _moments(t: Tables, placed: tuple[Factor, ...], notes: list[str]) -> _Answer:
    parts = moments.components(t)
    solved = moments.gls(t, parts.variance / parts.sigma2)
    notes.extend(
        f'The variance of "{f.name}" came out below zero and was set to zero.'
        for f, raw in zip(placed, parts.raw, strict=False)
        if raw < 0
    )
    return _Answer(
        beta=solved.fixed.beta,
        vcov=parts.sigma2 * solved.fixed.inverse,
        T=tuple(np.array([[v]]) for v in parts.variance),
        sigma2=parts.sigma2,
        cov=parts.cov,
        K=solved.K,
        effects=solved.effects,
        criterion=float("nan"),
        is_singular=bool(np.any(parts.variance == 0)),
        converged=solved.converged,
        n_iterations=solved.sweeps,
    )


def _degrees(answer: _Answer, t: Tables, back: FloatArray) -> FloatArray:
    """Satterthwaite: 2 v^2 / var(v), with the derivatives of v in the (co)variances and the covariance of those."""
    vcov, sigma2 = answer.vcov, answer.sigma2
    slopes, rest = [], vcov.copy()
    for J, r, here, T in zip(t.levels, t.r, t.slices, answer.T, strict=True):
        K = answer.K[here, :-1].reshape(J, r, -1) / sigma2
        for a, b in zip(*np.tril_indices(r), strict=True):
            M = K[:, a].T @ K[:, b]
            slope = vcov @ (M if a == b else M + M.T) @ vcov
            rest -= T[a, b] * slope
            slopes.append(slope)
    slopes.append(rest / sigma2)  # vcov is homogeneous of degree one in all variances together
    g = np.array([np.diag(back @ slope @ back.T) for slope in slopes])
    v = np.diag(back @ vcov @ back.T)
    spread = np.einsum("ip,ik,kp->p", g, answer.cov, g)
    out = np.full(len(v), float(t.n - t.p))
    np.divide(2 * v**2, spread, out=out, where=spread > 0)
    return np.asarray(np.clip(out, 1.0, None))


def _variance_cov(
    answer: _Answer, t: Tables, given: tuple[Factor, ...], where: dict[str, int], scales: tuple[FloatArray, ...]
) -> FloatArray:
    """Covariance of the first variance of each factor, in the caller's order, and sigma2."""
    first = np.cumsum([0, *(r * (r + 1) // 2 for r in t.r)])
    m = len(given)
    out = np.full((m + 1, m + 1), np.nan)
    rows = [(i, first[where[f.name]], scales[where[f.name]][0] ** 2) for i, f in enumerate(given) if f.name in where]
    rows.append((m, first[-1], 1.0))
    for i, k, scale in rows:
        for j, other, other_scale in rows:
            out[i, j] = answer.cov[k, other] / (scale * other_scale)
    return out
