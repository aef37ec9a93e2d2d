"""Limits of effects from the influence of each unit: for few units, and for a whole set of effects at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.errors import NotEstimableError

FloatArray = NDArray[np.float64]

FEWEST_COMPARED = 2  # units without the action: one alone shows no spread


@dataclass(frozen=True, slots=True)
class Band:
    """Limits that hold for a whole set of effects at once, by multiplier bootstrap.

    Attributes
    ----------
    se : (m,) bootstrap errors: interquartile range of the draws over that of the normal distribution.
    critical : multiple of ``se``: quantile of the largest absolute t of the set.
    low, high : (m,) limits.
    draws : bootstrap draws.
    """

    se: FloatArray
    critical: float
    low: FloatArray
    high: FloatArray
    draws: int


@dataclass(frozen=True, slots=True)
class SmallSample:
    """Errors for few units: n - 1 instead of n within each group of the same start, and Welch's degrees of freedom.

    Attributes
    ----------
    se, df : (m,) errors and degrees of freedom.
    """

    se: FloatArray
    df: FloatArray

    def around(self, estimate: FloatArray, level: float) -> FloatArray:
        """Return (m, 2) limits around estimates from t."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.column_stack([estimate - half, estimate + half])


def small_sample(influence: FloatArray, first: FloatArray) -> SmallSample:
    """Welch's rule over groups of the same start: squares over n_k - 1, degrees of freedom by their shares."""
    _, group, size = np.unique(first, return_inverse=True, return_counts=True)
    less_one = np.maximum(size - 1, 1.0)
    squares = np.stack([np.bincount(group, column**2, minlength=len(size)) for column in influence.T], axis=1)
    parts = squares / len(first) ** 2 * (size / less_one)[:, None]
    total = parts.sum(axis=0)
    below = (parts**2 / less_one[:, None]).sum(axis=0)
    df = np.divide(total**2, below, out=np.ones_like(total), where=below > 0)
    return SmallSample(np.sqrt(total), df)


def uniform_band(
    estimate: FloatArray, influence: FloatArray, rng: np.random.Generator, level: float, draws: int
) -> Band:
    """Multiply each unit's influence by a random sign and see how far the set as a whole moves."""
    if len(estimate) == 0:
        raise NotEstimableError('A band needs a set of effects. Aggregate by "group", "event" or "calendar".')
    n = len(influence)
    signs = rng.integers(0, 2, size=(draws, n)) * 2.0 - 1.0
    moved = signs @ influence / n
    quarter = np.diff(np.quantile(moved, [0.25, 0.75], axis=0), axis=0)[0]
    se = quarter / (2 * special.ndtri(0.75))
    held = se > 0
    largest = np.abs(moved[:, held] / se[held]).max(axis=1, initial=0.0)
    critical = max(float(np.quantile(largest, level)), float(special.ndtri(0.5 + level / 2)))
    return Band(se, critical, estimate - critical * se, estimate + critical * se, draws)
