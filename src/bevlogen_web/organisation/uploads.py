"""Files on their way in: kept while somebody looks, applied once, then gone."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import ModuleType

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.organisation import employee_import, unit_import
from bevlogen_web.organisation.models import Upload
from bevlogen_web.organisation.plan import Plan
from bevlogen_web.organisation.reading import Sheet, read

_IMPORTS: Mapping[str, ModuleType] = {Upload.Kind.UNITS: unit_import, Upload.Kind.EMPLOYEES: employee_import}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its name in English and Dutch, what it holds, and whether it must be there."""

    key: str
    dutch: str
    text: Promise
    needed: bool = False


_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    Upload.Kind.UNITS: (
        Column("unit", "onderdeel", _("Code of the unit, the same in every file."), needed=True),
        Column("name", "naam", _("What people call it. Without a name, the code is shown.")),
        Column("parent", "valt onder", _("Code of the unit above it; empty at the top.")),
        Column("service", "dienst", _("Name or code of its service. A new name becomes a new service.")),
        Column("co_creation", "cocreatie", _("Part of the customer: small, middle or large, or a number from 0 to 1.")),
        Column("headcount", "aantal", _("Number of people. Leave it out to count the employees.")),
        Column("start", "vanaf", _("First day.")),
        Column("end", "einddatum", _("Day from which it is no longer there.")),
    ),
    Upload.Kind.EMPLOYEES: (
        Column("number", "personeelsnummer", _("Staff number, or any code that stays the same."), needed=True),
        Column("unit", "onderdeel", _("Code of the unit."), needed=True),
        Column("name", "naam", _("Name, if you want to see it here.")),
        Column("email", "e-mail", _("Address for the invitation; empty for a letter on paper.")),
        Column("language", "taal", _("nl or en. Empty: the language of your organisation.")),
        Column("start", "in dienst", _("First day of work.")),
        Column("end", "uit dienst", _("Last day of work. After it, this person is no longer asked.")),
    ),
}
_EXAMPLES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    Upload.Kind.UNITS: (
        ("100", "Zorg", "", "", "", "", "", ""),
        ("110", "Team Noord", "100", "Thuiszorg", "0,8", "12", "", ""),
        ("120", "Team Zuid", "100", "Thuiszorg", "0,8", "9", "01-01-2025", ""),
    ),
    Upload.Kind.EMPLOYEES: (
        ("1001", "110", "A. Jansen", "a.jansen@example.org", "nl", "01-03-2021", ""),
        ("1002", "120", "", "", "en", "", ""),
    ),
}


def describe(kind: Upload.Kind) -> tuple[Column, ...]:
    """Give the columns of a file of this kind, in the order of the example."""
    return _COLUMNS[kind]


def example(kind: Upload.Kind, language: str) -> str:
    """Write an example file, with the names of the columns in Dutch or English."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([column.dutch if language == "nl" else column.key for column in _COLUMNS[kind]])
    writer.writerows(_EXAMPLES[kind])
    return stream.getvalue()


def keep(
    organisation: Organisation, kind: Upload.Kind, name: str, content: bytes, *, complete: bool, on: date, by: User
) -> Upload:
    """Keep a file to be looked at; an earlier one of the same person and kind goes.

    Raises
    ------
    UnreadableError
        If it is no table; then nothing is kept.
    """
    read(content, name, _IMPORTS[kind].COLUMNS)
    Upload.objects.filter(organisation=organisation, kind=kind, by=by).delete()
    return Upload.objects.create(
        organisation=organisation, kind=kind, name=name[-200:], content=content, complete=complete, on=on, by=by
    )


def plan(upload: Upload) -> Plan:
    """Say what a file would do now."""
    found: Plan = _IMPORTS[upload.kind].plan(
        upload.organisation, _sheet(upload), complete=upload.complete, on=upload.on
    )
    return found


@transaction.atomic
def apply(upload: Upload, mark: str, *, by: User) -> bool:
    """Do what was looked at, and throw the file away. False, and nothing done, if it would now do something else."""
    Organisation.objects.select_for_update().get(pk=upload.organisation_id)
    found = plan(upload)
    if found.faults or found.mark != mark:
        return False
    _IMPORTS[upload.kind].apply(upload.organisation, _sheet(upload), complete=upload.complete, on=upload.on, by=by)
    upload.delete()
    return True


def _sheet(upload: Upload) -> Sheet:
    return read(bytes(upload.content), upload.name, _IMPORTS[upload.kind].COLUMNS)
