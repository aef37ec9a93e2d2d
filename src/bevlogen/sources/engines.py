"""The embedded DuckDB that holds typed tables and queries Parquet where it lies, with a bound on memory."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend

from bevlogen.core.progress import is_heard, tell

# Reading stays small, so that a file of rubbish cannot take the machine; estimation may take more.
READING_MB, READING_MB_PER_THREAD = 96, 32
_WATCH_SECONDS = 0.2
WORKING_MEMORY = "1500MB"

# What DuckDB raises when a Parquet file turns out to be damaged halfway.
DAMAGED = (duckdb.IOException, duckdb.InvalidInputException, duckdb.InvalidTypeException, duckdb.SerializationException)

# Ctrl-C while DuckDB reads from a stream of ours comes back inside the text of its error.
_STREAM_STOPPED = re.compile(r"^KeyboardInterrupt\s*$", re.MULTILINE)


class Engine:
    """One embedded database per workspace; it lives as long as a lazy table refers to it."""

    def __init__(self) -> None:
        # The name is free for DuckDB to make when it must spill, and DuckDB removes it when it closes.
        spill = Path(tempfile.gettempdir()) / f"bevlogen-{os.getpid()}-{id(self):x}"
        threads = os.cpu_count() or 1
        reading = f"{READING_MB + READING_MB_PER_THREAD * threads}MB"
        self.backend: Backend = ibis.duckdb.connect(memory_limit=reading, threads=threads, temp_directory=str(spill))
        # Ibis hands out the DuckDB connection under this name.
        self.raw: Any = self.backend.con
        self._tables = 0
        self.raw.execute("SET enable_progress_bar = true")
        self.raw.execute("SET enable_progress_bar_print = false")  # it is counted, and shown by whoever asked
        self.raw.execute("SET preserve_insertion_order = false")
        self.raw.execute("ATTACH ':memory:' AS store (COMPRESS)")

    def new_name(self) -> str:
        """Return a name for a table that is not in use."""
        self._tables += 1
        return f"t{self._tables}"

    def take(self, table: str, rows: pa.RecordBatchReader | pa.Table) -> None:
        """Take rows into a table of the store, in place of what is there."""
        self.raw.register(f"in_{table}", rows)
        try:
            self.run(f"CREATE OR REPLACE TABLE store.main.{table} AS SELECT * FROM in_{table}")
        finally:
            self.raw.unregister(f"in_{table}")

    def run(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        with cancellable():
            rows: list[tuple[Any, ...]] = self.raw.execute(query, parameters or []).fetchall()
        return rows

    def fetch(self, expression: ibis.Table) -> pa.Table:
        """Send a query and return its rows; tell how far it is. Ctrl-C ends it."""
        with self._watched(), cancellable():
            return expression.to_pyarrow()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        if not is_heard():
            yield
            return
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_WATCH_SECONDS):
                percent = self.raw.query_progress()
                if percent >= 0:
                    tell(percent / 100)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def work(self) -> None:
        """Allow the memory that the scan may take, once everything is read and checked."""
        self.raw.execute(f"SET memory_limit = '{WORKING_MEMORY}'")


@contextmanager
def cancellable() -> Iterator[None]:
    """Let Ctrl-C be Ctrl-C: DuckDB tells of it as an error of its own."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" not in str(error).lower():
            raise
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        if not _STREAM_STOPPED.search(str(error)):
            raise
        raise KeyboardInterrupt from None


def quoted(name: str) -> str:
    """Quote a column or table name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"
