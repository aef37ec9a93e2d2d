"""How well a structural equation model fits: test against the unrestricted model, and the usual indices."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FitMeasures:
    """Fit of one model; NaN where the data cannot tell.

    Attributes
    ----------
    n_par : free parameters.
    loglik, unrestricted_loglik : normal log-likelihood of the model and of free means and covariances, given the
        exogenous variables.
    chisq, df, p_value : likelihood-ratio test of the two.
    baseline_chisq, baseline_df : the same for the model without covariances.
    cfi, tli : comparative fit index (Bentler 1990), Tucker-Lewis index.
    rmsea, rmsea_low, rmsea_high : root mean square error of approximation with 90 % limits (Steiger 1990), with the
        number of groups inside the root.
    srmr : standardised root mean square residual, means included where the model has them; for two levels the sum of
        both levels, from covariances only.
    srmr_levels : (within, between) for two levels, else empty.
    aic, bic, bic_adjusted : with log(N), and with log((N + 2) / 24).
    """

    n_par: int
    loglik: float
    unrestricted_loglik: float
    chisq: float
    df: int
    p_value: float
    baseline_chisq: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmr: float
    srmr_levels: tuple[float, ...]
    aic: float
    bic: float
    bic_adjusted: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Deviances and degrees of freedom that the measures are made of.

    Attributes
    ----------
    deviance, unrestricted, baseline : -2 log-likelihood of the model, the unrestricted and the baseline model.
    n_par, n_par_unrestricted, n_par_baseline : their free parameters.
    n_obs, n_groups : rows and independent groups.
    residuals : per block, the standardised residual moments that enter SRMR.
    two_level : whether blocks are levels.
    """

    deviance: float
    unrestricted: float
    baseline: float
    n_par: int
    n_par_unrestricted: int
    n_par_baseline: int
    n_obs: int
    n_groups: int
    residuals: tuple[tuple[float, float], ...]
    two_level: bool


def measures(c: Comparison) -> FitMeasures:
    """Work out the measures."""
    df, base_df = c.n_par_unrestricted - c.n_par, c.n_par_unrestricted - c.n_par_baseline
    chisq, base = max(0.0, c.deviance - c.unrestricted), max(0.0, c.baseline - c.unrestricted)
    if math.isnan(c.unrestricted):
        chisq = base = math.nan
    rmsea, low, high = root_mean_square_error(chisq, df, c.n_obs, c.n_groups)
    weights = np.array([w for w, _ in c.residuals])
    values = np.array([v for _, v in c.residuals])
    srmr = float(values.sum() if c.two_level else weights @ values / weights.sum())
    return FitMeasures(
        n_par=c.n_par,
        loglik=-c.deviance / 2,
        unrestricted_loglik=-c.unrestricted / 2,
        chisq=chisq,
        df=df,
        p_value=float(special.chdtrc(df, chisq)) if df > 0 else math.nan,
        baseline_chisq=base,
        baseline_df=base_df,
        cfi=comparative_fit(chisq, df, base, base_df),
        tli=tucker_lewis(chisq, df, base, base_df),
        rmsea=rmsea,
        rmsea_low=low,
        rmsea_high=high,
        srmr=srmr,
        srmr_levels=tuple(float(v) for v in values) if c.two_level else (),
        aic=c.deviance + 2 * c.n_par,
        bic=c.deviance + math.log(c.n_obs) * c.n_par,
        bic_adjusted=c.deviance + math.log((c.n_obs + 2) / 24) * c.n_par,
    )


def comparative_fit(
    chisq: float, df: int, base: float, base_df: int, scale: float = 1.0, base_scale: float = 1.0
) -> float:
    """Return CFI; with scaling factors its robust form (Brosseau-Liard & Savalei 2014)."""
    if math.isnan(chisq) or df < 0:
        return math.nan
    lack = max(chisq - scale * df, 0.0)
    worst = max(lack, base - base_scale * base_df)
    return 1.0 if worst <= 0 else 1.0 - lack / worst


def tucker_lewis(
    chisq: float, df: int, base: float, base_df: int, scale: float = 1.0, base_scale: float = 1.0
) -> float:
    """Return TLI; with scaling factors its robust form. 1 without degrees of freedom."""
    if math.isnan(chisq) or df < 0:
        return math.nan
    worst = (base - base_scale * base_df) * df
    return 1.0 if worst == 0 else 1.0 - (chisq - scale * df) * base_df / worst


def root_mean_square_error(chisq: float, df: int, n: int, groups: int) -> tuple[float, float, float]:
    """Return RMSEA with its 90 % limits from the noncentral chi-square; zero without degrees of freedom."""
    if math.isnan(chisq) or df < 0:
        return math.nan, math.nan, math.nan
    if df == 0:
        return 0.0, 0.0, 0.0
    per = n * df / groups

    def limit(tail: float) -> float:
        if special.chdtr(df, chisq) < tail:
            return 0.0
        top = max(chisq * 4, df * 4.0, 50.0)
        found = optimize.brentq(lambda ncp: special.chndtr(chisq, df, ncp) - tail, 1e-12, top, xtol=1e-12, rtol=1e-12)
        return math.sqrt(found / per)

    return math.sqrt(max((chisq - df) / per, 0.0)), limit(0.95), limit(0.05)


def residual(cov: FloatArray, Sigma: FloatArray, mean: FloatArray, mu: FloatArray, with_means: bool) -> float:
    """Return the root mean square of residual (co)variances and means, in SDs of the observed variables.

    NaN where the unrestricted model puts a variance at or below zero, as between few or equal clusters.
    """
    if (np.diag(cov) <= 0).any():
        return math.nan
    sd = np.sqrt(np.diag(cov))
    lower = np.tril_indices(len(sd))
    parts = ((cov - Sigma) / np.outer(sd, sd))[lower]
    if with_means:
        parts = np.concatenate([parts, (mean - mu) / sd])
    return float(np.sqrt(np.mean(parts**2)))
