"""Actions and their part in the study."""

from __future__ import annotations

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """Actions, above the study that judges them."""

    name = "bevlogen_web.actions"
    label = "actions"

    def ready(self) -> None:
        """Hand the study the table of actions: it lies below and may not ask for it."""
        from bevlogen_web.actions import queries
        from bevlogen_web.analyses import provided

        provided.provide("actions", queries.rows)
