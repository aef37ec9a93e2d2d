"""Asking by mail: a file with the contacts of a day."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.feedback import mailing as files
from bevlogen_web.feedback import queries, services
from bevlogen_web.feedback.forms import MailingForm

MOST_FAULTS = 200


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def mailing(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Take a file; with a fault in it nothing is sent and nothing is kept."""
    organisation = membership.organisation
    form = MailingForm(request.POST or None, request.FILES or None)
    faults: list[files.Fault] = []
    if request.method == "POST" and form.is_valid():
        contacts, faults = files.read(organisation, form.cleaned_data["file"].read())
        if not faults:
            try:
                made = services.ask_by_mail(organisation, contacts, by=membership.user)
            except services.NothingToAskError:
                form.add_error(None, _("There are no questions for customers yet. First publish a questionnaire."))
            else:
                messages.success(request, _outcome(made))
                return redirect("feedback:mailing", slug=organisation.slug)
    context = {
        "form": form,
        "faults": faults[:MOST_FAULTS],
        "n_faults": len(faults),
        "waiting": queries.waiting(organisation),
        "rest": services.REST.days,
    }
    return render(request, "feedback/mailing.html", context)


def _outcome(made: services.Mailing) -> str:
    said = [ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", made.sent) % {"n": made.sent}]
    if made.stopped:
        said.append(_("Not asked because they want no mail: %(n)d.") % {"n": made.stopped})
    if made.resting:
        said.append(_("Not asked because they were asked lately: %(n)d.") % {"n": made.resting})
    if made.known:
        said.append(_("Not asked because the contact was sent before: %(n)d.") % {"n": made.known})
    return " ".join(said)
