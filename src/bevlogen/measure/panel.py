"""The block of units x periods x variables that links are made from: every unit with data of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.results import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bevlogen.core.moments import Moments, Scan
    from bevlogen.core.tables import Workspace
    from bevlogen.measure.figures import Record
    from bevlogen.measure.levels import Level
    from bevlogen.measure.tree import Tree

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def panel_of(
    scans: Sequence[Scan], levels: Sequence[Level], records: Sequence[Record], workspace: Workspace, tree: Tree
) -> Panel:
    """Return the figures of the units that have data of their own.

    Notes
    -----
    A unit's own answers count, also where units stand below it; an aggregated figure or a figure of record of a unit
    counts unless a unit below it has the same figure, for then it is a total. The sampling variance of a mean of
    answers is the variance within cells, pooled, over n; no finite population is assumed. Of aggregated figures it is
    known only where some give an sd: an upper bound would overstate the error, and a link corrected for it with it.
    """
    names = [x.construct for x in levels] + [
        r.measure for r in records if r.measure not in {x.construct for x in levels}
    ]
    shape = (len(workspace.units), len(workspace.periods), len(names))
    value, n, error = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    by_name = {x.construct: x for x in levels}
    for scan in scans:
        _put_answers(scan.scores, names, by_name, value, n, error)
    for level in levels:
        if level.source == "scores":
            i, at = names.index(level.construct), (level.unit[level.own], level.period[level.own])
            value[*at, i], n[*at, i] = level.mean[level.own], level.n[level.own]
            error[*at, i] = level.error[level.own] if level.basis == "pooled" else np.nan
    for record in records:
        i, at = names.index(record.measure), (record.unit[record.own], record.period[record.own])
        if record.measure not in by_name:
            value[*at, i], error[*at, i] = record.value[record.own], 0.0
    units = np.flatnonzero(~np.isnan(value).all(axis=(1, 2)))
    place = np.full(len(workspace.units), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    return Panel(
        tuple(workspace.units[j].key for j in units),
        tuple(tree.service[j] for j in units),
        workspace.periods,
        tuple(names),
        value[units],
        n[units],
        error[units],
        tuple(_recoded(scan.scores, place) for scan in scans),
    )


def _put_answers(
    moments: Moments,
    names: Sequence[str],
    levels: dict[str, Level],
    value: FloatArray,
    n: FloatArray,
    error: FloatArray,
) -> None:
    """Write means, counts and sampling variances of one scan into the block, in place."""
    means, counts = moments.mean(), moments.count()
    for v, name in enumerate(moments.variables):
        here = counts[:, v] > 0
        if not here.any():
            continue
        at = (moments.unit[here], moments.period[here])
        i = names.index(name)
        value[*at, i], n[*at, i] = means[here, v], counts[here, v]
        error[*at, i] = levels[name].within / counts[here, v]


def _recoded(moments: Moments, place: IntArray) -> Moments:
    """Return the moments with unit codes of the panel; units of which no answer gave a score are left out."""
    keep = place[moments.unit] >= 0
    if keep.all():
        return replace(moments, unit=place[moments.unit])
    return replace(
        moments,
        unit=place[moments.unit[keep]],
        period=moments.period[keep],
        rows=moments.rows[keep],
        n=moments.n[keep],
        s=moments.s[keep],
        q=moments.q[keep],
    )
