"""The whole application as an operator starts it, with a real mail server and a real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from journey.steps import Site

SECONDS_TO_START = 120


@pytest.fixture
def site(tmp_path, smtp, settings, chromium):
    """``bevlogen serve`` on an empty data folder: web server, job worker and clock; mail goes to ``smtp``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("BEVLOGEN_", "DJANGO_"))}
    env |= {
        "BEVLOGEN_HOME": str(tmp_path / "data"),
        "BEVLOGEN_MAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}?tls=no",
        "BEVLOGEN_WORKERS": "1",
    }
    code = "from bevlogen.cli import main; main()"
    with (tmp_path / "server.log").open("w") as log:
        command = [sys.executable, "-c", code, "serve", f"--port={port}"]
        process = subprocess.Popen(command, env=env, start_new_session=True, stdout=log, stderr=log)
    address = f"http://localhost:{port}"
    _wait_for(f"{address}/health")
    site = Site(address, chromium, smtp)
    yield site
    site.leave()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)


def _wait_for(url: str) -> None:
    latest = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (ConnectionError, TimeoutError, urllib.error.URLError):
            if time.monotonic() > latest:
                raise
            time.sleep(0.2)
        else:
            return
