"""Linear mixed model with random effects of one grouping factor, exact from counts, sums and cross-products.

Everything that the criterion needs of a group is the cross-product matrix of ``[Z, X, y]`` (``lmm_moments``), so rows
are summed once and never looked at again. Levels within levels (units in regions) are several factors: ``crossed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.lmm_df import DfMethod, kenward_roger, satterthwaite
from bevlogen.models.lmm_inputs import Centre, centre_at, no_centre
from bevlogen.models.lmm_limits import VarianceLimits, variance_limits
from bevlogen.models.lmm_moments import GroupMoments, centred_moments, group_moments, scanned_moments
from bevlogen.models.lmm_profile import (
    criterion,
    degrees,
    estimable,
    free_elements,
    optimum,
    profile,
    rescaled,
    z_scale,
)

__all__ = [
    "GroupMoments",
    "LmmFit",
    "VarianceLimits",
    "fit",
    "fit_moments",
    "group_moments",
    "scanned_moments",
    "variance_limits",
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LmmFit:
    """A fitted model.

    Attributes
    ----------
    beta, se : (p,) fixed effects and their standard errors, in units of y per unit of x.
    vcov : (p, p) covariance of ``beta``; with Kenward-Roger the adjusted one, which ``se`` follows.
    df : (p,) denominator degrees of freedom, at least 1.
    tau : (r, r) covariance of the random effects.
    sigma2 : residual variance.
    criterion : -2 restricted log-likelihood (REML) or -2 log-likelihood (ML), with lme4's constants.
    theta : (r, r) relative covariance factor Lambda, lower triangular.
    reml : which criterion.
    n_obs, n_groups : what it rests on.
    is_singular : a variance is zero or a correlation is plus or minus one: an answer, not an error.
    converged : the gradient at the optimum is zero within tolerance.
    df_method : how ``df`` and ``vcov`` were found.
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
    df_method: DfMethod = "satterthwaite"

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (p, 2) limits of the fixed effects from t with ``df`` degrees of freedom."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.column_stack([self.beta - half, self.beta + half])


def fit(
    y: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    *,
    Z: ArrayLike | None = None,
    reml: bool = True,
    correlated: bool = True,
    df: DfMethod = "satterthwaite",
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
    df : degrees of freedom of the fixed effects: ``satterthwaite``, or ``kenward-roger`` (REML only), which also widens
        the standard errors for the estimation of the variances; for few groups.

    Returns
    -------
    LmmFit

    Raises
    ------
    ShapeError
        Lengths differ, values are missing, or ``group`` is not one column.
    NotEstimableError
        Fewer rows than fixed effects, X is collinear, one group only, y does not vary given X, or Kenward-Roger is
        asked of maximum likelihood.
    ChoiceError
        ``df`` is neither of the two.

    Notes
    -----
    A zero variance is an answer (``is_singular``), not an error. A group of one row counts. Satterthwaite holds a zero
    variance at zero; Kenward-Roger counts it as estimated, as pbkrtest does.

    Levels within levels, and factors that cross, are ``crossed.fit(y, X, {"region": region, "unit": unit})``; labels of
    a unit must then be its own, not used again in another region. Intervals of the variances: ``variance_limits``.

    References
    ----------
    Bates et al. (2015), doi 10.18637/jss.v067.i01. Satterthwaite (1946), doi 10.2307/3002019. Kenward & Roger (1997),
    doi 10.2307/2533558.

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
    return _fitted(*centred_moments(y, X, group, Z), reml, correlated, df)


def fit_moments(
    moments: GroupMoments,
    *,
    centre: ArrayLike | None = None,
    reml: bool = True,
    correlated: bool = True,
    df: DfMethod = "satterthwaite",
) -> LmmFit:
    """Fit the same model from cross-products per group; the answer equals ``fit`` on the rows behind them.

    Parameters
    ----------
    moments : cross-products of ``[Z, X, y]`` per group, as ``group_moments`` gives them, or ``scanned_moments`` from
        one grouped query. Groups of further rows may be added to them.
    centre : (p + 1,) what was subtracted from the columns of ``[X, y]`` before summing, so that ``beta`` is that of the
        columns as they were. The first column of X must then be ones, with centre 0. None: nothing was, or ``beta``
        may be that of the centred columns.
    reml, correlated, df : as in ``fit``.

    Raises
    ------
    NotEstimableError, ChoiceError
        As in ``fit``.
    ShapeError
        The centre does not fit the columns, or the first column of X is not one of ones.
    """
    return _fitted(moments, _given_centre(moments, centre), reml, correlated, df)


def _given_centre(moments: GroupMoments, values: ArrayLike | None) -> Centre:
    if values is None:
        return no_centre(moments.p)
    given = np.asarray(values, dtype=float)
    if given.shape != (moments.p + 1,):
        raise ShapeError(f"The centre has shape {given.shape}. Give {moments.p + 1} values: those of [X, y].")
    if given[0] != 0 or not np.allclose(moments.cross[:, moments.r, moments.r], moments.n):
        raise ShapeError("A centre needs a column of ones first in X, with 0 as its centre. Put it there.")
    return centre_at(given)


def _fitted(moments: GroupMoments, centre: Centre, reml: bool, correlated: bool, df: DfMethod) -> LmmFit:
    """Fit, and give the coefficients of the columns as they were before centring."""
    if df not in get_args(DfMethod):
        raise ChoiceError("df", df, get_args(DfMethod))
    if df == "kenward-roger" and not reml:
        raise NotEstimableError('Kenward-Roger rests on REML. Found: reml=False. Use reml=True, or df="satterthwaite".')
    estimable(moments)
    scale = z_scale(moments)
    scaled = rescaled(moments, scale)
    free = free_elements(moments.r, correlated)
    Lambda, converged = optimum(scaled, free, reml)
    at = profile(scaled, Lambda)
    N, dof = float(moments.n.sum()), degrees(moments, reml)
    sigma2 = at.rss / dof
    if df == "kenward-roger":
        known = kenward_roger(at, free, centre.back, sigma2, N)
    else:
        known = satterthwaite(at, Lambda, free, centre.back, sigma2, N, reml=reml)
    Lam = Lambda / scale[:, None]
    return LmmFit(
        beta=centre.back @ at.beta + centre.shift,
        se=np.sqrt(np.diag(known.vcov)),
        vcov=known.vcov,
        df=known.df,
        tau=sigma2 * Lam @ Lam.T,
        sigma2=sigma2,
        criterion=criterion(at, dof, reml),
        theta=Lam,
        reml=reml,
        n_obs=int(N),
        n_groups=len(moments.n),
        is_singular=bool(np.any(np.abs(np.diag(Lambda)) < 1e-5 * max(1.0, float(np.abs(Lambda).max())))),
        converged=converged,
        df_method=df,
    )
