"""Rows of tables that apps above this one bring into the study: they register, so that nothing here knows of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bevlogen_web.accounts.models import Organisation

Rows = Callable[[Organisation], list[dict[str, Any]]]

_PROVIDERS: dict[str, Rows] = {}


def provide(table: str, rows: Rows) -> None:
    """Let ``rows`` give the rows of a table of an organisation; called when the application starts."""
    _PROVIDERS[table] = rows


def rows_of(table: str, organisation: Organisation) -> list[dict[str, Any]]:
    """Give the rows that were brought for a table; none where nobody brings any."""
    provider = _PROVIDERS.get(table)
    return [] if provider is None else provider(organisation)


def all_rows(organisation: Organisation) -> dict[str, list[dict[str, Any]]]:
    """Give everything that was brought, by table."""
    return {table: rows_of(table, organisation) for table in sorted(_PROVIDERS)}
