"""Reorganising: units merge, split, move and end on a day. Nothing of the past is lost or rewritten.

A unit that ends keeps its key, its place and all that was measured in it; a succession says what goes on from there. A
unit that moves takes its past along. Each act is entered on its day or later, so that the tree is always that of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.organisation import queries
from bevlogen_web.organisation.models import KEY_LENGTH, Employee, Move, Succession, Unit


class RefusedError(Exception):
    """Something cannot be done to these units; the text says why, to the person who asks."""


@dataclass(frozen=True, slots=True)
class Named:
    """A unit to be made: its name, and its code or "" to have one made."""

    name: str
    key: str = ""


@transaction.atomic
def merge(old: Sequence[Unit], named: Named, parent: Unit | None, on: date, *, by: User | None) -> Unit:
    """End several units and let one new unit go on: with their employees, and with the units below them.

    The service is kept if it is the same in all, headcounts are added if all have one. Managers are not taken over:
    who sees the new unit is decided anew.

    Raises
    ------
    RefusedError
        If there are fewer than two, the day does not fit, or the new unit would lie below one that ends.
    """
    units = _locked(old)
    if len(units) < 2:
        raise RefusedError(_("Choose at least two units."))
    check_day(units, on)
    if parent is not None:
        _check_is_there(parent, on)
        if {unit.pk for unit in (parent, *queries.ancestors(parent))} & {unit.pk for unit in units}:
            raise RefusedError(_("The new unit cannot lie below a unit that ends."))
    services = {unit.service for unit in units}
    degrees = {unit.co_creation for unit in units}
    counts = [unit.headcount for unit in units if unit.headcount is not None]
    new = make(
        units[0].organisation,
        named,
        parent,
        on,
        service=services.pop() if len(services) == 1 else None,
        co_creation=degrees.pop() if len(degrees) == 1 else None,
        headcount=sum(counts) if len(counts) == len(units) else None,
    )
    for unit in units:
        _hand_over(unit, new, on)
        _end(unit, on)
    audit.record(
        new.organisation, by, gettext_noop("units merged"), f"units {_numbers(units)} into unit {new.pk}, from {on}"
    )
    return new


@transaction.atomic
def split(unit: Unit, parts: Sequence[Named], on: date, *, stays: bool, by: User | None) -> list[Unit]:
    """Let new units come from one. It ends and the first part gets its employees and what lies below, or it stays.

    Raises
    ------
    RefusedError
        If there are too few parts or the day does not fit.
    """
    (unit,) = _locked([unit])
    check_day([unit], on)
    if len(parts) < (1 if stays else 2):
        raise RefusedError(_("Name at least one new unit.") if stays else _("Name at least two new units."))
    new = [
        make(unit.organisation, part, unit.parent, on, service=unit.service, co_creation=unit.co_creation)
        for part in parts
    ]
    if not stays:
        _hand_over(unit, new[0], on)
        _end(unit, on)
    Succession.objects.bulk_create([Succession(old=unit, new=one, on=on) for one in new], ignore_conflicts=True)
    audit.record(
        unit.organisation, by, gettext_noop("unit split"), f"unit {unit.pk} into units {_numbers(new)}, from {on}"
    )
    return new


@transaction.atomic
def move(unit: Unit, parent: Unit | None, on: date, *, by: User | None, mistake: bool = False) -> Unit:
    """Put a unit, with all below it, below another (None: at the top); ``mistake``: it always lay there.

    Raises
    ------
    RefusedError
        If it would lie below itself, or the day does not fit.
    """
    (unit,) = _locked([unit])
    _check_is_there(unit)
    if parent is not None:
        _check_is_there(parent, None if mistake else on)
        if unit in (parent, *queries.ancestors(parent)):
            raise RefusedError(_("A unit cannot lie below itself."))
    if not mistake:
        check_day([unit], on)
    if unit.parent != parent:
        _move(unit, parent, on, remember=not mistake)
        place = f"unit {parent.pk}" if parent else "the top"
        audit.record(unit.organisation, by, gettext_noop("unit moved"), f"unit {unit.pk} below {place}, from {on}")
    return unit


@transaction.atomic
def close(unit: Unit, on: date, *, heir: Unit | None, by: User | None) -> Unit:
    """End a unit. An heir gets its employees and what lies below it; without one employees are asked no more.

    Raises
    ------
    RefusedError
        If the heir has ended or lies below the unit, or the day does not fit.
    """
    (unit,) = _locked([unit])
    check_day([unit], on)
    if heir is not None:
        _check_is_there(heir, on)
        if unit in (heir, *queries.ancestors(heir)):
            raise RefusedError(_("The unit that takes over cannot be this unit or lie below it."))
        _hand_over(unit, heir, on)
    else:
        for child in _children(unit):
            _move(child, unit.parent, on, remember=True)
        leave(unit.employees.filter(active=True), on)
    _end(unit, on)
    after = f", unit {heir.pk} takes over" if heir else ""
    audit.record(unit.organisation, by, gettext_noop("unit closed"), f"unit {unit.pk}, from {on}{after}")
    return unit


@transaction.atomic
def reopen(unit: Unit, *, by: User | None) -> Unit:
    """Take back that a unit ended; what had taken over from it stays, but no longer counts as its successor.

    Raises
    ------
    RefusedError
        If the unit above it has ended.
    """
    (unit,) = _locked([unit])
    if unit.parent is not None and unit.parent.end is not None:
        raise RefusedError(_("The unit above it has ended. First open that one again."))
    unit.successions.all().delete()
    unit.end = None
    unit.save(update_fields=["end"])
    audit.record(unit.organisation, by, gettext_noop("unit opened again"), f"unit {unit.pk}")
    return unit


def make(organisation: Organisation, named: Named, parent: Unit | None, start: date | None, **more: object) -> Unit:
    """Make a unit, with a code of its own if none is given.

    Raises
    ------
    RefusedError
        If the code is taken.
    """
    key = named.key or free_key(named.name, organisation.units.values_list("key", flat=True))
    if organisation.units.filter(key=key).exists():
        raise RefusedError(_("There is, or was, a unit with the code %(code)s. Choose another.") % {"code": key})
    return Unit.objects.create(organisation=organisation, key=key, name=named.name, parent=parent, start=start, **more)


def free_key(name: str, taken: Iterable[str]) -> str:
    """Make a code out of a name that is not taken yet."""
    stem, known = slugify(name)[: KEY_LENGTH - 5] or "unit", set(taken)
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, len(known) + 3))) if key not in known)


def leave(employees: QuerySet[Employee], on: date) -> int:
    """Let employees no longer be asked; their last day is known from then on. Gives how many they were."""
    employees.filter(end=None, start__gt=on).update(start=None)
    employees.filter(end=None).update(end=on)
    return employees.update(active=False)


def _locked(units: Sequence[Unit]) -> list[Unit]:
    """Read units again with the tree locked, so that two reorganisations at once cannot tie it into a circle."""
    Organisation.objects.select_for_update().get(pk=units[0].organisation_id if units else 0)
    found = Unit.objects.select_related("organisation", "parent", "service").in_bulk([unit.pk for unit in units])
    return [found[pk] for pk in dict.fromkeys(unit.pk for unit in units)]


def _check_is_there(unit: Unit, on: date | None = None) -> None:
    if unit.end is not None:
        raise RefusedError(_("%(unit)s has ended. Choose another unit.") % {"unit": unit.name})
    if on is not None and unit.start is not None and on < unit.start:
        raise RefusedError(_("%(unit)s did not exist yet on this day.") % {"unit": unit.name})


def check_day(units: Iterable[Unit], on: date) -> None:
    """Refuse a day that is still to come, or that does not fit the past of one of the units."""
    if on > queries.today():
        raise RefusedError(_("This day is still to come. Enter the change on that day or later."))
    for unit in units:
        _check_is_there(unit, on)
        if unit.moves.filter(on__gt=on).exists():
            raise RefusedError(_("%(unit)s was moved after this day. Choose a later day.") % {"unit": unit.name})


def _hand_over(unit: Unit, heir: Unit, on: date) -> None:
    for child in _children(unit):
        if child != heir:
            _move(child, heir, on, remember=True)
    unit.employees.update(unit=heir)
    Succession.objects.get_or_create(old=unit, new=heir, defaults={"on": on})


def _children(unit: Unit) -> QuerySet[Unit]:
    return unit.children.filter(end=None)


def _move(unit: Unit, parent: Unit | None, on: date, *, remember: bool) -> None:
    if remember:
        Move.objects.create(unit=unit, before=unit.parent, after=parent, on=on)
    unit.parent = parent
    unit.save(update_fields=["parent"])


def _end(unit: Unit, on: date) -> None:
    unit.end = on
    unit.save(update_fields=["end"])


def _numbers(units: Iterable[Unit]) -> str:
    return ", ".join(str(unit.pk) for unit in units)
