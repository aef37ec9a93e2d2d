"""Tables of an engine: small ones are brought in, tables of rows are checked where they are by grouped queries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from bevlogen.core.tables import Organisation, PeriodGrain, RowTable, RowTableName
from bevlogen.sources.cells import Cell
from bevlogen.sources.engines import Engine
from bevlogen.sources.engines_database import Database
from bevlogen.sources.faults import Faults, codes
from bevlogen.sources.files import MEND_NO_ROWS, NO_ROWS, Source
from bevlogen.sources.organisation import TableSpec
from bevlogen.sources.periods import MEND_DATE, NO_DATE, bounds_of, day_order, label_of, read_period
from bevlogen.sources.rows import CARRIED, RowPart, items_of, skip_note, when_of
from bevlogen.sources.staging import cells_of

_MOST_WRITINGS = 2000  # different texts of dates or periods that an expression can tell apart at a fair speed
_MEND_NUMBERS = "Give this column of the table a type of numbers."


def bring(engine: Engine, database: Database, spec: TableSpec) -> Source:
    """Bring a table without rows of people (units, scores, results, actions) into the embedded engine, sorted.

    Raises
    ------
    EngineError
        As ``Database.table`` and ``Database.fetch``.
    """
    found = database.fetch(database.table(spec.file))
    name = engine.new_name()
    engine.raw.register(f"in_{name}", found)
    engine.run(
        f"CREATE TABLE store.main.{name} AS SELECT *, row_number() OVER () - 1 AS file_row_number "
        f"FROM (SELECT * FROM in_{name} ORDER BY ALL)"
    )
    engine.raw.unregister(f"in_{name}")
    return Source(spec.file, Path(), "table", tuple(found.column_names), relation=f"store.main.{name}")


def read_part_there(
    database: Database,
    spec: TableSpec,
    organisation: Organisation,
    units: Sequence[str],
    faults: Faults,
) -> RowPart | None:
    """Check a table of rows in its engine and lay expressions over it with ``unit``, ``period`` and the items.

    Three grouped queries (answers outside their scale per unit, rows per date, and where unknown units are skipped
    rows per unit and date); what comes back are counts and codes.

    Raises
    ------
    EngineError
        As ``Database.table`` and ``Database.fetch``.
    """
    table = database.table(spec.file)
    source = Source(spec.file, Path(), "table", tuple(table.columns))
    own = [instrument for instrument in organisation.instruments if instrument.table == spec.table]
    cells = cells_of(spec, source, ("unit",), faults)
    when = when_of(spec, source, cells, faults)
    items = items_of(source, own, faults)
    if cells is None or when is None or not _numbers(table, items, spec, faults):
        return None
    carried = [cell for cell in cells if cell.name in CARRIED]
    keys = [cell for cell in cells if cell.name in ("unit", when)]
    named = {cell.name: _text(table, cell) for cell in carried}
    named |= {"unit" if cell.name == "unit" else "when_": _key(table, cell) for cell in keys}
    rows = table.select(**named, **{f"i_{n}": _number(table[item]) for n, item in enumerate(items)})
    ends = {item: (i.low, i.high) for i in own for item in i.items}
    per_unit = _per_unit(database, rows, [ends[item] for item in items])
    if any(_needs_trim(unit) for unit in per_unit["unit"].to_pylist()):
        rows = rows.mutate(unit=_trimmed(rows["unit"]))
        per_unit = _per_unit(database, rows, [ends[item] for item in items])
    if per_unit.num_rows == 0:
        faults.add(spec.file, None, None, NO_ROWS, MEND_NO_ROWS)
        return None
    skipped = _check_units(spec, cells, per_unit, units, faults)
    _check_ranges(spec, items, [ends[item] for item in items], per_unit, faults)
    per_date = database.fetch(rows.group_by("when_").aggregate(rows=rows.count()))
    per_date = per_date.set_column(0, "when_", per_date["when_"].cast(pa.string()))  # a date as 2024-03-31
    column = next(cell.column for cell in keys if cell.name == when)
    labels = _labels(spec, organisation, column, per_date, faults)
    if labels is None:
        return None
    out = {
        "unit": rows["unit"],
        "period": _period(rows["when_"], labels, organisation.grain),
        **{c.name: rows[c.name] for c in carried},
    }
    relation = rows.select(**out, **{item: rows[f"i_{n}"] for n, item in enumerate(items)})
    periods = set(labels.values())
    if skipped:
        pairs = database.fetch(relation.select("unit", "period").distinct())
        periods = set(pairs.filter(pc.is_in(pairs["unit"], pa.array(list(units))))["period"].to_pylist())
    columns = ("unit", "period", *(c.name for c in carried), *items)
    digest = _digest(spec.file, per_unit, "unit") + _digest(spec.file, per_date, "when_")
    return RowPart("", columns, frozenset(p for p in periods if p), skip_note(spec, skipped), relation, digest)


def union_there(database: Database, name: RowTableName, parts: Sequence[RowPart]) -> RowTable:
    """Put the tables of one row table under one another; a column that a table lacks is empty there."""
    columns = sorted({column for part in parts for column in part.columns})
    texts = {"unit", "period", *CARRIED}
    whole: Any = None
    for part in parts:
        kinds = {c: "string" if c in texts else "float64" for c in columns}
        fields = {c: part.relation[c] if c in part.columns else ibis.null(kinds[c]) for c in columns}
        one = part.relation.select(**fields)
        whole = one if whole is None else whole.union(one)
    return RowTable(name, whole, frozenset(columns), database.fetch)


def _numbers(table: ibis.Table, items: Sequence[str], spec: TableSpec, faults: Faults) -> bool:
    kinds = {item: table[item].type() for item in items}
    text = [item for item, kind in kinds.items() if not (kind.is_numeric() or kind.is_boolean() or kind.is_null())]
    for item in text:
        faults.add(spec.file, None, item, "text where a number is expected", _MEND_NUMBERS)
    return not text


def _text(table: ibis.Table, cell: Cell) -> ibis.Value:
    """Read a code, or a date of which the time of day is left out, as a text; NULL where it is empty."""
    key = _key(table, cell)
    if key.type().is_date():
        return _day_text(key)
    return _trimmed(key) if cell.column is not None else key


def _key(table: ibis.Table, cell: Cell) -> ibis.Value:
    """Read a code as it stands and a date as a date: what rows are counted by, at the least work per row."""
    if cell.column is None:
        return ibis.literal(cell.value or "")
    column = table[cell.column]
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        day = column.date() if kind.is_timestamp() else column
        return _day_text(day) if cell.name == "unit" else day
    if kind.is_floating() or kind.is_decimal():
        column = column.cast("int64")
    return column.cast("string") if cell.name == "unit" else _trimmed(column)


def _day_text(day: ibis.Value) -> ibis.Value:
    month, number = (part.cast("string").lpad(2, "0") for part in (day.month(), day.day()))
    return day.year().cast("string") + "-" + month + "-" + number


def _trimmed(column: ibis.Value) -> ibis.Value:
    return column.cast("string").strip().nullif("")


def _needs_trim(code: str | None) -> bool:
    return code is not None and code != (code.strip() or None)


def _number(column: ibis.Value) -> ibis.Value:
    """Read an answer as a double; what is not finite counts as no answer."""
    if column.type().is_boolean():
        column = column.cast("int32")
    double = column.cast("float64")
    if column.type().is_floating():
        double = ibis.ifelse(double.isnan() | double.isinf(), ibis.null("float64"), double)
    return double


def _per_unit(database: Database, rows: ibis.Table, ends: Sequence[tuple[float, float]]) -> pa.Table:
    outside = {
        f"o_{n}": ((rows[f"i_{n}"] < low) | (rows[f"i_{n}"] > high)).cast("int32").sum()
        for n, (low, high) in enumerate(ends)
    }
    return database.fetch(rows.group_by("unit").aggregate(rows=rows.count(), **outside))


def _check_units(
    spec: TableSpec, cells: Sequence[Cell], per_unit: pa.Table, units: Sequence[str], faults: Faults
) -> int:
    if not units:
        return 0  # the table of units could not be read: that is the fault to mend
    column = next(cell.column for cell in cells if cell.name == "unit")
    known = set(units)
    counts = dict(zip(per_unit["unit"].to_pylist(), per_unit["rows"].to_pylist(), strict=True))
    if None in counts:
        mend = "Fill in the unit, or take the row out."
        faults.add(spec.file, None, column, "a row without a unit", mend, counts[None])
    strange = sorted(unit for unit in counts if unit is not None and unit not in known)
    count = sum(counts[unit] for unit in strange)
    if strange and not spec.skip_unknown:
        mend = 'Add to the table of units, mend the code, or set unknown_units = "skip".'
        faults.add(
            spec.file, None, column, f"unknown unit{'s' if len(strange) > 1 else ''} {codes(strange)}", mend, count
        )
    return count if spec.skip_unknown else 0


def _check_ranges(
    spec: TableSpec, items: Sequence[str], ends: Sequence[tuple[float, float]], per_unit: pa.Table, faults: Faults
) -> None:
    for n, (item, (low, high)) in enumerate(zip(items, ends, strict=True)):
        count = pc.sum(per_unit[f"o_{n}"]).as_py()
        if count:
            found = f"an answer outside the scale {low:g} to {high:g}"
            mend = "Mend the answers, or the range of the instrument; leave the cell empty for no answer."
            faults.add(spec.file, None, item, found, mend, int(count))


def _labels(
    spec: TableSpec, organisation: Organisation, column: str | None, per_date: pa.Table, faults: Faults
) -> dict[str, str] | None:
    """Read each different date or period once: its text to its label; None after noting what cannot be read."""
    counts = dict(zip(per_date["when_"].to_pylist(), per_date["rows"].to_pylist(), strict=True))
    texts = sorted(text for text in counts if text is not None)
    order = spec.dates if spec.dates is not None else day_order(texts)
    before, labels = len(faults), {}
    if None in counts:
        faults.add(spec.file, None, column, "a row without a date", "Fill in the date or period.", counts[None])
    for text in texts:
        reading = read_period(text, organisation.grain, order)
        if reading.label is None:
            faults.add(spec.file, None, column, reading.wrong or NO_DATE, reading.mend, counts[text])
        else:
            labels[text] = reading.label
    if len(texts) > _MOST_WRITINGS and not all(text[:4].isdigit() and text[4:5] == "-" for text in texts):
        faults.add(spec.file, None, column, f"more than {_MOST_WRITINGS} different texts for a date", MEND_DATE)
    return labels if len(faults) == before else None


def _period(when: ibis.Value, labels: dict[str, str], grain: PeriodGrain) -> ibis.Value:
    """Turn dates into labels by where they lie, and texts by their beginning where that tells, else one by one."""
    if when.type().is_date():
        if grain == "day":
            return _day_text(when)
        days = [date.fromisoformat(text) for text in labels]
        return _by_day(when, _pieces(days, grain))
    if all(text == label for text, label in labels.items()):
        return when
    for length in (4, 7):
        heads = {text[:length] for text in labels}
        by_head = {text[:length]: label for text, label in labels.items()}
        if len(heads) < len(labels) and all(by_head[text[:length]] == label for text, label in labels.items()):
            return when.substr(0, length).cases(*by_head.items())
    return when.cases(*labels.items())


def _pieces(days: Sequence[date], grain: PeriodGrain) -> list[tuple[date, str | None]]:
    """Cut time where a period begins that has rows, and where one ends: each first day and its label, None in a gap."""
    out: list[tuple[date, str | None]] = [(date.min, None)]
    for first, after, label in sorted({(*bounds_of(day, grain), label_of(day, grain)) for day in days}):
        if out[-1][0] == first:
            out.pop()
        out += [(first, label), (after, None)] if after < date.max else [(first, label)]
    return out


def _by_day(day: ibis.Value, pieces: Sequence[tuple[date, str | None]]) -> ibis.Value:
    """Halve the pieces until one is left, so that a row costs few comparisons; no date gives the last one, NULL."""
    if len(pieces) == 1:
        label = pieces[0][1]
        return ibis.null("string") if label is None else ibis.literal(label)
    half = len(pieces) // 2
    return ibis.ifelse(day < ibis.literal(pieces[half][0]), _by_day(day, pieces[:half]), _by_day(day, pieces[half:]))


def _digest(file: str, counts: pa.Table, key: str) -> str:
    """Tell the state of a table by its rows per unit and per date."""
    found = sorted(zip(map(str, counts[key].to_pylist()), counts["rows"].to_pylist(), strict=True))
    return hashlib.sha256(repr((file, found)).encode()).hexdigest()
