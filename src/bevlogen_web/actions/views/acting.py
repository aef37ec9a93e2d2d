"""Actions: the list, one action with what it did, and what becomes of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.actions import ideas as library
from bevlogen_web.actions import queries, services
from bevlogen_web.actions.forms import ActionForm, NoteForm
from bevlogen_web.actions.models import Action, State

READERS = (Role.DIRECTOR, Role.MANAGER, Role.ANALYST)
DOERS = (Role.DIRECTOR, Role.MANAGER)
ASKERS = (Role.DIRECTOR, Role.ANALYST)


@requires(*READERS)
@require_safe
def overview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the actions, those to look at again on top."""
    found = queries.actions_for(membership)
    today = timezone.localdate()
    shown = [(action, queries.lever_name(action.lever), queries.judged(action)) for action in found]
    return render(
        request,
        "actions/overview.html",
        {"actions": shown, "due": list(queries.due(found, today)), "doers": DOERS, "askers": ASKERS},
    )


@requires(*DOERS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Agree on an action (director), or propose one (manager)."""
    start = {"what": request.GET.get("what", "")[:300], "lever": request.GET.get("lever", "")}
    form = ActionForm(request.POST or None, initial=start, membership=membership)
    if request.method == "POST" and form.is_valid():
        action = services.add(form.save(commit=False), form.cleaned_data["units"], by=membership)
        agreed = action.state == State.AGREED
        messages.success(request, _("The action is agreed.") if agreed else _("The action is proposed."))
        return redirect("actions:action", slug=membership.organisation.slug, number=action.pk)
    return render(request, "actions/form.html", {"form": form})


@requires(*READERS)
@require_safe
def action(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """One action: what is done, what it did, and what was written about it."""
    found = _get(membership, number)
    judged = queries.judged(found)
    return render(
        request,
        "actions/action.html",
        {
            "action": found,
            "lever": queries.lever_name(found.lever),
            "judged": judged,
            "cautions": queries.cautions(found) if judged is None and found.state != State.CLOSED else [],
            "form": NoteForm(),
            "askers": ASKERS,
            "may_change": queries.may_change(membership, found) and found.state != State.CLOSED,
            "may_decide": membership.role == Role.DIRECTOR,
            "notes": found.notes.select_related("author__user"),
        },
    )


@requires(*DOERS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Change an action that is not closed."""
    found = _mine(membership, number)
    if found.state == State.CLOSED:
        raise Http404
    form = ActionForm(request.POST or None, instance=found, membership=membership)
    if request.method == "POST" and form.is_valid():
        services.change(form.save(commit=False), form.cleaned_data["units"], by=membership)
        messages.success(request, _("Saved."))
        return redirect("actions:action", slug=membership.organisation.slug, number=found.pk)
    return render(request, "actions/form.html", {"form": form, "action": found})


@requires(*DOERS)
@require_POST
def note(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Write a note on an action."""
    found = _get(membership, number)
    form = NoteForm(request.POST)
    if form.is_valid():
        services.write(found, form.cleaned_data["text"], by=membership)
        messages.success(request, _("The note is kept."))
    else:
        messages.error(request, _("The note was empty or too long. Nothing was kept."))
    return redirect("actions:action", slug=membership.organisation.slug, number=found.pk)


@requires(Role.DIRECTOR)
@require_POST
def agree(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Take a proposal up."""
    return _sent(request, membership, _get(membership, number), State.AGREED)


@requires(Role.DIRECTOR)
@require_POST
def decline(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Do not take a proposal up."""
    return _sent(request, membership, _get(membership, number), State.DECLINED)


@requires(*DOERS)
@require_POST
def close(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Close an action: it is done, and goes on counting when it is judged."""
    return _sent(request, membership, _mine(membership, number), State.CLOSED)


@requires(*READERS)
@require_safe
def ideas(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show a small library of actions with what is published of them."""
    own = queries.learned(membership.organisation)
    shown = []
    for idea in library.IDEAS:
        brought = [one for one in own if one.lever == idea.lever]
        shown.append((idea, queries.lever_name(idea.lever), library.published(idea.effect), brought))
    return render(request, "actions/ideas.html", {"ideas": shown, "may_add": membership.role in DOERS})


def _get(membership: Membership, number: int) -> Action:
    return get_object_or_404(queries.actions_for(membership), pk=number)


def _mine(membership: Membership, number: int) -> Action:
    """Give an action that this member may change; for others it is not there."""
    found = _get(membership, number)
    if not queries.may_change(membership, found):
        raise Http404
    return found


def _sent(request: HttpRequest, membership: Membership, found: Action, to: State) -> HttpResponse:
    said = {
        State.AGREED: _("The action is agreed."),
        State.DECLINED: _("The action is not taken up."),
        State.CLOSED: _("The action is closed. It goes on counting when it is judged."),
    }
    try:
        services.send(found.pk, to, timezone.localdate(), by=membership)
    except services.WrongStateError:
        messages.error(request, _("That is not possible any more: somebody changed it before you."))
    else:
        messages.success(request, said[to])
    return redirect("actions:action", slug=membership.organisation.slug, number=found.pk)
