"""The rules in force with every change, for everyone in the organisation; and how long things are kept."""

from __future__ import annotations

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.instruments.forms import said
from bevlogen_web.privacy import queries, services
from bevlogen_web.privacy.assessment import to_settle
from bevlogen_web.privacy.facts import facts
from bevlogen_web.privacy.forms import CommentsForm, PeriodsForm

READERS = (Role.PRIVACY_OFFICER, Role.WORKS_COUNCIL, Role.DIRECTOR, Role.ADMINISTRATOR)
LATEST = 20


@requires(*READERS)
@require_safe
def overview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show what there is to read and do about privacy, and what is still to be settled."""
    return render(request, "privacy/overview.html", {"to_settle": to_settle(facts(membership.organisation))})


@requires()
@require_safe
def rules(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show every rule in force, and what changed."""
    organisation = membership.organisation
    may_read_log = membership.role in (Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
    context = {
        "facts": facts(organisation),
        "kept": queries.kept(organisation),
        "rounds": [(one, said(one.version.definition["title"])) for one in queries.promised(organisation)[:LATEST]],
        "entries": queries.log(organisation)[:LATEST] if may_read_log else [],
    }
    return render(request, "privacy/rules.html", context)


@requires(Role.PRIVACY_OFFICER)
@require_http_methods(["GET", "POST"])
def periods(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Choose how long things are kept."""
    organisation = membership.organisation
    form = PeriodsForm(request.POST or None, initial=model_to_dict(queries.periods(organisation)))
    if request.method == "POST" and form.is_valid():
        services.change_periods(organisation, form.months(), by=membership.user)
        messages.success(request, _("Saved. What is kept too long goes tonight."))
        return redirect("privacy:rules", slug=organisation.slug)
    return render(request, "privacy/periods.html", {"form": form, "today": timezone.localdate()})


@requires(Role.PRIVACY_OFFICER)
@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Choose whether comments are shown, or their themes alone."""
    organisation = membership.organisation
    form = CommentsForm(request.POST or None, initial={"shows_comments": organisation.shows_comments})
    if request.method == "POST" and form.is_valid():
        services.show_comments(organisation, form.cleaned_data["shows_comments"], by=membership.user)
        messages.success(request, _("Saved. The pages follow within minutes."))
        return redirect("privacy:overview", slug=organisation.slug)
    return render(request, "privacy/comments.html", {"form": form, "k": facts(organisation).k_comments})
