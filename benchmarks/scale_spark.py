"""A real Spark standalone cluster, one master and two workers on loopback: its time, and a worker killed in mid-job."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import median, python
from benchmarks.scan import bare_query

_SETTINGS = {
    "spark.executor.cores": "1",
    "spark.executor.memory": "1g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.codegen.maxFields": "400",
    "spark.log.level": "ERROR",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Address of the master, the folder of its settings, and the processes of its workers."""

    address: str
    settings: Path
    workers: tuple[subprocess.Popen[bytes], ...]


def lines(place: Path) -> list[str]:
    """Run a workspace of files with its answers in Spark; say how long, and what a killed worker did."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        return ["Spark: not here (needs pyspark and Java)."]
    toml = place / "organisation.toml"
    text = toml.read_text()
    there = text.replace('file = "answers/*.parquet"', f'table = "{place}/answers/"')
    with cluster() as spark:
        toml.write_text(f'{there}\n[engine]\nurl = "{spark.address}"\n')  # the folder is of the benchmark alone
        settings = tomllib.loads(text)
        bare = bare_query(place / "answers" / "*.parquet", settings["instruments"]).replace('"', "`")
        bare = bare.replace(f"read_parquet('{place}/answers/*.parquet')", f"parquet.`{place}/answers/`")
        timed = python(_TIMED.format(conf=str(spark.settings), place=str(place), bare=bare)).answer
        broken = _killed(spark, place)
    rows = int(timed["rows"])
    ratio = median([timed[f"ours{k}"] / timed[f"bare{k}"] for k in range(3)])
    ours, hand = (median([timed[f"{side}{k}"] for k in range(3)]) for side in ("ours", "bare"))
    return [
        f"Spark standalone, one master and two workers on loopback, {rows:,} answers: measure {ours:.2f} s against "
        f"{hand:.2f} s for the grouped query written by hand for Spark, {ratio:.2f} times (median of 3 "
        f"ratios; to reach: 1.3). {broken}"
    ]


_TIMED = """
import os, time
os.environ["SPARK_CONF_DIR"] = {conf!r}
import bevlogen as bv
from bevlogen.measure import measure
study = bv.open({place!r})
from pyspark.sql import SparkSession
session = SparkSession.getActiveSession()
answer = {{"rows": session.sql("SELECT count(*) FROM parquet.`{place}/answers/`").first()[0]}}
session.sql({bare!r}).toArrow()
measure(study.workspace)
for k in range(3):
    start = time.perf_counter()
    session.sql({bare!r}).toArrow()
    answer[f"bare{{k}}"] = time.perf_counter() - start
    start = time.perf_counter()
    measure(study.workspace)
    answer[f"ours{{k}}"] = time.perf_counter() - start
"""

_SUM = """
import os, sys
os.environ["SPARK_CONF_DIR"] = {conf!r}
import bevlogen as bv
study = bv.open({place!r})
print("scanning", flush=True)
moments = study.measure().panel.scans[0]
import json
sums = {{"n": moments.n.sum(), "s": moments.s.sum(), "q": moments.q.sum()}}
sums |= {{f"both {{i}} {{j}}": pair.n.sum() for (i, j), pair in moments.pairs.items()}}
sums |= {{f"within {{i}} {{j}}": pair.within for (i, j), pair in moments.pairs.items()}}
print(json.dumps({{name: float(value) for name, value in sums.items()}}))
"""


def _killed(spark: Cluster, place: Path) -> str:
    """Run the scan whole, then once more while one worker and its executor are killed; compare the sums."""
    code = _SUM.format(conf=str(spark.settings), place=str(place))
    whole = python(code).answer
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as job:
        stream = job.stdout
        assert stream is not None  # it was asked for
        for line in stream:
            if line.startswith("scanning"):
                break
        time.sleep(1.0)
        running = job.poll() is None
        _kill(spark.workers[0].pid)
        last = [line for line in stream if line.startswith("{")]
    found = json.loads(last[-1]) if last else {}
    wanted = whole.keys() - {"megabytes"}
    if not found or any(abs(found[k] - whole[k]) > 1e-9 * abs(whole[k]) for k in wanted):
        raise RuntimeError("A worker and its executor killed: the sums of the job are not those of a whole one (1e-9).")
    when = "in mid-job" if running else "after the job, which was too short"
    return f"A worker and its executor killed {when}: the sums are the same (1e-9)."


def _kill(worker: int) -> None:
    """Kill a worker that we started, and the executors below it."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(worker)], capture_output=True, text=True, check=False)
    for pid in (worker, *(int(p) for p in listed.stdout.split())):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a master and two workers with one core each; end them afterwards."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port, page = _free(), _free()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        settings = Path(folder) / "conf"
        settings.mkdir()
        (settings / "spark-defaults.conf").write_text("".join(f"{k} {v}\n" for k, v in _SETTINGS.items()))
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(settings),
        }

        def start(kind: str, *more: str) -> subprocess.Popen[bytes]:
            log = Path(folder) / f"{kind}-{len(list(Path(folder).iterdir()))}.log"
            with log.open("wb") as out:
                process = subprocess.Popen(
                    [
                        str(home / "bin" / "spark-class"),
                        f"org.apache.spark.deploy.{kind}",
                        "--host",
                        "127.0.0.1",
                        *more,
                    ],
                    env=environment,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
            running.callback(_end, process)
            return process

        start("master.Master", "--port", str(port), "--webui-port", str(page))
        _wait(port)
        address = f"spark://127.0.0.1:{port}"
        size = ["--cores", "1", "--memory", "1500m"]
        workers = tuple(
            start("worker.Worker", *size, "--work-dir", f"{folder}/work{k}", "--webui-port", str(_free()), address)
            for k in range(2)
        )
        _all_there(page, len(workers))
        yield Cluster(address, settings, workers)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started, at the latest after half a minute."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _all_there(page: int, workers: int) -> None:
    """Wait until the master counts as many workers as were started."""
    for _ in range(240):
        time.sleep(0.5)
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=10) as answer:
            if json.load(answer)["aliveworkers"] == workers:
                return
    raise RuntimeError("The workers of Spark did not come.")


def _free() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(120):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise RuntimeError("The master of Spark did not start.")
