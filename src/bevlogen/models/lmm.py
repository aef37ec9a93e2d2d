"""Linear mixed model with random effects of one grouping factor, exact from counts, sums and cross-products.

The profiled criterion and its notation follow Bates, Mächler, Bolker & Walker (2015, doi 10.18637/jss.v067.i01):
``y = X beta + Z b + e`` with ``b ~ N(0, sigma2 Lambda Lambda')`` per group. Everything that the criterion needs of a
group is the cross-product matrix of ``[Z, X, y]``, so rows are summed once and never looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, special

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_TINY = 1e-10  # relative size below which a variance counts as zero


@dataclass(frozen=True, slots=True)
class GroupMoments:
    """Cross-products of ``[Z, X, y]`` per group: all that the model needs of the rows.

    Attributes
    ----------
    n : (J,) rows per group.
    cross : (J, q, q) sums of products of the q = r + p + 1 columns of ``[Z, X, y]``.
    r : number of random-effect columns (columns of Z); p follows from q.
    """

    n: FloatArray
    cross: FloatArray
    r: int

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.cross.shape[1]) - self.r - 1


@dataclass(frozen=True, slots=True)
class LmmFit:
    """A fitted model.

    Attributes
    ----------
    beta, se : (p,) fixed effects and their standard errors, in units of y per unit of x.
    vcov : (p, p) covariance of ``beta``.
    df : (p,) Satterthwaite degrees of freedom.
    tau : (r, r) covariance of the random effects.
    sigma2 : residual variance.
    criterion : -2 restricted log-likelihood (REML) or -2 log-likelihood (ML), with lme4's constants.
    theta : (r, r) relative covariance factor Lambda, lower triangular.
    reml : which criterion.
    n_obs, n_groups : what it rests on.
    is_singular : a variance is zero or a correlation is plus or minus one: an answer, not an error.
    converged : the gradient at the optimum is zero within tolerance.
    """

    beta: FloatArray
    se: FloatArray
    vcov: FloatArray
    df: FloatArray
    tau: FloatArray
    sigma2: float
    criterion: float
    theta: FloatArray
    reml: bool
    n_obs: int
    n_groups: int
    is_singular: bool
    converged: bool

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (p, 2) limits of the fixed effects from t with Satterthwaite degrees of freedom."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.column_stack([self.beta - half, self.beta + half])


@dataclass(frozen=True, slots=True)
class _Profile:
    """The criterion at one Lambda, with the parts that gradient and answers share."""

    log_det: float
    M: FloatArray  # (p + 1, p + 1) sum of [X y]' V^-1 [X y], in units of sigma2
    K: FloatArray  # (J, r, p + 1) Z' V^-1 [X y]
    SLG: FloatArray  # (r, r) sum of Z'Z Lambda (I + Lambda' Z'Z Lambda)^-1
    beta: FloatArray
    XX_inv: FloatArray
    log_det_XX: float
    rss: float


def group_moments(y: ArrayLike, X: ArrayLike, group: ArrayLike, Z: ArrayLike | None = None) -> GroupMoments:
    """Sum rows into moments per group.

    Parameters
    ----------
    y : (n,) outcome.  X : (n, p) design with its own intercept column.  group : (n,) labels of any kind.
    Z : (n, r) columns with random effects; None for a random intercept.

    Raises
    ------
    ShapeError
        Lengths differ, or a value is missing.
    """
    y_, X_ = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    Z_ = np.ones((len(y_), 1)) if Z is None else np.asarray(Z, dtype=float)
    Z_ = Z_[:, None] if Z_.ndim == 1 else Z_
    labels = np.asarray(group)
    lengths = {"y": len(y_), "X": len(X_), "group": len(labels), "Z": len(Z_)}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{k} {v}" for k, v in lengths.items())
        raise ShapeError(f"y, X, group and Z differ in length. Found: {found}. Give one row per observation in each.")
    if not (np.isfinite(y_).all() and np.isfinite(X_).all() and np.isfinite(Z_).all()):
        raise ShapeError("y, X or Z holds missing or infinite values. Leave those rows out first.")
    codes, J = _codes(labels)
    columns = [*Z_.T, *X_.T, y_]
    q = len(columns)
    cross = np.empty((J, q, q))
    for i in range(q):
        for k in range(i, q):
            cross[:, i, k] = cross[:, k, i] = np.bincount(codes, weights=columns[i] * columns[k], minlength=J)
    return GroupMoments(np.bincount(codes, minlength=J).astype(float), cross, Z_.shape[1])


def fit(
    y: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    *,
    Z: ArrayLike | None = None,
    reml: bool = True,
    correlated: bool = True,
) -> LmmFit:
    """Fit a linear mixed model with random effects of one grouping factor.

    Parameters
    ----------
    y : (n,) outcome.
    X : (n, p) fixed-effects design; give the intercept as a column of ones.
    group : (n,) group labels (numbers or text); order does not matter.
    Z : (n, r) columns with random effects; None for a random intercept.
    reml : restricted (True) or full (False) maximum likelihood.
    correlated : whether the r random effects may covary.

    Returns
    -------
    LmmFit

    Raises
    ------
    ShapeError
        Lengths differ or values are missing.
    NotEstimableError
        Fewer rows than fixed effects, X is collinear, one group only, or y does not vary given X.

    Notes
    -----
    A zero variance is an answer (``is_singular``), not an error. A group of one row counts.

    References
    ----------
    Bates et al. (2015), doi 10.18637/jss.v067.i01. Satterthwaite (1946), doi 10.2307/3002019.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> team = np.repeat(np.arange(50), 10)
    >>> x = rng.normal(size=500)
    >>> y = 1 + 0.5 * x + rng.normal(size=50)[team] + rng.normal(size=500)
    >>> result = fit(y, np.column_stack([np.ones(500), x]), team)
    >>> bool(abs(result.beta[1] - 0.5) < 3 * result.se[1])
    True
    """
    y_, X_ = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    back, shift = np.eye(X_.shape[1]), np.zeros(X_.shape[1])
    if y_.shape[0] == X_.shape[0] and np.isfinite(y_).all() and np.isfinite(X_).all():
        y_, X_, back, shift = _centred(y_, X_)
    return _fitted(group_moments(y_, X_, group, Z), back, shift, reml, correlated)


def fit_moments(moments: GroupMoments, *, reml: bool = True, correlated: bool = True) -> LmmFit:
    """Fit the same model from cross-products per group; the answer equals ``fit`` on the rows behind them.

    Raises
    ------
    NotEstimableError
        As in ``fit``.
    """
    return _fitted(moments, np.eye(moments.p), np.zeros(moments.p), reml, correlated)


def _fitted(moments: GroupMoments, back: FloatArray, shift: FloatArray, reml: bool, correlated: bool) -> LmmFit:
    """Fit, and give the coefficients as ``back @ beta + shift``."""
    r, p, J = moments.r, moments.p, len(moments.n)
    N = float(moments.n.sum())
    if J < 2:
        raise NotEstimableError(f"A random effect needs at least two groups. Found: {J}. Use ordinary regression.")
    if N <= p:
        raise NotEstimableError(f"{p} fixed effects need more than {p} rows. Found: {N:.0f}.")
    scale = _z_scale(moments)
    scaled = _rescaled(moments, scale)
    free = np.tril(np.ones((r, r), bool)) if correlated else np.eye(r, dtype=bool)
    Lambda, converged = _optimum(scaled, free, reml)
    at = _profile(scaled, Lambda)
    dof = N - p if reml else N
    sigma2 = at.rss / dof
    Lam = Lambda / scale[:, None]
    vcov = sigma2 * back @ at.XX_inv @ back.T
    diagonal = np.diag(Lambda)
    return LmmFit(
        beta=back @ at.beta + shift,
        se=np.sqrt(np.diag(vcov)),
        vcov=vcov,
        df=_satterthwaite(scaled, Lambda, free, back, sigma2, reml),
        tau=sigma2 * Lam @ Lam.T,
        sigma2=sigma2,
        criterion=_criterion(at, N, p, reml),
        theta=Lam,
        reml=reml,
        n_obs=int(N),
        n_groups=J,
        is_singular=bool(np.any(np.abs(diagonal) < 1e-5 * max(1.0, float(np.abs(Lambda).max())))),
        converged=converged,
    )


def _codes(labels: NDArray[np.generic]) -> tuple[NDArray[np.int64], int]:
    """Number the groups; small non-negative integers number themselves."""
    if labels.dtype.kind in "iu" and len(labels) and labels.min() >= 0 and labels.max() < 4 * len(labels):
        present = np.bincount(labels) > 0
        if present.all():
            return labels.astype(np.int64), len(present)
        return (np.cumsum(present) - 1)[labels].astype(np.int64), int(present.sum())
    _, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.int64), int(codes.max()) + 1 if len(codes) else 0


def _centred(y: FloatArray, X: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Centre y and X about their means where X has a constant column, so that sums of squares keep their digits.

    Returns y, X, and the (p, p) matrix and (p,) shift that turn their coefficients back into those of the columns.
    """
    back, shift = np.eye(X.shape[1]), np.zeros(X.shape[1])
    constant = np.flatnonzero((X == X[:1]).all(axis=0) & (X[0] != 0)) if len(X) else np.array([], int)
    if len(constant) == 0:
        return y, X, back, shift
    c = int(constant[0])
    centre = X.mean(axis=0)
    centre[c] = 0.0
    back[c] -= centre / X[0, c]
    shift[c] = y.mean() / X[0, c]
    return y - y.mean(), X - centre, back, shift


def _z_scale(moments: GroupMoments) -> FloatArray:
    """Root mean square of each random-effect column."""
    rms = np.sqrt(np.einsum("jii->i", moments.cross[:, : moments.r, : moments.r]) / moments.n.sum())
    if np.any(rms == 0):
        raise NotEstimableError("A random-effect column is zero everywhere. Leave it out of Z.")
    return np.asarray(rms)


def _rescaled(moments: GroupMoments, scale: FloatArray) -> GroupMoments:
    factor = np.ones(moments.cross.shape[1])
    factor[: moments.r] = 1 / scale
    return GroupMoments(moments.n, moments.cross * factor[:, None] * factor, moments.r)


def _profile(m: GroupMoments, Lambda: FloatArray) -> _Profile:
    """Evaluate the profiled model at Lambda by Woodbury per group."""
    r = m.r
    S, Szw = m.cross[:, :r, :r], m.cross[:, :r, r:]
    SL = S @ Lambda
    G = np.eye(r) + Lambda.T @ SL
    GLt = np.linalg.solve(G, np.broadcast_to(Lambda.T, G.shape))  # G^-1 Lambda'
    P = Lambda @ GLt  # Lambda G^-1 Lambda'
    K = Szw - S @ P @ Szw
    M = m.cross[:, r:, r:].sum(axis=0) - np.einsum("jai,jab,jbk->ik", Szw, P, Szw, optimize=True)
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
    return _Profile(
        log_det=float(np.linalg.slogdet(G)[1].sum()),
        M=M,
        K=K,
        SLG=np.einsum("jab,jcb->ac", S, GLt, optimize=True),
        beta=beta,
        XX_inv=linalg.cho_solve((c, low), np.eye(len(beta))),
        log_det_XX=float(2 * np.log(diagonal).sum()),
        rss=rss,
    )


def _criterion(at: _Profile, N: float, p: int, reml: bool) -> float:
    dof = N - p if reml else N
    return float(at.log_det + (at.log_det_XX if reml else 0.0) + dof * (1 + np.log(2 * np.pi * at.rss / dof)))


def _inner(at: _Profile, weight: float, reml: bool) -> FloatArray:
    """Return (r, r) sum of K (XX^-1 if REML) K' + weight K v v' K', v = (-beta, 1)."""
    Kv = at.K @ np.append(-at.beta, 1.0)
    A = weight * Kv.T @ Kv
    if reml:
        KX = at.K[:, :, :-1]
        A = A + np.einsum("jai,ik,jbk->ab", KX, at.XX_inv, KX, optimize=True)
    return np.asarray(A)


def _optimum(m: GroupMoments, free: BoolArray, reml: bool) -> tuple[FloatArray, bool]:
    return _one_variance(m, reml) if m.r == 1 else _several_variances(m, free, reml)


def _one_variance(m: GroupMoments, reml: bool) -> tuple[FloatArray, bool]:
    """Solve the exact score of phi = theta^2 by bracketing; phi = 0 where the score never turns."""
    N, p = float(m.n.sum()), m.p
    dof = N - p if reml else N
    S = m.cross[:, 0, 0]

    s, C = m.cross[:, 0, 1:], m.cross[:, 1:, 1:].sum(axis=0)

    def score(phi: float) -> float:
        K = s / (1 + phi * S)[:, None]
        M = C - phi * s.T @ K
        beta = linalg.solve(M[:-1, :-1], M[:-1, -1], assume_a="pos")
        rss = M[-1, -1] - M[:-1, -1] @ beta
        Kv = K @ np.append(-beta, 1.0)
        restricted = np.sum(linalg.solve(M[:-1, :-1], K[:, :-1].T @ K[:, :-1], assume_a="pos").diagonal())
        return float(np.sum(S / (1 + phi * S)) - dof / rss * Kv @ Kv - (restricted if reml else 0.0))

    _profile(m, np.zeros((1, 1)))  # refuses collinear columns and an outcome without variation

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
    N, p, r = float(m.n.sum()), m.p, m.r
    dof = N - p if reml else N

    def unpack(theta: FloatArray) -> FloatArray:
        Lambda = np.zeros((r, r))
        Lambda[free] = theta
        return Lambda

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        Lambda = unpack(theta)
        at = _profile(m, Lambda)
        gradient = 2 * at.SLG - 2 * _inner(at, dof / at.rss, reml) @ Lambda
        return _criterion(at, N, p, reml), gradient[free]

    on_diagonal = np.eye(r, dtype=bool)[free]
    bounds = [(0.0, None) if d else (None, None) for d in on_diagonal]
    tight = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500, "maxcor": 30}
    tries = [
        optimize.minimize(
            objective, np.where(on_diagonal, size, 0.0), jac=True, method="L-BFGS-B", bounds=bounds, options=tight
        )
        for size in (1.0, 0.1)
    ]
    best = min(tries, key=lambda found: float(found.fun))
    at_bound = on_diagonal & (best.x <= 1e-12)
    converged = bool(np.abs(best.jac[~at_bound]).max(initial=0.0) < 1e-3)
    return unpack(best.x), converged


def _satterthwaite(
    m: GroupMoments, Lambda: FloatArray, free: BoolArray, back: FloatArray, sigma2: float, reml: bool
) -> FloatArray:
    """Degrees of freedom of each fixed effect: 2 v^2 / var(v), var(v) from the observed information of (theta, sigma).

    A parameter on its boundary (zero variance) is held there, as a model without it would.
    """
    N, p, r = float(m.n.sum()), m.p, m.r
    dof = N - p if reml else N
    moving = free & ~(np.eye(r, dtype=bool) & (np.diag(Lambda) < 1e-6))
    moving[:, np.diag(Lambda) < 1e-6] = False
    x0 = np.append(Lambda[moving], np.sqrt(sigma2))

    def at(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient of the unprofiled criterion and the variances of beta at (theta, sigma)."""
        Lam, s2 = Lambda.copy(), x[-1] ** 2
        Lam[moving] = x[:-1]
        now = _profile(m, Lam)
        g_theta = 2 * now.SLG - 2 * _inner(now, 1 / s2, reml) @ Lam
        g_sigma = 2 * dof / x[-1] - 2 * now.rss / x[-1] ** 3
        return np.append(g_theta[moving], g_sigma), s2 * np.diag(back @ now.XX_inv @ back.T)

    k = len(x0)
    hessian, jacobian = np.empty((k, k)), np.empty((k, p))
    for i in range(k):
        h = 1e-4 * max(abs(x0[i]), 1e-2 if i < k - 1 else x0[-1])
        step = np.zeros(k)
        step[i] = h
        (g_up, v_up), (g_down, v_down) = at(x0 + step), at(x0 - step)
        hessian[i], jacobian[i] = (g_up - g_down) / (2 * h), (v_up - v_down) / (2 * h)
    cov = 2 * np.linalg.pinv((hessian + hessian.T) / 2, hermitian=True)  # the criterion is -2 log-likelihood
    v = at(x0)[1]
    spread = np.einsum("ip,ik,kp->p", jacobian, cov, jacobian)
    out = np.full(p, dof)
    np.divide(2 * v**2, spread, out=out, where=spread > 0)
    return np.asarray(np.clip(out, 1.0, None))
