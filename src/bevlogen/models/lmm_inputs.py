"""What the mixed models do with rows before they estimate: number the levels of a factor, and centre the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.errors import ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
    values : (p + 1,) subtracted from each column; 0 for the constant column of X, and everywhere if there is none.
    back, shift : (p, p) and (p,): the coefficients of the columns as they were are ``back @ beta + shift``.
    """

    values: FloatArray
    back: FloatArray
    shift: FloatArray


def no_centre(p: int) -> Centre:
    """Return the centre that leaves p columns of X, and y, as they are."""
    return Centre(np.zeros(p + 1), np.eye(p), np.zeros(p))


def centre_of(y: FloatArray, X: FloatArray) -> Centre:
    """Return the means of ``[X, y]`` where X has a constant column, else no centre."""
    out = no_centre(X.shape[1])
    constant = np.flatnonzero((X == X[:1]).all(axis=0) & (X[0] != 0)) if len(X) else np.array([], int)
    if len(constant) == 0:
        return out
    c = int(constant[0])
    out.values[:-1], out.values[-1] = X.mean(axis=0), y.mean()
    out.values[c] = 0.0
    out.back[c] -= out.values[:-1] / X[0, c]
    out.shift[c] = out.values[-1] / X[0, c]
    return out
