"""Says what the library found in the language of the page, and marks as English what it has only in English."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from bevlogen_web.intake import spoken

register = template.Library()


@register.filter
def in_own_words(text: str) -> str | SafeString:
    """Give a sentence of the library in the language of the page, or in English and marked so."""
    return spoken.said(text) or format_html('<span lang="en">{}</span>', text)


@register.filter
def in_own_lines(text: str) -> str | SafeString:
    """Give a message of the library of one or more lines as paragraphs."""
    said = spoken.said(text)
    if said is not None:
        return format_html("<p>{}</p>", said)
    return format_html('<div lang="en">{}</div>', mark_safe(linebreaks(text, autoescape=True)))
