"""Run a piece of code in a process of its own and report its time and its peak memory."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Wall-clock seconds and peak memory in megabytes of one process, and what it printed last as JSON, if anything."""

    seconds: float
    megabytes: float
    answer: dict[str, float]


def run(*arguments: str, env: dict[str, str] | None = None) -> Run:
    """Run a command; raise if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})})
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    last = done.stdout.strip().splitlines()[-1:] or ["{}"]
    answer = json.loads(last[0]) if last[0].startswith("{") else {}
    peak = answer.pop("megabytes", max(before.ru_maxrss, after.ru_maxrss) / 1024)
    return Run(seconds, peak, answer)


def python(code: str) -> Run:
    """Run Python code in a fresh interpreter; it may print figures as JSON on its last line."""
    tail = (
        "\nimport resource as _r, json as _j\n"
        "_a = dict(globals().get('answer', {}), megabytes=_r.getrusage(_r.RUSAGE_SELF).ru_maxrss / 1024)\n"
        "print(_j.dumps(_a))\n"
    )
    return run(sys.executable, "-c", code + tail)


def median(values: list[float]) -> float:
    """Middle of the values."""
    return statistics.median(values)
