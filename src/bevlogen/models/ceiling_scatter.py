"""Points mirrored to one corner, and the empty space above a ceiling over them.

Every corner is mirrored to the upper left one, so that there is one case: the empty space lies above an increasing
ceiling. u and v are x and y so mirrored, sorted by u, then v. Functions over whole arrays take B assignments of v at
once: the observed one, or as many as a permutation test asks for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SAME = 1e-9  # part of the range below which a point counts as on the ceiling, and a level as reached
_TIE = 1e-12  # part of the range below which two values are one: rounding of means must not make peers
SIGNS: dict[int, tuple[int, int]] = {1: (1, 1), 2: (-1, 1), 3: (1, -1), 4: (-1, -1)}


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points mirrored to the upper left corner and sorted by u, then v.

    rows : (n,) original row of each.  first : (g,) where each distinct u begins.  count : (g,) points per distinct u.
    """

    u: FloatArray
    v: FloatArray
    rows: IntArray
    first: IntArray
    count: IntArray
    u_low: float
    u_high: float
    v_low: float
    v_high: float

    @property
    def area(self) -> float:
        """Size of the scope."""
        return (self.u_high - self.u_low) * (self.v_high - self.v_low)


def scatter(
    x: ArrayLike, y: ArrayLike, ceiling: str, corner: int, scope: tuple[float, float, float, float] | None
) -> Scatter:
    """Check the points once and mirror them."""
    if ceiling not in ("ce_fdh", "cr_fdh"):
        raise ChoiceError("ceiling", ceiling, ("ce_fdh", "cr_fdh"))
    if corner not in SIGNS:
        raise ChoiceError("corner", corner, [str(c) for c in SIGNS])
    x_, y_ = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x_.ndim != 1 or x_.shape != y_.shape:
        raise ShapeError(f"x and y must be (n,) and of one length. Found: x {x_.shape}, y {y_.shape}.")
    if not (np.isfinite(x_).all() and np.isfinite(y_).all()):
        raise ShapeError("x or y holds missing or infinite values. Leave those rows out first.")
    if len(x_) < 2:
        raise NotEstimableError(f"A ceiling needs at least two points. Found: {len(x_)}.", why="few-units")
    for name, values in (("x", x_), ("y", y_)):
        if np.ptp(values) == 0:
            raise NotEstimableError(f"{name} does not vary, so nothing can be seen of a limit. Use a finer measure.")
    sx, sy = SIGNS[corner]
    u, v = _merged(sx * x_), _merged(sy * y_)
    u_low, u_high, v_low, v_high = _box(x_, y_, scope, corner)
    order = np.lexsort((v, u))
    u, v = u[order], v[order]
    first = np.flatnonzero(np.concatenate([[True], u[1:] > u[:-1]]))
    count = np.diff(np.append(first, len(u)))
    return Scatter(u, v, order, first, count, u_low, u_high, v_low, v_high)


def _merged(values: FloatArray) -> FloatArray:
    """Make values equal that differ by rounding only."""
    distinct, codes = np.unique(values, return_inverse=True)
    starts = np.concatenate([[True], np.diff(distinct) > _TIE * (distinct[-1] - distinct[0])])
    return np.asarray(distinct[starts][np.cumsum(starts) - 1][codes])


def _box(
    x: FloatArray, y: FloatArray, scope: tuple[float, float, float, float] | None, corner: int
) -> tuple[float, float, float, float]:
    """Return the scope, mirrored."""
    sx, sy = SIGNS[corner]
    found = (float(x.min()), float(x.max()), float(y.min()), float(y.max()))
    ends = found if scope is None else tuple(float(end) for end in scope)
    if len(ends) != 4 or not np.isfinite(ends).all():
        raise ShapeError("A scope is (x_low, x_high, y_low, y_high), all numbers.")
    if found[0] < ends[0] or found[1] > ends[1] or found[2] < ends[2] or found[3] > ends[3]:
        raise ShapeError(
            "A point lies outside the theoretical scope. Give the ends of the scales as "
            "(x_low, x_high, y_low, y_high), or leave scope out to use the observed ranges."
        )
    across, up = sorted((sx * ends[0], sx * ends[1])), sorted((sy * ends[2], sy * ends[3]))
    return across[0], across[1], up[0], up[1]


def tops(s: Scatter, V: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (B, g) highest v at each distinct u, and how many points share it."""
    highest = np.maximum.reduceat(V, s.first, axis=1)
    at_top = V == np.repeat(highest, s.count, axis=1)
    return highest, np.add.reduceat(at_top, s.first, axis=1, dtype=float)


def rising(highest: FloatArray) -> BoolArray:
    """Return (B, g) whether the top at this u exceeds all tops before it: whether it is a peer."""
    rises = np.ones_like(highest, dtype=bool)
    rises[:, 1:] = highest[:, 1:] > np.maximum.accumulate(highest, axis=1)[:, :-1]
    return rises


def peers(s: Scatter) -> BoolArray:
    """Return (n,) which points carry the ceiling."""
    highest, _ = tops(s, s.v[None])
    return np.asarray((s.v == np.repeat(highest[0], s.count)) & np.repeat(rising(highest)[0], s.count))


def zones(s: Scatter, highest: FloatArray, copies: FloatArray, ceiling: str) -> FloatArray:
    """Return (B,) size of the empty space above steps (``ce_fdh``) or a line (``cr_fdh``), from ``tops``."""
    u = s.u[s.first]
    if ceiling == "cr_fdh":
        return zone_above_line(s, np.where(rising(highest), copies, 0.0), np.broadcast_to(u, highest.shape), highest)
    width = np.diff(np.append(u, s.u_high))
    empty = s.v_high - np.maximum.accumulate(highest, axis=1)
    return np.asarray((u[0] - s.u_low) * (s.v_high - s.v_low) + empty @ width)


def zone_above_line(s: Scatter, weight: FloatArray, U: FloatArray, V: FloatArray) -> FloatArray:
    """Integrate the distance between the top of the scope and the line through (B, k) weighted peers, clipped to it."""
    n = weight.sum(axis=1)
    mean_u, mean_v = (weight * U).sum(axis=1) / n, (weight * V).sum(axis=1) / n
    off = U - mean_u[:, None]
    squares, products = (weight * off**2).sum(axis=1), (weight * off * V).sum(axis=1)
    on_peers = np.where(weight > 0, U, np.nan)
    has_line = np.nanmax(on_peers, axis=1) > np.nanmin(on_peers, axis=1)
    b = np.divide(products, squares, out=np.ones_like(squares), where=has_line)
    height = s.v_high - s.v_low

    def integral(z: FloatArray) -> FloatArray:
        return np.asarray(np.clip(z, 0, height) ** 2 / 2 + height * np.maximum(z - height, 0))

    left = s.v_high - mean_v + b * (mean_u - s.u_low)
    right = s.v_high - mean_v + b * (mean_u - s.u_high)
    return np.where(has_line, (integral(left) - integral(right)) / b, 0.0)


def line(s: Scatter, kept: BoolArray) -> tuple[float, float]:
    """Return intercept and slope of least squares through the peers; NaN with one distinct peer."""
    u, v = s.u[kept], s.v[kept]
    if u[0] == u[-1]:
        return np.nan, np.nan
    off = u - u.mean()
    b = float(off @ v / (off @ off))
    return float(v.mean() - b * u.mean()), b
