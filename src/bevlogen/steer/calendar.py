"""Labels of periods: in which one a day lies, and which comes so many later."""

from __future__ import annotations

from datetime import date, timedelta

from bevlogen.core.tables import PeriodGrain

PER_YEAR: dict[PeriodGrain, int] = {"day": 365, "month": 12, "quarter": 4, "year": 1}


def label_of(start: str, grain: PeriodGrain) -> str:
    """Return the period of an action's start: a day (2024-03-31) becomes its period, a label stays."""
    if len(start) != 10:
        return start
    year, month = start[:4], int(start[5:7])
    return {"day": start, "month": start[:7], "quarter": f"{year}-Q{(month + 2) // 3}", "year": year}[grain]


def later(label: str, grain: PeriodGrain, periods: int) -> str:
    """Return the label so many periods later; earlier where negative."""
    year = int(label[:4])
    if grain == "year":
        return f"{year + periods:04d}"
    if grain == "day":
        return (date.fromisoformat(label) + timedelta(days=periods)).isoformat()
    per, place = PER_YEAR[grain], int(label[-1] if grain == "quarter" else label[5:7]) - 1
    year, place = divmod(year * per + place + periods, per)
    return f"{year:04d}-Q{place + 1}" if grain == "quarter" else f"{year:04d}-{place + 1:02d}"


def between(first: str, last: str, grain: PeriodGrain) -> int:
    """Return how many periods ``last`` lies after ``first``."""
    if grain == "day":
        return (date.fromisoformat(last) - date.fromisoformat(first)).days
    per = PER_YEAR[grain]

    def count(label: str) -> int:
        if grain == "year":
            return int(label[:4])
        return int(label[:4]) * per + int(label[-1] if grain == "quarter" else label[5:7])

    return count(last) - count(first)
