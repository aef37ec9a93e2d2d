"""Addresses of intake, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.intake.views import history, integrations

app_name = "intake"

urlpatterns = [
    path("data/", integrations.data, name="data"),
    path("data/systems/", integrations.integrations, name="integrations"),
    path("data/systems/<int:number>/revoke/", integrations.revoke, name="revoke"),
    path("data/deliveries/<int:number>/withdraw/", integrations.withdraw, name="withdraw"),
    path("data/file/", integrations.file, name="file"),
    path("data/history/", history.history, name="history"),
    path("data/history/drop/", history.drop, name="drop"),
]
