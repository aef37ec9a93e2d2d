"""Counts and durations for Prometheus, added up over all processes of the server."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_requests = Counter("bevlogen_requests", "Requests answered.", ["method", "route", "status"])
_seconds = Histogram("bevlogen_request_seconds", "Duration of a request in seconds.", ["route"])


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; ``route`` is the pattern of its address, never the address."""
    _requests.labels(method, route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


def exposition() -> bytes:
    """All counts in the text format of Prometheus; over all processes where the server set a shared folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
