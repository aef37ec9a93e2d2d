"""The main job on 526 schools x 5 years, report and JSON included. To reach: 5 s and 600 MB on two cores."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measured import median, python
from bevlogen.testing import shared_folder

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "new-york-schools"


def main() -> None:
    """Print the median of five whole processes."""
    shared = shared_folder()
    if shared is None:
        print("new-york-schools: the data are not here")
        return
    with tempfile.TemporaryDirectory() as folder:
        code = (
            "import sys; from bevlogen.cli import main\n"
            f"sys.argv = ['bevlogen', 'steer', {str(EXAMPLE)!r}, '--data', {str(shared / 'data')!r}, '--quiet',\n"
            f"            '--out', {folder + '/r.html'!r}, '--json', {folder + '/r.json'!r}]\n"
            "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        )
        runs = [python(code) for _ in range(5)]
    seconds, peak = median([r.seconds for r in runs]), max(r.megabytes for r in runs)
    print(f"bevlogen steer new-york-schools: {seconds:.2f} s, {peak:.0f} MB (median of 5; to reach: 5 s, 600 MB)")
