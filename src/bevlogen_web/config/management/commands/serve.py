"""Everything in one process tree: web server, job worker and clock, watched over and stopped together."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from bevlogen_web.config import demo

GRACE_SECONDS = 20.0
POLL_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_START_SECONDS = 120.0


class Command(BaseCommand):
    """Prepare the data folder, then run gunicorn, the job worker and the clock until stopped."""

    help = "Run the application: web server, job worker and clock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Port and address to listen on."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--bind", default="127.0.0.1", help="Address to listen on; 0.0.0.0 in a container.")
        parser.add_argument("--open", action="store_true", help="Open the browser once the pages answer.")
        parser.add_argument("--once", action="store_true", help="Stop as soon as the pages answer: a trial.")

    def handle(self, *args: Any, port: int, bind: str, **options: Any) -> None:
        """Prepare, run, and stop cleanly on Ctrl-C or SIGTERM."""
        _check_safe(bind)
        port = port or _free_port(bind)
        _check_free(bind, port)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMO:
            demo.prepare(self._say)
        counts = settings.DATA / "metrics"
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
        os.environ["BEVLOGEN_PORT"] = str(port)
        os.environ["BEVLOGEN_BIND"] = f"{bind}:{port}"
        address = f"http://localhost:{port}"
        greet = partial(self._greet, address if settings.ENVIRONMENT.local else settings.SITE_URL)
        greeted = _greeted(address, greet, open_browser=options["open"])
        self._say("Starting…")
        Supervisor(
            {
                "web": ["-m", "gunicorn", "-c", "python:bevlogen_web.config.gunicorn", "bevlogen_web.config.wsgi"],
                "worker": ["-m", "bevlogen_web", "db_worker", "--queue-name", "*", "--no-startup-delay"],
                "clock": ["-m", "bevlogen_web", "schedule"],
            }
        ).run(_answered(address) if options["once"] else greeted, self._say)
        if options["once"]:
            self._say(f"The pages answered at {address}, and all is stopped again.")
            self._say("To look around, run this in a terminal: bevlogen demo (or: make demo).")
        else:
            self._say(f"Stopped. What was kept is in {settings.DATA}.")

    def _greet(self, address: str) -> None:
        """Say where it runs, who can sign in, and how it ends."""
        self._say(f"\nBevlogen runs at {address}")
        if settings.DEMO:
            self._say(f"\nSign in with the password {demo.PASSWORD} as one of:")
            for role, name in demo.NAMES.items():
                self._say(f"  {demo.address_of(role):<43}{name}")
        if "filebased" in settings.EMAIL_BACKEND:
            self._say(f"\nMail is not sent: it is put in {settings.DATA / 'mail'}.")
        self._say("To stop: Ctrl-C.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _answered(address: str) -> Callable[[], bool]:
    """Give a check that holds once the pages answer, and fails loudly if that takes too long."""
    latest = time.monotonic() + LONGEST_START_SECONDS

    def check() -> bool:
        if _answers(address):
            return True
        if time.monotonic() > latest:
            raise CommandError("The pages do not answer. Look at what is said above.")
        return False

    return check


def _greeted(address: str, greet: Callable[[], None], *, open_browser: bool) -> Callable[[], bool]:
    """Give a check that never holds, but greets (and opens the browser) when the pages first answer."""
    waiting = [address]

    def check() -> bool:
        if waiting and _answers(address):
            greet()
            address_shown = waiting.pop()
            if open_browser:
                webbrowser.open(address_shown)
        return False

    return check


def _answers(address: str) -> bool:
    """Whether the health check and, on this machine alone, the page to sign in answer."""
    paths = ("/health", "/accounts/login/") if settings.ENVIRONMENT.local else ("/health",)
    try:
        for path in paths:
            asked = urllib.request.Request(f"{address}{path}", headers={"Host": settings.ALLOWED_HOSTS[0]})
            with urllib.request.urlopen(asked, timeout=5):
                pass
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
    return True


def _check_safe(bind: str) -> None:
    """Refuse to let other machines in without encryption and without the settings that make it safe."""
    if settings.ENVIRONMENT.local and not _is_loopback(bind):
        raise CommandError(
            f"Others could reach this installation at {bind}, and nothing says how it is protected. Set BEVLOGEN_HOSTS "
            "and what docs/deploy.md names beside it, or leave out --bind to use it on this machine alone."
        )


def _is_loopback(bind: str) -> bool:
    try:
        return ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _free_port(bind: str) -> int:
    with socket.socket() as door:
        door.bind((bind, 0))
        return int(door.getsockname()[1])


def _check_free(bind: str, port: int) -> None:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((bind, port))
        except OSError as error:
            raise CommandError(f"Cannot listen on {bind}:{port}. Choose another port with --port.") from error


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """Start Python on ``command``, deaf to Ctrl-C: a terminal sends that to all, and the supervisor ends the others.

    One that heard it while it still loads would end in a traceback, and the job worker would drop the job at hand:
    it takes a second signal as an order to end at once.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a child inherits it; one that comes now is kept for us
    try:
        return subprocess.Popen([sys.executable, *command])
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class Supervisor:
    """Keeps named Python processes running: one that ends is started again, ever later while it keeps ending."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.pauses = dict.fromkeys(commands, 1.0)
        self.stopping = False

    def run(self, until: Callable[[], bool], say: Callable[[str], None]) -> None:
        """Start all, keep them running, and return when all have ended after a signal or as soon as ``until`` holds."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, self._stop)
        try:
            self._watch(until)
            say("\nStopping…")
        finally:
            self._end_all()

    def _watch(self, until: Callable[[], bool]) -> None:
        restart_at = dict.fromkeys(self.commands, 0.0)
        while not self.stopping and not until():
            for name, command in self.commands.items():
                process = self.running.get(name)
                if process is not None and process.poll() is None:
                    continue
                now = time.monotonic()
                if process is not None:
                    sys.stderr.write(f"The {name} process ended with status {process.returncode}; it starts again.\n")
                    del self.running[name]
                    restart_at[name] = now + self.pauses[name]
                    self.pauses[name] = min(2 * self.pauses[name], LONGEST_PAUSE_SECONDS)
                elif now >= restart_at[name]:
                    self.running[name] = _started(command)
            time.sleep(POLL_SECONDS)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _end_all(self) -> None:
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
