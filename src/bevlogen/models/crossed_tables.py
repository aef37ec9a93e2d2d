"""Rows of a crossed model summed once: levels per factor and the cross-products of ``[Z, X, y]``.

Both methods of ``crossed`` work on these tables alone. The factor with most levels stands first, because it is the one
that the exact method eliminates: its block of ``Z'Z`` is block diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from bevlogen.errors import NotEstimableError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Sparse = Any  # scipy.sparse.csr_array: SciPy carries no types

_TINY = 1e-10  # relative size below which a sum of squares counts as zero


@dataclass(frozen=True, slots=True)
class Factor:
    """One grouping factor.

    Attributes
    ----------
    name : as the caller calls it.
    labels : (J,) the levels in the order of the codes.
    codes : (n,) level of each row.
    Z : (n, r) columns with random effects; None for a random intercept.
    """

    name: str
    labels: NDArray[np.generic]
    codes: IntArray
    Z: FloatArray | None = None

    @property
    def n_levels(self) -> int:
        """Number of levels."""
        return len(self.labels)

    @property
    def r(self) -> int:
        """Number of random-effect columns."""
        return 1 if self.Z is None else int(self.Z.shape[1])


@dataclass(frozen=True, slots=True)
class Tables:
    """Cross-products of ``[Z, X, y]`` with the columns of Z in level-major order, factor after factor.

    Attributes
    ----------
    n : number of rows.
    levels, r : levels and random-effect columns per factor; the first factor has most of ``levels * r``.
    S : per factor (J, r, r) diagonal blocks of Z'Z.
    A12 : (q1, q2) sparse, first factor by all others.
    A22 : (q2, q2) sparse, the others among themselves.
    W : (q, p + 1) Z'[X y].
    C : (p + 1, p + 1) [X y]'[X y].
    """

    n: int
    levels: tuple[int, ...]
    r: tuple[int, ...]
    S: tuple[FloatArray, ...]
    A12: Sparse
    A22: Sparse
    W: FloatArray
    C: FloatArray

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return len(self.C) - 1

    @property
    def A21(self) -> Sparse:  # noqa: N802 - named as in the formulas
        """Transpose of A12, by columns: a product then runs along the first factor once, in the order of its levels.

        By rows it would fetch those levels in the order of the other factor, all over a memory that is too large for
        the processor's own: the larger the data, the dearer each row.
        """
        return self.A12.T

    @property
    def q1(self) -> int:
        """Columns of Z that belong to the first factor."""
        return self.levels[0] * self.r[0]

    @property
    def slices(self) -> tuple[slice, ...]:
        """Where each factor stands among the columns of Z."""
        ends = np.cumsum([0, *(J * r for J, r in zip(self.levels, self.r, strict=True))])
        return tuple(slice(int(a), int(b)) for a, b in pairwise(ends))

    def pair(self, j: int, k: int) -> Sparse:
        """Return the (J_j, J_k) cross-products of the first columns of two different factors."""
        rows = slice(self.slices[j].start, self.slices[j].stop, self.r[j])
        columns = slice(self.slices[k].start, self.slices[k].stop, self.r[k])
        if j == 0 or k == 0:
            table, offsets = (self.A12, (0, self.q1)) if j == 0 else (self.A21, (self.q1, 0))
        else:
            table, offsets = self.A22, (self.q1, self.q1)
        here = tuple(slice(s.start - o, s.stop - o, s.step) for s, o in zip((rows, columns), offsets, strict=True))
        whole = all(s == slice(0, n, 1) for s, n in zip(here, table.shape, strict=True))
        return table if whole else table[here]

    def times(self, c: FloatArray) -> FloatArray:
        """Return Z'Z c for c of shape (q, m)."""
        c1, c2 = c[: self.q1], c[self.q1 :]
        return np.vstack([block_times(self.S[0], c1) + self.A12 @ c2, self.A21 @ c1 + self.A22 @ c2])


@dataclass(frozen=True, slots=True)
class Fixed:
    """Fixed effects solved from cross-products weighted by V^-1.

    Attributes
    ----------
    beta, inverse : (p,) and (p, p) coefficients and inverse of X' V^-1 X.
    rss : weighted residual sum of squares.  log_det : log determinant of X' V^-1 X.
    """

    beta: FloatArray
    inverse: FloatArray
    rss: float
    log_det: float


def solve_fixed(M: FloatArray) -> Fixed:
    """Solve the fixed effects from M = [X y]' V^-1 [X y], of shape (p + 1, p + 1).

    Raises
    ------
    NotEstimableError
        X is collinear, or y does not vary beyond it.
    """
    collinear = "The fixed effects are collinear. Leave out a column of X that others explain."
    try:
        c, low = linalg.cho_factor(M[:-1, :-1], lower=True)
    except linalg.LinAlgError as error:
        raise NotEstimableError(collinear) from error
    diagonal = np.diag(c)
    if np.any(diagonal**2 < _TINY * np.diag(M)[:-1]):
        raise NotEstimableError(collinear)
    beta = linalg.cho_solve((c, low), M[:-1, -1])
    rss = float(M[-1, -1] - M[:-1, -1] @ beta)
    if rss <= _TINY * max(M[-1, -1], np.finfo(float).tiny):
        raise NotEstimableError("The outcome does not vary beyond what X explains. There is nothing to estimate.")
    return Fixed(beta, linalg.cho_solve((c, low), np.eye(len(beta))), rss, float(2 * np.log(diagonal).sum()))


def block_times(blocks: FloatArray, c: FloatArray) -> FloatArray:
    """Multiply a block diagonal matrix, given as (J, r, r), with c of shape (J r, m)."""
    J, r = blocks.shape[:2]
    if r == 1:
        return np.asarray(blocks[:, 0] * c)
    return np.asarray(np.matmul(blocks, c.reshape(J, r, -1)).reshape(J * r, -1))


def block_sparse(blocks: FloatArray) -> Sparse:
    """Return (J, r, r) diagonal blocks as one sparse matrix."""
    J, r = blocks.shape[:2]
    if r == 1:
        return sparse.diags_array(blocks[:, 0, 0], format="csr")
    return sparse.csr_array(sparse.bsr_array((blocks, np.arange(J), np.arange(J + 1)), shape=(J * r, J * r)))


def cross_tables(y: FloatArray, X: FloatArray, factors: tuple[Factor, ...]) -> Tables:
    """Sum rows into tables. The first factor must have most random effects."""
    S = tuple(_own(f) for f in factors)
    if len(factors) > 1:
        A12 = sparse.hstack([_between(factors[0], f) for f in factors[1:]], format="csr")
        A22 = _among(factors[1:], S[1:])
    else:
        A12, A22 = sparse.csr_array((S[0].shape[0] * S[0].shape[1], 0)), sparse.csr_array((0, 0))
    columns = [*X.T, y]
    return Tables(
        n=len(y),
        levels=tuple(f.n_levels for f in factors),
        r=tuple(f.r for f in factors),
        S=S,
        A12=A12,
        A22=A22,
        W=np.vstack([_sums(f, columns) for f in factors]),
        C=_gram(columns),
    )


def _gram(columns: list[FloatArray]) -> FloatArray:
    return np.array([[a @ b for b in columns] for a in columns])


def _columns(factor: Factor) -> list[FloatArray | None]:
    return [None] if factor.Z is None else list(factor.Z.T)


def _own(factor: Factor) -> FloatArray:
    """Return (J, r, r) cross-products of the factor's own columns per level."""
    J, r = factor.n_levels, factor.r
    if factor.Z is None:
        return np.bincount(factor.codes, minlength=J).astype(float).reshape(J, 1, 1)
    S = np.empty((J, r, r))
    for a in range(r):
        for b in range(a, r):
            S[:, a, b] = S[:, b, a] = np.bincount(factor.codes, factor.Z[:, a] * factor.Z[:, b], minlength=J)
    return S


def _between(one: Factor, other: Factor) -> Sparse:
    """Return the sparse cross-products of two factors' columns."""
    if one.Z is None and other.Z is None:
        return _met(one, other)
    rows, cols, data = [], [], []
    for a, z in enumerate(_columns(one)):
        for b, w in enumerate(_columns(other)):
            rows.append(one.codes * one.r + a)
            cols.append(other.codes * other.r + b)
            weight = np.ones(len(one.codes)) if z is None else z
            data.append(weight if w is None else weight * w)
    shape = (one.n_levels * one.r, other.n_levels * other.r)
    parts = (np.concatenate(data), (np.concatenate(rows), np.concatenate(cols)))
    return sparse.coo_array(parts, shape=shape).tocsr()


def _met(one: Factor, other: Factor) -> Sparse:
    """Return how often each two levels met; pairs are sorted, as scattering them costs more with more levels."""
    J, K = one.n_levels, other.n_levels
    pairs = one.codes * K
    pairs += other.codes
    pairs.sort()
    first = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1]))
    counts = np.diff(first, append=len(pairs)).astype(float)
    pairs = pairs[first]
    ends = np.searchsorted(pairs, np.arange(J + 1) * K)
    return sparse.csr_array((counts, np.remainder(pairs, K, out=pairs), ends), shape=(J, K))


def _among(factors: tuple[Factor, ...], S: tuple[FloatArray, ...]) -> Sparse:
    """Return the sparse cross-products of several factors among themselves."""
    grid: list[list[Sparse]] = [[block_sparse(S[k]) for k in range(len(factors))] for _ in factors]
    for k in range(len(factors)):
        for m in range(k + 1, len(factors)):
            grid[k][m] = _between(factors[k], factors[m])
            grid[m][k] = grid[k][m].T
    return sparse.block_array(grid, format="csr")


def _sums(factor: Factor, columns: list[FloatArray]) -> FloatArray:
    """Return (J r, p + 1) sums of products of the factor's columns with [X y]."""
    J, r = factor.n_levels, factor.r
    out = np.empty((J, r, len(columns)))
    for a, z in enumerate(_columns(factor)):
        for i, x in enumerate(columns):
            out[:, a, i] = np.bincount(factor.codes, x if z is None else z * x, minlength=J)
    return out.reshape(J * r, -1)
