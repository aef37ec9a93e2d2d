"""The calibration study: ``python -m benchmarks calibration --runs 200`` writes its table and its picture to docs/."""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks import calibration_combined as combined
from benchmarks import calibration_links as links

DOCS = Path(__file__).resolve().parents[1] / "docs"
SEED = 1
UNITS, WAVES = (8, 20, 60, 200, 500), (1, 4, 8)
SHAPES: tuple[links.Shape, ...] = ("normal", "skewed")
BAND = (0.935, 0.965)
STABLE = ((0.0, 0.6), (False, True))
FEWEST = 50  # runs with an estimate, below which a coverage says too little to judge
MARK = "<!-- tables: written by python -m benchmarks calibration -->"
_COLOURS = {"cross-sectional": "#33658a", "within": "#c8553d", "lagged": "#5b8c5a"}


def main() -> None:
    """Run every cell, then replace the tables in docs/calibration.md and draw docs/calibration.svg."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--runs", type=int, default=150)
    runs = parser.parse_known_args()[0].runs
    start = time.perf_counter()
    cells = [links.Setting(*at) for at in itertools.product(UNITS, WAVES, links.EFFECTS, SHAPES)]
    stable = [links.Setting(*at) for at in itertools.product((20, 60, 200), (4, 8), ("medium",), SHAPES[:1], *STABLE)]
    found = [t for cell in cells for t in links.tally(cell, runs, SEED)]
    lasting = [t for cell in stable for t in links.tally(cell, runs, SEED)]
    both = [t for J in (8, 20, 60, 200) for t in combined.tally(J, 4, runs, SEED)]
    minutes = (time.perf_counter() - start) / 60
    text = "\n\n".join([_ran(runs, minutes), _summary(found), _links(found), _lasting(lasting), _combined(both)])
    page = DOCS / "calibration.md"
    before = page.read_text(encoding="utf-8").split(MARK)[0] if page.exists() else "# Calibration\n\n"
    page.write_text(f"{before}{MARK}\n\n{text}\n", encoding="utf-8")
    (DOCS / "calibration.svg").write_text(picture(found), encoding="utf-8")
    print(_summary(found))


def _ran(runs: int, minutes: float) -> str:
    return (
        f"{runs} runs a cell, seed {SEED}, {minutes:.0f} minutes on one core. With {runs} estimates the Monte Carlo "
        f"standard error of a coverage of .95 is {math.sqrt(0.95 * 0.05 / runs):.3f}; ± gives it per cell."
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def _summary(found: list[links.Tally]) -> str:
    """All runs of a number of units together: where a single cell is too small to judge, the sum is not."""
    rows = []
    for design, units in itertools.product(_COLOURS, UNITS):
        here = [t for t in found if t.design == design and t.setting.units == units and t.estimated]
        none = [t for t in here if t.setting.effect == "none"]
        medium = [t for t in here if t.setting.effect == "medium"]
        total = sum(t.estimated for t in here)
        if not total:
            continue
        judged = [t for t in here if t.estimated >= FEWEST]
        beyond = [t for t in judged if not BAND[0] - 2 * t.error <= t.coverage <= BAND[1] + 2 * t.error]
        rows.append(
            [
                design,
                str(units),
                f"{total / sum(t.runs for t in found if t.design == design and t.setting.units == units):.2f}",
                f"{_mean(here, 'coverage'):.3f} ± {math.sqrt(0.95 * 0.05 / total):.3f}",
                f"{_mean(none, 'supported') + _mean(none, 'contradicted'):.3f}",
                f"{_mean(medium, 'supported'):.2f}",
                f"{len(beyond)} of {len(judged)}",
            ]
        )
    head = ["design", "units", "share with an estimate", "coverage", "false verdicts", "power, medium"]
    return "## By number of units\n\n" + _table([*head, "cells surely outside .935–.965"], rows)


def _mean(tallies: list[links.Tally], name: str) -> float:
    total = sum(t.estimated for t in tallies)
    return sum(t.estimated * getattr(t, name) for t in tallies) / total if total else math.nan


def _links(found: list[links.Tally]) -> str:
    return "\n\n".join(f"## {d.capitalize()}\n\n{_cells([t for t in found if t.design == d])}" for d in _COLOURS)


def _lasting(found: list[links.Tally]) -> str:
    head = ["design", "units", "waves", "stability", "told", "estimated", "coverage", "bias (median)", "width (median)"]
    rows = [
        [
            t.design,
            str(t.setting.units),
            str(t.setting.waves),
            f"{t.setting.stability:.1f}",
            "yes" if t.setting.told else "no",
            f"{t.estimated / t.runs:.2f}",
            *([f"{t.coverage:.3f} ± {t.error:.3f}", f"{t.bias:+.3f}", f"{t.width:.2f}"] if t.estimated else ["–"] * 3),
        ]
        for t in sorted(found, key=lambda t: list(_COLOURS).index(t.design))
    ]
    return f"## The same people each time\n\n{_table(head, rows)}"


def _cells(found: list[links.Tally]) -> str:
    head = ["units", "waves", "effect", "answers", "estimated", "coverage", "supported", "contradicted", "negligible"]
    head += ["bias (median)", "width (median)"]
    rows = []
    for t in found:
        s = t.setting
        row = [str(s.units), str(s.waves), s.effect, s.shape, f"{t.estimated / t.runs:.2f}"]
        if t.estimated:
            row += [f"{t.coverage:.3f} ± {t.error:.3f}", f"{t.supported:.3f}", f"{t.contradicted:.3f}"]
            row += [f"{t.negligible:.3f}", f"{t.bias:+.3f}", f"{t.width:.2f}"]
        else:
            row += ["–"] * 6
        rows.append(row)
    return _table(head, rows)


def _combined(found: list[combined.Tally]) -> str:
    head = ["units", "waves", "literature is off by", "estimated", "RMSE own", "RMSE combined", "coverage own"]
    head += ["coverage combined", "conflict stated"]
    rows = [
        [
            str(t.units),
            str(t.waves),
            f"{t.off:.1f}",
            f"{t.estimated / t.runs:.2f}",
            f"{t.rmse_own:.3f}",
            f"{t.rmse_combined:.3f}",
            f"{t.coverage_own:.3f}",
            f"{t.coverage_combined:.3f}",
            f"{t.conflict:.2f}",
        ]
        for t in found
    ]
    return f"## Own data and literature together\n\n{_table(head, rows)}"


def picture(found: list[links.Tally]) -> str:
    """Coverage of every cell with enough estimates, one panel per design, with the target band."""
    wide, high, left, top = 960, 380, 60, 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="13">',
        "<title>Coverage of the 95% interval by design and number of units</title>",
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
    ]
    for k, design in enumerate(_COLOURS):
        parts += _panel([t for t in found if t.design == design], design, left + k * 300, top)
    parts.append(
        f'<text x="{left}" y="{high - 14}">Number of units. Dot: a cell with at least {FEWEST} estimates; '
        "line: Monte Carlo standard error; band: target, .935 to .965.</text></svg>"
    )
    return "\n".join(parts) + "\n"


def _panel(found: list[links.Tally], design: str, left: int, top: int) -> list[str]:
    wide, high, floor = 260, 240, 0.86

    def y(share: float) -> float:
        return top + high * (1 - max(share, floor)) / (1 - floor)

    parts = [
        f'<text x="{left}" y="{top - 14}" font-weight="bold">{design}</text>',
        f'<rect x="{left}" y="{y(BAND[1]):.1f}" width="{wide}" height="{y(BAND[0]) - y(BAND[1]):.1f}" fill="#e6efe4"/>',
    ]
    parts += [
        f'<text x="{left - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{share:.2f}</text>'
        for share in (0.86, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98, 1.0)
    ]
    for i, units in enumerate(UNITS):
        here = [t for t in found if t.setting.units == units and t.estimated >= FEWEST]
        middle = left + 26 + 52 * i
        parts.append(f'<text x="{middle}" y="{top + high + 20}" text-anchor="middle">{units}</text>')
        for j, t in enumerate(here):
            x = middle - 20 + 40 * (j + 0.5) / len(here)
            ends = y(min(t.coverage + t.error, 1.0)), y(t.coverage - t.error)
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}" stroke="#bbb"/>'
                f'<circle cx="{x:.1f}" cy="{y(t.coverage):.1f}" r="2.6" fill="{_COLOURS[design]}"/>'
            )
    return parts
