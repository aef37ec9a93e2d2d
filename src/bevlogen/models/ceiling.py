"""Is high y impossible at low x? Ceilings over a scatter, their size, their peers and their permutation test.

Necessary condition analysis after Dul (2016, doi 10.1177/1094428115584005); peers, ties and duplicates are treated as
in the R package NCA 5.0.1. Every corner is mirrored to the upper left one, so that inside there is one case: the empty
space lies above an increasing ceiling. Inside, u and v are x and y so mirrored, sorted by u.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations as all_orders
from math import factorial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.asymmetry import PenaltyReward as PenaltyReward
from bevlogen.models.asymmetry import penalty_reward as penalty_reward

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Ceiling = Literal["ce_fdh", "cr_fdh"]
Corner = Literal[1, 2, 3, 4]

_SAME = 1e-9  # part of the range below which two values are one: rounding of means must not make peers
_CHUNK = 2_000_000  # numbers held at once while orders are drawn
_SIGNS: dict[int, tuple[int, int]] = {1: (1, 1), 2: (-1, 1), 3: (1, -1), 4: (-1, -1)}


@dataclass(frozen=True, slots=True)
class Scope:
    """The rectangle in which points could lie, in the units of x and y."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    @property
    def area(self) -> float:
        """Size of the rectangle."""
        return (self.x_high - self.x_low) * (self.y_high - self.y_low)


@dataclass(frozen=True, slots=True)
class Nca:
    """A ceiling and what it says.

    Attributes
    ----------
    effect_size : d, the empty space as a share of the scope, 0 to 1.
    zone : size of the empty space, in units of x times y.
    scope : the rectangle; its area is the denominator of ``effect_size``.
    accuracy : share of points on or below the ceiling, 0 to 1 (1 for CE-FDH by construction).
    n_above : points beyond the ceiling.
    peers : (k, 2) points that carry the ceiling, from the easy to the demanding end; exact duplicates each count.
    peer_rows : (k,) row of each peer.
    complexity : number of distinct peers (CE-FDH) or 1 (a line).
    slope, intercept : of the line y = intercept + slope x (CR-FDH); NaN for CE-FDH, or with one distinct peer.
    fit : empty space as a share of that of CE-FDH; NaN where that is zero or smaller.
    condition_inefficiency : share of the range of x in which more x allows no more y; NaN without a ceiling.
    outcome_inefficiency : share of the range of y that needs no x; NaN without a ceiling.
    p_value : chance of such an effect size or a larger one if x and y had nothing to do with each other; NaN untested.
    p_margin : half width of the 95 % Monte Carlo interval of ``p_value``; 0 if exact.
    exact : all orders were looked at.
    permutations : orders looked at.
    ceiling, corner, n_obs : how it was made, and of how many points.
    """

    effect_size: float
    zone: float
    scope: Scope
    accuracy: float
    n_above: int
    peers: FloatArray
    peer_rows: IntArray
    complexity: int
    slope: float
    intercept: float
    fit: float
    condition_inefficiency: float
    outcome_inefficiency: float
    p_value: float
    p_margin: float
    exact: bool
    permutations: int
    ceiling: Ceiling
    corner: Corner
    n_obs: int


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """For each level of y, the level of x without which it is not reached.

    Attributes
    ----------
    target : (m,) levels of y, in its own unit; ``target_share`` : the same as part of its range, 0 to 1.
    level : (m,) required x, in its own unit (least x in corners 1 and 3, most x in 2 and 4); NaN if not reachable.
    level_share : (m,) the same as part of the range of x, 0 to 1.
    necessary : (m,) whether that level asks for anything: False where every x in the scope allows the target.
    reachable : (m,) whether any x in the scope allows the target.
    short : (m,) share of the points whose x falls short of the required level.
    """

    target: FloatArray
    target_share: FloatArray
    level: FloatArray
    level_share: FloatArray
    necessary: BoolArray
    reachable: BoolArray
    short: FloatArray


@dataclass(frozen=True, slots=True)
class PeerRemoval:
    """What is left of the effect size without one point.

    Attributes
    ----------
    effect_size : d with all points.
    rows : (k,) points looked at: peers, and points that alone reach an edge of an empirical scope.
    is_peer : (k,) whether the point is a peer.
    copies : (k,) number of rows with exactly this point; above 1, removing one of them hardly tries the ceiling.
    without : (k,) effect size without it; NaN where the remaining points do not vary.
    scope_changes : (k,) whether the scope shrinks without it.
    """

    effect_size: float
    rows: IntArray
    is_peer: BoolArray
    copies: IntArray
    without: FloatArray
    scope_changes: BoolArray

    @property
    def least(self) -> float:
        """Smallest effect size that remains when one point goes; 0 if the remaining points do not vary."""
        return float(np.nan_to_num(self.without, nan=0.0).min()) if len(self.rows) else self.effect_size

    @property
    def greatest(self) -> float:
        """Largest effect size that remains when one point goes."""
        return float(np.nanmax(self.without)) if np.isfinite(self.without).any() else self.effect_size


@dataclass(frozen=True, slots=True)
class _Scatter:
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
        return (self.u_high - self.u_low) * (self.v_high - self.v_low)


def nca(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ceiling: Ceiling = "ce_fdh",
    corner: Corner = 1,
    scope: tuple[float, float, float, float] | None = None,
    permutations: int = 0,
    rng: np.random.Generator | None = None,
) -> Nca:
    """Say how much of the scatter is empty because x limits y, and whether chance would leave as much empty.

    Parameters
    ----------
    x, y : (n,) condition and outcome, in any unit; order of rows does not matter.
    ceiling : ``ce_fdh`` (step function through the peers) or ``cr_fdh`` (least-squares line through the peers).
    corner : the corner that is expected to be empty: 1 upper left (high y needs high x), 2 upper right (high y needs
        low x), 3 lower left (low y needs high x), 4 lower right (low y needs low x).
    scope : theoretical (x_low, x_high, y_low, y_high), such as the ends of the scales; None for the observed ranges.
    permutations : orders of y to compare with; 0 for no test, at least 10,000 for an answer. If there are no more
        orders than this, all are taken and the p-value is exact.
    rng : source of the orders; None for a fresh one.

    Returns
    -------
    Nca

    Raises
    ------
    ShapeError
        Lengths differ, values are missing, or a point lies outside ``scope``.
    NotEstimableError
        Fewer than two points, or x or y does not vary.
    ChoiceError
        Unknown ceiling or corner.

    Notes
    -----
    Peers: by increasing x, each point whose y exceeds all earlier ones; of equal x the highest; exact duplicates all
    stay, and weigh in the line. d = zone / scope. With one distinct peer CR-FDH has no line and d = 0. The Monte Carlo
    p-value is ``(1 + number of orders with at least this d) / (1 + permutations)``. One outlier or an error of
    measurement can make or break a ceiling, and d is biased upward in small samples: see ``peer_removal``.

    References
    ----------
    Dul (2016), doi 10.1177/1094428115584005. Dul, van der Laan & Kuik (2020), doi 10.1177/1094428118795272. Phipson &
    Smyth (2010), doi 10.2202/1544-6115.1585.

    Examples
    --------
    >>> nca([1, 2, 3, 4, 5, 2, 5], [2, 3, 3, 5, 6, 1, 4]).effect_size
    0.55
    """
    s = _scatter(x, y, ceiling, corner, scope)
    sx, sy = _SIGNS[corner]
    kept = _peers(s, s.v[None])[0]
    a, b = _line(s, kept) if ceiling == "cr_fdh" else (np.nan, np.nan)
    if ceiling == "cr_fdh" and np.isnan(b):
        kept = np.zeros_like(kept)
    zone, steps = float(_zones(s, s.v[None], ceiling)[0]), float(_zones(s, s.v[None], "ce_fdh")[0])
    n_above = 0 if np.isnan(b) else int(np.sum(s.v - (a + b * s.u) > _SAME * (s.v_high - s.v_low)))
    peers = np.column_stack([sx * s.u[kept], sy * s.v[kept]])
    distinct = len(np.unique(s.u[kept]))
    idle_x, idle_y = _inefficiencies(s, kept, a, b)
    p_value, p_margin, exact, looked_at = _test(s, ceiling, zone, permutations, rng)
    x_ends, y_ends = sorted((sx * s.u_low, sx * s.u_high)), sorted((sy * s.v_low, sy * s.v_high))
    return Nca(
        effect_size=zone / s.area,
        zone=zone,
        scope=Scope(*x_ends, *y_ends),
        accuracy=1 - n_above / len(s.u),
        n_above=n_above,
        peers=peers,
        peer_rows=s.rows[kept],
        complexity=1 if ceiling == "cr_fdh" else distinct,
        slope=sx * sy * b,
        intercept=sy * a,
        fit=_fit(zone, steps, ceiling),
        condition_inefficiency=idle_x,
        outcome_inefficiency=idle_y,
        p_value=p_value,
        p_margin=p_margin,
        exact=exact,
        permutations=looked_at,
        ceiling=ceiling,
        corner=corner,
        n_obs=len(s.u),
    )


def bottleneck(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ceiling: Ceiling = "ce_fdh",
    corner: Corner = 1,
    scope: tuple[float, float, float, float] | None = None,
    steps: int = 10,
    targets: ArrayLike | None = None,
) -> Bottleneck:
    """Tell for each level of y which x it needs, and how many points fall short of that.

    Parameters
    ----------
    x, y, ceiling, corner, scope : as in ``nca``.
    steps : equal steps from the easy to the demanding end of the range of y.
    targets : (m,) levels of y to look at instead, in its own unit.

    Returns
    -------
    Bottleneck

    Raises
    ------
    ShapeError, NotEstimableError, ChoiceError
        As ``nca``, or ``steps`` below 1.

    References
    ----------
    Dul (2016), doi 10.1177/1094428115584005.

    Examples
    --------
    >>> bottleneck([1, 2, 3, 4, 5, 2, 5], [2, 3, 3, 5, 6, 1, 4], targets=[2, 4, 6]).level
    array([1., 4., 5.])
    """
    s = _scatter(x, y, ceiling, corner, scope)
    sx, sy = _SIGNS[corner]
    if targets is None and steps < 1:
        raise ShapeError(f"A bottleneck table has at least 1 step. Found: {steps}.")
    height, width = s.v_high - s.v_low, s.u_high - s.u_low
    v = s.v_low + np.linspace(0, 1, steps + 1) * height if targets is None else sy * np.asarray(targets, dtype=float)
    kept = _peers(s, s.v[None])[0]
    if ceiling == "ce_fdh":
        at = np.searchsorted(s.v[kept], v - _SAME * height)
        level = np.append(s.u[kept], np.inf)[at]
    else:
        a, b = _line(s, kept)
        level = np.full(len(v), s.u_low) if np.isnan(b) else (v - a) / b
    reachable = level <= s.u_high + _SAME * width
    necessary = level > s.u_low + _SAME * width
    level = np.where(reachable, np.clip(level, s.u_low, s.u_high), np.nan)
    short = np.searchsorted(s.u, np.where(reachable, level, np.inf) - _SAME * width) / len(s.u)
    x_low = s.u_low if sx == 1 else -s.u_high
    return Bottleneck(
        target=sy * v,
        target_share=(v - s.v_low) / height,
        level=sx * level,
        level_share=(sx * level - x_low) / width,
        necessary=necessary,
        reachable=reachable,
        short=np.where(necessary, short, 0.0),
    )


def peer_removal(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ceiling: Ceiling = "ce_fdh",
    corner: Corner = 1,
    scope: tuple[float, float, float, float] | None = None,
) -> PeerRemoval:
    """Recompute the effect size without each peer in turn, and without each point that alone sets the scope.

    Parameters
    ----------
    x, y, ceiling, corner, scope : as in ``nca``.

    Returns
    -------
    PeerRemoval

    Raises
    ------
    ShapeError, NotEstimableError, ChoiceError
        As ``nca``.

    Notes
    -----
    Rows are removed one at a time: of exact duplicates one goes and the others stay, as in the reference package. So
    on coarse scales look at ``copies`` as well.
    """
    result = nca(x, y, ceiling=ceiling, corner=corner, scope=scope)
    x_, y_ = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    edges: list[int] = []
    if scope is None:
        for values, end in ((x_, x_.min()), (x_, x_.max()), (y_, y_.min()), (y_, y_.max())):
            holders = np.flatnonzero(values == end)
            edges.extend(int(h) for h in holders if len(holders) == 1)
    rows = np.array(list(dict.fromkeys([*(int(k) for k in result.peer_rows), *edges])), dtype=np.int64)
    without = np.full(len(rows), np.nan)
    for k, row in enumerate(rows):
        less_x, less_y = np.delete(x_, row), np.delete(y_, row)
        if len(less_x) > 1 and np.ptp(less_x) > 0 and np.ptp(less_y) > 0:
            without[k] = nca(less_x, less_y, ceiling=ceiling, corner=corner, scope=scope).effect_size
    return PeerRemoval(
        effect_size=result.effect_size,
        rows=rows,
        is_peer=np.isin(rows, result.peer_rows),
        copies=np.array([np.sum((x_ == x_[k]) & (y_ == y_[k])) for k in rows], dtype=np.int64),
        without=without,
        scope_changes=np.isin(rows, edges),
    )


def _scatter(
    x: ArrayLike, y: ArrayLike, ceiling: str, corner: int, scope: tuple[float, float, float, float] | None
) -> _Scatter:
    """Check the points once and mirror them."""
    if ceiling not in ("ce_fdh", "cr_fdh"):
        raise ChoiceError("ceiling", ceiling, ("ce_fdh", "cr_fdh"))
    if corner not in _SIGNS:
        raise ChoiceError("corner", corner, [str(c) for c in _SIGNS])
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
    sx, sy = _SIGNS[corner]
    u, v = _merged(sx * x_), _merged(sy * y_)
    u_low, u_high, v_low, v_high = _box(x_, y_, scope, corner)
    order = np.lexsort((v, u))
    u, v = u[order], v[order]
    first = np.flatnonzero(np.concatenate([[True], u[1:] > u[:-1]]))
    count = np.diff(np.append(first, len(u)))
    return _Scatter(u, v, order, first, count, u_low, u_high, v_low, v_high)


def _merged(values: FloatArray) -> FloatArray:
    """Make values equal that differ by rounding only."""
    distinct, codes = np.unique(values, return_inverse=True)
    starts = np.concatenate([[True], np.diff(distinct) > _SAME * (distinct[-1] - distinct[0])])
    return np.asarray(distinct[starts][np.cumsum(starts) - 1][codes])


def _box(
    x: FloatArray, y: FloatArray, scope: tuple[float, float, float, float] | None, corner: int
) -> tuple[float, float, float, float]:
    """Return the scope, mirrored."""
    sx, sy = _SIGNS[corner]
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


def _peers(s: _Scatter, V: FloatArray) -> BoolArray:
    """Return (B, n) which points carry the ceiling, for B assignments of v to the sorted u."""
    highest = np.maximum.reduceat(V, s.first, axis=1)
    so_far = np.maximum.accumulate(highest, axis=1)
    rises = np.ones_like(highest, dtype=bool)
    rises[:, 1:] = highest[:, 1:] > so_far[:, :-1]
    return np.asarray((V == np.repeat(highest, s.count, axis=1)) & np.repeat(rises, s.count, axis=1))


def _zones(s: _Scatter, V: FloatArray, ceiling: str) -> FloatArray:
    """Return (B,) size of the empty space, for B assignments of v to the sorted u."""
    return _zone_above_steps(s, V) if ceiling == "ce_fdh" else _zone_above_line(s, V)


def _zone_above_steps(s: _Scatter, V: FloatArray) -> FloatArray:
    highest = np.maximum.accumulate(np.maximum.reduceat(V, s.first, axis=1), axis=1)
    width = np.diff(np.append(s.u[s.first], s.u_high))
    return np.asarray((s.u[0] - s.u_low) * (s.v_high - s.v_low) + (s.v_high - highest) @ width)


def _zone_above_line(s: _Scatter, V: FloatArray) -> FloatArray:
    """Integrate the clipped distance between the top of the scope and the line."""
    kept = _peers(s, V)
    centre = s.u.mean()
    u = s.u - centre
    n = kept.sum(axis=1)
    mean_u, mean_v = kept @ u / n, (kept * V).sum(axis=1) / n
    squares = kept @ u**2 - n * mean_u**2
    products = (kept * V) @ u - n * mean_u * mean_v
    has_line = kept[:, s.count[0] :].any(axis=1)  # a peer beyond the lowest u
    b = np.divide(products, squares, out=np.ones_like(squares), where=has_line)
    a = mean_v - b * mean_u
    height = s.v_high - s.v_low

    def integral(z: FloatArray) -> FloatArray:
        inside = np.clip(z, 0, height)
        return inside**2 / 2 + height * np.maximum(z - height, 0)

    left, right = s.v_high - a - b * (s.u_low - centre), s.v_high - a - b * (s.u_high - centre)
    return np.where(has_line, (integral(left) - integral(right)) / b, 0.0)


def _line(s: _Scatter, kept: BoolArray) -> tuple[float, float]:
    """Return intercept and slope of least squares through the peers; NaN with one distinct peer."""
    u, v = s.u[kept], s.v[kept]
    if u[0] == u[-1]:
        return np.nan, np.nan
    off = u - u.mean()
    b = float(off @ v / (off @ off))
    return float(v.mean() - b * u.mean()), b


def _inefficiencies(s: _Scatter, kept: BoolArray, a: float, b: float) -> tuple[float, float]:
    """Return the shares of the range of u and of v where the ceiling asks for nothing."""
    width, height = s.u_high - s.u_low, s.v_high - s.v_low
    if not np.isnan(b):
        top, foot = min(s.u_high, (s.v_high - a) / b), max(s.v_low, a + b * s.u_low)
    elif kept.any() and s.u[kept][0] != s.u[kept][-1]:
        top, foot = float(s.u[kept][-1]), float(s.v[kept][0])
    else:
        return np.nan, np.nan
    return (s.u_high - top) / width, (foot - s.v_low) / height


def _fit(zone: float, steps: float, ceiling: str) -> float:
    if ceiling == "ce_fdh":
        return 1.0
    return zone / steps if 0 < steps and zone <= steps else np.nan


def _test(
    s: _Scatter, ceiling: str, zone: float, permutations: int, rng: np.random.Generator | None
) -> tuple[float, float, bool, int]:
    """Return p-value, its Monte Carlo margin, whether all orders were taken, and their number."""
    n = len(s.u)
    if permutations < 1:
        return np.nan, np.nan, False, 0
    enough = zone - 1e-12 * s.area  # the same space, summed in another order
    if n <= 12 and factorial(n) <= permutations:
        V = s.v[np.array(list(all_orders(range(n))))]
        return float((_zones(s, V, ceiling) >= enough).mean()), 0.0, True, len(V)
    generator = np.random.default_rng() if rng is None else rng
    step = max(1, _CHUNK // n)
    as_large = 0
    for start in range(0, permutations, step):
        V = np.broadcast_to(s.v, (min(step, permutations - start), n)).copy()
        as_large += int(np.sum(_zones(s, generator.permuted(V, axis=1, out=V), ceiling) >= enough))
    p = (1 + as_large) / (1 + permutations)
    return p, float(1.959964 * np.sqrt(p * (1 - p) / permutations)), False, permutations
