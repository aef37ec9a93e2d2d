"""A file with contacts to ask about: read as a whole, with every fault at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.feedback.services import Contact
from bevlogen_web.organisation.models import Service, Unit
from bevlogen_web.organisation.queries import units_of

COLUMNS = ("unit", "email", "service", "language", "contact")
NEEDED = ("unit", "email")
LANGUAGES = {"": "", "nl": "nl", "en": "en-gb", "en-gb": "en-gb"}
MOST_ROWS = 20_000
MOST_BYTES = 5 * 1024 * 1024
LONGEST_CODE = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row (0: the file as a whole) and what to do; never an address."""

    row: int
    text: str


def read(organisation: Organisation, content: bytes) -> tuple[list[Contact], list[Fault]]:
    """Read a CSV file (comma, semicolon or tab; UTF-8 or Windows) of contacts.

    Returns
    -------
    tuple
        Contacts, and faults; with any fault nothing should be sent. Row 1 is the head.
    """
    if len(content) > MOST_BYTES:
        return [], [Fault(0, _("The file is larger than 5 MB. Send it in parts."))]
    rows = csv.reader(io.StringIO(_decoded(content), newline=""), delimiter=_delimiter(content))
    try:
        lines = list(rows)
    except csv.Error:
        return [], [Fault(0, _("This is no CSV file. Save your sheet as CSV."))]
    head = [name.strip().lower() for name in lines[0]] if lines else []
    missing = [name for name in NEEDED if name not in head]
    if missing:
        text = _("There is no column %(name)s. The first row must name the columns: unit, email.")
        return [], [Fault(1, text % {"name": name}) for name in missing]
    if len(lines) > MOST_ROWS:
        return [], [Fault(0, _("There are more than 20,000 rows. Send them in parts."))]
    units = {unit.key: unit for unit in units_of(organisation)}
    services = {service.key: service for service in organisation.services.all()}
    contacts: list[Contact] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in line):
            given = {name: cell.strip() for name, cell in zip(head, line, strict=False)}
            wrong = _wrong(given, units, services)
            faults += [Fault(number, text) for text in wrong]
            if not wrong:
                contacts.append(_contact(given, units, services))
    if not contacts and not faults:
        faults.append(Fault(0, _("There are no rows under the names of the columns.")))
    return contacts, faults


def _wrong(given: Mapping[str, str], units: Mapping[str, Unit], services: Mapping[str, Service]) -> list[str]:
    found = []
    if given.get("unit", "") not in units:
        found.append(_("There is no unit with this code, or it has ended. Use the codes of your units."))
    try:
        validate_email(given.get("email", ""))
    except ValidationError:
        found.append(_("This is no e-mail address."))
    if given.get("service") and given["service"] not in services:
        found.append(_("There is no service with this code. Leave it empty to take that of the unit."))
    if given.get("language", "").lower() not in LANGUAGES:
        found.append(_("This language is not known. Write nl or en, or leave it empty."))
    if len(given.get("contact", "")) > LONGEST_CODE or "\x00" in "".join(given.values()):
        found.append(_("The code of the contact is too long, or holds signs that cannot be kept."))
    return found


def _contact(given: Mapping[str, str], units: Mapping[str, Unit], services: Mapping[str, Service]) -> Contact:
    return Contact(
        units[given["unit"]],
        given["email"],
        services.get(given.get("service", "")),
        LANGUAGES[given.get("language", "").lower()],
        given.get("contact", ""),
    )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(content: bytes) -> str:
    head = content.split(b"\n", 1)[0]
    return max(";,\t", key=lambda sign: head.count(sign.encode()))
