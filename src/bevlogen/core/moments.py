"""The narrow waist: counts, sums and cross-products per unit and period. Every later figure is a function of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Pairwise counts, sums and cross-products of p variables in m cells (a cell is a unit in a period).

    Attributes
    ----------
    variables : names of the p variables.
    centre : (p,) values subtracted before summing, so that sums of squares keep their digits.
    unit, period : (m,) codes of each cell; each pair occurs once.
    rows : (m,) rows in the cell, answered or not.
    n : (m, p, p) rows in which both variables are present; symmetric.
    s : (m, p, p) ``s[c, i, j]`` is the sum of variable i (centred) over the rows in which i and j are both present.
    q : (m, p, p) sum of the product of i and j (centred) over those rows; symmetric.

    Moments are additive: cells of new rows may be summed with cells of old ones.
    """

    variables: tuple[str, ...]
    centre: FloatArray
    unit: IntArray
    period: IntArray
    rows: FloatArray
    n: FloatArray
    s: FloatArray
    q: FloatArray

    def collapse(self, group: IntArray, n_groups: int) -> Moments:
        """Sum cells into groups: ``group[c]`` (m,) is the group of cell c, negative to leave it out.

        Returns moments with ``n_groups`` cells, ``unit`` the group number and ``period`` 0.
        """
        keep = group >= 0

        def total(a: FloatArray) -> FloatArray:
            out = np.zeros((n_groups, *a.shape[1:]))
            np.add.at(out, group[keep], a[keep])
            return out

        return Moments(
            self.variables,
            self.centre,
            np.arange(n_groups, dtype=np.int64),
            np.zeros(n_groups, dtype=np.int64),
            total(self.rows),
            total(self.n),
            total(self.s),
            total(self.q),
        )

    def count(self) -> FloatArray:
        """Respondents with each variable, (m, p)."""
        return np.diagonal(self.n, axis1=1, axis2=2).copy()

    def mean(self) -> FloatArray:
        """Mean of each variable in its own units, (m, p); NaN in a cell without answers."""
        n = self.count()
        total = np.diagonal(self.s, axis1=1, axis2=2)
        out = np.full(n.shape, np.nan)
        np.divide(total, n, out=out, where=n > 0)
        return out + self.centre

    def products_within(self) -> FloatArray:
        """Sums of products about the cell means, over the rows with both variables, (m, p, p)."""
        correction = np.zeros_like(self.q)
        np.divide(self.s * np.swapaxes(self.s, 1, 2), self.n, out=correction, where=self.n > 0)
        return self.q - correction

    def pooled_within(self, i: int, j: int) -> float:
        """Covariance of two variables within cells, pooled, denominator ``sum(n - 1)``; NaN if no cell has two rows."""
        n, correction = self.n[:, i, j], np.zeros(len(self.n))
        np.divide(self.s[:, i, j] * self.s[:, j, i], n, out=correction, where=n > 0)
        df = np.clip(n - 1, 0, None).sum()
        return float((self.q[:, i, j] - correction).sum() / df) if df > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Scan:
    """All that one grouped query over one row table brought back.

    Attributes
    ----------
    table : name of the row table.
    scores : moments of the scale scores, one variable per construct.
    items : by construct, moments of its items (reverse-keyed items already turned) over rows with all items answered.
    """

    table: str
    scores: Moments
    items: dict[str, Moments]
