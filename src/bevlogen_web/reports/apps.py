"""Reports: the same release as a document, by mail and in public."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports, the layer that hands out."""

    name = "bevlogen_web.reports"
    label = "reports"
