"""What another method than a link found for a claim: the figure that decides, drawn, and all others in a table."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core.linked import Finding
from bevlogen.core.results import Interval
from bevlogen.show.charts import finding_row
from bevlogen.show.view import View
from bevlogen.show.wording import DESIGNS


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure with its interval, as text; ``decides`` for the one that the verdict rests on."""

    name: str
    estimate: str
    interval: str
    decides: bool


@dataclass(frozen=True, slots=True)
class FindingEvidence:
    """Everything that a method found for one claim."""

    plot: Markup
    rows: tuple[FigureRow, ...]
    held_against: str
    rests_on: str
    notes: tuple[str, ...]


def finding_evidence(view: View, finding: Finding, ident: str) -> FindingEvidence | None:
    """Write a finding for the reader; None where it holds no figure at all."""
    rows = [_row(view, f.name.in_(view.language), f.value) for f in finding.figures]
    has_figure = math.isfinite(finding.estimate)
    if has_figure:
        decides = Interval(finding.estimate, finding.low, finding.high)
        rows.insert(0, _row(view, finding.scale.in_(view.language), decides, decides=True))
    if not rows:
        return None
    return FindingEvidence(
        finding_row(view, finding, ident) if has_figure else Markup(""),
        tuple(rows),
        _held_against(view, finding) if has_figure else "",
        view.say(
            "finding_rests_on",
            design=DESIGNS[finding.design].in_(view.language),
            units=view.number(finding.n_units, 0),
            observations=view.number(finding.n_obs, 0),
            waves=view.number(finding.n_waves, 0),
        ),
        tuple(note.in_(view.language) for note in finding.notes),
    )


def p_sentence(view: View, p_value: float, q_value: float) -> str:
    """Write the p-value beside the one adjusted for all that was tested together; "" where there is none."""
    if not math.isfinite(q_value):
        return ""
    if not math.isfinite(p_value):
        return view.say("q_alone", q=_p(view, q_value))
    return view.say("p_both", p=_p(view, p_value), q=_p(view, q_value))


def _p(view: View, value: float) -> str:
    return view.say("p_tiny") if value < 0.001 else view.number(value, 3)


def _row(view: View, name: str, value: Interval, *, decides: bool = False) -> FigureRow:
    """Write a figure with two decimals, or more where two would hide it."""
    sizes = [abs(v) for v in (value.estimate, value.low, value.high) if math.isfinite(v) and v != 0]
    largest = max(sizes, default=1.0)
    decimals = 2 if largest >= 0.1 else min(5, 1 - math.floor(math.log10(largest)))
    known = math.isfinite(value.low) and math.isfinite(value.high)
    return FigureRow(
        name[:1].upper() + name[1:],
        view.number(value.estimate, decimals),
        view.span(value.low, value.high, decimals, signed=False) if known else "",
        decides,
    )


def _held_against(view: View, finding: Finding) -> str:
    """Say what the claim expects of the figure that decides."""
    null = view.number(finding.null, 2) if finding.null else "0"
    margin = view.number(finding.margin, 2 if finding.margin >= 0.01 else 4)
    if finding.expects == "equal":
        return view.say("finding_equal", null=null, margin=margin)
    return view.say("finding_above", null=null)
