"""Labels of periods (2024, 2024-Q1, 2024-03 or 2024-03-31) as they are said in a sentence."""

from __future__ import annotations

import re

from bevlogen.core.chain import Language, Text

PERIOD = re.compile(r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?")
MONTHS: dict[Language, tuple[str, ...]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
}
_QUARTERS: dict[Language, tuple[str, ...]] = {
    "en": ("first", "second", "third", "fourth"),
    "nl": ("eerste", "tweede", "derde", "vierde"),
}


def in_words(label: str) -> Text:
    """Say a period within a sentence: the fourth quarter of 2024, March 2024, 31 March 2024, 2024; else as it is."""
    return Text(_said(label, "en"), _said(label, "nl"))


def _said(label: str, language: Language) -> str:
    match = PERIOD.fullmatch(label)
    if match is None or (match["month"] and not 1 <= int(match["month"]) <= 12):
        return label
    year = match["year"]
    if match["quarter"]:
        nth = _QUARTERS[language][int(match["quarter"]) - 1]
        return f"het {nth} kwartaal van {year}" if language == "nl" else f"the {nth} quarter of {year}"
    if not match["month"]:
        return year
    day = f"{int(match['day'])} " if match["day"] else ""
    return f"{day}{MONTHS[language][int(match['month']) - 1]} {year}"
