"""Reading: which units there are, who may see them, and who works there."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from bevlogen_web.accounts.models import Membership, Organisation, Role
from bevlogen_web.organisation.models import Employee, ManagedUnit, Service, Unit

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
    day = on or today()
    return units(organisation).filter(Q(start=None) | Q(start__lte=day), Q(end=None) | Q(end__gt=day))


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


def managed(membership: Membership) -> QuerySet[ManagedUnit]:
    """Give what a manager was assigned."""
    return membership.managed_units.select_related("unit").order_by("unit__name")
