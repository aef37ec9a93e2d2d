"""The papers of privacy, drawn from the settings as they are now: register, impact assessment, and statement."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import Membership, Organisation, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.privacy import queries, services
from bevlogen_web.privacy.assessment import risks, to_settle
from bevlogen_web.privacy.facts import facts
from bevlogen_web.privacy.forms import ParticularsForm
from bevlogen_web.privacy.register import processings, receivers
from bevlogen_web.privacy.views.rules import READERS


@requires(*READERS)
@require_safe
def register(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the register of processing."""
    return render(request, "privacy/register.html", _paper(membership.organisation))


@requires(*READERS)
@require_safe
def assessment(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the impact assessment."""
    return render(request, "privacy/assessment.html", _paper(membership.organisation))


@requires(Role.PRIVACY_OFFICER)
@require_http_methods(["GET", "POST"])
def particulars(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Fill in what only the organisation itself knows."""
    organisation = membership.organisation
    form = ParticularsForm(request.POST or None, instance=queries.particulars(organisation))
    if request.method == "POST" and form.is_valid():
        services.tell(form.save(commit=False), by=membership.user)
        messages.success(request, _("Saved."))
        return redirect("privacy:overview", slug=organisation.slug)
    return render(request, "privacy/particulars.html", {"form": form})


@require_safe
def statement(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell respondents and others, without signing in, what is done with their data and what they may ask."""
    return render(request, "privacy/statement.html", _paper(get_object_or_404(Organisation, slug=slug)))


def _paper(organisation: Organisation) -> dict[str, object]:
    found = facts(organisation)
    return {
        "organisation": organisation,
        "facts": found,
        "processings": processings(found),
        "receivers": receivers(found),
        "risks": risks(found),
        "to_settle": to_settle(found),
        "today": timezone.localdate(),
    }
