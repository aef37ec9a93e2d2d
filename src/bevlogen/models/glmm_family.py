"""The three families of the generalised mixed model: log-likelihood of a row, derivatives in its linear predictor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]
Family = Literal["binomial", "poisson", "negative_binomial"]

_WIDEST = 30.0  # linear predictors beyond this give shares of 0 or 1 and rates of 0 or 1e13: the search need not go on


@dataclass(frozen=True, slots=True)
class Terms:
    """Log-likelihood and what the Laplace approximation and its gradient need of it, all (n,) per row.

    Attributes
    ----------
    log_likelihood : sum over rows, constants included.
    score, weight, weight_slope : first derivative, minus the second and minus the third, in the linear predictor.
    size, size_score, size_weight : derivatives of log-likelihood (sum), score and weight in log(size); zero but for
        the negative binomial.
    """

    log_likelihood: float
    score: FloatArray
    weight: FloatArray
    weight_slope: FloatArray
    size: float
    size_score: FloatArray
    size_weight: FloatArray


def _binomial(y: FloatArray, trials: FloatArray, eta: FloatArray, log_size: float) -> Terms:
    """Logit link; y is a share, trials its denominator."""
    mu, zero = special.expit(eta), np.zeros_like(eta)
    count = y * trials
    constant = special.gammaln(trials + 1) - special.gammaln(count + 1) - special.gammaln(trials - count + 1)
    value = float(np.sum(constant + count * eta - trials * np.logaddexp(0.0, eta)))
    weight = trials * mu * (1 - mu)
    return Terms(value, count - trials * mu, weight, weight * (1 - 2 * mu), 0.0, zero, zero)


def _poisson(y: FloatArray, weights: FloatArray, eta: FloatArray, log_size: float) -> Terms:
    """Log link."""
    mu, zero = np.exp(np.minimum(eta, _WIDEST)), np.zeros_like(eta)
    value = float(np.sum(weights * (y * eta - mu - special.gammaln(y + 1))))
    return Terms(value, weights * (y - mu), weights * mu, weights * mu, 0.0, zero, zero)


def _negative_binomial(y: FloatArray, weights: FloatArray, eta: FloatArray, log_size: float) -> Terms:
    """Log link, variance mu + mu^2 / size (NB2); the weight is the observed information."""
    k = float(np.exp(log_size))
    share = special.expit(eta - log_size)  # mu / (k + mu)
    value = (
        special.gammaln(y + k)
        - special.gammaln(k)
        - special.gammaln(y + 1)
        + y * special.log_expit(eta - log_size)
        + k * special.log_expit(log_size - eta)
    )
    weight = (y + k) * share * (1 - share)
    d_value = k * (special.digamma(y + k) - special.digamma(k) + special.log_expit(log_size - eta)) - (
        y * (1 - share) - k * share
    )
    d_share = -share * (1 - share)  # in log(size)
    return Terms(
        float(np.sum(weights * value)),
        weights * (y - (y + k) * share),
        weights * weight,
        weights * weight * (1 - 2 * share),
        float(np.sum(weights * d_value)),
        weights * (-k * share - (y + k) * d_share),
        weights * (k * share * (1 - share) + (y + k) * d_share * (1 - 2 * share)),
    )


FAMILIES: dict[str, Callable[[FloatArray, FloatArray, FloatArray, float], Terms]] = {
    "binomial": _binomial,
    "poisson": _poisson,
    "negative_binomial": _negative_binomial,
}
