"""Units in a tree, services, employees with their addresses, and who manages what.

A unit is never deleted: it ends, and keeps its key, its place and so its past. What takes over from it is written down
as a succession. Answers refer to units, never to employees.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Organisation, User

KEY_LENGTH = 60
valid_key = RegexValidator(r"^[^\s\x00-\x1f](?:[^\x00-\x1f]*[^\s\x00-\x1f])?$", _("Use letters, digits or signs."))
_DEGREE = (MinValueValidator(0), MaxValueValidator(1))


class Service(models.Model):
    """Something the organisation does for customers. ``co_creation`` is a degree from 0 to 1, null when unknown."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="services")
    key = models.CharField(_("code"), max_length=KEY_LENGTH, validators=[valid_key])
    name = models.CharField(_("name"), max_length=120)
    co_creation = models.FloatField(_("part of the customer"), null=True, blank=True, validators=_DEGREE)

    class Meta:
        """One service per code; a degree lies between 0 and 1."""

        ordering: ClassVar = ["name", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "key"],
                name="service_code_once",
                violation_error_message=_("There is a service with this code already."),
            ),
            models.CheckConstraint(condition=~Q(key=""), name="service_has_code"),
            models.CheckConstraint(condition=Q(co_creation__range=(0, 1)), name="service_co_creation_is_share"),
        ]

    def __str__(self) -> str:
        """Name of the service."""
        return self.name


class Unit(models.Model):
    """A team, branch or location.

    ``start`` is its first day (null: from before the first day known), ``end`` the first day it is no longer there
    (null: it is there). ``co_creation`` null means that of the service; ``headcount`` null: count the employees.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="units")
    key = models.CharField(_("code"), max_length=KEY_LENGTH, validators=[valid_key])
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="units")
    co_creation = models.FloatField(_("part of the customer"), null=True, blank=True, validators=_DEGREE)
    headcount = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    start = models.DateField(_("first day"), null=True, blank=True)
    end = models.DateField(_("no longer there from"), null=True, blank=True)

    class Meta:
        """One unit per code for all time, never its own parent, and no end before its start."""

        ordering: ClassVar = ["name", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "key"],
                name="unit_code_once",
                violation_error_message=_("There is, or was, a unit with this code. Choose another."),
            ),
            models.CheckConstraint(condition=~Q(key=""), name="unit_has_code"),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="unit_not_below_itself"),
            models.CheckConstraint(condition=Q(co_creation__range=(0, 1)), name="unit_co_creation_is_share"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="unit_ends_after_start"),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "end"], name="units_by_end")]

    def __str__(self) -> str:
        """Name of the unit."""
        return self.name

    @property
    def degree(self) -> float | None:
        """Degree of co-creation: its own, else that of its service."""
        return self.co_creation if self.co_creation is not None or self.service is None else self.service.co_creation


class Succession(models.Model):
    """From ``on`` a new unit goes on with what an old one did: merged, split or taken over."""

    old = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="successions")
    new = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="origins")
    on = models.DateField()

    class Meta:
        """Written down once per pair, never onto itself."""

        ordering: ClassVar = ["on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["old", "new"], name="succession_once"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="succession_to_another"),
        ]

    def __str__(self) -> str:
        """Day of the succession."""
        return f"{self.on:%Y-%m-%d}"


class Move(models.Model):
    """From ``on`` a unit lies below ``after`` instead of ``before`` (null: at the top). Its past moves with it."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="moves")
    before = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="+")
    after = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="+")
    on = models.DateField()

    class Meta:
        """Oldest first; never below itself."""

        ordering: ClassVar = ["on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(unit=F("before")), name="move_not_from_itself"),
            models.CheckConstraint(condition=~Q(unit=F("after")), name="move_not_below_itself"),
        ]

    def __str__(self) -> str:
        """Day of the move."""
        return f"{self.on:%Y-%m-%d}"


class Employee(models.Model):
    """Someone who can be asked, and where to reach them. Nothing an employee answers ever refers to this record.

    ``active`` says whether they are asked; ``start`` and ``end`` are their first and last day of work, if known.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="employees")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="employees")
    key = models.CharField(_("staff number"), max_length=KEY_LENGTH, validators=[valid_key])
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    active = models.BooleanField(_("is asked"), default=True)
    start = models.DateField(_("first day of work"), null=True, blank=True)
    end = models.DateField(_("last day of work"), null=True, blank=True)

    class Meta:
        """One record per staff number, and no address twice: nobody is asked two times."""

        ordering: ClassVar = ["name", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "key"],
                name="staff_number_once",
                violation_error_message=_("There is an employee with this staff number already."),
            ),
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=~Q(email=""),
                name="address_once",
                violation_error_message=_("There is an employee with this e-mail address already."),
            ),
            models.CheckConstraint(condition=~Q(key=""), name="employee_has_number"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="employee_ends_after_start"),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "active"], name="employees_by_unit")]

    def __str__(self) -> str:
        """Staff number: never a name where it was not asked for."""
        return self.key


class ManagedUnit(models.Model):
    """A manager sees this unit and all below it."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="managed_units")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="managed_by")

    class Meta:
        """Given once per pair."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["membership", "unit"], name="managed_once")]

    def __str__(self) -> str:
        """Number of the unit."""
        return str(self.unit_id)


class Upload(models.Model):
    """A file somebody looks at before it is applied; deleted when applied, given up, or after a day."""

    class Kind(models.TextChoices):
        """What the rows of the file are."""

        UNITS = "units", _("Units")
        EMPLOYEES = "employees", _("Employees")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="uploads")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    complete = models.BooleanField(_("the file holds everything there is"))
    on = models.DateField(_("the changes hold from"))
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Only kinds that are known."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=["units", "employees"]), name="upload_kind")
        ]

    def __str__(self) -> str:
        """Kind of the file, never its name."""
        return self.get_kind_display()
