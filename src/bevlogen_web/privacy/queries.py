"""Reading: the rules in force and those before them, and what the papers need to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import QuerySet
from django.utils.functional import Promise

from bevlogen_web.accounts.models import AuditEntry, Organisation
from bevlogen_web.listening.models import Round, State
from bevlogen_web.privacy.limits import Rule, cutoff
from bevlogen_web.privacy.models import BOUNDS, NAMES, Particulars, Periods


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of record: what it is, how many months it is kept, and every change ``(since, months)``, newest first."""

    field: str
    text: str | Promise
    months: int
    changes: tuple[Rule, ...]


def versions(organisation: Organisation) -> list[Periods]:
    """Give every version of the periods, oldest first; the first is what held before anyone chose."""
    return [Periods(organisation=organisation, number=0, since=date.min), *organisation.retention.order_by("number")]


def periods(organisation: Organisation) -> Periods:
    """Give the periods in force."""
    return versions(organisation)[-1]


def first_kept(organisation: Organisation, field: str, today: date) -> date:
    """Give the first day of which records of a kind are still kept."""
    return cutoff([Rule(one.since, getattr(one, field)) for one in versions(organisation)], today)


def kept(organisation: Organisation) -> list[Kept]:
    """Give how long each kind of record is kept, with its history."""
    known = versions(organisation)
    return [_kept(field, known) for field in BOUNDS]


def _kept(field: str, known: Sequence[Periods]) -> Kept:
    changes: list[Rule] = []
    for before, after in pairwise(known):
        if getattr(before, field) != getattr(after, field):
            changes.append(Rule(after.since, getattr(after, field)))
    return Kept(field, NAMES[field], getattr(known[-1], field), tuple(reversed(changes)))


def particulars(organisation: Organisation) -> Particulars:
    """Give what the organisation told about itself; an empty one if it has not yet."""
    found = Particulars.objects.filter(organisation=organisation).first()
    return found or Particulars(organisation=organisation, responsible=organisation.name)


def promised(organisation: Organisation) -> QuerySet[Round]:
    """Give the rounds that were opened, with the rules that were promised then, newest first."""
    found = Round.objects.filter(organisation=organisation).exclude(state=State.DRAFT)
    return found.select_related("version__instrument").order_by("-opens", "-pk")


def log(organisation: Organisation) -> QuerySet[AuditEntry]:
    """Give the log, newest first."""
    return AuditEntry.objects.filter(organisation=organisation).order_by("-number")
