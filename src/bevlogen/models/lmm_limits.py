"""Profile likelihood limits of the standard deviations and correlations of a mixed model with one grouping factor.

A limit is the value at which -2 (restricted) log-likelihood, minimised over all other parameters, lies a chi-squared
quantile (one degree of freedom) above its minimum. A change of scale keeps it: squares are limits of variances.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from bevlogen.errors import NotEstimableError
from bevlogen.models.lmm_moments import GroupMoments
from bevlogen.models.lmm_profile import (
    criterion,
    degrees,
    estimable,
    free_elements,
    gradient,
    optimum,
    profile,
    rescaled,
    z_scale,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_ZERO = 1e-6  # a relative standard deviation below this counts as zero
_OFF_ZERO = 0.02  # where a search starts instead of zero, at which its gradient vanishes
_SEARCH = {"ftol": 1e-13, "gtol": 1e-6, "maxiter": 500}  # far below what a limit feels of the criterion
_FAR = 10.0  # farthest that log sigma is moved
_TIMES = 1000.0  # farthest that a standard deviation is moved, times its estimate or sigma
_ONE = 1 - 1e-8  # a correlation beyond this counts as one
_UNBOUNDED = (
    "These data set no limit to the variances: random effects and residual cannot be told apart. "
    "Give more rows per group, or leave a column out of Z."
)


@dataclass(frozen=True, slots=True)
class VarianceLimits:
    """Estimates and limits of the random part.

    Attributes
    ----------
    sd, sd_limits : (r,) and (r, 2) standard deviations of the random effects, in units of y per unit of z; 0 as lower
        limit where the data do not exclude a variance of zero.
    correlation, correlation_limits : (r, r) and (r, r, 2) of the random effects; nan on the diagonal, where the model
        has none, and where a standard deviation is zero.
    sigma, sigma_limits : residual standard deviation and its (2,) limits.
    level : 0 to 1.  reml : which criterion.
    notes : sentences about limits that stand at the edge of what is possible.
    """

    sd: FloatArray
    sd_limits: FloatArray
    correlation: FloatArray
    correlation_limits: FloatArray
    sigma: float
    sigma_limits: FloatArray
    level: float
    reml: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Search:
    """A model with columns of Z of root mean square 1, its optimum, and how far above it the limits lie.

    Attributes
    ----------
    m, free, reml : the model.
    Lambda, sigma, lowest : its optimum and the criterion there.
    rise : square root of the chi-squared quantile.
    """

    m: GroupMoments
    free: BoolArray
    reml: bool
    Lambda: FloatArray
    sigma: float
    lowest: float
    rise: float

    def led_by(self, first: tuple[int, ...]) -> _Search:
        """Return the search with some random effects put first, which are those that a limit is asked of."""
        r, q = self.m.r, self.m.cross.shape[1]
        order = [*first, *(a for a in range(r) if a not in first)]
        places = np.array([*order, *range(r, q)])
        moments = GroupMoments(self.m.n, self.m.cross[:, places[:, None], places], r)
        upper = np.asarray(np.linalg.qr(self.Lambda[order].T, mode="r"))  # T = R'R also where T has no inverse
        return replace(self, m=moments, Lambda=(upper * np.where(np.diag(upper) < 0, -1.0, 1.0)[:, None]).T)

    def deviance(self, Lambda: FloatArray, log_sigma: float) -> tuple[float, FloatArray, float]:
        """-2 log-likelihood with its gradients in Lambda and log sigma; sigma in units of its estimate."""
        sigma2 = (self.sigma * np.exp(log_sigma)) ** 2
        at, dof = profile(self.m, Lambda), degrees(self.m, self.reml)
        value = criterion(at, dof, self.reml) + dof * (np.log(sigma2 * dof / at.rss) - 1) + at.rss / sigma2
        return float(value), gradient(at, Lambda, sigma2, self.reml), float(2 * dof - 2 * at.rss / sigma2)


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A parameter held at a value while the others, x, move.

    Attributes
    ----------
    search : the model in an order that suits the parameter.
    build : from x and the value to Lambda and log sigma.
    chain : from x, the value and the gradients in Lambda and log sigma to the gradient in x.
    start : x at the optimum of the whole model.
    positive : which elements of x are at least 0.
    """

    search: _Search
    build: Callable[[FloatArray, float], tuple[FloatArray, float]]
    chain: Callable[[FloatArray, float, FloatArray, float], FloatArray]
    start: FloatArray
    positive: BoolArray

    def excess(self, value: float) -> float:
        """Return by how much the root of the rise of the criterion passes that of the quantile."""

        def objective(x: FloatArray) -> tuple[float, FloatArray]:
            Lambda, log_sigma = self.build(x, value)
            D, g, g_sigma = self.search.deviance(Lambda, log_sigma)
            return D - self.search.lowest, self.chain(x, value, g, g_sigma)

        bounds = [(0.0, None) if positive else (None, None) for positive in self.positive]
        start = np.where(self.positive, np.maximum(self.start, _OFF_ZERO), self.start)
        found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_SEARCH)
        return float(np.sqrt(max(found.fun, 0.0)) - self.search.rise)

    def limit(self, estimate: float, step: float, *, end: float | None = None, far: float = _FAR) -> float:
        """Return the limit on the side of ``step``; ``end`` where the parameter ends first."""
        if end is not None:
            return float(optimize.brentq(self.excess, estimate, end, xtol=1e-10)) if self.excess(end) > 0 else end
        beyond = estimate + step
        while self.excess(beyond) < 0:
            if abs(beyond - estimate) > far:
                raise NotEstimableError(_UNBOUNDED)
            step *= 1.5
            beyond += step
        return float(optimize.brentq(self.excess, estimate, beyond, xtol=1e-10))


def _sd_pinned(search: _Search, a: int) -> _Pinned:
    """Hold the standard deviation of random effect a, in units of the estimated sigma."""
    led = search.led_by((a,))
    moving = led.free.copy()
    moving[0, 0] = False

    def build(x: FloatArray, value: float) -> tuple[FloatArray, float]:
        Lambda = np.zeros_like(led.Lambda)
        Lambda[moving] = x[:-1]
        Lambda[0, 0] = value * np.exp(-x[-1])
        return Lambda, float(x[-1])

    def chain(x: FloatArray, value: float, g: FloatArray, g_sigma: float) -> FloatArray:
        return np.append(g[moving], g_sigma - g[0, 0] * value * np.exp(-x[-1]))

    return _Pinned(led, build, chain, np.append(led.Lambda[moving], 0.0), np.append(_on_diagonal(moving), False))


def _correlation_pinned(search: _Search, a: int, b: int) -> _Pinned:
    """Hold the correlation of random effects a and b."""
    led = search.led_by((a, b))
    rest = led.free.copy()
    rest[:2, :2] = False

    def build(x: FloatArray, value: float) -> tuple[FloatArray, float]:
        Lambda = np.zeros_like(led.Lambda)
        Lambda[rest] = x[2:-1]
        Lambda[0, 0], Lambda[1, 0], Lambda[1, 1] = x[0], value * x[1], np.sqrt(1 - value**2) * x[1]
        return Lambda, float(x[-1])

    def chain(_: FloatArray, value: float, g: FloatArray, g_sigma: float) -> FloatArray:
        return np.array([g[0, 0], value * g[1, 0] + np.sqrt(1 - value**2) * g[1, 1], *g[rest], g_sigma])

    start = np.array([led.Lambda[0, 0], np.hypot(*led.Lambda[1, :2]), *led.Lambda[rest], 0.0])
    return _Pinned(led, build, chain, start, np.array([True, True, *_on_diagonal(rest), False]))


def _sigma_pinned(search: _Search) -> _Pinned:
    """Hold log sigma, sigma in units of its estimate."""

    def build(x: FloatArray, value: float) -> tuple[FloatArray, float]:
        Lambda = np.zeros_like(search.Lambda)
        Lambda[search.free] = x
        return Lambda, value

    def chain(_: FloatArray, __: float, g: FloatArray, ___: float) -> FloatArray:
        return g[search.free]

    return _Pinned(search, build, chain, search.Lambda[search.free], _on_diagonal(search.free))


def _on_diagonal(elements: BoolArray) -> BoolArray:
    return np.eye(len(elements), dtype=bool)[elements]


def variance_limits(
    moments: GroupMoments, *, level: float = 0.95, reml: bool = True, correlated: bool = True
) -> VarianceLimits:
    """Return profile likelihood limits of the standard deviations and correlations of random effects and of sigma.

    Parameters
    ----------
    moments : cross-products per group: ``lmm.group_moments(y, X, group, Z)``, or those of a scan.
    level : 0 to 1.
    reml : restricted likelihood, as in ``fit``. With False the limits are those of lme4's ``confint``, which profiles
        the full likelihood of a model refitted by maximum likelihood.
    correlated : whether the random effects may covary.

    Returns
    -------
    VarianceLimits
        On the scale of standard deviations; their squares are the limits of the variances.

    Raises
    ------
    NotEstimableError
        As in ``fit``; or random effects and residual cannot be told apart, as where each group has one row.

    Notes
    -----
    The reference distribution is chi-squared with one degree of freedom, also where a limit meets the edge (a standard
    deviation of 0, a correlation of plus or minus one): there the interval is wider than it needs to be.

    References
    ----------
    Bates et al. (2015), doi 10.18637/jss.v067.i01, section 5.1. Venzon & Moolgavkar (1988), doi 10.2307/2347496.
    """
    estimable(moments)
    if moments.n.sum() <= len(moments.n) * moments.r:
        raise NotEstimableError(_UNBOUNDED)
    scale = z_scale(moments)
    m, free = rescaled(moments, scale), free_elements(moments.r, correlated)
    Lambda, _ = optimum(m, free, reml)
    at, dof = profile(m, Lambda), degrees(m, reml)
    sigma = float(np.sqrt(at.rss / dof))
    search = _Search(
        m, free, reml, Lambda, sigma, criterion(at, dof, reml), float(np.sqrt(special.chdtri(1, 1 - level)))
    )
    sd = np.sqrt(np.diag(Lambda @ Lambda.T))
    correlation, correlation_limits = _correlations(search, sd)
    sd_limits = np.array([_sd_limits(search, a, value) for a, value in enumerate(sd)])
    step = search.rise / np.sqrt(2 * dof)
    pinned = _sigma_pinned(search)
    return VarianceLimits(
        sd=sd * sigma / scale,
        sd_limits=sd_limits * sigma / scale[:, None],
        correlation=correlation,
        correlation_limits=correlation_limits,
        sigma=sigma,
        sigma_limits=sigma * np.exp([pinned.limit(0.0, -step), pinned.limit(0.0, step)]),
        level=level,
        reml=reml,
        notes=_notes(sd_limits, correlation_limits),
    )


def _sd_limits(search: _Search, a: int, estimate: float) -> tuple[float, float]:
    pinned = _sd_pinned(search, a)
    low = 0.0 if estimate < _ZERO else pinned.limit(estimate, -estimate, end=0.0)
    return low, pinned.limit(estimate, max(estimate, 0.1), far=_TIMES * max(estimate, 1.0))


def _correlations(search: _Search, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (r, r) correlations and (r, r, 2) limits."""
    r = len(sd)
    value, limits = np.full((r, r), np.nan), np.full((r, r, 2), np.nan)
    T = search.Lambda @ search.Lambda.T
    for a, b in zip(*np.nonzero(np.tril(search.free, -1)), strict=True):
        if min(sd[a], sd[b]) < _ZERO:
            continue
        rho = float(np.clip(T[a, b] / (sd[a] * sd[b]), -1, 1))
        pinned = _correlation_pinned(search, int(a), int(b))
        value[a, b] = value[b, a] = rho
        limits[a, b] = limits[b, a] = [
            end if abs(rho) > _ONE and rho * end > 0 else pinned.limit(rho, 0.0, end=end) for end in (-1.0, 1.0)
        ]
    return value, limits


def _notes(sd_limits: FloatArray, correlation_limits: FloatArray) -> tuple[str, ...]:
    """Say which limits stand at the edge of what is possible."""
    out = [
        f"The data do not exclude that the groups are alike in random effect {a + 1}: its lower limit is 0."
        for a in np.flatnonzero(sd_limits[:, 0] == 0)
    ]
    low = np.tril(np.abs(correlation_limits).max(axis=2, initial=0.0) == 1)
    out += [
        f"The correlation of random effects {b + 1} and {a + 1} may be as far out as it can be: a limit is 1 or -1."
        for a, b in zip(*np.nonzero(low), strict=True)
    ]
    return tuple(out)
