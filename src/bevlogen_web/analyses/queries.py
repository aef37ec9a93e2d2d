"""Reading: the current picture, how fresh it is, and what is being done about it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, QuerySet

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import provided
from bevlogen_web.analyses.models import Picture, Refresh, Sheet, State
from bevlogen_web.feedback.models import Response
from bevlogen_web.intake.models import Encounter, History, Result
from bevlogen_web.listening.models import Answer, Comment, Round
from bevlogen_web.organisation.models import Unit

MOVES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the study of an organisation stands.

    Attributes
    ----------
    picture : the last good one; None if there never was one.
    busy : the refresh that waits or runs; None if there is none.
    failed : the newest refresh, if it failed: the picture is older than the data then.
    nothing : whether the newest refresh found nothing to study.
    """

    picture: Picture | None
    busy: Refresh | None
    failed: Refresh | None
    nothing: bool


def standing(organisation: Organisation) -> Standing:
    """Give where the study stands; what is large is not read."""
    refreshes = Refresh.objects.filter(organisation=organisation)
    last = refreshes.exclude(state__in=(State.WAITING, State.RUNNING)).order_by("-pk").first()
    busy = refreshes.filter(state__in=(State.RUNNING, State.WAITING)).order_by("pk").first()
    failed = last if last is not None and last.state == State.FAILED else None
    return Standing(current(organisation), busy, failed, last is not None and last.state == State.NOTHING)


def current(organisation: Organisation) -> Picture | None:
    """Give the last good picture."""
    return pictures(organisation).filter(current=True).defer("report_en", "report_nl", "release").first()


def pictures(organisation: Organisation) -> QuerySet[Picture]:
    """Give the pictures that are kept, newest first."""
    return Picture.objects.filter(organisation=organisation).order_by("-pk")


def refreshes(organisation: Organisation) -> QuerySet[Refresh]:
    """Give the refreshes, newest first."""
    return Refresh.objects.filter(organisation=organisation).order_by("-pk")


def sheet(picture: Picture, kind: str) -> Any:
    """Give a sheet about the whole: ``head``, ``tree``, ``map`` or ``heat``; nobody may change what is given."""
    return _sheet(picture.pk, picture.made, kind)


@lru_cache(maxsize=64)
def _sheet(picture: int, _made: datetime, kind: str) -> Any:
    """Read a sheet once: a picture never changes."""
    return json.loads(Sheet.objects.get(picture=picture, kind=kind, key="").body)


def moves(picture: Picture) -> dict[str, Any]:
    """Give what moving each lever may bring, by lever."""
    found = Sheet.objects.filter(picture=picture, kind="move").order_by("pk")
    return {sheet.key: json.loads(sheet.body) for sheet in found}


def learned(picture: Picture) -> list[dict[str, Any]]:
    """Give what own actions brought so far; empty for a picture from before that was kept."""
    found = Sheet.objects.filter(picture=picture, kind="own").first()
    return [] if found is None else json.loads(found.body)


def voices(picture: Picture, keys: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Give what people of units wrote, newest first, by unit; those of whom nothing may be read are left out."""
    found = Sheet.objects.filter(picture=picture, kind="said", key__in=list(keys))
    return {key: json.loads(body) for key, body in found.values_list("key", "body")}


def has_voices(picture: Picture) -> bool:
    """Whether anything that people wrote may be read anywhere."""
    return Sheet.objects.filter(picture=picture, kind="said").exists()


def unit_sheets(picture: Picture, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give the sheets of units by key; those that the picture does not know are left out."""
    found = Sheet.objects.filter(picture=picture, kind="unit", key__in=list(keys))
    return {key: json.loads(body) for key, body in found.values_list("key", "body")}


@dataclass(frozen=True, slots=True)
class Move:
    """A first move: the name of a unit, and the keys of what to work on and of what that may bring."""

    unit: str
    lever: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a picture holds, in a few numbers: its first and last period, its units, and claims by verdict.

    ``labels`` names constructs in both languages, by key; ``moves`` are the first moves, most promising first.
    """

    first: str
    last: str
    n_units: int
    verdicts: dict[str, int]
    labels: dict[str, dict[str, str]]
    moves: tuple[Move, ...]


def summary(picture: Picture) -> Summary:
    """Count what is in a release."""
    release: dict[str, Any] = picture.release
    periods = release["periods"] or [""]
    verdicts = Counter(claim["verdict"] for claim in release["claims"])
    shown = sum(1 for unit in release["units"] if unit["scores"] or unit["results"])
    labels = {one["key"]: one["label"] for one in release["constructs"]}
    names = {unit["key"]: unit["name"] for unit in release["units"]}
    moves = tuple(Move(names[one["unit"]], one["lever"], one["outcome"]) for one in release["priorities"][:MOVES_SHOWN])
    return Summary(periods[0], periods[-1], shown, dict(verdicts), labels, moves)


def mark(organisation: Organisation, today: date) -> str:
    """Give a fingerprint of everything the study is made from: another one means new data.

    Customers' answers count from the day after they were given, so that a picture is made of them once a day.
    """
    results = Result.objects.filter(organisation=organisation).aggregate(Count("pk"), Max("delivery"))
    contacts = Encounter.objects.filter(organisation=organisation).aggregate(Count("pk"), Max("delivery"))
    units = Unit.objects.filter(organisation=organisation).order_by("pk")
    closed = Round.objects.filter(organisation=organisation, state="closed")
    told = {
        "name": [organisation.name, organisation.language],
        "units": list(units.values_list("key", "name", "parent", "service__key", "co_creation", "headcount")),
        "degrees": list(units.order_by("service").values_list("service__co_creation", flat=True).distinct()),
        "rounds": sorted(closed.values_list("pk", flat=True)),
        "answers": Answer.objects.filter(round__in=closed).count(),
        "words": [Comment.objects.filter(round__in=closed).count(), organisation.shows_comments],
        "customers": Response.objects.filter(organisation=organisation, day__lt=today).count(),
        "results": list(results.values()),
        "contacts": list(contacts.values()),
        "provided": provided.all_rows(organisation),
        "history": [
            str(added) for added in History.objects.filter(organisation=organisation).values_list("added", flat=True)
        ],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
