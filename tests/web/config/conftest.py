"""An installation whose database is migrated already: made once, copied by every test that begins with one."""

import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """The folder of an installation on SQLite with nothing in it yet."""
    home = tmp_path_factory.mktemp("migrated") / "data"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BEVLOGEN_", "DJANGO_"))}
    command = [sys.executable, "-m", "bevlogen_web", "migrate"]
    subprocess.run(command, env=kept | {"BEVLOGEN_HOME": str(home)}, capture_output=True, check=True)
    return home
