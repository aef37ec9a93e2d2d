"""All addresses. An app brings ``urls.py`` with its staff pages, which live under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from bevlogen_web.accounts import urls as accounts_urls
from bevlogen_web.config.api import api
from bevlogen_web.config.views import errors, frame, operations
from bevlogen_web.feedback import urls as feedback_urls
from bevlogen_web.intake.views.reference import reference
from bevlogen_web.listening import urls as listening_urls
from bevlogen_web.privacy import urls as privacy_urls
from bevlogen_web.reports import urls as reports_urls

staff: list[URLPattern | URLResolver] = [
    path("", frame.start, name="start"),
    path("", include("bevlogen_web.accounts.urls")),
    path("", include("bevlogen_web.listening.urls")),
    path("", include("bevlogen_web.organisation.urls")),
    path("", include("bevlogen_web.instruments.urls")),
    path("", include("bevlogen_web.feedback.urls")),
    path("", include("bevlogen_web.intake.urls")),
    path("", include("bevlogen_web.cockpit.urls")),
    path("", include("bevlogen_web.reports.urls")),
    path("", include("bevlogen_web.actions.urls")),
    path("", include("bevlogen_web.analyses.urls")),
    path("", include("bevlogen_web.privacy.urls")),
]

urlpatterns = [
    path("", frame.home, name="home"),
    path("o/<slug:slug>/", include(staff)),
    path("f/", include(feedback_urls.open_to_all)),
    path("accounts/", include(accounts_urls.personal)),
    path("accounts/", include(privacy_urls.personal)),
    path("", include(privacy_urls.public)),
    path("", include(reports_urls.public)),
    path("accounts/", include("allauth.urls")),
    path("api/v1/docs", reference, {"api": api}, name="api-docs"),
    path("api/v1/", api.urls),
    path("a/", include(listening_urls.respondents)),
    path("health", operations.health, name="health"),
    path("metrics", operations.metrics, name="metrics"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
