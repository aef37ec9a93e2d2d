"""How is each unit doing, and can its scores be trusted? From a workspace to levels, reliability and the panel."""

from __future__ import annotations

from importlib.metadata import version

from bevlogen.core.results import Measurement, Provenance
from bevlogen.core.tables import Workspace
from bevlogen.measure.aggregate import layouts, scan
from bevlogen.measure.encounters import encounters
from bevlogen.measure.figures import figures_of, records_of
from bevlogen.measure.levels import Level, level_from_rows, levels_given
from bevlogen.measure.panel import panel_of
from bevlogen.measure.reliability import quality
from bevlogen.measure.scale import scores_of
from bevlogen.measure.tree import tree_of

__all__ = ["encounters", "measure"]


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
    levels: list[Level] = []
    scales = []
    for layout, found in zip(layouts(workspace), scans, strict=True):
        for index, scale in enumerate(layout.scales):
            ends = (scale.low, scale.high)
            level = level_from_rows(found.scores, index, layout.rows.name, ends, tree, len(workspace.periods))
            if len(level.mean) == 0:
                continue
            levels.append(level)
            scales.append(quality(level, instruments.get(level.construct), found.items.get(level.construct)))
    given = levels_given(workspace, tree, [level.construct for level in levels])
    levels += given
    scales += [quality(level, None, None) for level in given]
    records = records_of(workspace, tree)
    return Measurement(
        scores_of(levels, workspace, tree),
        figures_of(records, workspace, tree),
        tuple(scales),
        panel_of(scans, levels, records, workspace, tree),
        Provenance(version("bevlogen"), workspace.fingerprint, 0),
    )
