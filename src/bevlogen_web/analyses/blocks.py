"""Customers' answers enter the study in blocks, so that two pictures never differ by one person's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from datetime import date


def last_days(days: Iterable[tuple[Hashable, date]], k: int, today: date) -> Mapping[Hashable, date]:
    """Give for each group the last day whose answers may enter.

    Parameters
    ----------
    days
        A pair (group, day) for each answer; a group is a unit in a period.
    k
        Fewest answers in a block.
    today
        Answers of this day wait: more of them may come.

    Notes
    -----
    Days are taken in order until they hold ``k`` answers; then a block is full and the next begins. What comes after
    the last full block waits, if need be for good. A day never changes once it is over, so blocks never change either,
    and a picture differs from the one before by whole blocks. Our own rule.
    """
    counts: dict[Hashable, Counter[date]] = {}
    for group, day in days:
        if day < today:
            counts.setdefault(group, Counter())[day] += 1
    ends: dict[Hashable, date] = {}
    for group, of_day in counts.items():
        waiting = 0
        for day in sorted(of_day):
            waiting += of_day[day]
            if waiting >= k:
                ends[group], waiting = day, 0
    return ends
