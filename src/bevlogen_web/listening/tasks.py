"""Background work of listening. Arguments are numbers of rounds; no job is about a person, so its times say nothing."""

from __future__ import annotations

import logging

from django_tasks import task

from bevlogen_web.listening import answering, closing, periods, queries, sending, services
from bevlogen_web.listening.models import Letter, Round, State
from bevlogen_web.organisation.queries import today

_log = logging.getLogger("bevlogen_web.listening")


@task()
def send(number: int) -> None:
    """Go on with the mailing of a round."""
    held = Round.objects.select_related("organisation").get(pk=number)
    if held.state == State.OPEN:
        sending.send(held)


@task()
def tend() -> None:
    """Every hour: hand each open round to a job of its own, and destroy keys that no round has."""
    for held in queries.open_rounds():
        tend_round.enqueue(held.pk)
    stray = closing.destroy_stray_keys()
    if stray:
        _log.warning("destroyed %d keys of closed rounds", len(stray))


@task()
def tend_round(number: int) -> None:
    """Close a round whose last day has passed; else invite who is due, go on with mail, measure, and stir."""
    held = queries.open_rounds().filter(pk=number).first()
    if held is None:
        return
    if not answering.takes_answers(held):
        end(held)
        return
    if held.goes_on:
        services.invite_due(held)
    services.measure_response(held, today())
    if Letter.objects.filter(round=held).exists():
        closing.stir(held)
    if queries.n_waiting(held):
        send.enqueue(number)


def end(held: Round) -> None:
    """Close a round whose last day has passed; one that goes on is followed by the next, or waits for more answers."""
    if not held.goes_on:
        closing.close(held, None)
        return
    period = periods.following(held.period)
    while periods.last_day(period) < today():
        period = periods.following(period)
    if Letter.objects.filter(round=held).count() < held.rules["k"]:
        services.extend(held, periods.last_day(period))
        return
    closing.close(held, None)
    services.open_round(services.successor(held, periods.last_day(period), period), None)
