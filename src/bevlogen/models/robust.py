"""The robust mixture that joins a literature prior to one's own estimate, whether or not the literature applies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from bevlogen.errors import ShapeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RobustMap:
    """Posterior of a robust meta-analytic-predictive prior and one normal estimate.

    Attributes
    ----------
    mean, sd : of the posterior mixture.
    low, high : its 2.5% and 97.5% quantiles, exact.
    weight : posterior weight of the informative part, 0 to 1.
    component_means, component_sds : (2,) informative and vague part.
    conflict : two-sided p that the estimate comes from the informative prior; small = they disagree.
    effective_n : how many observations like those behind the estimate the prior is worth (ELIR, before seeing them).
    """

    mean: float
    sd: float
    low: float
    high: float
    weight: float
    component_means: FloatArray
    component_sds: FloatArray
    conflict: float
    effective_n: float


def robust_map(
    y: float, se: float, mean: float, sd: float, *, weight: float = 0.8, vague_sd: float = 0.5, n: float = 1.0
) -> RobustMap:
    """What do the own estimate and the literature say together, if the literature might not apply here?

    Parameters
    ----------
    y, se : own estimate and its standard error, above 0.
    mean, sd : informative prior for the true effect *here*: N(mean, sd²); sd holds the spread between places.
    weight : prior weight of the informative part, 0 to 1; the rest is N(0, vague_sd²).
    vague_sd : spread of the vague part, above 0.
    n : observations (units) behind y; scales ``effective_n``.

    Returns
    -------
    RobustMap

    Raises
    ------
    ShapeError
        A value is not finite, a spread is not above 0, or the weight lies outside 0 to 1.

    Notes
    -----
    Posterior part k is normal with mean (m_k/s_k² + y/se²)/(1/s_k² + 1/se²), weight proportional to w_k N(y; m_k,
    s_k² + se²). ``conflict`` is 2 Phi(-|y - m|/sqrt(s² + se²)) against the informative part. ``effective_n`` is n se²
    E[-d²/dx² log prior(x)], the expected local information ratio; for one normal part it is n se² / s².

    References
    ----------
    Schmidli et al. (2014), doi 10.1111/biom.12242. Neuenschwander et al. (2020), doi 10.1111/biom.13252 (ELIR).

    Examples
    --------
    >>> round(robust_map(-0.10, 0.15, 0.25, 0.12).mean, 6)
    0.047348
    """
    if not np.isfinite([y, se, mean, sd, weight, vague_sd, n]).all():
        raise ShapeError("robust_map needs finite numbers. Leave out an estimate without a standard error.")
    if min(se, sd, vague_sd) <= 0 or not 0 <= weight <= 1:
        raise ShapeError("se, sd and vague_sd must be above 0 and weight between 0 and 1.")
    m, s, w = np.array([mean, 0.0]), np.array([sd, vague_sd]), np.array([weight, 1 - weight])
    precision = 1 / s**2 + 1 / se**2
    means, sds = (m / s**2 + y / se**2) / precision, 1 / np.sqrt(precision)
    # On the log scale, so that an estimate far from both parts still gets weights.
    with np.errstate(divide="ignore"):
        log_weight = np.log(w) + _log_density(y, m, np.sqrt(s**2 + se**2))
    weights = np.exp(log_weight - log_weight.max())
    weights /= weights.sum()
    centre = float(weights @ means)
    spread = float(np.sqrt(weights @ (sds**2 + (means - centre) ** 2)))
    return RobustMap(
        mean=centre,
        sd=spread,
        low=_mixture_quantile(0.025, weights, means, sds),
        high=_mixture_quantile(0.975, weights, means, sds),
        weight=float(weights[0]),
        component_means=means,
        component_sds=sds,
        conflict=float(2 * special.ndtr(-abs(y - mean) / np.sqrt(sd**2 + se**2))),
        effective_n=n * se**2 * _expected_information(w, m, s),
    )


def _mixture_quantile(level: float, weights: FloatArray, means: FloatArray, sds: FloatArray) -> float:
    """Return the quantile of a normal mixture, by its distribution function; it lies between those of the parts."""
    ends = means + sds * special.ndtri(level)
    low, high = float(ends.min()), float(ends.max())
    if high - low < 1e-12:
        return low

    def excess(x: float) -> float:
        return float(weights @ special.ndtr((x - means) / sds)) - level

    # A part of weight 0 or 1 puts the root on an end, where rounding may hide the change of sign.
    if excess(low) >= 0:
        return low
    if excess(high) <= 0:
        return high
    return float(optimize.brentq(excess, low, high, xtol=1e-12))


def _expected_information(w: FloatArray, m: FloatArray, s: FloatArray) -> float:
    """E[-d²/dx² log p(x)] of a normal mixture p, by the trapezium rule; equal to E[(p'/p)²]."""
    x = np.unique(np.concatenate([m_k + s_k * np.linspace(-10, 10, 4001) for m_k, s_k in zip(m, s, strict=True)]))
    parts = w * np.exp(_log_density(x[:, None], m, s))
    p = parts.sum(axis=1)
    slope = (parts * (m - x[:, None]) / s**2).sum(axis=1)
    ratio = np.divide(slope**2, p, out=np.zeros_like(p), where=p > 0)
    return float(np.trapezoid(ratio, x))


def _log_density(x: FloatArray | float, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Log density of the normal distribution."""
    return np.asarray(-0.5 * ((x - mean) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi)))
