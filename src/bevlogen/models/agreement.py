"""Do the people of one unit agree? rwg, rwg(j), awg and the average deviation, per unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement within each of J units.

    Attributes
    ----------
    groups : (J,) labels, sorted.
    value : (J,) the index; NaN for a unit of one respondent, or where the index does not exist (see the function).
    n : (J,) respondents with all items answered.
    n_items : items used.
    mean, median : over the units with a value; NaN if there are none.
    """

    groups: NDArray[np.generic]
    value: FloatArray
    n: FloatArray
    n_items: int
    mean: float
    median: float


def null_variance(options: int) -> float:
    """Return the variance of answers spread evenly over ``options`` options one apart, ``(A^2 - 1) / 12``."""
    if options < 2:
        raise ShapeError(f"Agreement needs two answer options or more. Found {options}.")
    return (options**2 - 1) / 12


def rwg(y: ArrayLike, group: ArrayLike, options: int, *, variance: float | None = None) -> Agreement:
    """Answer how far respondents of a unit agree on one item: ``1 - S^2 / variance of no agreement``.

    Parameters
    ----------
    y : (n,) answers, options one apart; NaN is left out.
    group : (n,) label of each answer's unit.
    options : number of answer options, 2 or more.
    variance : variance under no agreement; None for the even spread ``(options^2 - 1) / 12``. Give a smaller one to
        test a skewed null (James et al. 1984, table 2).

    Returns
    -------
    Agreement
        0 to 1, negative values given as 0; NaN for a unit of one respondent.

    Raises
    ------
    ShapeError
        Lengths differ, or fewer than two options.
    NotEstimableError
        No answers.

    Notes
    -----
    ``S^2`` has denominator n - 1.

    References
    ----------
    James, L. R., Demaree, R. G. & Wolf, G. (1984). doi:10.1037/0021-9010.69.1.85

    Examples
    --------
    >>> rwg([3, 4, 5], ["a", "a", "a"], 7).value
    array([0.75])
    """
    return rwg_j(_column(y), group, options, variance=variance)


def rwg_j(items: ArrayLike, group: ArrayLike, options: int, *, variance: float | None = None) -> Agreement:
    """Answer how far respondents of a unit agree on a scale of J items.

    Parameters
    ----------
    items : (n, J) answers, options one apart, reverse-keyed items turned; rows with a NaN are left out.
    group, options, variance : as ``rwg``.

    Returns
    -------
    Agreement
        0 to 1; 0 where the answers differ more than at random; NaN for a unit of one respondent.

    Raises
    ------
    ShapeError, NotEstimableError
        As ``rwg``.

    Notes
    -----
    ``rwg(j) = J q / (J q + 1 - q)`` with ``q = 1 - mean(S_j^2) / variance``, ``S_j^2`` with denominator n - 1. One
    item gives rwg.

    References
    ----------
    James, L. R., Demaree, R. G. & Wolf, G. (1984). doi:10.1037/0021-9010.69.1.85
    """
    even = null_variance(options)
    rows = _by_unit(items, group)
    null = even if variance is None else variance
    value = rwg_j_from_variance(rows.variances.mean(axis=1), rows.n_items, null)
    return _record(rows, value)


def rwg_j_from_variance(mean_variance: ArrayLike, n_items: int, null: float) -> FloatArray:
    """Return rwg(j) from the mean item variance of each unit (NaN passes through) and the variance of the null."""
    if not null > 0:
        raise ShapeError("The variance of no agreement must be above 0.")
    q = np.clip(1 - np.asarray(mean_variance, dtype=np.float64) / null, 0.0, None)
    return np.asarray(n_items * q / (n_items * q + 1 - q))


def awg(items: ArrayLike, group: ArrayLike, low: float, high: float) -> Agreement:
    """Answer how far a unit agrees, given how much its mean leaves room to disagree.

    Parameters
    ----------
    items : (n,) or (n, J) answers, reverse-keyed items turned; rows with a NaN are left out.
    group : (n,) label of each row's unit.
    low, high : ends of the answer scale.

    Returns
    -------
    Agreement
        -1 to 1, the mean over items. NaN for a unit of one respondent, and where an item's mean lies so near an end
        that the index is not defined: outside ``(L (k - 1) + H) / k`` to ``(H (k - 1) + L) / k``. A unit whose
        respondents all chose the same end agrees fully: 1.

    Raises
    ------
    ShapeError
        Shapes differ, or ``low`` is not below ``high``.
    NotEstimableError
        No complete row.

    Notes
    -----
    ``1 - 2 s^2 / {[(H + L) M - M^2 - H L] k / (k - 1)}``, s^2 with denominator k - 1, k respondents.

    References
    ----------
    Brown, R. D. & Hauenstein, N. M. A. (2005). doi:10.1177/1094428105275376

    Examples
    --------
    >>> awg([4, 5, 5, 6, 4], ["a"] * 5, 0, 6).value.round(6)
    array([0.805556])
    """
    if not low < high:
        raise ShapeError("The low end of the scale must lie below the high end.")
    rows = _by_unit(items, group)
    k = rows.n[:, None]
    mean = rows.means
    room = (high + low) * mean - mean**2 - high * low
    with_two = np.where(k > 1, k, np.nan)
    most = room * with_two / (with_two - 1)
    inside = (mean >= (low * (k - 1) + high) / k) & (mean <= (high * (k - 1) + low) / k)
    value = np.full(mean.shape, np.nan)
    np.divide(2 * rows.variances, most, out=value, where=inside & (most > 0))
    value = np.where((rows.variances == 0) & (k > 1), 1.0, 1 - value)
    return _record(rows, value.mean(axis=1))


def average_deviation(items: ArrayLike, group: ArrayLike, *, about: Literal["mean", "median"] = "mean") -> Agreement:
    """Answer how many scale points respondents lie from their unit's mean or median, on average; 0 is full agreement.

    Parameters
    ----------
    items : (n,) or (n, J) answers; rows with a NaN are left out.
    group : (n,) label of each row's unit.
    about : ``mean`` or ``median`` of the unit.

    Returns
    -------
    Agreement
        Scale points, the mean over items, denominator n; NaN for a unit of one respondent.

    Raises
    ------
    ChoiceError
        Another ``about``.
    ShapeError, NotEstimableError
        As ``awg``.

    References
    ----------
    Burke, M. J., Finkelstein, L. M. & Dusig, M. S. (1999). doi:10.1177/109442819921004
    """
    if about not in ("mean", "median"):
        raise ChoiceError("about", about, ("mean", "median"))
    rows = _by_unit(items, group)
    place = rows.means if about == "mean" else np.stack([np.median(a, axis=0) for a in rows.parts])
    spread = np.stack([np.abs(a - m).mean(axis=0) for a, m in zip(rows.parts, place, strict=True)])
    return _record(rows, np.where(rows.n > 1, spread.mean(axis=1), np.nan))


@dataclass(frozen=True, slots=True)
class _Units:
    """Complete rows split by unit; ``means`` and ``variances`` (J, items), variances NaN for one respondent."""

    groups: NDArray[np.generic]
    parts: list[FloatArray]
    n: FloatArray
    n_items: int
    means: FloatArray
    variances: FloatArray


def _by_unit(items: ArrayLike, group: ArrayLike) -> _Units:
    """Split complete rows by unit."""
    values, labels = np.asarray(items, dtype=np.float64), np.asarray(group)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or values.shape[1] == 0 or labels.shape != values.shape[:1]:
        raise ShapeError(f"Answers (n, items) and units (n,) do not fit. Found {values.shape} and {labels.shape}.")
    complete = ~np.isnan(values).any(axis=1)
    if not complete.any():
        raise NotEstimableError("No respondent answered every item.")
    groups, codes = np.unique(labels[complete], return_inverse=True)
    order = np.argsort(codes, kind="stable")
    n = np.bincount(codes)
    parts = np.split(values[complete][order], np.cumsum(n)[:-1])
    means = np.stack([a.mean(axis=0) for a in parts])
    nothing = np.full(values.shape[1], np.nan)
    variances = np.stack([a.var(axis=0, ddof=1) if len(a) > 1 else nothing for a in parts])
    return _Units(groups, parts, n.astype(np.float64), values.shape[1], means, variances)


def _column(y: ArrayLike) -> FloatArray:
    """Check that ``y`` is one item."""
    values = np.asarray(y, dtype=np.float64)
    if values.ndim != 1:
        raise ShapeError("rwg takes one item. Use rwg_j for several.")
    return values


def _record(rows: _Units, value: FloatArray) -> Agreement:
    known = value[~np.isnan(value)]
    mean, median = (float(known.mean()), float(np.median(known))) if len(known) else (np.nan, np.nan)
    return Agreement(rows.groups, value, rows.n, rows.n_items, mean, median)
