"""Employees from a file: who comes, goes, moves or has another address, and the same thing done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.organisation import queries, reorganisation
from bevlogen_web.organisation.models import KEY_LENGTH, Employee, Unit
from bevlogen_web.organisation.plan import Cells, Change, Difference, Fault, Plan, missing_columns, told, twice
from bevlogen_web.organisation.reading import Row, Sheet, as_date

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("staff number", "employee", "key", "personeelsnummer", "medewerkernummer", "medewerker", "nummer"),
    "name": ("naam", "full name", "volledige naam"),
    "email": ("e-mail", "mail", "e-mail address", "e-mailadres", "mailadres"),
    "unit": (
        "code",
        "unit code",
        "onderdeel",
        "eenheid",
        "afdeling",
        "afdelingscode",
        "team",
        "teamcode",
        "kostenplaats",
    ),
    "language": ("taal",),
    "start": ("first day", "in dienst", "datum in dienst", "begindatum"),
    "end": ("last day", "uit dienst", "datum uit dienst", "einddatum"),
}
_LANGUAGES = {"nl": "nl", "dutch": "nl", "nederlands": "nl", "en": "en-gb", "en-gb": "en-gb", "english": "en-gb"}
_LANGUAGES |= {"engels": "en-gb"}
_LABELS = {
    "name": gettext_lazy("name"),
    "email": gettext_lazy("e-mail address"),
    "language": gettext_lazy("language"),
    "start": gettext_lazy("first day of work"),
    "end": gettext_lazy("last day of work"),
}
_FIELDS = ("name", "email", "unit", "language", "start", "end", "active")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one row wants; ``values`` lacks what the file has no column for."""

    row: int
    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Work:
    """A plan with what carries it out."""

    plan: Plan
    wishes: tuple[_Wish, ...]
    known: Mapping[str, Employee]
    gone: tuple[Employee, ...]


def plan(organisation: Organisation, sheet: Sheet, *, complete: bool, on: date) -> Plan:
    """Say what a file of employees would do; nothing is written.

    Parameters
    ----------
    organisation
        Whose employees.
    sheet
        The file, read with ``COLUMNS``. A column that is not there changes nothing; an empty cell empties the field,
        only unit and language stay.
    complete
        Whether the file holds everybody: then who is not in it is no longer asked.
    on
        Last day of work of those who are not in the file.
    """
    return _work(organisation, sheet, complete=complete, on=on).plan


@transaction.atomic
def apply(organisation: Organisation, sheet: Sheet, *, complete: bool, on: date, by: User | None) -> Plan:
    """Do what the plan says, if it has no fault; all of it or nothing. Gives the plan that was carried out."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    work = _work(organisation, sheet, complete=complete, on=on)
    if work.plan.faults:
        return work.plan
    touched = {change.key for change in work.plan.changes}
    new, old, addressed = [], [], []
    for wish in work.wishes:
        if wish.key not in touched:
            continue
        employee = work.known.get(wish.key)
        if employee is None:
            employee = Employee(organisation=organisation, key=wish.key, language=organisation.language)
            new.append(employee)
        else:
            old.append(employee)
            if wish.values.get("email", employee.email) != employee.email:
                addressed.append(employee.pk)
        for name, value in wish.values.items():
            setattr(employee, name, value)
    # Addresses that change first go, so that two people may swap theirs.
    organisation.employees.filter(pk__in=addressed).update(email="")
    reorganisation.leave(organisation.employees.filter(pk__in=[one.pk for one in work.gone]), on)
    # One statement per batch that finds each row by its number: a hundred times faster than bulk_update.
    Employee.objects.bulk_create(old, 500, update_conflicts=True, unique_fields=["id"], update_fields=_FIELDS)
    Employee.objects.bulk_create(new, batch_size=500)
    counts = ", ".join(f"{len(changes)} {kind}" for kind, _heading, changes in work.plan.groups)
    audit.record(organisation, by, gettext_noop("employees imported"), counts or "nothing changed")
    return work.plan


def _work(organisation: Organisation, sheet: Sheet, *, complete: bool, on: date) -> _Work:
    faults = missing_columns(sheet, ["number", "unit"])
    if faults:
        return _Work(Plan(tuple(faults), unknown=sheet.unknown), (), {}, ())
    units = {unit.key: unit for unit in organisation.units.all()}
    known = {employee.key: employee for employee in queries.employees_of(organisation)}
    wishes = tuple(_wish(row, units, known, faults) for row in sheet.rows)
    faults += twice([(wish.row, wish.key) for wish in wishes], "number")
    faults += _shared_addresses(wishes, known)
    faults += _backwards(wishes, known)
    here = {wish.key for wish in wishes}
    gone = tuple(one for key, one in known.items() if complete and one.active and key not in here)
    changes = [change for wish in wishes for change in _changes(wish, known.get(wish.key))]
    same = len(wishes) - len({change.row for change in changes})
    changes += [Change("closed", None, one.key, one.name) for one in gone]
    return _Work(
        Plan(told(faults, sheet), tuple(changes), same, sheet.unknown, _remarks(wishes, known, gone)),
        wishes,
        known,
        gone,
    )


def _wish(row: Row, units: Mapping[str, Unit], known: Mapping[str, Employee], faults: list[Fault]) -> _Wish:
    cells = Cells(row, faults)
    key = cells.text("number", KEY_LENGTH)
    if not key:
        mend = _("Give a staff number. Any code will do, if it stays the same.")
        cells.fault("number", _("a row without a number"), mend)
    values: dict[str, Any] = {}
    if cells.has("name"):
        values["name"] = cells.text("name", 120)
    if cells.has("email"):
        values["email"] = _address(cells)
    _read_unit(cells, units, values)
    _read_language(cells, values)
    for name in ("start", "end"):
        if cells.has(name):
            text = cells.text(name, 30)
            values[name] = as_date(text) if text else None
            if text and values[name] is None:
                cells.fault(name, _("no day"), _("Write it as 31-03-2026 or 2026-03-31."))
    if values.get("start") and values.get("end") and values["end"] < values["start"]:
        cells.fault("end", _("a day before the first day"), _("Mend one of the two days."))
    values["active"] = values.get("end") is None or values["end"] >= queries.today()
    if "end" not in values and key in known and not known[key].active:
        values["end"] = None
    return _Wish(row.number, key, values)


def _address(cells: Cells) -> str:
    address = cells.text("email", 254).lower()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            cells.fault("email", _("no e-mail address"), _("Mend the address, or leave the cell empty."))
    return address


def _read_unit(cells: Cells, units: Mapping[str, Unit], values: dict[str, Any]) -> None:
    unit = units.get(cells.text("unit", KEY_LENGTH))
    if unit is None:
        mend = _("Use the code of a unit. Import the units first.")
        cells.fault("unit", _("there is no such unit"), mend)
    elif unit.end is not None:
        cells.fault("unit", _("a unit that has ended"), _("Use the code of the unit that took over."))
    else:
        values["unit"] = unit


def _read_language(cells: Cells, values: dict[str, Any]) -> None:
    text = cells.text("language", 30)
    if text and text.casefold() not in _LANGUAGES:
        names = ", ".join(name for _code, name in settings.LANGUAGES)
        cells.fault("language", _("an unknown language"), _("Choose one of: %(names)s.") % {"names": names})
    elif text:
        values["language"] = _LANGUAGES[text.casefold()]


def _shared_addresses(wishes: Sequence[_Wish], known: Mapping[str, Employee]) -> list[Fault]:
    """Faults for addresses that two people would have after the import."""
    holder = {one.email.lower(): key for key, one in known.items() if one.email}
    changing = {wish.key for wish in wishes if "email" in wish.values}
    holder = {address: key for address, key in holder.items() if key not in changing}
    faults = []
    for wish in wishes:
        address = wish.values.get("email")
        if address and holder.setdefault(address, wish.key) != wish.key:
            mend = _("Each person has an own address. Mend it, or leave the cell empty.")
            faults.append(Fault(wish.row, "email", _("an address that someone else has"), mend))
    return faults


def _backwards(wishes: Iterable[_Wish], known: Mapping[str, Employee]) -> list[Fault]:
    """Faults for days that do not fit the day that is known already."""
    faults = []
    for wish in wishes:
        old = known.get(wish.key)
        start, end = (wish.values.get(name, getattr(old, name, None)) for name in ("start", "end"))
        if start and end and end < start and not ({"start", "end"} <= set(wish.values)):
            faults.append(Fault(wish.row, "end", _("a day before the first day"), _("Mend one of the two days.")))
    return faults


def _changes(wish: _Wish, employee: Employee | None) -> Iterable[Change]:
    name = wish.values.get("name") or (employee.name if employee else "")
    if employee is None:
        yield Change("added", wish.row, wish.key, name)
        return
    if employee.active != wish.values["active"]:
        yield Change("back" if wish.values["active"] else "closed", wish.row, wish.key, name)
    unit = wish.values.get("unit", employee.unit)
    if unit != employee.unit:
        yield Change("moved", wish.row, wish.key, name, (Difference(_("unit"), employee.unit.name, unit.name),))
    differences = tuple(
        Difference(str(label), _said(getattr(employee, field)), _said(wish.values[field]))
        for field, label in _LABELS.items()
        if field in wish.values and wish.values[field] != getattr(employee, field)
    )
    if differences:
        yield Change("changed", wish.row, wish.key, name, differences)


def _said(value: date | str | None) -> str:
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return dict(settings.LANGUAGES).get(value or "", value or "")


def _remarks(wishes: Iterable[_Wish], known: Mapping[str, Employee], gone: Sequence[Employee]) -> tuple[str, ...]:
    remarks = []
    without = sum(
        1
        for wish in wishes
        if wish.values["active"] and not wish.values.get("email", known[wish.key].email if wish.key in known else "")
    )
    if without:
        text = ngettext(
            "%(count)s employee has no e-mail address and gets a letter on paper.",
            "%(count)s employees have no e-mail address and get a letter on paper.",
            without,
        )
        remarks.append(text % {"count": without})
    active = sum(1 for one in known.values() if one.active)
    if active and len(gone) > active / 5:
        share = round(100 * len(gone) / active)
        text = _("%(share)s %% of all who are asked now are not in the file. Is the file complete?")
        remarks.append(text % {"share": share})
    return tuple(remarks)
