"""One line in the log and one count in the metrics per request, by route and never by path."""

from __future__ import annotations

import contextvars
import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bevlogen_web.config import metrics

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_log = logging.getLogger("bevlogen_web.request")

UNLOGGED = ("/a/", "/f/")  # respondents leave no line at all, so that no time of answering is kept
UNCOUNTED = ("/a/",)  # nor may counts that are read every minute show when an employee answers


class RequestLog:
    """Give each request an id, measure it, and log it by the pattern of its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and note route, status and duration."""
        token = request_id.set(uuid.uuid4().hex)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id.get()
            seconds = time.perf_counter() - started
            route = request.resolver_match.route if request.resolver_match else "none"
            if not request.path.startswith(UNCOUNTED):
                metrics.observe(request.method or "", route, response.status_code, seconds)
            if not request.path.startswith(UNLOGGED):
                _log.info("%s %s %d %d ms", request.method, route, response.status_code, round(seconds * 1000))
            return response
        finally:
            request_id.reset(token)
