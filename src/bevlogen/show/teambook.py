"""What the page of one unit says as a document to take to the team meeting: nothing of any other unit is in it."""

from __future__ import annotations

from collections.abc import Sequence

from bevlogen.core.chain import Language
from bevlogen.core.shown import Release
from bevlogen.show.book import Book, Cell, Part, Table, book_of
from bevlogen.show.bookwords import word
from bevlogen.show.pages import Level, Team
from bevlogen.show.pages import team as page_of
from bevlogen.show.said import said_rows
from bevlogen.show.view import View, view_of

MOST_MOVES = 2
MOST_VOICES = 6
_ROOM = "\n\n\n"  # to write in


def team(
    release: Release, unit: str, language: Language, *, questions: Sequence[str] = (), changes: Sequence[str] = ()
) -> Book:
    """Make the document of one unit.

    Parameters
    ----------
    release : with the unit, and the root that it is compared with.
    unit : its key; it must be among the units.
    language : of the reader.
    questions : of the conversation guide, in order.
    changes : what moved more than chance, as sentences.
    """
    view = view_of(release, language)
    page = page_of(release, unit, language)
    whole = view.name(release.root)
    parts = (
        _strong(view, page, whole),
        _work(view, page),
        Part("changes", word("team_changes", language), tuple(changes)),
        _levels(view, page, whole),
        _said(view, unit),
        _guide(language, questions),
        _hidden(view, page),
        Part("rules", word("slide_rules", language),
             (view.say("privacy_k", k=release.k, k_comments=release.k_comments), view.say("privacy_complement"))),
    )  # fmt: skip
    return book_of(view, word("team_kind", language, name=release.title), page.name, "", parts)


def _strong(view: View, page: Team, whole: str) -> Part:
    strong = [level for level in page.levels if level.standing == "good"]
    told = tuple(
        word("team_better", view.language, name=_opened(level.name), value=level.value, whole=whole) for level in strong
    )
    none = word("team_none_better", view.language) if page.levels else word("team_nothing", view.language)
    return Part("strong", word("team_strong", view.language), told or (none,))


def _work(view: View, page: Team) -> Part:
    weak = [level for level in page.levels if level.standing == "poor"][:MOST_MOVES]
    moves = page.moves[:MOST_MOVES]
    told = tuple(
        word("team_move", view.language, lever=_opened(m.lever), level=m.level, target=m.target, basis=m.basis,
             outcome=m.outcome, gain=m.gain, span=m.span, chance=m.chance)
        for m in moves
    )  # fmt: skip
    if not told and weak:
        told = (word("team_weak", view.language), *(f"{_opened(one.name)}: {one.value}" for one in weak))
    remarks = (view.say("moves_caution"),) if moves else ()
    return Part("work", word("team_work", view.language), told or (word("team_no_move", view.language),),
                remarks=remarks)  # fmt: skip


def _levels(view: View, page: Team, whole: str) -> Part:
    if not page.levels:
        return Part("levels", "")
    head = (view.say("construct"), view.say("level"), view.say("period"), view.say("year_change"),
            word("team_against", view.language, whole=whole), view.say("interval95"), view.say("n"))  # fmt: skip
    rows = tuple(tuple(Cell(text) for text in _level(view, level)) for level in page.levels)
    title = word("team_levels", view.language)
    return Part("levels", title, tables=(Table(title, head, rows, frozenset({1, 3, 5, 6})),),
                remarks=(view.say("interval_drawn"),))  # fmt: skip


def _level(view: View, level: Level) -> tuple[str, ...]:
    none = word("team_no_difference", view.language) if level.interval else "–"
    against = f"{level.mark} {level.spoken}" if level.standing else none
    return (level.name, level.value, level.period, level.change or "–", against, level.interval or "–",
            level.n or "–")  # fmt: skip


def _said(view: View, unit: str) -> Part:
    """Themes of what people of this unit wrote, newest first; the comments themselves are on no paper."""
    told = [f"{one.question}: {one.words}" for one in said_rows(view) if one.key == unit]
    remarks = (word("team_said_how", view.language, k=view.release.k_comments),)
    return Part("said", word("team_said", view.language) if told else "", tuple(told[:MOST_VOICES]),
                remarks=remarks if told else ())  # fmt: skip


def _guide(language: Language, questions: Sequence[str]) -> Part:
    if not questions:
        return Part("guide", "")
    title = word("team_guide", language)
    rows = tuple((Cell(str(i)), Cell(f"{question}{_ROOM}")) for i, question in enumerate(questions, start=1))
    head = ("#", word("team_question", language))
    return Part("guide", title, (word("team_guide_intro", language),),
                tables=(Table(title, head, rows, frozenset()),))  # fmt: skip


def _hidden(view: View, page: Team) -> Part:
    told = []
    for one in page.hidden:
        instead = f" {word('team_instead', view.language, name=view.name(one.instead))}" if one.instead else ""
        told.append(f"{', '.join(one.names)}: {one.reason}.{instead} {one.way}".strip())
        if one.similar:
            means = "; ".join(f"{name} {value}" for name, value, _ in one.similar)
            told.append(word("team_similar", view.language, means=means))
        if one.earlier:
            figures = "; ".join(f"{name} {value} ({period})" for name, value, period in one.earlier)
            told.append(word("team_earlier", view.language, figures=figures))
    nobody = (word("team_nobody", view.language),) if told else ()
    return Part("hidden", word("hidden", view.language), tuple(told) or (word("team_all_shown", view.language),),
                remarks=nobody)  # fmt: skip


def _opened(text: str) -> str:
    return text[:1].upper() + text[1:]
