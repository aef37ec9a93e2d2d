"""Refreshes of the study, and the pictures they made. The current picture stays until a better one is there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Organisation

CUT_OFF = "cut off"
UNFORESEEN = "unforeseen"


class State(models.TextChoices):
    """How far a refresh is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    NOTHING = "nothing", _("nothing to show yet")


class Progress(models.TextChoices):
    """The step a running refresh is at."""

    COLLECTING = "collecting", _("Collecting the data")
    READING = "reading", _("Reading and checking")
    MEASURING = "measuring", _("Measuring")
    LINKING = "linking", _("Testing the chain")
    STEERING = "steering", _("Looking where to act first")
    WRITING = "writing", _("Writing the picture")


class Refresh(models.Model):
    """One time that the study is made again. Many reasons at once wait as one.

    ``fault`` holds what the library said, or one of ``CUT_OFF`` and ``UNFORESEEN``.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="refreshes")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.CharField(max_length=12, choices=Progress.choices, blank=True)
    asked = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    mark = models.CharField(max_length=64, blank=True)
    fault = models.TextField(blank=True)

    class Meta:
        """At most one waits and one runs per organisation."""

        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(state="waiting"), name="one_refresh_waits"),
            models.UniqueConstraint(fields=["organisation"], condition=Q(state="running"), name="one_refresh_runs"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="refresh_state_is_known"),
        ]

    def __str__(self) -> str:
        """State of the refresh."""
        return self.get_state_display()

    @property
    def reason(self) -> str:
        """Why it failed, in the language of the page; "" where the library tells it, in English."""
        reasons = {
            CUT_OFF: _("The work was cut off before it was done. It is tried again."),
            UNFORESEEN: _("Something went wrong that was not foreseen. The log of the server tells more."),
        }
        return str(reasons.get(self.fault, ""))


class Picture(models.Model):
    """A steering picture: the release and its report in both languages. It holds nothing that may not be shown."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="pictures")
    made = models.DateTimeField()
    mark = models.CharField(max_length=64)
    current = models.BooleanField()
    release = models.JSONField()
    report_en = models.TextField()
    report_nl = models.TextField()
    notes = models.JSONField(default=dict)

    class Meta:
        """One picture is the current one."""

        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(current=True), name="one_current_picture"),
        ]

    def __str__(self) -> str:
        """Day on which it was made."""
        return f"{self.made:%Y-%m-%d}"


class Sheet(models.Model):
    """A part of a picture's release, as one page needs it; see ``sheets.py``."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="sheets")
    kind = models.CharField(max_length=4)
    key = models.CharField(max_length=200, blank=True)
    body = models.TextField()

    class Meta:
        """One sheet of a kind per unit."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["picture", "kind", "key"], name="one_sheet_per_unit"),
        ]

    def __str__(self) -> str:
        """Kind of sheet."""
        return self.kind


class Exploration(models.Model):
    """A link that somebody asked for, of the data that made a picture. It holds nothing of who asked.

    ``asked`` is the question in one fixed form, ``body`` the release that answers it.
    """

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="explorations")
    asked = models.CharField(max_length=600)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField()
    body = models.JSONField(null=True)

    class Meta:
        """A question is worked out once per picture."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["picture", "asked"], name="one_answer_per_question"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="exploration_state_is_known"),
        ]

    def __str__(self) -> str:
        """State of the work."""
        return self.get_state_display()


class SavedView(models.Model):
    """A question of the explorer that a member keeps under a name; ``query`` is that of its address."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=600)

    class Meta:
        """A name stands once in a member's list."""

        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "name"], name="one_view_per_name"),
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name
