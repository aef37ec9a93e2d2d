"""How the figures of the calibration study are written down: tables in Markdown, coverage as a picture."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from benchmarks import calibration_claims as claims
from benchmarks import calibration_combined as combined
from benchmarks import calibration_links as links

BAND = (0.935, 0.965)
LEAST_SMALL, SMALL = 0.92, 8  # what is asked of 8 units
FALSE = 0.05
_OTHER = "## The other claims"
FEWEST = 100  # runs with an estimate, below which a cell says too little to judge
_COLOURS = {"cross-sectional": "#33658a", "within": "#c8553d", "lagged": "#5b8c5a"}


def page(
    found: list[links.Tally], lasting: list[links.Tally], both: list[combined.Tally], answers: list[claims.Tally]
) -> str:
    """Return all tables."""
    plain = [t for t in found if not t.setting.exact and not t.setting.later]
    groups = {
        **{design.capitalize(): [t for t in plain if t.design == design] for design in _COLOURS},
        "Lagged, with a true effect one wave later": [t for t in found if t.setting.later],
        "Figures of record on both sides, without sampling error": [t for t in found if t.setting.exact],
    }
    cells = [f"## {name}\n\n{_cells(tallies)}" for name, tallies in groups.items()]
    return "\n\n".join(
        [_ran(found, answers), summary(found), _combined(both), _claims(answers), _lasting(lasting), *cells]
    )


def _ran(found: list[links.Tally], answers: list[claims.Tally]) -> str:
    runs = min(t.runs for t in found if t.setting.units != SMALL)
    small = min((t.runs for t in found if t.setting.units == SMALL), default=0)
    return (
        f"At least {runs} runs a cell of the links ({small} at {SMALL} units), {min(t.runs for t in answers)} of the "
        f"other claims. With {runs} estimates the Monte Carlo standard error of a coverage of .95 is "
        f"{_error(runs):.3f}; ± gives it everywhere."
    )


def _error(n: int, share: float = 0.95) -> float:
    return math.sqrt(max(share * (1 - share), 0.95 * 0.05) / n) if n else math.nan


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def summary(found: list[links.Tally]) -> str:
    """All runs of a number of units together, and how many of its cells surely miss what is asked."""
    groups = {
        "cross-sectional": lambda t: t.design == "cross-sectional" and not t.setting.exact,
        "within": lambda t: t.design == "within" and not t.setting.exact,
        "lagged, no effect": lambda t: t.design == "lagged" and not t.setting.exact and not t.setting.later,
        "lagged, true effect": lambda t: t.setting.later,
        "exact figures": lambda t: t.setting.exact,
    }
    units = sorted({t.setting.units for t in found})
    rows = [
        _summed(name, J, here)
        for (name, belongs), J in itertools.product(groups.items(), units)
        if (here := [t for t in found if belongs(t) and t.setting.units == J]) and any(t.estimated for t in here)
    ]
    head = [
        "design",
        "units",
        "with an estimate",
        "coverage",
        "false verdicts",
        "power, medium",
        "lowest, highest cell",
    ]
    return "## By number of units\n\n" + _table([*head, "cells outside", "surely outside"], rows)


def _summed(name: str, units: int, here: list[links.Tally]) -> list[str]:
    total = sum(t.estimated for t in here)
    none = [t for t in here if abs(links.truths(t.setting)[t.design]) < 1e-9 and t.estimated]
    medium = [t for t in here if t.setting.effect == "medium" and t.estimated and t not in none]
    judged = [t for t in here if t.estimated >= FEWEST]
    wrong = _mean(none, "supported") + _mean(none, "contradicted")
    ends = [f(t.coverage for t in judged) for f in (min, max)] if judged else []
    return [
        name,
        str(units),
        f"{total / sum(t.runs for t in here):.2f}",
        f"{_mean(here, 'coverage'):.3f} ± {_error(total):.3f}",
        f"{wrong:.3f} ± {_error(sum(t.estimated for t in none), 0.05):.3f}" if none else "–",
        f"{_mean(medium, 'supported'):.2f}" if medium else "–",
        f"{ends[0]:.3f}, {ends[1]:.3f}" if ends else "–",
        f"{sum(_misses(t, 0) for t in judged)} of {len(judged)}",
        f"{sum(_misses(t, 2) for t in judged)} of {len(judged)}",
    ]


def _misses(t: links.Tally, errors: float) -> bool:
    """Whether coverage lies outside what is asked by more than so many Monte Carlo errors."""
    low, high = (LEAST_SMALL, 1.0) if t.setting.units == SMALL else BAND
    return not low - errors * t.error <= t.coverage <= high + errors * t.error


def _mean(tallies: list[links.Tally], name: str) -> float:
    total = sum(t.estimated for t in tallies)
    return sum(t.estimated * getattr(t, name) for t in tallies if t.estimated) / total if total else math.nan


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
    return f"## The same people each time\n\nMedium effect, normal answers.\n\n{_table(head, rows)}"


def _cells(found: list[links.Tally]) -> str:
    head = ["units", "waves", "effect", "answers", "runs", "estimated", "coverage", "supported", "contradicted"]
    head += ["negligible", "bias (median)", "width (median)"]
    several = len({t.design for t in found}) > 1
    rows = []
    for t in found:
        s = t.setting
        row = [str(s.units), str(s.waves), s.effect, s.shape, str(t.runs), f"{t.estimated / t.runs:.2f}"]
        if t.estimated:
            row += [f"{t.coverage:.3f} ± {t.error:.3f}", f"{t.supported:.3f}", f"{t.contradicted:.3f}"]
            row += [f"{t.negligible:.3f}", f"{t.bias:+.3f}", f"{t.width:.2f}"]
        else:
            row += ["–"] * 6
        rows.append([t.design, *row] if several else row)
    return _table(["design", *head] if several else head, rows)


def _combined(found: list[combined.Tally]) -> str:
    head = ["units", "literature is off by", "RMSE own", "RMSE combined", "combined / own"]
    head += ["coverage own", "coverage combined", "conflict stated"]
    rows = [
        [
            str(t.units),
            f"{t.off:+.1f}" if t.off else "0",
            f"{t.rmse_own:.3f}",
            f"{t.rmse_combined:.3f}",
            f"{t.rmse_combined / t.rmse_own:.2f}",
            f"{t.coverage_own:.3f} ± {_error(t.estimated):.3f}",
            f"{t.coverage_combined:.3f}",
            f"{t.conflict:.2f}",
        ]
        for t in found
    ]
    setting = f"{found[0].waves} waves, medium effect, normal answers; tau {combined.TAU:.1f}." if found else ""
    return f"## Own data and literature together\n\n{setting}\n\n{_table(head, rows)}"


def _claims(answers: list[claims.Tally]) -> str:
    """One table per claim."""
    of = dict.fromkeys(t.case.claim for t in answers)
    return f"{_OTHER}\n\n" + "\n\n".join(_claim(name, answers) for name in of)


def _claim(name: str, answers: list[claims.Tally]) -> str:
    head = ["truth", "units", "runs", "answered", "coverage", "false verdicts", *claims.VERDICTS[:3], "bias (median)"]
    several = any(t.alone for t in answers if t.case.claim == name)
    head += [f"supported by {design} alone" for design in links.DESIGNS] if several else []
    rows = [
        [
            t.case.name,
            str(t.units),
            str(t.runs),
            f"{t.answered:.2f}",
            f"{t.coverage:.3f} ± {_error(round(t.answered * t.runs), t.coverage):.3f}" if t.judged else "–",
            f"{t.false:.3f} ± {_error(t.runs, t.false):.3f}" if t.case.false else "–",
            *(f"{share:.2f}" for share in t.verdicts[:3]),
            f"{t.bias:+.3f}" if t.judged else "–",
            *(f"{share:.2f}" for share in t.alone.values()),
        ]
        for t in answers
        if t.case.claim == name and t.answered > 0
    ]
    return f"### {name}\n\n{_table(head, rows)}"


def renewed(page: str, name: str, answers: list[claims.Tally]) -> str:
    """Return the page with the table of one claim written anew, after the others where it has none yet."""
    start, end = page.index(_OTHER), page.index("\n\n## ", page.index(_OTHER))
    before, *sections = page[start:end].split("\n\n### ")
    new = _claim(name, answers).removeprefix("### ")
    at = next((i for i, section in enumerate(sections) if section.startswith(f"{name}\n")), len(sections))
    sections[at : at + 1] = [new]
    return page[:start] + "\n\n### ".join([before, *sections]) + page[end:]


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
    for i, units in enumerate(sorted({t.setting.units for t in found})):
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
