"""The block of units x periods x variables that links are made from: every unit with data of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.measured import Panel
from bevlogen.core.room import room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bevlogen.core.moments import Moments, Scan
    from bevlogen.core.tables import Workspace
    from bevlogen.measure.figures import Record
    from bevlogen.measure.levels import Level
    from bevlogen.measure.tree import Tree

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def panel_of(
    scans: Sequence[Scan],
    within: Mapping[str, float],
    given: Sequence[Level],
    records: Sequence[Record],
    workspace: Workspace,
    tree: Tree,
) -> Panel:
    """Return the figures of the units that have data of their own.

    Parameters
    ----------
    scans : moments of the answers, of which ``within`` gives each measured construct its variance within cells.
    given, records : levels of aggregated figures, and figures of record.

    Notes
    -----
    A unit's own answers count, also where units stand below it; an aggregated figure or a figure of record of a unit
    counts unless a unit below it has the same figure, for then it is a total. The sampling variance of a mean of
    answers is the variance within cells, pooled, over n; no finite population is assumed. Of aggregated figures it is
    known only where some give an sd: an upper bound would overstate the error, and a link corrected for it with it.
    """
    scored = (*within, *(level.construct for level in given))
    recorded = [record for record in records if record.measure not in scored]
    names = (*scored, *(record.measure for record in recorded))
    blocks = _Blocks(len(names), len(workspace.units), len(workspace.periods))
    for scan in scans:
        moments = scan.scores
        for v, name in enumerate(moments.variables):
            here = moments.n[:, v] > 0
            if name in within and here.any():
                at, n = (moments.unit[here], moments.period[here]), moments.n[here, v]
                blocks.put(names.index(name), at, moments.mean(v)[here], n, within[name] / n)
    for level in given:
        at, error = (level.unit[level.own], level.period[level.own]), level.error[level.own]
        known = error if level.basis == "pooled" else np.full(len(error), np.nan)
        blocks.put(names.index(level.construct), at, level.mean[level.own], level.n[level.own], known)
    for record in recorded:
        own = record.own
        blocks.put(names.index(record.measure), (record.unit[own], record.period[own]), record.value[own], None, 0.0)
    units = np.flatnonzero(blocks.has_data())
    place = np.full(len(workspace.units), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    return Panel(
        tuple(workspace.units[j].key for j in units),
        tuple(tree.service[j] for j in units),
        workspace.periods,
        names,
        blocks.of(units, 0),
        blocks.of(units, 1),
        blocks.of(units, 2),
        tuple(_recoded(scan.scores, place) for scan in scans),
    )


class _Blocks:
    """Value, n and error of p variables x J units x T periods while they come in, one piece per variable."""

    def __init__(self, variables: int, units: int, periods: int) -> None:
        self.kinds = [room((variables, units, periods)) for _ in range(3)]
        for block in self.kinds:
            block[:] = np.nan

    def put(
        self,
        variable: int,
        at: tuple[IntArray, IntArray],
        value: FloatArray,
        n: FloatArray | None,
        error: FloatArray | float,
    ) -> None:
        """Write figures of one variable at units and periods."""
        for block, found in zip(self.kinds, (value, n, error), strict=True):
            if found is not None:
                block[variable][at] = found

    def has_data(self) -> NDArray[np.bool_]:
        """Tell of each unit whether it has any value, (J,)."""
        out = np.zeros(self.kinds[0].shape[1], dtype=bool)
        for own in self.kinds[0]:
            out |= ~np.isnan(own).all(axis=1)
        return out

    def of(self, units: IntArray, kind: int) -> FloatArray:
        """Return a kind of figures of some units, (len(units), T, p)."""
        block = self.kinds[kind]
        if len(units) < block.shape[1]:
            some = room((len(block), len(units), block.shape[2]))
            for variable, own in enumerate(block):
                some[variable] = own[units]
            self.kinds[kind] = block = some
        return block.transpose(1, 2, 0)


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
        pairs={key: replace(pair, n=pair.n[keep]) for key, pair in moments.pairs.items()},
    )
