"""Rows of a mixed model with one grouping factor summed once: the cross-products of ``[Z, X, y]`` per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ShapeError
from bevlogen.models.lmm_inputs import Centre, centre_of, numbered

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_BLOCK = 131_072  # rows whose products stay in the processor's cache


@dataclass(frozen=True, slots=True)
class GroupMoments:
    """Cross-products of ``[Z, X, y]`` per group: all that the model needs of the rows.

    Attributes
    ----------
    n : (J,) rows per group.
    cross : (J, q, q) sums of products of the q = r + p + 1 columns of ``[Z, X, y]``.
    r : number of random-effect columns (columns of Z); p follows from q.
    """

    n: FloatArray
    cross: FloatArray
    r: int

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.cross.shape[1]) - self.r - 1


@dataclass(frozen=True, slots=True)
class _Rows:
    """Checked rows.

    Attributes
    ----------
    columns : (p + 1 + s, n) the columns of ``[X, y]`` and then those of Z that no column of ones in X stands for.
    place : (q,) where each column of ``[Z, X, y]`` stands in ``columns``.
    codes : (n,) group of each row.
    J, r : number of groups and of random-effect columns.
    """

    columns: FloatArray
    place: IntArray
    codes: IntArray
    J: int
    r: int

    @property
    def n_fixed(self) -> int:
        """Number of columns of X."""
        return len(self.place) - self.r - 1


def group_moments(y: ArrayLike, X: ArrayLike, group: ArrayLike, Z: ArrayLike | None = None) -> GroupMoments:
    """Sum rows into moments per group.

    Parameters
    ----------
    y : (n,) outcome.
    X : (n, p) design with its own intercept column.
    group : (n,) labels of any kind; order does not matter. Groups are numbered in the order of their labels.
    Z : (n, r) columns with random effects; None for a random intercept.

    Returns
    -------
    GroupMoments
        Of the columns as they are. Where their means are large beside their spread, digits get lost; ``lmm.fit``
        centres first.

    Raises
    ------
    ShapeError
        Lengths differ, or a value or label is missing.
    """
    return _summed(_rows(y, X, group, Z), None)


def centred_moments(y: ArrayLike, X: ArrayLike, group: ArrayLike, Z: ArrayLike | None) -> tuple[GroupMoments, Centre]:
    """Sum rows as ``group_moments`` does, about the means of X and y where X has a constant column."""
    rows = _rows(y, X, group, Z)
    p = rows.n_fixed
    centre = centre_of(rows.columns[p], rows.columns[:p].T)
    return _summed(rows, centre), centre


def _rows(y: ArrayLike, X: ArrayLike, group: ArrayLike, Z: ArrayLike | None) -> _Rows:
    """Return the rows as contiguous columns, or say what is wrong with them."""
    y_, X_ = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    labels = _one_factor(group)
    Z_ = None if Z is None else np.asarray(Z, dtype=float)
    lengths = {"y": len(y_), "X": len(X_), "group": len(labels)} | ({} if Z_ is None else {"Z": len(Z_)})
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{k} {v}" for k, v in lengths.items())
        raise ShapeError(f"y, X, group and Z differ in length. Found: {found}. Give one row per observation in each.")
    p = X_.shape[1]
    fixed = np.empty((p + 1, len(y_)))
    fixed[:p], fixed[p] = X_.T, y_
    ones = next((k for k in range(p) if (fixed[k] == 1).all()), None)
    columns, random = fixed, np.array([ones or 0])
    if Z_ is not None or ones is None:
        extra = np.ones((1, len(y_))) if Z_ is None else np.atleast_2d(Z_.T)
        columns, random = np.vstack([fixed, extra]), p + 1 + np.arange(len(extra))
    if not np.isfinite(columns).all():
        raise ShapeError("y, X or Z holds missing or infinite values. Leave those rows out first.")
    levels, codes = numbered(labels, "The group")
    return _Rows(columns, np.concatenate([random, np.arange(p + 1)]), codes, len(levels), len(random))


def _one_factor(group: ArrayLike) -> NDArray[np.generic]:
    labels = np.asarray(group)
    if labels.ndim != 1:
        raise ShapeError(
            "The group is not one column of labels. For nested or crossed groups give them by name to crossed.fit: "
            'crossed.fit(y, X, {"region": region, "unit": unit}).'
        )
    return labels


def _summed(rows: _Rows, centre: Centre | None) -> GroupMoments:
    """Sum the products of all columns per group, block of rows by block of rows."""
    columns, codes, J = rows.columns, rows.codes, rows.J
    m = len(columns)
    n = np.bincount(codes, minlength=J).astype(float)
    plain = [bool((column == 1).all()) for column in columns]
    sums = np.zeros((m, m, J))
    step = max(_BLOCK, 4 * J)
    for start in range(0, len(codes), step):
        here = slice(start, start + step)
        block = columns[:, here]
        if centre is not None:
            block = block.copy()
            block[: len(centre.values)] -= centre.values[:, None]
        for i in range(m):
            for k in range(i, m):
                if not (plain[i] and plain[k]):
                    product = block[k] if plain[i] else block[i] if plain[k] else block[i] * block[k]
                    sums[i, k] += np.bincount(codes[here], weights=product, minlength=J)
    for i in range(m):
        for k in range(i, m):
            sums[i, k] = sums[k, i] = n if plain[i] and plain[k] else sums[i, k]
    cross = np.ascontiguousarray(sums[np.ix_(rows.place, rows.place)].transpose(2, 0, 1))
    return GroupMoments(n, cross, rows.r)
