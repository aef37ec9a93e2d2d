"""Employees: only for the administrator, and never beside an answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.organisation import queries, services
from bevlogen_web.organisation.forms import EmployeeForm
from bevlogen_web.organisation.models import Employee

ROWS_PER_PAGE = 50


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def employees(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List and search employees; a POST lets those that are ticked no longer be asked."""
    organisation = membership.organisation
    found = queries.employees_of(organisation)
    if request.method == "POST":
        ticked = found.filter(pk__in=[number for number in request.POST.getlist("employee") if number.isdecimal()])
        count = services.deactivate(organisation, ticked, queries.today(), by=membership.user)
        text = ngettext("%(count)s employee is no longer asked.", "%(count)s employees are no longer asked.", count)
        messages.success(request, text % {"count": count})
        return redirect(request.get_full_path())
    words, unit = request.GET.get("q", "").strip()[:120], request.GET.get("unit", "")
    left = "left" in request.GET
    shown = queries.search_employees(found.filter(active=not left), words)
    if unit.isdecimal():
        shown = shown.filter(unit=int(unit))
    context = {
        "page": Paginator(shown, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "words": words,
        "left": left,
        "unit": queries.units(organisation).filter(pk=int(unit)).first() if unit.isdecimal() else None,
        "n_active": found.filter(active=True).count(),
        "n_left": found.filter(active=False).count(),
    }
    return render(request, "organisation/employees.html", context)


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Add an employee."""
    organisation = membership.organisation
    return _keep(request, membership, Employee(organisation=organisation, language=organisation.language))


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Change an employee."""
    return _keep(request, membership, get_object_or_404(queries.employees_of(membership.organisation), pk=number))


def _keep(request: HttpRequest, membership: Membership, employee: Employee) -> HttpResponse:
    heading = (employee.name or employee.key) if employee.pk else _("Add an employee")
    form = EmployeeForm(request.POST or None, instance=employee)
    if request.method == "POST" and form.is_valid():
        services.keep_employee(form.save(commit=False), by=membership.user)
        messages.success(request, _("Saved."))
        return redirect("organisation:employees", slug=membership.organisation.slug)
    return render(request, "organisation/employee.html", {"form": form, "heading": heading})
