"""Until when something is kept: arithmetic with months, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Rule:
    """From the day ``since``, something is kept for ``months`` months."""

    since: date
    months: int


def months_before(day: date, months: int) -> date:
    """Give the first day of the month that lies ``months`` months before the month of ``day``."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def cutoff(rules: Sequence[Rule], today: date) -> date:
    """Give the first day that is still kept; what is of an earlier day goes.

    Parameters
    ----------
    rules
        Every rule there was, oldest first; each holds until the next begins.
    today
        The day of today.

    Returns
    -------
    date
        First day of a month: whole months go at once, so that nobody sees a single day disappear from a figure.

    Notes
    -----
    A shorter period holds at once for all there is. A longer one holds only for what comes after it: people were
    promised the shorter one. So a day goes as soon as one of the rules since then lets it go. The month in which a
    rule changed keeps the shorter of both.
    """
    ends = [*(months_before(rule.since, -1) for rule in rules[1:]), date.max]
    return max(min(months_before(today, rule.months), end) for rule, end in zip(rules, ends, strict=True))
