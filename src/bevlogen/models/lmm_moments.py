"""Rows of a mixed model with one grouping factor summed once: the cross-products of ``[Z, X, y]`` per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ShapeError
from bevlogen.models.lmm_inputs import Centre, centre_of, is_constant, numbered

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_BLOCK = 65_536  # rows whose products stay in the processor's cache


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
    """Checked rows, not yet looked at.

    Attributes
    ----------
    X, y, Z : as arrays; Z has no columns where a column of ones in X stands for the random intercept.
    place : (q,) where each column of ``[Z, X, y]`` stands in ``[X, y, Z]``.
    ones : which columns of ``[X, y, Z]`` are ones throughout.
    codes : (n,) group of each row.
    J, r : number of groups and of random-effect columns.
    """

    X: FloatArray
    y: FloatArray
    Z: FloatArray
    place: IntArray
    ones: tuple[bool, ...]
    codes: IntArray
    J: int
    r: int

    def block(self, here: slice, centre: Centre | None) -> FloatArray:
        """Return some rows of ``[X, y, Z]`` as contiguous columns, about the centre."""
        p, codes = self.X.shape[1], self.codes[here]
        out = np.empty((len(self.ones), len(codes)))
        out[:p], out[p], out[p + 1 :] = self.X[here].T, self.y[here], self.Z[here].T
        if not np.isfinite(out).all():
            raise ShapeError("y, X or Z holds missing or infinite values. Leave those rows out first.")
        if centre is not None:
            out[: p + 1] -= centre.values[:, None]
        return out


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


def scanned_moments(n: ArrayLike, s: ArrayLike, q: ArrayLike) -> GroupMoments:
    """Return the moments of a random-intercept model from what one grouped query brings back.

    Parameters
    ----------
    n : (J,) rows per group in which all variables are present.
    s : (J, m) sums of the m variables ``[x1, x2, ..., y]``, the outcome last, best about a rough centre.
    q : (J, m, m) sums of their products, both halves.

    Returns
    -------
    GroupMoments
        Of ``Z = 1`` and ``X = [1, x1, x2, ...]``. Give the centre to ``lmm.fit_moments``.

    Raises
    ------
    ShapeError
        The three do not fit together, or a value is missing.
    """
    n_, s_, q_ = (np.asarray(a, dtype=float) for a in (n, s, q))
    if s_.ndim != 2 or n_.shape != s_.shape[:1] or q_.shape != (*s_.shape, s_.shape[-1]):
        found = f"{n_.shape}, {s_.shape} and {q_.shape}"
        raise ShapeError(f"n, s and q do not fit together. Found: {found}. Give (J,), (J, m) and (J, m, m).")
    if not all(np.isfinite(a).all() for a in (n_, s_, q_)):
        raise ShapeError("n, s or q holds missing or infinite values. Leave those groups out first.")
    m = s_.shape[1]
    cross = np.empty((len(n_), m + 2, m + 2))
    cross[:, :2, :2] = n_[:, None, None]
    cross[:, :2, 2:], cross[:, 2:, :2], cross[:, 2:, 2:] = s_[:, None], s_[:, :, None], q_
    keep = n_ > 0
    return GroupMoments(n_[keep], cross[keep], 1)


def centred_moments(y: ArrayLike, X: ArrayLike, group: ArrayLike, Z: ArrayLike | None) -> tuple[GroupMoments, Centre]:
    """Sum rows as ``group_moments`` does, about a rough centre where X has a constant column."""
    rows = _rows(y, X, group, Z)
    centre = centre_of(rows.y, rows.X)
    return _summed(rows, centre), centre


def _rows(y: ArrayLike, X: ArrayLike, group: ArrayLike, Z: ArrayLike | None) -> _Rows:
    """Return the rows as arrays, or say what is wrong with them."""
    y_, X_ = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    labels = _one_factor(group)
    Z_ = None if Z is None else np.asarray(Z, dtype=float)
    if y_.ndim != 1 or X_.ndim != 2:
        raise ShapeError("y must be a single column and X a table. Give y as (n,) and X as (n, p).")
    lengths = {"y": len(y_), "X": len(X_), "group": len(labels)} | ({} if Z_ is None else {"Z": len(Z_)})
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{k} {v}" for k, v in lengths.items())
        raise ShapeError(f"y, X, group and Z differ in length. Found: {found}. Give one row per observation in each.")
    n, p = X_.shape
    ones = [_is_ones(column) for column in X_.T]
    if Z_ is None and any(ones):
        Z_, random = np.empty((n, 0)), np.array([ones.index(True)])
    else:
        Z_ = np.ones((n, 1)) if Z_ is None else Z_.reshape(n, -1)
        random = p + 1 + np.arange(Z_.shape[1])
    ones += [False, *(_is_ones(column) for column in Z_.T)]
    levels, codes = numbered(labels, "The group")
    place = np.concatenate([random, np.arange(p + 1)])
    return _Rows(X_, y_, Z_, place, tuple(ones), codes, len(levels), len(random))


def _is_ones(column: FloatArray) -> bool:
    return bool(len(column) and column[0] == 1 and is_constant(column))


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
    codes, J, ones = rows.codes, rows.J, rows.ones
    pairs = [(i, k) for i in range(len(ones)) for k in range(i, len(ones))]
    n = np.bincount(codes, minlength=J).astype(float)
    sums = np.zeros((len(ones), len(ones), J))
    step = max(_BLOCK, 4 * J)
    for start in range(0, len(codes), step):
        here = slice(start, start + step)
        block = rows.block(here, centre)
        for i, k in pairs:
            if not (ones[i] and ones[k]):
                product = block[k] if ones[i] else block[i] if ones[k] else block[i] * block[k]
                sums[i, k] += np.bincount(codes[here], weights=product, minlength=J)
    for i, k in pairs:
        sums[i, k] = sums[k, i] = n if ones[i] and ones[k] else sums[i, k]
    return GroupMoments(n, np.ascontiguousarray(sums[np.ix_(rows.place, rows.place)].transpose(2, 0, 1)), rows.r)
