"""One file under canonical names: typed, with the cells that are no numbers or dates marked and counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bevlogen.core.tables import PeriodGrain
from bevlogen.sources.cells import Cell, Kind, Mark, number
from bevlogen.sources.engines import Engine, literal, quoted
from bevlogen.sources.faults import Faults, codes, listed
from bevlogen.sources.files import MEND_NO_ROWS, NO_ROWS, NO_TEXT, Source, stream
from bevlogen.sources.organisation import COLUMNS, TableSpec
from bevlogen.sources.periods import MEND_DATE, NO_DATE, day_order, read_period

TOO_MANY = "more rows than the memory for reading text holds"
_MOST_DATES = 50_000
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("headcount", "mean", "n", "sd", "scale_min", "scale_max", "value", "exposure"), "number"),
    **dict.fromkeys(("date", "period", "start"), "when"),
}
_NUMBER_KINDS = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_null,
)
_TIME_OF_DAY = r"[T ]\d{1,2}:\d{2}.*$"


@dataclass(frozen=True, slots=True)
class Staged:
    """A table or view in the engine with ``line`` and the canonical columns; ``marked`` numbers have a mark too."""

    view: str
    source: Source
    cells: Mapping[str, Cell]
    marked: frozenset[str]

    def column(self, name: str) -> str | None:
        """Name of a canonical column in the file."""
        return self.cells[name].column


def stage(engine: Engine, source: Source, cells: Sequence[Cell], faults: Faults) -> Staged:
    """Read a file once into a typed table; leave Parquet where it is and lay a view over it."""
    view = engine.new_name()
    if source.format in ("parquet", "table"):
        cells = [cell if _holds_numbers(engine, source, cell, faults) else replace(cell, column=None) for cell in cells]
        origin = source.relation or f"read_parquet({literal(str(source.path))}, file_row_number = true)"
        types = {row[0]: str(row[1]).partition("(")[0] for row in engine.run(f"DESCRIBE SELECT * FROM {origin}")}
        fields = [f"{_expression(cell, types)} AS {quoted(cell.name)}" for cell in cells]
        line = f"file_row_number + {source.first_row} AS line"
        engine.run(f"CREATE VIEW {view} AS SELECT {', '.join([line, *fields])} FROM {origin}")
        return Staged(view, source, {cell.name: cell for cell in cells}, frozenset())
    found = _fill(engine, view, source, cells)
    if source.encoding == "utf-8" and found.mention(source.file, NO_TEXT):
        found = _fill(engine, view, replace(source, encoding="cp1252"), cells)
    faults.take(found)
    engine.run(f"CREATE VIEW {view} AS SELECT * FROM store.main.{view}")
    marked = frozenset(cell.name for cell in cells if cell.kind == "number")
    return Staged(view, source, {cell.name: cell for cell in cells}, marked)


def _fill(engine: Engine, view: str, source: Source, cells: Sequence[Cell]) -> Faults:
    """Read a text or Excel file into a typed table; return what was wrong with its rows. Empty if it does not fit."""
    faults = Faults()
    rows = stream(source, cells, faults)
    try:
        engine.take(view, rows)
    except duckdb.OutOfMemoryException:
        faults.add(source.file, None, None, TOO_MANY, "Save this table as Parquet, which is read where it lies.")
        engine.take(view, rows.schema.empty_table())
    return faults


def _holds_numbers(engine: Engine, source: Source, cell: Cell, faults: Faults) -> bool:
    """Whether a number column of a Parquet file or a table holds numbers; a fault if not."""
    if cell.kind != "number":
        return True
    if cell.column is None:
        fine = number(cell.value or "", comma=False)[1] is not Mark.NO_NUMBER
    else:
        kind = _schema(engine, source).field(cell.column).type
        fine = any(is_kind(kind) for is_kind in _NUMBER_KINDS)
    if not fine:
        mend = "Write this column of the Parquet file as numbers."
        if source.format == "table":
            mend = "Give this column of the table a type of numbers."
        faults.add(source.file, None, cell.column or cell.name, "text where a number is expected", mend)
    return fine


def _schema(engine: Engine, source: Source) -> pa.Schema:
    if source.format == "parquet":
        return pq.read_schema(source.path)
    return engine.raw.sql(f"SELECT * FROM {source.relation} LIMIT 0").to_arrow_table().schema


def _expression(cell: Cell, types: Mapping[str, str]) -> str:
    """Read a column of a Parquet file."""
    if cell.column is None and cell.kind == "number":
        value = number(cell.value or "", comma=False)[0]
        return f"CAST({'NULL' if math.isnan(value) else repr(value)} AS DOUBLE)"
    if cell.column is None:
        return literal(cell.value or "")
    raw, found = quoted(cell.column), types[cell.column]
    real = found in ("DOUBLE", "FLOAT")
    if cell.kind == "number":
        as_double = f"CAST({raw} AS DOUBLE)"
        return f"CASE WHEN isfinite({as_double}) THEN {as_double} END" if real else as_double
    if cell.kind == "when" and found == "VARCHAR":
        return f"nullif(regexp_replace(trim({raw}), '{_TIME_OF_DAY}', ''), '')"
    if cell.kind == "when" and found.startswith(("DATE", "TIMESTAMP")):
        return f"CAST({raw} AS DATE)"
    if real:
        whole = f"CAST(CAST({raw} AS BIGINT) AS VARCHAR)"
        return f"CASE WHEN {raw} = floor({raw}) AND abs({raw}) < 1e15 THEN {whole} ELSE CAST({raw} AS VARCHAR) END"
    return f"nullif({raw}, '')" if found == "VARCHAR" else f"CAST({raw} AS VARCHAR)"


def cells_of(spec: TableSpec, source: Source, required: Sequence[str], faults: Faults) -> list[Cell] | None:
    """Find each canonical column of a table in its file; None after noting those that are missing.

    A column that ``organisation.toml`` does not name is taken under its canonical name, where the file has it.
    """
    cells, complete = [], True
    for name in COLUMNS[spec.table]:
        column = spec.columns.get(name, name)
        if name in spec.constants:
            cells.append(Cell(name, _KINDS.get(name, "text"), value=spec.constants[name]))
        elif column in source.header:
            cells.append(Cell(name, _KINDS.get(name, "text"), column))
        elif name in spec.columns or name in required:
            complete = missing(source, column, faults)
    return cells if complete else None


def missing(source: Source, column: str, faults: Faults) -> bool:
    """Note that a file lacks a column; returns False."""
    found = listed(name for name in source.header if name)
    faults.add(
        source.file,
        1 if source.format in ("text", "excel") else None,
        column,
        "there is no such column",
        f"Found: {found}.",
    )
    return False


def check_numbers(engine: Engine, staged: Staged, faults: Faults) -> int:
    """Note text in number columns and mixed decimal signs; return the number of rows. One query."""
    names = sorted(staged.marked)
    sums = [
        f"count(*) FILTER (k = {k}), min(line) FILTER (k = {k})".replace("k =", f"{quoted('k_' + name)} =")
        for name in names
        for k in (Mark.NO_NUMBER.value, Mark.COMMA.value, Mark.POINT.value)
    ]
    (row,) = engine.run(f"SELECT {', '.join(['count(*)', *sums])} FROM {staged.view}")
    commas, points = {}, {}
    for i, name in enumerate(names):
        bad, bad_line, comma, comma_line, point, point_line = row[1 + 6 * i : 7 + 6 * i]
        if bad:
            mend = "Give a number, such as 3.5; leave the cell empty if there is none."
            faults.add(staged.source.file, bad_line, staged.column(name), "text where a number is expected", mend, bad)
        commas[name], points[name] = (comma, comma_line), (point, point_line)
    if staged.source.format == "text" and any(c for c, _ in commas.values()):
        for name, (count, line) in points.items():
            if count:
                mend = "Use one decimal sign in the whole file, and no sign for thousands."
                found = "a point in a number, while other numbers of this file have a comma"
                faults.add(staged.source.file, line, staged.column(name), found, mend, count)
    if row[0] == 0 and not faults.mention(staged.source.file):
        faults.add(staged.source.file, None, None, NO_ROWS, MEND_NO_ROWS)
    return int(row[0])


def check_units(engine: Engine, staged: Staged, skip: bool, faults: Faults) -> int:
    """Note rows without a unit or of a unit that is not in ``units``; return how many rows are to be skipped.

    Where the table of units could not be read, that is the fault to mend, and no row is blamed.
    """
    if engine.run("SELECT count(*) FROM units") == [(0,)]:
        return 0
    query = (
        f"SELECT s.unit, count(*) AS rows, min(line) FROM {staged.view} s LEFT JOIN units u ON s.unit = u.unit "
        "WHERE u.unit IS NULL GROUP BY s.unit ORDER BY min(line) LIMIT 1000"
    )
    strange = engine.run(query)
    file, column = staged.source.file, staged.column("unit")
    for unit, count, line in strange:
        if unit is None:
            faults.add(file, line, column, "a row without a unit", "Fill in the unit, or take the row out.", count)
    unknown = [row for row in strange if row[0] is not None]
    count = sum(row[1] for row in unknown)
    if unknown and not skip:
        mend = 'Add to the table of units, mend the code, or set unknown_units = "skip".'
        found = f"unknown unit{'s' if len(unknown) > 1 else ''} {codes(row[0] for row in unknown)}"
        faults.add(file, unknown[0][2], column, found, mend, count)
    return count if skip else 0


def map_periods(
    engine: Engine, staged: Staged, name: str, grain: PeriodGrain, order: str | None, faults: Faults
) -> str:
    """Read each different date or period once; return the name of a table from ``when`` to ``label``.

    ``name`` is the canonical column (``date``, ``period`` or ``start``).
    """
    when = quoted(name)
    found = engine.run(
        f"SELECT CAST({when} AS VARCHAR), count(*), min(line) FROM {staged.view} GROUP BY {when} "
        f"LIMIT {_MOST_DATES + 1}"
    )
    file, column = staged.source.file, staged.column(name)
    if len(found) > _MOST_DATES:
        faults.add(file, None, column, f"more than {_MOST_DATES} different dates", MEND_DATE)
    texts = [row[0] for row in found if row[0] is not None]
    written = order if order is not None else day_order(texts)
    labels = []
    for text, count, line in found:
        if text is None:
            faults.add(file, line, column, "a row without a date", "Fill in the date or period.", count)
            continue
        reading = read_period(text, grain, written)  # type: ignore[arg-type]  # the toml reader allows no other order
        if reading.label is None:
            faults.add(file, line, column, reading.wrong or NO_DATE, reading.mend, count)
        labels.append(reading.label)
    return lay_periods(engine, staged, name, dict(zip(texts, labels, strict=True)))


def lay_periods(engine: Engine, staged: Staged, name: str, labels: Mapping[str, str | None]) -> str:
    """Make the table from each date or period, as the file holds it, to its label; return its name."""
    (kind,) = {row[1] for row in engine.run(f"DESCRIBE SELECT {quoted(name)} FROM {staged.view}")}
    table = f"m_{staged.view}"
    both = pa.table(
        {"text": pa.array(list(labels), pa.string()), "label": pa.array(list(labels.values()), pa.string())}
    )
    engine.raw.register("in_labels", both)
    engine.run(f"CREATE TABLE store.main.{table} AS SELECT CAST(text AS {kind}) AS when_, label FROM in_labels")
    engine.raw.unregister("in_labels")
    return f"store.main.{table}"
