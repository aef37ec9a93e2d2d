"""The form a respondent fills in, a page at a time: which questions, what may be answered, and what is kept.

No answer is ever required: who skips a question says nothing. Answers are ``{key: value}`` with a whole number for a
scale, the key of an option for a choice, and a text for an open question; skipped questions are not in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

import bevlogen as bv
from bevlogen_web.instruments.definition import LANGUAGES, Definition, questions

Value = int | str
Answers = Mapping[str, Value]

LONGEST_TEXT = 2000
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. ``value`` is what the form sends, ``text`` its words ("" for a bare number)."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as one respondent sees it, for ``instruments/parts/<kind>.html``.

    ``ends`` are the words at both ends of a scale that only has those; ``value`` the answer so far, as text; ``seen``
    what the form sends back to say that its writer has read the note at these very words.
    """

    key: str
    kind: str
    text: str
    options: tuple[Option, ...] = ()
    ends: tuple[str, str] | None = None
    value: str = ""
    error: str = ""
    seen: str = ""

    @property
    def template(self) -> str:
        """The partial that draws this question."""
        return f"instruments/parts/{self.kind}.html"


@dataclass(frozen=True, slots=True)
class Scale:
    """The questions that together measure one construct, as an instrument of the library's workspace wants them."""

    construct: str
    items: tuple[str, ...]
    reverse: frozenset[str]
    low: int
    high: int
    min_answered: int


def current_language() -> str:
    """Language of survey texts for who is asking now: ``nl`` or ``en``."""
    return (get_language() or "en")[:2]


def said(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """Give a text in a language (that of the page by default), or in the other one where it has none."""
    wanted = language or current_language()
    found = [(texts or {}).get(code, "").strip() for code in (wanted, *LANGUAGES)]
    return next((text for text in found if text), "")


def questions_of(
    definition: Definition,
    page: int,
    answers: Answers,
    *,
    language: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[Question]:
    """Give the questions of a page that this respondent is asked, in order.

    Parameters
    ----------
    definition
        Of the version.
    page
        Number of the page, from 0.
    answers
        Everything answered so far; decides by the rules which questions are shown.
    language
        ``nl`` or ``en``; that of the page by default.
    errors
        By key, what was wrong with an answer just given.
    """
    return [
        _question(question, answers.get(question["key"]), language, (errors or {}).get(question["key"], ""))
        for question in definition["pages"][page]["questions"]
        if _shown(question, answers)
    ]


def clean(
    definition: Definition, page: int, data: Mapping[str, str], answers: Answers | None = None
) -> tuple[dict[str, Value], dict[str, str]]:
    """Take what the form of a page sent.

    Parameters
    ----------
    definition, page
        Which page, from 0.
    data
        What was sent: by key of the question a text. Other keys are left alone.
    answers
        Answers of earlier pages, which decide by the rules what this page asks.

    Returns
    -------
    tuple
        The answers of this page, and by key what was wrong. A wrong answer is not among the answers. Words that could
        tell of a person are in both, until the same words are sent a second time.
    """
    taken: dict[str, Value] = {}
    errors: dict[str, str] = {}
    for question in definition["pages"][page]["questions"]:
        sent = data.get(question["key"], "")
        if not sent.strip() or not _shown(question, answers or {}):
            continue
        value = _taken(question, sent)
        if value is None:
            errors[question["key"]] = _wrong(question)
        elif value != "":
            taken[question["key"]] = value
            note = _note(question, str(value), data)
            if note:
                errors[question["key"]] = note
    return taken, errors


def next_page(definition: Definition, page: int, answers: Answers) -> int | None:
    """Give the next page with a question for this respondent, or None after the last. Before the first: page -1."""
    later = range(page + 1, len(definition["pages"]))
    return next((number for number in later if questions_of(definition, number, answers)), None)


def previous_page(definition: Definition, page: int, answers: Answers) -> int | None:
    """Give the page before with a question for this respondent, or None on the first."""
    return next((number for number in reversed(range(page)) if questions_of(definition, number, answers)), None)


def settled(definition: Definition, answers: Answers) -> dict[str, Value]:
    """Give the answers to keep: those to questions of this definition that the other answers still lead to."""
    kept: dict[str, Value] = {}
    for _number, question in questions(definition):  # in order, so that a rule sees only answers that are kept
        value = answers.get(question["key"])
        if value is not None and _shown(question, kept) and _taken(question, str(value)) == value:
            kept[question["key"]] = value
    return kept


def scales(definition: Definition) -> list[Scale]:
    """Give what a definition measures: per construct the questions that make its score.

    A score needs ``min_answered`` of the definition, or more than half of the questions. Of a construct that is asked
    on two scales only the one with most questions counts, the first of equals.
    """
    by: dict[str, dict[tuple[int, int], list[Mapping[str, Any]]]] = {}
    for _number, question in questions(definition):
        if question["kind"] == "scale" and question.get("construct"):
            ends = (question["low"], question["high"])
            by.setdefault(question["construct"], {}).setdefault(ends, []).append(question)
    least = definition.get("min_answered", {})
    found = []
    for construct, asked in by.items():
        (low, high), items = max(asked.items(), key=lambda one: len(one[1]))
        keys = tuple(question["key"] for question in items)
        reverse = frozenset(question["key"] for question in items if question.get("reverse"))
        needed = min(least.get(construct, len(items) // 2 + 1), len(items))
        found.append(Scale(construct, keys, reverse, low, high, needed))
    return found


def open_keys(definition: Definition) -> list[str]:
    """Give the keys of the open questions, whose answers are comments and no ratings."""
    return [question["key"] for _number, question in questions(definition) if question["kind"] == "open"]


def _shown(question: Mapping[str, Any], answers: Answers) -> bool:
    rule = question.get("show_if")
    if not rule:
        return True
    given, wanted = answers.get(rule["key"]), rule["value"]
    if given is None:
        return False
    if rule["op"] in ("eq", "ne"):
        return bool((given == wanted) == (rule["op"] == "eq"))
    if isinstance(given, str) or isinstance(wanted, str):
        return False
    return bool(given <= wanted) if rule["op"] == "le" else bool(given >= wanted)


def _taken(question: Mapping[str, Any], sent: str) -> Value | None:
    if question["kind"] == "open":
        lines = sent.replace("\r\n", "\n").replace("\r", "\n")
        return _CONTROLS.sub("", lines).strip()[:LONGEST_TEXT]
    if question["kind"] == "choice":
        return sent if sent in [option["key"] for option in question["options"]] else None
    points = {str(point): point for point in range(question["low"], question["high"] + 1)}
    return points.get(sent)


def _wrong(question: Mapping[str, Any]) -> str:
    if question["kind"] == "scale":
        return _("Choose a number from %(low)s to %(high)s.") % {"low": question["low"], "high": question["high"]}
    return _("Choose one of the answers.")


def _note(question: Mapping[str, Any], text: str, data: Mapping[str, str]) -> str:
    """Say what in somebody's own words could tell of a person; "" if nothing does, or if this was said before."""
    if question["kind"] != "open" or data.get(f"seen.{question['key']}") == _mark(text):
        return ""
    found = [f"“{text[flag.start : flag.end]}”" for flag in bv.comments.flags(text)]
    if not found:
        return ""
    words = ", ".join(dict.fromkeys(found))
    return _(
        "This could tell who you are, or who somebody else is: %(words)s. Take it out, or send your words once more to "
        "leave them as they are."
    ) % {"words": words}


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _question(question: Mapping[str, Any], value: Value | None, language: str | None, error: str) -> Question:
    given = "" if value is None else str(value)
    key, kind, text = question["key"], question["kind"], said(question["text"], language)
    if kind == "open":
        return Question(key, kind, text, value=given, error=error, seen=_mark(given) if error else "")
    if kind == "choice":
        options = tuple(
            Option(option["key"], said(option["text"], language), option["key"] == given)
            for option in question["options"]
        )
        return Question(key, kind, text, options, value=given, error=error)
    points = [str(point) for point in range(question["low"], question["high"] + 1)]
    words = _words(question["ends"], language)
    if len(words) == len(points) > 2:
        options = tuple(Option(point, word, point == given) for point, word in zip(points, words, strict=True))
        return Question(key, kind, text, options, value=given, error=error)
    options = tuple(Option(point, "", point == given) for point in points)
    return Question(key, kind, text, options, (words[0], words[-1]), given, error)


def _words(ends: Mapping[str, list[str]], language: str | None) -> list[str]:
    wanted = language or current_language()
    return next((ends[code] for code in (wanted, *LANGUAGES) if all(ends.get(code) or [""])), ["", ""])
