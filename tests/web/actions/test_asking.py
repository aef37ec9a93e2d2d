"""Plans to learn and first moves within limits: asked, worked out, registered, and never moved unseen."""

import math
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

import bevlogen as bv
from bevlogen.core.chain import Text
from bevlogen.core.planned import Choice, Knowing, Portfolio
from bevlogen.core.results import Interval, Provenance
from bevlogen_web.accounts.models import AuditEntry, Organisation, Role
from bevlogen_web.actions import queries, services
from bevlogen_web.actions.models import Action, Asked, Stage
from bevlogen_web.organisation.models import Unit

TODAY = date(2026, 3, 2)


def _address(name: str, **more) -> str:
    return reverse(f"actions:{name}", kwargs={"slug": "here", **more})


def _asked(cast, capture, name: str, filled: dict) -> Asked:
    with capture(execute=True):
        answer = cast.client(Role.DIRECTOR).post(_address(name), filled)
    assert answer.status_code == 302, answer.context["form"].errors
    return Asked.objects.get()


def _plan(keys, **more) -> dict:
    units = list(Unit.objects.filter(key__in=keys).values_list("pk", flat=True))
    given = {"what": "Make the roster", "lever": "employership.autonomy", "outcome": "engagement", "units": units}
    return {**given, "steps": 2, "target": 0.24, **more}


def test_a_plan_says_who_begins_and_what_can_be_found(cast, judged, studied, django_capture_on_commit_callbacks):
    asked = _asked(cast, django_capture_on_commit_callbacks, "plan", _plan(studied))
    assert asked.stage == Stage.DONE, asked.fault
    assert {unit for unit, _ in asked.answer["begins"]} == set(studied)
    assert len({period for _, period in asked.answer["begins"]}) == 2
    assert len(asked.answer["detectable"]) == 12
    assert not queries.is_late(asked, timezone.localdate())
    page = cast.client(Role.DIRECTOR).get(_address("asked", number=asked.pk)).content.decode()
    assert all(name in page for name in Unit.objects.filter(key__in=studied).values_list("name", flat=True))


def test_three_units_are_too_few_and_the_page_says_so(cast, judged, studied, django_capture_on_commit_callbacks):
    asked = _asked(cast, django_capture_on_commit_callbacks, "plan", _plan(studied[:3]))
    assert asked.stage == Stage.FAILED
    assert "fair start needs 4" in cast.client(Role.DIRECTOR).get(_address("asked", number=asked.pk)).content.decode()


def test_only_teams_are_offered_for_a_plan(cast, judged, studied):
    """Groups have no figures of their own that could be held against others."""
    group = Unit.objects.create(organisation=cast.organisation, key="group", name="Group")
    Unit.objects.filter(key__in=studied).update(parent=group)
    offered = cast.client(Role.DIRECTOR).get(_address("plan")).context["form"].fields["units"].queryset
    assert set(studied) <= {unit.key for unit in offered}
    assert "group" not in {unit.key for unit in offered}


def _found(limits, target):
    """One move, as the study would give it; its cost is that of the limits."""
    cost = limits.cost["engagement"]
    choice = Choice("tram-01", "engagement", "loyalty", Interval(0.3, 0.1, 0.5), cost, 0.8)
    knowing = (Knowing(Text("everything", "everything"), 0.2),)
    why = Text("Sure enough.", "Sure enough.")
    reached = math.nan if target is None else 0.7
    return Portfolio((choice,), choice.gain, reached, cost, knowing, why, True, Provenance("0", "ab", 1))


def test_a_choice_is_asked_within_limits_and_shown(
    cast, judged, studied, monkeypatch, django_capture_on_commit_callbacks
):
    seen = []
    monkeypatch.setattr(bv.Study, "choose", lambda _, limits, target: seen.append(limits) or _found(limits, target))
    filled = {"at_once": 2, "money": 20, "each_group": 1, "money:engagement": 10, "hours:engagement": 3}
    asked = _asked(cast, django_capture_on_commit_callbacks, "choose", filled)
    assert seen == [bv.Limits(money=20.0, at_once=2, each_group=1, cost={"engagement": bv.Cost(10.0, 3.0)})]
    page = cast.client(Role.ANALYST).get(_address("asked", number=asked.pk)).content.decode()
    assert [words for words in ("80%", "30", "everything", "20", "Sure enough.") if words not in page] == []


def test_limits_that_contradict_are_named(cast, judged, studied, monkeypatch, django_capture_on_commit_callbacks):
    def refused(*_given, **_more):
        raise bv.BevlogenError("These limits contradict each other: at once (at most 0); each group.")

    monkeypatch.setattr(bv.Study, "choose", refused)
    asked = _asked(cast, django_capture_on_commit_callbacks, "choose", {"at_once": 0, "each_group": 1})
    assert asked.stage == Stage.FAILED
    assert (
        "contradict each other" in cast.client(Role.DIRECTOR).get(_address("asked", number=asked.pk)).content.decode()
    )


@pytest.mark.parametrize(
    "filled", [{"at_once": -1}, {"at_once": 3, "money": -5}, {"at_once": 3, "hours:engagement": -1}]
)
def test_a_negative_limit_is_refused_in_the_form(cast, judged, filled):
    assert cast.client(Role.DIRECTOR).post(_address("choose"), filled).status_code == 200
    assert not Asked.objects.exists()


def test_registering_seals_the_plan_and_agrees_its_actions(cast, planned):
    services.register(planned.pk, TODAY, by=cast.members[Role.DIRECTOR])
    planned.refresh_from_db()
    assert sorted(planned.actions.values_list("start", flat=True)) == [date(2099, 1, 1), date(2100, 1, 1)]
    assert queries.seal(planned) in AuditEntry.objects.latest("number").what
    assert queries.is_as_registered(planned)


def test_a_moved_goal_post_shows(cast, planned):
    services.register(planned.pk, TODAY, by=cast.members[Role.DIRECTOR])
    planned.refresh_from_db()
    Asked.objects.update(given={**planned.given, "target": 0.1})
    assert not queries.is_as_registered(Asked.objects.get())


@pytest.mark.parametrize("change", [{"start": date(2099, 2, 1)}, {"what": "Something else"}])
def test_an_action_changed_after_registering_shows(cast, planned, change):
    services.register(planned.pk, TODAY, by=cast.members[Role.DIRECTOR])
    Action.objects.filter(pk=planned.actions.first().pk).update(**change)
    planned.refresh_from_db()
    assert not queries.is_as_registered(planned)
    page = (
        cast.client(
            Role.DIRECTOR,
        )
        .get(_address("asked", number=planned.pk))
        .content.decode()
    )
    assert "changed after registering" in page or "na het vastleggen veranderd" in page


def test_a_plan_whose_start_is_over_cannot_be_registered(cast, planned):
    with pytest.raises(services.TooLateError):
        services.register(planned.pk, date(2099, 4, 1), by=cast.members[Role.DIRECTOR])
    assert not Action.objects.exists()


def test_a_plan_whose_start_is_over_says_so_instead_of_asking(cast, planned):
    past = [[key, "2025-Q4"] for key, _ in planned.answer["begins"]]
    Asked.objects.update(answer={**planned.answer, "begins": past})
    page = cast.client(Role.DIRECTOR).get(_address("asked", number=planned.pk)).content.decode()
    assert "The first start is over." in page
    assert _address("register", number=planned.pk) not in page


def test_a_plan_is_registered_once(cast, planned):
    services.register(planned.pk, TODAY, by=cast.members[Role.DIRECTOR])
    with pytest.raises(services.WrongStateError):
        services.register(planned.pk, TODAY, by=cast.members[Role.DIRECTOR])


def test_within_the_first_period_an_action_begins_today(cast, planned):
    services.register(planned.pk, date(2099, 2, 3), by=cast.members[Role.DIRECTOR])
    assert planned.actions.order_by("start").first().start == date(2099, 2, 3)


def test_questions_of_another_organisation_stay_there(cast, planned):
    planned.organisation = Organisation.objects.get(slug="there")
    planned.save()
    assert cast.client(Role.DIRECTOR).get(_address("asked", number=planned.pk)).status_code == 404


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-05-04", date(2026, 5, 4), date(2026, 5, 4)),
    ],
)
def test_a_period_has_its_days(period, first, last):
    assert queries.days(period) == (first, last)
