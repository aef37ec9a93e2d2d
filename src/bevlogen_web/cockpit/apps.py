"""The cockpit: pages that show the last good release, and nothing that is not in it."""

from __future__ import annotations

from django.apps import AppConfig


class CockpitConfig(AppConfig):
    """Cockpit, the layer that shows."""

    name = "bevlogen_web.cockpit"
    label = "cockpit"
