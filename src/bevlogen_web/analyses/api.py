"""The part of the API that reads: only what may be shown."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from bevlogen_web.analyses import queries
from bevlogen_web.intake.api import REFUSALS, allowed
from bevlogen_web.intake.models import Scope
from bevlogen_web.intake.schemas import Refused

router = Router(tags=["Read"])


class Freshness(Schema):
    """Where the study stands."""

    made: str | None
    busy: bool
    failed: bool


@router.get(
    "/release",
    response={200: dict[str, Any], **{status: REFUSALS[status] for status in (401, 403)}, 404: Refused},
    summary="Read the current picture",
)
def release(request: HttpRequest) -> dict[str, Any]:
    """Give the figures of the current picture in the documented schema, less what could tell of a person."""
    picture = queries.current(allowed(request, Scope.READ_RELEASE).organisation)
    if picture is None:
        raise Http404
    found: dict[str, Any] = picture.release
    return found


@router.get(
    "/status",
    response={200: Freshness, **{status: REFUSALS[status] for status in (401, 403)}},
    summary="See how fresh it is",
)
def status(request: HttpRequest) -> Freshness:
    """Tell when the current picture was made, and whether a newer one is on its way or failed."""
    standing = queries.standing(allowed(request, Scope.READ_RELEASE).organisation)
    made = standing.picture.made.isoformat() if standing.picture else None
    return Freshness(made=made, busy=standing.busy is not None, failed=standing.failed is not None)
