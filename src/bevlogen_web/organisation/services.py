"""Writing: services, units, employees and who manages what; each act leaves an entry in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Membership, Organisation, User
from bevlogen_web.organisation import reorganisation
from bevlogen_web.organisation.models import Employee, ManagedUnit, Service, Unit
from bevlogen_web.organisation.reorganisation import Named, free_key


class InUseError(Exception):
    """Something else refers to this."""


@transaction.atomic
def set_up(
    organisation: Organisation,
    name: str,
    offered: Sequence[tuple[str, float | None]],
    named: Sequence[Named],
    *,
    by: User,
) -> None:
    """Give an organisation its name, its services with their degree of co-creation, and its first units.

    Units have no first day: they were there before anything was measured.

    Raises
    ------
    reorganisation.RefusedError
        If a code occurs twice.
    """
    if name != organisation.name:
        organisation.name = name
        organisation.save(update_fields=["name"])
        audit.record(organisation, by, _("name changed"), f"organisation {organisation.pk}")
    for text, degree in offered:
        add_service(organisation, text, degree, by=by)
    for one in named:
        add_unit(organisation, one, None, None, by=by)


@transaction.atomic
def add_service(organisation: Organisation, name: str, co_creation: float | None, *, by: User | None) -> Service:
    """Add a service, with a code of its own."""
    key = free_key(name, organisation.services.values_list("key", flat=True))
    service = Service.objects.create(organisation=organisation, key=key, name=name, co_creation=co_creation)
    audit.record(organisation, by, _("service added"), f"service {service.pk}")
    return service


@transaction.atomic
def change_service(service: Service, *, by: User) -> Service:
    """Keep what was changed in a service."""
    service.save()
    audit.record(service.organisation, by, _("service changed"), f"service {service.pk}")
    return service


@transaction.atomic
def remove_service(service: Service, *, by: User) -> None:
    """Take out a service.

    Raises
    ------
    InUseError
        If a unit or anything else refers to it.
    """
    number = service.pk
    # Asked of every kind of record, because some would go along silently.
    for relation in Service._meta.related_objects:
        if relation.related_model._base_manager.filter(**{relation.field.name: service}).exists():
            raise InUseError
    service.delete()
    audit.record(service.organisation, by, _("service taken out"), f"service {number}")


@transaction.atomic
def add_unit(
    organisation: Organisation, named: Named, parent: Unit | None, start: date | None, *, by: User | None, **more: Any
) -> Unit:
    """Add a unit.

    Raises
    ------
    reorganisation.RefusedError
        If the code is taken.
    """
    unit = reorganisation.make(organisation, named, parent, start, **more)
    audit.record(organisation, by, _("unit added"), f"unit {unit.pk}")
    return unit


@transaction.atomic
def change_unit(unit: Unit, *, by: User) -> Unit:
    """Keep what was changed in a unit; its place is changed by a reorganisation only."""
    unit.save(update_fields=["key", "name", "service", "co_creation", "headcount", "start"])
    audit.record(unit.organisation, by, _("unit changed"), f"unit {unit.pk}")
    return unit


@transaction.atomic
def keep_employee(employee: Employee, *, by: User) -> Employee:
    """Keep a new or changed employee."""
    verb = _("employee added") if employee.pk is None else _("employee changed")
    employee.save()
    audit.record(employee.organisation, by, verb, f"employee {employee.pk}")
    return employee


@transaction.atomic
def deactivate(organisation: Organisation, employees: QuerySet[Employee], on: date, *, by: User) -> int:
    """Let employees no longer be asked, from a day on; gives how many."""
    count = reorganisation.leave(employees.filter(organisation=organisation, active=True), on)
    audit.record(organisation, by, _("employees no longer asked"), f"{count} employees")
    return count


@transaction.atomic
def assign(membership: Membership, units: Sequence[Unit], *, by: User) -> None:
    """Let a manager see these units and all below, and no others."""
    wanted = {unit.pk for unit in units}
    had = set(membership.managed_units.values_list("unit_id", flat=True))
    if wanted == had:
        return
    membership.managed_units.exclude(unit__in=wanted).delete()
    ManagedUnit.objects.bulk_create([ManagedUnit(membership=membership, unit_id=pk) for pk in sorted(wanted - had)])
    numbers = ", ".join(str(pk) for pk in sorted(wanted)) or "none"
    what = f"membership {membership.pk}: units {numbers}"
    audit.record(membership.organisation, by, _("manager's units changed"), what[:300])
