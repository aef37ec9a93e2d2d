"""An installation whose database is migrated already: made once, copied by every test that begins with one."""

import os
import subprocess
import sys

import pytest
from once import once


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """The folder of an installation on SQLite with nothing in it yet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BEVLOGEN_", "DJANGO_"))}
    command = [sys.executable, "-m", "bevlogen_web", "migrate"]

    def make(home):
        subprocess.run(command, env=kept | {"BEVLOGEN_HOME": str(home)}, capture_output=True, check=True)

    return once(tmp_path_factory, "migrated", make)
