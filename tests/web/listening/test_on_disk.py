"""The same attack on the files of an installation: pages, journal and folder of keys, while open and after closing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WORDS = "Zeldzame-woorden-om-te-zoeken"
START = "import django, runpy, sys; django.setup(); del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
ENOUGH = 32  # bytes of a sealed text that say for certain whether it is there


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Bytes of all files of the installation while the round was open, after it closed, and the traces to look for."""
    folder = tmp_path_factory.mktemp("on-disk")
    script = Path(__file__).with_name("one_round.py")
    environment = os.environ | {
        "BEVLOGEN_HOME": str(folder / "data"),
        "BEVLOGEN_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "bevlogen_web.config.settings",
    }
    (folder / "data").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", START, script, folder / "copy", WORDS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return bytes_in(folder / "copy"), bytes_in(folder / "data"), json.loads(ran.stdout)


def bytes_in(folder):
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_while_open_letters_and_key_are_there_and_words_are_not(files):
    while_open, _after, traces = files
    assert bytes.fromhex(traces["key"]) in while_open
    assert all(bytes.fromhex(sealed)[:ENOUGH] in while_open for sealed in traces["sealed"])
    assert WORDS.encode() not in while_open


def test_after_closing_words_are_there_and_the_key_is_not(files):
    _open, after, traces = files
    assert WORDS.encode() in after
    assert bytes.fromhex(traces["key"]) not in after


def test_after_closing_no_sealed_text_is_left_in_any_file(files):
    _open, after, traces = files
    assert len(traces["sealed"]) == 7
    assert [sealed for sealed in traces["sealed"] if bytes.fromhex(sealed)[:ENOUGH] in after] == []


def test_after_closing_no_gate_is_left_in_any_file(files):
    _open, after, traces = files
    assert len(traces["gates"]) == 8
    assert [gate for gate in traces["gates"] if bytes.fromhex(gate) in after] == []
