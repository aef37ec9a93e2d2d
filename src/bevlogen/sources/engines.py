"""The embedded DuckDB that holds typed tables and queries Parquet where it lies, with a bound on memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import ibis
from ibis.backends.duckdb import Backend

# Reading stays small, so that a file of rubbish cannot take the machine; estimation may take more.
READING_MEMORY = "320MB"
WORKING_MEMORY = "1500MB"

_MISSING = "'', 'NA', 'N/A', 'NAN', 'NULL', '#N/A', '#N/B'"

_MACROS = (
    "CREATE MACRO bv_trim(x) AS nullif(trim(x, ' \t\r\n' || chr(160)), '')",
    "CREATE MACRO bv_finite(x) AS CASE WHEN isfinite(x) THEN x END",
    # A number is digits with at most one decimal sign; DuckDB alone would also take 1_000 and infinity.
    "CREATE MACRO bv_point(x) AS CASE WHEN contains(x, '_') THEN NULL ELSE bv_finite(try_cast(x AS DOUBLE)) END",
    "CREATE MACRO bv_either(x) AS CASE WHEN contains(x, ',') AND contains(x, '.') THEN NULL "
    "ELSE bv_point(replace(x, ',', '.')) END",
    # 0 nothing to say, 1 no number, 2 decimal comma, 3 decimal point
    "CREATE MACRO bv_kind(x, value) AS CAST(CASE "
    f"WHEN x IS NULL OR upper(x) IN ({_MISSING}) THEN 0 WHEN value IS NULL THEN 1 "
    "WHEN contains(x, ',') THEN 2 WHEN contains(x, '.') THEN 3 ELSE 0 END AS UTINYINT)",
    "CREATE MACRO bv_code(x) AS CASE WHEN x = floor(x) AND abs(x) < 1e15 THEN CAST(CAST(x AS BIGINT) AS VARCHAR) "
    "ELSE CAST(x AS VARCHAR) END",
    r"CREATE MACRO bv_when(x) AS regexp_replace(bv_trim(x), '[T ]\d{1,2}:\d{2}.*$', '')",
)


class Engine:
    """One embedded database per workspace; it lives as long as a lazy table refers to it."""

    def __init__(self) -> None:
        # The name is free for DuckDB to make when it must spill, and DuckDB removes it when it closes.
        spill = Path(tempfile.gettempdir()) / f"bevlogen-{os.getpid()}-{id(self):x}"
        self.backend: Backend = ibis.duckdb.connect(
            memory_limit=READING_MEMORY, threads=os.cpu_count() or 1, temp_directory=str(spill)
        )
        # Ibis hands out the DuckDB connection under this name.
        self.raw: Any = self.backend.con
        for macro in _MACROS:
            self.raw.execute(macro)
        self.raw.execute("ATTACH ':memory:' AS store (COMPRESS)")

    def run(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        rows: list[tuple[Any, ...]] = self.raw.execute(query, parameters or []).fetchall()
        return rows

    def work(self) -> None:
        """Allow the memory that the scan may take, once everything is read and checked."""
        self.raw.execute(f"SET memory_limit = '{WORKING_MEMORY}'")


def quoted(name: str) -> str:
    """Quote a column or table name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"
