"""Ten thousand cases of the fuzz in ``tests/web/test_fuzz.py``, drawn anew each time.

A failing case is shown small, with everything that was said, and kept: the next run tries it first. ``--seed`` draws
the same cases again.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time

CASES = 10_000
LOGGED = '{"time"'  # lines the application logs itself: routes and states, no values


def main() -> None:
    """Run it as the tests do, and say how it went."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    seed = parser.parse_known_args()[0].seed
    started = time.perf_counter()
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"--hypothesis-seed={seed}", "--show-capture=no"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/web/test_fuzz.py"],
        env={**os.environ, "BEVLOGEN_FUZZ_CASES": str(CASES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        print("\n".join(line for line in done.stdout.splitlines() if not line.startswith(LOGGED)))
        print(f"The fuzz failed with status {done.returncode}. The same cases again: --seed {seed}")
        sys.exit(1)
    print(f"{CASES} cases: no error of the server, nothing stored that the rules forbid ({seconds:.0f} s, seed {seed})")
