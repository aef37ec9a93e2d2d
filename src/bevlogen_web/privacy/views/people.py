"""One person's request: what is kept, a copy, and erasing it. The term comes by POST, so that no address holds it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.privacy import subjects
from bevlogen_web.privacy.forms import PersonForm


@requires(Role.PRIVACY_OFFICER)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Look somebody up."""
    form = PersonForm(request.POST or None)
    found = subjects.find(membership.organisation, form.cleaned_data["term"]) if form.is_valid() else None
    return render(request, "privacy/person.html", {"form": form, "found": found})


@requires(Role.PRIVACY_OFFICER)
@require_POST
def copy(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Download what is kept about somebody."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return render(request, "privacy/person.html", {"form": form, "found": None})
    found = subjects.find(membership.organisation, form.cleaned_data["term"])
    subjects.note_copy(membership.organisation, found, by=membership.user)
    return download(subjects.copy(found))


@requires(Role.PRIVACY_OFFICER)
@require_POST
def erase(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Erase what is kept about somebody."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return render(request, "privacy/person.html", {"form": form, "found": None})
    found = subjects.find(membership.organisation, form.cleaned_data["term"])
    n, stays = subjects.erase(membership.organisation, found, by=membership.user)
    messages.success(request, ngettext("%(n)d record is erased.", "%(n)d records are erased.", n) % {"n": n})
    if stays:
        messages.warning(request, _("The account stays: your organisation needs an administrator."))
    return redirect("privacy:person", slug=membership.organisation.slug)


def download(content: dict[str, object]) -> JsonResponse:
    """Give a file that no one keeps on the way."""
    answer = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    return answer
