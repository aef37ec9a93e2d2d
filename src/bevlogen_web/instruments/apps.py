"""What is asked, of whom, in which words."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class InstrumentsConfig(AppConfig):
    """Instruments, the layer under listening and feedback."""

    name = "bevlogen_web.instruments"
    label = "instruments"

    def ready(self) -> None:
        """Have our own questionnaires brought in whenever the tables are made or emptied, as Django does its own."""
        post_migrate.connect(_load_ours, sender=self)


def _load_ours(using: str, **_given: Any) -> None:
    from bevlogen_web.instruments import ours
    from bevlogen_web.instruments.models import Version

    if Version._meta.db_table in connections[using].introspection.table_names():
        ours.load()
