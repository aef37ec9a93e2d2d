"""Is high y impossible at low x? Ceilings over a scatter, their size, their peers and their permutation test.

Necessary condition analysis after Dul (2016, doi 10.1177/1094428115584005); peers, ties and duplicates are treated as
in the R package NCA 5.0.1. Inside, u and v are x and y mirrored to the upper left corner (``ceiling_scatter``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ShapeError
from bevlogen.models.asymmetry import PenaltyReward as PenaltyReward
from bevlogen.models.asymmetry import penalty_reward as penalty_reward
from bevlogen.models.ceiling_chance import permutation_test
from bevlogen.models.ceiling_scatter import SAME, SIGNS, Scatter, line, peers, scatter, tops, zones

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Ceiling = Literal["ce_fdh", "cr_fdh"]
Corner = Literal[1, 2, 3, 4]


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
    s = scatter(x, y, ceiling, corner, scope)
    sx, sy = SIGNS[corner]
    kept = peers(s)
    a, b = line(s, kept) if ceiling == "cr_fdh" else (np.nan, np.nan)
    if ceiling == "cr_fdh" and np.isnan(b):
        kept = np.zeros_like(kept)
    top = tops(s, s.v[None])
    zone, steps = float(zones(s, *top, ceiling)[0]), float(zones(s, *top, "ce_fdh")[0])
    n_above = 0 if np.isnan(b) else int(np.sum(s.v - (a + b * s.u) > SAME * (s.v_high - s.v_low)))
    idle_x, idle_y = _inefficiencies(s, kept, a, b)
    chance = permutation_test(s, ceiling, zone, permutations, rng)
    x_ends, y_ends = sorted((sx * s.u_low, sx * s.u_high)), sorted((sy * s.v_low, sy * s.v_high))
    return Nca(
        effect_size=zone / s.area,
        zone=zone,
        scope=Scope(*x_ends, *y_ends),
        accuracy=1 - n_above / len(s.u),
        n_above=n_above,
        peers=np.column_stack([sx * s.u[kept], sy * s.v[kept]]),
        peer_rows=s.rows[kept],
        complexity=1 if ceiling == "cr_fdh" else len(np.unique(s.u[kept])),
        slope=sx * sy * b,
        intercept=sy * a,
        fit=_fit(zone, steps, ceiling),
        condition_inefficiency=idle_x,
        outcome_inefficiency=idle_y,
        p_value=chance.p_value,
        p_margin=chance.margin,
        exact=chance.exact,
        permutations=chance.permutations,
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
    s = scatter(x, y, ceiling, corner, scope)
    sx, sy = SIGNS[corner]
    if targets is None and steps < 1:
        raise ShapeError(f"A bottleneck table has at least 1 step. Found: {steps}.")
    height, width = s.v_high - s.v_low, s.u_high - s.u_low
    v = s.v_low + np.linspace(0, 1, steps + 1) * height if targets is None else sy * np.asarray(targets, dtype=float)
    kept = peers(s)
    if ceiling == "ce_fdh":
        at = np.searchsorted(s.v[kept], v - SAME * height)
        level = np.append(s.u[kept], np.inf)[at]
    else:
        a, b = line(s, kept)
        level = np.full(len(v), s.u_low) if np.isnan(b) else (v - a) / b
    reachable = level <= s.u_high + SAME * width
    necessary = level > s.u_low + SAME * width
    level = np.where(reachable, np.clip(level, s.u_low, s.u_high), np.nan)
    short = np.searchsorted(s.u, np.where(reachable, level, np.inf) - SAME * width) / len(s.u)
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


def _inefficiencies(s: Scatter, kept: BoolArray, a: float, b: float) -> tuple[float, float]:
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
