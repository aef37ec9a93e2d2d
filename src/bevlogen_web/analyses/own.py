"""What the application itself knows, as forms: answers of employees, of customers, and contacts rated elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses.asking import Form, Way
from bevlogen_web.analyses.blocks import last_days
from bevlogen_web.feedback.models import Response
from bevlogen_web.instruments.forms import Scale, scales
from bevlogen_web.instruments.models import Audience, Version
from bevlogen_web.intake import queries as intake
from bevlogen_web.intake.tables import respondents_of
from bevlogen_web.listening.models import Answer, Round


def forms(organisation: Organisation, k: int, today: date) -> list[Form]:
    """Give the application's own answers, a form per version of a questionnaire and per scale of contacts."""
    grain = intake.grain(organisation)
    return [*_employees(organisation), *_customers(organisation, k, grain, today), *_contacts(organisation)]


def ways_of(version: Version, table: str) -> tuple[Way, ...]:
    """Read the ways of asking of a version: one per construct that its scale questions ask about."""
    return tuple(_way(version, table, scale) for scale in scales(version.definition))


def item(version: Version, key: str) -> str:
    """Name of a question's column: two instruments may both have a question "q1"."""
    owner = "own" if version.instrument.organisation_id else "our"
    return f"{owner} {version.instrument.key}.{key}"


def _way(version: Version, table: str, scale: Scale) -> Way:
    return Way(
        scale.construct,
        table,
        tuple(item(version, key) for key in scale.items),
        frozenset(item(version, key) for key in scale.reverse),
        float(scale.low),
        float(scale.high),
        scale.min_answered,
        frozenset({"customers" if version.instrument.audience == Audience.CUSTOMER else "employees"}),
    )


def _values(version: Version, ways: tuple[Way, ...], values: Mapping[str, Any]) -> dict[str, float]:
    names = {name for way in ways for name in way.items}
    found = {item(version, key): value for key, value in values.items()}
    return {name: float(found[name]) for name in names if isinstance(found.get(name), int | float)}


def _employees(organisation: Organisation) -> list[Form]:
    """Answers of rounds that are closed: before that nobody reads them."""
    found: dict[int, list[dict[str, Any]]] = {}
    ways: dict[int, tuple[Way, ...]] = {}
    rounds = Round.objects.select_related("version__instrument").filter(organisation=organisation, state="closed")
    for asked in rounds.order_by("pk"):
        version = asked.version
        ways.setdefault(version.pk, ways_of(version, "answers"))
        rows = Answer.objects.filter(round=asked).order_by("pk").values_list("unit__key", "values")
        found.setdefault(version.pk, []).extend(
            {"unit": unit, "date": day_in(asked.period, asked.closes), **_values(version, ways[version.pk], values)}
            for unit, values in rows
        )
    return [Form("answers", ways[number], rows) for number, rows in found.items() if rows]


def _customers(organisation: Organisation, k: int, grain: str, today: date) -> list[Form]:
    given = Response.objects.filter(organisation=organisation)
    told = given.values_list("unit", "version", "day")
    until = last_days((((unit, version, period(day, grain)), day) for unit, version, day in told), k, today)
    forms_found = []
    versions = Version.objects.select_related("instrument").filter(pk__in=given.values("version").distinct())
    for version in versions.order_by("pk"):
        ways = ways_of(version, "interactions")
        rows = [
            {
                "unit": response.unit.key,
                "date": response.day,
                "service": response.service.key if response.service else "",
                **_values(version, ways, response.values),
            }
            for response in given.filter(version=version).select_related("unit", "service").order_by("day", "pk")
            if (end := until.get((response.unit_id, version.pk, period(response.day, grain)))) is not None
            and response.day <= end
        ]
        forms_found += [Form("interactions", ways, rows)] * bool(rows)
    return forms_found


def _contacts(organisation: Organisation) -> list[Form]:
    """Contacts rated elsewhere: a form per scale, an item per construct."""
    found: dict[tuple[float, float], list[dict[str, Any]]] = {}
    for contact in intake.encounters(organisation):
        row = {name: getattr(contact, name) for name in ("employee", "customer", "service")}
        row |= {f"contact.{construct}": value for construct, value in contact.ratings.items()}
        found.setdefault((contact.low, contact.high), []).append({"unit": contact.unit.key, "date": contact.day, **row})
    return [Form("interactions", _rated(rows, *scale), rows) for scale, rows in found.items()]


def _rated(rows: list[dict[str, Any]], low: float, high: float) -> tuple[Way, ...]:
    rated = sorted({name.removeprefix("contact.") for row in rows for name in row if name.startswith("contact.")})
    return tuple(
        Way(
            construct, "interactions", (f"contact.{construct}",), frozenset(), low, high, 1,
            frozenset({respondents_of(construct)}),
        )
        for construct in rated
    )  # fmt: skip


def period(day: date, grain: str) -> tuple[int, ...]:
    """Give the period a day lies in; periods compare in time order."""
    if grain == "day":
        return (day.year, day.month, day.day)
    if grain == "month":
        return (day.year, day.month)
    return (day.year, (day.month + 2) // 3) if grain == "quarter" else (day.year,)


def day_in(label: str, closes: date) -> date:
    """Give a day of the period a round counts for: its last day to answer if that lies in it, else the first day."""
    year = int(label[:4])
    if "Q" in label:
        first = date(year, 3 * int(label[-1]) - 2, 1)
        grain = "quarter"
    elif len(label) > 4:
        first = date(year, int(label[5:]), 1)
        grain = "month"
    else:
        first, grain = date(year, 1, 1), "year"
    return closes if period(closes, grain) == period(first, grain) else first
