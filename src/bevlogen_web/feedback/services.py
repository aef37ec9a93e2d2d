"""Writing for staff: ways to ask, asking by mail, and calling back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.feedback import links, queries, tasks
from bevlogen_web.feedback.models import Asked, Channel, Kind, NoMail, Outgoing, Place, Wish
from bevlogen_web.instruments.models import Audience, State, Version
from bevlogen_web.organisation.models import Service, Unit

REST = timedelta(days=30)  # an address is asked at most once in so long
KNOWN = timedelta(days=365)  # a contact that is sent again is known for so long


class NothingToAskError(Exception):
    """No questionnaire for customers is published."""


class TakenError(Exception):
    """Somebody else took it in the meantime."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact to ask about: unit, service (None: that of the unit), address, language and the sender's own code."""

    unit: Unit
    email: str
    service: Service | None = None
    language: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What became of a number of contacts: mails that will be sent, and why others are not."""

    sent: int
    stopped: int
    resting: int
    known: int


@transaction.atomic
def open_channel(
    organisation: Organisation, unit: Unit, version: Version, kind: Kind, service: Service | None, *, by: User | None
) -> Channel:
    """Make a way to ask about a unit; for mail, give the one there is."""
    made = {"organisation": organisation, "version": version}
    if kind == Kind.MAIL:
        channel, new = Channel.objects.get_or_create(unit=unit, service=service, kind=kind, defaults=made)
        if not new:
            return channel
    else:
        channel = Channel.objects.create(unit=unit, service=service, kind=kind, **made)
    audit.record(organisation, by, _("feedback channel opened"), f"channel {channel.pk}, {kind}, unit {unit.pk}")
    return channel


@transaction.atomic
def switch(channel: Channel, active: bool, *, by: User) -> None:
    """Pause a channel, or let it go on."""
    channel.active = active
    channel.save(update_fields=["active"])
    verb = _("feedback channel resumed") if active else _("feedback channel paused")
    audit.record(channel.organisation, by, verb, f"channel {channel.pk}")


@transaction.atomic
def renew(channel: Channel, *, by: User | None) -> bool:
    """Ask the newest published version of the same questionnaire from now on; False when it does already."""
    newest = channel.version.instrument.versions.filter(state=State.PUBLISHED).first()
    if newest is None or newest.pk == channel.version_id:
        return False
    channel.version = newest
    channel.save(update_fields=["version"])
    audit.record(
        channel.organisation, by, _("feedback channel renewed"), f"channel {channel.pk}, version {newest.number}"
    )
    return True


@transaction.atomic
def allow_place(place: Place, *, by: User) -> None:
    """Let a website show the forms."""
    place.save()
    audit.record(place.organisation, by, _("website allowed"), f"website {place.pk}")


@transaction.atomic
def forbid_place(place: Place, *, by: User) -> None:
    """No longer let a website show the forms."""
    audit.record(place.organisation, by, _("website no longer allowed"), f"website {place.pk}")
    place.delete()


@transaction.atomic
def take_wish(wish: Wish, *, by: User) -> None:
    """Let colleagues see that somebody calls back.

    Raises
    ------
    TakenError
        If somebody else does already.
    """
    open_ones = Wish.objects.filter(pk=wish.pk, state=Wish.State.OPEN)
    if not open_ones.update(state=Wish.State.TAKEN, taken_by=by):
        raise TakenError


@transaction.atomic
def finish_wish(wish: Wish, *, by: User) -> None:
    """Note that somebody was called back, and erase how to reach them."""
    Wish.objects.filter(pk=wish.pk).update(state=Wish.State.DONE, taken_by=None, contact="", about="")
    audit.record(wish.organisation, by, _("wish fulfilled and erased"), f"unit {wish.unit_id}")


@transaction.atomic
def ask_by_mail(organisation: Organisation, contacts: Sequence[Contact], *, by: User | None) -> Mailing:
    """Queue a mail to the customer of each contact, unless they want none, were asked lately, or it is known already.

    Parameters
    ----------
    contacts
        Their units belong to the organisation, their addresses are checked.

    Raises
    ------
    NothingToAskError
        If no questionnaire for customers is published.
    """
    version = queries.versions(organisation).filter(instrument__audience=Audience.CUSTOMER).last()
    if version is None:
        raise NothingToAskError
    today = timezone.localdate()
    channels: dict[tuple[int, int | None], Channel] = {}
    stopped = resting = known = 0
    outgoing = []
    for contact in contacts:
        if contact.code and not _first_time("contact", organisation, contact.code, today + KNOWN):
            known += 1
        elif wants_no_mail(organisation, contact.email):
            stopped += 1
        elif not _first_time("address", organisation, contact.email.lower(), today + REST):
            resting += 1
        else:
            key = (contact.unit.pk, contact.service.pk if contact.service else None)
            if key not in channels:
                channels[key] = open_channel(organisation, contact.unit, version, Kind.MAIL, contact.service, by=by)
            language = contact.language or organisation.language
            outgoing.append(Outgoing(channel=channels[key], email=contact.email, language=language, asked=today))
    Outgoing.objects.bulk_create(outgoing)
    audit.record(organisation, by, _("customers asked by mail"), f"{len(outgoing)} of {len(contacts)} contacts")
    if outgoing:
        transaction.on_commit(lambda: tasks.send_mail.enqueue())
    return Mailing(len(outgoing), stopped, resting, known)


def wants_no_mail(organisation: Organisation, email: str) -> bool:
    """Whether an address ended all mail of this organisation."""
    return NoMail.objects.filter(
        organisation=organisation, hash__in=links.address_hashes(organisation.pk, email)
    ).exists()


def _first_time(kind: str, organisation: Organisation, text: str, until: date) -> bool:
    number = links.number_of(f"asked.{kind}.{organisation.pk}", text)
    today = timezone.localdate()
    asked, new = Asked.objects.get_or_create(pk=number, defaults={"until": until})
    if not new and asked.until < today:
        asked.until = until
        asked.save(update_fields=["until"])
        return True
    return new
