"""The steering picture: the last good one, how fresh it is, and earlier ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries, services

READERS = (Role.DIRECTOR, Role.ANALYST)
KEEPERS = (Role.DIRECTOR, Role.ANALYST, Role.ADMINISTRATOR)
SHOWN_REFRESHES = 8
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


@requires(*KEEPERS)
@require_safe
def picture(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the current picture in short, and its standing."""
    return render(request, "analyses/picture.html", _context(membership))


@requires(*KEEPERS)
@require_safe
def standing(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the standing alone, for the page to look again while a refresh runs."""
    context = _context(membership)
    response = render(request, "analyses/parts/standing.html", context)
    if context["standing"].busy is None:
        response.headers["HX-Refresh"] = "true"  # the picture itself has changed
    return response


@requires(*KEEPERS)
@require_POST
def refresh(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Ask for a refresh now."""
    services.ask(membership.organisation, by=membership.user)
    return redirect("analyses:picture", slug=membership.organisation.slug)


@requires(*READERS)
@require_safe
def report(request: HttpRequest, membership: Membership, number: int, language: str) -> HttpResponse:
    """Show the report of a picture as the library wrote it, under its own policy."""
    found = get_object_or_404(queries.pictures(membership.organisation), pk=number)
    page: str = found.report_nl if language == "nl" else found.report_en
    response = HttpResponse(page)
    policy = _POLICY.search(page)
    if policy is not None:
        own = policy[1].replace("&#39;", "'")
        response.headers["Content-Security-Policy"] = f"{own}; frame-ancestors 'none'"
    return response


def glance(membership: Membership) -> dict[str, Any]:
    """Give the current picture in a sentence and its first moves, for who may read it; empty if there is none."""
    picture = queries.current(membership.organisation) if membership.role in READERS else None
    if picture is None:
        return {"summary": None, "verdicts": "", "moves": []}
    short = queries.summary(picture)
    dutch = language() == "nl"
    moves = [_move(move, short, dutch) for move in short.moves]
    return {"summary": short, "verdicts": _said(short.verdicts), "moves": moves}


def _context(membership: Membership) -> dict[str, Any]:
    organisation = membership.organisation
    found = queries.standing(organisation)
    reads = membership.role in READERS
    first = glance(membership)
    short = first["summary"]
    notes = found.picture.notes if found.picture else {}
    dutch = language() == "nl"
    return {
        **first,
        "standing": found,
        "reads": reads,
        "may_bring": membership.role == Role.ADMINISTRATOR,
        "mixed": _named(notes.get("mixed", ()), short, dutch),
        "replaced": _named(notes.get("replaced", ()), short, dutch),
        "first_language": "nl" if dutch else "en",
        "second_language": "en" if dutch else "nl",
        "earlier": queries.pictures(organisation).filter(current=False).only("pk", "made") if reads else [],
        "refreshes": queries.refreshes(organisation)[:SHOWN_REFRESHES],
    }


def _said(verdicts: Mapping[str, int]) -> str:
    """Write how the claims fared as one sentence."""
    counts = {
        "supported": verdicts.get("supported", 0),
        "contradicted": verdicts.get("contradicted", 0),
        "small": verdicts.get("no meaningful effect", 0),
        "open": verdicts.get("undetermined", 0),
        "all": sum(verdicts.values()),
    }
    text = _(
        "Of the %(all)d claims about how employership, engagement and customers hang together, your figures "
        "support %(supported)d and contradict %(contradicted)d. About %(open)d nothing can be said yet."
    )
    more = _("For %(small)d the effect is too small to matter.") if counts["small"] else ""
    return f"{text} {more}".strip() % counts


def _move(move: queries.Move, short: queries.Summary, dutch: bool) -> dict[str, str]:
    return {
        "unit": move.unit,
        "lever": _named([move.lever], short, dutch),
        "outcome": _named([move.outcome], short, dutch),
    }


def _named(keys: Iterable[str], short: queries.Summary | None, dutch: bool) -> str:
    labels = short.labels if short else {}
    return ", ".join(labels.get(key, {}).get("nl" if dutch else "en", key) for key in keys)
