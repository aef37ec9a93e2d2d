"""A worker of the web server has loaded the pages before it takes the first request."""

import json
import subprocess
import sys

_SAID = """
import json, sys
from bevlogen_web.config import gunicorn, wsgi
before = set(sys.modules)
gunicorn.post_worker_init(None)
loaded = sorted(set(sys.modules) - before)
from django.db import connection
print(json.dumps([loaded, connection.connection is None]))
"""


def test_pages_and_the_library_behind_them_are_loaded_and_no_data_read(tmp_path):
    env = {"BEVLOGEN_HOME": str(tmp_path), "PATH": "/usr/bin", "DJANGO_SETTINGS_MODULE": "bevlogen_web.config.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", _SAID], env=env | _path(), capture_output=True, text=True, check=True
    )
    loaded, untouched = json.loads(answer.stdout)
    assert {"bevlogen.disclose", "bevlogen.show.pages", "bevlogen_web.cockpit.views.overview"} <= set(loaded)
    assert untouched


def _path() -> dict[str, str]:
    """Where this interpreter finds the application, also where it is not installed."""
    return {"PYTHONPATH": ":".join(part for part in sys.path if part)}
