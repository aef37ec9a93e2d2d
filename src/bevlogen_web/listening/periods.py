"""Periods as they are written: 2026, 2026-Q4 or 2026-11. Which comes next, and when one ends."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS_PER_QUARTER = 3
MONTHS_PER_YEAR = 12


def last_day(period: str) -> date:
    """Give the last day of a period."""
    year, month, length = _parse(period)
    return _first_of(year, month + length) - timedelta(days=1)


def following(period: str) -> str:
    """Give the period after one, written in the same way."""
    year, month, length = _parse(period)
    first = _first_of(year, month + length)
    if length == MONTHS_PER_YEAR:
        return f"{first.year:04d}"
    if length == MONTHS_PER_QUARTER:
        return f"{first.year:04d}-Q{(first.month - 1) // MONTHS_PER_QUARTER + 1}"
    return f"{first.year:04d}-{first.month:02d}"


def quarter_of(day: date) -> str:
    """Give the quarter a day is in."""
    return f"{day.year:04d}-Q{(day.month - 1) // MONTHS_PER_QUARTER + 1}"


def _parse(period: str) -> tuple[int, int, int]:
    """Year, first month, and length in months."""
    year, _dash, part = period.partition("-")
    if not part:
        return int(year), 1, MONTHS_PER_YEAR
    if part.startswith("Q"):
        return int(year), (int(part[1:]) - 1) * MONTHS_PER_QUARTER + 1, MONTHS_PER_QUARTER
    return int(year), int(part), 1


def _first_of(year: int, month: int) -> date:
    """First day of a month; month 13 is January of the next year."""
    return date(year + (month - 1) // MONTHS_PER_YEAR, (month - 1) % MONTHS_PER_YEAR + 1, 1)
