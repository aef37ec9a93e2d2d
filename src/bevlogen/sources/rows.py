"""Row tables (answers, interactions): checked by grouped queries, then handed on as a lazy relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bevlogen.core.chain import Text
from bevlogen.core.tables import Instrument, Organisation, RowTable, RowTableName
from bevlogen.sources.cells import Cell
from bevlogen.sources.engines import Engine, quoted
from bevlogen.sources.faults import Faults
from bevlogen.sources.files import Source
from bevlogen.sources.organisation import TableSpec
from bevlogen.sources.staging import Staged, cells_of, check_numbers, check_units, map_periods, missing, stage

CARRIED = ("employee", "customer", "service")


@dataclass(frozen=True, slots=True)
class RowPart:
    """One checked part of a row table: a view under canonical names, its columns and periods.

    A table of an engine has an Ibis ``relation`` there instead of a view here, and a ``digest`` of its state.
    """

    view: str
    columns: tuple[str, ...]
    periods: frozenset[str]
    note: Text | None
    relation: Any = None
    digest: str = ""


def read_part(
    engine: Engine, spec: TableSpec, source: Source, organisation: Organisation, faults: Faults
) -> RowPart | None:
    """Check one file of a row table and lay a view over it with ``unit``, ``period`` and the items."""
    own = [instrument for instrument in organisation.instruments if instrument.table == spec.table]
    cells = cells_of(spec, source, ("unit",), faults)
    when = when_of(spec, source, cells, faults)
    items = items_of(source, own, faults)
    if cells is None or when is None:
        return None
    carried = [cell for cell in cells if cell.name in CARRIED]
    keys = [cell for cell in cells if cell.name in ("unit", when)]
    measured = [Cell(f"i_{item}", "number", item) for item in items]
    staged = stage(engine, source, [*keys, *carried, *measured], faults)
    if check_numbers(engine, staged, faults) == 0:
        return None
    skipped = check_units(engine, staged, spec.skip_unknown, faults)
    labels = map_periods(engine, staged, when, organisation.grain, spec.dates, faults)
    _check_ranges(engine, staged, own, faults)
    fields = ["s.unit AS unit", "m.label AS period", *(f"s.{cell.name} AS {cell.name}" for cell in carried)]
    fields += [f"s.{quoted('i_' + item)} AS {quoted(item)}" for item in items]
    known = "SEMI JOIN units u ON s.unit = u.unit" if spec.skip_unknown else ""
    view = f"v_{staged.view}"
    engine.run(
        f"CREATE VIEW {view} AS SELECT {', '.join(fields)} FROM {staged.view} s "
        f"JOIN {labels} m ON s.{quoted(when)} = m.when_ {known}"
    )
    found = f"SELECT DISTINCT period FROM {view}" if skipped else f"SELECT DISTINCT label FROM {labels}"
    periods = frozenset(row[0] for row in engine.run(found) if row[0] is not None)
    return RowPart(view, ("unit", "period", *(c.name for c in carried), *items), periods, skip_note(spec, skipped))


def when_of(spec: TableSpec, source: Source, cells: Sequence[Cell] | None, faults: Faults) -> str | None:
    """Name of the canonical column that carries the time: ``date`` before ``period``; a fault if there is neither."""
    if cells is None:
        return None
    present = [cell.name for cell in cells if cell.name in ("date", "period")]
    stated = [name for name in present if name in spec.columns or name in spec.constants]
    chosen = next(iter(stated or present), None)
    if chosen is None:
        missing(source, "period", faults)
    return chosen


def skip_note(spec: TableSpec, skipped: int) -> Text | None:
    """Return a sentence on rows that were left out; None if there were none."""
    if not skipped:
        return None
    rows, rijen = ("1 row", "1 rij") if skipped == 1 else (f"{skipped} rows", f"{skipped} rijen")
    return Text(
        f"{spec.file}: {rows} left out: of units that are not in the table of units.",
        f"{spec.file}: {rijen} weggelaten, van onderdelen die niet in de tabel met onderdelen staan.",
    )


def union(engine: Engine, name: RowTableName, parts: Sequence[RowPart]) -> RowTable:
    """Put the files of a row table under one another; a column that a file lacks is empty there."""
    columns = frozenset(column for part in parts for column in part.columns)
    query = " UNION ALL BY NAME ".join(f"SELECT * FROM {part.view}" for part in parts)
    engine.run(f"CREATE VIEW {name} AS {query}")
    return RowTable(name, engine.backend.table(name), columns)


def check_items(
    organisation: Organisation, name: RowTableName, parts: Sequence[RowPart], file: str, faults: Faults
) -> None:
    """Note each instrument of which no file of its table has an item."""
    present = {column for part in parts for column in part.columns}
    for instrument in organisation.instruments:
        if instrument.table == name and parts and not present & set(instrument.items):
            found = f'none of the items of the instrument "{instrument.construct}"'
            faults.add(file, None, None, found, "Name the item columns as they are in the file.")


def items_of(source: Source, instruments: Sequence[Instrument], faults: Faults) -> list[str]:
    """Return the items that the file has; an item is missing if the file has others of the same instrument."""
    items: list[str] = []
    for instrument in instruments:
        present = [item for item in instrument.items if item in source.header]
        for item in instrument.items:
            if present and item not in source.header:
                missing(source, item, faults)
        items += [item for item in present if item not in items]
    return items


def _check_ranges(engine: Engine, staged: Staged, instruments: Sequence[Instrument], faults: Faults) -> None:
    """Note answers outside their scale; one query. What was answered is not told."""
    asked = [(item, i) for i in instruments for item in i.items if f"i_{item}" in staged.cells]
    if not asked:
        return
    outside = [f"{quoted('i_' + item)} NOT BETWEEN {i.low!r} AND {i.high!r}" for item, i in asked]
    sums = [f"count(*) FILTER ({where}), min(line) FILTER ({where})" for where in outside]
    (row,) = engine.run(f"SELECT {', '.join(sums)} FROM {staged.view}")
    for n, (item, instrument) in enumerate(asked):
        count, line = row[2 * n : 2 * n + 2]
        if count:
            found = f"an answer outside the scale {instrument.low:g} to {instrument.high:g}"
            mend = "Mend the answers, or the range of the instrument; leave the cell empty for no answer."
            faults.add(staged.source.file, line, item, found, mend, count)
