"""The whole server as one process tree, started and stopped as a user does."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from bevlogen_web.config import demo

SECONDS_TO_START = 400  # it prepares the demonstration first, beside whatever else the machine does


@pytest.fixture(params=[["--demo"]], ids=["demo"])
def server(request, tmp_path, port, migrated):
    """``bevlogen serve`` in a group of its own, so that a signal reaches all of it as Ctrl-C does."""
    shutil.copytree(migrated, tmp_path / "data")
    code = "from bevlogen.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", *request.param, f"--port={port}", f"--data={tmp_path / 'data'}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("BEVLOGEN_", "DJANGO_"))}
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(command, env=env, start_new_session=True, stdout=said, stderr=said)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _get(url: str) -> bytes:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except OSError:  # also a server that takes longer than that to answer
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.mark.slow
def test_server_answers_says_what_to_know_and_stops_cleanly(server, port, tmp_path):
    assert json.loads(_get(f"http://localhost:{port}/health")) == {"status": "ok"}
    page = _get(f"http://localhost:{port}/accounts/login/").decode()
    assert "/static/web/base." in page
    said = tmp_path / "said"
    while "To stop: Ctrl-C." not in said.read_text() and server.poll() is None:
        time.sleep(0.2)
    os.killpg(server.pid, signal.SIGINT)
    assert server.wait(timeout=30) == 0
    lines = [line for line in said.read_text().splitlines() if line]
    assert f"Bevlogen runs at http://localhost:{port}" in lines
    assert [line.split()[0] for line in lines if "@" in line] == [demo.address_of(role) for role in demo.NAMES]
    assert lines[-2:] == ["Stopping…", f"Stopped. What was kept is in {tmp_path / 'data'}."]
    assert len(lines) <= 16, lines
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)


@pytest.mark.slow
@pytest.mark.parametrize("server", [[]], indirect=True, ids=["empty"])
def test_ctrl_c_while_its_parts_still_load_stops_it_without_a_traceback(server, tmp_path):
    said = tmp_path / "said"
    while "Starting…" not in said.read_text() and server.poll() is None:
        time.sleep(0.01)
    time.sleep(0.8)
    os.killpg(server.pid, signal.SIGINT)
    assert server.wait(timeout=30) == 0
    lines = [line for line in said.read_text().splitlines() if line]
    assert lines[-2:] == ["Stopping…", f"Stopped. What was kept is in {tmp_path / 'data'}."]
    assert "Traceback" not in said.read_text(), lines


def test_taken_port_is_said_in_a_sentence(tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        command = [sys.executable, "-m", "bevlogen_web", "serve", f"--port={port}"]
        env = {"BEVLOGEN_HOME": str(tmp_path), "PATH": "/usr/bin"}
        answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "Choose another port with --port." in answer.stderr


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.7", "host.example"])
@pytest.mark.parametrize("demo", [{}, {"BEVLOGEN_DEMO": "1"}])
def test_without_settings_no_other_machine_is_let_in(tmp_path, bind, demo):
    command = [sys.executable, "-m", "bevlogen_web", "serve", f"--bind={bind}"]
    env = {"BEVLOGEN_HOME": str(tmp_path / "data"), "PATH": "/usr/bin"} | demo
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "Set BEVLOGEN_HOSTS" in answer.stderr
    assert not (tmp_path / "data" / "bevlogen.sqlite3").exists()
