"""What every page of the cockpit starts from: the last good release, its standing, and the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

import bevlogen as bv
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.models import Picture

READERS = (Role.DIRECTOR, Role.ANALYST)
VIEWERS = (Role.DIRECTOR, Role.ANALYST, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture at hand and in which language it is told."""

    picture: Picture
    language: Literal["en", "nl"]
    context: dict[str, Any]


def frame(membership: Membership) -> Frame | None:
    """Give what a page starts from; None while there is no picture."""
    standing = analyses.standing(membership.organisation)
    if standing.picture is None:
        return None
    spoken = language()
    context = {"standing": standing, "summary": True, "say": bv.pages.words(spoken), "picture": standing.picture}
    return Frame(standing.picture, spoken, context)


def nothing_yet(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Say that there is no picture, and what to do about it."""
    context = {"standing": analyses.standing(membership.organisation)}
    return render(request, "cockpit/nothing.html", context)


def not_there(request: HttpRequest, found: Frame, unit: str = "") -> HttpResponse:
    """Say that a page's subject is not in the last good figures, and where to go on."""
    return render(request, "cockpit/gone.html", {**found.context, "unit": unit}, status=404)
