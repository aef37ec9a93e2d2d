"""Colleagues: who is in, in which role, and who is invited. For the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts import audit, queries, services
from bevlogen_web.accounts.forms import InviteForm, RoleForm
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires

ROWS_PER_PAGE = 50


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List colleagues and invitations; a POST invites one."""
    organisation = membership.organisation
    form = InviteForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.invite(organisation, given["email"], Role(given["role"]), given["language"], by=membership.user)
        messages.success(request, _("The invitation is on its way."))
        return redirect("accounts:members", slug=organisation.slug)
    context = {
        "form": form,
        "page": Paginator(queries.members(organisation), ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "invitations": queries.open_invitations(organisation),
    }
    return render(request, "accounts/members.html", context)


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show one colleague; a POST changes the role."""
    colleague = get_object_or_404(queries.members(membership.organisation), pk=number)
    form = RoleForm(request.POST or None, initial={"role": colleague.role})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_role(colleague, Role(form.cleaned_data["role"]), by=membership.user)
        except services.LastAdministratorError:
            form.add_error("role", _("Your organisation needs an administrator. First give that role to a colleague."))
        else:
            messages.success(request, _("The role is changed."))
            return redirect("home" if colleague.user == membership.user else _list(membership))
    return render(request, "accounts/member.html", {"form": form, "colleague": colleague})


@requires(Role.ADMINISTRATOR)
@require_POST
def remove(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """End a colleague's membership."""
    colleague = get_object_or_404(queries.members(membership.organisation), pk=number)
    try:
        services.remove_member(colleague, by=membership.user)
    except services.LastAdministratorError:
        messages.error(request, _("Your organisation needs an administrator. First give that role to a colleague."))
    else:
        messages.success(request, _("This colleague can no longer enter your organisation."))
    return redirect("home" if colleague.user == membership.user else _list(membership))


@requires(Role.ADMINISTRATOR)
@require_POST
def withdraw(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(queries.open_invitations(membership.organisation), pk=number)
    services.withdraw(invitation, by=membership.user)
    messages.success(request, _("The invitation is withdrawn; its link no longer works."))
    return redirect(_list(membership))


@requires(Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
@require_safe
def log(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the log of what was done, and whether its chain is whole."""
    organisation = membership.organisation
    context = {
        "page": Paginator(queries.log(organisation), ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "broken": audit.find_break(organisation),
        "head": audit.head(organisation),
    }
    return render(request, "accounts/log.html", context)


def _list(membership: Membership) -> str:
    return reverse("accounts:members", kwargs={"slug": membership.organisation.slug})
