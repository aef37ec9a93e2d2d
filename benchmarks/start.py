"""How long ``bevlogen --help`` takes. To reach: under 0.4 s."""

from __future__ import annotations

import sys

from benchmarks.measured import median, run


def main() -> None:
    """Print the median of seven starts."""
    seconds = median([run(sys.executable, "-m", "bevlogen", "--help").seconds for _ in range(7)])
    print(f"bevlogen --help: {seconds:.2f} s (median of 7; to reach: 0.40)")
