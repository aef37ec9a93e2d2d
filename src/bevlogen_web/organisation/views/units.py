"""The tree of units, and the page of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.organisation import queries, services, tree
from bevlogen_web.organisation.forms import FirstStepsForm, NewUnitForm, UnitForm
from bevlogen_web.organisation.models import Unit
from bevlogen_web.organisation.reorganisation import Named, RefusedError

MOST_FOUND = 100


@requires()
@require_safe
def units(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the units this member may see as a tree, or those that are searched for."""
    visible = queries.visible_units(membership)
    words, ended = request.GET.get("q", "").strip()[:120], "ended" in request.GET
    context: dict[str, object] = {"words": words, "ended": ended}
    if words:
        found = list(queries.search(visible, words)[: MOST_FOUND + 1])
        context |= {"found": found[:MOST_FOUND], "more": len(found) > MOST_FOUND}
    else:
        shown = visible if ended else queries.existing(visible)
        context["lines"] = tree.lines(queries.with_people(shown))
        context["n_ended"] = visible.count() - queries.existing(visible).count()
    return render(request, "organisation/units.html", context)


@requires()
@require_safe
def unit(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show one unit: its place, its past, what lies below it and who manages it."""
    visible = queries.visible_units(membership)
    shown = get_object_or_404(queries.with_people(visible), pk=number)
    seen = set(visible.values_list("pk", flat=True))
    context = {
        "unit": shown,
        "above": [one for one in queries.ancestors(shown) if one.pk in seen],
        "children": queries.with_people(queries.existing(visible).filter(parent=shown)),
        "history": queries.history(shown),
        "seen": seen,
        "managers": queries.managers_of(shown),
        "n_employees": shown.employees.filter(active=True).count(),
    }
    return render(request, "organisation/unit.html", context)


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Add a unit; ``?below=`` names its place."""
    organisation = membership.organisation
    below = request.GET.get("below", "")
    form = NewUnitForm(
        request.POST or None,
        instance=Unit(organisation=organisation),
        initial={"parent": below if below.isdecimal() else None},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.add_unit(
                organisation,
                Named(given["name"], given["key"]),
                given["parent"],
                given["start"],
                by=membership.user,
                service=given["service"],
                co_creation=given["co_creation"],
                headcount=given["headcount"],
            )
        except RefusedError as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, _("The unit is added."))
            return redirect("organisation:unit", slug=organisation.slug, number=made.pk)
    return render(request, "organisation/unit_add.html", {"form": form})


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Change what a unit is called and does."""
    shown = get_object_or_404(queries.units(membership.organisation), pk=number)
    name = shown.name
    form = UnitForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        services.change_unit(form.save(commit=False), by=membership.user)
        messages.success(request, _("Saved."))
        return redirect("organisation:unit", slug=membership.organisation.slug, number=number)
    return render(request, "organisation/unit_edit.html", {"form": form, "unit": shown, "name": name})


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def first_steps(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Set up an organisation that has no units yet."""
    organisation = membership.organisation
    if queries.units(organisation).exists():
        return render(request, "organisation/first_steps_done.html")
    form = FirstStepsForm(request.POST or None, initial={"name": organisation.name})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.set_up(organisation, given["name"], form.services(), given["units"], by=membership.user)
        messages.success(request, _("Your organisation is set up. Below are its units."))
        return redirect("organisation:units", slug=organisation.slug)
    return render(request, "organisation/first_steps.html", {"form": form})
