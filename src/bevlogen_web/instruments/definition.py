"""What a version holds, as JSON, and what must be true of it before anyone is asked.

A definition is ``{"title": {"nl", "en"}, "intro": {...}, "pages": [{"title"?: {...}, "questions": [...]}]}`` with
``"min_answered"?: {construct: n}``. A question is ``{"key", "kind": "scale"|"choice"|"open", "text": {...}}`` with, for
a scale, ``low``, ``high``, ``ends`` (per language the words at both ends, or one for each point), ``construct`` and
``reverse``; for a choice ``options`` (``[{"key", "text": {...}}]``); and ``show_if`` (``{"key", "op", "value"}``), a
rule on a question of an earlier page. All texts are per language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Definition = Mapping[str, Any]

LANGUAGES = ("nl", "en")
KINDS = ("scale", "choice", "open")
OPS = ("eq", "ne", "le", "ge")
LARGEST_SCALE = 11
MOST_QUESTIONS = 100
MOST_OPTIONS = 20
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What stands in the way of asking: the key of the question ("" for the whole) and what to do."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A text that is missing in one language: the question ("" for the whole) and which of its texts."""

    question: str
    what: str


def questions(definition: Definition) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give every question with the number of its page, in order, whatever the routing."""
    for number, page in enumerate(definition["pages"]):
        for question in page["questions"]:
            yield number, question


def gaps(definition: Definition, language: str) -> list[Gap]:
    """Give the texts that have none in a language."""
    found = [] if _said(definition["title"], language) else [Gap("", _("title"))]
    if _begun(definition.get("intro")) and not _said(definition["intro"], language):
        found.append(Gap("", _("introduction")))
    for page in definition["pages"]:
        if _begun(page.get("title")) and not _said(page["title"], language):
            found.append(Gap("", _("title of a page")))
        for question in page["questions"]:
            found += [Gap(question["key"], what) for what in _missing(question, language)]
    return found


def languages(definition: Definition) -> list[str]:
    """Give the languages in which all of it can be asked."""
    return [language for language in LANGUAGES if not gaps(definition, language)]


def flaws(definition: Definition) -> list[Flaw]:
    """Give everything that stands in the way of publishing a well-formed definition."""
    found = []
    asked: dict[str, int] = {}
    every = list(questions(definition))
    if not every:
        found.append(Flaw("", _("There are no questions yet. Add one.")))
    if len(every) > MOST_QUESTIONS:
        found.append(Flaw("", _("There are more than 100 questions. Nobody answers so many; remove some.")))
    if every and not languages(definition):
        found.append(Flaw("", _("No language is complete. Fill in the missing texts of one language at least.")))
    pages = {question["key"]: number for number, question in every}
    for number, question in every:
        key = question["key"]
        if key in asked:
            found.append(Flaw(key, _("This key stands here twice. Give each question its own.")))
        asked[key] = number
        found += _flaws_of(question, number, pages, definition)
    return found


def _flaws_of(question: Mapping[str, Any], number: int, pages: Mapping[str, int], definition: Definition) -> list[Flaw]:
    key = question["key"]
    found = []
    if not _KEY.fullmatch(key):
        found.append(Flaw(key, _("A key has small letters, digits and underscores, and begins with a letter.")))
    if question["kind"] == "scale" and not 1 <= question["high"] - question["low"] < LARGEST_SCALE:
        found.append(Flaw(key, _("A scale has 2 to 11 points.")))
    if question["kind"] == "choice":
        keys = [option["key"] for option in question["options"]]
        if not 2 <= len(keys) <= MOST_OPTIONS or len(set(keys)) < len(keys):
            found.append(Flaw(key, _("A choice has 2 to 20 different options.")))
    rule = question.get("show_if")
    if rule and pages.get(rule["key"], number) >= number:
        found.append(Flaw(key, _("Its rule needs a question of an earlier page.")))
    elif rule and not _can_hold(rule, next(q for _n, q in questions(definition) if q["key"] == rule["key"])):
        found.append(Flaw(key, _("Its rule can never hold: that answer is not among those of the question it needs.")))
    return found


def _can_hold(rule: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    if asked["kind"] == "scale":
        return isinstance(rule["value"], int) and asked["low"] <= rule["value"] <= asked["high"]
    if asked["kind"] == "choice":
        return rule["op"] in ("eq", "ne") and rule["value"] in [option["key"] for option in asked["options"]]
    return False


def _missing(question: Mapping[str, Any], language: str) -> list[str]:
    missing = [] if _said(question["text"], language) else [_("the question")]
    if question["kind"] == "scale" and not all(question["ends"].get(language) or [""]):
        missing.append(_("the ends of the scale"))
    if question["kind"] == "choice" and not all(_said(option["text"], language) for option in question["options"]):
        missing.append(_("an option"))
    return missing


def _said(texts: Mapping[str, str], language: str) -> bool:
    return bool(texts.get(language, "").strip())


def _begun(texts: Mapping[str, str] | None) -> bool:
    return texts is not None and any(text.strip() for text in texts.values())
