"""Reading: actions that a member may see, what the study said of them, and what a move may bring."""

from __future__ import annotations

import calendar
import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import bevlogen as bv
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import AuditEntry, Membership, Organisation, Role
from bevlogen_web.actions.models import Action, Asked, Stage, State
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.organisation import queries as organisations
from bevlogen_web.organisation.models import Unit

COUNTED = (State.AGREED, State.CLOSED)


def actions_for(membership: Membership) -> QuerySet[Action]:
    """Give the actions a member may see: a manager those in own units, and own proposals."""
    found = Action.objects.filter(organisation=membership.organisation).prefetch_related("units")
    if membership.role != Role.MANAGER:
        return found
    own = organisations.visible_units(membership)
    return (found.filter(units__in=own) | found.filter(proposer=membership)).distinct()


def due(found: QuerySet[Action], today: date) -> QuerySet[Action]:
    """Give those to look at again: their day has come and they are not closed."""
    return found.filter(remind__lte=today, state__in=(State.PROPOSED, State.AGREED))


def may_change(membership: Membership, action: Action) -> bool:
    """Whether a member may change an action: the director, its owner, and who proposed it while it is a proposal."""
    if membership.role == Role.DIRECTOR:
        return True
    proposed = action.proposer_id == membership.pk and action.state == State.PROPOSED
    return membership.role == Role.MANAGER and (action.owner_id == membership.pk or proposed)


def rows(organisation: Organisation) -> list[dict[str, Any]]:
    """Rows of the study's table of actions: those agreed or closed, a row per unit."""
    found = Action.objects.filter(organisation=organisation, state__in=COUNTED).prefetch_related("units").order_by("pk")
    return [
        {"unit": unit.key, "start": action.start.isoformat(), "lever": action.lever, "what": action.what}
        for action in found
        for unit in action.units.all()
    ]


def levers() -> list[tuple[str, str]]:
    """Give everything an action may move, by name: facets of employership, and what people and customers rate."""
    facets = [(k, c) for k, c in bv.FACETS.items() if c.side == "employer"]
    wanted = ("employership", "engagement", "control", "initiative", "craftsmanship", "conduct", "interaction_quality")
    known = [*facets, *((k, bv.CONSTRUCTS[k]) for k in wanted)]
    return [(key, construct.label.in_(language())) for key, construct in known]


def lever_name(key: str) -> str:
    """Give the name of what moves, or its key where it is not one of ours."""
    found = bv.FACETS.get(key) or bv.CONSTRUCTS.get(key)
    return key if found is None else found.label.in_(language())


@dataclass(frozen=True, slots=True)
class Said:
    """What the study says of one outcome, in the language of the page."""

    name: str
    verdict: str
    reason: str
    effect: float | None
    naive: float | None
    chance: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the study says of an action; ``say_from`` is the period after which more can be said, "" where it can."""

    verdict: str
    reason: str
    outcomes: tuple[Said, ...]
    notes: tuple[str, ...]
    say_from: str = ""


def judged(action: Action) -> Judged | None:
    """What the current picture says of an action; None where it does not know it yet."""
    picture = analyses.current(action.organisation)
    if picture is None or action.state not in COUNTED:
        return None
    head = analyses.sheet(picture, "head")
    spoken = language()
    names = {c["key"]: c["label"][spoken] for c in head["constructs"]}
    key = action.lever, _plain(action.what)
    for found in head.get("actions", ()):
        if (found["lever"], _plain(found["what"])) == key:
            return Judged(
                found["verdict"],
                found["reason"][spoken],
                tuple(_said(o, names, spoken) for o in found["outcomes"]),
                tuple(note[spoken] for note in found["notes"]),
                min((o["say_from"] for o in found["outcomes"] if o.get("say_from")), default=""),
            )
    return None


def _said(outcome: dict[str, Any], names: dict[str, str], spoken: str) -> Said:
    return Said(
        names.get(outcome["outcome"], outcome["outcome"]),
        outcome["verdict"],
        outcome["reason"][spoken],
        outcome["effect"]["estimate"],
        outcome["naive"],
        outcome["chance"],
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def cautions(action: Action) -> list[str]:
    """What will stand in the way of judging an action, by the current picture; known before the study judges it."""
    picture = analyses.current(action.organisation)
    if picture is None:
        return []
    periods = analyses.sheet(picture, "head").get("periods", ())
    nodes = analyses.sheet(picture, "tree")
    above = {node[2] for node in nodes}
    same = [
        other
        for other in Action.objects.filter(organisation=action.organisation, state__in=COUNTED, lever=action.lever)
        if _plain(other.what) == _plain(action.what)
    ]
    acted = set(Unit.objects.filter(actions__in=[action, *same]).values_list("key", flat=True))
    teams = {node[0] for node in nodes if node[0] not in above}
    said = []
    if periods and action.start < days(periods[0])[0]:
        said.append(
            _("It begins before the first figures (%(period)s), so there will be no before to compare with.")
            % {"period": bv.pages.period_in_words(periods[0], language())}
        )
    limits = bv.models.did
    if teams and len(teams - acted) < limits.FEWEST_COMPARED and len({one.start for one in [action, *same]}) == 1:
        said.append(
            _(
                "It begins everywhere at once, so there will be nothing to compare with: only the series can tell, "
                "from %(n)s periods before and %(n)s after the start. Let a part begin later if you can."
            )
            % {"n": limits.LEAST_POINTS}
        )
    if missing := acted - {node[0] for node in nodes}:
        said.append(
            ngettext(
                "One of its units is not in the figures yet (new, or reorganised) and will be left out.",
                "%(n)s of its units are not in the figures yet (new, or reorganised) and will be left out.",
                len(missing),
            )
            % {"n": len(missing)}
        )
    return said


def moves(organisation: Organisation) -> dict[str, list[dict[str, Any]]]:
    """What moving each lever may bring, by lever: an answer per size of the move; empty without a picture."""
    picture = analyses.current(organisation)
    return {} if picture is None else analyses.moves(picture)


@dataclass(frozen=True, slots=True)
class Known:
    """What own actions on one lever, by key and by name, brought to one outcome, in SD: the mean and the next."""

    lever: str
    name: str
    outcome: str
    n: int
    effect: tuple[float, float, float]
    next: tuple[float, float, float]
    worked: int


def learned(organisation: Organisation, lever: str = "", outcome: str = "engagement") -> list[Known]:
    """What own actions brought so far to what they should change first and to one outcome, of one lever or of all."""
    picture = analyses.current(organisation)
    rows = [] if picture is None else analyses.learned(picture)
    spoken = language()
    return [
        Known(
            row["lever"], lever_name(row["lever"]), row["name"][spoken], row["n"], tuple(row["effect"]),
            tuple(row["next"]), row["verdicts"][0],
        )
        for row in rows
        if row["outcome"] in (row["lever"], outcome) and lever in ("", row["lever"])
    ]  # fmt: skip


def outcomes(organisation: Organisation) -> list[tuple[str, str]]:
    """Give everything that the picture measures, by name: what a plan may look at; engagement first."""
    picture = analyses.current(organisation)
    spoken = language()
    known = [] if picture is None else analyses.sheet(picture, "head")["constructs"]
    found = [(c["key"], c["label"][spoken]) for c in known if "." not in c["key"]]
    return sorted(found, key=lambda one: one[0] != "engagement")


def asked_for(membership: Membership) -> QuerySet[Asked]:
    """Give the questions of the organisation, newest first."""
    return Asked.objects.filter(organisation=membership.organisation)


def unit_names(organisation: Organisation) -> dict[str, str]:
    """Give the name of every unit by key."""
    return dict(organisation.units.values_list("key", "name"))


def is_late(plan: Asked, today: date) -> bool:
    """Whether the first period in which a plan begins is over, so that it cannot be registered any more."""
    starts = [period for _, period in plan.answer["begins"] if period]
    return days(min(starts))[1] < today


def days(period: str) -> tuple[date, date]:
    """Give the first and the last day of a period: a day, a month (2026-04), a quarter (2026-Q2) or a year."""
    if len(period) == 10:
        return date.fromisoformat(period), date.fromisoformat(period)
    year = int(period[:4])
    first, last = 1, 12
    if "Q" in period:
        first, last = 3 * int(period[-1]) - 2, 3 * int(period[-1])
    elif len(period) == 7:
        first = last = int(period[5:])
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def seal(asked: Asked) -> str:
    """SHA-256 of all that a plan promises: what was asked, the answer, and who begins when."""
    told = {"given": asked.given, "answer": asked.answer}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def registration(asked: Asked) -> str:
    """Words of the log about the registration of a plan."""
    return f"plan {asked.pk}, {seal(asked)}"


def is_as_registered(asked: Asked) -> bool:
    """Whether a registered plan and its actions still say what the log sealed."""
    sealed = AuditEntry.objects.filter(
        organisation=asked.organisation, verb="plan registered", what=registration(asked)
    ).exists()
    starts = [
        [unit.key, action.start.isoformat(), action.lever, action.what]
        for action in asked.actions.prefetch_related("units")
        for unit in action.units.all()
    ]
    return sealed and sorted(starts) == sorted(asked.answer.get("starts", []))


def waits(asked: Asked) -> bool:
    """Whether the answer is still to come."""
    return asked.stage == Stage.WAITING
