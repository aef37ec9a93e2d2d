"""One release as the sheets of a workbook: figures as numbers, texts as the page says them, nothing computed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bevlogen.core.chain import SCALE_CONSTRUCTS, Language, parent_construct
from bevlogen.core.judged import LinkVerdict
from bevlogen.core.numerals import decimals_of
from bevlogen.core.results import Interval, Rule, Verdict
from bevlogen.core.shown import Release
from bevlogen.show import figures, methods, standards, unitmap
from bevlogen.show.answer import answer, moves_reason, reason_of, reason_parts
from bevlogen.show.bookwords import word
from bevlogen.show.view import View, period_sentence, view_of
from bevlogen.show.wording import BASES, DESIGNS, EFFECT_METHODS, EFFECT_VERDICTS, VERDICTS, joined

MOST_FIGURES = 50_000  # rows of one sheet, so that a file opens at once; Excel itself ends at 1,048,576
MOST_BARS = 25

Kind = Literal["text", "figure", "effect", "share", "count"]
Value = str | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its numbers are, with how many decimals, and its width in characters."""

    head: str
    kind: Kind = "text"
    decimals: int = 2
    width: int = 14


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart over the rows of a sheet's table, drawn from its columns.

    ``bars``: ``names`` against the one column of ``series``, with its ``reach`` (how far the limits lie below and above
    it) where there is one. ``points``: ``across`` (value, below, above) against ``series`` with its ``reach``.
    ``courses``: ``names`` against each of ``series``, of which ``legend`` says what they are. ``rows`` is how many of
    the first rows are drawn; ``tones`` colours each bar by its verdict.
    """

    kind: Literal["bars", "points", "courses"]
    title: str
    alt: str
    names: int
    series: tuple[int, ...]
    rows: int
    reach: tuple[int, ...] = ()
    across: tuple[int, ...] = ()
    tones: tuple[Verdict, ...] = ()
    legend: tuple[str, ...] = ()
    axis: str = ""
    axis_across: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: short name, heading, paragraphs, one table, what stands below it, and charts beside it.

    The last ``n_drawn`` columns are there for a chart to point at, and not printed.
    """

    key: str
    name: str
    title: str
    intro: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    remarks: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    n_drawn: int = 0


def sheets(release: Release, language: Language) -> tuple[Sheet, ...]:
    """Make the sheets of a workbook, in the order of the page.

    Parameters
    ----------
    release : what may be shown.
    language : of the reader.
    """
    view = view_of(release, language)
    made = (
        _chain(view),
        _claims(view),
        _map(view),
        _exist(view),
        _moves(view),
        _worked(view),
        _levels(view),
        _figures(view),
        _hidden(view),
        _rules(view),
        _standards(view),
    )
    return (_summary(view), *made)


def _word(view: View, key: str, **parts: object) -> str:
    return word(key, view.language, **parts)


def _known(value: float) -> Value:
    """A number, or an empty cell where it is not known."""
    return float(value) if math.isfinite(value) else None


def _three(interval: Interval | None) -> tuple[Value, Value, Value]:
    if interval is None:
        return (None, None, None)
    return _known(interval.estimate), _known(interval.low), _known(interval.high)


def _variable(view: View, variable: str, head: str = "") -> Column:
    """Column for the figures of a variable, with the decimals that the page writes."""
    decimals = view.decimals.get(variable, 2)
    named = head or view.label(variable)
    if variable in view.release.measures_share:
        return Column(named, "share", max(0, decimals - 2))
    if parent_construct(variable) in SCALE_CONSTRUCTS:
        decimals = max(1, decimals)
    return Column(named, "figure", decimals)


def _effects(view: View, *heads: str) -> tuple[Column, ...]:
    return tuple(Column(head, "effect") for head in heads)


def _limits(view: View, name: str, share: str = "95%") -> tuple[str, str, str]:
    """Heads of an estimate and its limits."""
    return name, f"{name}: {_word(view, 'low', share=share)}", f"{name}: {_word(view, 'high', share=share)}"


def _reach(view: View, name: str) -> tuple[Column, ...]:
    """Columns of what a chart needs to draw limits: how far each lies from its figure."""
    return tuple(Column(f"{name}: {_word(view, key)}", "figure") for key in ("reach_below", "reach_above"))


def _reaching(*intervals: Interval | None) -> tuple[Value, ...]:
    """How far the limits of each lie below and above it; empty where one is not known."""
    return tuple(
        _known(far)
        for i in intervals
        for far in ((math.nan, math.nan) if i is None else (i.estimate - i.low, i.high - i.estimate))
    )


def _summary(view: View) -> Sheet:
    release, said = view.release, answer(view)
    simulated = (f"{view.say('simulated')}. {view.say('simulated_long')}",) if release.simulated else ()
    n = sum(unit.key != release.root for unit in release.units)
    facts = f"{period_sentence(view)} · {view.say('units_counted', n=view.number(n, 0))}"
    intro = (*(simulated or (release.note,)), facts, *said.sentences, said.caution)
    needed = (f"{view.say('needed')} {said.needed}",) if said.needed else ()
    source = f"Bevlogen {release.provenance.version} · {view.say('fingerprint')}: {release.provenance.fingerprint[:12]}"
    counts = [(c.word, float(c.n)) for c in said.counts]
    chart = Chart(
        "bars",
        view.say("verdicts_counted"),
        "; ".join(f"{c.word}: {c.n}" for c in said.counts),
        0,
        (1,),
        len(counts),
        tones=tuple(c.verdict for c in said.counts),
        axis=_word(view, "claims_counted"),
    )
    return Sheet(
        "summary",
        _word(view, "sheet_summary"),
        release.title,
        tuple(line for line in intro if line),
        (Column(view.say("verdict"), width=34), Column(_word(view, "claims_counted"), "count", 0)),
        tuple(counts),
        (*needed, view.say("footer"), source),
        (chart,) if counts else (),
    )


def _chain(view: View) -> Sheet:
    links = [v for v in view.release.picture if v.headline is not None]
    rest = [v for v in view.release.picture if v.headline is None]
    columns = (
        Column(view.say("link"), width=46),
        Column(view.say("verdict"), width=24),
        *_effects(view, *_limits(view, view.say("own"))),
        Column(view.say("design"), width=26),
        *_effects(view, *_limits(view, view.say("published")), *_limits(view, view.say("combined"))),
        Column(view.say("units_measured"), "count", 0),
        Column(view.say("waves"), "count", 0),
        Column(view.say("reason"), width=120),
        *_reach(view, view.say("own")),
    )
    drawn = min(len(links), MOST_BARS)
    chart = Chart(
        "bars",
        _word(view, "chain_chart"),
        view.say("chain_description"),
        0,
        (2,),
        drawn,
        reach=(len(columns) - 2, len(columns) - 1),
        tones=tuple(v.verdict for v in links[:drawn]),
        axis=view.say("strength"),
    )
    smallest = view.say("sd_explained", smallest=view.number(view.release.smallest_effect))
    return Sheet(
        "chain",
        _word(view, "sheet_chain"),
        view.say("chain"),
        (view.say("chain_none") if not view.release.picture else smallest,),
        columns,
        tuple(_link(view, v) for v in (*links, *rest)),
        (_word(view, "tones"),),
        (chart,) if drawn else (),
        n_drawn=2,
    )


def _link(view: View, verdict: LinkVerdict) -> tuple[Value, ...]:
    link, own, known, both = verdict.estimate.link, verdict.headline, verdict.published, verdict.combined
    found = None if own is None else Interval(own.estimate, own.low, own.high)
    return (
        f"{view.label(link.cause)} → {view.label(link.outcome)}",
        VERDICTS[verdict.verdict].in_(view.language),
        *_three(found),
        "" if own is None else DESIGNS[own.design].in_(view.language),
        *_three(None if known is None else Interval(known.mean, known.low, known.high)),
        *_three(None if both is None else Interval(both.mean, both.low, both.high)),
        None if own is None else float(own.n_units),
        None if own is None else float(own.n_waves),
        verdict.reason_nl if view.language == "nl" else verdict.reason,
        *_reaching(found),
    )


def _claims(view: View) -> Sheet:
    columns = (
        Column(_word(view, "claim"), width=70),
        Column(view.say("verdict"), width=24),
        *_effects(view, *_limits(view, view.say("own"))),
        Column(_word(view, "what_figure"), width=44),
        Column(view.say("reason"), width=120),
    )
    rows = []
    for one in view.release.claims:
        own = one.links[0].headline if len(one.links) == 1 else one.finding
        scale = "" if own is None else "SD" if one.finding is None else one.finding.scale.in_(view.language)
        figures = _three(None if own is None else Interval(own.estimate, own.low, own.high))
        verdict = VERDICTS[one.verdict].in_(view.language)
        rows.append((one.claim.text.in_(view.language), verdict, *figures, scale, reason_of(view, one)))
    intro = _word(view, "claims_intro") if rows else view.say("claims_none")
    return Sheet("claims", _word(view, "sheet_claims"), view.say("claims"), (intro,), columns if rows else (),
                 tuple(rows))  # fmt: skip


def _map(view: View) -> Sheet:
    columns = (
        Column(view.say("unit"), width=34),
        *_effects(view, *_limits(view, view.say("employership")), *_limits(view, view.say("service"))),
        *_effects(view, *_limits(view, view.say("trend_employership")), *_limits(view, view.say("trend_service"))),
        Column(view.say("n"), "count", 0),
        Column(view.say("peers"), width=20),
        Column(view.say("period"), width=16),
        *_reach(view, view.say("employership")),
        *_reach(view, view.say("service")),
    )
    placed = {p.unit for p in unitmap.placed(view)}
    ordered = sorted(view.release.positions, key=lambda p: (p.unit not in placed, -_rank(p.service.estimate)))
    rows = [
        (
            view.name(p.unit),
            *_three(p.employership),
            *_three(p.service),
            *_three(p.trend_employership),
            *_three(p.trend_service),
            _known(p.n),
            view.name(p.peers) if p.peers else view.say("all_peers"),
            view.period(p.period),
            *_reaching(p.employership, p.service),
        )
        for p in ordered
    ]
    corners = tuple(f"{name}: {units}." for name, units in figures.clear_corners(view))
    chart = Chart(
        "points",
        view.say("map"),
        view.say("map_description", n=len(placed)),
        0,
        (4,),
        len(placed),
        reach=(len(columns) - 2, len(columns) - 1),
        across=(1, len(columns) - 4, len(columns) - 3),
        axis=view.say("service_axis"),
        axis_across=view.say("employership_axis"),
    )
    intro = (view.say("map_intro"),) if placed else (view.say("map_none", k=view.release.k),)
    return Sheet(
        "map",
        _word(view, "sheet_map"),
        view.say("map"),
        intro,
        columns if rows else (),
        tuple(rows),
        (*corners, *figures.off_the_map(view)),
        (chart,) if placed else (),
        n_drawn=4,
    )


def _rank(value: float) -> float:
    return value if math.isfinite(value) else -math.inf


def _exist(view: View) -> Sheet:
    """A row per period; a column per figure, and beside it what is expected: low, middle and high."""
    cards = figures.exist_cards(view)
    outlooks = {o.measure: o for o in view.release.outlooks}
    ahead = sorted({p for c in cards if c.key in outlooks for p in outlooks[c.key].periods})
    periods = [*view.release.periods, *(p for p in ahead if p not in view.release.periods)]
    columns: list[Column] = [Column(view.say("period"), width=16)]
    cells: list[list[Value]] = [[view.period(p) for p in periods]]
    charts = []
    for card in cards:
        first = len(columns)
        unit = f" ({card.unit})" if card.unit else ""
        columns.append(_variable(view, card.key, f"{card.name}{unit}"))
        course = dict(zip(view.release.periods, view.series(view.release.root, card.key), strict=True))
        cells.append([_known(course.get(p, math.nan)) for p in periods])
        outlook = outlooks.get(card.key)
        legend = [_word(view, "measured")]
        if outlook is not None:
            for key, band in (("outlook_low", 0), ("outlook_middle", 2), ("outlook_high", 4)):
                columns.append(_variable(view, card.key, f"{card.name}, {view.say('outlook')}: {view.say(key)}"))
                legend.append(view.say(key))
                expected = dict(zip(outlook.periods, outlook.bands[band], strict=True))
                cells.append([_known(expected.get(p, math.nan)) for p in periods])
        alt = f"{card.name}. {'; '.join(f'{period}: {value}' for period, value in card.course)}."
        drawn = tuple(range(first, len(columns)))
        charts.append(Chart("courses", f"{card.name}{unit}", alt, 0, drawn, len(periods), legend=tuple(legend)))
    absent = figures.exist_absent(view)
    remarks = [_word(view, "dashed")] if any(c.outlook for c in cards) else []
    remarks += [f"{c.name}: {c.outlook}" for c in cards if c.outlook]
    remarks += [f"{c.name}: {view.say('outlook_apart')}" for c in cards if c.is_apart]
    remarks += [f"{c.name}: {view.say('better_lower')}." for c in cards if c.lower_is_better]
    remarks += [view.say("exist_absent", names=joined(absent, view.language))] if absent else []
    return Sheet(
        "exist",
        _word(view, "sheet_exist"),
        view.say("exist"),
        (view.say("exist_intro") if cards else view.say("exist_none"),),
        tuple(columns) if cards else (),
        tuple(zip(*cells, strict=True)) if cards else (),
        tuple(remarks),
        tuple(charts),
    )


def _moves(view: View) -> Sheet:
    moves = view.release.moves
    name = word("gain", view.language)
    columns = (
        Column(_word(view, "move"), width=56),
        Column(view.say("unit"), width=30),
        Column(_word(view, "lever"), width=30),
        Column(_word(view, "level_now"), "figure", 2),
        Column(_word(view, "level_target"), "figure", 2),
        Column(_word(view, "target_basis"), width=34),
        Column(_word(view, "gain_for"), width=26),
        *_effects(view, *_limits(view, name, "90%")),
        Column(view.say("chance"), "share", 0),
        Column(view.say("rests_on"), width=26),
        Column(view.say("n"), "count", 0),
        *_reach(view, name),
    )
    rows = [
        (
            f"{view.name(m.unit)}: {view.label(m.lever)}",
            view.name(m.unit),
            view.label(m.lever),
            _known(m.level),
            _known(m.target),
            BASES[m.target_basis].in_(view.language),
            view.label(m.outcome),
            *_three(m.gain),
            _known(m.probability),
            DESIGNS[m.design].in_(view.language),
            _known(m.n),
            *_reaching(m.gain),
        )
        for m in moves
    ]
    reasons = tuple(reason_parts(moves_reason(view)))
    certainty = view.release.certainty
    sure = (view.say("moves_certainty", chance=view.chance(certainty)),) if math.isfinite(certainty) else ()
    reach = (len(columns) - 2, len(columns) - 1)
    chart = Chart("bars", name, view.say("moves"), 0, (7,), min(len(rows), MOST_BARS), reach=reach, axis=name)
    return Sheet(
        "moves",
        _word(view, "sheet_moves"),
        view.say("moves"),
        (_word(view, "moves_intro"), *sure) if rows else (reasons or (view.say("moves_none"),)),
        columns if rows else (),
        tuple(rows),
        (*reasons, view.say("moves_caution")) if rows else (),
        (chart,) if rows else (),
        n_drawn=2,
    )


def _worked(view: View) -> Sheet:
    columns = (
        Column(_word(view, "action"), width=40),
        Column(_word(view, "lever"), width=24),
        Column(_word(view, "begun"), width=14),
        Column(view.say("unit"), width=40),
        Column(_word(view, "gain_for"), width=26),
        Column(view.say("verdict"), width=24),
        *_effects(view, *_limits(view, _word(view, "effect"))),
        *_effects(view, _word(view, "naive"), _word(view, "chance_alone")),
        Column(_word(view, "method"), width=30),
        Column(view.say("reason"), width=120),
    )
    rows = [
        (
            a.what or view.say("worked_unnamed"),
            view.label(a.lever),
            view.period(a.start),
            ", ".join(view.name(u) for u in a.units),
            view.label(e.outcome),
            EFFECT_VERDICTS[e.verdict].in_(view.language),
            *_three(e.estimate),
            _known(e.naive),
            _known(e.chance),
            EFFECT_METHODS[e.method].in_(view.language),
            e.reason_nl if view.language == "nl" else e.reason,
        )
        for a in view.release.effects
        for e in a.outcomes
    ]
    return Sheet(
        "worked",
        _word(view, "sheet_worked"),
        view.say("worked"),
        (_word(view, "worked_intro"),) if rows else (view.say("worked_none"),),
        columns if rows else (),
        tuple(rows),
        (view.say("worked_caution"),) if rows else (),
    )


def _levels(view: View) -> Sheet:
    """The latest figure of every unit on every construct, as the page has it; a hidden one is the sign of its rule."""
    variables = figures.level_columns(view)
    rows = [
        (f"{'    ' * row.depth}{row.name}", *(_level(cell) for cell in row.cells))
        for row in figures.level_rows(view, variables)
    ]
    legend = tuple(f"– {sign}: {text}." for sign, text in figures.rules_in_force(view))
    intro = view.say("levels_none") if not (variables and rows) else _word(view, "levels_intro")
    return Sheet(
        "levels",
        _word(view, "sheet_levels"),
        view.say("levels"),
        (intro,),
        (Column(view.say("unit"), width=40), *(_variable(view, v) for v in variables)) if variables else (),
        tuple(rows) if variables else (),
        (*legend, view.say("empty_cell"), *_scale_ends(view)),
    )


def _level(cell: figures.Cell) -> Value:
    return f"– {cell.text}" if cell.kind == "hidden" else _known(cell.value)


def _scale_ends(view: View) -> tuple[str, ...]:
    ends = [s for s in view.release.scales if math.isfinite(s.scale_low) and math.isfinite(s.scale_high)]
    written = [
        view.say(
            "scale_ends",
            name=view.label(s.construct),
            low=view.number(s.scale_low, decimals_of((s.scale_low,))),
            high=view.number(s.scale_high, decimals_of((s.scale_high,))),
        )
        for s in ends
    ]
    return (f"{joined(written, view.language)}.",) if written else ()


def _figures(view: View) -> Sheet:
    """Every shown figure in a row of its own; only the newest periods where there are too many."""
    release = view.release
    rank = {period: i for i, period in enumerate(release.periods)}
    columns = (
        Column(view.say("unit"), width=34),
        Column(_word(view, "unit_key"), width=18),
        Column(view.say("period"), width=16),
        Column(view.say("construct"), width=30),
        Column(_word(view, "value"), "figure", 4),
        Column(_word(view, "drawn"), "figure", 4),
        Column(_word(view, "low", share="95%"), "figure", 4),
        Column(_word(view, "high", share="95%"), "figure", 4),
        Column(view.say("n"), "count", 0),
        Column(_word(view, "reliability"), "figure", 2),
    )
    kept = _newest(release)
    scored: Iterable[tuple[Value, ...]] = (
        (
            view.name(s.unit), s.unit, view.period(s.period), view.label(s.construct), _known(s.mean),
            _known(s.shrunken), _known(s.shrunken_low), _known(s.shrunken_high), _known(s.n), _known(s.reliability),
        )
        for s in release.scores
        if s.period in kept
    )  # fmt: skip
    recorded: Iterable[tuple[Value, ...]] = (
        (view.name(r.unit), r.unit, view.period(r.period), view.label(r.measure), _known(r.value), *([None] * 5))
        for r in release.results
        if r.period in kept
    )
    left = [p for p in sorted(rank, key=lambda p: rank[p]) if p not in kept]
    cut = (_word(view, "figures_cut", first=view.period(left[0]), last=view.period(left[-1])),) if left else ()
    return Sheet(
        "figures",
        _word(view, "sheet_figures"),
        _word(view, "figures"),
        (_word(view, "figures_intro"), *cut),
        columns,
        (*scored, *recorded),
    )


def _newest(release: Release) -> frozenset[str]:
    """The periods, from the newest back, whose figures fit on one sheet; always the newest."""
    kept: set[str] = set()
    many = Counter(s.period for s in release.scores) + Counter(r.period for r in release.results)
    total = 0
    for period in reversed(release.periods):
        total += many[period]
        if kept and total > MOST_FIGURES:
            break
        kept.add(period)
    return frozenset(kept)


def _hidden(view: View) -> Sheet:
    """What is not shown, and why: a row per unit, rule and what is shown instead, so that it stays readable."""
    together: dict[tuple[str, Rule, str, str], list[str]] = {}
    for gone in view.release.suppressed:
        key = (gone.unit, gone.rule, gone.instead, gone.construct)
        together.setdefault(key, []).append(view.period(gone.period, short=True))
    columns = (
        Column(view.say("unit"), width=34),
        Column(view.say("construct"), width=30),
        Column(_word(view, "periods"), width=40),
        Column(_word(view, "why_hidden"), width=60),
        Column(_word(view, "instead"), width=30),
        Column(_word(view, "way"), width=80),
    )
    ways = view.release.ways
    rows = tuple(
        (
            view.name(unit),
            view.label(construct),
            ", ".join(periods),
            figures.rule_text(view, rule),
            view.name(instead) if instead else "",
            ways[rule].in_(view.language) if rule in ways else "",
        )
        for (unit, rule, instead, construct), periods in together.items()
    )
    intro = view.say("privacy_none")
    if rows:
        intro = view.say("privacy_count", n=view.number(len(view.release.suppressed), 0))
    return Sheet("hidden", _word(view, "sheet_hidden"), _word(view, "hidden"), (intro,), columns if rows else (), rows)


def _rules(view: View) -> Sheet:
    release = view.release
    columns = (
        Column(view.say("scale"), width=34),
        Column(view.say("comparable"), width=20),
        Column(view.say("items"), "count", 0),
        Column("alpha", "figure", 2),
        Column("omega", "figure", 2),
        Column("ICC(1)", "figure", 2),
        Column("ICC(2)", "figure", 2),
        Column(f"ICC(2): {_word(view, 'low', share='95%')}", "figure", 2),
        Column(f"ICC(2): {_word(view, 'high', share='95%')}", "figure", 2),
        Column("rwg(j)", "figure", 2),
    )
    rows = tuple(
        (
            view.label(s.construct),
            row.fit,
            float(s.n_items) if s.n_items else None,
            _known(s.alpha.estimate),
            _known(s.omega.estimate),
            _known(s.icc1.estimate),
            *_three(s.icc2),
            _known(s.rwg_j),
        )
        for s, row in zip(release.scales, figures.quality_rows(view), strict=True)
    )
    explained = ("alpha_explained", "icc1_explained", "icc2_explained", "rwg_explained") if rows else ()
    cautions = tuple(f"{view.say('note')}, {names}: {note}" for names, note in figures.scale_notes(view))
    plain = tuple(f"{m.name.in_(view.language)}: {m.plain.in_(view.language)}" for m in methods.METHODS)
    return Sheet(
        "rules",
        _word(view, "sheet_rules"),
        _word(view, "rules"),
        (
            view.say("privacy_k", k=release.k, k_comments=release.k_comments),
            view.say("privacy_complement"),
            *(note.in_(view.language) for note in release.notes),
        ),
        columns if rows else (),
        rows,
        (*(view.say(key) for key in explained), *cautions, *plain),
    )


def _standards(view: View) -> Sheet:
    columns = (
        Column(view.say("figure"), width=34),
        Column(_word(view, "standard"), width=22),
        Column(_word(view, "clause"), width=60),
        Column(_word(view, "fits"), width=70),
        Column(_word(view, "in_release"), width=18),
    )
    rows = tuple(
        (
            view.label(one.construct) if one.construct in view.release.constructs else one.name.in_(view.language),
            one.standard,
            one.place.in_(view.language),
            one.fit.in_(view.language),
            _word(view, "yes" if view.variables_of(one.construct) else "no"),
        )
        for one in standards.MAPPING
    )
    return Sheet(
        "standards",
        _word(view, "sheet_standards"),
        _word(view, "standards"),
        (_word(view, "standards_intro"),),
        columns,
        rows,
        tuple(line.in_(view.language) for line in standards.NOT_VERIFIED),
    )


def distinct(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Give columns heads that differ, as a table in Excel must have: two measures may have one label."""
    seen: dict[str, int] = {}
    out = []
    for column in columns:
        key = column.head.casefold()
        seen[key] = seen.get(key, 0) + 1
        head = column.head if seen[key] == 1 else f"{column.head} ({seen[key]})"
        out.append(Column(head, column.kind, column.decimals, column.width))
    return tuple(out)
