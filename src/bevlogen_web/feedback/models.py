"""Where customers are asked, what they answered, and who wants to be called back: three things that nothing joins.

Rows of respondents have a random number for a key and no time but the day, so that neither their order nor their
keys tell which answer, comment and wish came from one person.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.instruments.models import Version
from bevlogen_web.organisation.models import Service, Unit


class Kind(models.TextChoices):
    """How people come to the questions."""

    LINK = "link", _("link on a page or in a letter")
    POSTER = "poster", _("poster with a QR code")
    KIOSK = "kiosk", _("screen at the desk")
    MAIL = "mail", _("e-mail after a contact")
    STAFF = "staff", _("link for colleagues, about a contact with a customer")


class Reason(models.TextChoices):
    """Why something that was sent was not kept."""

    TWICE = "twice", _("the same form, sent again")
    USED = "used", _("a link for one contact, used again")
    FORGED = "forged", _("a link that is not ours, or damaged")
    EXPIRED = "expired", _("a link that is too old")
    CLOSED = "closed", _("a link that was closed")
    STALE = "stale", _("a form that was open for too long")
    MACHINE = "machine", _("filled in by a machine")
    FLOOD = "flood", _("very many from one place")


def new_key() -> str:
    """Make the name of a channel in links: 64 random bits."""
    return secrets.token_urlsafe(8)


class Channel(models.Model):
    """A way by which people give feedback about one unit.

    ``key`` stands in its links. A channel can be paused and can go on with a newer version of its questions; its unit
    and service stay, because answers already given are about those.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="channels")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="channels")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="channels")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    active = models.BooleanField(default=True)

    class Meta:
        """One channel for mail per unit and service, because mailings look it up."""

        ordering: ClassVar = ["unit__name", "kind", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="channel_kind_is_known"),
            models.UniqueConstraint(
                fields=["unit", "service"], condition=models.Q(kind="mail"), name="one_mail_channel"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(kind="mail", service=None), name="one_mail_channel_without_service"
            ),
        ]

    def __str__(self) -> str:
        """Kind and unit."""
        return f"{self.get_kind_display()}: {self.unit}"


class Response(models.Model):
    """The ratings of one respondent about one contact; comments are kept apart."""

    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="responses")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="responses")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="responses")
    day = models.DateField()
    values = models.JSONField()

    class Meta:
        """Read by organisation and day."""

        indexes: ClassVar = [models.Index(fields=["organisation", "day"], name="responses_by_day")]

    def __str__(self) -> str:
        """Day, without the answer."""
        return str(self.day)


class Comment(models.Model):
    """What somebody wrote, without their ratings."""

    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="customer_comments")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="customer_comments")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=40)
    day = models.DateField()
    text = models.TextField()

    class Meta:
        """Read by organisation and day."""

        indexes: ClassVar = [models.Index(fields=["organisation", "day"], name="customer_comments_by_day")]

    def __str__(self) -> str:
        """Day, without the text."""
        return str(self.day)


class Wish(models.Model):
    """Somebody wants to be called back. When that is done, ``contact`` and ``about`` are erased."""

    class State(models.TextChoices):
        """How far the team is."""

        OPEN = "open", _("open")
        TAKEN = "taken", _("being done")
        DONE = "done", _("done")

    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="wishes")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="wishes")
    day = models.DateField()
    contact = models.CharField(max_length=200, blank=True)
    about = models.TextField(blank=True)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    state = models.CharField(max_length=5, choices=State.choices, default=State.OPEN)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Oldest first; what is done holds nothing personal."""

        ordering: ClassVar = ["day", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=["open", "taken", "done"]), name="wish_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(contact="", about=""), name="done_wish_is_erased"
            ),
        ]

    def __str__(self) -> str:
        """Day and state, without the person."""
        return f"{self.day} {self.state}"


class Spent(models.Model):
    """The link of one contact that was used: 63 bits of the hash of its code, which itself was never kept."""

    id = models.BigIntegerField(primary_key=True)
    until = models.DateField()

    def __str__(self) -> str:
        """Day from which the link itself is too old."""
        return str(self.until)


class Refusal(models.Model):
    """How often something was not kept on a day, and why; of no organisation when the link does not tell whose."""

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="refusals")
    day = models.DateField(default=timezone.localdate)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    n = models.PositiveIntegerField(default=0)

    class Meta:
        """One count per organisation, day and reason."""

        ordering: ClassVar = ["-day", "reason"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "day", "reason"], name="one_count_per_day"),
            models.UniqueConstraint(
                fields=["day", "reason"], condition=models.Q(organisation=None), name="one_count_per_day_of_nobody"
            ),
            models.CheckConstraint(condition=models.Q(reason__in=Reason.values), name="refusal_reason_is_known"),
        ]

    def __str__(self) -> str:
        """Day and reason."""
        return f"{self.day} {self.reason}"


class Place(models.Model):
    """A website on which the forms of an organisation may be shown."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="places")
    origin = models.CharField(_("address of the website"), max_length=200)

    class Meta:
        """Each website once."""

        ordering: ClassVar = ["origin"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "origin"],
                name="place_once",
                violation_error_message=_("This website is in the list already."),
            ),
            models.CheckConstraint(condition=models.Q(origin__startswith="https://"), name="place_is_https"),
        ]

    def __str__(self) -> str:
        """Address of the website."""
        return self.origin


class Outgoing(models.Model):
    """A mail that waits to be sent; gone as soon as it is."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="outgoing")
    email = models.EmailField()
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    asked = models.DateField()
    claimed = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Day, without the address."""
        return str(self.asked)


class Asked(models.Model):
    """An address or a contact that is left alone until a day: 63 bits of a keyed hash."""

    id = models.BigIntegerField(primary_key=True)
    until = models.DateField()

    def __str__(self) -> str:
        """Last day of rest."""
        return str(self.until)


class NoMail(models.Model):
    """An address that wants no more mail of an organisation, as a keyed hash."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="no_mail")
    hash = models.CharField(max_length=64)

    class Meta:
        """Each address once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "hash"], name="no_mail_once")]

    def __str__(self) -> str:
        """Number of the organisation."""
        return str(self.organisation_id)
