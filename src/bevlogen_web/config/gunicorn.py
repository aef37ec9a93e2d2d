"""Settings of the web server; gunicorn reads this module's names."""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import multiprocess

from bevlogen_web.config.environment import read

bind = os.environ.get("BEVLOGEN_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("BEVLOGEN_WORKERS", "2"))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 15
forwarded_allow_ips = read(os.environ).proxies
accesslog = None  # the application logs requests itself, by route and without addresses
loglevel = "warning"
control_socket_disable = True  # `serve` starts and stops it; no socket in somebody's home


def post_worker_init(worker: Any) -> None:
    """Let a worker load the pages before it takes a request."""
    from bevlogen_web.config import warm  # here: this file is read before the application and its settings are

    warm.up()


def child_exit(server: Any, worker: Any) -> None:
    """Drop the live gauges of a worker that ended."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
