"""What these data could have seen, and how much more would settle it."""

from __future__ import annotations

import math

from scipy import special

_POWER = 0.80
_LEVEL = 0.05
TRUSTED_RELIABILITY = 0.70


def detectable_correlation(n_units: int) -> float:
    """Return the correlation between units that is found with 80% chance at 5% two-sided; NaN for 3 units or fewer.

    Notes
    -----
    ``tanh(2.80 / sqrt(J - 3))``, by Fisher's z; 2.80 = z(.975) + z(.80).

    References
    ----------
    Cohen (1988), Statistical Power Analysis, ch. 3.

    Examples
    --------
    >>> round(detectable_correlation(50), 2)
    0.39
    """
    if n_units <= 3:
        return float("nan")
    return math.tanh(float(special.ndtri(1 - _LEVEL / 2) + special.ndtri(_POWER)) / math.sqrt(n_units - 3))


def detectable_effect(std_error: float, df: float = math.inf) -> float:
    """Return the effect that is found with 80% chance at 5% two-sided: ``(t(.975) + t(.80)) * SE``.

    It depends on the standard error alone, never on the estimate. NaN without a positive ``df``.

    References
    ----------
    Bloom (1995), doi 10.1177/0193841X9501900504.
    """
    if not df > 0:
        return float("nan")
    return float(special.stdtrit(df, 1 - _LEVEL / 2) + special.stdtrit(df, _POWER)) * std_error


def units_needed(n_units: int, mde: float, target: float) -> int:
    """Return how many units would detect ``target``: ``ceil(J (mde / target)^2)``, as the variance goes with 1/J."""
    return math.ceil(n_units * (mde / target) ** 2 - 1e-9)


def waves_needed(n_waves: int, mde: float, target: float) -> int:
    """Return how many waves of the same units would detect ``target`` from changes within units.

    T waves hold T - 1 changes, so the variance goes with 1/(T - 1). A rough rule: it takes changes as independent.
    """
    return 1 + math.ceil((n_waves - 1) * (mde / target) ** 2 - 1e-9)


def answers_factor(reliability: float, target: float = TRUSTED_RELIABILITY) -> float:
    """Return how many times the answers per unit bring the reliability of unit means to ``target`` (Spearman-Brown).

    NaN where the reliability is unknown or not above 0.
    """
    if not 0 < reliability < 1:
        return float("nan")
    return target * (1 - reliability) / (reliability * (1 - target))
