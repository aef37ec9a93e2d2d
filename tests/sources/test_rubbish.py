"""A large file of rubbish is refused fast and in bounded memory; docs/workspace.md has the figures for 2 GB."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import numpy as np
import pytest

from bevlogen import sources
from bevlogen.sources.engines import Engine

# The issue asks that a file of rubbish does not eat the memory; Python with its libraries takes some 200 MB of this.
MOST_MEGABYTES = 500
MEGABYTE = 1 << 20
HEADER = b"unit,date,e1,e2\n"
PROBE = """
import re, sys
from pathlib import Path
from bevlogen import sources
found = [fault.found for fault in sources.check(Path(sys.argv[1]))]
# The peak of this process alone; ru_maxrss begins at what the process that started it held.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) // 1024
print(peak, *found, sep="\\n")
"""


def block(shape):
    letters = np.random.default_rng(1).integers(97, 123, MEGABYTE).astype("u1")
    if shape == "right width":
        table = letters.reshape(-1, 32)
        table[:, 31], table[:, [7, 15, 23]] = ord("\n"), ord(",")
    if shape == "ragged":
        letters[::70], letters[::30] = ord("\n"), ord(",")
    return letters.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("right width", "mostly text in number columns; reading stopped"),
        ("ragged", "1000 rows of another length; reading stopped"),
        ("one line", "a row without end"),
    ],
)
def test_rubbish_is_refused_in_bounded_memory(folder, shape, found):
    directory = folder(answers__csv=HEADER)
    with (directory / "answers.csv").open("ab") as stream:
        stream.writelines([block(shape)] * 200)
    probe = [sys.executable, "-c", PROBE, str(directory)]
    megabytes, *faults = subprocess.run(probe, capture_output=True, text=True, check=True).stdout.splitlines()
    assert found in faults
    assert int(megabytes) < MOST_MEGABYTES


def test_a_sparse_file_of_zeros_is_no_text(folder):
    directory = folder(answers__csv=HEADER)
    with (directory / "answers.csv").open("r+b") as stream:
        stream.truncate(2 << 30)
    assert [fault.found for fault in sources.check(directory)] == ["no text: the file holds other bytes"]


def test_rows_beyond_the_memory_for_reading_are_refused_in_words(folder, monkeypatch):
    # 2 GB of good rows do this by themselves, in a minute; here the engine is told to be full at the first table.
    plain, full = Engine.take, iter([duckdb.OutOfMemoryException("full")])

    def take(engine, table, rows):
        for error in full:
            raise error
        plain(engine, table, rows)

    directory = folder()
    assert sources.check(directory) == ()
    monkeypatch.setattr(Engine, "take", take)
    found = sources.check(directory)
    assert found[0].found == "more rows than the memory for reading text holds"
    assert found[0].mend.startswith("Save this table as Parquet")
