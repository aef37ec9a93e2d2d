"""Reading: which units there are, who may see them, and who works there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from bevlogen_web.accounts.models import Membership, Organisation, Role
from bevlogen_web.organisation.models import Employee, ManagedUnit, Service, Succession, Unit, Upload

# UNION without ALL: a row that was seen is not followed again, so a circle cannot keep the database busy.
_BELOW = """
WITH RECURSIVE below(id) AS (
  SELECT id FROM organisation_unit WHERE {start}
  UNION SELECT unit.id FROM organisation_unit unit JOIN below ON unit.parent_id = below.id
) SELECT id FROM below
"""
_ABOVE = """
WITH RECURSIVE above(id, parent_id) AS (
  SELECT id, parent_id FROM organisation_unit WHERE id = %s
  UNION SELECT unit.id, unit.parent_id FROM organisation_unit unit JOIN above ON unit.id = above.parent_id
) SELECT id FROM above
"""


def today() -> date:
    """Today in the organisation's time zone."""
    return timezone.localdate()


def units(organisation: Organisation) -> QuerySet[Unit]:
    """Give every unit there is or ever was, with its service."""
    return organisation.units.select_related("service")


def units_of(organisation: Organisation, on: date | None = None) -> QuerySet[Unit]:
    """Give the units that exist on a day, today by default, with their service."""
    return existing(units(organisation), on)


def existing(found: QuerySet[Unit], on: date | None = None) -> QuerySet[Unit]:
    """Keep the units that exist on a day, today by default."""
    day = on or today()
    return found.filter(Q(start=None) | Q(start__lte=day), Q(end=None) | Q(end__gt=day))


def search(found: QuerySet[Unit], words: str) -> QuerySet[Unit]:
    """Keep the units with these words in their name or code; those that exist come first."""
    named = found.filter(Q(name__icontains=words) | Q(key__icontains=words))
    return named.select_related("parent", "service").order_by(F("end").desc(nulls_first=True), "name")


def visible_units(membership: Membership) -> QuerySet[Unit]:
    """Give the units a member may see, also those that have ended: a manager his own and all below, others all."""
    found = units(membership.organisation)
    if membership.role != Role.MANAGER:
        return found
    start = "id IN (SELECT unit_id FROM organisation_managedunit WHERE membership_id = %s)"
    return found.filter(pk__in=RawSQL(_BELOW.format(start=start), [membership.pk]))


def descendants(unit: Unit) -> QuerySet[Unit]:
    """Give all units below a unit, not the unit itself, also those that have ended."""
    below = RawSQL(_BELOW.format(start="id = %s"), [unit.pk])
    return units(unit.organisation).filter(pk__in=below).exclude(pk=unit.pk)


def ancestors(unit: Unit) -> list[Unit]:
    """Give the units above a unit, from the top down, not the unit itself."""
    found = {one.pk: one for one in units(unit.organisation).filter(pk__in=RawSQL(_ABOVE, [unit.pk])) if one != unit}
    path: list[Unit] = []
    above = unit.parent_id
    while above in found:
        path.insert(0, found.pop(above))
        above = path[0].parent_id
    return path


def with_people(found: QuerySet[Unit]) -> QuerySet[Unit]:
    """Add ``people``: the headcount that was given, else the number of active employees of the unit itself."""
    active = Count("employees", filter=Q(employees__active=True))
    return found.annotate(n_employees=active, people=Coalesce("headcount", active))


def services_of(organisation: Organisation) -> QuerySet[Service]:
    """Give the services of an organisation, by name."""
    return organisation.services.all()


def employees_of(organisation: Organisation) -> QuerySet[Employee]:
    """Give the employees of an organisation with their unit, by name. For administrators and for sending only."""
    return organisation.employees.select_related("unit")


def search_employees(found: QuerySet[Employee], words: str) -> QuerySet[Employee]:
    """Keep the employees with these words in their name, number, address or unit."""
    if not words:
        return found
    return found.filter(
        Q(name__icontains=words) | Q(key__icontains=words) | Q(email__icontains=words) | Q(unit__name__icontains=words)
    )


def uploads_of(membership: Membership) -> QuerySet[Upload]:
    """Give the files that this member uploaded and did not apply yet."""
    return membership.organisation.uploads.filter(by=membership.user)


def managers(organisation: Organisation) -> QuerySet[Membership]:
    """Give the managers of an organisation with their units, by name."""
    found = organisation.memberships.filter(role=Role.MANAGER).select_related("user")
    return found.prefetch_related("managed_units__unit").order_by("user__name", "user__email")


def managers_of(unit: Unit) -> list[Membership]:
    """Give the managers who see this unit because it, or a unit above it, was given to them."""
    chain = [unit, *ancestors(unit)]
    return list(managers(unit.organisation).filter(managed_units__unit__in=chain).distinct())


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a unit's past: on which day (None: before the first day known), what, and which other units."""

    on: date | None
    kind: Literal["began", "came from", "moved", "goes on in", "ended"]
    others: tuple[Unit | None, ...] = ()


def history(unit: Unit) -> list[Event]:
    """Give a unit's past, oldest first; for a move the others are the unit above before and after."""
    origins = unit.origins.select_related("old")
    heirs = unit.successions.select_related("new")
    began = "came from" if origins and unit.start in {one.on for one in origins} else "began"
    events = [Event(unit.start, "began")] if began == "began" else []
    events += [Event(on, "came from", tuple(one.old for one in origins if one.on == on)) for on in _days(origins)]
    events += [Event(one.on, "moved", (one.before, one.after)) for one in unit.moves.select_related("before", "after")]
    events += [Event(on, "goes on in", tuple(one.new for one in heirs if one.on == on)) for on in _days(heirs)]
    if unit.end is not None:
        events.append(Event(unit.end, "ended"))
    return sorted(events, key=lambda event: event.on or date.min)


def _days(found: Iterable[Succession]) -> list[date]:
    return sorted({one.on for one in found})


def managed(membership: Membership) -> QuerySet[ManagedUnit]:
    """Give what a manager was assigned."""
    return membership.managed_units.select_related("unit").order_by("unit__name")
