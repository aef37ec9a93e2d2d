"""Rounds, who is invited, and what is answered: two worlds that share nothing but the round and the unit.

*Who* (``Invitation``, ``Gate``, ``Asked``) knows people and whether they are done; *what* (``Letter``, ``Draft``, then
``Answer`` and ``Comment``) knows answers. No table of either world has a time, and rows of *what* have random keys.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.instruments.models import Version
from bevlogen_web.organisation.models import Employee, Unit

valid_period = RegexValidator(
    r"^\d{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?$", _("Write a year, quarter or month: 2026, 2026-Q4 or 2026-11.")
)


def random_number() -> int:
    """Make a random positive number of 63 bits, for keys that say nothing of order."""
    return secrets.randbits(63)


class Kind(models.TextChoices):
    """Why a round is held; decides who is asked."""

    CENSUS = "census", _("Everyone")
    PULSE = "pulse", _("Pulse: everyone who was not asked lately")
    SAMPLE = "sample", _("Sample: part of each team, in turn")
    ONBOARDING = "onboarding", _("New colleagues, some time after their start")
    EXIT = "exit", _("Colleagues who leave, shortly before their last day")


class State(models.TextChoices):
    """How far a round is. It only goes forward."""

    DRAFT = "draft", _("being prepared")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class Round(models.Model):
    """One time that employees are asked.

    ``unit`` null asks the whole organisation, else this unit and all below; ``share`` is the part of each team that a
    sample asks; ``rest_days`` how long nobody is asked again; ``lead_days`` how long after the first or before the
    last day of work. ``rules`` are the disclosure rules the respondents were promised: a trigger keeps them as they
    were at opening. ``wave`` counts the mailings; ``key_name`` is the file of the key, empty once it is destroyed.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="rounds")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("who is asked"), max_length=12, choices=Kind.choices)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="rounds")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="rounds")
    period = models.CharField(_("period the answers count for"), max_length=7, validators=[valid_period])
    share = models.PositiveSmallIntegerField(
        _("part of each team, in percent"), default=100, validators=[MinValueValidator(5), MaxValueValidator(100)]
    )
    rest_days = models.PositiveSmallIntegerField(_("days of rest after a round"), default=60)
    lead_days = models.PositiveSmallIntegerField(_("days after the start, or before leaving"), default=60)
    opens = models.DateField(_("opened on"), null=True, blank=True)
    closes = models.DateField(_("last day to answer"))
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    rules = models.JSONField(default=dict)
    wave = models.PositiveSmallIntegerField(default=0)
    key_name = models.CharField(max_length=32, blank=True)

    class Meta:
        """Known kinds and states, dates in order, and no key where nothing can be answered."""

        ordering: ClassVar = ["-closes", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="round_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="round_state_is_known"),
            models.CheckConstraint(condition=Q(share__range=(5, 100)), name="round_share_is_percent"),
            models.CheckConstraint(condition=Q(opens=None) | Q(closes__gte=F("opens")), name="round_closes_after_open"),
            models.CheckConstraint(condition=Q(state="draft") | Q(opens__isnull=False), name="round_opened_on_a_day"),
            models.CheckConstraint(condition=~Q(state="draft") | Q(key_name=""), name="round_draft_has_no_key"),
        ]

    def __str__(self) -> str:
        """Name of the round."""
        return self.name

    @property
    def goes_on(self) -> bool:
        """Whether people are added while it is open, and a next one follows."""
        return self.kind in (Kind.ONBOARDING, Kind.EXIT)


class Invitation(models.Model):
    """Someone is asked in a round, and whether that is done. Deleted when the round closes.

    Without an employee it is a card on paper that anyone in the unit may take. ``wave`` is the last mailing that
    reached it, ``refused`` that the mail server did not know the address.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="invitations")
    employee = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, related_name="invitations")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    wave = models.PositiveSmallIntegerField(default=0)
    refused = models.BooleanField(default=False)
    used = models.BooleanField(default=False)

    class Meta:
        """Once per person and round."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["round", "employee"], name="invited_once")]

    def __str__(self) -> str:
        """Only its number."""
        return str(self.pk)


class Gate(models.Model):
    """The hash of a code that opens an invitation. Codes that were sent again open the same one."""

    hash = models.CharField(max_length=64, primary_key=True)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="gates")

    def __str__(self) -> str:
        """Nothing that could be used."""
        return "gate"


class Asked(models.Model):
    """Day on which someone was last invited, so that nobody is asked too often. Says nothing about answering."""

    employee = models.OneToOneField(Employee, on_delete=models.CASCADE, related_name="asked")
    on = models.DateField()
    onboarding = models.BooleanField(default=False)
    exit = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Day."""
        return f"{self.on:%Y-%m-%d}"


class Letter(models.Model):
    """A sealed form: unit and answers, padded to one size. In clear it says only its round."""

    id = models.BigIntegerField(primary_key=True, default=random_number, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="letters")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Nothing that could be used."""
        return "letter"


class Draft(models.Model):
    """A form that is not sent yet, sealed with a key that only the code gives; its own key is a hash of the code."""

    id = models.BigIntegerField(primary_key=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="drafts")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Nothing that could be used."""
        return "draft"


class Answer(models.Model):
    """What one respondent answered on scales and choices, ``{key: value}``. Written at closing, never changed."""

    id = models.BigIntegerField(primary_key=True, default=random_number, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="answers")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField()

    def __str__(self) -> str:
        """Nothing that was answered."""
        return "answer"


class Comment(models.Model):
    """What somebody wrote at an open question; not joined to the rest of the form. ``question`` is the key."""

    id = models.BigIntegerField(primary_key=True, default=random_number, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="comments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=40)
    text = models.TextField()

    def __str__(self) -> str:
        """Nothing that was written."""
        return "comment"


class Turnout(models.Model):
    """How many of a unit were invited and answered; all that stays of the invitations of a closed round."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="turnout")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    invited = models.PositiveIntegerField()
    used = models.PositiveIntegerField()

    class Meta:
        """Once per unit and round; nobody answers uninvited."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "unit"], name="turnout_once"),
            models.CheckConstraint(condition=Q(used__lte=F("invited")), name="turnout_within_invited"),
        ]

    def __str__(self) -> str:
        """Number of the unit."""
        return str(self.unit_id)


class Meter(models.Model):
    """What the response meter shows of a unit: percent, rounded down to steps of five, at most once a day."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="meters")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    percent = models.PositiveSmallIntegerField()

    class Meta:
        """One figure per unit; null is the whole round."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "unit"], name="meter_once"),
            models.UniqueConstraint(fields=["round"], condition=Q(unit=None), name="meter_of_whole_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="meter_is_percent"),
        ]

    def __str__(self) -> str:
        """Number of the unit."""
        return str(self.unit_id)
