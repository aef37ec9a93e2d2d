"""The language of the pages: kept in a cookie, so that it also holds before signing in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse


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
