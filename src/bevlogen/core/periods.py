"""Labels of periods (2024, 2024-Q1, 2024-03 or 2024-03-31) as they are said in a sentence."""

from __future__ import annotations

from bevlogen.core.chain import Language, Text
from bevlogen.core.numerals import PERIOD, period

_QUARTERS: dict[Language, tuple[str, ...]] = {
    "en": ("first", "second", "third", "fourth"),
    "nl": ("eerste", "tweede", "derde", "vierde"),
}


def in_words(label: str) -> Text:
    """Say a period within a sentence: the fourth quarter of 2024, March 2024, 31 March 2024, 2024; else as it is."""
    return Text(_said(label, "en"), _said(label, "nl"))


def _said(label: str, language: Language) -> str:
    match = PERIOD.fullmatch(label)
    if match is None or not match["quarter"]:
        return period(label, language)
    nth, year = _QUARTERS[language][int(match["quarter"]) - 1], match["year"]
    return f"het {nth} kwartaal van {year}" if language == "nl" else f"the {nth} quarter of {year}"
