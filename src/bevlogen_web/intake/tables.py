"""One delivered table, read and checked by the library as if it were a workspace of its own.

So a delivery is judged by the same rules, with the same words, as a folder of files: there is no second copy of them.
"""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import bevlogen as bv
from bevlogen_web.intake import toml

_RATED_SIDES = ("encounter", "customer")
_RATED_BY = {"customer_conduct": "employees"}  # all other ratings of a contact are the customer's
FILE_KINDS = (".csv", ".tsv", ".txt", ".gz", ".parquet", ".xlsx", ".xls", ".xlsb", ".ods")
_STAND_IN = "answers.csv"
_TOML_WAYS = re.compile(  # ways to mend that lie in a file the sender does not have
    r" Or name it in organisation\.toml under \[measures\]\."
    r'|, or say which comes first in organisation\.toml: dates = "day first"'
    r'|, or set period = "\w+" in organisation\.toml'
)
_NOT_ASKED = 'none of the items of the instrument "{}"'


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a delivery, told to its sender.

    Attributes
    ----------
    row : row of the file (the header is row 1), or of the batch (the first is 1); None if it is not in a row.
    field : column or field; None if not in one.
    found : what is wrong, never a value.
    mend : what to do.
    count : how many rows have this same fault; ``row`` is the first.
    """

    row: int | None
    field: str | None
    found: str
    mend: str
    count: int = 1


class FaultyError(Exception):
    """A delivery has faults, and nothing of it was stored. ``findings`` holds them all."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(f"{len(self.findings)} faults in the delivery")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of record under canonical names; ``exposure`` is None where the figure is not counted over any."""

    unit: str
    period: str
    measure: str
    value: float
    exposure: float | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A rated contact under canonical names; ``ratings`` by construct, on the scale ``low`` to ``high``."""

    unit: str
    day: date
    employee: str
    customer: str
    service: str
    ratings: Mapping[str, float]
    low: float
    high: float
    id: str = ""


def rated_constructs() -> tuple[str, ...]:
    """Constructs that a contact can be rated on."""
    return tuple(key for key, construct in bv.CONSTRUCTS.items() if construct.side in _RATED_SIDES)


def result_constructs() -> frozenset[str]:
    """Figures of record that the vocabulary knows."""
    return frozenset(key for key, construct in bv.CONSTRUCTS.items() if construct.side == "result")


def respondents_of(construct: str) -> str:
    """Who rates a construct of a contact: customers, or employees."""
    return _RATED_BY.get(construct, "customers")


def read_figures(path: Path, units: Sequence[str], grain: str, measures: Mapping[str, Any]) -> list[Figure]:
    """Read a table of figures of record; the faults are those of ``read_contacts``.

    Parameters
    ----------
    path
        The table, with columns unit, period or date, measure, value and perhaps exposure.
    units
        Keys of the units there are.
    grain
        Length of a period: day, month, quarter or year.
    measures
        Own measures besides those of the vocabulary, as under ``[measures]`` of organisation.toml.
    """
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        workspace = _read(Path(folder), "results", path, units, grain, {"measures": dict(measures)})
        table, periods = workspace.results, workspace.periods
        keys = [unit.key for unit in workspace.units]
        rows = zip(table.unit, table.period, table.variable, table.value, table.exposure, strict=True)
        return [
            Figure(keys[u], periods[p], table.variables[v], float(value), None if n != n else float(n))
            for u, p, v, value, n in rows
        ]


def read_contacts(path: Path, units: Sequence[str], low: float, high: float) -> list[Contact]:
    """Read a table of rated contacts; rating columns are named after the construct they rate.

    Raises
    ------
    FaultyError
        With every fault at once.
    """
    known = rated_constructs()
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        _prepare(Path(folder), "interactions", path, units or ["-"], "day", _instruments(known, low, high))
        lacking = {fault.found for fault in bv.check(folder, data=folder)}
    # A file need not rate everything: what none of its columns asks is left out, unless that is all there is.
    asked = [construct for construct in known if _NOT_ASKED.format(construct) not in lacking] or known
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        workspace = _read(Path(folder), "interactions", path, units, "day", _instruments(asked, low, high))
        rows = next(table for table in workspace.rows if table.name == "interactions").relation.to_pyarrow().to_pylist()
    return [_contact(row, known, low, high) for row in rows]


def _instruments(constructs: Sequence[str], low: float, high: float) -> dict[str, toml.Value]:
    return {
        "instruments": [
            {
                "construct": construct,
                "table": "interactions",
                "items": [construct],
                "range": [low, high],
                "options": 0,
                "respondents": respondents_of(construct),
            }
            for construct in constructs
        ]
    }


def _contact(row: Mapping[str, Any], known: Sequence[str], low: float, high: float) -> Contact:
    ratings = {name: float(row[name]) for name in known if row.get(name) is not None}
    employee, customer, service = (row.get(name) or "" for name in ("employee", "customer", "service"))
    return Contact(row["unit"], date.fromisoformat(row["period"]), employee, customer, service, ratings, low, high)


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as a table that the library reads: commas, points, UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: "" if row.get(name) is None else row[name] for name in names} for row in rows)


def _read(folder: Path, table: str, path: Path, units: Sequence[str], grain: str, more: Mapping[str, Any]) -> Any:
    if not units:
        mend = "First add the units in Bevlogen, under Units."
        raise FaultyError([Finding(None, None, "this organisation has no units yet", mend)])
    _prepare(folder, table, path, units, grain, more)
    try:
        return bv.open(folder, data=folder).workspace
    except bv.WorkspaceError as error:
        raise FaultyError([_finding(fault) for fault in error.faults]) from error


def _prepare(folder: Path, table: str, path: Path, units: Sequence[str], grain: str, more: Mapping[str, Any]) -> None:
    file = f"{table}{''.join(path.suffixes[-2:]) if path.suffix == '.gz' else path.suffix}".lower()
    shutil.copyfile(path, folder / file)
    write_rows(folder / "units.csv", ["unit"], ({"unit": key} for key in units))
    tables: dict[str, toml.Value] = {"units": {"file": "units.csv"}, table: {"file": file}}
    if table == "results":  # the library wants a table with scores too
        write_rows(folder / _STAND_IN, ["unit", "date", "x"], [{"unit": units[0], "date": "2000-01-01", "x": 1}])
        tables["answers"] = {"file": _STAND_IN}
        more = {**more, "instruments": [{"construct": "engagement", "items": ["x"], "range": [1, 5]}]}
    sections: dict[str, toml.Value] = {"organisation": {"name": "-", "period": grain}, "tables": tables, **more}
    (folder / "organisation.toml").write_text(toml.document(sections), encoding="utf-8")


def _finding(fault: bv.Fault) -> Finding:
    """Tell a fault to who never sees organisation.toml."""
    mend = fault.mend
    if fault.found.startswith("unknown unit"):
        mend = "Add the unit in Bevlogen first, or mend the code."
    mend = _TOML_WAYS.sub("", mend)
    return Finding(fault.row, fault.column, fault.found, mend, fault.count)
