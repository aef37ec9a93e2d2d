"""How one figure of a unit follows from others, in the same period and the next: a dynamic panel per outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_PERIODS = 6  # halves of the panel, from which the bias of short series is taken, need pairs of their own
_LEAST_UNITS = 10
_MOST_LEFT_OUT = 100  # with more units than this, groups of them are left out in turn


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Coefficients of one outcome: its own past first, then each cause now, then each cause one period earlier.

    Attributes
    ----------
    coefficient : (1 + now + lagged,) in units of the outcome per unit of the cause.
    covariance : the same by the same, from leaving out one unit at a time.
    n_units, n_pairs : units, and pairs of periods that follow one another, used.
    """

    coefficient: FloatArray
    covariance: FloatArray
    n_units: int
    n_pairs: int


def dynamics(y: ArrayLike, error: ArrayLike, outcome: int, now: Sequence[int], lagged: Sequence[int]) -> Dynamics:
    """Estimate how an outcome carries over and follows its causes within units.

    Parameters
    ----------
    y : (J, T, p) figures of units, oldest period first, NaN where missing.
    error : (J, T, p, p) covariance of their sampling errors; 0 where they are exact or it is unknown.
    outcome : index of the outcome among the p figures.
    now, lagged : indices of causes that work in the same period, and one period later.

    Returns
    -------
    Dynamics

    Raises
    ------
    ShapeError
        Arrays that do not fit.
    NotEstimableError
        Fewer than 6 periods or 10 units with enough of them, or moments that sampling error alone explains.

    Notes
    -----
    ``y_t = a_unit + b_period + c y_(t-1) + sum now x_t + sum lagged x_(t-1) + e`` by least squares on deviations from
    unit means over pairs of periods, with the expected moments of the sampling errors taken off (errors in variables).
    The bias of short panels (Nickell 1981) is taken off by the half-panel jackknife: twice the estimate less the mean
    of those of the first and the second half of the pairs. Covariance: jackknife over units, or over
    100 groups of them where there are more.
    Rests on no feedback within a period from the outcome to a cause named in ``now``, and on nothing that moves both.

    References
    ----------
    Dhaene & Jochmans (2015), doi 10.1093/restud/rdv007. Fuller (1987), Measurement Error Models, ch. 2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 9))
    >>> z = np.zeros((200, 9))
    >>> for t in range(1, 9):
    ...     z[:, t] = 0.4 * z[:, t - 1] + 0.5 * x[:, t] + rng.normal(0, 0.5, 200)
    >>> found = dynamics(np.stack([x, z], axis=2), np.zeros((200, 9, 2, 2)), 1, [0], [])
    >>> bool(np.abs(found.coefficient - [0.4, 0.5]).max() < 0.05)
    True
    """
    y_, error_ = np.asarray(y, dtype=np.float64), np.asarray(error, dtype=np.float64)
    if y_.ndim != 3 or error_.shape != (*y_.shape, y_.shape[-1]):
        raise ShapeError("y is units by periods by figures, and error has a covariance of the figures for each cell.")
    columns = [(outcome, 0), (outcome, 1), *((v, 0) for v in now), *((v, 1) for v in lagged)]
    y_ = y_ - _period_means(y_)
    there = np.isfinite(y_)
    whole: BoolArray = np.all([there[:, 1 - s : y_.shape[1] - s, v] for v, s in columns], axis=0)
    n_pairs = y_.shape[1] - 1
    parts = [np.ones(n_pairs, dtype=bool), np.arange(n_pairs) < n_pairs // 2, np.arange(n_pairs) >= n_pairs // 2]
    used = (whole.sum(axis=1) >= LEAST_PERIODS - 1) & (whole[:, parts[1]].sum(axis=1) > 1)
    used &= whole[:, parts[2]].sum(axis=1) > 1
    if y_.shape[1] < LEAST_PERIODS or used.sum() < _LEAST_UNITS:
        raise NotEstimableError(
            f"Dynamics need {_LEAST_UNITS} units with {LEAST_PERIODS} periods in a row. Found: {int(used.sum())}.",
            "few-units",
        )
    moments = [_moments(y_[used], error_[used], whole[used] & part, columns) for part in parts]
    total = [m.sum(axis=0) for m in moments]
    coefficient = _jackknifed([_solved(m) for m in total])
    groups = np.arange(int(used.sum())) % _MOST_LEFT_OUT
    left = np.array(
        [
            _jackknifed([_solved(t - m[groups == g].sum(axis=0)) for t, m in zip(total, moments, strict=True)])
            for g in range(int(groups.max()) + 1)
        ]
    )
    G = len(left)
    apart = left - left.mean(axis=0)
    return Dynamics(coefficient, (G - 1) / G * apart.T @ apart, int(used.sum()), int(whole[used].sum()))


def _period_means(y: FloatArray) -> FloatArray:
    there = np.isfinite(y)
    count = there.sum(axis=0)
    out = np.zeros(y.shape[1:])
    np.divide(np.where(there, y, 0).sum(axis=0), count, out=out, where=count > 0)
    return out


def _moments(y: FloatArray, error: FloatArray, kept: BoolArray, columns: list[tuple[int, int]]) -> FloatArray:
    """Return (J, k, k) cross-products of deviations from unit means over the kept pairs, sampling errors taken off."""
    T = y.shape[1]
    Z = np.stack([np.where(kept, y[:, 1 - s : T - s, v], 0.0) for v, s in columns], axis=2)
    n = np.maximum(kept.sum(axis=1), 1)[:, None, None]
    total = Z.sum(axis=1)
    out: FloatArray = np.einsum("jta,jtb->jab", Z, Z) - total[:, :, None] * total[:, None, :] / n
    noise = np.nan_to_num(error)
    for a, (v, s) in enumerate(columns):
        for b, (w, r) in enumerate(columns):
            shared = noise[:, 1 - s : T - s, v, w] if s == r else np.zeros(kept.shape)
            # Both columns hold period tau where the pair ending at tau + s and the one ending at tau + r are kept.
            both = _overlap(kept, noise[:, :, v, w], s, r)
            out[:, a, b] -= np.where(kept, shared, 0).sum(axis=1) - both / n[:, 0, 0]
    return out


def _overlap(kept: BoolArray, noise: FloatArray, s: int, r: int) -> FloatArray:
    """Error variance of the periods that occur in both columns."""
    T = noise.shape[1]
    first, second = np.zeros(noise.shape, dtype=bool), np.zeros(noise.shape, dtype=bool)
    first[:, 1 - s : T - s], second[:, 1 - r : T - r] = kept, kept
    out: FloatArray = np.where(first & second, noise, 0).sum(axis=1)
    return out


def _solved(moments: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.lstsq(moments[1:, 1:], moments[1:, 0], rcond=None)[0])


def _jackknifed(parts: list[FloatArray]) -> FloatArray:
    return 2 * parts[0] - (parts[1] + parts[2]) / 2
