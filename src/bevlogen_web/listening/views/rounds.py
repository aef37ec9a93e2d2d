"""Rounds: preparing, opening, reminding and closing them, and how many answered. Never who."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.instruments import forms as questionnaire
from bevlogen_web.listening import closing, paper, queries, seal, sending, services, tasks
from bevlogen_web.listening.forms import CardsForm, RoundForm
from bevlogen_web.listening.models import Round, State
from bevlogen_web.organisation.queries import today

ROWS_PER_PAGE = 30
HOLDERS = (Role.DIRECTOR, Role.ADMINISTRATOR)


@requires()
@require_safe
def rounds(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List all rounds, newest first."""
    page = Paginator(queries.rounds(membership.organisation), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "listening/rounds.html", {"page": page, "holds": membership.role in HOLDERS})


@requires()
@require_safe
def one(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show a round: its rules, and the response of units that are large enough."""
    held = _round(membership, number)
    context = {
        "held": held,
        "subjects": queries.subjects(held),
        "holds": membership.role in HOLDERS,
        "prints": membership.role == Role.ADMINISTRATOR,
        "bars": queries.turnout(held, membership) if held.state == State.CLOSED else queries.response(held, membership),
        "measured": held.meters.values_list("day", flat=True).first(),
        "title": questionnaire.said(held.version.definition["title"]),
        "n_waiting": queries.n_waiting(held) if held.state == State.OPEN else 0,
        "n_paper": queries.unreachable(held).count() if held.state == State.OPEN else 0,
        "may_remind": held.state == State.OPEN and held.wave < services.MOST_MAILINGS,
        "key_gone": held.state == State.OPEN and not seal.has_key(held.key_name),
    }
    return render(request, "listening/round.html", context)


@requires(*HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Prepare a new round."""
    return _fill_in(request, membership, None)


@requires(*HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Change a round that is not open yet."""
    return _fill_in(request, membership, get_object_or_404(_drafts(membership), pk=number))


@requires(*HOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show who would be asked, what and under which rules; a POST opens the round."""
    held = get_object_or_404(_drafts(membership), pk=number)
    if request.method == "POST":
        try:
            services.open_round(held, membership.user)
        except services.NotReadyError as error:
            messages.error(request, _not_ready(error.reason))
            return redirect("listening:round", slug=membership.organisation.slug, number=number)
        tasks.send.enqueue(held.pk)
        messages.success(request, _("The round is open. The invitations are on their way."))
        return redirect("listening:round", slug=membership.organisation.slug, number=number)
    definition = held.version.definition
    pages = [questionnaire.questions_of(definition, number, {}) for number in range(len(definition["pages"]))]
    context = {
        "held": held,
        "round": held,
        "subjects": queries.subjects(held),
        "plan": queries.plan(held, today()),
        "title": questionnaire.said(definition["title"]),
        "pages": [page for page in pages if page],
    }
    return render(request, "listening/open.html", context)


@requires(*HOLDERS)
@require_POST
def discard(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Delete a round that was never opened."""
    services.discard(get_object_or_404(_drafts(membership), pk=number), membership.user)
    messages.success(request, _("The round is deleted."))
    return redirect("listening:rounds", slug=membership.organisation.slug)


@requires(*HOLDERS)
@require_POST
def remind(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Mail those who have not answered once more."""
    held = get_object_or_404(_open(membership), pk=number)
    try:
        services.remind(held, membership.user)
    except services.TooOftenError:
        messages.error(request, _("Wait until the last mailing is done. After three reminders there are no more."))
    else:
        tasks.send.enqueue(held.pk)
        messages.success(request, _("A reminder goes to everyone who has not answered. You cannot see who that is."))
    return redirect("listening:round", slug=membership.organisation.slug, number=number)


@requires(*HOLDERS)
@require_POST
def close(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Close an open round now."""
    held = get_object_or_404(_open(membership), pk=number)
    closing.close(held, membership.user, without_letters=not seal.has_key(held.key_name))
    messages.success(request, _("The round is closed. The answers are opened, in random order and without names."))
    return redirect("listening:round", slug=membership.organisation.slug, number=number)


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Say who needs a card on paper; a POST adds cards for people who are in no list."""
    held = get_object_or_404(_open(membership), pk=number)
    form = CardsForm(request.POST or None, held=held)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.add_cards(held, given["unit"], given["number"], membership.user)
        text = ngettext("%(n)s card is added.", "%(n)s cards are added.", given["number"])
        messages.success(request, text % {"n": given["number"]})
        return redirect("listening:cards", slug=membership.organisation.slug, number=number)
    context = {"held": held, "form": form, "n_paper": queries.unreachable(held).count()}
    return render(request, "listening/cards.html", context)


@requires(Role.ADMINISTRATOR)
@require_POST
def printed(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Make the codes on paper and give them as PDF, this once."""
    held = get_object_or_404(_open(membership), pk=number)
    answer = HttpResponse(paper.draw(held, sending.cards(held, membership.user)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="cards-{held.pk}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fill_in(request: HttpRequest, membership: Membership, held: Round | None) -> HttpResponse:
    organisation = membership.organisation
    form = RoundForm(request.POST or None, instance=held, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        kept = services.prepare(form.save(commit=False), membership.user)
        messages.success(request, _("The round is kept. Look at it once more, then open it."))
        return redirect("listening:round", slug=organisation.slug, number=kept.pk)
    return render(request, "listening/prepare.html", {"form": form, "held": held})


def _round(membership: Membership, number: int) -> Round:
    return get_object_or_404(queries.rounds(membership.organisation), pk=number)


def _drafts(membership: Membership) -> QuerySet[Round]:
    return queries.rounds(membership.organisation).filter(state=State.DRAFT)


def _open(membership: Membership) -> QuerySet[Round]:
    return queries.rounds(membership.organisation).filter(state=State.OPEN)


def _not_ready(reason: str) -> str:
    return {
        "nobody": _("Nobody would be asked. Add employees first, or choose another part of the organisation."),
        "version": _("These questions are not published. Choose others, or publish them first."),
        "past": _("The last day has passed. Choose a later one first."),
        "state": _("This round was opened already."),
    }[reason]
