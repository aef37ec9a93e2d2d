"""How is each unit doing, and can its scores be trusted? From a workspace to levels, reliability and the panel."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

import numpy as np

from bevlogen.core.measured import Measurement
from bevlogen.core.results import Provenance
from bevlogen.core.tables import Workspace
from bevlogen.measure.aggregate import layouts, pair_there, scan
from bevlogen.measure.encounters import encounters
from bevlogen.measure.figures import figures_of, records_of
from bevlogen.measure.levels import level_from_rows, levels_given
from bevlogen.measure.panel import panel_of
from bevlogen.measure.reliability import quality
from bevlogen.measure.scale import Sheet
from bevlogen.measure.tree import tree_of

__all__ = ["encounters", "measure", "with_pair"]


def measure(workspace: Workspace) -> Measurement:
    """Answer how each unit is doing and whether its scores can be trusted.

    Parameters
    ----------
    workspace : a checked workspace. Its row tables are asked once each; it is not changed.

    Returns
    -------
    Measurement
        Levels, figures of record, quality of the scales, and the panel that links are made from. Constructs in the
        order of the instruments, then parents of facets, then those of aggregated figures.

    Notes
    -----
    A construct that has answers is measured by them: aggregated figures of the same construct are not used. A construct
    that nobody answered does not appear.
    """
    tree = tree_of(workspace.units)
    scans = scan(workspace)
    instruments = {i.construct: i for i in workspace.organisation.instruments}
    answered = [
        (layout, found, v)
        for layout, found in zip(layouts(workspace), scans, strict=True)
        for v in range(len(layout.scales))
        if found.scores.n[:, v].any()
    ]
    given = levels_given(workspace, tree, [layout.scales[v].construct for layout, _, v in answered])
    sheet = Sheet(workspace, tree, len(answered) + len(given))
    within: dict[str, float] = {}
    scales = []
    for layout, found, v in answered:
        name, ends = layout.scales[v].construct, (layout.scales[v].low, layout.scales[v].high)
        level = level_from_rows(found.scores, v, layout.rows.name, ends, tree, len(workspace.periods))
        sheet.add(level)
        within[name] = level.within
        scales.append(quality(level, instruments.get(name), found.items.get(name)))
    for level in given:
        sheet.add(level)
        scales.append(quality(level, None, None))
    records = records_of(workspace, tree)
    return Measurement(
        sheet.scores(),
        figures_of(records, workspace, tree),
        tuple(scales),
        panel_of(scans, within, given, records, workspace, tree),
        Provenance(version("bevlogen"), workspace.fingerprint, 0),
    )


def with_pair(workspace: Workspace, measurement: Measurement, a: str, b: str) -> Measurement:
    """Return a measurement that also knows what two constructs have in common, for a link that no claim foresaw.

    Of many constructs a scan asks only the pairs that claims link; another pair costs one more query, of its own sums.
    The measurement that was given stays as it is.
    """
    panel = measurement.panel
    for place, (layout, known) in enumerate(zip(layouts(workspace), panel.scans, strict=True)):
        if a != b and {a, b} <= set(known.variables) and known.pair(a, b) is None:
            codes = {unit.key: code for code, unit in enumerate(workspace.units)}
            there = np.array([codes[key] for key in panel.units], dtype=np.int64)
            pair = pair_there(layout, workspace, replace(known, unit=there[known.unit]), a, b)
            i, j = sorted((known.variables.index(a), known.variables.index(b)))
            more = replace(known, pairs={**known.pairs, (i, j): pair})
            scans = (*panel.scans[:place], more, *panel.scans[place + 1 :])
            return replace(measurement, panel=replace(panel, scans=scans))
    return measurement
