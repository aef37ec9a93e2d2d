"""The engine that holds the tables already, behind one URL: DuckDB, PostgreSQL, Spark, ClickHouse or Trino.

Tables stay where they are. What is asked of them are Ibis expressions, the same for every engine; what goes wrong comes
back as one sentence in which no password, no user and no value of a row stands.
"""

from __future__ import annotations

import importlib
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from bevlogen.errors import EngineError
from bevlogen.sources.engines import cancellable

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PATIENCE_SECONDS = 10
_PORTS = {"postgresql": 5432, "sc": 15002, "clickhouse": 8123, "trino": 8080}
# What each engine's driver raises: module and names. A driver that is not installed is told by its extra.
_RAISED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "duckdb": (("duckdb", "Error"),),
    "postgresql": (("psycopg", "Error"),),
    "spark": (("pyspark.errors", "PySparkException"), ("py4j.protocol", "Py4JError")),
    "sc": (("pyspark.errors", "PySparkException"), ("grpc", "RpcError")),
    "clickhouse": (("clickhouse_connect.driver.exceptions", "Error"),),
    "trino": (("trino.exceptions", "Error"),),
}
_EXTRA = {
    "postgresql": "bevlogen[postgres]",
    "spark": "bevlogen[spark]",
    "sc": "bevlogen[spark]",
    "clickhouse": "bevlogen[clickhouse]",
}
_NO_TABLE = re.compile(r"TABLE_OR_VIEW_NOT_FOUND|PATH_NOT_FOUND|No files found|UNKNOWN_TABLE|TABLE_NOT_FOUND")
_REFUSED = re.compile(r"password|authentication|UNAUTHENTICATED|AUTHENTICATION_FAILED", re.IGNORECASE)
_NO_RIGHT = re.compile(r"permission denied|PERMISSION_DENIED|ACCESS_DENIED|not.{0,20}privilege", re.IGNORECASE)
_CHANGED = re.compile(
    r"UNRESOLVED_COLUMN|DATATYPE_MISMATCH|CAST_INVALID|Conversion Error|Binder Error|CANNOT_.*CONVERT|CONVERT_COLUMN"
)
_STATES = {"42P01": "no table", "3F000": "no table", "42501": "no right", "42703": "changed", "22P02": "changed"}
MEND_ENGINE = "Look whether the engine runs and whether [engine] url is right, and run the command again."


@dataclass(frozen=True, slots=True)
class Database:
    """An open engine.

    Attributes
    ----------
    scheme : first part of its URL.
    shown : its address as messages may show it: no user, no password.
    backend : what Ibis connects with.
    session : that of Spark; None for another engine.
    """

    scheme: str
    shown: str
    backend: Any
    session: Any = None

    def table(self, name: str) -> ibis.Table:
        """Return a table, ``schema.table`` too; with DuckDB and Spark also a path or address of Parquet.

        Raises
        ------
        EngineError
            There is no such table, or it may not be read.
        """
        with self.explained(name):
            if "/" in name or name.endswith(".parquet"):
                return self.backend.read_parquet(name)
            schema, _, own = name.rpartition(".")
            return self.backend.table(own, database=schema or None)

    def fetch(self, expression: ibis.Table) -> pa.Table:
        """Send a query and return its rows.

        Raises
        ------
        EngineError
            The engine cannot be reached, or refuses. Asking again is safe: a query writes nothing.
        """
        with self.explained(""):
            if self.session is None or expression.op().find(ops.InMemoryTable):
                return expression.to_pyarrow()
            # Ibis would go by way of pandas, which takes longer than the query itself.
            found = self.session.sql(self.backend.compile(expression)).toArrow()
            return found.cast(expression.schema().to_pyarrow())

    def reconnect(self) -> None:
        """Open a fresh connection where the old one may be dead, for the next query."""
        if self.scheme == "postgresql" and self.backend.con.closed:
            self.backend.reconnect()

    @contextmanager
    def explained(self, name: str) -> Iterator[None]:
        """Turn what the driver raises into one sentence."""
        raised: tuple[type[BaseException], ...] = (
            *_raised(self.scheme),
            ibis.common.exceptions.IbisError,
            ibis.common.exceptions.TableNotFound,
        )
        try:
            self.reconnect()
            with cancellable():
                yield
        except raised as error:
            raise _explained(self.shown, name, error) from None  # the driver's text may hold a value or a password


def open_database(url: str, directory: Path) -> Database:
    """Open the engine that a URL names.

    Parameters
    ----------
    url : ``duckdb://file``, ``postgresql://user@host/database``, ``sc://host`` (Spark Connect), ``spark://host:7077``
        or ``spark://local[2]`` (classic), ``clickhouse://user@host`` or ``clickhouse:///folder`` (in this process), or
        ``trino://…``. ``${NAME}`` stands for a variable of the environment, so that no password need be written down.
    directory : folder that a relative path of DuckDB starts from.

    Raises
    ------
    EngineError
        The URL cannot be read, its driver is not installed, or the engine cannot be reached or refuses.
    """
    scheme, separator, rest = url.partition("://")
    scheme = {"postgres": "postgresql"}.get(scheme, scheme)
    if not separator or scheme not in _RAISED:
        raise EngineError("an engine that is not known", f"Begin the url with one of: {', '.join(_RAISED)}.")
    shown = _shown(scheme, rest)
    rest = _VARIABLE.sub(lambda found: _variable(found[1]), rest)
    opener: dict[str, Callable[[str, Path], Any]] = {
        "duckdb": _duckdb,
        "postgresql": _postgresql,
        "spark": _spark,
        "sc": _connect,
        "clickhouse": _clickhouse,
        "trino": _trino,
    }
    raised: tuple[type[BaseException], ...]
    try:
        raised = (*_raised(scheme), ValueError, OSError)
    except ImportError as error:
        raise _no_driver(scheme) from error
    if scheme in _PORTS:
        _knock(scheme, rest, shown)
    try:
        backend = opener[scheme](rest, directory)
        session = importlib.import_module("pyspark.sql").SparkSession.active() if scheme in ("spark", "sc") else None
        return Database(scheme, shown, backend, session)
    except ImportError as error:
        raise _no_driver(scheme) from error
    except raised as error:
        raise _explained(shown, "", error) from None  # the driver's text may hold the password


def _no_driver(scheme: str) -> EngineError:
    extra = _EXTRA.get(scheme, f"'ibis-framework[{scheme}]'")
    return EngineError(f"no driver for {scheme}://", f"Run: pip install {extra}.")


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise EngineError(f"a variable {name} that is not set", f"Set {name} in the environment.")
    return value


def _shown(scheme: str, rest: str) -> str:
    """Write an address without user, password and options."""
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0].partition(';')[0]}"


def _raised(scheme: str) -> tuple[type[BaseException], ...]:
    return tuple(getattr(importlib.import_module(module), name) for module, name in _RAISED[scheme])


def _knock(scheme: str, rest: str, shown: str) -> None:
    """Find out at once whether anybody listens: some drivers go on trying for minutes."""
    place = urlsplit(f"{scheme}://{rest.partition(';')[0]}")
    if not place.hostname:
        return  # a socket of this machine
    try:
        socket.create_connection((place.hostname, place.port or _PORTS[scheme]), _PATIENCE_SECONDS).close()
    except OSError as error:
        raise EngineError(f"no answer from {shown}", MEND_ENGINE) from error


def _duckdb(rest: str, directory: Path) -> Any:
    if not rest:
        return ibis.duckdb.connect()
    path = directory / rest  # an absolute path stays as it is
    if not path.is_file():
        raise EngineError(f"no DuckDB file {path.name}", "Mend the path in [engine] url.")
    return ibis.duckdb.connect(path, read_only=True)


def _postgresql(rest: str, directory: Path) -> Any:
    del directory
    place = urlsplit(f"postgresql://{rest}")
    more = dict(parse_qsl(place.query))
    return ibis.postgres.connect(
        host=place.hostname,
        port=place.port or _PORTS["postgresql"],
        user=unquote(place.username or "") or None,
        password=unquote(place.password or "") or os.environ.get("PGPASSWORD"),
        database=unquote(place.path.lstrip("/")) or None,
        **{"connect_timeout": str(_PATIENCE_SECONDS), "options": "-c default_transaction_read_only=on", **more},
    )


def _spark(rest: str, directory: Path) -> Any:
    """Classic Spark, in this process: ``local``, ``local[2]``, or the address of a master."""
    del directory
    sql = importlib.import_module("pyspark.sql")
    master = rest if rest.startswith("local") else f"spark://{rest}"
    builder = sql.SparkSession.builder.master(master).appName("bevlogen").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
    return _session(builder.getOrCreate())


def _connect(rest: str, directory: Path) -> Any:
    """Spark Connect: a thin client; ``;token=…`` may follow the address."""
    del directory
    sql = importlib.import_module("pyspark.sql")
    return _session(sql.SparkSession.builder.remote(f"sc://{rest}").getOrCreate())


def _clickhouse(rest: str, directory: Path) -> Any:
    """A server; without a host the same engine in this process (chDB), on a folder."""
    place = urlsplit(f"clickhouse://{rest}")
    if place.hostname:
        return ibis.connect(f"clickhouse://{rest}")
    folder = directory / place.path
    if not folder.is_dir():
        raise EngineError(f"no folder {folder.name} of chDB", "Mend the path in [engine] url.")
    return ibis.clickhouse.connect(interface="chdb", path=str(folder))


def _trino(rest: str, directory: Path) -> Any:
    del directory
    return ibis.connect(f"trino://{rest}")


def _session(session: Any) -> Any:
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return ibis.pyspark.connect(session)


def _explained(shown: str, name: str, error: BaseException) -> EngineError:
    text = str(error)
    what = _STATES.get(getattr(error, "sqlstate", None) or "", "")
    missing = isinstance(error, ibis.common.exceptions.TableNotFound) or type(error).__name__ == "CatalogException"
    if missing or what == "no table" or _NO_TABLE.search(text):
        there = f' "{name}"' if name else " any more"
        return EngineError(f"there is no table{there}", "Mend its name (schema.table), or make it.")
    if what == "no right" or _NO_RIGHT.search(text):
        return EngineError("a table that may not be read", "Ask for the right to read (SELECT) it.")
    if what == "changed" or _CHANGED.search(text):
        return EngineError(
            "a column that changed while it was read", "Run: bevlogen check; mend the table or its columns."
        )
    if _REFUSED.search(text):
        return EngineError(f"{shown} refuses this user or password", "Mend user or password in [engine] url.")
    return EngineError(f"no answer from {shown}", MEND_ENGINE)
