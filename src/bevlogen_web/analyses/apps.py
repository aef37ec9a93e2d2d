"""The study of each organisation, made again when there is new data."""

from __future__ import annotations

from django.apps import AppConfig


class AnalysesConfig(AppConfig):
    """Analyses, the layer that knows the library."""

    name = "bevlogen_web.analyses"
    label = "analyses"
