"""The units of an organisation, on which all that is measured hangs."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Organisation, above accounts and below all that asks or shows."""

    name = "bevlogen_web.organisation"
    label = "organisation"
