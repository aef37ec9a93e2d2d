"""An action: what is done, in which units, from when, to move which lever, and by whom it is looked after."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Organisation
from bevlogen_web.organisation.models import Unit


class State(models.TextChoices):
    """Where an action stands."""

    PROPOSED = "proposed", _("proposed")
    DECLINED = "declined", _("not taken up")
    AGREED = "agreed", _("agreed")
    CLOSED = "closed", _("closed")


class Kind(models.TextChoices):
    """What is asked of the study."""

    PLAN = "plan", _("a plan to learn")
    CHOICE = "choice", _("a choice of first moves")


class Stage(models.TextChoices):
    """How far a question is."""

    WAITING = "waiting", _("is being worked out")
    DONE = "done", _("answered")
    FAILED = "failed", _("could not be answered")


class Asked(models.Model):
    """A question that is worked out in the background, with its answer as the study gave it.

    A plan that is ``registered`` is sealed in the log; its actions point back to it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="asked")
    by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.WAITING)
    given = models.JSONField()
    answer = models.JSONField(default=dict)
    fault = models.TextField(default="")
    registered = models.DateTimeField(null=True)

    class Meta:
        """Newest first; only what is answered is registered."""

        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="asked_kind_is_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="asked_stage_is_known"),
            models.CheckConstraint(
                condition=Q(registered__isnull=True) | Q(kind="plan", stage="done"), name="only_plans_are_registered"
            ),
        ]

    def __str__(self) -> str:
        """Kind and number."""
        return f"{self.kind} {self.pk}"


class Action(models.Model):
    """An action. ``agreed`` ones count in the study from ``start`` on, and so do ``closed`` ones.

    ``owner`` looks after it (null: nobody any more). ``until`` is its last day where it has one, ``remind`` the day to
    look again.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="actions")
    units = models.ManyToManyField(Unit, related_name="actions", verbose_name=_("units"))
    owner = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="owned_actions", verbose_name=_("owner")
    )
    proposer = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="proposed_actions")
    plan = models.ForeignKey(Asked, on_delete=models.PROTECT, null=True, related_name="actions")
    lever = models.CharField(_("what it should change"), max_length=60)
    what = models.CharField(_("what will be done"), max_length=300, validators=[MinLengthValidator(5)])
    start = models.DateField(_("first day"))
    until = models.DateField(_("last day"), null=True, blank=True)
    remind = models.DateField(_("look again on"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    closed = models.DateField(null=True, blank=True)

    class Meta:
        """Only known states; a closed action has its day, and no other has."""

        ordering: ClassVar = ["-start", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="action_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="closed", closed__isnull=False) | (~Q(state="closed") & Q(closed__isnull=True)),
                name="closed_action_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("start")), name="action_ends_after_its_start"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "state"], name="actions_by_state")]

    def __str__(self) -> str:
        """What is done."""
        return self.what


class Note(models.Model):
    """Something written down about an action."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField(_("note"), max_length=2000)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        """Day of the note."""
        return f"{self.at:%Y-%m-%d}"
