"""Aggregated tables: scores, results and actions, long or wide, as arrays of codes and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bevlogen.core.chain import CONSTRUCTS, Text
from bevlogen.core.tables import FloatArray, IntArray, Organisation, ResultTable, ScoreTable
from bevlogen.sources.cells import Cell
from bevlogen.sources.engines import Engine, literal, quoted
from bevlogen.sources.faults import Faults, codes, nearest
from bevlogen.sources.files import Source
from bevlogen.sources.organisation import TableSpec, is_construct
from bevlogen.sources.rows import skip_note, when_of
from bevlogen.sources.staging import Staged, cells_of, check_numbers, check_units, map_periods, missing, stage

FigureName = Literal["scores", "results"]

NUMBERS: dict[FigureName, tuple[str, ...]] = {
    "scores": ("mean", "n", "sd", "scale_min", "scale_max"),
    "results": ("value", "exposure"),
}
NAMED: dict[FigureName, str] = {"scores": "construct", "results": "measure"}


# A double counts whole numbers exactly up to here; squares and cross-products of larger figures may overflow.
_LARGEST = 2.0**53


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one file, a row each: ``unit``, ``period``, ``variable``, ``line`` and its numbers."""

    file: str
    data: pa.Table
    note: Text | None


def read_figures(
    engine: Engine, spec: TableSpec, source: Source, organisation: Organisation, faults: Faults
) -> Figures | None:
    """Check one file of scores or results and bring its figures into long form."""
    table: FigureName = "scores" if spec.table == "scores" else "results"
    required = ("unit",) if spec.wide else ("unit", NAMED[table], NUMBERS[table][0])
    if table == "scores" and not spec.wide and spec.scale is None:
        required = (*required, "scale_min", "scale_max")
    cells = cells_of(spec, source, required, faults)
    when = when_of(spec, source, cells, faults)
    wide = _wide_cells(spec, source, faults)
    if cells is None or when is None or wide is None:
        return None
    keys = [cell for cell in cells if cell.name in ("unit", when)]
    own = wide if spec.wide else [cell for cell in cells if cell.name in (NAMED[table], *NUMBERS[table])]
    staged = stage(engine, source, [*keys, *own], faults)
    if check_numbers(engine, staged, faults) == 0:
        return None
    skipped = check_units(engine, staged, spec.skip_unknown, faults)
    labels = map_periods(engine, staged, when, organisation.grain, spec.dates, faults)
    long = " UNION ALL ".join(_melted(spec, table, staged))
    data = engine.raw.sql(
        f"SELECT s.unit AS unit, m.label AS period, s.* EXCLUDE (unit, when_) FROM ({long}) s "
        f"JOIN {labels} m ON s.when_ = m.when_ SEMI JOIN units u ON s.unit = u.unit "
        f"WHERE {NUMBERS[table][0]} IS NOT NULL ORDER BY line, variable"
    ).to_arrow_table()
    figures = Figures(spec.file, data, skip_note(spec, skipped))
    _check_names(table, staged, figures, organisation, faults)
    _check_figures(table, spec, staged, figures, faults)
    return figures


def _wide_cells(spec: TableSpec, source: Source, faults: Faults) -> list[Cell] | None:
    cells, complete = [], True
    for i, wide in enumerate(spec.wide):
        for name, column in wide.columns.items():
            if column not in source.header:
                complete = missing(source, column, faults)
            cells.append(Cell(f"w{i}_{name}", "number", column))
    return cells if complete else None


def _melted(spec: TableSpec, table: FigureName, staged: Staged) -> list[str]:
    """One SELECT per construct of a wide table, or one for a long table; all with the same columns."""
    when = quoted("date" if "date" in staged.cells else "period")
    start = f"SELECT unit, {when} AS when_, line"
    if not spec.wide:
        scale = dict(zip(("scale_min", "scale_max"), spec.scale or (), strict=False))
        numbers = [
            f"{name if name in staged.cells else _constant(scale.get(name))} AS {name}" for name in NUMBERS[table]
        ]
        return [f"{start}, {NAMED[table]} AS variable, {', '.join(numbers)} FROM {staged.view}"]
    queries = []
    for i, wide in enumerate(spec.wide):
        scale = dict(zip(("scale_min", "scale_max"), wide.scale or (), strict=False))
        given = {name: f"w{i}_{name}" for name in wide.columns}
        if wide.one_minus:
            given["value"] = f"1 - {given['value']}"
        numbers = [f"{given.get(name, _constant(scale.get(name)))} AS {name}" for name in NUMBERS[table]]
        queries.append(f"{start}, {literal(wide.key)} AS variable, {', '.join(numbers)} FROM {staged.view}")
    return queries


def _constant(value: float | None) -> str:
    return "CAST(NULL AS DOUBLE)" if value is None else f"CAST({value!r} AS DOUBLE)"


def _check_names(
    table: FigureName, staged: Staged, figures: Figures, organisation: Organisation, faults: Faults
) -> None:
    known = {key for key, c in CONSTRUCTS.items() if c.side == "result"} | set(organisation.measures)
    column = staged.column(NAMED[table]) if NAMED[table] in staged.cells else None
    first = figures.data.group_by("variable").aggregate([("line", "min"), ("line", "count")])
    for name, line, count in zip(*(first[c].to_pylist() for c in ("variable", "line_min", "line_count")), strict=True):
        if name is None:
            faults.add(figures.file, line, column, f"a row without a {NAMED[table]}", "Fill it in.", count)
        elif table == "scores" and not is_construct(name):
            mend = nearest(name, CONSTRUCTS)
            faults.add(figures.file, line, column, f"unknown construct {codes([name])}", mend, count)
        elif table == "results" and name not in known:
            mend = f"{nearest(name, known)} Or name it in organisation.toml under [measures]."
            faults.add(figures.file, line, column, f"unknown measure {codes([name])}", mend, count)


def _check_figures(table: FigureName, spec: TableSpec, staged: Staged, figures: Figures, faults: Faults) -> None:
    a = {name: figures.data[name].to_numpy() for name in NUMBERS[table]}
    mend = "Mend the figure, or give it in another unit of measure."
    wrong: list[tuple[str, NDArray[np.bool_], str, str]] = [
        (name, np.abs(figure) > _LARGEST, "a figure too large to reckon with", mend) for name, figure in a.items()
    ]
    if table == "scores":
        empty = ~(a["scale_min"] < a["scale_max"])
        outside = ~empty & ((a["mean"] < a["scale_min"]) | (a["mean"] > a["scale_max"]))
        wrong.append(("scale_min", empty, "a scale without a low and a higher end", "Fill in scale_min and scale_max."))
        wrong.append(("mean", outside, "a mean outside its scale", "Mend the figure, or the ends of the scale."))
        wrong.append(("n", a["n"] < 0, "a negative number of respondents", "Give the number who answered."))
        wrong.append(("sd", a["sd"] < 0, "a negative standard deviation", "Give the standard deviation, 0 or more."))
    else:
        small = (a["exposure"] > 0) & (a["exposure"] < 1 / _LARGEST)
        wrong.append(("exposure", small, "a figure too small to divide by", mend))
        wrong.append(("exposure", a["exposure"] < 0, "a negative exposure", "Give what the figure is counted over."))
    lines = figures.data["line"].to_numpy()
    variables = np.array(figures.data["variable"].to_pylist(), dtype=object)
    for name, where, found, mend in wrong:
        for variable in sorted({str(v) for v in variables[where]}):
            rows = lines[where & (variables == variable)]
            column = _column(spec, staged, variable, name)
            faults.add(figures.file, int(rows.min()), column, found, mend, len(rows))


def _column(spec: TableSpec, staged: Staged, variable: str, name: str) -> str | None:
    for wide in spec.wide:
        if wide.key == variable:
            return wide.columns.get(name)
    return staged.column(name) if name in staged.cells else None


@dataclass(frozen=True, slots=True)
class Coded:
    """The figures of all files of a table: codes of unit, period and variable, and the numbers, each of length m."""

    variables: tuple[str, ...]
    unit: IntArray
    period: IntArray
    variable: IntArray
    numbers: Mapping[str, FloatArray]


def code(
    table: FigureName, parts: Sequence[Figures], units: Sequence[str], periods: Sequence[str], faults: Faults
) -> Coded:
    """Turn names into codes and note each figure that is given twice."""
    data = pa.concat_tables([part.data for part in parts])
    variables = tuple(dict.fromkeys(v for v in data["variable"].to_pylist() if v is not None))
    unit, period = _codes(data["unit"], units), _codes(data["period"], periods)
    variable = _codes(data["variable"], variables)
    key = (unit * len(periods) + period) * (len(variables) + 1) + variable
    again = np.ones(len(key), dtype=bool)
    again[np.unique(key, return_index=True)[1]] = False
    again &= (unit >= 0) & (period >= 0) & (variable >= 0)  # what could not be read was told already
    files = np.repeat([part.file for part in parts], [part.data.num_rows for part in parts])
    lines = data["line"].to_numpy()
    for file in sorted({str(f) for f in files[again]}):
        rows = lines[again & (files == file)]
        found = f"a second figure for the same unit, period and {NAMED[table]}"
        faults.add(file, int(rows.min()), None, found, "Keep one.", len(rows))
    return Coded(variables, unit, period, variable, {name: data[name].to_numpy() for name in NUMBERS[table]})


def _codes(column: pa.ChunkedArray, order: Sequence[str]) -> IntArray:
    """Place of each text in ``order``; -1 where it is missing."""
    found = column.combine_chunks().dictionary_encode()
    place = {name: i for i, name in enumerate(order)}
    table = np.array([place.get(name, -1) for name in found.dictionary.to_pylist()] + [-1], dtype=np.int64)
    codes_found: IntArray = table[found.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)]
    return codes_found


def score_table(coded: Coded) -> ScoreTable:
    """Return scores as the study takes them."""
    return ScoreTable(coded.variables, coded.unit, coded.period, coded.variable, **coded.numbers)


def result_table(coded: Coded) -> ResultTable:
    """Return results as the study takes them."""
    return ResultTable(coded.variables, coded.unit, coded.period, coded.variable, **coded.numbers)
