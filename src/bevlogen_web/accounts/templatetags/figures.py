"""Writes figures as the library does on every page, in files and in mail: 1.599, +0,37, −0,23 tot +0,97.

Django's own ``floatformat`` writes a hyphen for a minus sign; no template uses it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django import template

import bevlogen as bv
from bevlogen_web.accounts.language import language

register = template.Library()


@register.filter
def number(value: float | None, decimals: int | None = None) -> str:
    """Give a number with the decimals that it has, or with so many; a dash where there is none."""
    return bv.pages.number(value, language(), decimals)


@register.filter
def effect(value: float | None, decimals: int = 2) -> str:
    """Give an effect in SD with its sign; a dash where there is none."""
    return bv.pages.effect(value, language(), decimals)


@register.filter
def between(limits: Sequence[float | None]) -> str:
    """Give the interval of an estimate that stands before its limits, or of two limits alone."""
    return bv.pages.span(limits[-2], limits[-1], language())
