"""Writing: actions and what becomes of them; each act leaves an entry in the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.actions.models import Action, Note, State
from bevlogen_web.organisation.models import Unit


class WrongStateError(Exception):
    """An action cannot go from where it stands to where it is sent."""


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
