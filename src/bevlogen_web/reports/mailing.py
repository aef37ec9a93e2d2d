"""Mail about the figures, only to who chose it, and reminders of actions, to who did not switch them off.

Figures: what changed more than chance, and reports on schedule. Subject and links name no team and no person and hold
no figure. What the text says is in the current release, and only of units that the reader may open.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bevlogen_web.accounts.models import Membership
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.models import Picture
from bevlogen_web.cockpit import queries
from bevlogen_web.cockpit.frame import READERS, VIEWERS, Frame, frame
from bevlogen_web.cockpit.views.overview import alarm_of
from bevlogen_web.listening.sending import MailServerError
from bevlogen_web.reports import making, reminding
from bevlogen_web.reports.models import Every, MailChoice

MOST_CHANGES = 3
MOST_TEAMS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One change in a mail: in which unit, what, and its number in the picture, by which a link finds it."""

    unit: str
    text: str
    address: str


def wanted(today: date) -> list[int]:
    """Numbers of the choices for which a mail may be due."""
    found = MailChoice.objects.filter(membership__role__in=VIEWERS, membership__user__is_active=True)
    pictures = dict(Picture.objects.filter(current=True).values_list("organisation", "pk"))
    rows = found.order_by("pk").values_list("pk", "membership__organisation", "digest", "seen", "every", "sent")
    return [
        pk
        for pk, organisation, digest, seen, every, sent in rows
        if organisation in pictures
        and ((digest and seen != pictures[organisation]) or (every and sent != label(every, today)))
    ]


def to_remind(today: date) -> list[int]:
    """Numbers of the choices of those who have a reminder due; who never chose has them on."""
    found = Membership.objects.filter(pk__in=reminding.owners(), role__in=VIEWERS).select_related(
        "organisation", "mail_choice"
    )
    due = []
    for membership in found:
        choice = getattr(membership, "mail_choice", None) or MailChoice(membership=membership)
        if _untold(choice, reminding.reminders(membership, today)):
            if choice.pk is None:
                choice.save()
            due.append(choice.pk)
    return due


def _untold(choice: MailChoice, due: Sequence[reminding.Reminder]) -> list[reminding.Reminder]:
    """Reminders that are due and were not sent yet; none where they are switched off."""
    return [one for one in due if choice.reminders and one.mark not in choice.reminded]


def label(every: str, today: date) -> str:
    """Name the month or quarter of a day."""
    if every == Every.QUARTER:
        return f"{today.year}-Q{(today.month + 2) // 3}"
    return f"{today:%Y-%m}"


def send(number: int, today: date) -> int:
    """Send what is due to one member; gives how many mails went out.

    What is sent is marked in the same transaction: when the server refuses, it is tried again.

    Raises
    ------
    MailServerError
        If the server cannot be reached.
    """
    return _send(number, today, (_send_digest, _send_report))


def remind(number: int, today: date) -> int:
    """Send the reminders that are due to one member, in one mail; gives how many mails went out.

    Raises
    ------
    MailServerError
        If the server cannot be reached.
    """
    return _send(number, today, (_send_reminders,))


def _send(number: int, today: date, parts: Sequence[Callable[[MailChoice, date], int]]) -> int:
    sent = 0
    try:
        for part in parts:
            with transaction.atomic():
                choice = MailChoice.objects.select_for_update().get(pk=number)
                sent += part(choice, today)
    except smtplib.SMTPRecipientsRefused:
        return sent
    except (smtplib.SMTPException, OSError):
        raise MailServerError from None
    return sent


def fresh(picture: Picture, membership: Membership, told: Iterable[str]) -> list[int]:
    """Give places in the list of alarms of what is new to a member, the surest first."""
    known = set(told)
    return [i for i, mark in marks(picture, membership).items() if mark not in known]


def marks(picture: Picture, membership: Membership) -> dict[int, str]:
    """Mark each alarm that a member may see, by its place in the list."""
    own = queries.own_keys(membership)
    alarms = enumerate(analyses.sheet(picture, "bell")["alarms"])
    return {i: f"{a['unit']}|{a['construct']}|{a['period']}" for i, a in alarms if own is None or a["unit"] in own}


def _send_digest(choice: MailChoice, _today: date) -> int:
    membership = choice.membership
    with override(_language(membership)):
        found = frame(membership)
        if not choice.digest or found is None or choice.seen == found.picture.pk:
            return 0
        new = fresh(found.picture, membership, choice.told)
        choice.told = list(marks(found.picture, membership).values())
        choice.seen = found.picture.pk
        choice.save(update_fields=["told", "seen"])
        if not new:
            return 0
        slug = membership.organisation.slug
        context = {
            "organisation": membership.organisation.name,
            "changes": [_change(found, place, slug) for place in new[:MOST_CHANGES]],
            "more": len(new) - MOST_CHANGES,
            "start": _address("start", slug),
            "choose": _address("reports:mail", slug),
        }
        text = render_to_string("reports/mail/digest.txt", context)
        EmailMessage(_("What changed more than chance"), text, None, [membership.user.email], headers=_HEADERS).send()
    return 1


def _change(found: Frame, place: int, slug: str) -> Change:
    rung = analyses.sheet(found.picture, "bell")["alarms"][place]
    alarm = alarm_of(found, rung)
    address = _address("reports:change", slug, picture=found.picture.pk, place=place)
    return Change(alarm.unit, making.change(alarm), address)


def _send_report(choice: MailChoice, today: date) -> int:
    membership = choice.membership
    with override(_language(membership)):
        found = frame(membership)
        if not choice.every or found is None or choice.sent == label(choice.every, today):
            return 0
        choice.sent = label(choice.every, today)
        choice.save(update_fields=["sent"])
        files = _files(found, choice)
        if not files:
            return 0
        slug = membership.organisation.slug
        context = {"organisation": membership.organisation.name, "made": found.picture.made,
                   "start": _address("start", slug), "choose": _address("reports:mail", slug)}  # fmt: skip
        text = render_to_string("reports/mail/report.txt", context)
        message = EmailMessage(_("Your report"), text, None, [membership.user.email], headers=_HEADERS)
        for name, data, kind in files:
            message.attach(name, data, making.TYPES[kind])
        message.send()
    return 1


def _send_reminders(choice: MailChoice, today: date) -> int:
    membership = choice.membership
    with override(_language(membership)):
        due = reminding.reminders(membership, today)
        new = _untold(choice, due)
        if not new:
            return 0
        choice.reminded = [one.mark for one in due]
        choice.save(update_fields=["reminded"])
        slug = membership.organisation.slug
        context = {
            "organisation": membership.organisation.name,
            "reminders": [(one, _address("actions:action", slug, number=one.action.pk)) for one in new],
            "choose": _address("reports:mail", slug),
        }
        text = render_to_string("reports/mail/reminders.txt", context)
        EmailMessage(_("Your actions"), text, None, [membership.user.email], headers=_HEADERS).send()
    return 1


def _files(found: Frame, choice: MailChoice) -> list[tuple[str, bytes, making.Kind]]:
    """Give name, content and kind of each file; names tell nothing of teams."""
    membership, day = choice.membership, f"{found.picture.made:%Y-%m-%d}"
    if membership.role in READERS:
        kind: making.Kind = choice.kind  # type: ignore[assignment]  # a constraint keeps it to these
        return [(f"bevlogen-{day}.{kind}", making.board(found, kind), kind)]
    own = queries.own_keys(membership) or frozenset()
    keys = [key for key in queries.tree(found.picture) if key in own][:MOST_TEAMS]
    return [(f"bevlogen-{day}-{i}.pdf", making.team(found, key), "pdf") for i, key in enumerate(keys, start=1)]


_HEADERS = {"Auto-Submitted": "auto-generated"}


def _language(membership: Membership) -> str:
    return membership.user.language or membership.organisation.language


def _address(name: str, slug: str, **more: int) -> str:
    return settings.SITE_URL + reverse(name, kwargs={"slug": slug, **more})
