"""One release as the parts of a document, from the same functions as the page on screen.

Every text is what that page says; no figure is made here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core.chain import Language
from bevlogen.core.shown import Release
from bevlogen.show import evidence, figures, forewarned, methods, pathdiagram, unitmap
from bevlogen.show.answer import Answer, Count, answer, moves_reason, reason_of, reason_parts
from bevlogen.show.bookwords import word
from bevlogen.show.charts import line_chart
from bevlogen.show.view import View, period_sentence, view_of
from bevlogen.show.wording import VERDICTS, joined

MOST_UNITS = 400  # on paper


_NOTHING_SAID = Answer((), "", "", (), ())


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as the screen writes it; ``reason`` says why a figure is hidden, ``mark`` where it stands."""

    text: str
    reason: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, its head and its rows; ``numeric`` are the columns that hold figures."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with what it shows in words, and a caption if one part has several."""

    drawing: Markup
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: heading, paragraphs, pictures and tables, and what stands below them."""

    key: str
    title: str
    intro: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A whole document."""

    language: Language
    kind: str
    title: str
    facts: str
    simulated: str
    note: str
    sentences: tuple[str, ...]
    needed: str
    caution: str
    counts: tuple[Count, ...]
    parts: tuple[Part, ...]
    footer: str
    source: str


def board(release: Release, language: Language) -> Book:
    """Make the document for the board.

    Parameters
    ----------
    release : what may be shown.
    language : of the reader.
    """
    view = view_of(release, language)
    said = answer(view)
    n = sum(unit.key != release.root for unit in release.units)
    facts = f"{period_sentence(view)} · {view.say('units_counted', n=view.number(n, 0))}"
    parts = (
        _moves(view),
        _chain(view),
        _map(view),
        _exist(view),
        _claims(view),
        *_levels(view),
        _quality(view),
        _methods(view),
    )
    return book_of(view, view.say("title"), release.title, facts, parts, said)


def _kept(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.intro or part.tables or part.pictures)


def book_of(view: View, kind: str, title: str, facts: str, parts: Sequence[Part], said: Answer = _NOTHING_SAID) -> Book:
    """Make a document of its parts; those without content are left out."""
    release = view.release
    return Book(
        language=view.language,
        kind=kind,
        title=title,
        facts=facts,
        simulated=f"{view.say('simulated')}. {view.say('simulated_long')}" if release.simulated else "",
        note="" if release.simulated else release.note,
        sentences=said.sentences,
        needed=said.needed,
        caution=said.caution,
        counts=said.counts,
        parts=_kept(parts),
        footer=view.say("footer"),
        source=f"Bevlogen {release.provenance.version} · {release.provenance.fingerprint[:12]}",
    )


def _table(name: str, head: Sequence[str], rows: Sequence[Sequence[str | Cell]], numeric: Sequence[int]) -> Table:
    """Put texts in cells."""
    filled = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    return Table(name, tuple(head), filled, frozenset(numeric))


def _moves(view: View) -> Part:
    cards = figures.move_cards(view)
    reasons = tuple(reason_parts(moves_reason(view)))
    if not cards:
        return Part("moves", view.say("moves"), reasons or (view.say("moves_none"),))
    rows = [
        (str(i), c.unit, c.lever, f"{c.level} → {c.target}", c.outcome, c.gain, c.span, c.chance, c.design)
        for i, c in enumerate(cards, start=1)
    ]
    head = ("#", view.say("unit"), word("lever", view.language), view.say("from_to"), word("gain_for", view.language),
            word("gain", view.language), word("interval90", view.language), view.say("chance"),
            view.say("rests_on"))  # fmt: skip

    certainty = view.release.certainty
    sure = () if math.isnan(certainty) else (view.say("moves_certainty", chance=view.chance(certainty)),)
    return Part(
        "moves",
        view.say("moves"),
        (word("moves_intro", view.language),),
        tables=(_table(view.say("moves"), head, rows, (5, 7)),),
        remarks=(*sure, *reasons, view.say("moves_caution")),
    )


def _chain(view: View) -> Part:
    links = evidence.link_rows(view)
    rows = [
        (r.cause, r.outcome, r.strength or "–", r.interval or "–", r.design, r.sign.word if r.sign else "–", r.reason)
        for r in links
    ]
    head = (word("cause", view.language), word("outcome", view.language), view.say("strength"), view.say("interval95"),
            view.say("design"), view.say("verdict"), view.say("reason"))  # fmt: skip

    absent = evidence.absent_constructs(view)
    return Part(
        "chain",
        view.say("chain"),
        (view.say("chain_intro"),),
        pictures=(Picture(pathdiagram.diagram(view), _chain_alt(view, links)),),
        tables=(_table(view.say("chain"), head, rows, (2,)),),
        remarks=(
            view.say("sd_explained", smallest=view.number(view.release.smallest_effect)),
            *((view.say("without_data", names=joined(absent, view.language)),) if absent else ()),
        ),
        wide=True,
    )


def _chain_alt(view: View, links: Sequence[evidence.LinkRow]) -> str:
    told = [f"{r.cause} → {r.outcome}: {r.strength} ({r.sign.word})" for r in links if r.sign is not None]
    return f"{view.say('chain_description')} {'; '.join(told)}."


def _map(view: View) -> Part:
    placed = unitmap.placed(view)
    if not placed:
        return Part(
            "map", view.say("map"), (view.say("map_none", k=view.release.k),), remarks=figures.off_the_map(view)
        )
    rows = [
        (r.unit, r.employership, r.employership_span, r.service, r.service_span, r.trend_employership,
         r.trend_service, r.n)
        for r in figures.position_rows(view)
    ]  # fmt: skip
    head = (view.say("unit"), view.say("employership"), view.say("interval95"), view.say("service"),
            view.say("interval95"), view.say("trend_employership"), view.say("trend_service"),
            view.say("n"))  # fmt: skip

    corners = tuple(f"{name}: {units}." for name, units in figures.clear_corners(view))
    alt = f"{view.say('map_description', n=len(placed))} {' '.join(corners)}".strip()
    shown = rows if len(rows) <= MOST_UNITS else rows[:MOST_UNITS]
    return Part(
        "map",
        view.say("map"),
        (view.say("map_intro"), view.say("map_whiskers") if figures.has_intervals(view) else view.say("map_inexact")),
        pictures=(Picture(unitmap.unit_map(view, unitmap.WIDE), alt),),
        tables=(_table(view.say("map"), head, shown, (1, 3, 7)),),
        remarks=(*corners, *figures.off_the_map(view)),
    )


def _exist(view: View) -> Part:
    cards = figures.exist_cards(view)
    absent = figures.exist_absent(view)
    if not cards:
        return Part("exist", view.say("exist"), (view.say("exist_none"),))
    rows = [
        (c.name, f"{c.latest} {c.unit}".strip() or "–", c.period or view.say("exist_hidden"), c.change,
         view.say("better_lower") if c.lower_is_better else "")
        for c in cards
    ]  # fmt: skip
    head = (view.say("figure"), view.say("latest"), view.say("period"), view.say("year_change"), "")
    return Part(
        "exist",
        view.say("exist"),
        (view.say("exist_intro"),),
        pictures=tuple(_course_picture(view, c, i) for i, c in enumerate(cards) if c.chart),
        tables=(_table(view.say("exist"), head, rows, (1,)), *_branches(view, cards), *_warned(view)),
        remarks=(
            *((view.say("exist_absent", names=joined(absent, view.language)),) if absent else ()),
            *(f"{view.say('forewarned')}: {c.name}. {c.reason}" for c in forewarned.warning_cards(view)),
        ),
    )


def _warned(view: View) -> tuple[Table, ...]:
    """The units that early warning warns of, a table per outcome."""
    head = (view.say("unit"), view.say("forewarned_signs"))
    return tuple(
        _table(
            f"{view.say('forewarned')}: {card.name}, {card.period}",
            head,
            [(name, signals or "–") for _, name, signals in card.rows],
            (),
        )
        for card in forewarned.warning_cards(view)
        if card.rows
    )


def _course_picture(view: View, card: figures.ExistCard, index: int) -> Picture:
    course = "; ".join(f"{period}: {value}" for period, value in card.course)
    variable = [v for key in ("retention", "acquisition", "return", "use") for v in view.variables_of(key)][index]
    return Picture(line_chart(view, variable, f"book-{index}"), f"{card.name}. {course}.", card.name)


def _branches(view: View, cards: Sequence[figures.ExistCard]) -> tuple[Table, ...]:
    """The latest figure of each part of the organisation, a column per figure."""
    names = list(dict.fromkeys(row.name for card in cards for row in card.branches))
    if not names:
        return ()
    found = [{row.name: row.latest for row in card.branches} for card in cards]
    rows = [(name, *(of.get(name, "") for of in found)) for name in names]
    return (_table(word("by_branch", view.language), (view.say("unit"), *(c.name for c in cards)), rows,
                  range(1, len(cards) + 1)),)  # fmt: skip


def _claims(view: View) -> Part:
    rows = [
        (c.claim.text.in_(view.language), VERDICTS[c.verdict].in_(view.language), reason_of(view, c))
        for c in view.release.claims
    ]
    if not rows:
        return Part("claims", view.say("claims"), (view.say("claims_none"),))
    head = (word("claim", view.language), view.say("verdict"), view.say("reason"))
    return Part("claims", view.say("claims"), (),
                tables=(_table(view.say("claims"), head, rows, ()),))  # fmt: skip


def _levels(view: View) -> tuple[Part, ...]:
    columns = figures.level_columns(view)
    if not (columns and view.release.units):
        return (Part("levels", view.say("levels"), (view.say("levels_none"),)),)
    tables = tuple(_level_table(view, one, columns) for one in figures.level_tables(view, columns))
    legend = tuple(f"– {sign}: {text}." for sign, text in figures.rules_in_force(view))
    intro = f"{view.say('levels_intro', period=view.period(view.release.periods[-1]))} {view.say('n_below')}"
    return (Part("levels", view.say("levels"), (intro,), tables=tables,
                 remarks=(*legend, view.say("empty_cell")), wide=True),)  # fmt: skip


def _level_table(view: View, levels: figures.LevelTable, columns: list[str]) -> Table:
    rows: list[list[str | Cell]] = [
        [f"{'  ' * row.depth}{row.name}", *(_level_cell(cell) for cell in row.cells)] for row in levels.rows
    ]
    head = (view.say("unit"), *(view.label(column) for column in columns))
    return _table(levels.title or view.say("levels_caption"), head, rows, range(1, len(head)))


def _level_cell(cell: figures.Cell) -> Cell:
    if cell.kind == "hidden":
        return Cell(f"– {cell.text}", cell.spoken)
    return Cell(cell.text, mark=f"{figures.mark(cell.kind)} {cell.n}".strip())


def _quality(view: View) -> Part:
    rows = [
        (q.name, q.fit, q.items, q.alpha, q.omega, q.icc1, q.icc2, q.icc2_span, q.rwg_j)
        for q in figures.quality_rows(view)
    ]
    if not rows:
        return Part("quality", view.say("quality"), (view.say("quality_none"),))
    head = (view.say("scale"), view.say("comparable"), view.say("items"), "alpha", "omega", "ICC(1)", "ICC(2)",
            f"ICC(2), {view.say('interval95')}", "rwg(j)")  # fmt: skip
    explained = ("alpha_explained", "icc1_explained", "icc2_explained", "rwg_explained")
    cautions = tuple(f"{view.say('note')}, {names}: {note}" for names, note in figures.scale_notes(view))
    return Part("quality", view.say("quality"), (view.say("quality_intro"),),
                tables=(_table(view.say("quality"), head, rows, (2, 3, 4, 5, 6, 8)),),
                remarks=(*(view.say(key) for key in explained), *cautions))  # fmt: skip


def _methods(view: View) -> Part:
    release = view.release
    rows = [(m.name.in_(view.language), m.plain.in_(view.language), m.source or "–") for m in methods.METHODS]
    hidden = (
        view.say("privacy_count", n=view.number(len(release.suppressed), 0))
        if release.suppressed
        else view.say("privacy_none")
    )
    privacy = f"{view.say('privacy_k', k=release.k, k_comments=release.k_comments)} {view.say('privacy_complement')}"
    head = (word("method", view.language), word("does", view.language), view.say("source"))
    return Part(
        "methods",
        view.say("methods"),
        (privacy, hidden),
        tables=(_table(view.say("methods"), head, rows, ()),),
        remarks=(*(line.in_(view.language) for line in methods.NOT_DONE),
                 *(note.in_(view.language) for note in release.notes)),
    )  # fmt: skip
