"""Every figure of ``make bench``. A section whose data or peer is absent says so and is left out."""

from __future__ import annotations

import sys

from benchmarks import (
    calibration,
    cockpit,
    crossed,
    disclosure,
    disclosure_speed,
    estimators,
    feedback,
    forecasting,
    fuzz,
    lmm,
    scan,
    start,
    steer,
    whatif,
)

SECTIONS = {
    "start": start.main,
    "steer": steer.main,
    "scan": scan.main,
    "lmm": lmm.main,
    "crossed": crossed.main,
    "estimators": estimators.main,
    "fuzz": fuzz.main,
    "whatif": whatif.main,
    "forecasting": forecasting.main,
}
# Long: only by name.
STUDIES = {
    "calibration": calibration.main,
    "cockpit": cockpit.main,
    "disclosure": disclosure.main,
    "gate": disclosure_speed.main,
    "feedback": feedback.main,
}


def main() -> None:
    """Run the sections named on the command line, or all but the studies."""
    known = SECTIONS | STUDIES
    # What follows an option is its value: --runs 500, --keep FOLDER.
    words = zip(["", *sys.argv[1:]], sys.argv[1:], strict=False)
    wanted = [word for before, word in words if word[0] not in "-0123456789" and not before.startswith("--")]
    wanted = wanted or list(SECTIONS)
    for name in wanted:
        print(f"\n== {name}")
        known[name]()


if __name__ == "__main__":
    main()
