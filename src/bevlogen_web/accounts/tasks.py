"""Background work of accounts: mail, and forgetting."""

from __future__ import annotations

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from bevlogen_web.accounts.models import INVITATION_SALT, INVITATION_VALID, ColleagueInvitation


@task()
def mail_invitation(number: int) -> None:
    """Mail a colleague the link to join; nothing is sent when the invitation was withdrawn in the meantime."""
    invitation = ColleagueInvitation.objects.select_related("organisation").filter(pk=number).first()
    if invitation is None:
        return
    token = signing.TimestampSigner(salt=INVITATION_SALT).sign(str(invitation.pk))
    address = settings.SITE_URL + reverse("accounts-join", kwargs={"token": token})
    with override(invitation.language):
        subject = _("Invitation to join %(organisation)s in Bevlogen") % {"organisation": invitation.organisation.name}
        text = render_to_string(
            "accounts/mail/invitation.txt",
            {"invitation": invitation, "address": address, "days": INVITATION_VALID.days},
        )
    send_mail(subject, text, None, [invitation.email])


@task()
def clear_failures() -> None:
    """Delete failed attempts to sign in that no longer lock anyone out: they hold addresses."""
    before = timezone.now() - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lt=before).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=before).delete()
