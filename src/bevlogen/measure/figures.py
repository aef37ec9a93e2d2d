"""Figures of record: rates over their exposure, rolled up the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.measured import Figures

if TYPE_CHECKING:
    from bevlogen.core.tables import ResultTable, Workspace
    from bevlogen.measure.tree import Tree

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Record:
    """One figure of record in m cells, as counted: ``amount`` over ``exposure`` (NaN where it is not counted over any).

    ``own`` is True where the figure is the unit's own and no unit below it has one.
    """

    measure: str
    unit: IntArray
    period: IntArray
    own: NDArray[np.bool_]
    value: FloatArray


def records_of(workspace: Workspace, tree: Tree) -> tuple[Record, ...]:
    """Return every figure of record of units and of the groups above them.

    Notes
    -----
    With an exposure a figure is value / exposure and that of a group sum(value) / sum(exposure) over the units below
    it. Without one it is the value, in a group its mean weighted by headcount (each unit once where a headcount is
    unknown). A group's own figure stands as given. An exposure of 0 gives no figure. Where ``capacity`` and ``use`` are
    both plain counts (no exposure, some use above 1), ``use`` becomes the share of capacity used, use / capacity;
    ``capacity`` stays.
    """
    if workspace.results is None:
        return ()
    results = _use_as_share(workspace.results)
    n_periods = len(workspace.periods)
    return tuple(_record(results, v, tree, n_periods) for v in range(len(results.variables)))


def figures_of(records: tuple[Record, ...], workspace: Workspace, tree: Tree) -> Figures:
    """Return the records as one table; ``persons`` is the headcount of the unit or group."""

    def codes(parts: list[IntArray]) -> IntArray:
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    unit = codes([r.unit for r in records])
    return Figures(
        tuple(u.key for u in workspace.units),
        workspace.periods,
        tuple(r.measure for r in records),
        unit,
        codes([r.period for r in records]),
        codes([np.full(len(r.unit), i, dtype=np.int64) for i, r in enumerate(records)]),
        np.concatenate([r.value for r in records]) if records else np.zeros(0),
        tree.headcount[unit],
    )


def _use_as_share(results: ResultTable) -> ResultTable:
    """Count ``use`` over ``capacity`` of the same unit and period, where both are plain counts."""
    names = results.variables
    if "use" not in names or "capacity" not in names:
        return results
    use, capacity = (results.variable == names.index(name) for name in ("use", "capacity"))
    counted = np.isnan(results.exposure[use | capacity]).all() and (results.value[use] > 1).any()
    if not counted:
        return results
    offered = {
        (int(u), int(t)): float(v)
        for u, t, v in zip(results.unit[capacity], results.period[capacity], results.value[capacity], strict=True)
    }
    exposure = results.exposure.copy()
    for i in np.flatnonzero(use):
        exposure[i] = offered.get((int(results.unit[i]), int(results.period[i])), np.nan)
    keep = ~use | ~np.isnan(exposure)
    return type(results)(
        names,
        results.unit[keep],
        results.period[keep],
        results.variable[keep],
        results.value[keep],
        exposure[keep],
    )


def _record(results: ResultTable, variable: int, tree: Tree, n_periods: int) -> Record:
    """Roll one figure up the tree, deepest units first."""
    rows = np.flatnonzero((results.variable == variable) & ~np.isnan(results.value) & ~(results.exposure <= 0))
    m = len(tree.parent) * n_periods
    at = results.unit[rows] * n_periods + results.period[rows]
    counted = not np.isnan(results.exposure[rows]).any()
    amount, weight = np.full(m, np.nan), np.full(m, np.nan)
    if counted:
        amount[at], weight[at] = results.value[rows], results.exposure[rows]
    else:
        exposed = ~np.isnan(results.exposure[rows])
        each = np.where(exposed, results.value[rows] / np.where(exposed, results.exposure[rows], 1.0), 0.0)
        heads = tree.headcount[results.unit[rows]]
        weight[at] = heads if (heads > 0).all() else 1.0
        amount[at] = weight[at] * np.where(exposed, each, results.value[rows])
    given = np.zeros(m, dtype=bool)
    given[at] = True
    present, below = given.copy(), np.zeros(m, dtype=bool)
    for depth in range(int(tree.depth.max(initial=0)), 0, -1):
        cells = np.flatnonzero(present & (tree.depth[np.arange(m) // n_periods] == depth))
        above = tree.parent[cells // n_periods] * n_periods + cells % n_periods
        below[above] |= True
        cells, above = cells[~given[above]], above[~given[above]]
        fresh = above[~present[above]]
        amount[fresh], weight[fresh], present[fresh] = 0.0, 0.0, True
        np.add.at(amount, above, amount[cells])
        np.add.at(weight, above, weight[cells])
    out = np.flatnonzero(present)
    name = results.variables[variable]
    return Record(name, out // n_periods, out % n_periods, (given & ~below)[out], amount[out] / weight[out])
