"""The top app: it owns the frame of the pages and the clock of the background work."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Config, the layer above all other apps."""

    name = "bevlogen_web.config"
    label = "config"
