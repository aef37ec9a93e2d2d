"""Background work of feedback: mail, and the nightly shuffle."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from bevlogen_web.feedback import answers, links
from bevlogen_web.feedback.models import Outgoing

DAYS_VALID = 30
TRY_AGAIN_AFTER = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(days=3)
_log = logging.getLogger("bevlogen_web.feedback")


@task()
def send_mail() -> None:
    """Send every mail that waits; what cannot be sent is tried again by the clock, for three days."""
    Outgoing.objects.filter(asked__lt=timezone.localdate() - GIVE_UP_AFTER).delete()
    free = Q(claimed=None) | Q(claimed__lt=timezone.now() - TRY_AGAIN_AFTER)
    for number in list(Outgoing.objects.filter(free).values_list("pk", flat=True)):
        if Outgoing.objects.filter(free, pk=number).update(claimed=timezone.now()):
            _send(Outgoing.objects.select_related("channel__organisation", "channel__unit").get(pk=number))


@task()
def shuffle() -> None:
    """Write the rows of the last days anew, see ``answers.shuffle``."""
    answers.shuffle(timezone.localdate())


def _send(mail: Outgoing) -> None:
    channel = mail.channel
    organisation = channel.organisation
    token = links.link_for_contact(channel.key, timezone.localdate() + timedelta(days=DAYS_VALID))
    stop_token = links.stop_link(organisation.pk, links.address_hashes(organisation.pk, mail.email)[0])
    stop = settings.SITE_URL + reverse("feedback-stop", kwargs={"token": stop_token})
    context = {
        "organisation": organisation.name,
        "unit": channel.unit.name,
        "address": settings.SITE_URL + reverse("feedback-ask", kwargs={"token": token}),
        "stop": stop,
        "days": DAYS_VALID,
    }
    with override(mail.language):
        subject = _("How was your contact with %(organisation)s?") % {"organisation": organisation.name}
        text = render_to_string("feedback/mail/ask.txt", context)
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    try:
        EmailMessage(subject, text, None, [mail.email], headers=headers).send()
    except (SMTPException, OSError):
        _log.warning("a mail to a customer could not be sent and will be tried again")
    else:
        mail.delete()
