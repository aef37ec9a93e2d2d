"""The language of the pages: kept in a cookie, so that it also holds before signing in."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language


def language() -> Literal["en", "nl"]:
    """Language of the reader, as the library knows it."""
    return "nl" if (get_language() or "").startswith("nl") else "en"


def in_language(response: HttpResponse, language: str) -> HttpResponse:
    """Make the browser ask for this language from now on; an empty one changes nothing."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response
