"""Instruments and their versions. A version that was published is never changed: the database itself refuses it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation


class Audience(models.TextChoices):
    """Who fills an instrument in."""

    EMPLOYEE = "employee", _("employees, about their work")
    CUSTOMER = "customer", _("customers, about a contact")
    ENCOUNTER = "encounter", _("employees, about a contact with a customer")


class State(models.TextChoices):
    """How far a version is. It only goes forward."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class Instrument(models.Model):
    """A set of questions under one name. Without an organisation it is one of ours, for everyone.

    ``source`` is the key of the library's structure whose wording a licence holder loaded, ``licence`` what he said
    his right to it is.
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="instruments")
    key = models.SlugField(max_length=60)
    audience = models.CharField(_("who fills it in"), max_length=10, choices=Audience.choices)
    source = models.SlugField(max_length=60, blank=True)
    licence = models.CharField(max_length=200, blank=True)

    class Meta:
        """Keys tell instruments apart, within an organisation and among ours."""

        ordering: ClassVar = ["audience", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_instrument_per_key"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(organisation=None), name="one_instrument_of_ours_per_key"
            ),
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="audience_is_known"),
        ]

    def __str__(self) -> str:
        """Key of the instrument."""
        return self.key


class Version(models.Model):
    """The questions themselves, as they are or were asked; see ``definition.py`` for their form."""

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)

    class Meta:
        """Numbered, and one of each instrument in the making at a time; a trigger keeps what was published."""

        ordering: ClassVar = ["instrument_id", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instrument", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["instrument"], condition=models.Q(state="draft"), name="one_draft"),
            models.UniqueConstraint(fields=["instrument"], condition=models.Q(state="published"), name="one_published"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="version_state_is_known"),
        ]

    def __str__(self) -> str:
        """Key and number."""
        return f"{self.instrument.key} {self.number}"
