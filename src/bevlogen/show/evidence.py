"""The chain as rows and the evidence per claim: what the templates need, picked and written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core import numerals
from bevlogen.core.chain import CONSTRUCTS, PICTURE, parent_construct
from bevlogen.core.judged import ClaimVerdict, LinkVerdict
from bevlogen.core.linked import Estimate
from bevlogen.core.periods import in_words
from bevlogen.core.results import Interval, Verdict
from bevlogen.show.answer import opening, reason_of
from bevlogen.show.charts import ForestRow, forest
from bevlogen.show.figure import badge, sparkline, tag
from bevlogen.show.finding import FindingEvidence, finding_evidence, p_sentence
from bevlogen.show.pathdiagram import PLACES, norm_of, picture_links, verdict_class
from bevlogen.show.view import View
from bevlogen.show.wording import DESIGNS, VERDICTS

_BRIEF = 260  # characters: "cannot be said yet" and the figure that follows


@dataclass(frozen=True, slots=True)
class Sign:
    """A verdict as sign and word."""

    kind: str
    word: str
    icon: Markup


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link in one row of a table or list."""

    cause: str
    outcome: str
    strength: str
    interval: str
    design: str
    sign: Sign | None
    reason: str
    cause_key: str
    outcome_key: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A construct with its level and the links that leave it; the telephone's form of the diagram."""

    name: str
    level: str
    period: str
    change: str
    norm: str
    spark: Markup
    links: tuple[LinkRow, ...]


@dataclass(frozen=True, slots=True)
class DesignRow:
    """One design's estimate of a link."""

    design: str
    decides: bool
    estimate: str
    interval: str
    uncorrected: str
    mde: str
    n_units: str
    n_waves: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Own, published or combined estimate as text."""

    name: str
    estimate: str
    interval: str


@dataclass(frozen=True, slots=True)
class LinkEvidence:
    """Everything that is known of one link of a claim."""

    cause: str
    outcome: str
    sign: Sign
    reason: str
    plot: Markup
    rows: tuple[EvidenceRow, ...]
    designs: tuple[DesignRow, ...]
    p_values: str
    raw: str
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    same_source: bool
    basis: str
    sources: str


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """One claim with its verdict and evidence; ``brief`` is how its reason begins, in whole sentences."""

    ident: str
    text: str
    sign: Sign
    reason: str
    brief: str
    needs: str
    links: tuple[LinkEvidence, ...]
    finding: FindingEvidence | None
    p_values: str
    remark: str


def sign_of(view: View, verdict: Verdict) -> Sign:
    """Sign and word of a verdict."""
    icon = tag(
        "svg", badge(9, 9, verdict, 8), viewBox="0 0 18 18", width=18, height=18, aria_hidden="true", class_="icon"
    )
    return Sign(verdict_class(verdict), VERDICTS[verdict].in_(view.language), icon)


def link_row(view: View, verdict: LinkVerdict) -> LinkRow:
    """A link as a row; without an estimate it carries the reason only."""
    link, own = verdict.estimate.link, verdict.headline
    reason = verdict.reason_nl if view.language == "nl" else verdict.reason
    return LinkRow(
        view.label(link.cause),
        view.label(link.outcome),
        "" if own is None else view.effect(own.estimate),
        "" if own is None else view.span(own.low, own.high),
        "" if own is None else DESIGNS[own.design].in_(view.language),
        None if own is None else sign_of(view, verdict.verdict),
        reason,
        link.cause,
        link.outcome,
    )


def link_rows(view: View) -> tuple[LinkRow, ...]:
    """Every link of the picture, for the table below it."""
    return tuple(link_row(view, verdict) for verdict in view.release.picture)


def stages(view: View) -> tuple[Stage, ...]:
    """Constructs with data in reading order, each with the estimated links that leave it."""
    links = picture_links(view)
    out = []
    for key in PLACES:
        variables = view.variables_of(key)
        leaving = [links[pair] for p in PICTURE if (pair := (p.cause, p.outcome)) in links and p.cause == key]
        rows = tuple(link_row(view, verdict) for verdict in leaving if verdict.headline is not None)
        if variables or rows:
            out.append(_stage(view, key, variables, rows))
    return tuple(out)


def _stage(view: View, key: str, variables: list[str], rows: tuple[LinkRow, ...]) -> Stage:
    """One construct for the list."""
    name = view.label(variables[0]) if variables == [key] else CONSTRUCTS[key].label.in_(view.language)
    latest = view.latest(view.release.root, variables[0]) if len(variables) == 1 else None
    if latest is None:
        level = view.say("parts", n=len(variables)) if len(variables) > 1 else ""
        return Stage(name, level, "", "", "", Markup(""), rows)
    variable = variables[0]
    spark = sparkline(view.series(view.release.root, variable)[-12:], 60, 22)
    drawn = tag("svg", spark, viewBox="0 0 60 22", width=60, height=22, aria_hidden="true", class_="sparkline")
    return Stage(
        name,
        f"{view.figure(variable, latest[1])} {view.unit_of(variable)}".strip(),
        view.period(latest[0]),
        _with_unit(view.change(view.release.root, variable), view.change_in(variable)),
        norm_of(view, variables),
        drawn if spark else Markup(""),
        rows,
    )


def _with_unit(change: str, unit: str) -> str:
    return f"{change} {unit}".strip() if change else ""


def absent_constructs(view: View) -> list[str]:
    """Names of the constructs of the picture for which there is no figure."""
    return [CONSTRUCTS[key].label.in_(view.language) for key in PLACES if not view.variables_of(key)]


def claims(view: View) -> tuple[ClaimEvidence, ...]:
    """Every claim with its evidence."""
    return tuple(_claim(view, verdict) for verdict in view.release.claims)


def _claim(view: View, verdict: ClaimVerdict) -> ClaimEvidence:
    claim = verdict.claim
    evidence = tuple(link_evidence(view, link, f"forest-{claim.id}-{i}") for i, link in enumerate(verdict.links))
    reason = reason_of(view, verdict)
    told = len(evidence) > 1 and all(link.reason in reason for link in evidence)
    found = verdict.finding
    finding = None if found is None else finding_evidence(view, found, f"finding-{claim.id}")
    bare = finding is None and not any(link.headline is not None for link in verdict.links)
    return ClaimEvidence(
        f"claim-{claim.id}",
        claim.text.in_(view.language),
        sign_of(view, verdict.verdict),
        "" if told else reason,
        "" if told else opening(reason, _BRIEF),
        claim.needs.in_(view.language) if bare else "",
        evidence,
        finding,
        "" if finding is None or found is None else p_sentence(view, found.p_value, verdict.q_value),
        _unused(view) if claim.method == "use" else "",
    )


def _unused(view: View) -> str:
    """Say which share of the capacity of the whole organisation nobody used; "" where that is not shown."""
    latest = view.latest(view.release.root, "use") if view.release.root else None
    if latest is None or "use" not in view.release.measures_share or not 0 <= latest[1] <= 1:
        return ""
    period = in_words(latest[0]).in_(view.language)
    return view.say("unused", unused=view.figure("use", 1 - latest[1]), period=period)


def link_evidence(view: View, verdict: LinkVerdict, ident: str) -> LinkEvidence:
    """Evidence of one link."""
    found, own = verdict.estimate, verdict.headline
    cause, outcome = view.label(found.link.cause), view.label(found.link.outcome)
    shown = _three(view, verdict)
    return LinkEvidence(
        cause,
        outcome,
        sign_of(view, verdict.verdict),
        verdict.reason_nl if view.language == "nl" else verdict.reason,
        forest(view, shown, ident, cause, outcome) if shown else Markup(""),
        tuple(
            EvidenceRow(r.name, view.effect(r.interval.estimate), view.span(r.interval.low, r.interval.high))
            for r in shown
        ),
        tuple(
            _design(view, own if own and verdict.decided_by(e) else e, verdict.decided_by(e)) for e in found.estimates
        ),
        "" if own is None else p_sentence(view, own.p_value, verdict.q_value),
        "" if own is None else _raw(view, verdict, own),
        _remarks(view, verdict),
        _notes(view, found.estimates),
        found.same_source,
        "" if verdict.published is None else _basis(view, verdict),
        "" if verdict.published is None else ", ".join(verdict.published.sources),
    )


def _three(view: View, verdict: LinkVerdict) -> list[ForestRow]:
    """Own, published and combined, as far as each is there."""
    rows = []
    if verdict.headline is not None:
        own = verdict.headline
        rows.append(ForestRow(view.say("own"), "circle", Interval(own.estimate, own.low, own.high)))
    if verdict.published is not None:
        known = verdict.published
        rows.append(ForestRow(view.say("published"), "diamond", Interval(known.mean, known.low, known.high)))
    if verdict.combined is not None:
        both = verdict.combined
        rows.append(ForestRow(view.say("combined"), "square", Interval(both.mean, both.low, both.high)))
    return [row for row in rows if math.isfinite(row.interval.estimate)]


def _notes(view: View, estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Each caution once; with the ways to look that it is about where it is not about all."""
    about: dict[str, list[str]] = {}
    for estimate in estimates:
        for note in estimate.notes:
            about.setdefault(note.in_(view.language), []).append(DESIGNS[estimate.design].in_(view.language))
    return tuple(note if len(ways) == len(estimates) else f"{'; '.join(ways)}: {note}" for note, ways in about.items())


def _design(view: View, estimate: Estimate, decides: bool) -> DesignRow:
    return DesignRow(
        DESIGNS[estimate.design].in_(view.language),
        decides,
        view.effect(estimate.estimate),
        view.span(estimate.low, estimate.high),
        view.effect(estimate.uncorrected),
        view.number(estimate.mde),
        view.number(estimate.n_units, 0),
        view.number(estimate.n_waves, 0),
    )


def _raw(view: View, verdict: LinkVerdict, own: Estimate) -> str:
    """The slope in the units that people know; shares as percentage points."""
    link = verdict.estimate.link
    if not math.isfinite(own.raw):
        return ""
    shares = view.release.measures_share
    factor = (100 if link.outcome in shares else 1) / (100 if link.cause in shares else 1)
    values = [v * factor for v in (own.raw, own.raw_low, own.raw_high)]
    decimals = min(5, max(0, 2 - math.floor(math.log10(abs(values[0]) or 1.0))))
    return view.say(
        "raw_sentence",
        cause=_with_scale(view, link.cause),
        outcome=_with_scale(view, link.outcome),
        cause_unit=_measured_in(view, link.cause, many=False),
        outcome_unit=_measured_in(view, link.outcome, many=True),
        raw=view.number(values[0], decimals, signed=True),
        span=view.span(values[1], values[2], decimals),
    )


def _with_scale(view: View, variable: str) -> str:
    """Name of a variable in quotes, with the ends of its scale where it has one."""
    name = view.label(variable)
    scale = next((s for s in view.release.scales if s.construct == variable), None)
    if scale is None or not (math.isfinite(scale.scale_low) and math.isfinite(scale.scale_high)):
        return view.say("quoted", name=name)
    low, high = (view.number(v, numerals.decimals_of((v,))) for v in (scale.scale_low, scale.scale_high))
    return view.say("scale_ends", name=name, low=low, high=high)


def _measured_in(view: View, variable: str, *, many: bool) -> str:
    if variable in view.release.measures_share:
        return view.say("percent_points" if many else "percent_point")
    construct = CONSTRUCTS.get(parent_construct(variable))
    if construct is not None and construct.side != "result":
        return view.say("point_many" if many else "point")
    return view.unit_of(variable) or view.say("step_of")


def _basis(view: View, verdict: LinkVerdict) -> str:
    """Kind of published evidence and what it rests on."""
    if verdict.published is None:
        return ""
    kind = view.say("published_causal" if verdict.published.kind == "causal" else "published_cross")
    return f"{kind}: {verdict.published.basis}" if verdict.published.basis else kind


def _remarks(view: View, verdict: LinkVerdict) -> tuple[str, ...]:
    """What a reader must know of the combination."""
    if verdict.combined is None:
        return () if verdict.published is not None or verdict.headline is None else (view.say("no_published"),)
    remarks = []
    if verdict.combined.conflict < 0.05:
        remarks.append(view.say("conflict", p=view.chance(verdict.combined.conflict)))
    if math.isfinite(verdict.combined.effective_units) and verdict.headline is not None:
        remarks.append(view.say("worth", n=view.number(verdict.combined.effective_units, 0)))
    return tuple(remarks)
