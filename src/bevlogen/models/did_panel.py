"""The panel behind an effect of actions: outcomes per unit and period, and when each unit was first acted upon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Panel:
    """Outcomes in a table.

    Attributes
    ----------
    y : (J, T) outcomes, NaN where not measured.
    periods : (T,) period labels, rising.
    first : (J,) label of the first period with action; inf for units never acted upon.
    units : (J,) labels of the units.
    """

    y: FloatArray
    periods: FloatArray
    first: FloatArray
    units: NDArray[np.generic]

    @property
    def treated(self) -> BoolArray:
        """(J, T) whether the action had begun."""
        return np.asarray(self.periods >= self.first[:, None])


def panel(
    y: ArrayLike, first_treated: ArrayLike, unit: ArrayLike | None = None, time: ArrayLike | None = None
) -> Panel:
    """Check a wide table, or long columns, and bring them into one table.

    Parameters
    ----------
    y : (J, T) outcomes, NaN where missing; or (N,) with ``unit`` (N,) and ``time`` (N,), one row per unit and period.
    first_treated : (J,) or, for long columns, (N,): period of the first action, inf or NaN for never.
    time : for a wide table (T,) period labels; default 0, 1, ..., T - 1.

    Raises
    ------
    ShapeError
        Shapes do not fit, a unit appears twice in a period, or has two starts.
    NotEstimableError
        Nobody acted upon; every unit acted upon from the same moment on, or before the first period.
    """
    y_ = np.asarray(y, dtype=float)
    first = np.asarray(first_treated, dtype=float)
    if unit is None:
        if y_.ndim != 2:
            raise ShapeError("A table of outcomes has a row per unit and a column per period. Or give unit and time.")
        periods = np.arange(y_.shape[1], dtype=float) if time is None else np.asarray(time, dtype=float)
        units: NDArray[np.generic] = np.arange(y_.shape[0])
    else:
        y_, first, periods, units = _widened(y_, first, np.asarray(unit), time)
    if first.shape != y_.shape[:1] or periods.shape != y_.shape[1:]:
        raise ShapeError(
            f"The table has {y_.shape[0]} units and {y_.shape[1]} periods, but there are {first.size} first periods "
            f"of action and {periods.size} period labels. Give one per unit and one per period."
        )
    if np.isinf(y_).any() or not np.isfinite(periods).all() or (np.diff(periods) <= 0).any():
        raise ShapeError("Outcomes must be finite or missing, and period labels finite and rising.")
    first = np.where(np.isnan(first) | (first > periods[-1]), np.inf, first)
    _check_contrast(first, periods)
    return Panel(y_, periods, first, units)


def _check_contrast(first: FloatArray, periods: FloatArray) -> None:
    """Refuse panels in which nothing can be compared."""
    acted = first[np.isfinite(first)]
    if len(acted) == 0:
        raise NotEstimableError("No unit was acted upon within the periods measured. There is no effect to estimate.")
    if (acted <= periods[0]).all():
        raise NotEstimableError(
            "Every action began before the second period. Without a period before the action there is nothing to "
            "compare with. Add earlier periods."
        )
    if len(acted) == len(first) and len(np.unique(acted)) == 1:
        raise NotEstimableError(
            "Every unit was acted upon from the same moment on. There is no unit to compare with. "
            "Add units without the action, or use an interrupted time series."
        )


def _widened(
    y: FloatArray, first: FloatArray, unit: NDArray[np.generic], time: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.generic]]:
    """Put long columns into a table."""
    if time is None:
        raise ShapeError("Long columns need a time for each row. Give time beside unit.")
    time_ = np.asarray(time, dtype=float)
    if not y.shape == first.shape == unit.shape == time_.shape or y.ndim != 1:
        raise ShapeError("y, first_treated, unit and time differ in length. Give one row per unit and period in each.")
    units, row = np.unique(unit, return_inverse=True)
    periods, column = np.unique(time_, return_inverse=True)
    if len(np.unique(row * len(periods) + column)) < len(row):
        raise ShapeError("A unit appears twice in one period. Give one row per unit and period.")
    table = np.full((len(units), len(periods)), np.nan)
    table[row, column] = y
    first = np.where(np.isnan(first), np.inf, first)
    starts = np.empty(len(units))
    starts[row] = first
    if (starts[row] != first).any():
        raise ShapeError("A unit has two different first periods of action. Give the first one in all its rows.")
    return table, starts, periods, units
