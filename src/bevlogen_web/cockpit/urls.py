"""Addresses of the cockpit, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.cockpit.views import overview

app_name = "cockpit"

urlpatterns = [
    path("cockpit/", overview.overview, name="overview"),
]
