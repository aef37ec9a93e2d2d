"""Writing: preparing and opening rounds, adding people, reminding. Closing is in ``closing``, mail in ``sending``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import User
from bevlogen_web.instruments.models import State as VersionState
from bevlogen_web.listening import queries, seal
from bevlogen_web.listening.models import Asked, Invitation, Kind, Meter, Round, State
from bevlogen_web.organisation.models import Employee, Unit
from bevlogen_web.organisation.queries import today

MOST_MAILINGS = 4


class NotReadyError(Exception):
    """A round cannot be opened; ``reason`` says why: ``nobody``, ``version``, ``past`` or ``state``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The round cannot be opened: {reason}.")


class TooOftenError(Exception):
    """Nobody is reminded more than three times, nor while the last mailing is still under way."""


@transaction.atomic
def prepare(held: Round, by: User) -> Round:
    """Keep a round that is being prepared."""
    verb = _("round changed") if held.pk else _("round prepared")
    held.save()
    audit.record(held.organisation, by, verb, f"round {held.pk}, {held.kind}, {_rules(held)}")
    return held


@transaction.atomic
def discard(held: Round, by: User) -> None:
    """Delete a round that was never opened."""
    locked = Round.objects.select_for_update().get(pk=held.pk, state=State.DRAFT)
    audit.record(held.organisation, by, _("round discarded"), f"round {locked.pk}")
    locked.delete()


@transaction.atomic
def open_round(held: Round, by: User | None) -> Round:
    """Open a round: from now on its rules stand, people are invited and answers are sealed.

    Raises
    ------
    NotReadyError
        If it is not a draft, its last day has passed, its questions are not published, or nobody would be asked.
    """
    locked = Round.objects.select_for_update().select_related("version", "organisation").get(pk=held.pk)
    day = today()
    if locked.state != State.DRAFT:
        raise NotReadyError("state")
    if locked.closes < day:
        raise NotReadyError("past")
    if locked.version.state != VersionState.PUBLISHED:
        raise NotReadyError("version")
    people = queries.to_ask(locked, day)
    if not people and not locked.goes_on:
        raise NotReadyError("nobody")
    locked.rules = {**locked.rules, "stricter": queries.stricter(locked)}  # as of a draft: before it opens
    locked.state, locked.opens, locked.wave = State.OPEN, day, 1
    locked.key_name = seal.make_key()
    locked.save()
    add(locked, people, day)
    audit.record(
        locked.organisation, by, _("round opened"), f"round {locked.pk}, {len(people)} invited, {_rules(locked)}"
    )
    return locked


def add(held: Round, people: Sequence[Employee], day: date) -> None:
    """Invite people to an open round, and remember the day so that they get rest."""
    Invitation.objects.bulk_create(
        [Invitation(round=held, employee=one, unit_id=one.unit_id) for one in people], batch_size=500
    )
    marks: dict[str, bool] = {str(held.kind): True} if held.goes_on else {}
    Asked.objects.bulk_create(
        [Asked(employee=one, on=day, **marks) for one in people],
        update_conflicts=True,
        unique_fields=["employee"],
        update_fields=["on", *marks],
        batch_size=500,
    )


@transaction.atomic
def invite_due(held: Round) -> int:
    """Invite who has become due in a round that goes on; gives how many."""
    locked = Round.objects.select_for_update(of=("self",)).select_related("organisation", "unit").get(pk=held.pk)
    day = today()
    people = queries.to_ask(locked, day) if locked.state == State.OPEN else []
    add(locked, people, day)
    return len(people)


@transaction.atomic
def extend(held: Round, closes: date) -> None:
    """Let a round that goes on wait for more answers."""
    Round.objects.filter(pk=held.pk, state=State.OPEN).update(closes=closes)
    audit.record(held.organisation, None, _("round goes on"), f"round {held.pk}, until {closes}")


@transaction.atomic
def add_cards(held: Round, unit: Unit, number: int, by: User) -> None:
    """Add invitations on paper for people of a unit who are in no list."""
    locked = Round.objects.select_for_update().get(pk=held.pk, state=State.OPEN)
    Invitation.objects.bulk_create([Invitation(round=locked, unit=unit) for _n in range(number)], batch_size=500)
    audit.record(held.organisation, by, _("cards added to round"), f"round {held.pk}, unit {unit.pk}, {number}")


@transaction.atomic
def remind(held: Round, by: User) -> Round:
    """Begin another mailing, to those who have not answered.

    Raises
    ------
    TooOftenError
        If the last mailing is still under way or everyone was reminded three times.
    """
    locked = Round.objects.select_for_update().get(pk=held.pk, state=State.OPEN)
    if locked.wave >= MOST_MAILINGS or queries.n_waiting(locked):
        raise TooOftenError
    locked.wave += 1
    locked.save(update_fields=["wave"])
    audit.record(held.organisation, by, _("reminder sent"), f"round {locked.pk}, mailing {locked.wave}")
    return locked


@transaction.atomic
def measure_response(held: Round, day: date) -> bool:
    """Set the response meter anew, once a day at most; says whether it was."""
    locked = Round.objects.select_for_update().get(pk=held.pk)
    if locked.state != State.OPEN or Meter.objects.filter(round=locked, day=day).exists():
        return False
    shown = queries.percentages(queries.invited_counts(locked), locked.rules["k"])
    Meter.objects.filter(round=locked).delete()
    Meter.objects.bulk_create(
        Meter(round=locked, unit_id=unit, day=day, percent=percent) for unit, percent in shown.items()
    )
    return bool(shown)


def rules(k: int, k_comments: int) -> dict[str, int]:
    """Give the disclosure rules of a round: fewest people for scores and for comments, and steps of the response."""
    return {"k": k, "k_comments": k_comments, "percent_step": queries.PERCENT_STEP}


def successor(held: Round, closes: date, period: str) -> Round:
    """Make the next round of one that goes on, with the same questions and rules; it still has to be opened."""
    return Round.objects.create(
        organisation=held.organisation,
        name=held.name,
        kind=Kind(held.kind),
        version=held.version,
        unit=held.unit,
        period=period,
        lead_days=held.lead_days,
        closes=closes,
        rules=held.rules,
    )


def _rules(held: Round) -> str:
    told = {**held.rules, **held.rules.get("stricter", {}).get("k_by_construct", {})}
    return ", ".join(f"{name} {value}" for name, value in told.items() if name != "stricter")
