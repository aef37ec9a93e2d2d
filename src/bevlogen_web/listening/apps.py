"""Asking employees, in rounds."""

from __future__ import annotations

from django.apps import AppConfig


class ListeningConfig(AppConfig):
    """Listening, above organisation and instruments."""

    name = "bevlogen_web.listening"
    label = "listening"
