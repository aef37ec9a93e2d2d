"""The two pages everyone passes: the way in, and the start of an organisation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from bevlogen_web.accounts import queries
from bevlogen_web.accounts.models import Membership, User
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit.frame import READERS
from bevlogen_web.organisation.queries import units


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead on: to setting up, to signing in, to the one organisation, or to a choice of organisations."""
    if not isinstance(request.user, User):
        return redirect("account_login" if queries.has_users() else "accounts-setup")
    memberships = queries.memberships_of(request.user)
    if len(memberships) == 1:
        return redirect("start", slug=memberships[0].organisation.slug)
    return render(request, "home.html", {"memberships": memberships})


@requires()
@require_safe
def start(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show what this role can do here, and what to do first; who steers begins with the answer."""
    organisation = membership.organisation
    if membership.role in READERS and analyses.current(organisation) is not None:
        return redirect("cockpit:overview", slug=organisation.slug)
    context = {
        "n_members": queries.members(organisation).count(),
        "has_units": units(organisation).exists(),
    }
    return render(request, "start.html", context)
