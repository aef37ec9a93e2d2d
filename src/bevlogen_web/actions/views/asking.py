"""Plans to learn, and choosing first moves: asked here, worked out in the background, and a plan registered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import bevlogen as bv
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.actions import ideas, queries, services, spoken
from bevlogen_web.actions.forms import ChoiceForm, PlanForm
from bevlogen_web.actions.models import Asked, Kind
from bevlogen_web.actions.views.acting import ASKERS

SHOWN = 10


@requires(*ASKERS)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Ask how to begin so that it shows whether it worked."""
    form = PlanForm(request.POST or None, membership=membership)
    return _ask(request, membership, form, Kind.PLAN)


@requires(*ASKERS)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Ask which moves together bring most within limits."""
    return _ask(request, membership, ChoiceForm(request.POST or None), Kind.CHOICE)


def _ask(request: HttpRequest, membership: Membership, form: PlanForm | ChoiceForm, kind: Kind) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        asked = services.ask(kind, form.given(), by=membership)
        return redirect("actions:asked", slug=membership.organisation.slug, number=asked.pk)
    earlier = queries.asked_for(membership).filter(kind=kind)[:SHOWN]
    context = {"form": form, "earlier": earlier, **known(membership)}
    return render(request, f"actions/{kind}.html", context)


def known(membership: Membership, lever: str = "", outcome: str = "engagement") -> dict[str, Any]:
    """What is known beforehand of actions: the published effect, and what own ones brought."""
    own = queries.learned(membership.organisation, lever, outcome)
    return {"published": ideas.published(ideas.GENERAL), "own": own}


@requires(*ASKERS)
@require_safe
def asked(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show one question with its answer, or that it is being worked out."""
    return render(request, "actions/asked.html", _shown(membership, number))


@requires(*ASKERS)
@require_safe
def answer(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Only the answer, for a page that waits."""
    return render(request, "actions/parts/asked.html", _shown(membership, number))


@requires(Role.DIRECTOR)
@require_POST
def register(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Register a plan before its start."""
    found = get_object_or_404(queries.asked_for(membership), pk=number)
    try:
        services.register(found.pk, timezone.localdate(), by=membership)
    except services.WrongStateError:
        messages.error(request, _("That is not possible any more: somebody changed it before you."))
    except services.TooLateError:
        messages.error(request, _("The first start is over. Make a new plan: nobody begins before today in it."))
    else:
        messages.success(request, _("The plan is registered, and its actions are agreed."))
    return redirect("actions:asked", slug=membership.organisation.slug, number=found.pk)


def _shown(membership: Membership, number: int) -> dict[str, Any]:
    found = get_object_or_404(queries.asked_for(membership), pk=number)
    context: dict[str, Any] = {
        "asked": found,
        "waits": queries.waits(found),
        "lever": "",
        "why_not": spoken.said(found.fault),
    }
    if not found.answer:
        return context
    names = queries.unit_names(membership.organisation)
    context["reason"] = found.answer["reason"][language()]
    more = _plan if found.kind == Kind.PLAN else _choice
    return {**context, **more(found, membership, names)}


def _plan(found: Asked, membership: Membership, names: dict[str, str]) -> dict[str, Any]:
    groups: dict[str, list[str]] = {}
    for unit, period in found.answer["begins"]:
        groups.setdefault(period, []).append(names.get(unit, unit))
    actions = list(found.actions.order_by("start"))
    largest = max((d for d in found.answer["detectable"] if d is not None), default=1.0)
    return {
        **known(membership, found.given["lever"], found.given["outcome"]),
        "lever": queries.lever_name(found.given["lever"]),
        "outcome": dict(queries.outcomes(membership.organisation)).get(found.given["outcome"], found.given["outcome"]),
        "groups": [(period and bv.pages.period(period, language()), sorted(units)) for period, units in groups.items()],
        "detectable": [
            (after, effect, None if effect is None else round(100 * effect / largest))
            for after, effect in enumerate(found.answer["detectable"], start=1)
        ],
        "may_register": membership.role == Role.DIRECTOR and found.registered is None,
        "is_late": queries.is_late(found, timezone.localdate()),
        "actions": actions,
        "as_registered": found.registered is not None and queries.is_as_registered(found),
        "judged": queries.judged(actions[0]) if actions else None,
        "seal": queries.seal(found),
    }


def _choice(found: Asked, membership: Membership, names: dict[str, str]) -> dict[str, Any]:
    labels = dict(queries.outcomes(membership.organisation))
    return {
        "choices": [
            {
                **one,
                "unit": names.get(one["unit"], one["unit"]),
                "lever": queries.lever_name(one["lever"]),
                "outcome": labels.get(one["outcome"], one["outcome"]),
                "sure": round(100 * one["sureness"]),
            }
            for one in found.answer["choices"]
        ],
        "knowing": [(one[language()], one["worth"]) for one in found.answer["knowing"]],
        "reached": None if found.answer["reached"] is None else round(100 * found.answer["reached"]),
    }
