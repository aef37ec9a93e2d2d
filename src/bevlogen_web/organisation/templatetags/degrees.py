"""Says a degree of co-creation in a word."""

from __future__ import annotations

from django import template

from bevlogen_web.organisation.degree import say_degree

register = template.Library()
register.filter("degree", say_degree)
