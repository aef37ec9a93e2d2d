"""Writes effects and their intervals as every page of figures does: +0.37, −0.23 to +0.97."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

import bevlogen as bv
from bevlogen_web.accounts.language import language

register = template.Library()


@register.filter
def effect(value: float) -> str:
    """Give an effect in SD with its sign."""
    return bv.pages.effect(value, language())


@register.filter
def between(limits: Sequence[float | None]) -> str:
    """Give the interval of an estimate that stands before its limits, or of two limits alone."""
    return bv.pages.span(limits[-2], limits[-1], language())
