"""Reminders of actions through a real server: to the owner, in time, once, and never when switched off."""

import json
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bevlogen_web.accounts.models import Role
from bevlogen_web.actions.models import Action, State
from bevlogen_web.analyses.models import Picture, Sheet
from bevlogen_web.listening.sending import MailServerError
from bevlogen_web.organisation.models import ManagedUnit, Unit
from bevlogen_web.reports import mailing, tasks
from bevlogen_web.reports.models import MailChoice

TODAY = date(2026, 11, 28)
WHAT = "Make the own roster"


@pytest.fixture
def action(cast) -> Action:
    """An agreed action in the team of the manager, who looks after it; it began long ago and has no other day."""
    unit = Unit.objects.create(organisation=cast.organisation, key="north", name="Team Noord")
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=unit)
    made = Action.objects.create(
        organisation=cast.organisation, owner=cast.members[Role.MANAGER], lever="employership.autonomy", what=WHAT,
        start=TODAY - timedelta(days=300), state=State.AGREED,
    )  # fmt: skip
    made.units.set([unit])
    return made


def change(action: Action, **more) -> None:
    Action.objects.filter(pk=action.pk).update(**more)


def remind(today: date = TODAY) -> list[int]:
    return [mailing.remind(number, today) for number in mailing.to_remind(today)]


def told(action: Action, say_from: str) -> None:
    """A picture that says of the action that it is too early, and from when on it is not."""
    words = {"en": "Too early.", "nl": "Te vroeg."}
    outcome = {"outcome": "engagement", "verdict": "too early", "say_from": say_from, "reason": words,
               "effect": {"estimate": None}, "naive": None, "chance": None}  # fmt: skip
    head = {
        "constructs": [],
        "actions": [{"lever": action.lever, "what": action.what, "verdict": "too early", "reason": words,
                     "outcomes": [outcome, {**outcome, "say_from": None}], "notes": []}],
    }  # fmt: skip
    picture = Picture.objects.create(
        organisation=action.organisation, made=timezone.now(), mark="", current=True, release={}, report_en="",
        report_nl="",
    )  # fmt: skip
    Sheet.objects.create(picture=picture, kind="head", key="", body=json.dumps(head))


@pytest.mark.parametrize(
    ("field", "words"), [("start", "Begint op"), ("until", "Eindigt op"), ("remind", "wilde u er opnieuw naar kijken")]
)
def test_a_week_before_the_owner_hears_of_each_day(cast, action, smtp, field, words):
    change(
        action, **{field: TODAY + timedelta(days=7)}, **({} if field == "start" else {"start": TODAY - timedelta(30)})
    )
    assert remind() == [1]
    (message,) = smtp
    assert message["To"] == "manager@here.example"
    text = " ".join(message.get_content().split())
    assert WHAT in text
    assert words in text
    assert "5 december 2026" in text


@pytest.mark.parametrize(
    ("days", "sent"), [(8, []), (7, [1]), (4, [1]), (3, []), (1, []), (0, [1]), (-3, [1]), (-4, [])]
)
def test_only_a_week_before_and_on_the_day(cast, action, smtp, days, sent):
    change(action, start=TODAY + timedelta(days=days))
    assert remind() == sent


def test_the_day_on_which_the_effect_can_be_told_follows_from_the_picture(cast, action, smtp):
    told(action, "2026-Q4")
    assert remind(date(2026, 12, 20)) == []
    assert remind(date(2026, 12, 25)) == [1]
    assert remind(date(2027, 1, 1)) == [1]
    assert "1 januari 2027" in smtp[0].get_content()
    assert "Het effect is nu te zeggen" in smtp[1].get_content()


def test_nothing_is_told_twice_and_a_day_that_moves_is_told_again(cast, action, smtp):
    change(action, start=TODAY + timedelta(days=7))
    assert remind() == [1]
    assert remind() == []
    assert remind(TODAY + timedelta(days=1)) == []
    change(action, start=TODAY + timedelta(days=6))
    assert remind() == [1]
    assert remind(TODAY + timedelta(days=6)) == [1]
    assert len(smtp) == 3


def test_all_that_is_due_comes_in_one_mail(cast, action, smtp):
    change(action, until=TODAY + timedelta(days=5), remind=TODAY)
    other = Action.objects.create(
        organisation=cast.organisation, owner=cast.members[Role.MANAGER], lever="engagement", what="Another thing",
        start=TODAY + timedelta(days=6), state=State.AGREED,
    )  # fmt: skip
    other.units.set(action.units.all())
    assert remind() == [1]
    assert len(re.findall(r"/actions/\d+/", smtp[0].get_content())) == 3


def test_subject_and_links_tell_nothing(cast, action, smtp):
    change(action, start=TODAY + timedelta(days=7))
    remind()
    lines = [smtp[0]["Subject"], *re.findall(r"http\S+", smtp[0].get_content())]
    assert lines == [
        "Uw acties",
        f"http://localhost:8000/o/here/actions/{action.pk}/",
        "http://localhost:8000/o/here/reports/mail/",
    ]


@pytest.mark.parametrize(
    ("state", "more"), [(State.CLOSED, {"closed": TODAY}), (State.DECLINED, {}), (State.PROPOSED, {})]
)
def test_what_is_not_agreed_or_over_does_not_begin_or_end(cast, action, smtp, state, more):
    change(action, start=TODAY, until=TODAY, state=state, **more)
    assert remind() == []


def test_who_switched_it_off_or_left_hears_nothing(cast, action, smtp):
    change(action, start=TODAY)
    address = reverse("reports:mail", kwargs={"slug": "here"})
    cast.client(Role.MANAGER).post(address, {"every": ""})
    assert MailChoice.objects.get().reminders is False
    assert remind() == []
    cast.client(Role.MANAGER).post(address, {"every": "", "reminders": "on"})
    cast.members[Role.MANAGER].user.is_active = False
    cast.members[Role.MANAGER].user.save()
    assert remind() == []
    assert smtp == []


def test_an_owner_who_may_not_see_the_action_any_more_hears_nothing_of_it(cast, action, smtp):
    change(action, start=TODAY)
    ManagedUnit.objects.all().delete()
    assert remind() == []


def test_a_server_that_is_away_loses_nothing(cast, action, settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    change(action, start=timezone.localdate())
    with pytest.raises(MailServerError):
        tasks.remind.func()
    assert mailing.to_remind(timezone.localdate()) != []


def test_a_last_day_before_the_first_is_refused(cast, action):
    address = reverse("actions:edit", kwargs={"slug": "here", "number": action.pk})
    filled = {"what": WHAT, "lever": action.lever, "units": [action.units.get().pk], "start": "2026-01-05"}
    page = cast.client(Role.MANAGER).post(address, {**filled, "until": "2026-01-04"}).content.decode()
    assert "The last day lies before the first" in page
    assert cast.client(Role.MANAGER).post(address, {**filled, "until": "2026-01-05"}).status_code == 302
