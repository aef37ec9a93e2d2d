"""The app of privacy: it reads every app below it."""

from __future__ import annotations

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Privacy, over all apps that keep something personal."""

    name = "bevlogen_web.privacy"
    label = "privacy"
