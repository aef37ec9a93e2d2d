"""Wording of a published instrument, as its licence holder brings it in a file: one row per text, per language.

Rows of the file: the key of each item (``uwes_vi1``) and of each point of the answer scale (``point0``), with a column
``nl`` and a column ``en``; one of the two may be empty throughout.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bevlogen_web.instruments.definition import LANGUAGES, Definition, languages, questions

LARGEST_FILE = 256 * 1024
LONGEST = 300
_POINT = "point"

Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class WordingFault:
    """What is wrong with the file: where, what was found and what to do."""

    where: str
    text: str


class WordingError(Exception):
    """A file with wording cannot be taken; ``faults`` holds all of it."""

    def __init__(self, faults: list[WordingFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


def template(structure: Definition) -> str:
    """Give the file to fill in, for a spreadsheet: every key, no words."""
    rows = io.StringIO()
    writer = csv.writer(rows, delimiter=";", lineterminator="\r\n")
    writer.writerow(["key", *LANGUAGES])
    writer.writerows([key, *("" for _code in LANGUAGES)] for key in _keys(structure))
    return rows.getvalue()


def fill(structure: Definition, content: bytes) -> Definition:
    """Put the wording of a file in a structure.

    Raises
    ------
    WordingError
        With every fault at once; nothing is taken then.
    """
    if len(content) > LARGEST_FILE:
        raise WordingError([WordingFault("", _("The file is larger than 256 kB. Is it the right one?"))])
    texts = _read(content)
    faults = _faults(structure, texts)
    if faults:
        raise WordingError(faults)
    filled = {**structure, "pages": [_page(page, texts) for page in structure["pages"]]}
    if not languages(filled):
        raise WordingError([WordingFault("", _("No language is complete. Fill in every row of one column at least."))])
    return filled


def _keys(structure: Definition) -> list[str]:
    asked = [question for _number, question in questions(structure)]
    points = range(asked[0]["low"], asked[0]["high"] + 1)
    return [*(question["key"] for question in asked), *(f"{_POINT}{point}" for point in points)]


def _page(page: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    asked = []
    for question in page["questions"]:
        points = [texts.get(f"{_POINT}{n}", {}) for n in range(question["low"], question["high"] + 1)]
        ends = {code: words if all(words) else [] for code in LANGUAGES if (words := [p.get(code, "") for p in points])}
        asked.append({**question, "text": dict(texts.get(question["key"], {})), "ends": ends})
    return {**page, "questions": asked}


def _read(content: bytes) -> dict[str, dict[str, str]]:
    text = _decoded(content)
    try:
        return _table(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return _csv(text)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _table(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {
        key: {code: words[code].strip() for code in LANGUAGES if isinstance(words.get(code), str)}
        for key, words in data.items()
        if isinstance(words, Mapping)
    }


def _csv(text: str) -> dict[str, dict[str, str]]:
    head = text.split("\n", 1)[0]
    separator = max(";,\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        if "key" not in (reader.fieldnames or ()):
            raise WordingError(
                [WordingFault("", _("There is no column “key”. Use the file to fill in from this page."))]
            )
        rows = [(row["key"] or "", row) for row in reader]
    except csv.Error as error:
        raise WordingError(
            [WordingFault("", _("This is no table. Use the file to fill in from this page."))]
        ) from error
    return {
        key.strip(): {code: (row.get(code) or "").strip() for code in LANGUAGES} for key, row in rows if key.strip()
    }


def _faults(structure: Definition, texts: Texts) -> list[WordingFault]:
    known = _keys(structure)
    faults = [WordingFault(key, _("This row is missing.")) for key in known if key not in texts]
    faults += [
        WordingFault(key[:40], _("This instrument has no such row. Check the key."))
        for key in texts
        if key not in known
    ]
    faults += [
        WordingFault(key[:40], _("The text is longer than 300 characters. Shorten it."))
        for key, words in texts.items()
        if any(len(word) > LONGEST for word in words.values())
    ]
    for code in LANGUAGES:
        given = [key for key in known if texts.get(key, {}).get(code)]
        if 0 < len(given) < len(known):
            missing = ", ".join(key for key in known if key not in given and key in texts)
            if missing:
                faults.append(WordingFault(missing, _("No text in the column “%(code)s”.") % {"code": code}))
    return faults
