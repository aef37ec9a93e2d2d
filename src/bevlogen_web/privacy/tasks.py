"""Background work of privacy: deleting what was kept long enough, and letting others witness the log."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Membership, Organisation, Role
from bevlogen_web.listening.closing import wipe
from bevlogen_web.privacy import erased, services

WITNESSES = (Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER)
_log = logging.getLogger("bevlogen_web.privacy")


@task()
def expire() -> None:
    """Delete what was kept long enough, in every organisation."""
    today = timezone.localdate()
    for organisation in Organisation.objects.order_by("pk"):
        gone = services.expire(organisation, today)
        _log.info("organisation %d: %d records kept long enough and deleted", organisation.pk, gone.total)
    services.expire_accounts(today)
    services.expire_files()
    erased.tidy(timezone.now())
    wipe()


@task()
def mail_heads() -> None:
    """Mail the head of each log to works council and privacy officer, so that it is also known outside the database."""
    for organisation in Organisation.objects.order_by("pk"):
        broken = audit.find_break(organisation)
        if broken is not None:
            _log.error("organisation %d: the log is broken at line %d", organisation.pk, broken.number)
        for witness in Membership.objects.select_related("user").filter(organisation=organisation, role__in=WITNESSES):
            _mail_head(organisation, witness, broken)


def _mail_head(organisation: Organisation, witness: Membership, broken: audit.Break | None) -> None:
    page = settings.SITE_URL + reverse("privacy:proof", kwargs={"slug": organisation.slug})
    with override(witness.user.language or organisation.language):
        subject = _("The log of %(organisation)s: keep this message") % {"organisation": organisation.name}
        context = {"organisation": organisation, "head": audit.head(organisation), "broken": broken, "address": page}
        text = render_to_string("privacy/mail/head.txt", context)
    send_mail(subject, text, None, [witness.user.email])
