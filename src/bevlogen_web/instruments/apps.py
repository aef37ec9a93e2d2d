"""What is asked, of whom, in which words."""

from __future__ import annotations

from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    """Instruments, the layer under listening and feedback."""

    name = "bevlogen_web.instruments"
    label = "instruments"
