"""The criterion of a mixed model with one grouping factor, profiled over the fixed effects, and its optimum.

Notation of Bates, Mächler, Bolker & Walker (2015, doi 10.18637/jss.v067.i01): ``y = X beta + Z b + e`` with
``b ~ N(0, sigma2 Lambda Lambda')`` per group. V stands for the covariance of y in units of sigma2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from bevlogen.errors import NotEstimableError
from bevlogen.models.lmm_moments import GroupMoments

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_TINY = 1e-10  # relative size below which a variance counts as zero
_TIGHT = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500, "maxcor": 30}


@dataclass(frozen=True, slots=True)
class Profile:
    """The criterion at one Lambda, with the parts that gradient and answers share.

    Attributes
    ----------
    log_det : log determinant of V.
    M : (p + 1, p + 1) sum of [X y]' V^-1 [X y].
    K : (J, r, p + 1) Z' V^-1 [X y].
    A : (J, r, r) Z' V^-1 Z.
    beta : (p,) generalised least squares.  XX_inv : (p, p) inverse of X' V^-1 X.
    log_det_XX : log determinant of X' V^-1 X.
    rss : (y - X beta)' V^-1 (y - X beta).
    """

    log_det: float
    M: FloatArray
    K: FloatArray
    A: FloatArray
    beta: FloatArray
    XX_inv: FloatArray
    log_det_XX: float
    rss: float


def estimable(moments: GroupMoments) -> None:
    """Refuse one group, and fewer rows than fixed effects."""
    J, p, N = len(moments.n), moments.p, float(moments.n.sum())
    if J < 2:
        raise NotEstimableError(f"A random effect needs at least two groups. Found: {J}. Use ordinary regression.")
    if N <= p:
        raise NotEstimableError(f"{p} fixed effects need more than {p} rows. Found: {N:.0f}.")


def z_scale(moments: GroupMoments) -> FloatArray:
    """Root mean square of each random-effect column."""
    rms = np.sqrt(np.einsum("jii->i", moments.cross[:, : moments.r, : moments.r]) / moments.n.sum())
    if np.any(rms == 0):
        raise NotEstimableError("A random-effect column is zero everywhere. Leave it out of Z.")
    return np.asarray(rms)


def rescaled(moments: GroupMoments, scale: FloatArray) -> GroupMoments:
    """Return the moments with each random-effect column divided by its scale."""
    factor = np.ones(moments.cross.shape[1])
    factor[: moments.r] = 1 / scale
    return GroupMoments(moments.n, moments.cross * factor[:, None] * factor, moments.r)


def free_elements(r: int, correlated: bool) -> BoolArray:
    """Return which elements of Lambda (r, r) are free: the lower triangle, or its diagonal alone."""
    return np.tril(np.ones((r, r), bool)) if correlated else np.eye(r, dtype=bool)


def profile(m: GroupMoments, Lambda: FloatArray) -> Profile:
    """Evaluate the profiled model at Lambda by Woodbury per group."""
    r = m.r
    S, Szw = m.cross[:, :r, :r], m.cross[:, :r, r:]
    SL = S @ Lambda
    G = np.eye(r) + Lambda.T @ SL
    P = Lambda @ np.linalg.solve(G, np.broadcast_to(Lambda.T, G.shape))  # Lambda G^-1 Lambda'
    SP = S @ P
    K = Szw - SP @ Szw
    M = m.cross[:, r:, r:].sum(axis=0) - np.tensordot(Szw, P @ Szw, axes=([0, 1], [0, 1]))
    try:
        c, low = linalg.cho_factor(M[:-1, :-1], lower=True)
    except linalg.LinAlgError as error:
        raise NotEstimableError(
            "The fixed effects are collinear. Leave out a column of X that others explain."
        ) from error
    diagonal = np.diag(c)
    if np.any(diagonal**2 < _TINY * np.diag(M)[:-1]):
        raise NotEstimableError("The fixed effects are collinear. Leave out a column of X that others explain.")
    beta = linalg.cho_solve((c, low), M[:-1, -1])
    rss = float(M[-1, -1] - M[:-1, -1] @ beta)
    if rss <= _TINY * max(M[-1, -1], np.finfo(float).tiny):
        raise NotEstimableError("The outcome does not vary beyond what X explains. There is nothing to estimate.")
    return Profile(
        log_det=float(np.linalg.slogdet(G)[1].sum()),
        M=M,
        K=K,
        A=S - SP @ S,
        beta=beta,
        XX_inv=linalg.cho_solve((c, low), np.eye(len(beta))),
        log_det_XX=float(2 * np.log(diagonal).sum()),
        rss=rss,
    )


def degrees(m: GroupMoments, reml: bool) -> float:
    """Rows, less the fixed effects if restricted."""
    return float(m.n.sum()) - (m.p if reml else 0)


def criterion(at: Profile, dof: float, reml: bool) -> float:
    """-2 (restricted) log-likelihood at the best sigma2, with lme4's constants."""
    return float(at.log_det + (at.log_det_XX if reml else 0.0) + dof * (1 + np.log(2 * np.pi * at.rss / dof)))


def gradient(at: Profile, Lambda: FloatArray, sigma2: float, reml: bool) -> FloatArray:
    """Gradient (r, r) of -2 (restricted) log-likelihood in the elements of Lambda, sigma2 held."""
    e = at.K @ np.append(-at.beta, 1.0)
    g = at.A.sum(axis=0) - e.T @ e / sigma2
    if reml:
        KX = at.K[:, :, :-1]
        g = g - np.tensordot(KX @ at.XX_inv, KX, axes=([0, 2], [0, 2]))
    return np.asarray(2 * g @ Lambda)


def optimum(m: GroupMoments, free: BoolArray, reml: bool) -> tuple[FloatArray, bool]:
    """Return the best Lambda, and whether the gradient is zero there."""
    return _one_variance(m, reml) if m.r == 1 else _several_variances(m, free, reml)


def _one_variance(m: GroupMoments, reml: bool) -> tuple[FloatArray, bool]:
    """Solve the exact score of phi = theta^2 by bracketing; phi = 0 where the score never turns."""
    dof = degrees(m, reml)
    S = m.cross[:, 0, 0]
    s, C = m.cross[:, 0, 1:], m.cross[:, 1:, 1:].sum(axis=0)

    def score(phi: float) -> float:
        shrunk = 1 / (1 + phi * S)
        K = s * shrunk[:, None]
        M = C - phi * s.T @ K
        beta = linalg.solve(M[:-1, :-1], M[:-1, -1], assume_a="pos")
        rss = M[-1, -1] - M[:-1, -1] @ beta
        Kv = K @ np.append(-beta, 1.0)
        restricted = np.sum(linalg.solve(M[:-1, :-1], K[:, :-1].T @ K[:, :-1], assume_a="pos").diagonal())
        return float(S @ shrunk - dof / rss * Kv @ Kv - (restricted if reml else 0.0))

    profile(m, np.zeros((1, 1)))  # refuses collinear columns and an outcome without variation

    if score(0.0) >= 0:
        return np.zeros((1, 1)), True
    high = 0.1
    while score(high) < 0:
        high *= 10
        if high > 1e12:
            raise NotEstimableError("The outcome does not vary within groups. There is no residual to compare with.")
    phi = optimize.brentq(score, 0.0, high, xtol=1e-14, rtol=1e-13)
    return np.array([[np.sqrt(phi)]]), True


def _several_variances(m: GroupMoments, free: BoolArray, reml: bool) -> tuple[FloatArray, bool]:
    """Minimise the criterion over the free elements of Lambda with its analytic gradient; diagonal elements >= 0."""
    r, dof = m.r, degrees(m, reml)

    def unpack(theta: FloatArray) -> FloatArray:
        Lambda = np.zeros((r, r))
        Lambda[free] = theta
        return Lambda

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        Lambda = unpack(theta)
        at = profile(m, Lambda)
        return criterion(at, dof, reml), gradient(at, Lambda, at.rss / dof, reml)[free]

    on_diagonal = np.eye(r, dtype=bool)[free]
    bounds = [(0.0, None) if d else (None, None) for d in on_diagonal]
    tries = [
        optimize.minimize(
            objective, np.where(on_diagonal, size, 0.0), jac=True, method="L-BFGS-B", bounds=bounds, options=_TIGHT
        )
        for size in (1.0, 0.1)
    ]
    best = min(tries, key=lambda found: float(found.fun))
    at_bound = on_diagonal & (best.x <= 1e-12)
    converged = bool(np.abs(best.jac[~at_bound]).max(initial=0.0) < 1e-3)
    return unpack(best.x), converged
