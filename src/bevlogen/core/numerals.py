"""Numbers, intervals and periods as people write them in English and Dutch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from bevlogen.core.chain import Language

UNKNOWN = "–"
PERIOD = re.compile(r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?")
_MONTHS: dict[Language, tuple[str, ...]] = {
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
_MOST_DECIMALS = 4


def number(value: float, language: Language, decimals: int = 2, *, signed: bool = False) -> str:
    """Write a number; unknown (NaN) becomes a dash. A value that rounds to zero carries no sign."""
    if not math.isfinite(value):
        return UNKNOWN
    rounded = round(value, decimals)
    body = f"{abs(rounded):,.{decimals}f}"
    if language == "nl":
        body = body.translate(str.maketrans(",.", ".,"))
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + body


def percent(share: float, language: Language, decimals: int = 0, *, signed: bool = False) -> str:
    """Write a share from 0 to 1 as a percentage."""
    text = number(share * 100, language, decimals, signed=signed)
    return text if text == UNKNOWN else f"{text}%"


def chance(share: float, language: Language) -> str:
    """Write a probability; the ends are never written as impossible or certain."""
    if share > 0.99:
        return f"{'meer dan' if language == 'nl' else 'more than'} 99%"
    if share < 0.01:
        return f"{'minder dan' if language == 'nl' else 'less than'} 1%"
    return percent(share, language)


def plain(value: float, language: Language) -> str:
    """Write a number with the decimals that it has, four at most."""
    return number(value, language, decimals_of((value,)))


def span(low: float, high: float, language: Language, decimals: int = 2, *, signed: bool = True) -> str:
    """Write an interval; a dash where either limit is unknown."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return UNKNOWN
    joint = "tot" if language == "nl" else "to"
    return f"{number(low, language, decimals, signed=signed)} {joint} {number(high, language, decimals, signed=signed)}"


def decimals_of(values: Iterable[float], most: int = _MOST_DECIMALS) -> int:
    """Fewest decimals that write every value without loss, at most ``most``; the release has rounded already."""
    finite = [v for v in values if math.isfinite(v)]
    return next((d for d in range(most) if all(abs(round(v, d) - v) < 1e-9 for v in finite)), most)


def period(label: str, language: Language, *, short: bool = False) -> str:
    """Write a period label (2024, 2024-Q1, 2024-03 or 2024-03-31) in words."""
    match = PERIOD.fullmatch(label)
    if match is None or (match["month"] and not 1 <= int(match["month"]) <= 12):
        return label
    if match["quarter"]:
        return f"{'K' if language == 'nl' else 'Q'}{match['quarter']} {match['year']}"
    if not match["month"]:
        return match["year"]
    name = _MONTHS[language][int(match["month"]) - 1]
    month = f"{name[:3] if short else name} {match['year']}"
    return f"{int(match['day'])} {month}" if match["day"] else month


def year_before(label: str) -> str:
    """Return the label of the same period one year earlier; "" if the label has no year."""
    match = PERIOD.fullmatch(label)
    return "" if match is None else f"{int(match['year']) - 1}{label[4:]}"
