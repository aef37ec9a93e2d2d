"""Moving, splitting, merging and ending units. For the administrator."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.organisation import queries, reorganisation
from bevlogen_web.organisation.forms import CloseForm, MergeForm, MoveForm, ReorganiseForm, SplitForm
from bevlogen_web.organisation.models import Unit
from bevlogen_web.organisation.reorganisation import Named, RefusedError


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Put a unit in another place."""
    unit = _existing(membership, number)
    form = MoveForm(request.POST or None, organisation=membership.organisation, unit=unit)

    def carry_out() -> Unit:
        given = form.cleaned_data
        return reorganisation.move(unit, given["parent"], given["on"], by=membership.user, mistake=given["mistake"])

    return _answer(request, membership, form, carry_out, "organisation/move.html")


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Let new units come from one."""
    unit = _existing(membership, number)
    form = SplitForm(request.POST or None, organisation=membership.organisation, unit=unit, initial={"stays": "ends"})

    def carry_out() -> Unit:
        given = form.cleaned_data
        stays = given["stays"] == "stays"
        made = reorganisation.split(unit, given["parts"], given["on"], stays=stays, by=membership.user)
        return unit if stays else made[0]

    return _answer(request, membership, form, carry_out, "organisation/split.html")


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """End a unit."""
    unit = _existing(membership, number)
    form = CloseForm(request.POST or None, organisation=membership.organisation, unit=unit)

    def carry_out() -> Unit:
        given = form.cleaned_data
        return reorganisation.close(unit, given["on"], heir=given["heir"], by=membership.user)

    return _answer(request, membership, form, carry_out, "organisation/close.html")


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Let several units go on as one."""
    form = MergeForm(request.POST or None, organisation=membership.organisation)

    def carry_out() -> Unit:
        given = form.cleaned_data
        named = Named(given["name"], given["key"])
        return reorganisation.merge(list(given["units"]), named, given["parent"], given["on"], by=membership.user)

    return _answer(request, membership, form, carry_out, "organisation/merge.html")


@requires(Role.ADMINISTRATOR)
@require_POST
def reopen(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Take back that a unit ended."""
    unit = get_object_or_404(queries.units(membership.organisation).exclude(end=None), pk=number)
    try:
        reorganisation.reopen(unit, by=membership.user)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The unit is open again. Look whether its employees are right."))
    return redirect("organisation:unit", slug=membership.organisation.slug, number=number)


def _existing(membership: Membership, number: int) -> Unit:
    return get_object_or_404(queries.existing(queries.units(membership.organisation)), pk=number)


def _answer(
    request: HttpRequest,
    membership: Membership,
    form: ReorganiseForm,
    carry_out: Callable[[], Unit],
    template: str,
) -> HttpResponse:
    """Show the form, or carry it out and lead to the unit it is about; a refusal stands above the form."""
    if request.method == "POST" and form.is_valid():
        try:
            unit = carry_out()
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The change is written in the history of the units."))
            return redirect("organisation:unit", slug=membership.organisation.slug, number=unit.pk)
    return render(request, template, {"form": form, "unit": form.unit})
