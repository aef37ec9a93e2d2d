"""What was delivered, by which integration, and the figures it brought."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.organisation.models import Unit


class Scope(models.TextChoices):
    """What an integration may do."""

    SEND_UNITS = "units:write", _("send units")
    SEND_RESULTS = "results:write", _("send figures (absence, turnover, retention and the like)")
    SEND_INTERACTIONS = "interactions:write", _("send rated contacts with customers")
    ASK_CUSTOMERS = "customers:ask", _("ask customers by e-mail after a contact")
    READ_RELEASE = "release:read", _("read the current picture, as far as it may be shown")


class Table(models.TextChoices):
    """What a delivery holds."""

    UNITS = "units", _("Units")
    RESULTS = "results", _("Figures")
    INTERACTIONS = "interactions", _("Contacts")


class Grain(models.TextChoices):
    """Length of a period of the study."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


class Token(models.Model):
    """The key of one integration. Only its hash is kept, so that it can be shown once and never read back."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name of the integration"), max_length=80)
    scopes = models.JSONField(default=list)
    hash = models.CharField(max_length=64, unique=True)
    made = models.DateField()
    last_used = models.DateField(null=True)

    class Meta:
        """Names tell integrations apart."""

        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_token_per_name"),
        ]

    def __str__(self) -> str:
        """Name of the integration."""
        return self.name

    @property
    def labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Scope(scope).label) for scope in self.scopes]

    @property
    def anchor(self) -> str:
        """Name of its question on the page."""
        return f"token-{self.pk}"


class Delivery(models.Model):
    """One batch of rows that was stored as a whole. Its key makes sending it again harmless."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="deliveries")
    token = models.ForeignKey(Token, null=True, on_delete=models.SET_NULL, related_name="deliveries")
    table = models.CharField(max_length=20, choices=Table.choices)
    key = models.CharField(max_length=64)
    content = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        """A key stands for one content, for good."""

        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="delivered_once"),
            models.CheckConstraint(condition=models.Q(table__in=Table.values), name="delivered_table_is_known"),
        ]

    def __str__(self) -> str:
        """Table and number of rows."""
        return f"{self.table}: {self.rows}"

    @property
    def anchor(self) -> str:
        """Name of its question on the page."""
        return f"delivery-{self.pk}"


class Result(models.Model):
    """A figure of record of a unit in a period. Sent again, it is replaced: records get corrected."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="results")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="results")
    period = models.CharField(max_length=10)
    measure = models.CharField(max_length=60)
    value = models.FloatField()
    exposure = models.FloatField(null=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="results")

    class Meta:
        """One figure per unit, period and measure."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "unit", "period", "measure"], name="one_figure"),
        ]

    def __str__(self) -> str:
        """Measure and period."""
        return f"{self.measure} {self.period}"


class Encounter(models.Model):
    """One contact that was rated elsewhere. Employee and customer are pseudonyms made here, never what was sent."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="encounters")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="encounters")
    day = models.DateField()
    employee = models.CharField(max_length=16, blank=True)
    customer = models.CharField(max_length=16, blank=True)
    service = models.CharField(max_length=80, blank=True)
    low = models.FloatField()
    high = models.FloatField()
    ratings = models.JSONField()
    # Of the sender's own id; null where none was given, so that the constraint leaves those alone.
    mark = models.CharField(max_length=16, null=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="encounters")

    class Meta:
        """An id stands for one contact; sent again, it is replaced."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "mark"], name="one_contact_per_mark"),
            models.CheckConstraint(condition=models.Q(low__lt=models.F("high")), name="scale_has_two_ends"),
        ]

    def __str__(self) -> str:
        """Day, without people."""
        return str(self.day)


class History(models.Model):
    """A workspace from before: files in the library's own contract, checked as a whole, kept in the data folder."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="history")
    folder = models.CharField(max_length=200)
    grain = models.CharField(max_length=10, choices=Grain.choices)
    measures = models.JSONField(default=dict)
    periods = models.JSONField(default=list)
    files = models.JSONField(default=list)
    added = models.DateTimeField()

    def __str__(self) -> str:
        """First and last period."""
        return f"{self.periods[0]} – {self.last_period}" if self.periods else ""

    @property
    def last_period(self) -> str:
        """Label of the last period."""
        return self.periods[-1] if self.periods else ""
