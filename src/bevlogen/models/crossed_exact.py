"""REML and ML of a model with several grouping factors by penalised least squares, with analytic derivatives.

``y = X beta + Z b + e``, ``b = Lambda u``, ``u ~ N(0, sigma2 I)`` as in Bates, Mächler, Bolker & Walker (2015, doi
10.18637/jss.v067.i01). The largest factor is eliminated level by level; what remains is one dense Cholesky factor. The
criterion is minimised by Newton steps whose curvature is the average information of Gilmour, Thompson & Cullis (1995,
doi 10.2307/2533274) with ``sigma2`` profiled out, plus the exact curvature of ``Lambda Lambda'``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from bevlogen.errors import NotEstimableError
from bevlogen.models.crossed_tables import Fixed, Tables, block_sparse, block_times, solve_fixed

FloatArray = NDArray[np.float64]

_SMALL = 1e-4  # a relative standard deviation below which zero is tried
_DONE = 1e-13  # predicted fall of the criterion below which the search ends
_ENDLESS = 1e5  # a relative standard deviation above which no residual is left
_MOST = 10_000  # random effects that remain after elimination: their dense factor takes 0.8 GB


@dataclass(frozen=True, slots=True)
class Profile:
    """The profiled criterion at one Lambda with all parts of its derivatives.

    Attributes
    ----------
    criterion : -2 (restricted) log-likelihood with lme4's constants.
    fixed : fixed effects, inverse of X' V^-1 X and penalised residual sum of squares, V in units of sigma2.
    P1, P2 : (J1, r1, r1) and (q2, q2): Lambda (I + Lambda' A Lambda)^-1 Lambda' of both stages.
    K : (q, p + 1) Z' V^-1 [X y].
    G : per factor (r, r) sum over levels of the diagonal blocks of Z' V^-1 Z.
    """

    criterion: float
    fixed: Fixed
    P1: FloatArray
    P2: FloatArray
    K: FloatArray
    G: tuple[FloatArray, ...]


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


def profile(t: Tables, Lambda: tuple[FloatArray, ...], reml: bool) -> Profile:
    """Evaluate the profiled model at Lambda."""
    r1, S1, L1 = t.r[0], t.S[0], Lambda[0]
    inner = np.eye(r1) + L1.T @ S1 @ L1
    P1 = L1 @ np.linalg.solve(inner, np.broadcast_to(L1.T, inner.shape))
    A2 = (t.A22 - t.A21 @ (block_sparse(P1) @ t.A12)).toarray()
    M2 = _both_sides(A2, t, Lambda)
    M2.flat[:: len(M2) + 1] += 1.0
    L, _ = linalg.cho_factor(M2, lower=True, overwrite_a=True, check_finite=False)
    M2_inv = _inverse(L)
    P2 = _both_sides(M2_inv, t, tuple(block.T for block in Lambda))
    log_det = float(np.linalg.slogdet(inner)[1].sum() + 2 * np.log(np.diag(L)).sum())
    PW = project(t, P1, P2, t.W)
    fixed = solve_fixed(t.C - t.W.T @ PW)
    dof = t.n - t.p if reml else t.n
    restricted = fixed.log_det if reml else 0.0
    return Profile(
        criterion=float(log_det + restricted + dof * (1 + np.log(2 * np.pi * fixed.rss / dof))),
        fixed=fixed,
        P1=P1,
        P2=P2,
        K=t.W - t.times(PW),
        G=(_first_traces(t, P1, P2), *_other_traces(t, Lambda, A2, L, M2_inv)),
    )


def project(t: Tables, P1: FloatArray, P2: FloatArray, w: FloatArray) -> FloatArray:
    """Return Lambda (I + Lambda' Z'Z Lambda)^-1 Lambda' w for w of shape (q, m), by both stages."""
    w1, w2 = w[: t.q1], w[t.q1 :]
    x2 = P2 @ (w2 - t.A21 @ block_times(P1, w1))
    return np.vstack([block_times(P1, w1 - t.A12 @ x2), x2])


def _both_sides(A: FloatArray, t: Tables, Lambda: tuple[FloatArray, ...]) -> FloatArray:
    """Return Lambda2' A Lambda2 for the factors after the first."""
    out = A.copy()
    start = 0
    for J, r, block in zip(t.levels[1:], t.r[1:], Lambda[1:], strict=True):
        here = slice(start, start + J * r)
        if r == 1:
            out[:, here] *= block[0, 0]
            out[here] *= block[0, 0]
        else:
            out[:, here] = (out[:, here].reshape(-1, J, r) @ block).reshape(-1, J * r)
            out[here] = np.einsum("ba,jbk->jak", block, out[here].reshape(J, r, -1)).reshape(J * r, -1)
        start += J * r
    return out


def _inverse(L: FloatArray) -> FloatArray:
    """Return the symmetric inverse from a lower Cholesky factor."""
    if len(L) == 0:
        return np.zeros((0, 0))
    lower, _ = linalg.lapack.dpotri(L, lower=1)
    out = np.tril(lower)
    out += np.tril(lower, -1).T
    return np.asarray(out)


def _first_traces(t: Tables, P1: FloatArray, P2: FloatArray) -> FloatArray:
    """Sum the diagonal blocks of Z1' V^-1 Z1 without forming it."""
    S1, r = t.S[0], t.r[0]
    SP = S1 @ P1
    out = (S1 - SP @ S1).sum(axis=0)
    F = t.A12 - block_sparse(SP) @ t.A12
    for a in range(r):
        for b in range(a, r):
            pairs = (F[a::r].T @ F[b::r]).tocoo()
            out[a, b] -= pairs.data @ P2[pairs.row, pairs.col]
            out[b, a] = out[a, b]
    return np.asarray(out)


def _other_traces(
    t: Tables, Lambda: tuple[FloatArray, ...], A2: FloatArray, L: FloatArray, M2_inv: FloatArray
) -> tuple[FloatArray, ...]:
    """Sum the diagonal blocks of Zk' V^-1 Zk for the factors after the first."""
    out = []
    start = 0
    for J, r, block in zip(t.levels[1:], t.r[1:], Lambda[1:], strict=True):
        here = slice(start, start + J * r)
        start += J * r
        if np.abs(np.diag(block)).min() > _SMALL:
            gap = J * np.eye(r) - _block_sum(M2_inv[here, here], r)
            half = linalg.solve_triangular(block, gap, lower=True, trans="T")
            out.append(linalg.solve_triangular(block, half.T, lower=True, trans="T").T)
        else:  # Lambda cannot be inverted: subtract what the other effects explain
            columns = _lambda_times(A2[:, here], t, Lambda)
            Y = linalg.solve_triangular(L, columns, lower=True)
            out.append(_block_sum(A2[here, here], r) - sum_of_products(Y.T.reshape(J, r, -1)))
    return tuple(out)


def _lambda_times(c: FloatArray, t: Tables, Lambda: tuple[FloatArray, ...]) -> FloatArray:
    """Return Lambda2' c."""
    parts, start = [], 0
    for J, r, block in zip(t.levels[1:], t.r[1:], Lambda[1:], strict=True):
        here = c[start : start + J * r].reshape(J, r, -1)
        parts.append(np.einsum("ba,jbk->jak", block, here).reshape(J * r, -1))
        start += J * r
    return np.vstack(parts)


def _block_sum(A: FloatArray, r: int) -> FloatArray:
    """Sum the (r, r) diagonal blocks of a square matrix."""
    return np.array([[A[a::r, b::r].trace() for b in range(r)] for a in range(r)])


def sum_of_products(blocks: FloatArray) -> FloatArray:
    """Return (r, r) sum over j and k of blocks[j, a, k] blocks[j, b, k]."""
    return np.asarray(np.einsum("jak,jbk->ab", blocks, blocks, optimize=True))


def gradient(t: Tables, at: Profile, reml: bool) -> list[FloatArray]:
    """Return per factor the (r, r) gradient of the criterion in Lambda Lambda'."""
    dof = t.n - t.p if reml else t.n
    v = np.append(-at.fixed.beta, 1.0)
    out = []
    for J, r, here, G in zip(t.levels, t.r, t.slices, at.G, strict=True):
        K = at.K[here].reshape(J, r, -1)
        e = K @ v
        g = G - dof / at.fixed.rss * e.T @ e
        if reml:
            KX = K[:, :, :-1]
            g = g - np.einsum("jai,ik,jbk->ab", KX, at.fixed.inverse, KX, optimize=True)
        out.append(np.asarray(g))
    return out


def quadratic_forms(t: Tables, at: Profile) -> tuple[FloatArray, FloatArray]:
    """Return s_i = y'P V_i P y and q_ij = y'P V_i P V_j P y over the elements (a, b) of every Lambda Lambda'.

    V_i = sum over levels of z_a z_b', V in units of sigma2, elements in row-major order, factor after factor.
    """
    e = scores(at)
    c = np.zeros((len(e), sum(r * r for r in t.r)))
    i = 0
    for J, r, here in zip(t.levels, t.r, t.slices, strict=True):
        block, source = c[here].reshape(J, r, -1), e[here].reshape(J, r)
        for a in range(r):
            for b in range(r):
                block[:, a, i] = source[:, b]
                i += 1
        c[here] = block.reshape(J * r, -1)
    Ac = t.times(c)
    Dc = t.times(c - project(t, at.P1, at.P2, Ac))
    KX = at.K[:, :-1].T @ c
    return c.T @ e, c.T @ Dc - KX.T @ at.fixed.inverse @ KX


def scores(at: Profile) -> FloatArray:
    """Return (q,) Z'Py."""
    return np.asarray(at.K @ np.append(-at.fixed.beta, 1.0))


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
    J, g, extra = _chain(Lambda, G)
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


def _chain(Lambda: tuple[FloatArray, ...], G: list[FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
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
    keep, half, values = [], [], []
    for block in found.Lambda:
        r = len(block)
        T = sigma2 * block @ block.T
        for a, b in zip(*np.tril_indices(r), strict=True):
            element = np.zeros((r, r))
            element[a, b] = element[b, a] = 1.0
            half.append(element.ravel())
            values.append(T[a, b])
            keep.append(T[a, a] > 0 and T[b, b] > 0)
    D = linalg.block_diag(*_stacked(half))
    v = np.array(values)
    information = np.empty((len(v) + 1, len(v) + 1))
    information[:-1, :-1] = D.T @ q @ D / sigma2**3
    # P V P = P gives the residual's row from the others: V is linear in all parameters.
    linear = D.T @ s / sigma2**2
    information[-1, :-1] = information[:-1, -1] = (linear - information[:-1, :-1] @ v) / sigma2
    last = (found.at.fixed.rss / sigma2 - v @ linear) / sigma2
    information[-1, -1] = (last - information[-1, :-1] @ v) / sigma2
    kept = np.flatnonzero([*keep, True])
    out = np.zeros_like(information)
    out[np.ix_(kept, kept)] = 2 * np.linalg.pinv(information[np.ix_(kept, kept)], hermitian=True)
    return out


def _stacked(half: list[FloatArray]) -> list[FloatArray]:
    """Group the element vectors of each factor (equal length) as columns of one matrix."""
    out, i = [], 0
    while i < len(half):
        r = int(np.sqrt(len(half[i])))
        k = r * (r + 1) // 2
        out.append(np.column_stack(half[i : i + k]))
        i += k
    return out
