"""The log as people read it."""

from __future__ import annotations

from django import template

from bevlogen_web.accounts import wording

register = template.Library()
register.filter("in_words", wording.in_words)
