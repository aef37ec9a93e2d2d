"""One common factor of a scale's items by normal maximum likelihood, on one level or on two (persons in units)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # optimize is loaded when it is first used: that takes longer than a day of answers does
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]

# The variance of an item's own part stays above this share of the item's variance (no Heywood case below 0).
LEAST_UNIQUE = 1e-6

# An information matrix worse conditioned than this tells nothing of some parameter.
_WORST_CONDITION = 1e12


def one_factor(r: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """Maximum likelihood of one factor on a correlation matrix: loadings, uniquenesses, whether it converged."""
    p = len(r)

    def discrepancy(x: FloatArray) -> tuple[float, FloatArray]:
        """Return log|S| + tr(R S^-1) and its gradient, S = l l' + diag(t)."""
        implied = np.outer(x[:p], x[:p]) + np.diag(x[p:])
        inverse = np.linalg.inv(implied)
        g = inverse - inverse @ r @ inverse
        value = float(np.linalg.slogdet(implied)[1] + np.trace(r @ inverse))
        return value, np.concatenate([2 * g @ x[:p], np.diag(g)])

    values, vectors = np.linalg.eigh(r)
    first = vectors[:, -1] * (np.sign(vectors[:, -1].sum()) or 1.0)
    start = np.clip(first * np.sqrt(max(values[-1] - 1, 0.1)), -0.95, 0.95)
    bounds = [(None, None)] * p + [(LEAST_UNIQUE, None)] * p
    x = scipy.optimize.minimize(
        discrepancy,
        np.concatenate([start, 1 - start**2]),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-8},
    ).x
    for _ in range(20):
        gradient = discrepancy(x)[1]
        expected = information(x[:p], x[p:])
        if np.abs(gradient).max() < 1e-13 or np.linalg.cond(expected) > _WORST_CONDITION:
            break
        step = x - np.linalg.solve(expected, gradient / 2)
        if (step[p:] <= LEAST_UNIQUE).any() or np.abs(discrepancy(step)[1]).max() > np.abs(gradient).max():
            break
        x = step
    gradient = discrepancy(x)[1]
    free = np.concatenate([np.ones(p, dtype=bool), x[p:] > 2 * LEAST_UNIQUE])
    sign = np.sign(x[:p].sum()) or 1.0
    return sign * x[:p], x[p:], bool(np.abs(gradient[free]).max() < 1e-6)


def information(loadings: FloatArray, unique: FloatArray) -> FloatArray:
    """Expected information of (loadings, uniquenesses) per respondent, ``tr(S^-1 dS_a S^-1 dS_b) / 2``."""
    p = len(loadings)
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(unique))
    il = inverse @ loadings
    out = np.empty((2 * p, 2 * p))
    out[:p, :p] = np.outer(il, il) + inverse * float(loadings @ il)
    out[:p, p:] = inverse * il[None, :]
    out[p:, :p] = out[:p, p:].T
    out[p:, p:] = inverse**2 / 2
    return out


def omega_error(loadings: FloatArray, unique: FloatArray, n_obs: int) -> float:
    """Asymptotic standard error of omega by the delta method."""
    expected = information(loadings, unique)
    if np.linalg.cond(expected) > _WORST_CONDITION:
        return float("nan")
    total, error = float(loadings.sum()), float(unique.sum())
    spread = (total**2 + error) ** 2
    p = len(loadings)
    gradient = np.concatenate([np.full(p, 2 * total * error / spread), np.full(p, -(total**2) / spread)])
    return float(np.sqrt(gradient @ np.linalg.solve(expected, gradient) / n_obs))


def logit_limits(value: float, std_error: float, level: float) -> tuple[float, float]:
    """Limits between 0 and 1 by the delta method on the logit."""
    if not (np.isfinite(std_error) and 0 < value < 1):
        return float("nan"), float("nan")
    half = float(special.ndtri(0.5 + level / 2)) * std_error / (value * (1 - value))
    return float(special.expit(special.logit(value) - half)), float(special.expit(special.logit(value) + half))


def fit_measures(
    r: FloatArray, implied: FloatArray, n_obs: int
) -> tuple[float, int, float, float, float, float, float]:
    """Likelihood-ratio test against any covariance, CFI and TLI against independence, RMSEA, SRMR."""
    p = len(r)
    log_det = float(np.linalg.slogdet(r)[1])
    distance = float(np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, r))) - log_det - p
    chi2, df = max(n_obs * distance, 0.0), p * (p + 1) // 2 - 2 * p
    base_chi2, base_df = -n_obs * log_det, p * (p - 1) // 2
    scale = np.sqrt(np.diag(implied))
    residual = (r - implied)[np.tril_indices(p)]
    # The residuals of a correlation fit are those of the covariances over the observed SDs, as Bentler defines SRMR.
    srmr = float(np.sqrt((residual**2).mean())) if scale.all() else np.nan
    if df == 0:
        return chi2, df, np.nan, np.nan, np.nan, np.nan, srmr
    excess, base_excess = max(chi2 - df, 0.0), max(base_chi2 - base_df, chi2 - df, 0.0)
    cfi = 1 - excess / base_excess if base_excess > 0 else 1.0
    base_ratio = base_chi2 / base_df
    tli = (base_ratio - chi2 / df) / (base_ratio - 1) if base_ratio != 1 else np.nan
    return chi2, df, float(special.chdtrc(df, chi2)), cfi, tli, float(np.sqrt(excess / (df * n_obs))), srmr


@dataclass(frozen=True, slots=True)
class TwoLevelFactor:
    """Estimates of ``two_level_factor``: loadings and uniquenesses (p,) on each level, in the items' own units.

    ``heywood`` is True where a uniqueness lies at its lower limit.
    """

    loadings_within: FloatArray
    unique_within: FloatArray
    loadings_between: FloatArray
    unique_between: FloatArray
    log_likelihood: float
    converged: bool
    heywood: bool


def two_level_factor(n: FloatArray, mean: FloatArray, within: FloatArray) -> TwoLevelFactor:
    """Fit one factor within and one between units to unit sizes (J,), means (J, p) and products within (p, p).

    The likelihood of unbalanced groups in its closed form, ``V_j = S_w + n_j S_b``, means profiled out by GLS
    (Muthen 1990; Lee 1990, doi:10.1093/biomet/77.4.763); quasi-Newton with the analytic gradient.
    """
    p, n_obs = mean.shape[1], float(n.sum())
    df = n_obs - len(n)
    grand = n @ mean / n_obs
    sd = np.sqrt((np.diag(within) + n @ (mean - grand) ** 2) / n_obs)
    z, products = (mean - grand) / sd, within / np.outer(sd, sd)
    sizes, which = np.unique(n, return_inverse=True)
    units = np.bincount(which).astype(np.float64)

    def deviance(x: FloatArray) -> tuple[float, FloatArray]:
        """Return -2 log-likelihood per respondent without its constant, and its gradient."""
        lw, tw, lb, tb = x.reshape(4, p)
        sigma_w = np.outer(lw, lw) + np.diag(tw)
        inverse_w = np.linalg.inv(sigma_w)
        v = sigma_w + sizes[:, None, None] * (np.outer(lb, lb) + np.diag(tb))
        inverse = np.linalg.inv(v)
        weight = sizes[:, None, None] * inverse
        per_unit = weight[which]
        mu = np.linalg.solve(per_unit.sum(axis=0), np.einsum("jab,jb->a", per_unit, z))
        gap = z - mu
        pulled = np.einsum("jab,jb->ja", inverse[which], gap)
        value = df * float(np.linalg.slogdet(sigma_w)[1]) + float(np.sum(inverse_w * products))
        value += float(units @ np.linalg.slogdet(v)[1] + n @ np.einsum("ja,ja->j", pulled, gap))
        g_b = np.einsum("s,sab->ab", units * sizes, inverse) - np.einsum("j,ja,jb->ab", n**2, pulled, pulled)
        g_w = df * inverse_w - inverse_w @ products @ inverse_w
        g_w += np.einsum("s,sab->ab", units, inverse) - np.einsum("j,ja,jb->ab", n, pulled, pulled)
        gradient = np.concatenate([2 * g_w @ lw, np.diag(g_w), 2 * g_b @ lb, np.diag(g_b)])
        return value / n_obs, gradient / n_obs

    start_w = np.clip(np.diag(products) / df, 0.05, None)
    start_b = np.clip(z.var(axis=0) - start_w / n.mean(), 0.05, None)
    start = np.concatenate([np.sqrt(start_w / 2), start_w / 2, np.sqrt(start_b / 2), start_b / 2])
    free, above = [(None, None)] * p, [(LEAST_UNIQUE, None)] * p
    found = scipy.optimize.minimize(
        deviance,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[*free, *above, *free, *[(0.0, None)] * p],
        options={"maxiter": 5000, "maxfun": 10000, "ftol": 1e-16, "gtol": 1e-9, "maxcor": 30},
    )
    lw, tw, lb, tb = found.x.reshape(4, p)
    _, gradient = deviance(found.x)
    inside = np.concatenate([np.ones(p, bool), tw > 2 * LEAST_UNIQUE, np.ones(p, bool), tb > 0])
    constant = n_obs * (p * np.log(2 * np.pi) + 2 * float(np.log(sd).sum()))
    return TwoLevelFactor(
        (np.sign(lw.sum()) or 1.0) * lw * sd,
        tw * sd**2,
        (np.sign(lb.sum()) or 1.0) * lb * sd,
        tb * sd**2,
        -(constant + n_obs * float(found.fun)) / 2,
        bool(np.abs(gradient[inside]).max() < 1e-6),
        not inside.all(),
    )
