"""The hourly care of rounds."""

from datetime import date, timedelta

import pytest
from listening.rounds import answer, code_for_each, code_of, prepared

from bevlogen_web.listening import answering, periods, services, tasks
from bevlogen_web.listening.models import Answer, Invitation, Kind, Letter, Meter, Round
from bevlogen_web.organisation.models import Employee
from bevlogen_web.organisation.queries import today

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tomorrow(monkeypatch):
    """Let fifteen days pass: after the last day of a prepared round."""
    day = today() + timedelta(days=15)
    for module in (answering, services, tasks):
        monkeypatch.setattr(module, "today", lambda: day)
    return day


def test_an_open_round_is_mailed_measured_and_stirred(opened):
    answer(opened, code_of(opened, "noord-0"), e1=1)
    before = Letter.objects.get().pk
    tasks.tend_round.call(opened.pk)
    assert Letter.objects.get().pk != before
    assert Meter.objects.filter(round=opened).exists()
    assert not Invitation.objects.filter(wave=0).exists()


def test_after_the_last_day_it_is_closed(opened, tomorrow):
    tasks.tend_round.call(opened.pk)
    opened.refresh_from_db()
    assert opened.state == "closed"


def test_a_closed_round_is_left_alone(opened, tomorrow):
    tasks.tend_round.call(opened.pk)
    tasks.tend_round.call(opened.pk)
    tasks.send.call(opened.pk)
    assert Round.objects.count() == 1


def test_all_open_rounds_are_tended(opened, tomorrow):
    tasks.tend.call()
    opened.refresh_from_db()
    assert opened.state == "closed"


@pytest.fixture
def arrivals(cast, version, teams):
    """A round for new colleagues, with the eight of team Noord, all new."""
    Employee.objects.filter(unit=teams[0]).update(start=today() - timedelta(days=70))
    held = prepared(cast.organisation, version, kind=Kind.ONBOARDING, period=periods.quarter_of(today()))
    return services.open_round(held, None)


def test_new_colleagues_are_added_when_they_become_due(arrivals):
    Employee.objects.filter(key="zuid-0").update(start=today() - timedelta(days=60))
    tasks.tend_round.call(arrivals.pk)
    tasks.tend_round.call(arrivals.pk)
    assert Invitation.objects.filter(employee__key="zuid-0").count() == 1


def test_a_round_that_goes_on_is_followed_by_the_next(arrivals, tomorrow):
    for code in code_for_each(arrivals).values():
        arrivals_open = Round.objects.get(pk=arrivals.pk)
        arrivals_open.closes = tomorrow
        Round.objects.filter(pk=arrivals.pk).update(closes=tomorrow)
        answer(arrivals_open, code, e1=3)
    Round.objects.filter(pk=arrivals.pk).update(closes=tomorrow - timedelta(days=1))
    tasks.tend_round.call(arrivals.pk)
    following = Round.objects.get(state="open")
    assert Answer.objects.count() == 8
    assert following.period == periods.following(arrivals.period)
    assert following.rules == arrivals.rules
    assert following.closes == periods.last_day(following.period)


def test_with_too_few_answers_it_waits_for_more(arrivals, tomorrow):
    tasks.tend_round.call(arrivals.pk)
    arrivals.refresh_from_db()
    assert arrivals.state == "open"
    assert arrivals.closes == periods.last_day(periods.following(arrivals.period))


@pytest.mark.parametrize(
    ("period", "after", "last"),
    [
        ("2026", "2027", date(2026, 12, 31)),
        ("2026-Q4", "2027-Q1", date(2026, 12, 31)),
        ("2026-Q1", "2026-Q2", date(2026, 3, 31)),
        ("2026-11", "2026-12", date(2026, 11, 30)),
        ("2026-12", "2027-01", date(2026, 12, 31)),
        ("2028-02", "2028-03", date(2028, 2, 29)),
    ],
)
def test_periods_follow_each_other(period, after, last):
    assert periods.following(period) == after
    assert periods.last_day(period) == last


def test_a_day_is_in_its_quarter():
    assert periods.quarter_of(date(2026, 11, 23)) == "2026-Q4"
