"""Regression to the mean: how far a group chosen for its extreme score moves without any action."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from bevlogen.errors import ShapeError


@dataclass(frozen=True, slots=True)
class RegressionToMean:
    """What chance alone brings.

    Attributes
    ----------
    expected_change : from the first score to the next, in units of the score.
    expected_change_sd : the same in standard deviations between units.
    expected_mean : the next mean of the group.
    """

    expected_change: float
    expected_change_sd: float
    expected_mean: float


def regression_to_mean(r: float, selected_mean: float, mean: float = 0.0, sd: float = 1.0) -> RegressionToMean:
    """Return how far the mean of a group chosen for its score moves at the next measurement, nothing done.

    Parameters
    ----------
    r : correlation of two measurements of the same units, 0 to 1.
    selected_mean : mean score of the chosen group at the choice, same units as ``mean``.
    mean, sd : of all units at the choice.

    Raises
    ------
    ShapeError
        r outside -1 to 1, or sd not above 0.

    Notes
    -----
    ``(1 - r) (mean - selected_mean)``: scores linear in each other, same mean and spread at both times. An
    "improvement" of the worst units must be larger than this before it may be called one.

    References
    ----------
    Barnett, van der Pols & Dobson (2005), doi 10.1093/ije/dyh299.

    Examples
    --------
    >>> round(regression_to_mean(0.6, extreme_mean(0.25)).expected_change_sd, 6)
    0.508443
    """
    if not -1 <= r <= 1:
        raise ShapeError("A correlation lies between -1 and 1. Give that of two measurements of the same units.")
    if not sd > 0:
        raise ShapeError("The standard deviation between units must be above 0.")
    change = (1 - r) * (mean - selected_mean)
    return RegressionToMean(change, change / sd, selected_mean + change)


def extreme_mean(share: float, mean: float = 0.0, sd: float = 1.0, *, lowest: bool = True) -> float:
    """Return the mean of the lowest (or highest) share of normally distributed scores.

    Parameters
    ----------
    share : chosen part of all units, above 0 and below 1; 0.25 is the bottom quarter.

    Raises
    ------
    ShapeError
        A share outside 0 to 1.

    References
    ----------
    Inverse Mills ratio, as in Barnett et al. (2005), doi 10.1093/ije/dyh299.
    """
    if not 0 < share < 1:
        raise ShapeError("The chosen share lies between 0 and 1.")
    distance = math.exp(-(float(special.ndtri(share)) ** 2) / 2) / math.sqrt(2 * math.pi) / share * sd
    return mean - distance if lowest else mean + distance
