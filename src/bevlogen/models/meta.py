"""Random-effects meta-analysis: what studies say together, and what a new organisation should expect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.robust import RobustMap, robust_map

__all__ = ["HunterSchmidt", "MetaAnalysis", "RobustMap", "hunter_schmidt", "random_effects", "robust_map"]

FloatArray = NDArray[np.float64]
Tau2 = Literal["REML", "ML", "DL", "PM", "EB", "SJ", "HE", "FE"]
Test = Literal["z", "knha"]

_SCORING_STEPS = 500
_RELATIVE_STEP = 1e-12  # of the mean sampling variance, so that the scale of y does not matter


@dataclass(frozen=True, slots=True)
class MetaAnalysis:
    """What k studies say together.

    Attributes
    ----------
    method, test : estimator of tau², and reference distribution (``z`` normal; ``knha`` Knapp-Hartung, t on k - p df).
    k : number of studies; ``df`` is k - p.
    beta, std_error, statistic, p_values, beta_low, beta_high : (p,) coefficients with 95% limits; the first is the mean
        (or the intercept of a meta-regression).
    tau2, tau2_se : variance of true effects between studies; its standard error (NaN for FE).
    tau2_low, tau2_high : 95% limits by the Q-profile.
    q, q_p : Cochran's Q of residual heterogeneity on k - p df, and its p-value.
    i2, h2 : share (0 to 1) of variance that is heterogeneity, and total over typical sampling variance.
    i2_low, i2_high : 95% limits of ``i2``.
    qm, qm_p : Wald test of all coefficients but the intercept (of the mean itself without moderators); F for ``knha``.
    r2 : share of tau² that the moderators explain; NaN without moderators.
    log_likelihood : restricted for REML, else full; normal, at this tau².
    prediction : 95% limits for the true effect of a new study; NaN for FE and for a meta-regression.
    blup, blup_se : (k,) true effect of each study, drawn to the mean, with its standard error.
    """

    method: Tau2
    test: Test
    k: int
    df: int
    beta: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    p_values: FloatArray
    beta_low: FloatArray
    beta_high: FloatArray
    tau2: float
    tau2_se: float
    tau2_low: float
    tau2_high: float
    q: float
    q_p: float
    i2: float
    i2_low: float
    i2_high: float
    h2: float
    qm: float
    qm_p: float
    r2: float
    log_likelihood: float
    prediction: tuple[float, float]
    blup: FloatArray
    blup_se: FloatArray

    @property
    def mu(self) -> float:
        """Mean effect, or intercept."""
        return float(self.beta[0])

    @property
    def se(self) -> float:
        """Standard error of ``mu``."""
        return float(self.std_error[0])

    @property
    def low(self) -> float:
        """Lower 95% limit of ``mu``."""
        return float(self.beta_low[0])

    @property
    def high(self) -> float:
        """Upper 95% limit of ``mu``."""
        return float(self.beta_high[0])

    @property
    def p(self) -> float:
        """Two-sided p-value of ``mu`` = 0."""
        return float(self.p_values[0])


@dataclass(frozen=True, slots=True)
class _Studies:
    """Effects, their variances and the design, with the projections that every estimator asks for."""

    y: FloatArray
    v: FloatArray
    X: FloatArray

    @property
    def df(self) -> int:
        return int(self.X.shape[0] - self.X.shape[1])

    def projection(self, tau2: float) -> FloatArray:
        """P = W - W X (X'WX)^-1 X'W with W = diag(1 / (v + tau2)), (k, k)."""
        w = 1 / (self.v + tau2)
        WX = w[:, None] * self.X
        return np.diag(w) - WX @ np.linalg.solve(self.X.T @ WX, WX.T)

    def q(self, tau2: float) -> float:
        """Weighted residual sum of squares y'Py, without the rounding of the full projection."""
        w = np.sqrt(1 / (self.v + tau2))
        Xw, yw = w[:, None] * self.X, w * self.y
        residual = yw - Xw @ np.linalg.lstsq(Xw, yw, rcond=None)[0]
        return float(residual @ residual)


@dataclass(frozen=True, slots=True)
class _Heterogeneity:
    tau2: float
    se: float


def _moment_se(s: _Studies, P: FloatArray, scale: float, tau2: float) -> float:
    """Return the standard error of scale * y'Py under normality, at tau2."""
    PV = P * s.v
    variance = 2 * np.sum(PV * PV.T) + 4 * tau2 * np.sum(PV * P) + 2 * tau2**2 * np.sum(P * P)
    return float(scale * np.sqrt(variance))


def _dersimonian_laird(s: _Studies) -> _Heterogeneity:
    P = s.projection(0.0)
    trace = float(np.trace(P))
    tau2 = max(0.0, (s.q(0.0) - s.df) / trace)
    return _Heterogeneity(tau2, _moment_se(s, P, 1 / trace, tau2))


def _hedges(s: _Studies) -> _Heterogeneity:
    P = np.eye(len(s.y)) - s.X @ np.linalg.solve(s.X.T @ s.X, s.X.T)
    tau2 = max(0.0, float(s.y @ P @ s.y - np.trace(P * s.v)) / s.df)
    return _Heterogeneity(tau2, _moment_se(s, P, 1 / s.df, tau2))


def _sidik_jonkman(s: _Studies) -> _Heterogeneity:
    start = float(np.var(s.y))
    if start == 0:
        return _Heterogeneity(0.0, float("nan"))
    P = s.projection(start)
    tau2 = start * s.q(start) / s.df
    return _Heterogeneity(tau2, _moment_se(s, P, start / s.df, tau2))


def _paule_mandel(s: _Studies) -> _Heterogeneity:
    tau2 = _profile(s, float(s.df))
    w = 1 / (s.v + tau2)
    k = len(s.y)
    return _Heterogeneity(tau2, float(np.sqrt(2 * k**2 / s.df) / np.sum(w)))


def _likelihood(s: _Studies, *, restricted: bool) -> _Heterogeneity:
    """Solve the score equation by Fisher scoring from the Hedges estimate, halving what would leave its bracket."""
    low, high = 0.0, np.inf
    tau2, small = _hedges(s).tau2, _RELATIVE_STEP * float(np.mean(s.v))
    for _ in range(_SCORING_STEPS):
        P, w = s.projection(tau2), 1 / (s.v + tau2)
        Py = P @ s.y
        trace, information = (np.trace(P), np.sum(P * P)) if restricted else (np.sum(w), np.sum(w**2))
        step = float((Py @ Py - trace) / information)
        if abs(step) <= small or (step < 0 and tau2 <= small):
            return _Heterogeneity(tau2 if tau2 > small else 0.0, float(np.sqrt(2 / information)))
        low, high = (tau2, high) if step > 0 else (low, tau2)
        tau2 = tau2 + step if low < tau2 + step < high else (low + min(high, 2 * tau2 + 1)) / 2
    raise NotEstimableError(f'tau2 did not settle in {_SCORING_STEPS} steps. Try tau2="DL" or tau2="PM".')


_TAU2: dict[Tau2, Callable[[_Studies], _Heterogeneity]] = {
    "REML": lambda s: _likelihood(s, restricted=True),
    "ML": lambda s: _likelihood(s, restricted=False),
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "SJ": _sidik_jonkman,
    "HE": _hedges,
    "FE": lambda s: _Heterogeneity(0.0, float("nan")),
}


def _profile(s: _Studies, target: float) -> float:
    """Return the tau2 at which Q(tau2) equals target; 0 where Q(0) is below it already."""
    if s.q(0.0) <= target:
        return 0.0
    upper = scale = max(float(np.var(s.y)), float(np.max(s.v)))
    while s.q(upper) > target:
        upper *= 4
    return float(optimize.brentq(lambda t: s.q(t) - target, 0.0, upper, xtol=1e-14 * scale, rtol=1e-14))


def random_effects(
    y: ArrayLike, v: ArrayLike, X: ArrayLike | None = None, *, tau2: Tau2 = "REML", test: Test = "z"
) -> MetaAnalysis:
    """What do k studies say together, and how far do true effects differ between them?

    Parameters
    ----------
    y : (k,) effects on one scale (Fisher z, log odds, standardised difference).
    v : (k,) their sampling variances, positive.
    X : (k, p) moderators with a first column of ones; None for the mean alone. Order of studies does not matter.
    tau2 : estimator of the variance of true effects. ``REML`` and ``ML`` likelihood; ``DL`` DerSimonian-Laird; ``PM``
        Paule-Mandel and ``EB`` empirical Bayes (the same equation); ``SJ`` Sidik-Jonkman, from the variance of y with
        denominator k; ``HE`` Hedges; ``FE`` none (tau² = 0, the mean of these studies only).
    test : ``z`` normal; ``knha`` Knapp-Hartung: the variance times Q(tau²)/(k - p), t on k - p df.

    Returns
    -------
    MetaAnalysis

    Raises
    ------
    ChoiceError
        ``tau2`` or ``test`` is not one of its choices.
    ShapeError
        Lengths differ, a value is missing or infinite, or a variance is not positive.
    NotEstimableError
        No more studies than coefficients, moderators that depend on each other, or likelihood without a solution.

    Notes
    -----
    ``tau2_low`` and ``tau2_high`` solve Q(tau²) = chi-square quantile (Q-profile); both are 0 where even Q(0) is lower.
    The prediction interval is mu ± q sqrt(tau² + se²), q normal for ``z`` and t on k - 1 df for ``knha``.
    ``i2`` is tau² / (tau² + s²), s² = (k - p) / tr P the typical sampling variance; for FE max(0, (Q - df) / Q).

    References
    ----------
    Viechtbauer (2010), doi 10.18637/jss.v036.i03. Knapp & Hartung (2003), doi 10.1002/sim.1482. Viechtbauer (2007),
    doi 10.1002/sim.2514 (Q-profile). Veroniki et al. (2016), doi 10.1002/jrsm.1164 (estimators).

    Examples
    --------
    >>> round(random_effects([0.1, 0.3, 0.5], [0.01, 0.01, 0.01]).tau2, 4)
    0.03
    """
    studies = _checked(y, v, X, tau2, test)
    heterogeneity = _TAU2[tau2](studies)
    return _summary(studies, heterogeneity, tau2, test)


def _checked(y: ArrayLike, v: ArrayLike, X: ArrayLike | None, tau2: str, test: str) -> _Studies:
    if tau2 not in _TAU2:
        raise ChoiceError("tau2", tau2, _TAU2)
    if test not in get_args(Test):
        raise ChoiceError("test", test, get_args(Test))
    effect, variance = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if effect.ndim != 1 or effect.shape != variance.shape:
        raise ShapeError(f"y and v must be vectors of one length. Found shapes {effect.shape} and {variance.shape}.")
    design = np.ones((len(effect), 1)) if X is None else np.asarray(X, dtype=float)
    if design.ndim != 2 or len(design) != len(effect):
        raise ShapeError(f"X must have a row per study. Found shape {design.shape} for {len(effect)} studies.")
    if not (np.isfinite(effect).all() and np.isfinite(variance).all() and np.isfinite(design).all()):
        raise ShapeError("y, v and X must be finite. Leave out studies with missing values.")
    if not (variance > 0).all():
        raise ShapeError("Every sampling variance in v must be positive. Give variances, not standard errors of 0.")
    k, p = design.shape
    if k <= p:
        raise NotEstimableError(f"{k} studies cannot carry {p} coefficients and tau2. Needed: at least {p + 1}.")
    if np.linalg.matrix_rank(design) < p:
        raise NotEstimableError("The columns of X depend on each other. Leave one out.")
    return _Studies(effect, variance, design)


def _summary(s: _Studies, heterogeneity: _Heterogeneity, method: Tau2, test: Test) -> MetaAnalysis:
    k, p = s.X.shape
    tau2, df = heterogeneity.tau2, s.df
    w = 1 / (s.v + tau2)
    covariance: FloatArray = np.linalg.inv((w[:, None] * s.X).T @ s.X).astype(np.float64)
    root = np.sqrt(w)
    beta: FloatArray = np.linalg.lstsq(root[:, None] * s.X, root * s.y, rcond=None)[0].astype(np.float64)
    scale = s.q(tau2) / df if test == "knha" else 1.0
    se = np.sqrt(scale * np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = beta / se
    dof = float(df) if test == "knha" else np.inf  # t with infinite degrees of freedom is the normal
    quantile = float(special.stdtrit(dof, 0.975)) if test == "knha" else float(special.ndtri(0.975))
    typical = df / float(np.trace(s.projection(0.0)))
    tau2_low, tau2_high = (_profile(s, float(special.chdtri(df, 1 - level))) for level in (0.975, 0.025))
    q = s.q(0.0)
    qm, qm_p = _wald(beta, covariance * scale, df, test)
    half = quantile * float(np.sqrt(tau2 + se[0] ** 2))
    predicts = p == 1 and method != "FE"
    blup, blup_se = _blups(s, beta, covariance * scale, tau2)
    return MetaAnalysis(
        method=method,
        test=test,
        k=k,
        df=df,
        beta=beta,
        std_error=se,
        statistic=statistic,
        p_values=2 * special.stdtr(dof, -np.abs(statistic)),
        beta_low=beta - quantile * se,
        beta_high=beta + quantile * se,
        tau2=tau2,
        tau2_se=heterogeneity.se,
        tau2_low=tau2_low,
        tau2_high=tau2_high,
        q=q,
        q_p=float(special.chdtrc(df, q)),
        i2=(max(0.0, (q - df) / q) if q > 0 else 0.0) if method == "FE" else tau2 / (tau2 + typical),
        i2_low=tau2_low / (tau2_low + typical),
        i2_high=tau2_high / (tau2_high + typical),
        h2=q / df if method == "FE" else (tau2 + typical) / typical,
        qm=qm,
        qm_p=qm_p,
        r2=_explained(s, tau2, method),
        log_likelihood=_log_likelihood(s, tau2, restricted=method == "REML"),
        prediction=(float(beta[0]) - half, float(beta[0]) + half) if predicts else (float("nan"), float("nan")),
        blup=blup,
        blup_se=blup_se,
    )


def _wald(beta: FloatArray, covariance: FloatArray, df: int, test: Test) -> tuple[float, float]:
    tested = slice(1, None) if len(beta) > 1 else slice(0, 1)
    b = beta[tested]
    m = len(b)
    if np.any(np.diag(covariance)[tested] == 0):
        return float("nan"), float("nan")
    chi2 = float(b @ np.linalg.solve(covariance[tested, tested], b))
    if test == "knha":
        return chi2 / m, float(special.fdtrc(m, df, chi2 / m))
    return chi2, float(special.chdtrc(m, chi2))


def _explained(s: _Studies, tau2: float, method: Tau2) -> float:
    if s.X.shape[1] == 1 or method == "FE":
        return float("nan")
    alone = _TAU2[method](_Studies(s.y, s.v, np.ones((len(s.y), 1)))).tau2
    return max(0.0, (alone - tau2) / alone) if alone > 0 else float("nan")


def _log_likelihood(s: _Studies, tau2: float, *, restricted: bool) -> float:
    k, p = s.X.shape
    out = -0.5 * (float(np.sum(np.log(s.v + tau2))) + s.q(tau2))
    constant = float(np.log(2 * np.pi))
    if not restricted:
        return out - 0.5 * int(k) * constant
    XWX = (s.X / (s.v + tau2)[:, None]).T @ s.X
    determinants = np.linalg.slogdet(s.X.T @ s.X)[1] - np.linalg.slogdet(XWX)[1]
    return out - 0.5 * int(k - p) * constant + 0.5 * float(determinants)


def _blups(s: _Studies, beta: FloatArray, covariance: FloatArray, tau2: float) -> tuple[FloatArray, FloatArray]:
    own = tau2 / (tau2 + s.v)
    fitted_variance = np.einsum("ij,jk,ik->i", s.X, covariance, s.X)
    return own * s.y + (1 - own) * (s.X @ beta), np.sqrt(own * s.v + (1 - own) ** 2 * fitted_variance)


@dataclass(frozen=True, slots=True)
class HunterSchmidt:
    """Bare-bones meta-analysis of correlations (no correction for artefacts other than sampling error).

    ``mean`` is weighted by sample size, ``std_error`` its standard error with ``tau2``. ``variance`` is that of
    observed correlations, ``error_variance`` what sampling alone would give, ``true_variance`` the rest (0 or more).
    ``tau2`` is the rest with each study's own error variance. ``low`` and ``high`` are the 80% *credibility*
    interval: the spread of true correlations, not the precision of the mean.
    """

    mean: float
    std_error: float
    tau2: float
    variance: float
    error_variance: float
    true_variance: float
    low: float
    high: float


def hunter_schmidt(r: ArrayLike, n: ArrayLike) -> HunterSchmidt:
    """How large is the correlation on average, and how far does it truly vary between studies?

    Parameters
    ----------
    r : (k,) correlations, -1 to 1.
    n : (k,) sample sizes, all above 1.

    Raises
    ------
    ShapeError
        Lengths differ, no study, a correlation outside -1 to 1 or a sample of 1 or less.

    Notes
    -----
    Weights n; error variance (1 - mean²)² / (mean(n) - 1), for ``tau2`` (1 - mean²)² / (n - 1) of each study, with
    tau2 = (Q - k) / sum(w), w the inverse of that.

    References
    ----------
    Hunter & Schmidt (2004), Methods of Meta-Analysis, ch. 3.
    """
    corr, size = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    if corr.ndim != 1 or corr.shape != size.shape or not len(corr):
        raise ShapeError(f"r and n must be vectors of one length. Found shapes {corr.shape} and {size.shape}.")
    if not ((np.abs(corr) <= 1).all() and (size > 1).all()):
        raise ShapeError("r must lie between -1 and 1 and every n above 1.")
    mean = float(np.average(corr, weights=size))
    variance = float(np.average((corr - mean) ** 2, weights=size))
    error = (1 - mean**2) ** 2 / (float(size.mean()) - 1)
    true = max(0.0, variance - error)
    half = float(special.ndtri(0.9) * np.sqrt(true))
    sampling = np.maximum((1 - mean**2) ** 2, np.finfo(float).tiny) / (size - 1)
    w = 1 / sampling
    q = float(np.sum(w * (corr - np.average(corr, weights=w)) ** 2))
    tau2 = max(0.0, (q - len(corr)) / float(np.sum(w)))
    se = float(np.sqrt(np.sum(size**2 * (sampling + tau2))) / np.sum(size))
    return HunterSchmidt(mean, se, tau2, variance, error, true, mean - half, mean + half)
