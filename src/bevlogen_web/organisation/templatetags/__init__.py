"""Filters of the templates of the organisation."""
