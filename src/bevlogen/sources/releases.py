"""Releases to be attacked: our own JSON, or figures copied from any other product as CSV or Excel."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np

from bevlogen.core.released import MOST_OPTIONS, AnswerScale, Released, step_of_mean
from bevlogen.errors import WorkspaceError
from bevlogen.sources.cells import Mark, number
from bevlogen.sources.faults import Faults, listed
from bevlogen.sources.release_columns import column, shown

_REQUIRED = ("unit", "mean", "n")
_NUMBERS = ("mean", "n", "scale_min", "scale_max", "answer_step")
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
_FIVE_POINTS = AnswerScale(1.0, 5.0, 1.0)
_FAVOURABLE = AnswerScale(0.0, 100.0, 100.0)  # each answer is favourable or not
_OURS = "bevlogen-steering/1"
_BETWEEN = ("/", ">", "»", "\\", "|")  # levels, in a name such as "All / North / Team 3"


@dataclass(frozen=True, slots=True)
class _Row:
    """One cell of a release, as read; NaN where nothing stands."""

    unit: str
    parent: str
    period: str
    construct: str
    mean: float
    n: float
    decimals: int
    scale: AnswerScale | None


def read_releases(paths: Sequence[str | Path]) -> tuple[Released, ...]:
    """Read releases of one organisation, in the order given; a folder stands for the files in it, by name.

    Parameters
    ----------
    paths : JSON files as ``bevlogen steer --json`` writes, or CSV or Excel (first sheet) with the columns ``unit``,
        ``parent`` (empty at the top), ``period``, ``construct``, ``mean`` (empty where hidden), ``n``, ``scale_min``,
        ``scale_max`` and ``answer_step``; ``unit``, ``mean`` and ``n`` are needed, the scale is 1 to 5 in steps of 1 if
        not given. Without a column ``parent`` units may be named by their path, as ``All / North / Team 3``. Usual
        names of other products and of Dutch Excel are read too (``Team``, ``Score``, ``Aantal``, ``% favourable``: from
        0 to 100, each answer one of the two). How a mean is rounded follows from the most decimals with which one is
        written.

    Raises
    ------
    WorkspaceError
        With every fault of all files at once.
    """
    faults = Faults()
    files = [file for path in paths for file in _files(Path(path), faults)]
    if not files and not len(faults):
        faults.add(
            str(paths[0]) if paths else "", None, None, "no release", "Name JSON, CSV or Excel files of releases."
        )
    found = [_json(f, faults) if f.suffix.lower() == ".json" else _rows_of(f, faults) for f in files]
    if len(faults):
        raise WorkspaceError(faults.all())
    return tuple(r for r in found if r is not None)


def _files(path: Path, faults: Faults) -> list[Path]:
    if (path / "organisation.toml").exists():
        mend = "Make a release first: bevlogen steer. Or name the files of another product."
        faults.add(path.name, None, None, "a workspace of which nothing was released", mend)
        return []
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.suffix.lower() in (".json", *_TABLES))
    if not path.exists():
        faults.add(path.name, None, None, "no such file", "Check the name.")
        return []
    return [path]


def _json(path: Path, faults: Faults) -> Released | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        said = None
    if not isinstance(said, dict) or said.get("schema") != _OURS:
        mend = "Give a file that bevlogen steer --json wrote, or a CSV."
        faults.add(path.name, None, None, "no release of Bevlogen", mend)
        return None
    scales = {s["construct"]: _scale_of(s) for s in said["scales"]}
    parents = {u["key"]: u["parent"] or "" for u in said["units"]}
    cells = [(u["key"], s) for u in said["units"] for s in u["scores"] if s["construct"] in scales]
    hidden = [(h["unit"], h) for h in said["suppressed"] if h.get("construct") in scales]
    rows = [
        _Row(
            unit,
            parents[unit],
            cell["period"],
            cell["construct"],
            math.nan if cell.get("mean") is None else cell["mean"],
            math.nan if cell.get("n") is None else cell["n"],
            _decimals(cell.get("mean")),
            None,
        )
        for unit, cell in [*cells, *hidden]
    ]
    steps = {(unit, c["period"], c["construct"]): c["step"] for unit, c in cells if c.get("step") is not None}
    return _released(path.stem, rows, parents, scales, said["periods"], steps)


def _scale_of(scale: dict[str, Any]) -> AnswerScale:
    # A mean of several items has finer steps where some are left out: which, nobody outside can tell.
    low, high, items = scale["scale_low"], scale["scale_high"], scale.get("n_items") or 0
    counted = items > 0 and float(low).is_integer() and float(high).is_integer() and high - low <= MOST_OPTIONS
    return AnswerScale(low, high, step_of_mean(1.0, 1, items) if counted else 0.0)


def _rows_of(path: Path, faults: Faults) -> Released | None:
    table = _table(path, faults)
    if table is None:
        return None
    found, lines = table
    head = [column(name) for name in found]
    favourable = "mean" not in head and "favourable" in head
    if favourable:
        head = ["mean" if name == "favourable" else name for name in head]
    missing = [name for name in _REQUIRED if name not in head]
    if missing:
        mend = (
            f"Found: {listed(found)}. Name the columns unit, parent, period, construct, mean, n, scale_min, scale_max."
        )
        if missing == ["n"]:
            mend = 'Found: {}. Colleagues know how many people a team has: add a column "n" with those numbers.'
            mend = mend.format(listed(found))
        faults.add(path.name, 1, None, f"no column {listed(missing)}", mend)
        return None
    usual = _FAVOURABLE if favourable else _FIVE_POINTS
    rows = [row for at, line in enumerate(lines, start=2) if (row := _row(path.name, at, head, line, usual, faults))]
    parents = {} if "parent" in head else _by_path({row.unit for row in rows})
    for row in rows:
        parents[row.unit] = row.parent or parents.get(row.unit, "")
    unknown = sorted({p for p in parents.values() if p and p not in parents})
    parents |= dict.fromkeys(unknown, "")
    scales = {row.construct: row.scale for row in rows if row.scale is not None}
    _check(path.name, rows, parents, scales, faults)
    periods = list(dict.fromkeys(sorted(row.period for row in rows)))
    return _released(path.stem, rows, parents, scales, periods, {})


def _by_path(names: Iterable[str]) -> dict[str, str]:
    """Find the unit above each in its name, where names are paths and those above are units too; else nothing."""
    for between in _BETWEEN:
        paths = {tuple(part.strip() for part in name.split(between)): name for name in sorted(names)}
        above = {
            name: next((paths[path[:end]] for end in range(len(path) - 1, 0, -1) if path[:end] in paths), "")
            for path, name in paths.items()
        }
        if any(above.values()):
            return above
    return {}


def _check(
    file: str, rows: Sequence[_Row], parents: dict[str, str], scales: dict[str, AnswerScale], faults: Faults
) -> None:
    """What a table says that cannot be: two figures for one cell, a circle of units, a mean off its scale."""
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        key, scale = (row.unit, row.period, row.construct), scales[row.construct]
        if key in seen:
            mend = 'Keep one, or add the column that tells them apart: "period" or "construct".'
            faults.add(file, None, None, "two rows for the same unit, period and construct", mend)
        seen.add(key)
        if row.mean < scale.low or row.mean > scale.high:
            mend = (
                'Add columns "scale_min" and "scale_max" (say 0 and 100) and "answer_step" (the distance of two '
                "answers: 25 for five answers on 0 to 100, 100 for shares of favourable answers)."
            )
            faults.add(file, None, "mean", f"a mean off the scale {scale.low:g} to {scale.high:g}", mend)
    for unit in parents:
        above, steps = parents[unit], 0
        while above and steps <= len(parents):
            above, steps = parents[above], steps + 1
        if above:
            faults.add(file, None, "parent", "units that lie below each other", "Mend the parents.")
            return


def _table(path: Path, faults: Faults) -> tuple[list[str], list[list[str]]] | None:
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        return _sheet(path, faults)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.splitlines()[0] if text.strip() else ""
    if not first:
        faults.add(path.name, None, None, "an empty file", "Give a file with a header and rows.")
        return None
    delimiter = max(";,\t", key=first.count)
    head, *lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    return [name.strip().lower() for name in head], [line for line in lines if any(cell.strip() for cell in line)]


def _sheet(path: Path, faults: Faults) -> tuple[list[str], list[list[str]]] | None:
    """Every cell of the first sheet as text: numbers with all their decimals, which is what an export gives away."""
    try:
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    except fastexcel.FastExcelError:
        faults.add(path.name, None, None, "no Excel file that can be read", "Save it again as .xlsx, or as CSV.")
        return None
    columns = [[str(cell or "") for cell in one] for one in sheet.to_arrow().to_pydict().values()]
    head, *lines = [list(row) for row in zip(*columns, strict=True)] or [[]]
    return [name.strip().lower() for name in head], [line for line in lines if any(cell.strip() for cell in line)]


def _row(file: str, at: int, head: list[str], line: list[str], usual: AnswerScale, faults: Faults) -> _Row | None:
    given = dict(zip(head, (cell.strip() for cell in line), strict=False))
    given |= {name: shown(given[name]) for name in _NUMBERS if name in given}
    figures = {}
    for name in _NUMBERS:
        figures[name], mark = number(given.get(name, ""), comma=True)
        if mark == Mark.NO_NUMBER:
            faults.add(file, at, name, "text in a number column", "Write a number, or leave the cell empty if hidden.")
    if not given.get("unit"):
        faults.add(file, at, "unit", "a row without a unit", "Fill in the unit, or take the row out.")
        return None
    low, high, step = (figures[name] for name in ("scale_min", "scale_max", "answer_step"))
    scale = usual
    if not (math.isnan(low) or math.isnan(high)):
        scale = AnswerScale(low, high, 1.0 if math.isnan(step) else step)
    written = given.get("mean", "").replace(",", ".")
    decimals = len(written.partition(".")[2])
    return _Row(
        given["unit"],
        given.get("parent", ""),
        given.get("period", ""),
        given.get("construct") or "score",
        figures["mean"],
        figures["n"],
        decimals,
        scale,
    )


def _decimals(value: float | None) -> int:
    return 0 if value is None else len(f"{value:.10f}".rstrip("0").partition(".")[2])


def _released(
    name: str,
    rows: Iterable[_Row],
    parents: dict[str, str],
    scales: dict[str, AnswerScale],
    periods: Sequence[str],
    steps: dict[tuple[str, str, str], float],
) -> Released:
    rows = list(rows)
    units, constructs = list(parents), list(dict.fromkeys(row.construct for row in rows))
    place = {key: i for i, key in enumerate(units)}
    finest = dict.fromkeys(constructs, 0)
    for row in rows:
        if not math.isnan(row.mean):
            finest[row.construct] = max(finest[row.construct], row.decimals)
    step = [
        math.nan
        if math.isnan(row.mean)
        else steps.get((row.unit, row.period, row.construct), 10.0 ** -finest[row.construct])
        for row in rows
    ]
    return Released(
        name=name,
        units=tuple(units),
        parents=tuple(parents.values()),
        periods=tuple(periods),
        constructs=tuple(constructs),
        unit=np.array([place[row.unit] for row in rows], dtype=np.int64),
        period=np.array([list(periods).index(row.period) for row in rows], dtype=np.int64),
        construct=np.array([constructs.index(row.construct) for row in rows], dtype=np.int64),
        n=np.array([row.n for row in rows], dtype=float),
        mean=np.array([row.mean for row in rows], dtype=float),
        step=np.array(step, dtype=float),
        scales=scales,
    )
