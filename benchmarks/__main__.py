"""Every figure of ``make bench``. A section whose data or peer is absent says so and is left out."""

from __future__ import annotations

import sys

from benchmarks import crossed, scan, start, steer

SECTIONS = {"start": start.main, "steer": steer.main, "scan": scan.main, "crossed": crossed.main}


def main() -> None:
    """Run the sections named on the command line, or all."""
    wanted = sys.argv[1:] or list(SECTIONS)
    for name in wanted:
        print(f"\n== {name}")
        SECTIONS[name]()


if __name__ == "__main__":
    main()
