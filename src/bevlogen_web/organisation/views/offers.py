"""Services and their degree of co-creation."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.organisation import queries, services
from bevlogen_web.organisation.forms import ServiceForm
from bevlogen_web.organisation.models import Service


@requires()
@require_safe
def offers(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the services."""
    found = queries.services_of(membership.organisation).annotate(n_units=Count("units"))
    return render(request, "organisation/services.html", {"services": found})


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Add a service."""
    form = ServiceForm(request.POST or None, instance=Service(organisation=membership.organisation))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.add_service(membership.organisation, given["name"], given["co_creation"], by=membership.user)
        messages.success(request, _("The service is added."))
        return redirect("organisation:services", slug=membership.organisation.slug)
    return render(request, "organisation/service.html", {"form": form})


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Change a service."""
    service = get_object_or_404(queries.services_of(membership.organisation), pk=number)
    name = service.name
    form = ServiceForm(request.POST or None, instance=service)
    if request.method == "POST" and form.is_valid():
        services.change_service(form.save(commit=False), by=membership.user)
        messages.success(request, _("Saved."))
        return redirect("organisation:services", slug=membership.organisation.slug)
    return render(request, "organisation/service.html", {"form": form, "service": service, "name": name})


@requires(Role.ADMINISTRATOR)
@require_POST
def remove(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Take out a service that nothing refers to."""
    service = get_object_or_404(queries.services_of(membership.organisation), pk=number)
    try:
        services.remove_service(service, by=membership.user)
    except services.InUseError:
        messages.error(request, _("Units or answers belong to this service. So it stays."))
    else:
        messages.success(request, _("The service is taken out."))
    return redirect("organisation:services", slug=membership.organisation.slug)
