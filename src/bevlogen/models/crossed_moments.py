"""Variance components from moments and fixed effects by backfitting, at a cost linear in the rows.

Gao & Owen (2017, doi 10.1214/17-EJS1236; 2020, arXiv 1610.08088) estimate the variances from sums of squares within the
levels of each factor and about the mean. Ghosh, Hastie & Owen (2022, arXiv 2007.10612) then solve generalised least
squares by backfitting. Three things are ours: expectations are exact for repeated pairs and for residuals of ordinary
least squares, any number of factors is allowed, and conjugate gradients choose the length of each backfitting sweep.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from bevlogen.errors import NotEstimableError
from bevlogen.models.crossed_tables import Fixed, Sparse, Tables, solve_fixed

FloatArray = NDArray[np.float64]

_RESIDUAL = 1e-10  # relative residual at which backfitting ends
_SWEEPS = 2000  # more means that the factors are all but confounded
_EXACT = 1500  # up to so many effects the traces behind the standard errors are exact
_FEW = 64  # and for factors of up to so many levels, for which random signs are too rough
_SIGNS = 32  # random sign vectors for the others, at most
_ENOUGH = 65_536  # sign vectors times levels: a trace then has a relative error of about sqrt(2 / 65,536) = 0.6 %
_BATCH = 8  # vectors worked on at a time, to save memory


@dataclass(frozen=True, slots=True)
class Components:
    """Variance components by the method of moments.

    Attributes
    ----------
    raw : (m + 1,) solution of the moment equations: one per factor, then the residual. May be negative.
    variance : (m,) the same per factor, cut off at zero.
    sigma2 : residual variance.
    cov : (m + 1, m + 1) covariance of the estimates if effects and residuals are normal; zero for a variance of zero.
    """

    raw: FloatArray
    variance: FloatArray
    sigma2: float
    cov: FloatArray


@dataclass(frozen=True, slots=True)
class Gls:
    """Generalised least squares at given variances.

    Attributes
    ----------
    fixed : coefficients and inverse of X' V^-1 X, V in units of sigma2.
    K : (q, p + 1) Z' V^-1 [X y].
    effects : (q,) predicted random effects.
    sweeps : how many sweeps it took.
    converged : whether the residual fell below 1e-10 of its start.
    """

    fixed: Fixed
    K: FloatArray
    effects: FloatArray
    sweeps: int
    converged: bool


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The tables with one more factor that has a single level: the mean."""

    n: tuple[FloatArray, ...]
    W: tuple[FloatArray, ...]
    A: tuple[tuple[Sparse, ...], ...]


def _blocks(t: Tables) -> _Blocks:
    m = len(t.levels)
    n = [S[:, 0, 0] for S in t.S]
    A = [
        [sparse.diags_array(n[j], format="csr") if j == k else t.pair(j, k) for k in range(m)]
        + [sparse.csr_array(n[j][:, None])]
        for j in range(m)
    ]
    mean = [*(sparse.csr_array(counts[None, :]) for counts in n), sparse.csr_array([[float(t.n)]])]
    W = [t.W[here] for here in t.slices]
    return _Blocks(
        n=(*n, np.array([float(t.n)])),
        W=(*W, W[0].sum(axis=0, keepdims=True)),
        A=(*(tuple(row) for row in A), tuple(mean)),
    )


def solution(t: Tables) -> FloatArray:
    """Solve the moment equations: (m + 1,) variances per factor, then of the residual; they may be negative.

    Per factor the sum of squares within its levels, and the sum of squares about the mean, of the residuals of ordinary
    least squares are set equal to their expectations under the crossed model, which are exact for these residuals.

    Raises
    ------
    NotEstimableError
        X is collinear, or a factor cannot be told from X or from the other factors.
    """
    return np.asarray(linalg.solve(*_equations(t, _blocks(t))))


def components(t: Tables) -> Components:
    """Estimate variances by ``solution``, cut off at zero, and the covariance of the solution.

    Raises
    ------
    NotEstimableError
        As in ``solution``, or the outcome does not vary beyond X and the factors.
    """
    blocks = _blocks(t)
    expected, found = _equations(t, blocks)
    raw = linalg.solve(expected, found)
    if raw[-1] < -1e-10 * found[-1] / t.n:
        raise NotEstimableError('The moments put the residual variance below zero: too few rows. Use method="exact".')
    if raw[-1] <= 1e-10 * found[-1] / t.n:
        raise NotEstimableError("The outcome does not vary beyond X and the factors. There is nothing to estimate.")
    variance = np.maximum(raw[:-1], 0.0)
    back = linalg.inv(expected)
    cov = back @ _covariance(t, blocks, variance, float(raw[-1])) @ back.T
    kept = np.append(variance > 0, True)
    return Components(raw, variance, float(raw[-1]), cov * np.outer(kept, kept))


@dataclass(frozen=True, slots=True)
class Sums:
    """All that the moment equations need of the rows, for m factors and, last, one factor with a single level.

    Attributes
    ----------
    n : number of rows.  C : (p + 1, p + 1) [X y]'[X y].
    levels : (m + 1,) levels of each factor, the last 1.
    between : per factor (p + 1, p + 1) the sum over its levels of (sums of [X y])(sums of [X y])' / rows.
    own : per factor (p, p) the same of X alone, not divided by rows.
    met : (m + 1, m + 1) per pair of factors (j, k) the sum over levels met of (rows together)^2 / rows of k.
    moved : per pair (j, k) the (p, p) sum over levels of j of (sums of X)(sums of X about the means of k)'.
    """

    n: float
    C: FloatArray
    levels: tuple[int, ...]
    between: tuple[FloatArray, ...]
    own: tuple[FloatArray, ...]
    met: FloatArray
    moved: tuple[tuple[FloatArray, ...], ...]


def _sums(t: Tables, blocks: _Blocks) -> Sums:
    m = len(t.levels)
    means = [blocks.W[k][:, :-1] / blocks.n[k][:, None] for k in range(m + 1)]
    met, moved = np.zeros((m + 1, m + 1)), []
    for j in range(m):
        WX, row = blocks.W[j][:, :-1], []
        for k in range(m + 1):
            if j == k:
                met[j, k] = blocks.n[j].sum()
                row.append(np.zeros((t.p, t.p)))
            else:
                A = blocks.A[j][k]
                met[j, k] = float((A.power(2) @ (1 / blocks.n[k])).sum())
                row.append(WX.T @ (WX - A @ means[k]))
        moved.append(tuple(row))
    return Sums(
        n=float(t.n),
        C=t.C,
        levels=tuple(len(n) for n in blocks.n),
        between=tuple(blocks.W[k].T @ (blocks.W[k] / blocks.n[k][:, None]) for k in range(m + 1)),
        own=tuple(blocks.W[k][:, :-1].T @ blocks.W[k][:, :-1] for k in range(m)),
        met=met,
        moved=tuple(moved),
    )


def _equations(t: Tables, blocks: _Blocks) -> tuple[FloatArray, FloatArray]:
    """Return the expected coefficients (m + 1, m + 1) and the sums of squares found (m + 1,)."""
    return equations(_sums(t, blocks))


def equations(sums: Sums) -> tuple[FloatArray, FloatArray]:
    """Return the moment equations: expected coefficients (m + 1, m + 1) and sums of squares found (m + 1,).

    Raises
    ------
    NotEstimableError
        X is collinear, or a factor cannot be told from X or from the other factors.
    """
    ols = solve_fixed(sums.C)
    v = np.append(-ols.beta, 1.0)
    m = len(sums.levels) - 1
    expected, found = np.empty((m + 1, m + 1)), np.empty(m + 1)
    for k in range(m + 1):
        within = sums.C - sums.between[k]
        found[k] = v @ within @ v
        inside = within[:-1, :-1]
        expected[k, m] = sums.n - sums.levels[k] - np.sum(ols.inverse * inside)
        for j in range(m):
            direct = sums.n - sums.met[j, k]
            fitted = np.sum((ols.inverse @ inside) * (ols.inverse @ sums.own[j]).T)
            expected[k, j] = direct - 2 * np.sum(ols.inverse * sums.moved[j][k]) + fitted
    if np.linalg.cond(expected / sums.n) > 1e12:
        raise NotEstimableError(
            "A factor cannot be told from X or from the other factors. Leave out that factor or those columns."
        )
    return expected, found


def _covariance(t: Tables, blocks: _Blocks, variance: FloatArray, sigma2: float) -> FloatArray:
    """Covariance of the sums of squares under normality: 2 tr(B_k V B_l V), apart from the p fitted coefficients."""
    m = len(variance)
    root = np.sqrt(np.repeat(variance, t.levels))[:, None]
    out = np.zeros((m + 1, m + 1))
    for z, weight in _probes(t):
        x = root * z
        parts = [x[here] for here in t.slices]
        Ax = [sum(blocks.A[k][j] @ parts[j] for j in range(m)) for k in range(m + 1)]
        means = [Ax[k] / blocks.n[k][:, None] for k in range(m + 1)]
        spread = [[blocks.A[j][k] @ means[k] for j in range(m + 1)] for k in range(m + 1)]
        Q = [np.vstack([Ax[j] - spread[k][j] for j in range(m)]) * root for k in range(m + 1)]
        xAx = sum(np.vdot(parts[j], Ax[j]) for j in range(m))
        own = [sum(np.vdot(parts[j], spread[k][j]) for j in range(m)) for k in range(m + 1)]
        for k in range(m + 1):
            for j in range(m + 1):
                linear = xAx - own[k] - own[j] + np.vdot(means[k], spread[j][k])
                out[k, j] += weight * (np.vdot(Q[k], Q[j]) + 2 * sigma2 * linear)
    for k in range(m + 1):
        for j in range(m + 1):
            shared = float((1 / blocks.n[k]) @ (blocks.A[k][j].power(2) @ (1 / blocks.n[j])))
            out[k, j] += sigma2**2 * (t.n - len(blocks.n[k]) - len(blocks.n[j]) + shared)
    return np.asarray(out + out.T)


def _probes(t: Tables) -> Iterator[tuple[FloatArray, float]]:
    """Give unit vectors for the effects of small factors (exact traces), random signs for the rest (Hutchinson)."""
    q = len(t.W)
    few = np.repeat([q <= _EXACT or J <= _FEW for J in t.levels], t.levels)
    places = np.flatnonzero(few)
    for batch in np.split(places, range(_BATCH, len(places), _BATCH)) if len(places) else []:
        units = np.zeros((q, len(batch)))
        units[batch, np.arange(len(batch))] = 1.0
        yield units, 1.0
    if few.all():
        return
    rng = np.random.default_rng(20221)  # fixed: the same data give the same standard errors
    least = min(J for J in t.levels if J > _FEW)
    number = min(_SIGNS, math.ceil(_ENOUGH / least))
    for start in range(0, number, _BATCH):
        signs = 2 * rng.integers(0, 2, (q, min(_BATCH, number - start)), dtype=np.int8) - 1
        signs[few] = 0
        yield signs.astype(np.float64), 1 / number


def gls(t: Tables, relative: FloatArray) -> Gls:
    """Solve generalised least squares by backfitting with conjugate gradients.

    Parameters
    ----------
    relative : (m,) variance of each factor divided by the residual variance; zero leaves a factor out.
    """
    phi1 = relative[0]
    p1 = (phi1 / (1 + phi1 * t.S[0][:, 0, 0]))[:, None]
    theta2 = np.sqrt(np.repeat(relative[1:], t.levels[1:]))[:, None]
    W1, W2 = t.W[: t.q1], t.W[t.q1 :]

    def times(c: FloatArray) -> FloatArray:
        u = theta2 * c
        return np.asarray(c + theta2 * (t.A22 @ u - t.A21 @ (p1 * (t.A12 @ u))))

    precondition = 1 / (1 + theta2**2 * t.A22.diagonal()[:, None])
    solved, sweeps, converged = conjugate(times, theta2 * (W2 - t.A21 @ (p1 * W1)), precondition)
    x2 = theta2 * solved
    PW = np.vstack([p1 * (W1 - t.A12 @ x2), x2])
    fixed = solve_fixed(t.C - t.W.T @ PW)
    return Gls(fixed, t.W - t.times(PW), PW @ np.append(-fixed.beta, 1.0), sweeps, converged)


def conjugate(
    times: Callable[[FloatArray], FloatArray], right: FloatArray, precondition: FloatArray
) -> tuple[FloatArray, int, bool]:
    """Solve a positive definite system for several right-hand sides at once."""
    x, r = np.zeros_like(right), right.copy()
    z = precondition * r
    d, rz = z.copy(), np.sum(r * z, axis=0)
    goal = _RESIDUAL**2 * rz
    for sweep in range(_SWEEPS):
        if np.all(rz <= goal):
            return x, sweep, True
        Ad = times(d)
        bottom = np.sum(d * Ad, axis=0)
        alpha = np.divide(rz, bottom, out=np.zeros_like(rz), where=bottom > 0)
        x += alpha * d
        r -= alpha * Ad
        z = precondition * r
        fresh = np.sum(r * z, axis=0)
        d = z + np.divide(fresh, rz, out=np.zeros_like(rz), where=rz > 0) * d
        rz = fresh
    return x, _SWEEPS, False
