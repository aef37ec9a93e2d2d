"""What the mixed models do with rows before they estimate: number the levels of a factor, and centre the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.errors import ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SAMPLE = 4096  # rows that tell roughly where a column lies


def numbered(values: NDArray[np.generic], name: str) -> tuple[NDArray[np.generic], IntArray]:
    """Return the levels of a factor in order and the level of each row; small non-negative integers number themselves.

    Raises
    ------
    ShapeError
        A label is missing (None or not a number), or labels of different kinds are mixed; ``name`` says of what.
    """
    try:
        missing = _n_missing(values)
        if missing:
            raise ShapeError(f"{name} has {missing} rows without a level. Leave those rows out first.")
        labels, codes = _levels(values)
    except TypeError as error:
        raise ShapeError(
            f"{name} mixes kinds of labels, or marks missing ones its own way. Give all as text or as numbers."
        ) from error
    return labels, codes.astype(np.int64, copy=False)


def _levels(values: NDArray[np.generic]) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    if values.dtype.kind in "iu" and len(values) and values.min() >= 0 and values.max() < 4 * len(values):
        present = np.bincount(values) > 0
        return np.flatnonzero(present), values if present.all() else (np.cumsum(present) - 1)[values]
    return np.unique(values, return_inverse=True)


def _n_missing(values: NDArray[np.generic]) -> int:
    if values.dtype.kind == "f":
        return int(np.isnan(values).sum())
    if values.dtype.kind in "mM":
        return int(np.isnat(values).sum())
    return sum(v is None or v != v for v in values.tolist()) if values.dtype.kind == "O" else 0


@dataclass(frozen=True, slots=True)
class Centre:
    """What is subtracted from the columns of ``[X, y]``, so that sums of squares keep their digits.

    Attributes
    ----------
    values : (p + 1,) subtracted from each column, near its mean; 0 for the constant column of X, for all if none is.
    back, shift : (p, p) and (p,): the coefficients of the columns as they were are ``back @ beta + shift``.
    """

    values: FloatArray
    back: FloatArray
    shift: FloatArray


def no_centre(p: int) -> Centre:
    """Return the centre that leaves p columns of X, and y, as they are."""
    return Centre(np.zeros(p + 1), np.eye(p), np.zeros(p))


def centre_of(y: FloatArray, X: FloatArray) -> Centre:
    """Return a rough centre of ``[X, y]``, means of rows spread evenly, if X has a constant column; else no centre."""
    c = next((k for k in range(X.shape[1]) if len(X) and X[0, k] != 0 and is_constant(X[:, k])), None)
    if c is None:
        return no_centre(X.shape[1])
    step = _step(len(X))
    values = np.append(X[::step].mean(axis=0), y[::step].mean())
    values[c] = 0.0
    return centre_at(values, c, float(X[0, c]))


def is_constant(column: FloatArray) -> bool:
    """Tell whether all values of a column (n,), n > 0, are the same."""
    step = _step(len(column))  # a few rows tell it of nearly every column
    return bool((column[::step] == column[0]).all() and (column == column[0]).all())


def _step(n: int) -> int:
    return max(1, n // _SAMPLE)


def centre_at(values: FloatArray, column: int = 0, constant: float = 1.0) -> Centre:
    """Return the centre of given values; ``column`` of X holds ``constant`` throughout, and has 0 among the values."""
    out = no_centre(len(values) - 1)
    out.back[column] -= values[:-1] / constant
    out.shift[column] = values[-1] / constant
    return Centre(values, out.back, out.shift)
