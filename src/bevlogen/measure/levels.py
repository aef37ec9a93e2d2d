"""One construct's unit means with their sampling error, from rows or as given, and rolled up the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import parent_construct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bevlogen.core.moments import Moments
    from bevlogen.core.tables import ScoreTable, Workspace
    from bevlogen.measure.tree import Tree

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

Source = Literal["answers", "interactions", "scores"]
ErrorBasis = Literal["pooled", "bound", "unknown"]

# Squares about the mean below this share of n times the squared range are rounding: all answers are equal.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Level:
    """Means of one construct in m cells (a unit or group in a period).

    Attributes
    ----------
    construct, source : what is measured, and by which table.
    low, high : ends of the scale.
    unit, period : (m,) codes; each pair occurs once.
    own : (m,) True where the figure is the unit's own and no unit below it has one; the cells that ICCs rest on.
    n, mean, sd : (m,) respondents, mean, and SD over respondents (denominator n - 1); NaN if unknown.
    error : (m,) sampling variance of the mean; NaN if unknown.
    within : variance of one respondent within a unit, behind ``error``; NaN if unknown.
    basis : where ``within`` comes from: pooled within units, an upper ``bound``, or unknown.
    all_equal : (m,) True where every respondent gave the same score.
    """

    construct: str
    source: Source
    low: float
    high: float
    unit: IntArray
    period: IntArray
    own: NDArray[np.bool_]
    n: FloatArray
    mean: FloatArray
    sd: FloatArray
    error: FloatArray
    within: float
    basis: ErrorBasis
    all_equal: NDArray[np.bool_]


def level_from_rows(
    moments: Moments, index: int, source: Source, ends: tuple[float, float], tree: Tree, n_periods: int
) -> Level:
    """Return the level of one variable of a scan; a group holds the answers of all units below it and its own.

    The variance within is pooled over the cells of units (denominator ``sum(n - 1)``), so the error of a group's mean
    is that of a stratified sample: differences between its units are real and add none.
    """
    keep = moments.n[:, index] > 0
    unit, period = moments.unit[keep], moments.period[keep]
    n, s, q = (a[keep, index] for a in (moments.n, moments.s, moments.q))
    df = float((n - 1).sum())
    within = float(np.clip(q - s**2 / n, 0.0, None).sum()) / df if df > 0 else np.nan
    sums = np.zeros((len(tree.parent), n_periods, 3))
    sums[unit, period] = np.stack([n, s, q], axis=1)
    alone = sums[:, :, 0].copy()
    rolled = tree.rolled_up(sums).reshape(-1, 3)
    cells = np.flatnonzero(rolled[:, 0] > 0)
    n, s, q = rolled[cells].T
    own = n == alone.ravel()[cells]
    squares = np.clip(q - s**2 / n, 0.0, None)
    equal = squares <= _ROUNDING * n * (ends[1] - ends[0]) ** 2
    squares = np.where(equal, 0.0, squares)
    sd = np.full(len(n), np.nan)
    np.divide(squares, n - 1, out=sd, where=n > 1)
    return Level(
        moments.variables[index],
        source,
        *ends,
        cells // n_periods,
        cells % n_periods,
        own,
        n,
        moments.centre[index] + s / n,
        np.sqrt(sd),
        within / n,
        within,
        "unknown" if np.isnan(within) else "pooled",
        equal,
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """Own figures of one construct, as given: codes, mean, n, sd (m,), on a scale from low to high."""

    unit: IntArray
    period: IntArray
    mean: FloatArray
    n: FloatArray
    sd: FloatArray
    low: float
    high: float


def levels_given(workspace: Workspace, tree: Tree, taken: Sequence[str]) -> tuple[Level, ...]:
    """Return the levels of the constructs that stand in ``scores`` and not among ``taken``, parents of facets too.

    Notes
    -----
    A group without a figure of its own takes the mean of the units below it, weighted by n where every n is known. The
    variance of one respondent is pooled over the cells that give n and sd. Where none gives an sd it is bounded from
    above by ``(mean - low)(high - mean) n / (n - 1)``, pooled likewise.

    References
    ----------
    Bhatia, R. & Davis, C. (2000). doi:10.2307/2589180 (the bound).
    """
    table = workspace.scores
    if table is None:
        return ()
    given = {name: _given(table, v) for v, name in enumerate(table.variables) if name not in taken}
    given = {name: figures for name, figures in given.items() if len(figures.unit)}
    facets: dict[str, list[str]] = {}
    for name in given:
        if parent_construct(name) not in given and parent_construct(name) not in taken:
            facets.setdefault(parent_construct(name), []).append(name)
    for parent, names in facets.items():
        better = [workspace.organisation.construct(name).higher_is_better for name in names]
        given[parent] = _mean_of_facets([given[name] for name in names], better, len(workspace.periods))
    return tuple(_level(name, figures, tree, len(workspace.periods)) for name, figures in given.items())


def _given(table: ScoreTable, variable: int) -> _Given:
    """Pick one variable; cells on another scale than the first are brought onto the first's."""
    keep = (table.variable == variable) & ~np.isnan(table.mean) & ~(table.n <= 0)
    low, high = table.scale_min[keep], table.scale_max[keep]
    mean, sd = table.mean[keep], table.sd[keep]
    first = (float(low[0]), float(high[0])) if len(low) else (np.nan, np.nan)
    other = (low != first[0]) | (high != first[1])
    stretch = np.where(other, (first[1] - first[0]) / np.where(other, high - low, 1.0), 1.0)
    mean = np.where(other, first[0] + (mean - low) * stretch, mean)
    return _Given(table.unit[keep], table.period[keep], mean, table.n[keep], sd * stretch, *first)


def _mean_of_facets(parts: Sequence[_Given], better: Sequence[bool], n_periods: int) -> _Given:
    """Mean of the facets present per cell, on the first one's scale, turned where less is better; n the smallest."""
    low, high = parts[0].low, parts[0].high
    cells = np.unique(np.concatenate([p.unit * n_periods + p.period for p in parts]))
    total, present = np.zeros(len(cells)), np.zeros(len(cells))
    n = np.full(len(cells), np.inf)
    for part, more in zip(parts, better, strict=True):
        at = np.searchsorted(cells, part.unit * n_periods + part.period)
        from_low = part.mean - part.low if more else part.high - part.mean
        total[at] += low + from_low * (high - low) / (part.high - part.low)
        present[at] += 1
        n[at] = np.minimum(n[at], part.n)
    unknown = np.full(len(cells), np.nan)
    return _Given(cells // n_periods, cells % n_periods, total / present, n, unknown, low, high)


def _level(name: str, given: _Given, tree: Tree, n_periods: int) -> Level:
    """Roll own figures up the tree, deepest units first; a group's own figure stands as given."""
    within, basis = _within(given)
    m = len(tree.parent) * n_periods
    mean, n, sd, error = (np.full(m, np.nan) for _ in range(4))
    present, covered = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    at = given.unit * n_periods + given.period
    mean[at], n[at], sd[at], error[at], present[at] = given.mean, given.n, given.sd, within / given.n, True
    own = present.copy()
    for depth in range(int(tree.depth.max(initial=0)), 0, -1):
        cells = np.flatnonzero(present & (tree.depth[np.arange(m) // n_periods] == depth))
        above = tree.parent[cells // n_periods] * n_periods + cells % n_periods
        covered[above] = True
        free = ~own[above]
        _combine(cells[free], above[free], mean, n, error)
        present[above] = True
    out = np.flatnonzero(present)
    equal = (sd[out] == 0) | (own[out] & ((mean[out] == given.low) | (mean[out] == given.high)))
    low, high = given.low, given.high
    return Level(
        name,
        "scores",
        low,
        high,
        out // n_periods,
        out % n_periods,
        own[out] & ~_any_below(own, tree, n_periods)[out],
        n[out],
        mean[out],
        sd[out],
        error[out],
        within,
        basis,
        equal,
    )


def _any_below(own: NDArray[np.bool_], tree: Tree, n_periods: int) -> NDArray[np.bool_]:
    """Say of each cell whether a unit below it has a figure of its own in that period."""
    out = np.zeros(len(own), dtype=bool)
    cells = np.flatnonzero(own)
    current, period = tree.above(cells // n_periods), cells % n_periods
    while (current >= 0).any():
        inside = current >= 0
        out[current[inside] * n_periods + period[inside]] = True
        current = tree.above(current)
    return out


def _combine(cells: IntArray, above: IntArray, mean: FloatArray, n: FloatArray, error: FloatArray) -> None:
    """Fill ``mean``, ``n`` and ``error`` of the groups ``above`` from the cells below them, in place."""
    groups, g = np.unique(above, return_inverse=True)
    counted = np.bincount(g, np.isnan(n[cells]), minlength=len(groups)) == 0
    weight = np.where(counted[g], np.nan_to_num(n[cells]), 1.0)
    total = np.bincount(g, weight, minlength=len(groups))
    mean[groups] = np.bincount(g, weight * mean[cells], minlength=len(groups)) / total
    n[groups] = np.where(counted, total, np.nan)
    error[groups] = np.bincount(g, weight**2 * error[cells], minlength=len(groups)) / total**2


def _within(given: _Given) -> tuple[float, ErrorBasis]:
    """Variance of one respondent within a unit, and where it comes from."""
    known = (given.n > 1) & ~np.isnan(given.sd)
    if known.any():
        df = given.n[known] - 1
        return float(df @ given.sd[known] ** 2 / df.sum()), "pooled"
    counted = given.n > 1
    if not counted.any() or np.isnan(given.low) or np.isnan(given.high):
        return float("nan"), "unknown"
    room = np.clip((given.mean - given.low) * (given.high - given.mean), 0.0, None)[counted]
    return float(given.n[counted] @ room / (given.n[counted] - 1).sum()), "bound"
