"""What the pages of the cockpit say, taken from a release: frozen records of text and drawings, nothing computed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core import numerals
from bevlogen.core.chain import CONSTRUCTS, FACETS, Language
from bevlogen.core.periods import in_words
from bevlogen.core.planned import Move
from bevlogen.core.results import Rule
from bevlogen.core.shown import Release, Suppressed
from bevlogen.show import evidence, export, figures, forewarned, pathdiagram
from bevlogen.show.answer import Answer, answer, moves_reason, reason_parts
from bevlogen.show.figure import sparkline, symmetric_reach, tag
from bevlogen.show.pathdiagram import Address
from bevlogen.show.terms import TERMS
from bevlogen.show.view import View, view_of
from bevlogen.show.wording import DESIGN_MEANINGS, DESIGNS, RULE_SIGNS, RULES, TEXTS, VERDICT_MEANINGS


@dataclass(frozen=True, slots=True)
class Overview:
    """The director's page; ``moves`` stand beside the keys of their units, in order."""

    answer: Answer
    diagram: Markup
    links: tuple[evidence.LinkRow, ...]
    stages: tuple[evidence.Stage, ...]
    moves: tuple[tuple[str, figures.MoveCard], ...]
    moves_reason: list[str]
    meanings: tuple[tuple[evidence.Sign, str], ...]
    smallest: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One construct of a unit: level, interval, course, and where it stands against the whole organisation.

    ``standing`` is ``good``, ``poor`` or "" where the difference is not clear; ``mark`` points up or down, and
    ``spoken`` says it in words. ``when`` says the period within a sentence.
    """

    key: str
    name: str
    value: str
    interval: str
    n: str
    period: str
    when: str
    change: str
    spark: Markup
    standing: str
    mark: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown of a unit, why, what can be done, and the group whose figure is shown instead ("" for none).

    ``similar`` is the mean of shown teams like it, as name, figure and number of teams; ``earlier`` the unit's own last
    figure that is shown, as name, figure and period.
    """

    names: tuple[str, ...]
    reason: str
    instead: str
    way: str
    similar: tuple[tuple[str, str, int], ...]
    earlier: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """The page of one unit."""

    name: str
    levels: tuple[Level, ...]
    moves: tuple[figures.MoveCard, ...]
    hidden: tuple[Hidden, ...]
    position: figures.PositionRow | None


def overview(release: Release, language: Language, address: Address) -> Overview:
    """Say the answer, draw the chain and name the first moves.

    Parameters
    ----------
    release : what may be shown; its root stands for the whole.
    language : of the reader.
    address : gives the page of a link from its cause and outcome.
    """
    view = view_of(release, language)
    return Overview(
        answer(view),
        pathdiagram.diagram(view, address),
        evidence.link_rows(view),
        evidence.stages(view),
        tuple(zip((m.unit for m in release.moves), figures.move_cards(view), strict=True)),
        reason_parts(moves_reason(view)),
        tuple((evidence.sign_of(view, v), meaning.in_(language)) for v, meaning in VERDICT_MEANINGS.items()),
        view.number(release.smallest_effect),
        tuple(note.in_(language) for note in release.notes),
    )


def exist(release: Release, language: Language) -> tuple[figures.ExistCard, ...]:
    """The right to exist: a card per figure."""
    return figures.exist_cards(view_of(release, language))


def warnings(release: Release, language: Language) -> tuple[forewarned.WarningCard, ...]:
    """Early warning: a card per outcome, those that are on first."""
    return forewarned.warning_cards(view_of(release, language))


def claims(release: Release, language: Language) -> tuple[evidence.ClaimEvidence, ...]:
    """Every claim with its evidence."""
    return evidence.claims(view_of(release, language))


def link(release: Release, cause: str, outcome: str, language: Language) -> evidence.LinkEvidence | None:
    """Everything known of one link of the picture; None where the release has no such link."""
    view = view_of(release, language)
    found = [v for v in release.picture if (v.estimate.link.cause, v.estimate.link.outcome) == (cause, outcome)]
    return evidence.link_evidence(view, found[0], "link") if found else None


def stored(release: Release) -> dict[str, export.Json]:
    """The release as plain JSON values, as ``bevlogen.reopen`` takes it."""
    return export.document(release)


def designs(language: Language) -> tuple[tuple[str, str], ...]:
    """The ways to look at a link, each with what it asks."""
    return tuple((DESIGNS[design].in_(language), text.in_(language)) for design, text in DESIGN_MEANINGS.items())


def words(language: Language) -> dict[str, str]:
    """Every fixed text of the report by key, for pages that say the same."""
    return {key: text.in_(language) for key, text in TEXTS.items()}


def names(release: Release, language: Language) -> dict[str, str]:
    """Name on screen of every construct, facet and measure of a release."""
    return {key: construct.label.in_(language) for key, construct in release.constructs.items()}


def team(release: Release, unit: str, language: Language) -> Team:
    """Say how one unit stands: levels, what to work on, and what is hidden.

    Parameters
    ----------
    release : with the unit, and the root it is compared with.
    unit : its key; it must be among the units.
    language : of the reader.
    """
    view = view_of(release, language)
    order = {key: place for place, key in enumerate((*CONSTRUCTS, *FACETS))}
    known = [v for v in release.constructs if view.latest(unit, v) is not None]
    variables = sorted(known, key=lambda v: order.get(v, len(order)))
    moves = tuple(m for m in release.moves if m.unit == unit)
    rows = [row for p, row in zip(_ordered(release), figures.position_rows(view), strict=True) if p == unit]
    return Team(
        view.name(unit),
        tuple(_level(view, unit, v) for v in variables),
        _cards(view, moves),
        _hidden(view, unit),
        rows[0] if rows else None,
    )


def _ordered(release: Release) -> list[str]:
    """Keys of the positions in the order of ``position_rows``."""
    found = sorted(
        release.positions, key=lambda p: -p.service.estimate if math.isfinite(p.service.estimate) else math.inf
    )
    return [p.unit for p in found]


def _cards(view: View, moves: tuple[Move, ...]) -> tuple[figures.MoveCard, ...]:
    gains = [v for m in moves for v in (m.gain.estimate, m.gain.high)]
    reach = symmetric_reach(gains, 3 * view.release.smallest_effect, 3.0)
    return tuple(figures.move_card(view, move, reach, f"team-gain-{i}") for i, move in enumerate(moves))


def _level(view: View, unit: str, variable: str) -> Level:
    period, value = view.latest(unit, variable) or ("", math.nan)
    score = view.scores.get((unit, variable), {}).get(period)
    interval = n = ""
    standing, mark, spoken = "", "", ""
    if score is not None:
        if math.isfinite(score.shrunken_low):
            interval = view.span(score.shrunken_low, score.shrunken_high, view.decimals[variable], signed=False)
        n = view.number(score.n, 0) if math.isfinite(score.n) else ""
        kind, spoken = figures.against_whole(view, unit, variable, period)
        standing = kind.split()[-1] if spoken else ""
        mark = figures.mark(kind)
    spark = sparkline(view.series(unit, variable)[-12:], 70, 22)
    drawn = tag("svg", spark, viewBox="0 0 70 22", width=70, height=22, aria_hidden="true", class_="sparkline")
    written = f"{view.figure(variable, value)} {view.unit_of(variable)}".strip()
    change = view.change(unit, variable)
    return Level(
        variable,
        view.label(variable),
        written,
        interval,
        n,
        view.period(period),
        period_in_words(period, view.language),
        f"{change} {view.change_in(variable)}".strip() if change else "",
        drawn if spark else Markup(""),
        standing,
        mark,
        spoken,
    )


def _hidden(view: View, unit: str) -> tuple[Hidden, ...]:
    """What is hidden in the last period, together by rule and by what is shown instead."""
    last: dict[str, Suppressed] = {}
    rank = {period: i for i, period in enumerate(view.release.periods)}
    for gone in sorted(view.release.suppressed, key=lambda s: rank.get(s.period, -1)):
        if gone.unit == unit:
            last[gone.construct] = gone
    together: dict[tuple[Rule, str], list[Suppressed]] = {}
    for variable, gone in last.items():
        shown = view.latest(unit, variable)
        if shown is None or rank.get(shown[0], -1) < rank.get(gone.period, -1):
            together.setdefault((gone.rule, gone.instead), []).append(gone)
    return tuple(_together(view, rule, instead, found) for (rule, instead), found in together.items())


def _together(view: View, rule: Rule, instead: str, found: list[Suppressed]) -> Hidden:
    way = view.release.ways.get(rule)
    similar = [
        (view.label(gone.construct), figure(gone.similar, view.language), gone.similar_units)
        for gone in found
        if math.isfinite(gone.similar)
    ]
    shown = [(gone.construct, view.latest(gone.unit, gone.construct)) for gone in found]
    return Hidden(
        tuple(view.label(gone.construct) for gone in found),
        figures.rule_text(view, rule),
        instead,
        "" if way is None else way.in_(view.language),
        tuple(similar),
        tuple(
            (view.label(key), view.figure(key, one[1]), view.period(one[0])) for key, one in shown if one is not None
        ),
    )


def period(label: str, language: Language) -> str:
    """A period for a table or a choice: Q4 2024."""
    return numerals.period(label, language)


def period_in_words(label: str, language: Language) -> str:
    """A period within a sentence: the fourth quarter of 2024."""
    return in_words(label).in_(language)


def figure(value: float, language: Language, *, share: bool = False) -> str:
    """A figure with three significant digits at most; a share as a percentage."""
    if share:
        return numerals.percent(value, language, 1 if abs(value) < 0.1 else 0)
    size = math.floor(math.log10(abs(value))) if value else 0
    least = max(1, numerals.decimals_of((value,)))  # no zeros that look like precision
    return numerals.number(value, language, min(max(0, 2 - size), least))


def effect(value: float | None, language: Language, decimals: int = 2) -> str:
    """An effect or place in SD, with its sign; a dash where it is not known."""
    return numerals.number(math.nan if value is None else value, language, decimals, signed=True)


def number(value: float | None, language: Language, decimals: int | None = None) -> str:
    """A number with the decimals that it has, or with so many; a dash where it is not known."""
    if value is None:
        return numerals.UNKNOWN
    return numerals.plain(value, language) if decimals is None else numerals.number(value, language, decimals)


def span(low: float | None, high: float | None, language: Language) -> str:
    """An interval in SD; a dash where it is not known."""
    return numerals.span(math.nan if low is None else low, math.nan if high is None else high, language)


def rules(k: int, language: Language) -> dict[str, tuple[str, str]]:
    """Why a figure is hidden: sign and words, by key of the rule."""
    return {key: (RULE_SIGNS[key], text.in_(language).format(k=k)) for key, text in RULES.items()}


def positions(release: Release, language: Language) -> tuple[figures.PositionRow, ...]:
    """The places of units on the map, as text."""
    return figures.position_rows(view_of(release, language))


def terms(language: Language) -> tuple[tuple[str, str], ...]:
    """Every word that the pages use, each explained in two lines, in the order of the chain."""
    return tuple((word.in_(language), text.in_(language)) for word, text in TERMS)
