"""Writing: asking for a refresh, by hand or because there is new data."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.analyses import queries, tasks
from bevlogen_web.analyses.models import CUT_OFF, Refresh
from bevlogen_web.analyses.study import is_open


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
