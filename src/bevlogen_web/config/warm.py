"""Loads what the first pages need, so that nobody waits for it: pages, the library behind them, templates, texts."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext, override

import bevlogen as bv

_FIRST_SEEN = ("account/login.html", "start.html", "cockpit/overview.html", "cockpit/team.html")
_LOADED_WHEN_USED = ("reopen", "pages", "figures")  # names of the library behind every page of figures


def up() -> None:
    """Load it now. Reads no data, so that a worker also starts while the database is away."""
    for name in _LOADED_WHEN_USED:
        getattr(bv, name)
    for code, _name in settings.LANGUAGES:
        with override(code):
            reverse("home")  # loads every page, and the table of addresses of this language
            gettext("Start")
    for template in _FIRST_SEEN:
        get_template(template)
