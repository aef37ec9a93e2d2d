"""The table of units: who is there, below whom, with which service and how many people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from bevlogen.core.tables import Unit
from bevlogen.sources.engines import Engine
from bevlogen.sources.faults import Faults, codes
from bevlogen.sources.files import Source
from bevlogen.sources.organisation import COLUMNS, TableSpec
from bevlogen.sources.staging import Staged, cells_of, check_numbers, stage

MOST_UNITS = 1_000_000
CO_CREATION = {"low": 0.2, "mid": 0.5, "high": 0.8, "laag": 0.2, "midden": 0.5, "hoog": 0.8}


def read_units(engine: Engine, spec: TableSpec, source: Source, faults: Faults) -> tuple[Unit, ...]:
    """Read the units in the order of the file and lay them down in the engine as table ``units``."""
    cells = cells_of(spec, source, ("unit",), faults)
    if cells is None:
        return ()
    staged = stage(engine, source, cells, faults)
    if check_numbers(engine, staged, faults) > MOST_UNITS:
        faults.add(source.file, None, None, f"more than {MOST_UNITS} rows", "Look whether this is the table of units.")
        return ()
    names = [name for name in COLUMNS["units"] if name in staged.cells]
    found = engine.run(f"SELECT line, {', '.join(names)} FROM {staged.view} ORDER BY line")
    rows = [dict(zip(("line", *names), row, strict=True)) for row in found]
    rows = _one_per_unit(rows, spec, staged, faults)
    units = tuple(_unit(row, staged, faults) for row in rows)
    lines = {unit.key: row["line"] for unit, row in zip(units, rows, strict=True)}
    _check_parents(units, lines, staged, faults)
    return units


def under_one_top(units: tuple[Unit, ...], name: str) -> tuple[Unit, ...]:
    """Put a unit for the whole organisation above the tops, if there are several: one figure for all."""
    tops = [unit for unit in units if unit.parent is None]
    if len(tops) < 2:
        return units
    key = "organisation"
    while key in {unit.key for unit in units}:
        key += "*"
    below = (replace(unit, parent=key) if unit.parent is None else unit for unit in units)
    return (*below, Unit(key, name))


def lay_down(engine: Engine, units: Sequence[Unit]) -> None:
    """Make the table ``units`` that other tables are checked against."""
    engine.raw.register("in_units", pa.table({"unit": pa.array([unit.key for unit in units], pa.string())}))
    engine.run("CREATE TABLE units AS SELECT unit FROM in_units")
    engine.raw.unregister("in_units")


def _one_per_unit(rows: list[dict[str, Any]], spec: TableSpec, staged: Staged, faults: Faults) -> list[dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    file, column = staged.source.file, staged.column("unit")
    for row in rows:
        key = row["unit"]
        if key is None:
            faults.add(file, row["line"], column, "a row without a unit", "Fill in the unit, or take the row out.")
        elif key not in kept:
            kept[key] = row
        elif spec.keep is None:
            mend = 'Keep one row per unit, or set keep = "last".'
            faults.add(file, row["line"], column, "a unit that occurs before", mend)
        elif spec.keep == "last":
            kept[key] = row
    return list(kept.values())


def _unit(row: Mapping[str, Any], staged: Staged, faults: Faults) -> Unit:
    headcount = row.get("headcount")
    if headcount is not None and headcount < 0:
        mend = "Give the number of people, 0 or more."
        faults.add(staged.source.file, row["line"], staged.column("headcount"), "a negative headcount", mend)
    return Unit(
        key=row["unit"],
        name=row.get("name") or row["unit"],
        parent=row.get("parent"),
        service=row.get("service"),
        co_creation=_degree(row, staged, faults),
        headcount=headcount,
    )


def _degree(row: Mapping[str, Any], staged: Staged, faults: Faults) -> float | None:
    text = row.get("co_creation")
    if text is None:
        return None
    if text.lower() in CO_CREATION:
        return CO_CREATION[text.lower()]
    try:
        degree = float(text.replace(",", "."))
    except ValueError:
        degree = -1.0
    if not 0 <= degree <= 1:
        found, mend = "no degree of co-creation", "Write low, mid or high, or a number from 0 to 1."
        faults.add(staged.source.file, row["line"], staged.column("co_creation"), found, mend)
        return None
    return degree


def _check_parents(units: Sequence[Unit], lines: Mapping[str, int], staged: Staged, faults: Faults) -> None:
    parents = {unit.key: unit.parent for unit in units}
    strange = [unit for unit in units if unit.parent is not None and unit.parent not in parents]
    if strange:
        found = f"unknown parent {codes(dict.fromkeys(unit.parent or '' for unit in strange))}"
        mend = "Add that unit to this table, or leave the parent empty."
        faults.add(staged.source.file, lines[strange[0].key], staged.column("parent"), found, mend, len(strange))
    for ring in _rings(parents):
        first = min(ring, key=lines.__getitem__)
        found = f"units that lie below themselves: {codes(sorted(ring))}"
        faults.add(staged.source.file, lines[first], staged.column("parent"), found, "Mend the parents of these units.")


def _rings(parents: Mapping[str, str | None]) -> list[list[str]]:
    """Every cycle in the tree, once."""
    rings, done = [], set[str]()
    for start in parents:
        path: dict[str, int] = {}
        key: str | None = start
        while key is not None and key in parents and key not in done and key not in path:
            path[key] = len(path)
            key = parents[key]
        if key is not None and key in path:
            rings.append([unit for unit, place in path.items() if place >= path[key]])
        done |= set(path)
    return rings
