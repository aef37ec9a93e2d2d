"""Changing a definition: each act gives a changed copy. Texts are per language, pages count from 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bevlogen_web.instruments.definition import Definition, questions

Question = Mapping[str, Any]
Step = Literal["up", "down"]

EMPTY: Definition = {"title": {}, "intro": {}, "pages": [{"title": {}, "questions": []}]}


def with_heading(definition: Definition, title: Mapping[str, str], intro: Mapping[str, str]) -> Definition:
    """Give it another title and introduction."""
    return {**definition, "title": dict(title), "intro": dict(intro)}


def with_page(definition: Definition) -> Definition:
    """Add an empty page at the end."""
    return {**definition, "pages": [*definition["pages"], {"title": {}, "questions": []}]}


def with_page_title(definition: Definition, page: int, title: Mapping[str, str]) -> Definition:
    """Give a page another title."""
    pages = list(definition["pages"])
    pages[page] = {**pages[page], "title": dict(title)}
    return {**definition, "pages": pages}


def without_page(definition: Definition, page: int) -> Definition:
    """Take a page away, with its questions; the last one that is left is only emptied."""
    pages = [one for number, one in enumerate(definition["pages"]) if number != page]
    return {**definition, "pages": pages or [{"title": {}, "questions": []}]}


def find(definition: Definition, key: str) -> Question | None:
    """Give a question by its key, or None."""
    return next((question for _number, question in questions(definition) if question["key"] == key), None)


def with_question(definition: Definition, page: int, question: Question) -> Definition:
    """Put a question in the place of the one with its key, or at the end of a page when it is new."""
    if find(definition, question["key"]) is None:
        pages = list(definition["pages"])
        pages[page] = {**pages[page], "questions": [*pages[page]["questions"], question]}
        return {**definition, "pages": pages}
    return _each_page(definition, lambda asked: [question if one["key"] == question["key"] else one for one in asked])


def without_question(definition: Definition, key: str) -> Definition:
    """Take a question away."""
    return _each_page(definition, lambda asked: [one for one in asked if one["key"] != key])


def moved(definition: Definition, key: str, step: Step) -> Definition:
    """Move a question one place; from the first or last place of a page it goes to the page beside it."""
    page = next(number for number, one in questions(definition) if one["key"] == key)
    asked = list(definition["pages"][page]["questions"])
    place = next(number for number, one in enumerate(asked) if one["key"] == key)
    by = -1 if step == "up" else 1
    if 0 <= place + by < len(asked):
        asked[place], asked[place + by] = asked[place + by], asked[place]
        return _with_questions(definition, page, asked)
    if not 0 <= page + by < len(definition["pages"]):
        return definition
    beside = list(definition["pages"][page + by]["questions"])
    one = asked.pop(place)
    return _with_questions(
        _with_questions(definition, page, asked), page + by, [*beside, one] if step == "up" else [one, *beside]
    )


def free_key(definitions: Sequence[Definition]) -> str:
    """Give a key that no version of an instrument has or had: the same key is the same question, for good."""
    taken = {question["key"] for definition in definitions for _number, question in questions(definition)}
    return next(key for key in (f"q{n}" for n in range(1, len(taken) + 2)) if key not in taken)


def option_keys(texts: Sequence[Mapping[str, str]], before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give options their keys: one whose words stood there before in a language keeps its own."""
    free = [f"o{n}" for n in range(1, len(texts) + len(before) + 1) if f"o{n}" not in {o["key"] for o in before}]
    left = list(before)
    options = []
    for text in texts:
        same = next((o for o in left if any(text[code] and text[code] == o["text"].get(code) for code in text)), None)
        if same is not None:
            left.remove(same)
        options.append({"key": same["key"] if same is not None else free.pop(0), "text": dict(text)})
    return options


def _with_questions(definition: Definition, page: int, asked: list[Question]) -> Definition:
    pages = list(definition["pages"])
    pages[page] = {**pages[page], "questions": asked}
    return {**definition, "pages": pages}


def _each_page(definition: Definition, change: Any) -> Definition:
    return {
        **definition,
        "pages": [{**page, "questions": change(page["questions"])} for page in definition["pages"]],
    }
