"""Ten thousand cases of the fuzz in ``tests/web/test_fuzz.py``, drawn anew each time; a failing one is shown small."""

from __future__ import annotations

import os
import subprocess
import sys
import time

CASES = 10_000


def main() -> None:
    """Run it as the tests do, and say how it went."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/web/test_fuzz.py"]
    done = subprocess.run(
        command, env={**os.environ, "BEVLOGEN_FUZZ_CASES": str(CASES)}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        print("\n".join(line for line in done.stdout.splitlines() if not line.startswith('{"time"'))[-4000:])
        sys.exit(1)
    print(f"{CASES} cases: no error of the server, nothing stored that the rules forbid ({seconds:.0f} s)")
