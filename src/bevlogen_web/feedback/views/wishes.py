"""Whom to call back: a list for the team, with no answer beside it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.feedback import queries, services

CALLS = (Role.DIRECTOR, Role.MANAGER)
ROWS_PER_PAGE = 50


@requires(*CALLS)
@require_safe
def wishes(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List who wants to be called back, oldest first."""
    page = Paginator(queries.wishes(membership), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "feedback/wishes.html", {"page": page})


@requires(*CALLS)
@require_POST
def take(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Say that you call back."""
    try:
        services.take_wish(get_object_or_404(queries.wishes(membership), pk=number), by=membership.user)
    except services.TakenError:
        messages.info(request, _("A colleague does this already."))
    return redirect("feedback:wishes", slug=membership.organisation.slug)


@requires(*CALLS)
@require_POST
def finish(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Say that it is done; the address is erased."""
    services.finish_wish(get_object_or_404(queries.wishes(membership), pk=number), by=membership.user)
    messages.success(request, _("Done. The address is erased."))
    return redirect("feedback:wishes", slug=membership.organisation.slug)
