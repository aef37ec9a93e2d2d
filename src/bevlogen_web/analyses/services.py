"""Writing: asking for a refresh, by hand or because there is new data; asking for a link; keeping a view."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Membership, Organisation, User
from bevlogen_web.analyses import queries, tasks
from bevlogen_web.analyses.explore import MOST_QUESTIONS, Question, answered
from bevlogen_web.analyses.models import CUT_OFF, Exploration, Picture, Refresh, SavedView, State
from bevlogen_web.analyses.study import is_open

LOST_AFTER = timedelta(minutes=10)


def ask(organisation: Organisation, *, by: User | None = None) -> None:
    """Ask for a refresh; if one waits already, that one serves both."""
    try:
        with transaction.atomic():
            refresh = Refresh.objects.create(organisation=organisation)
            if by is not None:
                audit.record(organisation, by, _("steering picture asked for"), f"refresh {refresh.pk}")
            transaction.on_commit(lambda: tasks.refresh.enqueue(organisation.pk))
    except IntegrityError:  # the constraint: one waits already
        return


def ask_where_new() -> list[int]:
    """Ask for a refresh of each organisation with data its newest refresh did not see; give their numbers.

    A refresh that failed on the same data is not tried again: it would fail again. One that was cut off is, and one
    that was left lying because its job was lost gets another job.
    """
    asked = []
    for organisation in Organisation.objects.order_by("pk"):
        if is_open(organisation):
            tasks.refresh.enqueue(organisation.pk)
        elif queries.mark(organisation, timezone.localdate()) != _seen(organisation):
            ask(organisation)
            asked.append(organisation.pk)
    return asked


def _seen(organisation: Organisation) -> str:
    last = Refresh.objects.filter(organisation=organisation).order_by("-pk").first()
    return last.mark if last is not None and last.fault != CUT_OFF else ""


class TooManyError(Exception):
    """As many questions as may be asked of one picture have been."""


def explore(picture: Picture, question: Question) -> None:
    """Have a question worked out; one that failed or got lost is tried again.

    Raises
    ------
    TooManyError
        If it is a new one and no more may be asked.
    """
    before = answered(picture, question)
    if before is None and picture.explorations.count() >= MOST_QUESTIONS:
        raise TooManyError
    if before is None:
        try:
            with transaction.atomic():
                before = Exploration.objects.create(picture=picture, asked=str(question), at=timezone.now())
        except IntegrityError:  # somebody asked the same at the same moment
            return
    elif before.state == State.FAILED or (before.state == State.WAITING and before.at < timezone.now() - LOST_AFTER):
        before.state, before.at = State.WAITING, timezone.now()
        before.save(update_fields=["state", "at"])
    else:
        return
    number = before.pk
    transaction.on_commit(lambda: tasks.explore.enqueue(number))


def keep_view(membership: Membership, name: str, query: str) -> None:
    """Keep a question under a name; one of that name is replaced."""
    SavedView.objects.update_or_create(membership=membership, name=name, defaults={"query": query})


def drop_view(membership: Membership, number: int) -> None:
    """Forget a kept question of one's own."""
    SavedView.objects.filter(membership=membership, pk=number).delete()
