"""Documents to take along: for the board by who may see everything, for a team by who may open its page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.cockpit import queries
from bevlogen_web.cockpit.frame import READERS, VIEWERS, Frame, frame, not_there, nothing_yet
from bevlogen_web.reports import making

KEEPERS = (*VIEWERS, Role.ADMINISTRATOR)
TEAMS_SHOWN = 60


@requires(*KEEPERS)
@require_safe
def overview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List what can be taken along."""
    found = frame(membership)
    own = queries.own_keys(membership)
    teams = (
        [node for node in queries.tree(found.picture).values() if own is not None and node.key in own] if found else []
    )
    context = {
        "picture": found.picture if found else None,
        "reads": membership.role in READERS,
        "views": membership.role in VIEWERS,
        "teams": teams[:TEAMS_SHOWN],
    }
    return render(request, "reports/overview.html", context)


@requires(*READERS)
@require_safe
def board(request: HttpRequest, membership: Membership, kind: making.Kind) -> HttpResponse:
    """Give a document of the whole organisation."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    return _file(found, making.board(found, kind), "board", kind)


@requires(*VIEWERS)
@require_safe
def team(request: HttpRequest, membership: Membership, key: str) -> HttpResponse:
    """Give the document of one unit; a manager only own units, for others it is not there."""
    queries.own_keys_with(membership, key)
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    if queries.scope(found.picture, key) is None:
        return not_there(request, found, key)
    return _file(found, making.team(found, key), "team", "pdf")


def _file(found: Frame, data: bytes, what: str, kind: making.Kind) -> HttpResponse:
    """Give a file by a name that tells the day of the figures and nothing else."""
    answer = HttpResponse(data, content_type=making.TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="bevlogen-{what}-{found.picture.made:%Y-%m-%d}.{kind}"'
    return answer
