"""Filters of the templates of intake."""
