"""How large the empty space above a ceiling is when x and y have nothing to do with each other.

Each sampler draws from the same distribution, that of all orders of y over fixed x, and yields sizes of empty spaces.
They differ in cost: whole orders cost n each; coarse scales need only the table of counts; and a ceiling over many
distinct points needs only its records, about log n of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations as all_orders
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.models.ceiling_scatter import Scatter, tops, zone_above_line, zones

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_CHUNK = 2_000_000  # numbers held at once while orders are drawn
_FEW_POINTS = 300  # below it whole orders are the quickest
_Sampler = Callable[[Scatter, str, int, np.random.Generator], Iterator[FloatArray]]


@dataclass(frozen=True, slots=True)
class Chance:
    """A permutation test.

    Attributes
    ----------
    p_value : share of orders with at least the observed empty space.
    margin : half width of its 95 % Monte Carlo interval; 0 if exact.
    exact : all orders were looked at.
    permutations : orders looked at.
    """

    p_value: float
    margin: float
    exact: bool
    permutations: int


def permutation_test(
    s: Scatter, ceiling: str, zone: float, permutations: int, rng: np.random.Generator | None
) -> Chance:
    """Compare an empty space with that of other orders of y; all orders if they are no more than ``permutations``."""
    n = len(s.u)
    if permutations < 1:
        return Chance(np.nan, np.nan, False, 0)
    enough = zone - 1e-12 * s.area  # the same space, summed in another order
    if n <= 12 and factorial(n) <= permutations:
        V = s.v[np.array(list(all_orders(range(n))))]
        return Chance(float((zones(s, *tops(s, V), ceiling) >= enough).mean()), 0.0, True, len(V))
    generator = np.random.default_rng() if rng is None else rng
    drawn = _sampler(s, ceiling)(s, ceiling, permutations, generator)
    p = (1 + sum(int(np.sum(part >= enough)) for part in drawn)) / (1 + permutations)
    return Chance(p, float(1.959964 * np.sqrt(p * (1 - p) / permutations)), False, permutations)


def _sampler(s: Scatter, ceiling: str) -> _Sampler:
    n, levels = len(s.u), len(np.unique(s.v))
    if n <= _FEW_POINTS:
        return by_orders
    if 4 * len(s.first) * levels <= n:
        return by_tables
    duplicates = len(s.first) < n and levels < n  # possible at all
    return by_orders if ceiling == "cr_fdh" and duplicates else by_records


def by_orders(s: Scatter, ceiling: str, permutations: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield empty spaces of whole random orders."""
    n = len(s.u)
    step = max(1, _CHUNK // n)
    for start in range(0, permutations, step):
        V = np.broadcast_to(s.v, (min(step, permutations - start), n)).copy()
        yield zones(s, *tops(s, rng.permuted(V, axis=1, out=V)), ceiling)


def by_tables(s: Scatter, ceiling: str, permutations: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield empty spaces of random tables of distinct u by distinct v with the observed margins."""
    levels, counts = np.unique(s.v, return_counts=True)
    step = max(1, _CHUNK // (len(levels) * len(s.count)))
    for start in range(0, permutations, step):
        size = min(step, permutations - start)
        table = _tables(s.count, counts, size, rng)
        top = len(levels) - 1 - np.argmax(table[:, :, ::-1] > 0, axis=2)
        copies = np.take_along_axis(table, top[:, :, None], axis=2)[:, :, 0].astype(float)
        yield zones(s, levels[top], copies, ceiling)


def _tables(rows: IntArray, columns: IntArray, size: int, rng: np.random.Generator) -> IntArray:
    """Draw tables with the given margins, (size, rows, columns): each entry hypergeometric given those before it."""
    out = np.empty((size, len(rows), len(columns)), dtype=np.int64)
    left = np.broadcast_to(columns, (size, len(columns))).copy()
    for r, total in enumerate(rows[:-1]):
        todo, later = np.full(size, total), left.sum(axis=1)
        for c in range(len(columns) - 1):
            later -= left[:, c]
            out[:, r, c] = rng.hypergeometric(left[:, c], later, todo)
            todo -= out[:, r, c]
        out[:, r, -1] = todo
        left -= out[:, r]
    out[:, -1] = left
    return out


def by_records(s: Scatter, ceiling: str, permutations: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield empty spaces from the records of random orders; for ``cr_fdh`` u or v must be without ties."""
    v = s.v.copy()
    v[::-1].sort()
    step = _CHUNK // 50
    for start in range(0, permutations, step):
        rank, place, real = _records(len(v), min(step, permutations - start), rng)
        U, V = s.u[place], v[rank]
        if ceiling == "cr_fdh":
            first_of_u, last_of_v = np.ones_like(real), np.ones_like(real)
            first_of_u[:, 1:] = U[:, 1:] < U[:, :-1]
            last_of_v[:, :-1] = (V[:, 1:] < V[:, :-1]) | ~real[:, 1:]
            yield zone_above_line(s, (real & first_of_u & last_of_v).astype(float), U, V)
        else:
            above, below = (s.v_high - V[:, 0]) * (s.u_high - s.u_low), (V[:, -1] - s.v_low) * (U[:, -1] - s.u_low)
            yield above + below + ((V[:, :-1] - V[:, 1:]) * (U[:, :-1] - s.u_low)).sum(axis=1)


def _records(n: int, size: int, rng: np.random.Generator) -> tuple[IntArray, IntArray, BoolArray]:
    """Draw the points that lie left of all higher points, from the highest v down to the lowest u.

    Returns (size, k) rank of v (0 highest), place in u (0 lowest), and whether the entry is real or repeats the last.
    With k places left of the lowest so far and m values to come, the wait for the next record is negative
    hypergeometric, and its place is uniform over the k.
    """
    rank, place = np.zeros(size, dtype=np.int64), rng.integers(0, n, size)
    ranks, places, reals = [rank], [place], [np.ones(size, dtype=bool)]
    while (on := places[-1] > 0).any():
        rank, place = ranks[-1].copy(), places[-1].copy()
        rank[on] += _waits(n - 1 - rank[on], place[on], rng.random(int(on.sum())))
        place[on] = rng.integers(0, place[on])
        ranks.append(rank)
        places.append(place)
        reals.append(on)
    return np.column_stack(ranks), np.column_stack(places), np.column_stack(reals)


def _waits(m: IntArray, k: IntArray, chance: FloatArray) -> IntArray:
    """Return draws without replacement until the first of k hits among m, by inverting its distribution."""
    start, target = special.gammaln(m - k + 1) - special.gammaln(m + 1), np.log1p(-chance)
    low, high = np.zeros_like(m), m - k + 1
    while (open_ := high - low > 1).any():
        middle = (low + high) // 2
        still = special.gammaln(m - middle + 1) - special.gammaln(np.maximum(m - middle - k, 0) + 1) + start
        low = np.where(open_ & (still > target), middle, low)
        high = np.where(open_ & (still <= target), middle, high)
    return np.asarray(high)
