"""Degrees of freedom of the fixed effects of a mixed model, and their covariance in small samples, from group moments.

The covariance of y is linear in the elements of ``T = Lambda Lambda'`` and sigma2. All of this module takes the
derivatives in the directions V itself (index 0) and ``Z E Z'`` for each free element of T; V and T in units of sigma2.
Both methods do not depend on which basis of that linear space is used (Kenward & Roger 1997, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.models.lmm_profile import Profile

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
DfMethod = Literal["satterthwaite", "kenward-roger"]

_ZERO = 1e-6  # a diagonal element of Lambda below this counts as zero


@dataclass(frozen=True, slots=True)
class Precision:
    """What is known of the fixed effects.

    Attributes
    ----------
    vcov : (p, p) covariance of the fixed effects.
    df : (p,) denominator degrees of freedom, at least 1.
    """

    vcov: FloatArray
    df: FloatArray


@dataclass(frozen=True, slots=True)
class _Directions:
    """Derivatives of the weighted cross-products in the m + 1 directions G.

    Attributes
    ----------
    pairs : element (a, b) of T that each of the directions after the first moves.
    D : (m + 1, p + 1, p + 1) W' V^-1 G V^-1 W with W = [X y].
    Q : (m + 1, m + 1, p + 1, p + 1) W' V^-1 G_i V^-1 G_j V^-1 W.
    single : (m + 1,) traces of V^-1 G.
    double : (m + 1, m + 1) traces of V^-1 G_i V^-1 G_j.
    """

    pairs: tuple[tuple[int, int], ...]
    D: FloatArray
    Q: FloatArray
    single: FloatArray
    double: FloatArray


def kenward_roger(at: Profile, free: BoolArray, back: FloatArray, sigma2: float, n_obs: float) -> Precision:
    """Adjust covariance and degrees of freedom for the estimation of the (co)variances by REML.

    Parameters
    ----------
    at : the model at its REML optimum.
    free : (r, r) free elements of Lambda; zero variances count as parameters, as in pbkrtest.
    back : (p, p) turns the coefficients of ``at`` into those that are asked for.

    References
    ----------
    Kenward & Roger (1997), doi 10.2307/2533558. Halekoh & Højsgaard (2014), doi 10.18637/jss.v059.i09.
    """
    d = _directions(at, free, n_obs)
    Phi, D, Q = at.XX_inv, d.D[:, :-1, :-1], d.Q[:, :, :-1, :-1]
    # covariance of the (co)variances, expected
    W: FloatArray = np.asarray(2 * np.linalg.pinv(_traces(d, Phi, reml=True), hermitian=True), dtype=np.float64)
    bias = np.einsum("ij,ijab->ab", W, Q - np.einsum("iab,bc,jcd->ijad", D, Phi, D))
    adjusted = Phi + 2 * Phi @ bias @ Phi
    return Precision(sigma2 * back @ adjusted @ back.T, _ratio(_slopes(d, Phi, back), W, back @ Phi @ back.T, n_obs))


def satterthwaite(
    at: Profile, Lambda: FloatArray, free: BoolArray, back: FloatArray, sigma2: float, n_obs: float, *, reml: bool
) -> Precision:
    """Return 2 v^2 / var(v) with var(v) from the observed information of (Lambda, sigma2).

    A diagonal element of Lambda on its boundary (zero) is held there with its column, as a model without it would.

    References
    ----------
    Satterthwaite (1946), doi 10.2307/3002019. Giesbrecht & Burns (1985), doi 10.2307/2530866.
    """
    d = _directions(at, free, n_obs)
    Phi = at.XX_inv
    v = np.append(-at.beta, 1.0)
    Dv = d.D @ v
    quadratic = np.einsum("a,ijab,b->ij", v, d.Q, v) - Dv[:, :-1] @ Phi @ Dv[:, :-1].T
    single = d.single - (np.einsum("ab,iba->i", Phi, d.D[:, :-1, :-1]) if reml else 0.0)
    hessian = 2 * quadratic / sigma2 - _traces(d, Phi, reml=reml)
    tangent, curved = _tangent(Lambda, free, d.pairs, single - Dv @ v / sigma2)
    # The criterion is -2 log-likelihood: twice the inverse of its Hessian is the covariance.
    cov = 2 * np.linalg.pinv(tangent.T @ hessian @ tangent + curved, hermitian=True)
    variance = back @ Phi @ back.T
    return Precision(
        sigma2 * variance, _ratio(tangent.T @ _slopes(d, Phi, back), cov, variance, n_obs - len(Phi) * reml)
    )


def _directions(at: Profile, free: BoolArray, n_obs: float) -> _Directions:
    r = len(free)
    pairs = tuple((int(b), int(a)) for a, b in zip(*np.nonzero(free), strict=True))  # b <= a
    basis = np.zeros((len(pairs), r, r))
    for E, (a, b) in zip(basis, pairs, strict=True):
        E[a, b] = E[b, a] = 1.0
    m, w = len(pairs), len(at.M)
    EK = [E @ at.K for E in basis]  # each (J, r, p + 1)
    EA = [E @ at.A for E in basis]
    D, Q = np.empty((m + 1, w, w)), np.empty((m + 1, m + 1, w, w))
    single, double = np.empty(m + 1), np.empty((m + 1, m + 1))
    D[0], single[0], Q[0, 0], double[0, 0] = at.M, n_obs, at.M, n_obs
    for i in range(m):
        D[i + 1] = Q[0, i + 1] = Q[i + 1, 0] = _sum_of_products(at.K, EK[i])
        single[i + 1] = double[0, i + 1] = double[i + 1, 0] = float(np.einsum("jaa->", EA[i]))
        for k in range(m):
            Q[i + 1, k + 1] = _sum_of_products(EK[i], at.A @ EK[k])
            double[i + 1, k + 1] = float(np.vdot(EA[i], np.swapaxes(EA[k], 1, 2)))
    return _Directions(pairs, D, Q, single, double)


def _sum_of_products(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the sum over groups of one' other."""
    return np.asarray(np.tensordot(one, other, axes=([0, 1], [0, 1])))


def _traces(d: _Directions, Phi: FloatArray, *, reml: bool) -> FloatArray:
    """Traces of P G_i P G_j, P = V^-1 - V^-1 X Phi X' V^-1; of V^-1 G_i V^-1 G_j without restriction."""
    if not reml:
        return d.double
    PhiD = Phi @ d.D[:, :-1, :-1]
    crossed = np.einsum("ab,ijba->ij", Phi, d.Q[:, :, :-1, :-1])
    return np.asarray(d.double - crossed - crossed.T + np.einsum("iab,jba->ij", PhiD, PhiD))


def _slopes(d: _Directions, Phi: FloatArray, back: FloatArray) -> FloatArray:
    """Return (m + 1, p) derivatives of the variances of the fixed effects, in units of sigma2."""
    half = back @ Phi
    return np.asarray(np.einsum("pa,iab,pb->ip", half, d.D[:, :-1, :-1], half))


def _ratio(slopes: FloatArray, cov: FloatArray, variance: FloatArray, most: float) -> FloatArray:
    """Return 2 v^2 / var(v), between 1 and (where v does not depend on the variances) ``most``."""
    spread = np.einsum("ip,ik,kp->p", slopes, cov, slopes)
    out = np.full(len(variance), float(most))
    np.divide(2 * np.diag(variance) ** 2, spread, out=out, where=spread > 0)
    return np.asarray(np.maximum(out, 1.0))


def _tangent(
    Lambda: FloatArray, free: BoolArray, pairs: tuple[tuple[int, int], ...], score: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (m + 1, k + 1) derivatives of the directions in (elements of Lambda, sigma2), and score times the second.

    The score is zero unless a variance is held at zero.
    """
    zero = np.diag(Lambda) < _ZERO
    moving = [(int(a), int(c)) for a, c in zip(*np.nonzero(free & ~zero), strict=True)]
    k = len(moving)
    tangent, curved = np.zeros((len(pairs) + 1, k + 1)), np.zeros((k + 1, k + 1))
    tangent[0, k] = 1.0  # sigma2 I = V - Z T Z'
    T = Lambda @ Lambda.T
    for i, (a, b) in enumerate(pairs, start=1):
        tangent[i, k] = -T[a, b]
        for j, (row, column) in enumerate(moving):
            tangent[i, j] = (row == a) * Lambda[b, column] + (row == b) * Lambda[a, column]
            for other, (its_row, its_column) in enumerate(moving):
                if column == its_column:
                    curved[j, other] += score[i] * ((row, its_row) == (a, b)) + score[i] * ((row, its_row) == (b, a))
    return tangent, curved
