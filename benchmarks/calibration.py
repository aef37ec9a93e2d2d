"""The calibration study: ``python -m benchmarks calibration`` writes its tables and its picture to docs/.

Runs are kept in a folder, so that a study that is stopped goes on where it was. A change of an estimator that moves its
answers starts a folder of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import calibration_claims as claims
from benchmarks import calibration_combined as combined
from benchmarks import calibration_links as links
from benchmarks import calibration_tables as tables
from benchmarks.calibration_kept import FloatArray, runs_of
from bevlogen.errors import ChoiceError

DOCS = Path(__file__).resolve().parents[1] / "docs"
SEED = 1
UNITS, WAVES = (8, 20, 60, 200, 500), (1, 4, 8)
SHAPES: tuple[links.Shape, ...] = ("normal", "skewed")
SMALL, MORE = 8, 2  # so many times the runs where most links are refused
SAME = ((20, 60, 200), (4, 8), ("medium",), SHAPES[:1], (0.0, 0.6), (False, True))
BLOCK, BLOCK_CLAIMS = 250, 50  # runs between two savings
MARK = "<!-- tables: written by python -m benchmarks calibration -->"


def main() -> None:
    """Run every cell, then replace the tables in docs/calibration.md and draw docs/calibration.svg."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--runs", type=int, default=2000, help="least of each cell of the links")
    parser.add_argument("--claims", type=int, default=400, help="least of each cell of the other claims")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "bevlogen-calibration")
    parser.add_argument("--only", help="a claim of another method: renew its table alone")
    given = parser.parse_known_args()[0]
    page = DOCS / "calibration.md"
    if given.only:
        text = tables.renewed(page.read_text(encoding="utf-8"), given.only, _asked(given, given.only))
        page.write_text(text, encoding="utf-8")
        return
    folder = given.keep / _links_now()
    found = [t for cell in _cells() for t in links.tally(cell, _runs(folder, cell, given.runs))]
    same = [links.Setting(*at) for at in itertools.product(*SAME)]
    lasting = [t for cell in same for t in links.tally(cell, _runs(folder / "same", cell, given.runs // 4))]
    own = [links.Setting(units, 4, "medium", "normal") for units in UNITS]
    both = [t for cell in own for t in combined.tally(cell, _runs(folder, cell, given.runs))]
    text = tables.page(found, lasting, both, _asked(given))
    before = page.read_text(encoding="utf-8").split(MARK)[0] if page.exists() else "# Calibration\n\n"
    page.write_text(f"{before}{MARK}\n\n{text}\n", encoding="utf-8")
    (DOCS / "calibration.svg").write_text(tables.picture(found), encoding="utf-8")
    print(tables.summary(found))


def _asked(given: argparse.Namespace, only: str = "") -> list[claims.Tally]:
    """Ask all claims, or one, of organisations of every size."""
    cases = [(at, case) for at, case in enumerate(claims.CASES) if only in ("", case.claim)]
    if not cases:
        raise ChoiceError("claim", only, dict.fromkeys(case.claim for case in claims.CASES))
    return [
        claims.tally(case, units, _answers(given.keep, at, units, given.claims))
        for at, case in cases
        for units in UNITS
        if units <= case.most
    ]


def _cells() -> list[links.Setting]:
    cells = [links.Setting(*at) for at in itertools.product(UNITS, WAVES, links.EFFECTS, SHAPES)]
    later = [c for c in cells if c.waves > 1 and c.effect != "none"]
    exact = [c for c in cells if c.waves < max(WAVES) and c.effect != "weak"]
    return [*cells, *(replace(c, later=True) for c in later), *(replace(c, exact=True) for c in exact)]


def _runs(folder: Path, cell: links.Setting, runs: int) -> FloatArray:
    runs *= MORE if cell.units == SMALL else 1
    return runs_of(folder, cell.name, runs, BLOCK, lambda size, block: links.run(cell, size, SEED + block))


def _answers(folder: Path, at: int, units: int, runs: int) -> FloatArray:
    case = claims.CASES[at]
    return runs_of(
        folder / f"{case.claim}-{case.name}-{_claim_now(case)}".replace(" ", "_"),
        str(units),
        runs,
        BLOCK_CLAIMS,
        lambda size, block: claims.run(case, units, size, [SEED, at, units, block]),
    )


def _links_now() -> str:
    """Fingerprint of what the estimators of a link answer, so that a change of method is not mixed with old runs."""
    cells = links.Setting(20, 4, "medium", "skewed"), links.Setting(60, 1, "medium", "normal")
    return _digest(np.concatenate([links.run(cell, 2, SEED).ravel() for cell in cells]))


@cache
def _claim_now(case: claims.Case) -> str:
    """Fingerprint of what a claim answers."""
    return _digest(claims.run(case, 60, 1, [SEED]).ravel())


def _digest(values: FloatArray) -> str:
    return hashlib.sha256(" ".join(f"{v:.5g}" for v in values if np.isfinite(v)).encode()).hexdigest()[:12]
