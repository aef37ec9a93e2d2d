"""Addresses of reports, under ``/o/<organisation>/``; ``public`` at the top."""

from __future__ import annotations

from django.urls import path, re_path

from bevlogen_web.reports.views import documents, mail
from bevlogen_web.reports.views import public as shown

app_name = "reports"

urlpatterns = [
    path("reports/", documents.overview, name="overview"),
    path("reports/mail/", mail.mail, name="mail"),
    path("reports/public/", shown.choose, name="public"),
    path("reports/public/preview/", shown.preview, name="public-preview"),
    re_path(r"^reports/change/(?P<picture>[0-9]{1,18})/(?P<place>[0-9]{1,6})/$", mail.change, name="change"),
    re_path(r"^reports/board[.](?P<kind>pdf|xlsx|pptx)$", documents.board, name="board"),
    re_path(r"^reports/team/(?P<key>.+)[.]pdf$", documents.team, name="team"),
]

public = [path("told/<slug:slug>/", shown.page, name="public-page")]
