"""The director's page: where do we stand, does the chain hold here, what first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.views.pictures import glance

READERS = (Role.DIRECTOR, Role.ANALYST)


@requires(*READERS)
@require_safe
def overview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Answer the question in a minute."""
    standing = analyses.standing(membership.organisation)
    return render(request, "cockpit/overview.html", {"standing": standing, **glance(membership)})
