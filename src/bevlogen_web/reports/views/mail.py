"""Choosing what comes by mail, and the way from a mail to the page it is about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit.frame import READERS, VIEWERS
from bevlogen_web.reports import mailing
from bevlogen_web.reports.forms import MailForm
from bevlogen_web.reports.models import MailChoice


@requires(*VIEWERS)
@require_http_methods(["GET", "POST"])
def mail(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Choose what comes by mail."""
    found = MailChoice.objects.filter(membership=membership).first() or MailChoice(membership=membership)
    form = MailForm(request.POST or None, instance=found)
    if membership.role not in READERS:
        del form.fields["kind"]
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("reports:overview", slug=membership.organisation.slug)
    return render(request, "reports/mail.html", {"form": form})


@requires(*VIEWERS)
@require_safe
def change(request: HttpRequest, membership: Membership, picture: str, place: str) -> HttpResponse:
    """Lead from a mail to the page of what changed; to the start where newer figures took its place."""
    slug = membership.organisation.slug
    current = analyses.current(membership.organisation)
    if current is not None and current.pk == int(picture) and int(place) in mailing.marks(current, membership):
        unit = analyses.sheet(current, "bell")["alarms"][int(place)]["unit"]
        return redirect("cockpit:team", slug=slug, key=unit)
    messages.info(request, _("Newer figures took the place of those in the mail. You see the newest."))
    return redirect("cockpit:overview" if membership.role in READERS else "cockpit:teams", slug=slug)
