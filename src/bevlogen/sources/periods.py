"""Dates and periods: what a cell says, and the one label that it gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bevlogen.core.tables import PeriodGrain

Writing = Literal["day first", "month first"]

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})(\d{2})(\d{2})")
_LOCAL = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_YEAR = re.compile(r"(\d{4})(?:\.0)?")
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_QUARTER = re.compile(r"(\d{4})[- ]?[QK]([1-4])|[QK]([1-4])[- ]?(\d{4})", re.IGNORECASE)

NO_DATE = "no date or period that can be read"
AMBIGUOUS = "a date of which day and month can be exchanged"
IMPOSSIBLE = "a date that does not exist"
MEND_DATE = "Write dates as 2024-03-31 and periods as 2024-03-31, 2024-03, 2024-Q1 or 2024."
MEND_AMBIGUOUS = 'Write 2024-03-31, or say which comes first in organisation.toml: dates = "day first".'


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says: a period label, or why there is none (``wrong`` and ``mend``)."""

    label: str | None
    wrong: str = ""
    mend: str = ""


def label_of(day: date, grain: PeriodGrain) -> str:
    """Return the label of the period that ``day`` lies in."""
    if grain == "day":
        return day.isoformat()
    if grain == "month":
        return f"{day:%Y-%m}"
    return f"{day.year:04d}-Q{(day.month + 2) // 3}" if grain == "quarter" else f"{day.year:04d}"


def bounds_of(day: date, grain: PeriodGrain) -> tuple[date, date]:
    """Return the first day of the period that ``day`` lies in, and the first day after it (at most ``date.max``)."""
    if grain == "day":
        return day, day if day == date.max else date.fromordinal(day.toordinal() + 1)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    start = (day.month - 1) // months * months
    year, month = divmod(day.year * 12 + start + months, 12)
    return date(day.year, start + 1, 1), date.max if year > date.max.year else date(year, month + 1, 1)


def day_order(cells: Iterable[str]) -> Writing | None:
    """Tell from a whole column which comes first in dates such as 31/03/2024; None if the column does not tell.

    Dates with dashes or dots count as day first, the way they are written in Europe. A column with evidence for both
    gives None as well: some of its dates cannot exist.
    """
    day, month = False, False
    for cell in cells:
        match = _LOCAL.fullmatch(cell)
        if match and match[2] == "/":
            day |= int(match[1]) > 12
            month |= int(match[3]) > 12
    return "day first" if day and not month else "month first" if month and not day else None


def read_day(cell: str, order: Writing | None) -> date | Reading | None:
    """Read a full date; None if the cell is not a full date, a ``Reading`` with the reason if it is a wrong one."""
    iso = _ISO.fullmatch(cell)
    if iso:
        year, month, day = (int(part) for part in iso.groups() if part is not None)
    else:
        local = _LOCAL.fullmatch(cell)
        if local is None:
            return None
        first, sign, second, year = int(local[1]), local[2], int(local[3]), int(local[4])
        if sign == "/" and order is None and first <= 12 and second <= 12 and first != second:
            return Reading(None, AMBIGUOUS, MEND_AMBIGUOUS)
        month_first = order == "month first" or (order is None and sign == "/" and second > 12)
        month, day = (first, second) if month_first else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return Reading(None, IMPOSSIBLE, MEND_DATE)


def read_period(cell: str, grain: PeriodGrain, order: Writing | None = None) -> Reading:
    """Read a date or period label and return the label at ``grain``.

    A full date falls in its period. A label must have the grain of the workspace: a month is no quarter.

    Parameters
    ----------
    cell : text without a time of day.
    grain : length of a period in this workspace.
    order : what comes first in dates such as 03/04/2024, see ``day_order``.

    Examples
    --------
    >>> read_period("31-03-2024", "quarter").label
    '2024-Q1'
    >>> read_period("2024K1", "quarter").label
    '2024-Q1'
    >>> read_period("2024", "quarter").wrong
    'a year where the workspace counts in quarters'
    """
    day = read_day(cell, order)
    if isinstance(day, Reading):
        return day
    if day is not None:
        return Reading(label_of(day, grain))
    written = _read_label(cell)
    if written is None:
        return Reading(None, NO_DATE, MEND_DATE)
    own, label = written
    if label is None:
        return Reading(None, IMPOSSIBLE, MEND_DATE)
    if own != grain:
        return Reading(
            None,
            f"a {own} where the workspace counts in {grain}s",
            f'Give dates or {grain}s, or set period = "{own}" in organisation.toml.',
        )
    return Reading(label)


def _read_label(cell: str) -> tuple[PeriodGrain, str | None] | None:
    year = _YEAR.fullmatch(cell)
    if year:
        return "year", year[1]
    quarter = _QUARTER.fullmatch(cell)
    if quarter:
        return "quarter", f"{quarter[1] or quarter[4]}-Q{quarter[2] or quarter[3]}"
    month = _MONTH.fullmatch(cell)
    if month:
        return "month", f"{month[1]}-{int(month[2]):02d}" if 1 <= int(month[2]) <= 12 else None
    return None
