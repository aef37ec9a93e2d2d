"""Who is asked: nobody too often, in samples those who were asked longest ago first."""

import random
from datetime import timedelta

import pytest
from listening.rounds import people, prepared

from bevlogen_web.listening import queries, services
from bevlogen_web.listening.models import Asked, Kind
from bevlogen_web.organisation.models import Employee, Unit
from bevlogen_web.organisation.queries import today

# The fixed seed draws ties; every claim here holds for any seed.
SEED = 5


def keys(found):
    return {one.key for one in found}


def asked(days_ago, *keys):
    for one in Employee.objects.filter(key__in=keys):
        Asked.objects.create(employee=one, on=today() - timedelta(days=days_ago))


def with_asked():
    return list(Employee.objects.select_related("asked").order_by("pk"))


def test_a_census_asks_everyone(cast, version, teams):
    assert len(queries.to_ask(prepared(cast.organisation, version), today())) == 16


def test_a_census_asks_also_who_was_asked_yesterday(cast, version, teams):
    asked(1, "noord-0")
    assert "noord-0" in keys(queries.to_ask(prepared(cast.organisation, version), today()))


def test_only_those_who_work_there(cast, version, teams):
    Employee.objects.filter(key="noord-0").update(active=False)
    Employee.objects.filter(key="noord-1").update(end=today() - timedelta(days=1))
    found = keys(queries.to_ask(prepared(cast.organisation, version), today()))
    assert not {"noord-0", "noord-1"} & found


def test_one_part_of_the_organisation_with_all_below(cast, version, teams, division):
    other = Unit.objects.create(organisation=cast.organisation, key="west", name="West")
    people(other, 3)
    found = queries.to_ask(prepared(cast.organisation, version, unit=division), today())
    assert not any(key.startswith("west") for key in keys(found))
    assert len(found) == 16


def test_nobody_of_another_organisation(cast, version, teams):
    unit = Unit.objects.create(organisation=cast.other, key="x", name="X")
    people(unit, 2)
    assert not keys(queries.to_ask(prepared(cast.organisation, version), today())) & {"x-0", "x-1"}


def test_a_pulse_leaves_out_who_had_no_rest(cast, version, teams):
    asked(59, "noord-0")
    asked(60, "noord-1")
    found = keys(queries.to_ask(prepared(cast.organisation, version, kind=Kind.PULSE), today()))
    assert "noord-0" not in found
    assert "noord-1" in found


def test_opening_counts_as_asking(cast, opened, version):
    assert queries.to_ask(prepared(cast.organisation, version, kind=Kind.PULSE), today()) == []


def test_a_sample_draws_the_share_of_each_unit_rounded_up(teams):
    everyone = with_asked()
    chosen = queries.draw(everyone, everyone, 60, 1, random.Random(SEED))
    assert sum(one.unit == teams[0] for one in chosen) == 5
    assert sum(one.unit == teams[1] for one in chosen) == 4


def test_a_sample_draws_at_least_as_many_as_a_score_needs(teams):
    everyone = with_asked()
    chosen = queries.draw(everyone, everyone, 10, 5, random.Random(SEED))
    assert [sum(one.unit == team for one in chosen) for team in teams] == [5, 5, 2]


def test_who_was_never_asked_comes_first(teams):
    asked(400, "noord-0", "noord-1", "noord-2", "noord-3")
    everyone = with_asked()
    chosen = keys(queries.draw(everyone, everyone, 50, 1, random.Random(SEED)))
    assert {key for key in chosen if "noord" in key} == {"noord-4", "noord-5", "noord-6", "noord-7"}


def test_in_turn_everyone_is_asked_before_anyone_twice(cast, version, teams):
    seen = []
    for turn in range(4):
        held = prepared(cast.organisation, version, kind=Kind.SAMPLE, share=25, rest_days=0, rules={"k": 1})
        found = [one for one in queries.to_ask(held, today()) if one.unit == teams[0]]
        services.add(held, found, today() - timedelta(days=100 - turn))
        seen += [one.key for one in found]
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize(("days", "is_asked"), [(59, False), (60, True), (149, True), (150, False)])
def test_new_colleagues_are_asked_when_they_are_due(cast, version, teams, days, is_asked):
    Employee.objects.filter(key="noord-0").update(start=today() - timedelta(days=days))
    held = prepared(cast.organisation, version, kind=Kind.ONBOARDING, lead_days=60)
    assert bool(queries.to_ask(held, today())) == is_asked


def test_new_colleagues_are_asked_once(cast, version, teams):
    Employee.objects.filter(key="noord-0").update(start=today() - timedelta(days=70))
    held = prepared(cast.organisation, version, kind=Kind.ONBOARDING, lead_days=60)
    services.open_round(held, None)
    assert queries.to_ask(prepared(cast.organisation, version, kind=Kind.ONBOARDING, lead_days=60), today()) == []


@pytest.mark.parametrize(("days", "is_asked"), [(31, False), (30, True), (0, True), (-1, False)])
def test_who_leaves_is_asked_before_the_last_day(cast, version, teams, days, is_asked):
    Employee.objects.filter(key="noord-0").update(end=today() + timedelta(days=days))
    held = prepared(cast.organisation, version, kind=Kind.EXIT, lead_days=30)
    assert bool(queries.to_ask(held, today())) == is_asked


def test_percentages_are_rounded_down_to_steps_of_five():
    assert queries.percentages([(1, 30, 29)], 5) == {None: 95, 1: 95}


def test_nothing_is_shown_of_too_few():
    assert queries.percentages([(1, 2, 1), (2, 2, 1)], 5) == {}


def test_hidden_units_that_are_enough_together_hide_no_other():
    assert set(queries.percentages([(1, 10, 5), (2, 3, 1), (3, 4, 1)], 5)) == {None, 1}


def test_nobody_invited_is_no_response():
    assert queries.percentages([], 5) == {}
