"""What machines ask: is it alive, and how busy is it."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bevlogen_web.config import metrics as counts


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Say ok when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus; with a token, or without one only where nobody else can reach the application."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    allowed = (
        hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
        if settings.METRICS_TOKEN
        else settings.ENVIRONMENT.local
    )
    if not allowed:
        raise Http404
    return HttpResponse(counts.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
