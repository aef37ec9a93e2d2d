"""Addresses of intake, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.intake.views import history, integrations

app_name = "intake"

urlpatterns = [
    path("integrations/", integrations.integrations, name="integrations"),
    path("integrations/<int:number>/revoke/", integrations.revoke, name="revoke"),
    path("deliveries/<int:number>/withdraw/", integrations.withdraw, name="withdraw"),
    path("figures/", integrations.file, name="file"),
    path("history/", history.history, name="history"),
    path("history/drop/", history.drop, name="drop"),
]
