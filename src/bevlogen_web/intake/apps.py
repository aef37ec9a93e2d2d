"""What other systems know: figures of record, rated encounters and an earlier history."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Intake, the layer under the analyses."""

    name = "bevlogen_web.intake"
    label = "intake"
