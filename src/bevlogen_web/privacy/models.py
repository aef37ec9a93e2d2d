"""How long things are kept, in versions that stay, and what the papers say about the organisation itself."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation, User

LONGEST = 120  # months
BOUNDS = {
    "answers": (6, LONGEST),
    "comments": (1, 60),
    "ratings": (6, LONGEST),
    "customer_comments": (1, 60),
    "contacts": (6, LONGEST),
    "wishes": (1, 12),
    "employees": (1, 24),
}


NAMES = {
    "answers": _("answers of employees"),
    "comments": _("what employees wrote in their own words"),
    "ratings": _("ratings by customers"),
    "customer_comments": _("what customers wrote in their own words"),
    "contacts": _("rated contacts from other systems"),
    "wishes": _("customers who want to be called back"),
    "employees": _("names and addresses of employees who left"),
}


def _months(field: str, default: int) -> models.PositiveSmallIntegerField[int, int]:
    low, high = BOUNDS[field]
    return models.PositiveSmallIntegerField(
        NAMES[field], default=default, validators=[MinValueValidator(low), MaxValueValidator(high)]
    )


class Periods(models.Model):
    """How many months each kind of record is kept, from ``since`` on.

    A change makes a new row; none is ever altered (a trigger refuses), so the works council sees every rule there was.
    ``by`` is the number of who changed it, as in the log.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="retention")
    number = models.PositiveIntegerField()
    since = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    answers = _months("answers", 60)
    comments = _months("comments", 12)
    ratings = _months("ratings", 60)
    customer_comments = _months("customer_comments", 12)
    contacts = _months("contacts", 60)
    wishes = _months("wishes", 3)
    employees = _months("employees", 3)

    class Meta:
        """Numbered per organisation, and within bounds."""

        ordering: ClassVar = ["organisation_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="retention_numbered_once"),
            *(
                models.CheckConstraint(condition=Q(**{f"{field}__range": bounds}), name=f"retention_{field}")
                for field, bounds in BOUNDS.items()
            ),
        ]

    def __str__(self) -> str:
        """Number of the version."""
        return str(self.number)


class Basis(models.TextChoices):
    """Why the law allows what is done with employees' data."""

    INTEREST = "interest", _("legitimate interest: good work and good service")
    TASK = "task", _("a task in the public interest")
    CONSENT = "consent", _("consent of each person")


class Particulars(models.Model):
    """What only the organisation itself knows, for the papers: who answers for it, and who helps with it."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="particulars")
    responsible = models.CharField(_("who is responsible (name and address of the organisation)"), max_length=200)
    contact = models.CharField(_("where people can ask questions"), max_length=200)
    officer = models.CharField(_("data protection officer, and how to reach them"), max_length=200, blank=True)
    basis = models.CharField(
        _("why the law allows asking employees"), max_length=10, choices=Basis.choices, default=Basis.INTEREST
    )
    hosting = models.CharField(_("who runs the computers"), max_length=200, blank=True)
    mailing = models.CharField(_("who sends the mail"), max_length=200, blank=True)
    agreed = models.DateField(_("day on which the works council agreed"), null=True, blank=True)

    class Meta:
        """Only known reasons."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(basis__in=Basis.values), name="basis_is_known")]

    def __str__(self) -> str:
        """Number of the organisation."""
        return str(self.organisation_id)
