"""A small workspace that is in order; each test spoils or changes one thing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TOML = """\
[organisation]
name = "Proef"
period = "quarter"

[tables.units]
file = "units.csv"

[tables.answers]
file = "answers.csv"

[tables.results]
file = "results.csv"

[[instruments]]
construct = "engagement"
items = ["e1", "-e2"]
range = [1, 5]
"""
UNITS = "unit,name,parent,service,co_creation,headcount\nall,Alles,,,,\na,Noord,all,tram,low,8\nb,Zuid,all,zorg,0.7,9\n"
ANSWERS = "unit,date,e1,e2\na,2024-03-31,4,2\na,2024-04-01,5,1\nb,2024-03-01,3,\n"
RESULTS = "unit,period,measure,value,exposure\na,2024-Q1,absence,0.05,100\nb,2024-Q1,absence,0.03,90\n"


@pytest.fixture
def folder(tmp_path):
    """Write the workspace, with other contents for the files that are named; bytes are written as they are."""

    def write(**changed):
        contents = {"organisation.toml": TOML, "units.csv": UNITS, "answers.csv": ANSWERS, "results.csv": RESULTS}
        contents |= {name.replace("__", "."): text for name, text in changed.items()}
        for name, text in contents.items():
            if text is not None:
                (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


@pytest.fixture
def shared():
    """Folder of real data beside the checkout; ``BEVLOGEN_SHARED`` names another."""
    place = Path(os.environ.get("BEVLOGEN_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    if not (place / "data").is_dir():
        pytest.skip("the shared data are not here")
    return place / "data"
