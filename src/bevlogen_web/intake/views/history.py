"""History from before: a workspace of files that is checked as a whole and joins the study."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.intake import queries, services
from bevlogen_web.intake.forms import HistoryForm
from bevlogen_web.intake.services import UnfitArchiveError


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def history(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show what was brought; a POST brings another, if it has no faults."""
    form = HistoryForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "history": queries.history(membership.organisation)}
    if request.method == "POST" and form.is_valid():
        try:
            faults = services.bring_history(membership.organisation, form.cleaned_data["tables"], by=membership.user)
        except UnfitArchiveError as error:
            form.add_error("tables", _refusals()[error.reason])
        else:
            if not faults:
                messages.success(request, _("The history is in. The picture is made again with it."))
                return redirect(_here(membership))
            context["faults"] = faults
    return render(request, "intake/history.html", context)


@requires(Role.ADMINISTRATOR)
@require_POST
def drop(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Delete the history."""
    found = queries.history(membership.organisation)
    if found is None:
        raise Http404
    services.drop_history(found, by=membership.user)
    messages.success(request, _("The history is deleted."))
    return redirect(_here(membership))


def _refusals() -> dict[str, str]:
    return {
        "damaged": _("This zip file is damaged. Pack it again."),
        "large": _("This zip file holds too much. Leave out what is no table."),
        "names": _("This zip file holds two files with the same name, or a name that is too long. Rename them."),
    }


def _here(membership: Membership) -> str:
    return reverse("intake:history", kwargs={"slug": membership.organisation.slug})
