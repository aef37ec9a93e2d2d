"""What every page needs to draw its frame."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from bevlogen_web.accounts.models import Membership
from bevlogen_web.config import navigation


def page(request: HttpRequest) -> dict[str, object]:
    """Membership at hand, the links it may follow, and whether this is a demonstration."""
    membership: Membership | None = getattr(request, "membership", None)
    return {
        "membership": membership,
        "links": navigation.links(membership, request.path) if membership else [],
        "demo": settings.DEMO,
        "site_languages": settings.LANGUAGES,
    }
