"""Customers' forms under load, and under kill -9: ``python -m benchmarks feedback``.

The real server (gunicorn as ``bevlogen serve`` runs it, two workers) on this machine, with SQLite and with a
PostgreSQL cluster of its own in a temporary folder; the load comes from another process on the same machine. To reach:
300 forms a second with PostgreSQL, 100 with SQLite, 99 of 100 answered within 0.5 s, none lost. Then the study of
kill -9: the server is killed in the midst of the load, 20 times, and every fourth time PostgreSQL is stopped dead too.

``--seconds``, ``--kills`` and ``--only=sqlite`` or ``--only=postgresql`` make it shorter.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

RATES = {"sqlite": 100, "postgresql": 300}
LONGEST = 0.5
CLIENTS = 32
SPARED = 10.0  # seconds between two kills, on average half of it under load
RATE_OF_KILLS = {"sqlite": 60, "postgresql": 100}
EVERY_FOURTH = 4


@dataclass(slots=True)
class Server:
    """The application under test: its settings, its process, and its database."""

    folder: Path
    port: int
    database: str
    cluster: Cluster | None
    process: subprocess.Popen[bytes] | None = None
    path: str = ""

    def environment(self) -> dict[str, str]:
        """Settings of the application's processes."""
        return {
            **os.environ,
            "BEVLOGEN_HOME": str(self.folder / "data"),
            "BEVLOGEN_DATABASE_URL": self.database,
            "DJANGO_SETTINGS_MODULE": "bevlogen_web.config.settings",
            "BEVLOGEN_SECRET_KEY": "k" * 50,
            "BEVLOGEN_BIND": f"127.0.0.1:{self.port}",
            "BEVLOGEN_WORKERS": "2",
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics"),
        }

    def site(self, *arguments: str) -> dict[str, object]:
        """Run a command of ``feedback_site`` and give what it printed."""
        command = [sys.executable, "-m", "benchmarks.feedback_site", *arguments]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return found

    def start(self) -> None:
        """Start the server and wait until it answers."""
        shutil.rmtree(self.folder / "metrics", ignore_errors=True)
        (self.folder / "metrics").mkdir()
        command = [sys.executable, "-m", "gunicorn", "-c", "python:bevlogen_web.config.gunicorn"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "bevlogen_web.config.wsgi"],
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "server.log").read_text(encoding="utf-8")[-2000:])

    def kill(self) -> None:
        """Kill -9 the server with its workers, all at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def load(self, *arguments: object) -> subprocess.Popen[str]:
        """Let customers come."""
        command = [sys.executable, "-m", "benchmarks.feedback_load", str(self.port), self.path]
        command += [str(self.folder / "kept"), *(str(argument) for argument in arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@dataclass(slots=True)
class Cluster:
    """A PostgreSQL cluster of its own, with its settings as they come."""

    folder: Path
    port: int
    user: list[str] = field(default_factory=list)

    def command(self, *arguments: str) -> None:
        """Run a program of PostgreSQL; as root it must be done as somebody else."""
        subprocess.run([*self.user, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1"
        log = str(self.folder / "log")
        self.command("pg_ctl", "-D", str(self.folder / "cluster"), "-o", options, "-l", log, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it; ``immediate`` is a crash, after which it recovers from its log."""
        self.command("pg_ctl", "-D", str(self.folder / "cluster"), "-m", how, "-w", "stop")


def main() -> None:
    """Print the figures of each database, then those of the kill study."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", choices=sorted(RATES))
    given = parser.parse_known_args()[0]
    for name in RATES:
        if given.only not in (None, name):
            continue
        if name == "postgresql" and shutil.which("initdb") is None:
            print("postgresql: left out, there is no initdb on the path (Debian: apt-get install postgresql)")
            continue
        with _served(name) as server:
            _under_load(name, server, given.seconds)
        if given.kills:
            with _served(name) as server:
                _under_kill(name, server, given.kills)


def _under_load(name: str, server: Server, seconds: float) -> None:
    rate = RATES[name]
    found = _figures(server.load("most", CLIENTS, seconds))
    print(f"{name}: {found['per_second']:.0f} forms a second at most ({CLIENTS} at once; to reach: {rate}), ", end="")
    print(f"p99 {found['p99']:.3f} s; pages opened: {found['opened_per_second']:.0f} a second", flush=True)
    found = _figures(server.load("steady", rate, seconds))
    print(f"{name}: at {rate} forms a second p50 {found['p50']:.3f} s, p99 {found['p99']:.3f} s ", end="")
    print(f"(to reach: {LONGEST}), worst {found['worst']:.3f} s, refused or broken: {found['failed']:.0f}")
    _say_checked(name, server)


def _under_kill(name: str, server: Server, kills: int) -> None:
    rate, moments = RATE_OF_KILLS[name], random.Random(1)
    deaths, tries, acknowledged = 0, 0.0, 0.0
    # Customers come in groups, as many as are needed: on a busy machine one may be done before the last kill.
    while deaths < kills:
        customers = server.load("until", rate, (kills - deaths) * SPARED / 2 + 5)
        if customers.stdout is not None:
            customers.stdout.readline()  # they have the forms open now
        while deaths < kills:
            time.sleep(moments.uniform(1.0, SPARED / 2))
            if customers.poll() is not None:
                break
            server.kill()
            deaths += 1
            if server.cluster is not None and deaths % EVERY_FOURTH == 0:
                server.cluster.stop("immediate")
                server.cluster.start()
            server.start()
        found = _figures(customers)
        tries, acknowledged = tries + found["tries"], acknowledged + found["acknowledged"]
    print(f"{name}: killed {deaths} times, {tries:.0f} requests for {acknowledged:.0f} forms")
    _say_checked(name, server)


def _say_checked(name: str, server: Server) -> None:
    checked = server.site("check", str(server.folder / "kept"))
    print(
        f"{name}: {checked['acknowledged']} acknowledged, {checked['rows']} kept; "
        f"lost {checked['lost']}, kept twice or unasked {checked['unasked']}",
        flush=True,
    )


def _figures(process: subprocess.Popen[str]) -> dict[str, float]:
    answer, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("the load ended with an error")
    found: dict[str, float] = json.loads(answer.splitlines()[-1])
    return found


@contextmanager
def _served(name: str) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="bevlogen-feedback-"))
    cluster = _cluster(folder / "postgresql") if name == "postgresql" else None
    url = f"postgresql://bevlogen@127.0.0.1:{cluster.port}/postgres" if cluster else ""
    (folder / "data").mkdir()
    server = Server(folder, free_port(), url, cluster)
    try:
        server.path = str(server.site("prepare")["path"])
        server.start()
        yield server
    finally:
        server.kill()
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _cluster(folder: Path) -> Cluster:
    folder.mkdir()
    cluster = Cluster(folder, free_port())
    if os.geteuid() == 0:
        # PostgreSQL refuses root; its folder then lies in one that others may enter.
        shutil.chown(folder, "nobody")
        folder.parent.chmod(0o711)
        cluster.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    cluster.command("initdb", "-D", str(folder / "cluster"), "-U", "bevlogen", "-A", "trust", "-E", "UTF8", "--no-sync")
    cluster.start()
    return cluster


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


if __name__ == "__main__":
    main()
