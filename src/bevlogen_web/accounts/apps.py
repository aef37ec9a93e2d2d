"""The bottom app: every other app asks it for permission."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, the layer under all other apps."""

    name = "bevlogen_web.accounts"
    label = "accounts"
