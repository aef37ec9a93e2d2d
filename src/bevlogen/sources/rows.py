"""Row tables (answers, interactions): checked by grouped queries, then handed on as a lazy relation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bevlogen.core.chain import Text
from bevlogen.core.moment_store import MomentStore, PartFacts
from bevlogen.core.tables import Instrument, Organisation, RowPartTable, RowTable, RowTableName
from bevlogen.sources.cells import Cell
from bevlogen.sources.engines import Engine, quoted
from bevlogen.sources.faults import Faults
from bevlogen.sources.files import Source, fingerprint
from bevlogen.sources.organisation import TableSpec
from bevlogen.sources.staging import (
    Staged,
    cells_of,
    check_numbers,
    check_units,
    lay_periods,
    map_periods,
    missing,
    stage,
)

_CELLS = 1  # raise it when the sums of a cell change: kept cells of before are then not used
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
    key: str = ""
    replaces: bool = False
    facts: PartFacts | None = None


def read_part(
    engine: Engine,
    spec: TableSpec,
    source: Source,
    organisation: Organisation,
    faults: Faults,
    store: MomentStore | None = None,
) -> RowPart | None:
    """Check one file of a row table and lay a view over it with ``unit``, ``period`` and the items.

    A Parquet file that the store of moments knows was checked when it was first scanned; no row of it is read.
    """
    key = _key(spec, source, organisation) if store is not None else ""
    known = store.facts(key) if store is not None and source.format == "parquet" else None
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
    if known is None:
        skipped = check_units(engine, staged, spec.skip_unknown, faults)
        mapped = map_periods(engine, staged, when, organisation.grain, spec.dates, faults)
        _check_ranges(engine, staged, own, faults)
    else:
        skipped, mapped = known.skipped, lay_periods(engine, staged, when, known.labels)
    fields = ["s.unit AS unit", "m.label AS period", *(f"s.{cell.name} AS {cell.name}" for cell in carried)]
    fields += [f"s.{quoted('i_' + item)} AS {quoted(item)}" for item in items]
    within = "SEMI JOIN units u ON s.unit = u.unit" if spec.skip_unknown else ""
    view = f"v_{staged.view}"
    engine.run(
        f"CREATE VIEW {view} AS SELECT {', '.join(fields)} FROM {staged.view} s "
        f"JOIN {mapped} m ON s.{quoted(when)} = m.when_ {within}"
    )
    columns = ("unit", "period", *(c.name for c in carried), *items)
    if known is None:
        found = f"SELECT DISTINCT period FROM {view}" if skipped else f"SELECT DISTINCT label FROM {mapped}"
        present = {row[0] for row in engine.run(found)}
        written = engine.run(f"SELECT CAST(when_ AS VARCHAR), label FROM {mapped}")
        known = PartFacts({text: label for text, label in written if label in present}, columns, skipped)
    periods = frozenset(label for label in known.labels.values() if label is not None)
    return RowPart(view, columns, periods, skip_note(spec, skipped), key=key, replaces=spec.replaces, facts=known)


def _key(spec: TableSpec, source: Source, organisation: Organisation) -> str:
    """Digest of a file and of all that decides what its cells are."""
    instruments = [
        (i.construct, i.items, sorted(i.reverse), i.low, i.high, i.min_answered, i.table)
        for i in organisation.instruments
    ]
    reading = (sorted(spec.columns.items()), sorted(spec.constants.items()), spec.dates, spec.skip_unknown)
    state = (fingerprint([(source.file, source.path)]), source.path.stat().st_mtime_ns)
    return hashlib.sha256(
        repr((_CELLS, spec.table, reading, instruments, organisation.grain, state)).encode()
    ).hexdigest()


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


def union(engine: Engine, name: RowTableName, parts: Sequence[RowPart], store: MomentStore | None = None) -> RowTable:
    """Put the files of a row table under one another; a column that a file lacks is empty there.

    Rows of units and periods that a later file replaces are left out.
    """
    columns = frozenset(column for part in parts for column in part.columns)
    queries = []
    for place, part in enumerate(parts):
        later = [f"SELECT DISTINCT unit, period FROM {p.view}" for p in parts[place + 1 :] if p.replaces]
        stays = f" ANTI JOIN ({' UNION '.join(later)}) r ON s.unit = r.unit AND s.period = r.period" if later else ""
        queries.append(f"SELECT s.* FROM {part.view} s{stays}")
    engine.run(f"CREATE VIEW {name} AS {' UNION ALL BY NAME '.join(queries)}")
    whole = engine.backend.table(name)
    if store is None:
        return RowTable(name, whole, columns, engine.fetch)
    own = []
    for place, part in enumerate(parts):
        empty = ", ".join(f"NULL AS {quoted(column)}" for column in sorted(columns - set(part.columns)))
        if empty:
            engine.run(f"CREATE VIEW {name}_{place} AS SELECT *, {empty} FROM {part.view}")
        relation = engine.backend.table(f"{name}_{place}" if empty else part.view)
        if part.facts is not None:
            own.append(RowPartTable(part.key, relation, part.replaces, part.facts))
    return RowTable(name, whole, columns, engine.fetch, tuple(own), store)


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
