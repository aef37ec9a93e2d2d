"""Addresses of reports, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path, re_path

from bevlogen_web.reports.views import documents, mail

app_name = "reports"

urlpatterns = [
    path("reports/", documents.overview, name="overview"),
    path("reports/mail/", mail.mail, name="mail"),
    re_path(r"^reports/change/(?P<picture>[0-9]{1,18})/(?P<place>[0-9]{1,6})/$", mail.change, name="change"),
    re_path(r"^reports/board[.](?P<kind>pdf|xlsx|pptx)$", documents.board, name="board"),
    re_path(r"^reports/team/(?P<key>.+)[.]pdf$", documents.team, name="team"),
]
