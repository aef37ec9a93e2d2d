"""Whether the log is whole, and whether it still holds what it once held."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.privacy.forms import HeadForm


@requires(Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def proof(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Check the chain; a POST checks it against a head that was noted earlier."""
    organisation = membership.organisation
    form = HeadForm(request.POST or None)
    holds = audit.holds(organisation, form.cleaned_data["head"]) if form.is_valid() else None
    context = {"form": form, "holds": holds, "broken": audit.find_break(organisation), "head": audit.head(organisation)}
    return render(request, "privacy/proof.html", context)
