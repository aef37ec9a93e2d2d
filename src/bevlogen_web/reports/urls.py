"""Addresses of reports, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path, re_path

from bevlogen_web.reports.views import documents

app_name = "reports"

urlpatterns = [
    path("reports/", documents.overview, name="overview"),
    re_path(r"^reports/board[.](?P<kind>pdf|xlsx|pptx)$", documents.board, name="board"),
    re_path(r"^reports/team/(?P<key>.+)[.]pdf$", documents.team, name="team"),
]
