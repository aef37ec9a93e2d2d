"""REML and ML of a model with several grouping factors: search over the profiled criterion, and what it leaves unsure.

The criterion is minimised by Newton steps whose curvature is the average information of Gilmour, Thompson & Cullis
(1995, doi 10.2307/2533274) with ``sigma2`` profiled out, plus the exact curvature of ``Lambda Lambda'``.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from bevlogen.errors import NotEstimableError
from bevlogen.models.crossed_profile import Profile, gradient, profile, quadratic_forms
from bevlogen.models.crossed_tables import Tables
from bevlogen.models.threads import one_thread

FloatArray = NDArray[np.float64]

_SMALL = 1e-4  # a relative standard deviation below which zero is tried
_DONE = 1e-13  # predicted fall of the criterion below which the search ends
_ENDLESS = 1e5  # a relative standard deviation above which no residual is left
_WORTH_THREADS = 3000  # effects beside the largest factor from which BLAS threads pay
_MOST = 10_000  # effects beside the largest factor: the dense matrices then take about 6 GB


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the criterion is smallest.

    Attributes
    ----------
    Lambda : per factor (r, r) relative covariance factor, lower triangular, diagonal not negative.
    at : the profile there.  converged : whether the gradient is zero within tolerance.  n_evaluations : how many.
    """

    Lambda: tuple[FloatArray, ...]
    at: Profile
    converged: bool
    n_evaluations: int


def optimum(t: Tables, start: tuple[FloatArray, ...], reml: bool) -> Optimum:
    """Minimise the criterion by damped Newton steps; a small standard deviation gives way to zero if that is no worse.

    Raises
    ------
    NotEstimableError
        More than 10,000 random effects remain beside the largest factor, or the fixed effects or the outcome fail.
    """
    rest = sum(J * r for J, r in zip(t.levels[1:], t.r[1:], strict=True))
    if rest > _MOST:
        raise NotEstimableError(
            f"The exact method holds at most {_MOST} random effects beside the largest factor. Found: {rest}. "
            'Use method="moments".'
        )
    with nullcontext() if rest > _WORTH_THREADS else one_thread():
        return _searched(t, start, reml)


def _searched(t: Tables, start: tuple[FloatArray, ...], reml: bool) -> Optimum:
    best = _newton(t, start, reml)
    small = [np.abs(block) < _SMALL for block in best.Lambda]
    if any((s & (block != 0)).any() for s, block in zip(small, best.Lambda, strict=True)):
        zeroed = tuple(np.where(s, 0.0, block) for s, block in zip(small, best.Lambda, strict=True))
        again = _newton(t, zeroed, reml)
        if again.at.criterion <= best.at.criterion + 1e-9:
            best = Optimum(again.Lambda, again.at, again.converged, best.n_evaluations + again.n_evaluations)
    upright = tuple(block * np.where(np.diag(block) < 0, -1.0, 1.0) for block in best.Lambda)
    return Optimum(upright, best.at, best.converged, best.n_evaluations)


def _newton(t: Tables, start: tuple[FloatArray, ...], reml: bool) -> Optimum:
    Lambda, at, count, fall = start, profile(t, start, reml), 1, np.inf
    for _ in range(100):
        step, fall = _step(t, at, Lambda, reml)
        if fall < _DONE:
            break
        size = 1.0
        while True:
            moved = tuple(block + size * s for block, s in zip(Lambda, step, strict=True))
            tried = profile(t, moved, reml)
            count += 1
            if tried.criterion <= at.criterion + 1e-12 * abs(at.criterion) or size < 1e-6:
                break
            size /= 2
        if tried.criterion > at.criterion + 1e-9 * max(1.0, abs(at.criterion)):
            break
        Lambda, at = moved, tried
        if max(float(np.abs(block).max()) for block in Lambda) > _ENDLESS:
            raise NotEstimableError("The outcome does not vary beyond X and the factors. There is no residual.")
    return Optimum(Lambda, at, bool(fall < 1e-7), count)


def _step(t: Tables, at: Profile, Lambda: tuple[FloatArray, ...], reml: bool) -> tuple[tuple[FloatArray, ...], float]:
    """Return the Newton step per factor and the fall of the criterion that it promises."""
    dof = t.n - t.p if reml else t.n
    sigma2 = at.fixed.rss / dof
    s, q = quadratic_forms(t, at)
    curvature = q / sigma2 - np.outer(s, s) / (sigma2**2 * dof)
    G = gradient(t, at, reml)
    J, g, extra = chain(Lambda, G)
    H = J.T @ curvature @ J + extra
    values, vectors = linalg.eigh((H + H.T) / 2)
    size = np.maximum(np.abs(values), 1e-10 * np.abs(values).max(initial=1e-300))
    along = vectors.T @ g
    move = -vectors @ (along / size)
    steps, i = [], 0
    for block in Lambda:
        r = len(block)
        k = r * (r + 1) // 2
        full = np.zeros((r, r))
        full[np.tril_indices(r)] = move[i : i + k]
        steps.append(full)
        i += k
    return tuple(steps), float(0.5 * along**2 @ (1 / size))


def chain(Lambda: tuple[FloatArray, ...], G: list[FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Move from Lambda Lambda' to the free elements of Lambda: Jacobian, gradient, curvature of Lambda Lambda'."""
    jacobians, gradients, extras = [], [], []
    for block, g in zip(Lambda, G, strict=True):
        r = len(block)
        free = np.transpose(np.tril_indices(r))
        J = np.zeros((r, r, len(free)))
        extra = np.zeros((len(free), len(free)))
        for i, (c, d) in enumerate(free):
            J[c, :, i] += block[:, d]
            J[:, c, i] += block[:, d]
            for k, (e, f) in enumerate(free):
                extra[i, k] = 2 * g[c, e] if d == f else 0.0
        jacobians.append(J.reshape(r * r, -1))
        gradients.append(J.reshape(r * r, -1).T @ g.ravel())
        extras.append(extra)
    return linalg.block_diag(*jacobians), np.concatenate(gradients), linalg.block_diag(*extras)


def variance_covariance(t: Tables, found: Optimum, sigma2: float) -> FloatArray:
    """Return the covariance of [covariances of the effects on and below the diagonal, factor after factor; sigma2].

    It is twice the inverse of the average information of the -2 log-likelihood in these parameters. A variance of zero
    is held there: its rows are zero.
    """
    s, q = quadratic_forms(t, found.at)
    keep, elements, values = [], [], []
    for block in found.Lambda:
        T = sigma2 * block @ block.T
        rows, columns = np.tril_indices(len(block))
        D = np.zeros((*T.shape, len(rows)))
        D[rows, columns, np.arange(len(rows))] = D[columns, rows, np.arange(len(rows))] = 1.0
        elements.append(D.reshape(T.size, -1))
        values.append(T[rows, columns])
        keep.append((np.diag(T)[rows] > 0) & (np.diag(T)[columns] > 0))
    D, v = linalg.block_diag(*elements), np.concatenate(values)
    information = np.empty((len(v) + 1, len(v) + 1))
    information[:-1, :-1] = D.T @ q @ D / sigma2**3
    # P V P = P gives the residual's row from the others, because V is linear in all parameters.
    linear = D.T @ s / sigma2**2
    information[-1, :-1] = information[:-1, -1] = (linear - information[:-1, :-1] @ v) / sigma2
    last = (found.at.fixed.rss / sigma2 - v @ linear) / sigma2
    information[-1, -1] = (last - information[-1, :-1] @ v) / sigma2
    kept = np.flatnonzero(np.append(np.concatenate(keep), True))
    out = np.zeros_like(information)
    out[np.ix_(kept, kept)] = 2 * np.linalg.pinv(information[np.ix_(kept, kept)], hermitian=True)
    return out
