"""An organisation with something personal of every kind, old and new."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bevlogen_web.accounts.models import ColleagueInvitation
from bevlogen_web.feedback.models import Comment as CustomerComment
from bevlogen_web.feedback.models import Response, Wish
from bevlogen_web.instruments.models import Audience, Instrument, Version
from bevlogen_web.intake.models import Delivery, Encounter
from bevlogen_web.intake.services import pseudonym
from bevlogen_web.listening.models import Answer, Comment, Round
from bevlogen_web.organisation.models import Employee, Unit

TODAY = date(2026, 11, 20)
RECENT = date(2026, 10, 5)
OLD = date(2020, 3, 5)
RULES = {"k": 5, "k_comments": 10, "percent_step": 5}
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def here(cast):
    """Organisation ``here`` with one old and one recent record of every kind."""
    organisation = cast.organisation
    unit = Unit.objects.create(organisation=organisation, key="t1", name="Team 1")
    instrument = Instrument.objects.create(organisation=organisation, key="own", audience=Audience.EMPLOYEE)
    version = Version.objects.create(
        instrument=instrument, number=1, definition={"title": {"nl": "Peiling", "en": "Pulse"}, "pages": []}
    )
    delivery = Delivery.objects.create(
        organisation=organisation, table="interactions", key="a", content="a", rows=2, at=moment(TODAY)
    )
    for number, day in enumerate((OLD, RECENT), start=1):
        own = {"organisation": organisation, "unit": unit, "day": day}
        held = Round.objects.create(
            organisation=organisation,
            name=f"Round {number}",
            kind="census",
            version=version,
            period=f"{day.year}",
            opens=day,
            closes=day + timedelta(days=14),
            state="closed",
            rules=RULES,
        )
        Answer.objects.create(round=held, unit=unit, values={"q1": 4})
        Comment.objects.create(round=held, unit=unit, question="why", text="words")
        Response.objects.create(pk=number, version=version, values={"q1": 4}, **own)
        CustomerComment.objects.create(pk=number, version=version, question="why", text="words", **own)
        Wish.objects.create(pk=number, contact=f"06 1234567{number}", about="parking", language="nl", **own)
        Employee.objects.create(
            organisation=organisation, unit=unit, key=f"p{number}", name=f"Anna {number}", language="nl",
            email=f"anna{number}@here.example", active=False, end=day,
        )  # fmt: skip
        Encounter.objects.create(
            low=1, high=5, ratings={"overall": 4}, delivery=delivery,
            employee=pseudonym(organisation, "employee", f"p{number}"),
            customer=pseudonym(organisation, "customer", f"c{number}"), **own,
        )  # fmt: skip
        ColleagueInvitation.objects.create(
            organisation=organisation, email=f"new{number}@here.example", role="analyst", language="nl",
            sent_at=moment(day if day == OLD else TODAY),
        )  # fmt: skip
    return organisation


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=AMSTERDAM)
