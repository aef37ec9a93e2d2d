"""Keeping what respondents send: once, and in rows that nothing joins."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from bevlogen_web.feedback import cards, links
from bevlogen_web.feedback.models import Asked, Comment, NoMail, Reason, Refusal, Response, Spent, Wish
from bevlogen_web.instruments import forms

_WRITER = threading.Lock()
DAYS_TO_ADD = 1  # a form drawn before midnight may still be gone on with


class UsedError(Exception):
    """The one contact this link is for was answered about already."""


def keep(card: cards.Card, form: links.Form, link: links.Link, values: forms.Answers) -> bool:
    """Keep the first page of an answer, all of it or nothing.

    Parameters
    ----------
    card
        The channel it was given by.
    form
        The proof of the form; its row is the same however often it is sent.
    link
        The link; when it is for one contact, it is spent with this.
    values
        Cleaned answers of the first page.

    Returns
    -------
    bool
        False when this very form was kept before: nothing is kept then.

    Raises
    ------
    UsedError
        If another form was kept for the same contact.
    """
    ratings, texts = _apart(form, values)
    response = Response(
        id=form.row(),
        organisation_id=card.organisation,
        unit_id=card.unit,
        service_id=card.service,
        version_id=form.version,
        day=timezone.localdate(),
        values=ratings,
    )
    try:
        with _turn(), transaction.atomic():
            response.save(force_insert=True)
            if link.until is not None:
                Spent(id=contact_number(link), until=link.until).save(force_insert=True)
            _comment(response, form, texts)
    except IntegrityError:
        if Response.objects.filter(pk=response.pk).exists():
            return False
        if link.contact and is_used(link):
            raise UsedError from None
        raise
    return True


def add(form: links.Form, page: int, sent: dict[str, str]) -> tuple[forms.Answers, dict[str, str]] | None:
    """Add the answers of a later page to the row of the same form; what was answered before stays as it was.

    Returns
    -------
    tuple or None
        All ratings now, and by key what was wrong (then nothing is added); None when there is no such row any more.
    """
    definition = cards.questions(form.version).definition
    with transaction.atomic():
        first = timezone.localdate() - timedelta(days=DAYS_TO_ADD)
        response = Response.objects.select_for_update().filter(pk=form.row(), day__gte=first).first()
        if response is None:
            return None
        taken, errors = forms.clean(definition, page, sent, response.values)
        if errors:
            return response.values | taken, errors
        ratings, texts = _apart(form, taken)
        if ratings:
            response.values = ratings | response.values
            response.save(update_fields=["values"])
        _comment(response, form, texts)
    return response.values, {}


def contact_number(link: links.Link) -> int:
    """Give the number that stands for the contact of a link."""
    return links.number_of("contact", link.contact)


def is_used(link: links.Link) -> bool:
    """Whether the contact of a link was answered about."""
    return Spent.objects.filter(pk=contact_number(link)).exists()


def keep_wish(card: cards.Card, form: links.Form, contact: str, about: str, language: str) -> bool:
    """Keep a wish to be called back, without any tie to an answer; False when this very form was kept before."""
    wish = Wish(
        id=form.row(),
        organisation_id=card.organisation,
        unit_id=card.unit,
        day=timezone.localdate(),
        contact=contact,
        about=about,
        language=language,
    )
    try:
        with transaction.atomic():
            wish.save(force_insert=True)
    except IntegrityError:
        if Wish.objects.filter(pk=wish.pk).exists():
            return False
        raise
    return True


def refuse(reason: Reason, organisation: int | None = None) -> None:
    """Count something that was not kept."""
    today = timezone.localdate()
    of_day = Refusal.objects.filter(organisation=organisation, day=today, reason=reason)
    if of_day.update(n=F("n") + 1):
        return
    try:
        with transaction.atomic():
            Refusal(organisation_id=organisation, day=today, reason=reason, n=1).save(force_insert=True)
    except IntegrityError:
        of_day.update(n=F("n") + 1)


def stop_mail(organisation: int, address_hash: str) -> None:
    """Never mail an address for this organisation again."""
    NoMail.objects.get_or_create(organisation_id=organisation, hash=address_hash)


@transaction.atomic
def shuffle(today: date) -> None:
    """Write the rows of the last days anew in the order of their random keys.

    A database keeps rows in the order they came, and marks which came in one transaction. After this, neither says
    which answer, comment and used link belonged together, nor which answer came first.
    """
    since = today - timedelta(days=3)
    _anew(Response, Response.objects.filter(day__gte=since, day__lt=today))
    _anew(Comment, Comment.objects.filter(day__gte=since, day__lt=today))
    _anew(Wish, Wish.objects.filter(day__gte=since, day__lt=today))
    Spent.objects.filter(until__lt=today).delete()
    Asked.objects.filter(until__lt=today).delete()
    _anew(Spent, Spent.objects.all())


def _anew(model: type[Model], found: QuerySet[Any]) -> None:
    rows = sorted(found.select_for_update(), key=lambda row: row.pk)
    for first in range(0, len(rows), 500):
        model._default_manager.filter(pk__in=[row.pk for row in rows[first : first + 500]]).delete()
    model._default_manager.bulk_create(rows, batch_size=500)


def _turn() -> AbstractContextManager[object]:
    """Let the threads of a process queue for SQLite's one writer: those that it sends away sleep longer than needed."""
    return _WRITER if connection.vendor == "sqlite" else nullcontext()


def _apart(form: links.Form, values: forms.Answers) -> tuple[dict[str, forms.Value], dict[str, str]]:
    """Split answers in ratings and texts."""
    texts = forms.open_keys(cards.questions(form.version).definition)
    return (
        {key: value for key, value in values.items() if key not in texts},
        {key: str(value) for key, value in values.items() if key in texts},
    )


def _comment(response: Response, form: links.Form, texts: dict[str, str]) -> None:
    if not texts:
        return
    Comment.objects.bulk_create(
        [
            Comment(
                id=form.row(question),
                organisation_id=response.organisation_id,
                unit_id=response.unit_id,
                service_id=response.service_id,
                version_id=response.version_id,
                question=question,
                day=response.day,
                text=text,
            )
            for question, text in texts.items()
        ],
        ignore_conflicts=True,  # the same form, sent again
    )
