"""One simulated workspace, laid down in every engine: DuckDB, PostgreSQL, Spark (classic, Connect) and ClickHouse."""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import bevlogen as bv
from bevlogen.measure.aggregate import scan

TABLES = ("units", "answers", "interactions", "results")
POSTGRESQL = os.environ.get("BEVLOGEN_TEST_ENGINE_URL", "")


def absent(why):
    """Skip for want of an engine; where all must be there, fail."""
    if os.environ.get("BEVLOGEN_TEST_ALL_ENGINES"):
        pytest.fail(why)
    pytest.skip(why)


@dataclass(frozen=True)
class Laid:
    """A simulated workspace in files, and a way to write it with its tables in an engine."""

    folder: Path
    tables: dict[str, pa.Table]

    def workspace(self, place, url, extra="", **names):
        """Write the workspace with tables of the engine at ``url``; ``names`` gives a table another name."""
        place.mkdir(parents=True, exist_ok=True)
        text = (self.folder / "organisation.toml").read_text()
        for name in TABLES:
            for ending in ("csv", "parquet"):
                text = text.replace(f'file = "{name}.{ending}"', f'table = "{names.get(name, name)}"')
        (place / "organisation.toml").write_text(f'{text}\n{extra}\n[engine]\nurl = "{url}"\n')
        return place


def lay(folder, **settings):
    """Simulate an organisation and read its tables."""
    place = bv.simulate(folder, **settings)
    tables = {}
    for name in TABLES:
        parquet = place / f"{name}.parquet"
        tables[name] = pq.read_table(parquet) if parquet.exists() else pacsv.read_csv(place / f"{name}.csv")
    return Laid(place, tables)


def in_duckdb(laid, path, **tables):
    """Write the tables to a DuckDB file; return its URL."""
    with duckdb.connect(str(path)) as connection:
        for name, table in (laid.tables | tables).items():
            connection.register("incoming", table)
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
            connection.unregister("incoming")
    return f"duckdb://{path}"


_TYPES = {"string": "text", "double": "double precision", "int64": "bigint", "date32[day]": "date", "int8": "smallint"}


def in_postgresql(laid, **tables):
    """Write the tables to the PostgreSQL of the tests; return its URL."""
    if not POSTGRESQL:
        absent("needs PostgreSQL: run scripts/with-postgresql make test")
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed here")
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        for name, table in (laid.tables | tables).items():
            kinds = [f'"{f.name}" {_TYPES.get(str(f.type), "text")}' for f in table.schema]
            connection.execute(f"DROP TABLE IF EXISTS {name} CASCADE")
            connection.execute(f"CREATE TABLE {name} ({', '.join(kinds)})")
            with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    copy.write_row(row)
    return POSTGRESQL


def need_spark():
    """Say what is missing for Spark, if anything is."""
    if find_spec("pyspark") is None:
        absent("needs pyspark: pip install bevlogen[spark]")
    if shutil.which("java") is None:
        absent("needs Java for Spark: apt-get install default-jre-headless")


CONNECT_PORT = "spark.connect.grpc.binding.port"


def spark_session():
    """Start the one Spark of a test process, which serves thin clients too."""
    need_spark()
    from pyspark.sql import SparkSession

    logging.getLogger("py4j").setLevel(logging.WARNING)  # it still logs when pytest has closed its streams
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.log.level": "ERROR"}
    settings |= {"spark.ui.showConsoleProgress": "false", "spark.driver.bindAddress": "127.0.0.1"}
    settings |= {"spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin"}
    settings |= {"spark.connect.grpc.binding.address": "127.0.0.1", CONNECT_PORT: str(port)}
    return SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()


def in_spark(laid, folder, **tables):
    """Write the tables as Parquet and name them in Spark; return its URL."""
    session = spark_session()
    for name, table in (laid.tables | tables).items():
        pq.write_table(table, folder / f"{name}.parquet")
        session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
    return "spark://local[2]"


def spark_connect():
    """Give the URL at which the one Spark serves thin clients."""
    return f"sc://127.0.0.1:{spark_session().sparkContext.getConf().get(CONNECT_PORT)}"


_THERE = """
import pickle, sys
sys.path.insert(0, sys.argv[3])
import bevlogen as bv
import engines
study = bv.open(sys.argv[1])
assert "connect" in type(study.workspace.rows[0].relation.get_backend()._session).__module__
with open(sys.argv[2], "wb") as file:
    pickle.dump((engines.sums_of(study.workspace), engines.verdicts_of(study)), file)
"""


def in_another_process(place, found):
    """Return sums and verdicts of a workspace: Spark lets no process have a thin client beside a Spark of its own."""
    subprocess.run([sys.executable, "-c", _THERE, place, found, Path(__file__).parent], check=True)
    return pickle.loads(found.read_bytes())


def sums_of(workspace):
    """Every sum of a scan, cells in the order of unit keys and periods, whatever the order of the units."""
    sums = {}
    for found in scan(workspace):
        scores, table = found.scores, found.table
        order = np.lexsort((scores.period, np.array([workspace.units[u].key for u in scores.unit])))
        sums |= {(table, name): getattr(scores, name)[order] for name in ("rows", "n", "s", "q")}
        for (i, j), pair in scores.pairs.items():
            names = scores.variables[i], scores.variables[j]
            sums |= {(table, "both", *names): pair.n[order], (table, "within", *names): pair.within}
        for construct, items in found.items.items():
            sums |= {(construct, name): getattr(items, name)[order] for name in ("n", "s", "q")}
            sums |= {(construct, "total"): items.total}
    return sums


def verdicts_of(study):
    """The verdict on each claim."""
    return [(c.claim.id, c.verdict) for c in study.link().claims]


_CLICKHOUSE = {"string": "String", "double": "Float64", "int64": "Int64", "date32[day]": "Date32", "int8": "Int8"}


def in_clickhouse(laid, folder, **tables):
    """Write the tables to ClickHouse inside this process (chDB), which holds one folder at a time; return its URL."""
    if find_spec("chdb") is None:
        absent("needs ClickHouse: pip install clickhouse-connect chdb-core-lite")
    import clickhouse_connect

    with clickhouse_connect.get_client(interface="chdb", path=str(folder)) as client:
        for name, table in (laid.tables | tables).items():
            kinds = [f"`{f.name}` Nullable({_CLICKHOUSE.get(str(f.type), 'String')})" for f in table.schema]
            client.command(f"DROP TABLE IF EXISTS {name}")
            client.command(f"CREATE TABLE {name} ({', '.join(kinds)}) ENGINE = MergeTree ORDER BY tuple()")
            client.insert_arrow(name, table)
    return f"clickhouse://{folder}"
