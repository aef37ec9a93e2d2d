"""One file under canonical names: typed, with the cells that are no numbers or dates marked and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from bevlogen.core.tables import PeriodGrain
from bevlogen.sources.engines import Engine, literal, quoted
from bevlogen.sources.faults import Faults, codes, listed
from bevlogen.sources.files import Source, read_excel, stream_text
from bevlogen.sources.organisation import COLUMNS, TableSpec
from bevlogen.sources.periods import MEND_DATE, NO_DATE, day_order, read_period

_MOST_DATES = 50_000
_KINDS = {
    **dict.fromkeys(("headcount", "mean", "n", "sd", "scale_min", "scale_max", "value", "exposure"), "number"),
    **dict.fromkeys(("date", "period", "start"), "when"),
}
_NUMBER_TYPES = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL", "BOOL")


@dataclass(frozen=True, slots=True)
class Cell:
    """A canonical column: text, number or date (``when``), from ``column`` of the file or the fixed text ``value``."""

    name: str
    kind: str
    column: str | None = None
    value: str | None = None


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
    view = (
        f"t{len(engine.run('SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()'))}"
    )
    columns = sorted({cell.column for cell in cells if cell.column is not None})
    if source.format == "parquet":
        origin = f"read_parquet({literal(str(source.path))}, file_row_number = true)"
        line = f"file_row_number + {source.first_row}"
        names = {name: quoted(name) for name in columns}
    else:
        text = source.format == "text"
        data = stream_text(source, columns, faults) if text else read_excel(source, columns)
        origin, line = f"in_{view}", "line"
        engine.raw.register(origin, data)
        names = {name: f"c{source.header.index(name)}" for name in columns}
    types = dict(zip(columns, _types(engine, origin, source, columns, names), strict=True))
    comma = source.format != "text" or source.delimiter != ","
    fields, marked = [f"{line} AS line"], set()
    for cell in cells:
        kind = "VARCHAR" if cell.column is None else types[cell.column]
        raw = literal(cell.value or "") if cell.column is None else names[cell.column]
        fields.append(f"{_expression(cell.kind, raw, kind, comma)} AS {quoted(cell.name)}")
        if cell.kind == "number" and not kind.startswith(_NUMBER_TYPES):
            fields.append(f"{_mark(raw, kind, comma)} AS {quoted('k_' + cell.name)}")
            marked.add(cell.name)
    query = f"SELECT {', '.join(fields)} FROM {origin}"
    if source.format == "parquet":
        engine.run(f"CREATE VIEW {view} AS {query}")
    else:
        blank = " AND ".join(f"bv_trim(CAST({name} AS VARCHAR)) IS NULL" for name in names.values()) or "false"
        engine.run(f"CREATE TABLE store.main.{view} AS {query} WHERE NOT ({blank})")
        engine.raw.unregister(origin)
        engine.run(f"CREATE VIEW {view} AS SELECT * FROM store.main.{view}")
    return Staged(view, source, {cell.name: cell for cell in cells}, frozenset(marked))


def _types(engine: Engine, origin: str, source: Source, columns: Sequence[str], names: Mapping[str, str]) -> list[str]:
    if source.format == "text":
        return ["VARCHAR"] * len(columns)
    described = {row[0]: str(row[1]) for row in engine.run(f"DESCRIBE SELECT * FROM {origin}")}
    return [described[names[name].strip('"').replace('""', '"')] for name in columns]


def _expression(kind: str, raw: str, found: str, comma: bool) -> str:
    if kind == "number":
        return _number(raw, found, comma)
    if kind == "when" and found == "VARCHAR":
        return f"bv_when({raw})"
    if kind == "when":
        return f"CAST({raw} AS DATE)" if found.startswith(("DATE", "TIMESTAMP")) else f"CAST({raw} AS VARCHAR)"
    if found == "VARCHAR":
        return f"bv_trim({raw})"
    return f"bv_code({raw})" if found in ("DOUBLE", "FLOAT") else f"CAST({raw} AS VARCHAR)"


def _number(raw: str, found: str, comma: bool) -> str:
    if found == "VARCHAR":
        return f"{'bv_either' if comma else 'bv_point'}(bv_trim({raw}))"
    if found in ("DOUBLE", "FLOAT"):
        return f"bv_finite(CAST({raw} AS DOUBLE))"
    return f"CAST({raw} AS DOUBLE)" if found.startswith(_NUMBER_TYPES) else "CAST(NULL AS DOUBLE)"


def _mark(raw: str, found: str, comma: bool) -> str:
    if found == "VARCHAR":
        return f"bv_kind(bv_trim({raw}), {_number(raw, found, comma)})"
    return f"CAST({raw} IS NOT NULL AS UTINYINT)"


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
        source.file, 1 if source.format != "parquet" else None, column, "there is no such column", f"Found: {found}."
    )
    return False


def check_numbers(engine: Engine, staged: Staged, faults: Faults) -> int:
    """Note text in number columns and mixed decimal signs; return the number of rows. One query."""
    names = sorted(staged.marked)
    sums = [
        f"count(*) FILTER (k = {k}), min(line) FILTER (k = {k})".replace("k =", f"{quoted('k_' + name)} =")
        for name in names
        for k in (1, 2, 3)
    ]
    (row,) = engine.run(f"SELECT {', '.join(['count(*)', *sums])} FROM {staged.view}")
    commas, points = {}, {}
    for i, name in enumerate(names):
        bad, bad_line, comma, comma_line, point, point_line = row[1 + 6 * i : 7 + 6 * i]
        if bad:
            mend = "Give a number, such as 3.5; leave the cell empty if there is none."
            faults.add(staged.source.file, bad_line, staged.column(name), "text where a number is expected", mend, bad)
        commas[name], points[name] = (comma, comma_line), (point, point_line)
    if sum(c for c, _ in commas.values()) and sum(p for p, _ in points.values()):
        for name, (count, line) in points.items():
            if count:
                mend = "Use one decimal sign in the whole file, and no sign for thousands."
                found = "a point in a number, while other numbers of this file have a comma"
                faults.add(staged.source.file, line, staged.column(name), found, mend, count)
    if row[0] == 0:
        faults.add(staged.source.file, None, None, "a table without rows", "Add rows, or leave the table out.")
    return int(row[0])


def check_units(engine: Engine, staged: Staged, skip: bool, faults: Faults) -> int:
    """Note rows without a unit or of a unit that is not in ``units``; return how many rows are to be skipped."""
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
        reading = read_period(text, grain, written)  # type: ignore[arg-type]
        if reading.label is None:
            faults.add(file, line, column, reading.wrong or NO_DATE, reading.mend, count)
        labels.append(reading.label)
    table = f"m_{staged.view}"
    engine.raw.register(
        "in_labels", pa.table({"text": pa.array(texts, pa.string()), "label": pa.array(labels, pa.string())})
    )
    engine.run(
        f"CREATE TABLE store.main.{table} AS SELECT w AS when_, l.label "
        f"FROM (SELECT DISTINCT {when} AS w FROM {staged.view}) JOIN in_labels l ON CAST(w AS VARCHAR) = l.text"
    )
    engine.raw.unregister("in_labels")
    return f"store.main.{table}"
