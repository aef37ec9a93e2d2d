"""Units from a file: what would change, and the same thing done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.organisation import queries, reorganisation, services
from bevlogen_web.organisation.degree import read_degree, say_degree
from bevlogen_web.organisation.models import KEY_LENGTH, Employee, Move, Unit, valid_key
from bevlogen_web.organisation.plan import Cells, Change, Difference, Fault, Plan, missing_columns, told, twice
from bevlogen_web.organisation.reading import Row, Sheet, as_date, as_number

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("code", "key", "unit code", "onderdeel", "eenheid", "afdelingscode", "teamcode", "kostenplaats"),
    "name": ("naam", "unit name", "team", "afdeling", "omschrijving"),
    "parent": ("above", "below", "bovenliggend", "valt onder", "hoort bij", "ouder"),
    "service": ("dienst",),
    "co_creation": ("cocreation", "cocreatie", "inbreng klant"),
    "headcount": ("people", "number of people", "aantal", "aantal medewerkers", "bezetting"),
    "start": ("first day", "from", "vanaf", "begin", "begindatum", "startdatum"),
    "end": ("no longer there from", "einde", "einddatum", "tot"),
}
_MOST_PEOPLE = 1_000_000
_FIELDS = ("name", "service", "co_creation", "headcount", "start")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one row wants; ``values`` lacks what the file has no column for, "parent" and "service" are codes."""

    row: int
    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Work:
    """A plan with what carries it out; ``closing`` has the day for each unit that ends."""

    plan: Plan
    wishes: tuple[_Wish, ...]
    known: Mapping[str, Unit]
    closing: Mapping[str, date]


def plan(organisation: Organisation, sheet: Sheet, *, complete: bool, on: date) -> Plan:
    """Say what a file of units would do; nothing is written.

    Parameters
    ----------
    organisation
        Whose units.
    sheet
        The file, read with ``COLUMNS``. A column that is not there changes nothing; an empty cell empties the field,
        only a name stays.
    complete
        Whether the file holds every unit: then units that are not in it end.
    on
        Day from which moves and ends hold, and first day of new units. The very first units have always been there.
    """
    return _work(organisation, sheet, complete=complete, on=on).plan


@transaction.atomic
def apply(organisation: Organisation, sheet: Sheet, *, complete: bool, on: date, by: User | None) -> Plan:
    """Do what the plan says, if it has no fault; all of it or nothing. Gives the plan that was carried out."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    work = _work(organisation, sheet, complete=complete, on=on)
    if work.plan.faults:
        return work.plan
    units = _keep(organisation, work, on, by=by)
    _place(work, units, on)
    _close(organisation, work)
    counts = ", ".join(f"{len(changes)} {kind}" for kind, _heading, changes in work.plan.groups)
    audit.record(organisation, by, gettext_noop("units imported"), counts or "nothing changed")
    return work.plan


def _keep(organisation: Organisation, work: _Work, on: date, *, by: User | None) -> dict[str, Unit]:
    """Write everything of the wishes but places and ends; gives all units by code."""
    offered = _service_by_word(organisation)
    for name in _new_services(organisation, work.wishes):
        offered[name.casefold()] = services.add_service(organisation, name, None, by=by)
    units, start = dict(work.known), on if work.known else None
    for wish in work.wishes:
        unit = units.setdefault(wish.key, Unit(organisation=organisation, key=wish.key, name=wish.key, start=start))
        values = {name: wish.values[name] for name in _FIELDS if name in wish.values}
        if "service" in values:
            values["service"] = offered.get(values["service"].casefold())
        for name, value in values.items():
            if value is not None or name not in ("name", "start"):
                setattr(unit, name, value)
    touched = {change.key for change in work.plan.changes}
    wished = [units[wish.key] for wish in work.wishes if wish.key in touched]
    Unit.objects.bulk_create([unit for unit in wished if unit.pk is None])
    old = [unit for unit in wished if unit.key in work.known]
    Unit.objects.bulk_create(old, 500, update_conflicts=True, unique_fields=["id"], update_fields=_FIELDS)
    return units


def _place(work: _Work, units: Mapping[str, Unit], on: date) -> None:
    moved, moves = [], []
    for wish in work.wishes:
        unit, parent = units[wish.key], units.get(wish.values.get("parent", ""))
        if "parent" in wish.values and unit.parent != parent:
            if wish.key in work.known:
                moves.append(Move(unit=unit, before=unit.parent, after=parent, on=on))
            unit.parent = parent
            moved.append(unit)
    Unit.objects.bulk_update(moved, ["parent"], batch_size=500)
    Move.objects.bulk_create(moves)


def _close(organisation: Organisation, work: _Work) -> None:
    """End units, whose units below end too, in one go for each day."""
    for day in set(work.closing.values()):
        ending = [work.known[key].pk for key, end in work.closing.items() if end == day]
        reorganisation.leave(organisation.employees.filter(unit__in=ending, active=True), day)
        organisation.units.filter(pk__in=ending).update(end=day)


def _work(organisation: Organisation, sheet: Sheet, *, complete: bool, on: date) -> _Work:
    faults = missing_columns(sheet, ["unit"])
    if faults:
        return _Work(Plan(tuple(faults), unknown=sheet.unknown), (), {}, {})
    wishes = tuple(_wish(row, faults) for row in sheet.rows)
    faults += twice([(wish.row, wish.key) for wish in wishes], "unit")
    known = {unit.key: unit for unit in organisation.units.select_related("parent", "service", "organisation")}
    rows = {wish.key: wish.row for wish in wishes}
    closing = _closing(wishes, known, complete=complete, on=on)
    parents = {unit.key: unit.parent.key if unit.parent else "" for unit in known.values() if unit.end is None}
    parents |= {wish.key: wish.values.get("parent", parents.get(wish.key, "")) for wish in wishes}
    faults += _misplaced(parents, closing, known, rows)
    changes, same = _changes(wishes, known, closing)
    faults += _untimely(changes, known, closing, rows, on)
    remarks = _remarks(organisation, wishes, [known[key] for key in closing])
    ordered = sorted(changes, key=lambda change: (change.row is None, change.row or 0, change.key))
    found = Plan(told(faults, sheet), tuple(ordered), same, sheet.unknown, remarks)
    return _Work(found, wishes, known, closing)


def _wish(row: Row, faults: list[Fault]) -> _Wish:
    cells = Cells(row, faults)
    key = cells.text("unit", KEY_LENGTH)
    if not key:
        cells.fault("unit", _("a row without a code"), _("Give the unit a code, or take the row out."))
    else:
        try:
            valid_key(key)
        except ValidationError:
            cells.fault("unit", _("a sign that cannot be shown"), _("Type the text again."))
    values: dict[str, Any] = {}
    if cells.has("name"):
        values["name"] = cells.text("name", 120) or None
    for name, most in (("parent", KEY_LENGTH), ("service", 120)):
        if cells.has(name):
            values[name] = cells.text(name, most)
    for name, reader in (("co_creation", _degree), ("headcount", _headcount), ("start", _day), ("end", _day)):
        if cells.has(name):
            values[name] = reader(cells, name)
    if values.get("start") and values.get("end") and values["end"] < values["start"]:
        cells.fault("end", _("a day before the first day"), _("Mend one of the two days."))
    return _Wish(row.number, key, values)


def _degree(cells: Cells, name: str) -> float | None:
    text = cells.text(name, 30)
    degree = read_degree(text) if text else None
    if text and degree is None:
        cells.fault(name, _("no degree of co-creation"), _("Write small, middle or large, or a number from 0 to 1."))
    return degree


def _headcount(cells: Cells, name: str) -> int | None:
    text = cells.text(name, 30)
    number = as_number(text) if text else None
    if text and (number is None or number != int(number) or not 0 <= number <= _MOST_PEOPLE):
        cells.fault(name, _("no number of people"), _("Write a whole number, 0 or more."))
        return None
    return None if number is None else int(number)


def _day(cells: Cells, name: str) -> date | None:
    text = cells.text(name, 30)
    day = as_date(text) if text else None
    if text and day is None:
        cells.fault(name, _("no day"), _("Write it as 31-03-2026 or 2026-03-31."))
    return day


def _closing(wishes: Sequence[_Wish], known: Mapping[str, Unit], *, complete: bool, on: date) -> dict[str, date]:
    """Units that end, with their day. An end that is still to come is left to a later file."""
    here = {wish.key for wish in wishes}
    closing = {key: on for key, unit in known.items() if complete and unit.end is None and key not in here}
    for wish in wishes:
        end, unit = wish.values.get("end"), known.get(wish.key)
        if end is not None and end <= queries.today() and unit is not None and unit.end is None:
            closing[wish.key] = end
    return closing


def _misplaced(
    parents: Mapping[str, str], closing: Mapping[str, date], known: Mapping[str, Unit], rows: Mapping[str, int]
) -> list[Fault]:
    faults = []
    for key, parent in parents.items():
        row = rows.get(key)
        if key in known and known[key].end is not None:
            mend = _("Open the unit again on its page, or take the row out.")
            faults.append(Fault(row, "unit", _("a unit that has ended"), mend))
        elif parent and (parent not in parents or (parent in known and known[parent].end is not None)):
            mend = _("Add that unit to the file, or name another.")
            faults.append(Fault(row, "parent", _("there is no such unit above it"), mend))
        elif parent in closing and key not in closing:
            mend = _("Give it another unit above it, in the same file: %(code)s.") % {"code": key}
            faults.append(Fault(row, "parent", _("the unit above it ends"), mend))
        elif _depth(key, parents) < 0:
            mend = _("Name another unit above it.")
            faults.append(Fault(row, "parent", _("a unit that lies below itself"), mend))
    return faults


def _depth(key: str, parents: Mapping[str, str]) -> int:
    """How far a unit lies below the top; -1 if it never gets there."""
    seen: set[str] = set()
    while key := parents.get(key, ""):
        if key in seen:
            return -1
        seen.add(key)
    return len(seen)


def _changes(
    wishes: Sequence[_Wish], known: Mapping[str, Unit], closing: Mapping[str, date]
) -> tuple[list[Change], int]:
    names = {key: unit.name for key, unit in known.items()}
    names |= {wish.key: wish.values["name"] for wish in wishes if wish.values.get("name")}
    changes = [
        Change("closed", None, key, known[key].name) for key in closing if key not in {wish.key for wish in wishes}
    ]
    same = 0
    for wish in wishes:
        unit, name = known.get(wish.key), names.get(wish.key, wish.key)
        before = len(changes)
        if unit is None:
            changes.append(Change("added", wish.row, wish.key, name, tuple(_differences(wish, None))))
        else:
            found = tuple(_differences(wish, unit))
            if found:
                changes.append(Change("changed", wish.row, wish.key, name, found))
            parent = unit.parent.key if unit.parent else ""
            if wish.values.get("parent", parent) != parent:
                place = Difference(
                    _("lies below"), names.get(parent, ""), names.get(wish.values["parent"], wish.values["parent"])
                )
                changes.append(Change("moved", wish.row, wish.key, name, (place,)))
            if wish.key in closing:
                changes.append(Change("closed", wish.row, wish.key, name))
        same += len(changes) == before
    return changes, same


def _differences(wish: _Wish, unit: Unit | None) -> Iterable[Difference]:
    given = wish.values
    service = unit.service if unit else None
    if unit and given.get("name") and given["name"] != unit.name:
        yield Difference(_("name"), unit.name, given["name"])
    if "service" in given and given["service"].casefold() not in _words(service):
        yield Difference(_("service"), service.name if service else "", given["service"])
    if "co_creation" in given and given["co_creation"] != (unit.co_creation if unit else None):
        yield Difference(
            _("part of the customer"),
            "" if unit is None or unit.co_creation is None else say_degree(unit.co_creation),
            "" if given["co_creation"] is None else say_degree(given["co_creation"]),
        )
    for name, label in (("headcount", _("number of people")), ("start", _("first day"))):
        old, new = getattr(unit, name) if unit else None, given.get(name)
        # An empty first day leaves what is known: it was given when the unit was made.
        if name in given and new != old and (new is not None or name == "headcount"):
            yield Difference(label, _said(old), _said(new))


def _words(service: Any) -> set[str]:
    return {service.key.casefold(), service.name.casefold()} if service else {""}


def _said(value: date | int | None) -> str:
    if value is None:
        return ""
    return date_format(value, "j F Y") if isinstance(value, date) else str(value)


def _untimely(
    changes: Iterable[Change], known: Mapping[str, Unit], closing: Mapping[str, date], rows: Mapping[str, int], on: date
) -> list[Fault]:
    """Moves and ends on a day that does not fit the unit's own past."""
    faults = []
    for change in changes:
        if change.kind in ("moved", "closed"):
            try:
                reorganisation.check_day([known[change.key]], closing.get(change.key, on))
            except reorganisation.RefusedError as error:
                faults.append(Fault(rows.get(change.key), "end", str(error), _("Choose another day.")))
    return faults


def _service_by_word(organisation: Organisation) -> dict[str, Any]:
    return {word: service for service in queries.services_of(organisation) for word in _words(service)}


def _new_services(organisation: Organisation, wishes: Iterable[_Wish]) -> list[str]:
    known = _service_by_word(organisation)
    named = {text.casefold(): text for wish in wishes if (text := wish.values.get("service"))}
    return [text for word, text in named.items() if word not in known]


def _remarks(organisation: Organisation, wishes: Iterable[_Wish], closing: Sequence[Unit]) -> tuple[str, ...]:
    remarks = []
    new = _new_services(organisation, wishes)
    if new:
        remarks.append(_("New services: %(names)s.") % {"names": ", ".join(new)})
    count = Employee.objects.filter(unit__in=closing, active=True).count() if closing else 0
    if count:
        text = ngettext(
            "%(count)s employee of a unit that ends is no longer asked, until a file of employees gives another unit.",
            "%(count)s employees of units that end are no longer asked, until a file of employees gives another unit.",
            count,
        )
        remarks.append(text % {"count": count})
    return tuple(remarks)
