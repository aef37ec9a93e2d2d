"""The table of actions: what was done, where, from when, to move which lever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bevlogen.core.chain import CONSTRUCTS, FACETS, Text
from bevlogen.core.tables import Action, Organisation
from bevlogen.sources.engines import Engine
from bevlogen.sources.faults import Faults, codes, nearest
from bevlogen.sources.files import Source
from bevlogen.sources.organisation import TableSpec, is_construct
from bevlogen.sources.periods import day_order, read_day
from bevlogen.sources.rows import skip_note
from bevlogen.sources.staging import cells_of, check_numbers, check_units, map_periods, stage


@dataclass(frozen=True, slots=True)
class DatedAction:
    """An action and the label of the period in which it began."""

    action: Action
    label: str

    def within(self, periods: dict[str, int]) -> Action:
        """Return the action with the place of its period among ``periods``; None if it lies outside."""
        return replace(self.action, period=periods.get(self.label))


def read_actions(
    engine: Engine, spec: TableSpec, source: Source, organisation: Organisation, faults: Faults
) -> tuple[list[DatedAction], Text | None]:
    """Read one file of actions; return them with a note on rows that were left out."""
    cells = cells_of(spec, source, ("unit", "start", "lever"), faults)
    if cells is None:
        return [], None
    staged = stage(engine, source, cells, faults)
    if check_numbers(engine, staged, faults) == 0:
        return [], None
    skipped = check_units(engine, staged, spec.skip_unknown, faults)
    labels = map_periods(engine, staged, "start", organisation.grain, spec.dates, faults)
    what = "s.what" if "what" in staged.cells else "NULL"
    rows = engine.run(
        f"SELECT s.line, s.unit, CAST(s.start AS VARCHAR), s.lever, {what}, m.label FROM {staged.view} s "
        f"JOIN {labels} m ON s.start = m.when_ SEMI JOIN units u ON s.unit = u.unit ORDER BY s.line"
    )
    order = spec.dates or day_order(row[2] for row in rows)
    actions = []
    for line, unit, start, lever, text, label in rows:
        if lever is None or not is_construct(lever):
            found = f"unknown lever {codes([lever])}" if lever else "a row without a lever"
            mend = nearest(lever or "", [*CONSTRUCTS, *FACETS])
            faults.add(source.file, line, staged.column("lever"), found, mend)
            continue
        day = read_day(start, order)
        begun = day.isoformat() if isinstance(day, date) else label
        actions.append(DatedAction(Action(unit, begun, lever, text or "", None), label))
    return actions, skip_note(spec, skipped)
