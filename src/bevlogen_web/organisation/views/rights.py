"""Who may see what, and which manager sees which units."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.organisation import queries, services
from bevlogen_web.organisation.forms import ManagedForm
from bevlogen_web.organisation.rights import table


@requires()
@require_safe
def rights(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show what each role may see and do."""
    return render(request, "organisation/rights.html", {"roles": Role, "rows": table()})


@requires(Role.ADMINISTRATOR)
@require_safe
def managers(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the managers and their units."""
    return render(request, "organisation/managers.html", {"managers": queries.managers(membership.organisation)})


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def manager(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Choose the units of one manager."""
    organisation = membership.organisation
    colleague = get_object_or_404(queries.managers(organisation), pk=number)
    had = list(colleague.managed_units.values_list("unit_id", flat=True))
    given = request.POST if request.method == "POST" else None  # nothing ticked is an answer too
    form = ManagedForm(given, organisation=organisation, initial={"units": had})
    if request.method == "POST" and form.is_valid():
        services.assign(colleague, list(form.cleaned_data["units"]), by=membership.user)
        messages.success(request, _("Saved."))
        return redirect("organisation:managers", slug=organisation.slug)
    return render(request, "organisation/manager.html", {"form": form, "colleague": colleague})
