"""The director's page: where do we stand, does the chain hold here, what first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit import queries
from bevlogen_web.cockpit.frame import READERS, Frame, frame, not_there, nothing_yet
from bevlogen_web.cockpit.queries import Node, Scope

MOVES_SHOWN = 3
ALARMS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Alarm:
    """A figure that moved more than chance, in words."""

    unit: str
    key: str
    name: str
    value: str
    usual: str
    period: str
    is_worse: bool


@requires(*READERS)
@require_safe
def overview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Answer the question in a minute, for the whole or for one part."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    asked = request.GET.get("unit", "")
    service = request.GET.get("service", "")
    scope = queries.scope(found.picture, asked)
    if scope is None:
        return not_there(request, found, asked)
    refused = ""
    if service and service != scope.node.service:
        match = queries.unit_for(found.picture, scope.node.key, service)
        if match:
            query = {"unit": match, "period": request.GET.get("period", "")}
            return redirect(f"{request.path}?{urlencode({k: v for k, v in query.items() if v})}")
        refused = _(
            "These choices together make a group for which no figures have been released. A group that you put "
            "together yourself could tell about single people, so it is not worked out. You see the part you chose."
        )
    return render(request, "cockpit/overview.html", _context(request, membership, found, scope) | {"refused": refused})


def _context(request: HttpRequest, membership: Membership, found: Frame, scope: Scope) -> dict[str, Any]:
    periods = analyses.sheet(found.picture, "head")["periods"]
    period = request.GET.get("period", "")
    upto = period if period in periods else (periods[-1] if periods else "")
    release = queries.release(
        found.picture,
        [scope.node.key],
        root=scope.node.key,
        moves_of=None if scope.is_whole else scope.node.key,
        upto=upto,
    )
    slug = membership.organisation.slug
    page = bv.pages.overview(release, found.language, partial(link_address, slug))
    exist = bv.pages.exist(release, found.language)
    alarms = [] if period and period != periods[-1] else alarms_of(found, scope.node.key)
    return {
        **found.context,
        "scope": scope,
        "page": page,
        "moves": page.moves[:MOVES_SHOWN],
        "exist": exist,
        "alarms": alarms[:ALARMS_SHOWN],
        "n_alarms": len(alarms),
        "watched": analyses.sheet(found.picture, "bell")["watched"],
        "periods": [(one, bv.pages.period(one, found.language)) for one in reversed(periods)],
        "upto": upto,
        "is_past": bool(periods) and upto != periods[-1],
        "parts": parts(found, scope),
        "services": queries.services(found.picture),
        "tree_size": len(queries.tree(found.picture)),
    }


def link_address(slug: str, cause: str, outcome: str) -> str:
    """Address of the page of a link."""
    return reverse("cockpit:link", kwargs={"slug": slug, "cause": cause, "outcome": outcome})


def parts(found: Frame, scope: Scope) -> list[Node]:
    """Units to choose from: the way down to the one at hand, and what lies directly below it."""
    return [*scope.path, scope.node, *scope.below[: queries.MOST_BRANCHES]]


def alarms_of(found: Frame, below: str, unit: str | None = None) -> list[Alarm]:
    """Give what moved more than chance in a unit or below it, the surest first."""
    nodes = queries.tree(found.picture)
    return [
        alarm_of(found, rung)
        for rung in analyses.sheet(found.picture, "bell")["alarms"]
        if (rung["unit"] == unit if unit is not None else queries.is_below(nodes, rung["unit"], below))
    ]


def alarm_of(found: Frame, rung: Mapping[str, Any]) -> Alarm:
    """Say in words what moved more than chance."""
    head = analyses.sheet(found.picture, "head")
    one = next(c for c in head["constructs"] if c["key"] == rung["construct"])
    number = partial(bv.pages.figure, language=found.language, share=one["is_share"])
    return Alarm(
        queries.tree(found.picture)[rung["unit"]].name,
        rung["unit"],
        one["label"][found.language],
        number(rung["value"]),
        _("%(low)s to %(high)s") % {"low": number(rung["low"]), "high": number(rung["high"])},
        bv.pages.period_in_words(rung["period"], found.language),
        (rung["value"] < rung["centre"]) == one["higher_is_better"],
    )
