"""The questionnaires that come with Bevlogen, read from ``evidence/instruments``."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from bevlogen.core.chain import Text
from bevlogen.core.questionnaires import Audience, Norm, Page, Question, Questionnaire
from bevlogen.core.tables import Instrument, RowTableName
from bevlogen.sources.faults import nearest
from bevlogen.sources.section import Section

_PLACE: dict[Audience, tuple[RowTableName, str]] = {
    "employee": ("answers", "employees"),
    "customer": ("interactions", "customers"),
    "encounter": ("interactions", "employees"),
}


@cache
def questionnaires() -> tuple[Questionnaire, ...]:
    """Which questionnaires come with Bevlogen?

    Returns
    -------
    tuple of Questionnaire
        By key. Ours have their wording in Dutch and English; of published ones there is only the structure and, where
        known, norms, because the wording belongs to others.

    Examples
    --------
    >>> import bevlogen as bv
    >>> [one.key for one in bv.instruments() if one.own_wording]
    ['customer-encounter', 'employee-pulse', 'encounter-tap']
    """
    files = resources.files("bevlogen.evidence").joinpath("instruments").iterdir()
    found = [_questionnaire(tomllib.loads(f.read_text(encoding="utf-8"))) for f in files if f.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda one: one.key))


def ready_made(part: Section) -> tuple[Instrument, ...]:
    """Return the instruments that ``use = "employee-pulse"`` of organisation.toml stands for; none with a fault."""
    known = {one.key: one for one in questionnaires()}
    key = part.text("use")
    part.finish()
    if key and key not in known:
        part.fault("use", f'unknown questionnaire "{key}"', nearest(key, known))
    return known[key].instruments if key in known else ()


def _questionnaire(data: Mapping[str, Any]) -> Questionnaire:
    pages = tuple(_page(page) for page in data["pages"])
    low, high = data["range"]
    ends = data.get("ends")
    return Questionnaire(
        key=data["key"],
        number=data["number"],
        audience=data["audience"],
        own_wording=data["wording"] == "own",
        title=Text(**data["title"]),
        intro=_text(data.get("intro")),
        low=low,
        high=high,
        ends=(Text(ends["en"][0], ends["nl"][0]), Text(ends["en"][1], ends["nl"][1])) if ends else None,
        pages=pages,
        instruments=_instruments(pages, data),
        norms=_norms(*data["norms"]) if "norms" in data else (),
    )


def _page(data: Mapping[str, Any]) -> Page:
    return Page(_text(data.get("title")), tuple(_question(question) for question in data["questions"]))


def _question(data: Mapping[str, Any]) -> Question:
    return Question(
        key=data["key"],
        kind=data.get("kind", "scale"),
        construct=data.get("construct", ""),
        part=data.get("part", ""),
        reverse=data.get("reverse", False),
        text=_text(data.get("text")),
    )


def _instruments(pages: tuple[Page, ...], data: Mapping[str, Any]) -> tuple[Instrument, ...]:
    """Gather the questions of each construct; a score needs more than half of them unless the file says otherwise."""
    by: dict[str, list[Question]] = {}
    for question in (question for page in pages for question in page.questions):
        if question.construct:
            by.setdefault(question.construct, []).append(question)
    low, high = data["range"]
    least = data.get("min_answered", {})
    table, respondents = _PLACE[data["audience"]]
    return tuple(
        Instrument(
            construct=construct,
            items=tuple(question.key for question in items),
            reverse=frozenset(question.key for question in items if question.reverse),
            low=float(low),
            high=float(high),
            options=high - low + 1,
            min_answered=least.get(construct, len(items) // 2 + 1),
            table=table,
            respondents=frozenset({respondents}),
        )
        for construct, items in by.items()
    )


def _norms(instrument: str, version: str) -> tuple[Norm, ...]:
    text = resources.files("bevlogen.evidence").joinpath("norms.csv").read_text(encoding="utf-8")
    return tuple(
        Norm(
            scale=row["scale"],
            country=row["country"],
            group=row["group"],
            mean=_number(row["mean"]),
            sd=_number(row["sd"]),
            n=int(row["n"]) if row["n"] else None,
            alpha=_number(row["alpha"]),
            low=float(row["range_low"]),
            high=float(row["range_high"]),
            source=row["source"],
            verified=row["verified"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
        if row["instrument"] == instrument and row["version"] == version
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _text(data: Mapping[str, str] | None) -> Text | None:
    return Text(**data) if data else None
