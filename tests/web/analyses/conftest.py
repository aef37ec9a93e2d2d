"""An organisation with three teams, and ways to give it answers."""

import datetime

import pytest
from django.utils import timezone

from bevlogen_web.analyses.models import Picture
from bevlogen_web.instruments.models import Instrument, Version
from bevlogen_web.listening.models import Answer, Round
from bevlogen_web.organisation.models import Service, Unit

REPORT = (
    "<!doctype html><html lang='nl'><head><title>Stuurbeeld</title>"
    '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;{hash}&#39;">'
    "<style>h1{{color:rgb(1, 2, 3)}}</style></head><body><h1>Stuurbeeld</h1></body></html>"
)
STYLE_HASH = "sha256-aSm04l5eJJbP/AEb/S1ZWF9lyvPTXby2l/2nTA9QUqo="
TEAMS = ("tram-01", "tram-02", "tram-03")
QUESTIONS = [
    {
        "key": key,
        "kind": "scale",
        "construct": "engagement",
        "reverse": reverse,
        "low": 1,
        "high": 5,
        "text": {"nl": "Vraag", "en": "Question"},
        "ends": {"nl": ["oneens", "eens"], "en": ["disagree", "agree"]},
    }
    for key, reverse in (("e1", False), ("e2", False), ("e3", True))
]


def made_version(audience: str, key: str, construct: str, more=()) -> Version:
    """A published version with three questions about one construct, and more questions."""
    instrument = Instrument.objects.create(key=key, audience=audience)
    questions = [*({**question, "construct": construct} for question in QUESTIONS), *more]
    definition = {"title": {"nl": "Peiling", "en": "Pulse"}, "pages": [{"questions": questions}]}
    return Version.objects.create(instrument=instrument, number=1, definition=definition, state="published")


@pytest.fixture
def teams(cast) -> dict[str, Unit]:
    """Three teams under one top."""
    tram = Service.objects.create(organisation=cast.organisation, key="tram", name="Tram", co_creation=0.1)
    top = Unit.objects.create(organisation=cast.organisation, key="top", name="Hier")
    return {
        key: Unit.objects.create(organisation=cast.organisation, key=key, name=key, parent=top, service=tram)
        for key in TEAMS
    }


@pytest.fixture
def hold(cast, teams):
    """Hold a round with eight answers per team."""

    def made(state: str, more=()) -> Round:
        held = Round.objects.create(
            organisation=cast.organisation,
            name="Najaar",
            kind="census",
            version=made_version("employee", "pulse", "engagement", more),
            period="2025-Q4",
            opens=datetime.date(2025, 11, 1),
            closes=datetime.date(2025, 11, 20),
            state=state,
            rules={"k": 5, "k_comments": 10},
        )
        for place, team in enumerate(teams.values()):
            for number in range(8):
                level = 2 + (place + number) % 3
                Answer.objects.create(round=held, unit=team, values={"e1": level, "e2": level, "e3": 6 - level})
        return held

    return made


@pytest.fixture
def closed_round(hold) -> Round:
    """A round that is closed."""
    return hold("closed")


@pytest.fixture
def picture(cast) -> Picture:
    """A picture with a short report and one first move."""
    release = {
        "periods": ["2025-Q4"],
        "claims": [{"verdict": "supported"}],
        "constructs": [{"key": "engagement", "label": {"en": "engagement", "nl": "bevlogenheid"}}],
        "units": [{"key": "a", "name": "Team A", "scores": [1], "results": []}],
        "priorities": [{"unit": "a", "lever": "engagement", "outcome": "engagement"}],
    }
    return Picture.objects.create(
        organisation=cast.organisation, made=timezone.now(), mark="", current=True, release=release,
        report_en="", report_nl=REPORT.format(hash=STYLE_HASH),
    )  # fmt: skip
