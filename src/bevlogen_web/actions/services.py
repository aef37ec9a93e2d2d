"""Writing: actions and what becomes of them; each act leaves an entry in the log."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.actions import queries, tasks
from bevlogen_web.actions.models import Action, Asked, Kind, Note, Stage, State
from bevlogen_web.organisation.models import Unit


class WrongStateError(Exception):
    """An action cannot go from where it stands to where it is sent."""


class TooLateError(Exception):
    """A plan cannot be registered once its first period is over."""


_WAYS = {
    State.AGREED: {State.PROPOSED, State.DECLINED},
    State.DECLINED: {State.PROPOSED},
    State.CLOSED: {State.AGREED},
}
_WORDS = {
    State.AGREED: _("action agreed"),
    State.DECLINED: _("action not taken up"),
    State.CLOSED: _("action closed"),
}


@transaction.atomic
def add(action: Action, units: Iterable[Unit], *, by: Membership) -> Action:
    """Keep a new action: agreed if the director makes it, else proposed."""
    action.organisation, action.proposer = by.organisation, by
    action.owner = action.owner or by
    action.state = State.AGREED if by.role == Role.DIRECTOR else State.PROPOSED
    action.save()
    action.units.set(units)
    verb = _("action agreed") if action.state == State.AGREED else _("action proposed")
    audit.record(by.organisation, by.user, verb, f"action {action.pk}")
    return action


@transaction.atomic
def change(action: Action, units: Iterable[Unit], *, by: Membership) -> Action:
    """Keep what was changed in an action."""
    action.save()
    action.units.set(units)
    audit.record(by.organisation, by.user, _("action changed"), f"action {action.pk}")
    return action


@transaction.atomic
def send(number: int, to: State, today: date, *, by: Membership) -> Action:
    """Agree on, decline or close an action.

    Raises
    ------
    WrongStateError
        If it does not stand where that is possible.
    """
    action = Action.objects.select_for_update().get(pk=number, organisation=by.organisation)
    if action.state not in _WAYS[to]:
        raise WrongStateError
    action.state, action.closed = to, today if to == State.CLOSED else None
    action.save(update_fields=["state", "closed"])
    audit.record(by.organisation, by.user, _WORDS[to], f"action {action.pk}")
    return action


@transaction.atomic
def write(action: Action, text: str, *, by: Membership) -> Note:
    """Write a note down; the log says that there is one, not what it says."""
    note = Note.objects.create(action=action, author=by, text=text)
    audit.record(by.organisation, by.user, _("note on an action"), f"action {action.pk}")
    return note


@transaction.atomic
def ask(kind: Kind, given: Mapping[str, Any], *, by: Membership) -> Asked:
    """Keep a question and have it worked out; a plan draws its lot here, so that nobody chooses it."""
    kept = {**given, "seed": secrets.randbelow(2**31)} if kind == Kind.PLAN else dict(given)
    asked = Asked.objects.create(organisation=by.organisation, by=by, kind=kind, given=kept)
    verb = _("plan asked for") if kind == Kind.PLAN else _("choice asked for")
    audit.record(by.organisation, by.user, verb, f"{kind} {asked.pk}")
    transaction.on_commit(lambda: tasks.work_out.enqueue(asked.pk))
    return asked


@transaction.atomic
def register(number: int, today: date, *, by: Membership) -> Asked:
    """Register a plan before its start: an agreed action per start, and the whole of it sealed in the log.

    Raises
    ------
    WrongStateError
        If it is no answered plan, or registered already.
    TooLateError
        If the first period in which it begins is over.
    """
    asked = Asked.objects.select_for_update().get(pk=number, organisation=by.organisation)
    if asked.kind != Kind.PLAN or asked.stage != Stage.DONE or asked.registered is not None:
        raise WrongStateError
    groups: dict[str, list[str]] = {}
    for unit, period in asked.answer["begins"]:
        if period:
            groups.setdefault(period, []).append(unit)
    if queries.is_late(asked, today):
        raise TooLateError
    what, lever, starts = asked.given["what"], asked.given["lever"], []
    for period, keys in groups.items():
        begins = max(queries.days(period)[0], today)
        action = Action.objects.create(
            organisation=by.organisation, owner=by, proposer=by, plan=asked, lever=lever, what=what, start=begins,
            state=State.AGREED,
        )  # fmt: skip
        action.units.set(Unit.objects.filter(organisation=by.organisation, key__in=keys))
        starts += [[key, begins.isoformat(), lever, what] for key in keys]
    asked.answer, asked.registered = {**asked.answer, "starts": starts}, timezone.now()
    asked.save(update_fields=["answer", "registered"])
    audit.record(by.organisation, by.user, _("plan registered"), queries.registration(asked))
    return asked
