"""What a member chose to get by mail, and what an organisation chose to tell in public."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Organisation
from bevlogen_web.actions.models import Action


class Every(models.TextChoices):
    """How often a report comes."""

    NEVER = "", _("never")
    MONTH = "month", _("every month")
    QUARTER = "quarter", _("every quarter")


class FileKind(models.TextChoices):
    """As what a report comes; a manager gets the PDF of each of the own teams."""

    PDF = "pdf", _("report (PDF)")
    SLIDES = "pptx", _("slides (PowerPoint)")
    WORKBOOK = "xlsx", _("all figures (Excel)")


def _nothing() -> list[Any]:
    return []


class MailChoice(models.Model):
    """What one member wants by mail. Nothing of figures unless chosen; reminders of own actions unless switched off.

    ``told`` marks the changes that were mailed and still stand, so that none is told twice; ``seen`` is the number of
    the picture that was looked at last, ``sent`` the month or quarter of the last report; ``reminded`` marks the
    reminders that were mailed and would else be due again.
    """

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="mail_choice")
    digest = models.BooleanField(_("Mail me when something changed more than chance"), default=False)
    reminders = models.BooleanField(_("Remind me of the actions I look after"), default=True)
    every = models.CharField(_("Mail me a report"), max_length=8, choices=Every.choices, blank=True, default="")
    kind = models.CharField(_("As"), max_length=4, choices=FileKind.choices, default=FileKind.PDF)
    told = models.JSONField(default=_nothing)
    reminded = models.JSONField(default=_nothing)
    seen = models.BigIntegerField(null=True)
    sent = models.CharField(max_length=8, blank=True)

    class Meta:
        """Only known choices."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(every__in=Every.values), name="report_rhythm_is_known"),
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="report_kind_is_known"),
        ]

    def __str__(self) -> str:
        """How often, without the person."""
        return str(self.get_every_display())


class PublicPage(models.Model):
    """The page for customers of an organisation: closed unless an administrator opens it.

    ``actions`` are those marked as public; only finished ones are shown.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="public_page")
    is_open = models.BooleanField(_("Everyone may read this page"), default=False)
    intro = models.TextField(_("What you want to say to your customers"), max_length=1000, blank=True)
    actions = models.ManyToManyField(Action, blank=True, related_name="+", verbose_name=_("What you did"))

    def __str__(self) -> str:
        """Whether it is open."""
        return "open" if self.is_open else "closed"
