"""Periods as a reader says them."""

from __future__ import annotations

from django import template

import bevlogen as bv
from bevlogen_web.accounts.language import language

register = template.Library()


@register.filter
def period(label: str) -> str:
    """Write a label (2026-Q4) for a table: Q4 2026."""
    return bv.pages.period(label, language())


@register.filter
def period_in_words(label: str) -> str:
    """Write a label (2026-Q4) within a sentence: the fourth quarter of 2026."""
    return bv.pages.period_in_words(label, language())
