"""The page of a unit: strengths, one or two things to work on, a guide for the team meeting, and what is hidden."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.actions import queries as actions
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit import queries
from bevlogen_web.cockpit.frame import VIEWERS, Frame, frame, not_there, nothing_yet
from bevlogen_web.cockpit.guide import questions
from bevlogen_web.cockpit.views.overview import alarms_of

MOVES_SHOWN = 2
FOUND_SHOWN = 60
ACTIONS_SHOWN = 5
VOICES_SHOWN = 4  # questions of rounds, newest first


@requires(*VIEWERS)
@require_safe
def teams(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the units whose pages one may open, or lead to the only one."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    own = queries.own_keys(membership)
    nodes = queries.tree(found.picture)
    allowed = [node for node in nodes.values() if own is None or node.key in own]
    if own is not None and len(allowed) == 1:
        return redirect("cockpit:team", slug=membership.organisation.slug, key=allowed[0].key)
    words = request.GET.get("q", "").strip()
    hits = [
        node for node in allowed if words.casefold() in node.name.casefold() or words.casefold() in node.key.casefold()
    ]
    context = {
        "words": words,
        "hits": hits[:FOUND_SHOWN],
        "more": len(hits) - FOUND_SHOWN,
        "nodes": nodes,
        "is_manager": own is not None,
    }
    return render(request, "cockpit/teams.html", {**found.context, **context})


@requires(*VIEWERS)
@require_safe
def team(request: HttpRequest, membership: Membership, key: str) -> HttpResponse:
    """Show one unit; a manager only own units, for others it is not there."""
    own = queries.own_keys_with(membership, key)
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    scope = queries.scope(found.picture, key)
    if scope is None:
        return not_there(request, found, key)
    whole = queries.top(found.picture)
    release = queries.release(found.picture, {key, whole}, root=whole, moves_of=key)
    page = bv.pages.team(release, key, found.language)
    nodes = queries.tree(found.picture)
    context = {
        **_written(found, membership, scope, own),
        "scope": scope,
        "page": page,
        "strong": [level for level in page.levels if level.standing == "good"],
        "weak": [level for level in page.levels if level.standing == "poor"],
        "moves": page.moves[:MOVES_SHOWN],
        "hidden": [(one, nodes.get(one.instead)) for one in page.hidden],
        "questions": questions(page),
        "warnings": [
            (card, rows)
            for card in bv.pages.warnings(release, found.language)
            if (rows := [row for row in card.rows if row[0] == key])
        ],
        "alarms": alarms_of(found, key, unit=key),
        "actions": actions.actions_for(membership).filter(units__key=key).order_by("-start")[:ACTIONS_SHOWN],
        "k": release.k,
        "k_comments": release.k_comments,
        "below": [node for node in scope.below if own is None or node.key in own],
        "path": [node for node in scope.path if own is None or node.key in own],
        "whole": nodes[whole],
    }
    return render(request, "cockpit/team.html", {**found.context, **context})


def _written(found: Frame, membership: Membership, scope: queries.Scope, own: frozenset[str] | None) -> dict[str, Any]:
    """What the people of a unit wrote, or the smallest group around it with which their words are read."""
    above = list(reversed(scope.path))
    voices = analyses.voices(found.picture, [scope.node.key, *(node.key for node in above)])
    group = next((node for node in above if node.key in voices), None)
    shows = membership.organisation.shows_comments and membership.role in (Role.DIRECTOR, Role.MANAGER)
    said = [
        {**one, "question": one["question"][found.language], "period": bv.pages.period(one["period"], found.language)}
        for one in voices.get(scope.node.key, ())
    ][:VOICES_SHOWN]
    return {
        "said": said,
        "said_with": group,
        "may_open_group": group is not None and (own is None or group.key in own),
        "has_voices": bool(said) or group is not None or analyses.has_voices(found.picture),
        "shows_comments": shows,
    }
