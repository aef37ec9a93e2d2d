"""Reading: rounds, who would be asked, and how many answered, never who."""

from __future__ import annotations

import math
import random
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

import bevlogen as bv
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Membership, Organisation
from bevlogen_web.instruments.forms import scales
from bevlogen_web.listening.models import Invitation, Kind, Meter, Round, State, Turnout
from bevlogen_web.organisation.models import Employee, Unit
from bevlogen_web.organisation.queries import descendants, units_of, visible_units

PERCENT_STEP = 5
STILL_NEW = timedelta(days=90)  # after the moment to ask a new colleague; later is no longer onboarding


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the response meter: a unit ("" for the whole round), percent, or None when too few were invited."""

    name: str
    percent: int | None
    is_whole: bool = False


def stricter(held: Round) -> dict[str, Any]:
    """Give the rules beyond those for all: as they were promised, or of a draft as they will be when it opens."""
    if held.state != State.DRAFT:
        promised: dict[str, Any] = held.rules.get("stricter", {})
        return promised
    own: dict[str, Any] = held.organisation.thresholds
    fewest = dict(own.get("k_by_construct", {}))
    known = {**bv.CONSTRUCTS, **bv.FACETS}
    for scale in scales(held.version.definition):
        if known[scale.construct].health:
            fewest[scale.construct] = max(fewest.get(scale.construct, 0), bv.thresholds.K_HEALTH)
    return {**own, "k_by_construct": {name: k for name, k in fewest.items() if k > held.rules["k"]}}


def subjects(held: Round) -> list[tuple[str, int]]:
    """Give subjects that need more people than scores do: name in the language of the page, and how many."""
    spoken = language()
    labels = {**bv.CONSTRUCTS, **bv.FACETS}
    found = stricter(held).get("k_by_construct", {})
    return sorted((getattr(labels[name].label, spoken), k) for name, k in found.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """Who a round would ask: how many people, by mail, on paper, and the units too small to be kept by themselves."""

    n_people: int
    n_mail: int
    n_paper: int
    small: tuple[str, ...]


def rounds(organisation: Organisation) -> QuerySet[Round]:
    """Give the rounds of an organisation, newest first."""
    return organisation.rounds.select_related("version__instrument", "unit", "organisation")


def scope(held: Round, on: date) -> QuerySet[Unit]:
    """Give the units a round asks, as they are on a day."""
    there = units_of(held.organisation, on)
    if held.unit is None:
        return there
    return there.filter(Q(pk=held.unit_id) | Q(pk__in=descendants(held.unit).values("pk")))


def to_ask(held: Round, on: date) -> list[Employee]:
    """Give the employees a round would invite on a day and has not invited yet; a sample is drawn by lot."""
    staff = (
        Employee.objects.filter(organisation=held.organisation, active=True, unit__in=scope(held, on))
        .filter(Q(end=None) | Q(end__gte=on))
        .exclude(pk__in=Invitation.objects.filter(round=held, employee__isnull=False).values("employee_id"))
        .select_related("asked")
        .order_by("pk")
    )
    if held.kind == Kind.CENSUS:
        return list(staff)
    if held.kind == Kind.ONBOARDING:
        due = on - timedelta(days=held.lead_days)
        new = staff.filter(start__lte=due, start__gt=due - STILL_NEW)
        return list(new.filter(Q(asked=None) | Q(asked__onboarding=False)))
    if held.kind == Kind.EXIT:
        leaving = staff.filter(end__lte=on + timedelta(days=held.lead_days))
        return list(leaving.filter(Q(asked=None) | Q(asked__exit=False)))
    rested = on - timedelta(days=held.rest_days)
    everyone = list(staff)
    free = [one for one in everyone if last_asked(one) is None or (last_asked(one) or on) <= rested]
    if held.kind == Kind.PULSE:
        return free
    return draw(free, everyone, held.share, held.rules.get("k", bv.thresholds.K), secrets.SystemRandom())


def last_asked(employee: Employee) -> date | None:
    """Day on which someone was last invited."""
    return employee.asked.on if hasattr(employee, "asked") else None


def plan(held: Round, on: date) -> Plan:
    """Say what opening a round would mean; a sample is drawn anew when it opens."""
    people = to_ask(held, on)
    invited = Counter(one.unit_id for one in people)
    least = held.rules["k"]
    small = [unit.name for unit in Unit.objects.filter(pk__in=invited).order_by("name") if invited[unit.pk] < least]
    n_mail = sum(bool(one.email) for one in people)
    return Plan(len(people), n_mail, len(people) - n_mail, tuple(small))


def draw(
    free: Sequence[Employee], everyone: Iterable[Employee], share: int, least: int, lot: random.Random
) -> list[Employee]:
    """Draw a sample per unit: who was asked longest ago comes first, ties by lot.

    Parameters
    ----------
    free
        Those who may be asked now.
    everyone
        All of the units; ``share`` is of these.
    share
        Part of each unit, in percent, rounded up.
    least
        Fewest per unit, so that its answers can be kept under its own name; fewer only when there are no more.
    lot
        Source of chance.
    """
    size: dict[int, int] = defaultdict(int)
    for one in everyone:
        size[one.unit_id] += 1
    by_unit: dict[int, list[Employee]] = defaultdict(list)
    for one in free:
        by_unit[one.unit_id].append(one)
    chosen: list[Employee] = []
    for unit, people in by_unit.items():
        lot.shuffle(people)
        people.sort(key=lambda one: last_asked(one) or date.min)
        chosen += people[: max(math.ceil(size[unit] * share / 100), least)]
    return chosen


def unreachable(held: Round) -> QuerySet[Invitation]:
    """Give the invitations that need paper: no address, or one the mail server refused, or nobody in particular."""
    return (
        Invitation.objects.filter(round=held)
        .filter(Q(employee=None) | Q(employee__email="") | Q(refused=True))
        .select_related("employee", "unit")
        .order_by("unit__name", F("employee__name").asc(nulls_last=True), "pk")
    )


def n_waiting(held: Round) -> int:
    """How many invitations a mailing under way has still to reach."""
    return pending(held).count()


def pending(held: Round) -> QuerySet[Invitation]:
    """Give the invitations the current mailing has not reached."""
    return Invitation.objects.filter(round=held, wave__lt=held.wave).exclude(employee=None)


def response(held: Round, membership: Membership) -> list[Bar]:
    """Give the lines of the response meter that a member may see: the whole round first, then units by name."""
    visible = set(visible_units(membership).values_list("pk", flat=True))
    found = Meter.objects.filter(round=held).select_related("unit")
    return _bars([(meter.unit, meter.percent) for meter in found], visible)


def turnout(held: Round, membership: Membership) -> list[Bar]:
    """Give the response of a closed round in the same form as the meter showed it."""
    visible = set(visible_units(membership).values_list("pk", flat=True))
    rows = Turnout.objects.filter(round=held).select_related("unit")
    counts = [(row.unit_id, row.invited, row.used) for row in rows]
    names = {row.unit_id: row.unit for row in rows}
    shown = percentages(counts, held.rules["k"])
    return _bars([(names[unit] if unit is not None else None, percent) for unit, percent in shown.items()], visible)


def invited_counts(held: Round) -> list[tuple[int, int, int]]:
    """Give per unit its number, how many were invited and how many answered. Only for the meter."""
    found = Invitation.objects.filter(round=held).order_by()
    return list(found.values_list("unit").annotate(n=Count("pk"), done=Count("pk", filter=Q(used=True))))


def percentages(counts: Sequence[tuple[int, int, int]], k: int) -> dict[int | None, int]:
    """Give the response in percent, rounded down to steps of five, of the whole (None) and of units that may be shown.

    A unit is shown from ``k`` invited people. If those of all hidden units together are fewer than ``k``, the smallest
    shown unit is hidden too, so that nobody can subtract.
    """
    invited, used = sum(n for _unit, n, _done in counts), sum(done for _unit, _n, done in counts)
    if invited < k:
        return {}
    shown = sorted((row for row in counts if row[1] >= k), key=lambda row: row[1])
    hidden = invited - sum(row[1] for row in shown)
    if 0 < hidden < k:
        shown = shown[1:]
    return {None: _step(used, invited), **{unit: _step(done, n) for unit, n, done in shown}}


def open_rounds() -> QuerySet[Round]:
    """Give every open round of every organisation."""
    return Round.objects.filter(state=State.OPEN).select_related("organisation", "version", "unit")


def _bars(found: Iterable[tuple[Unit | None, int]], visible: set[int]) -> list[Bar]:
    whole = [Bar("", percent, is_whole=True) for unit, percent in found if unit is None]
    own = [Bar(unit.name, percent) for unit, percent in found if unit is not None and unit.pk in visible]
    return whole + sorted(own, key=lambda bar: bar.name.casefold())


def _step(done: int, n: int) -> int:
    return done * 100 // n // PERCENT_STEP * PERCENT_STEP
