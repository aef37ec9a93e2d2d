"""Reminders of actions by mail, to who looks after them: shortly before a day of an action, and on it.

One mail a day at most, with everything in it; each day of an action is told at most twice; and nothing of what is over.
Subject and links name no team and no action; the text says what its reader may see after signing in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership
from bevlogen_web.actions import queries as actions
from bevlogen_web.actions.models import Action, State

# A week before, and on the day. Both stay good for some days, so that nothing is lost when mail cannot go out, and what
# begins within days of being agreed is not told twice in one week.
BEFORE = (4, 7)
AFTER = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A day of an action: which one, and when."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is told of one action; ``mark`` keeps it from being told again."""

    action: Action
    mark: str
    text: str


_AHEAD: dict[str, str | Promise] = {
    "start": _("begins on %(day)s"),
    "end": _("ends on %(day)s"),
    "effect": _("its effect can be told from %(day)s on, once the figures until then are in"),
    "look": _("you wanted to look at it again on %(day)s"),
}
_TODAY: dict[str, str | Promise] = {
    "start": _("begins now (%(day)s), and counts from that day on when it is judged"),
    "end": _("its last day is %(day)s. Close it when it is done; it goes on counting when it is judged"),
    "effect": _("its effect can be told now (from %(day)s on), once the figures until then are in"),
    "look": _("you wanted to look at it again on %(day)s"),
}


def owners() -> list[int]:
    """Numbers of the members who look after an action that is not over."""
    found = Action.objects.filter(state__in=(State.PROPOSED, State.AGREED, State.CLOSED), owner__user__is_active=True)
    return sorted(set(found.exclude(owner=None).values_list("owner", flat=True)))


def reminders(membership: Membership, today: date) -> list[Reminder]:
    """Give what is due to be told to a member of the actions they look after and may see."""
    found = actions.actions_for(membership).filter(owner=membership).order_by("start", "pk")
    return [
        Reminder(action, f"{action.pk}|{day.kind}|{day.on}|{moment}", str(words[day.kind]) % {"day": _said(day.on)})
        for action in found
        for day in days(action)
        for moment, words in _moments(day, today)
    ]


def days(action: Action) -> Iterator[Day]:
    """Give the days of an action that its owner should know of, as it stands now."""
    if action.state == State.AGREED:
        yield Day("start", action.start)
        if action.until is not None:
            yield Day("end", action.until)
    if action.state in (State.PROPOSED, State.AGREED) and action.remind is not None:
        yield Day("look", action.remind)
    told = actions.judged(action)
    if told is not None and told.say_from:
        yield Day("effect", actions.days(told.say_from)[1] + timedelta(days=1))


def _moments(day: Day, today: date) -> Iterator[tuple[str, dict[str, str | Promise]]]:
    left = (day.on - today).days
    if BEFORE[0] <= left <= BEFORE[1]:
        yield "before", _AHEAD
    if -AFTER <= left <= 0:
        yield "on", _TODAY


def _said(day: date) -> str:
    return date_format(day, "j F Y")
