"""The narrow waist: counts, sums and squares per unit and period. Every later figure is a function of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two variables together: ``n`` (m,) rows of each cell with both, and their covariance within cells.

    The covariance ``within`` is pooled over cells, denominator ``sum(n - 1)``; NaN if no cell has two rows with both.
    """

    n: FloatArray
    within: float


@dataclass(frozen=True, slots=True)
class Moments:
    """Counts, sums and squares of p variables in m cells (a cell is a unit in a period), and the pairs asked for.

    Attributes
    ----------
    variables : names of the p variables.
    centre : (p,) values subtracted before summing, so that sums of squares keep their digits.
    unit, period : (m,) codes of each cell; each pair occurs once.
    rows : (m,) rows in the cell, answered or not.
    n : (m, p) rows in which the variable is present.
    s : (m, p) sum of the variable (centred) over those rows.
    q : (m, p) sum of its squares (centred) over those rows.
    pairs : by places (i, j) of two variables, i < j, what they have in common. All pairs of few variables, of many
        those that a claim links: cells x variables is all that memory grows with.
    """

    variables: tuple[str, ...]
    centre: FloatArray
    unit: IntArray
    period: IntArray
    rows: FloatArray
    n: FloatArray
    s: FloatArray
    q: FloatArray
    pairs: Mapping[tuple[int, int], Pair]

    def mean(self, variable: int) -> FloatArray:
        """Mean of a variable in its own units, (m,); NaN in a cell without answers."""
        out: FloatArray = np.full(len(self.unit), np.nan)
        np.divide(self.s[:, variable], self.n[:, variable], out=out, where=self.n[:, variable] > 0)
        out += self.centre[variable]
        return out

    def pair(self, a: str, b: str) -> Pair | None:
        """What two variables have in common; None if that was not asked for."""
        i, j = sorted((self.variables.index(a), self.variables.index(b)))
        return self.pairs.get((i, j))


@dataclass(frozen=True, slots=True)
class ItemMoments:
    """Sums of the k items of one scale over the rows with all of them answered.

    Attributes
    ----------
    n : (m,) rows of each cell with every item answered.
    s, q : (m, k) sums of the items and of their squares, centred at the middle of the scale, turned if reverse-keyed.
    total : (k, k) sums of products over the rows of all cells together; symmetric.
    """

    n: FloatArray
    s: FloatArray
    q: FloatArray
    total: FloatArray

    def squares_within(self) -> FloatArray:
        """Sums of squares about the cell means, (m, k)."""
        correction = np.zeros_like(self.q)
        n = np.broadcast_to(self.n[:, None], self.q.shape)
        np.divide(self.s**2, n, out=correction, where=n > 0)
        return self.q - correction


@dataclass(frozen=True, slots=True)
class Scan:
    """All that the grouped query over one row table brought back.

    Attributes
    ----------
    table : name of the row table.
    scores : moments of the scale scores, one variable per construct.
    items : by construct, moments of its items over rows with all items answered.
    """

    table: str
    scores: Moments
    items: dict[str, ItemMoments]
