"""Giving people their codes: by mail, one mailing for a whole round, or on paper.

A code exists here only between making it and handing it to the mail server or the printer. In each mailing also those
who are done get a gate, one that nothing opens, so that the number of gates never tells who answered before a reminder.
"""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import User
from bevlogen_web.listening import codes, queries
from bevlogen_web.listening.models import Gate, Invitation, Round, State

MAILS_PER_CONNECTION = 100
_UNOPENABLE = 32  # random bytes, as long as a hash


class MailServerError(Exception):
    """The mail server does not work now. Says nothing more: what a server answers may hold addresses."""


@dataclass(frozen=True, slots=True)
class Card:
    """An invitation on paper: for whom ("" for anyone of the unit), which unit, its code, its link and its language."""

    name: str
    unit: str
    code: str
    link: str
    language: str


def new_code(invitation: Invitation) -> str:
    """Make a code that opens an invitation."""
    code = codes.make()
    Gate.objects.create(hash=codes.gate(code), invitation=invitation)
    return code


def send(held: Round) -> int:
    """Go on with the current mailing of a round until everyone is reached; gives how many mails went out.

    May be called again after a crash: who was reached is not mailed twice, but for the one mail under way then.

    Raises
    ------
    MailServerError
        If the server cannot be reached; the rest stays to be sent.
    """
    sent = 0
    while batch := list(queries.pending(held).order_by("?").values_list("pk", flat=True)[:MAILS_PER_CONNECTION]):
        try:
            connection = get_connection()
            connection.open()
            for number in batch:
                sent += _reach(number, held, connection)
            connection.close()
        except (smtplib.SMTPException, OSError):
            raise MailServerError from None
        if not Round.objects.filter(pk=held.pk, state=State.OPEN).exists():
            break
    return sent


@transaction.atomic
def cards(held: Round, by: User) -> list[Card]:
    """Make a new code on paper for everyone who has no address; earlier cards keep working.

    Also for who is done already, whose card says so when it is used: a pile without their names would tell who is.
    """
    Round.objects.select_for_update().get(pk=held.pk, state=State.OPEN)
    made = list(_cards(held))
    audit.record(held.organisation, by, gettext_noop("cards printed"), f"round {held.pk}, {len(made)}")
    return made


def _cards(held: Round) -> Iterator[Card]:
    for invitation in queries.unreachable(held):
        code = new_code(invitation)
        someone = invitation.employee
        language = someone.language if someone else held.organisation.language
        name = (someone.name or someone.key) if someone else ""
        yield Card(name, invitation.unit.name, codes.written(code), address(code, language), language)


def address(code: str, language: str) -> str:
    """Give the link in a mail or a QR code."""
    return f"{settings.SITE_URL}{reverse('answer-code', kwargs={'code': code})}?language={language}"


def _reach(number: int, held: Round, connection: BaseEmailBackend) -> bool:
    """Mail one person, or only mark as reached who is done or has no address; gives whether a mail went out."""
    invitation = Invitation.objects.select_related("employee").filter(pk=number).first()
    if invitation is None:
        return False
    someone = invitation.employee
    if someone is None or not someone.email or not someone.active or invitation.refused or invitation.used:
        _add_unopenable(invitation)
        Invitation.objects.filter(pk=number).update(wave=held.wave)
        return False
    code = new_code(invitation)
    message = _message(held, someone.email, someone.language, code, is_reminder=invitation.wave > 0)
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused:
        Invitation.objects.filter(pk=number).update(refused=True, wave=held.wave)
        return False
    Invitation.objects.filter(pk=number).update(wave=held.wave)
    return True


def _add_unopenable(invitation: Invitation) -> None:
    Gate.objects.create(hash=secrets.token_hex(_UNOPENABLE), invitation=invitation)


def _message(held: Round, email: str, language: str, code: str, *, is_reminder: bool) -> EmailMessage:
    with override(language):
        subject = _("Reminder: %(round)s") if is_reminder else _("Your opinion counts: %(round)s")
        text = render_to_string(
            "listening/mail/invitation.txt",
            {"round": held, "address": address(code, language), "is_reminder": is_reminder},
        )
        return EmailMessage(
            subject % {"round": held.name}, text, None, [email], headers={"Auto-Submitted": "auto-generated"}
        )
