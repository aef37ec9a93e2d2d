"""Which units there are on a day, and who may see which."""

from datetime import date

import pytest

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation import queries
from bevlogen_web.organisation.models import Employee, ManagedUnit, Unit


@pytest.fixture
def tree(cast) -> dict[str, Unit]:
    """Whole > region > team; team ended in 2024, and its successor lies beside it."""
    whole = Unit.objects.create(organisation=cast.organisation, key="W", name="Whole")
    region = Unit.objects.create(organisation=cast.organisation, key="R", name="Region", parent=whole)
    team = Unit.objects.create(
        organisation=cast.organisation, key="T", name="Team", parent=region, end=date(2024, 7, 1)
    )
    after = Unit.objects.create(
        organisation=cast.organisation, key="A", name="After", parent=region, start=date(2024, 7, 1)
    )
    Unit.objects.create(organisation=cast.other, key="X", name="Elsewhere")
    return {"W": whole, "R": region, "T": team, "A": after}


def keys(units):
    return {unit.key for unit in units}


def test_unit_is_there_until_the_day_it_ends(cast, tree):
    assert keys(queries.units_of(cast.organisation, on=date(2024, 6, 30))) == {"W", "R", "T"}


def test_unit_is_there_from_the_day_it_starts(cast, tree):
    assert keys(queries.units_of(cast.organisation, on=date(2024, 7, 1))) == {"W", "R", "A"}


def test_without_a_day_today_counts(cast, tree):
    assert keys(queries.units_of(cast.organisation)) == {"W", "R", "A"}


def test_director_sees_every_unit_of_the_organisation(cast, tree):
    assert keys(queries.visible_units(cast.members[Role.DIRECTOR])) == {"W", "R", "T", "A"}


def test_manager_without_units_sees_none(cast, tree):
    assert keys(queries.visible_units(cast.members[Role.MANAGER])) == set()


def test_manager_sees_own_unit_and_all_below(cast, tree):
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=tree["R"])
    assert keys(queries.visible_units(cast.members[Role.MANAGER])) == {"R", "T", "A"}


def test_stranger_sees_only_the_other_organisation(cast, tree):
    assert keys(queries.visible_units(cast.stranger)) == {"X"}


def test_descendants_leave_the_unit_out(tree):
    assert keys(queries.descendants(tree["W"])) == {"R", "T", "A"}


def test_ancestors_run_from_the_top_down(tree):
    assert [unit.key for unit in queries.ancestors(tree["T"])] == ["W", "R"]


def test_a_circle_in_the_tree_does_not_run_on(tree):
    Unit.objects.filter(pk=tree["W"].pk).update(parent=tree["T"])
    assert keys(queries.descendants(tree["W"])) == {"R", "T", "A"}
    assert [unit.key for unit in queries.ancestors(tree["T"])] == ["W", "R"]


def test_people_are_counted_when_no_headcount_was_given(cast, tree):
    for number in "12":
        Employee.objects.create(organisation=cast.organisation, unit=tree["A"], key=number, language="nl")
    Employee.objects.create(organisation=cast.organisation, unit=tree["A"], key="3", language="nl", active=False)
    assert queries.with_people(queries.units_of(cast.organisation)).get(key="A").people == 2
