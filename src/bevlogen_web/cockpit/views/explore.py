"""The explorer: any two figures, looked at in the way an analyst chooses, with the code to do it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses import services
from bevlogen_web.analyses.explore import MOST_QUESTIONS, Question, answered
from bevlogen_web.analyses.models import State
from bevlogen_web.cockpit import queries, repeat, table
from bevlogen_web.cockpit.asked import ExploreForm, query
from bevlogen_web.cockpit.frame import READERS, Frame, frame, nothing_yet

LONGEST_NAME = 60


@requires(*READERS)
@require_safe
def explore(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the form; with a question also its answer, as far as there is one."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    form = _form(found, request.GET)
    context = {"form": form, "views": _views(membership), **_answer(found, _question(form))}
    return render(request, "cockpit/explore.html", {**found.context, **context})


@requires(*READERS)
@require_safe
def explore_answer(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Give the answer alone, for the page to look again while it is worked out."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    answer = _answer(found, _question(_form(found, request.GET)))
    return render(request, "cockpit/parts/explored.html", {**found.context, **answer})


@requires(*READERS)
@require_POST
def explore_ask(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Have a question worked out."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    form = _form(found, request.POST)
    if not form.is_valid():
        return render(request, "cockpit/explore.html", {**found.context, "form": form, "views": _views(membership)})
    question = form.question()
    try:
        services.explore(found.picture, question)
    except services.TooManyError:
        messages.error(
            request,
            _(
                "%(most)d different questions have been answered of these figures. That is the most, so that other "
                "work is not held up. With the next figures you can ask again."
            )
            % {"most": MOST_QUESTIONS},
        )
    return redirect(_address(membership, question))


@requires(*READERS)
@require_safe
def explore_table(request: HttpRequest, membership: Membership, kind: table.Kind) -> HttpResponse:
    """Give the shown figures that a question is about as a file; without a question all of them."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    question = _question(_form(found, request.GET))
    names = _names(found)
    variables, service = list(names), ""
    if question is not None:
        variables, service = [question.cause, question.outcome, *question.hold], question.service
    rows = table.shown(found.picture, variables, service)
    labels = {one: names[one] for one in variables}
    answer = HttpResponse(table.written(rows, kind, labels), content_type=table.TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="bevlogen-table.{kind}"'
    return answer


@requires(*READERS)
@require_POST
def explore_keep(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Keep a question under a name in one's own list."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    form = _form(found, request.POST)
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    if not form.is_valid():
        return redirect("cockpit:explore", slug=membership.organisation.slug)
    question = form.question()
    if name:
        services.keep_view(membership, name, query(question))
        messages.success(request, _("The question is kept in your list."))
    else:
        messages.error(request, _("Give the question a name to keep it."))
    return redirect(_address(membership, question))


@requires(*READERS)
@require_POST
def explore_drop(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Take a question off one's own list."""
    services.drop_view(membership, number)
    return redirect("cockpit:explore", slug=membership.organisation.slug)


def _address(membership: Membership, question: Question) -> str:
    return f"{reverse('cockpit:explore', kwargs={'slug': membership.organisation.slug})}?{query(question)}"


def _views(membership: Membership) -> list[tuple[Any, str]]:
    """Own questions that are kept, with the way to each."""
    return [(one, f"?{one.query}") for one in membership.saved_views.all()]


def _question(form: ExploreForm) -> Question | None:
    """What the form asks, if it does."""
    return form.question() if form.is_bound and form.is_valid() else None


def _form(found: Frame, asked: QueryDict) -> ExploreForm:
    head = analyses.sheet(found.picture, "head")
    return ExploreForm(
        asked if "cause" in asked else None,
        names=_names(found),
        services=queries.services(found.picture),
        n_periods=len(head["periods"]),
    )


def _names(found: Frame) -> dict[str, str]:
    """Name of every figure that units have in the picture, in the order of the chain."""
    head = analyses.sheet(found.picture, "head")
    labels = {one["key"]: one["label"][found.language] for one in head["constructs"]}
    return {key: labels[key].capitalize() for key in analyses.sheet(found.picture, "heat")["columns"]}


def _answer(found: Frame, question: Question | None) -> dict[str, Any]:
    """What the page says of a question."""
    if question is None:
        return {"question": None}
    names = _names(found)
    told = answered(found.picture, question)
    context: dict[str, Any] = {
        "question": question,
        "query": query(question),
        "exploration": told,
        "is_busy": told is not None and told.state in (State.WAITING, State.RUNNING),
        "has_failed": told is not None and told.state == State.FAILED,
        "cause": names[question.cause],
        "outcome": names[question.outcome],
        "held": [names[one] for one in question.hold],
        "service_name": dict(queries.services(found.picture)).get(question.service, ""),
    }
    if told is not None and told.state == State.DONE and told.body is not None:
        link = bv.pages.link(bv.reopen(told.body["release"]), question.cause, question.outcome, found.language)
        df = told.body["df"]
        context |= {
            "link": _with_lag(link, question.lag) if link is not None and question.lag > 1 else link,
            "df": "" if df is None else bv.pages.figure(df, found.language),
            "codes": _codes(found, question),
        }
    return context


def _with_lag(link: Any, lag: int) -> Any:
    """Name the lag that was asked for, where the usual words say one period."""
    named = _("later: %(n)d periods") % {"n": lag}
    return replace(link, designs=tuple(replace(row, design=named) for row in link.designs))


def _codes(found: Frame, question: Question) -> list[tuple[str, str]]:
    services_of = {node.service for node in queries.tree(found.picture).values() if node.service}
    many = not question.service and len(services_of) > 1
    return [
        (_("Python, with the workspace"), repeat.python(question)),
        (_("Python, with the table"), repeat.python_table(question)),
        (_("R, with the table"), repeat.r(question, services=many)),
    ]
