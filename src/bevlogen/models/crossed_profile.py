"""The profiled criterion of a model with several grouping factors, with all parts of its derivatives.

``y = X beta + Z b + e``, ``b = Lambda u``, ``u ~ N(0, sigma2 I)`` as in Bates, Mächler, Bolker & Walker (2015, doi
10.18637/jss.v067.i01). The first factor is eliminated level by level; what remains is one dense Cholesky factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from bevlogen.models.crossed_tables import Fixed, Tables, block_sparse, block_times, solve_fixed

FloatArray = NDArray[np.float64]

_SMALL = 1e-4  # a relative standard deviation below which Lambda is not inverted


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


def profile(t: Tables, Lambda: tuple[FloatArray, ...], reml: bool) -> Profile:
    """Evaluate the profiled model at Lambda."""
    r1, S1, L1 = t.r[0], t.S[0], Lambda[0]
    inner = np.eye(r1) + L1.T @ S1 @ L1
    P1 = L1 @ np.linalg.solve(inner, np.broadcast_to(L1.T, inner.shape))
    A2 = (t.A22 - t.A21 @ (block_sparse(P1) @ t.A12)).toarray()
    M2 = _both_sides(A2, t, Lambda)
    M2.flat[:: len(M2) + 1] += 1.0
    L = linalg.cholesky(M2, lower=True, overwrite_a=True, check_finite=False)
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
    out, _ = linalg.lapack.dpotri(L, lower=1)
    out = out + out.T  # the factor's upper half is zero, and so is that of its inverse
    out.flat[:: len(out) + 1] /= 2
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
            out.append(_block_sum(A2[here, here], r) - _sum_of_products(Y.T.reshape(J, r, -1)))
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


def _sum_of_products(blocks: FloatArray) -> FloatArray:
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
    e = _scores(at)
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


def _scores(at: Profile) -> FloatArray:
    """Return (q,) Z'Py."""
    return np.asarray(at.K @ np.append(-at.fixed.beta, 1.0))
