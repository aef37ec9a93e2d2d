"""Status 0 when the application on this machine answers and reaches its database; for containers and monitors."""

from __future__ import annotations

import os
import urllib.request

host = os.environ.get("BEVLOGEN_HOSTS", "localhost").split(",")[0].strip()
port = os.environ.get("BEVLOGEN_PORT", "8000")
urllib.request.urlopen(
    urllib.request.Request(f"http://127.0.0.1:{port}/health", headers={"Host": host}),
    timeout=4,
)
