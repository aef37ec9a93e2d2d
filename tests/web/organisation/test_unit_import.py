"""Units from a file: what would change is what changes, all of it or nothing."""

from datetime import date

import pytest

from bevlogen_web.organisation import unit_import
from bevlogen_web.organisation.models import Move, Service, Unit
from bevlogen_web.organisation.reading import read

DAY = date(2026, 3, 1)


def sheet(text: str):
    return read(text.encode(), "units.csv", unit_import.COLUMNS)


@pytest.fixture
def plan(small):
    return lambda text, **more: unit_import.plan(
        small.organisation, sheet(text), **{"complete": False, "on": DAY, **more}
    )


@pytest.fixture
def apply(small):
    return lambda text, **more: unit_import.apply(
        small.organisation, sheet(text), **{"complete": False, "on": DAY, "by": small.by, **more}
    )


def told(found):
    return [(change.kind, change.row, change.key) for change in found.changes]


def faults(found):
    return [(fault.row, fault.column, fault.found) for fault in found.faults]


def test_plan_tells_what_is_added_changed_and_moved(plan):
    found = plan("unit;name;parent\nE;East;W\nN;North 2;S\nS;South;W\n")
    assert told(found) == [("added", 2, "E"), ("changed", 3, "N"), ("moved", 3, "N")]
    assert found.same == 1


def test_plan_writes_nothing(plan, small):
    plan("unit;name;service\nE;East;Tram\n")
    assert not Unit.objects.filter(key="E").exists()
    assert not Service.objects.exists()


def test_what_was_planned_is_done(apply, small):
    apply("unit;name;parent;service;co_creation;headcount\nE;East;W;Tram;groot;7\nN;North 2;E;;;\n")
    east, north = small.unit("E"), small.unit("N")
    assert (east.parent, east.service.name, east.co_creation, east.headcount) == (small.whole, "Tram", 0.8, 7)
    assert (north.name, north.parent, north.headcount) == ("North 2", east, None)


def test_new_units_begin_on_the_day(apply, small):
    apply("unit\nE\n")
    assert small.unit("E").start == DAY


def test_very_first_units_have_no_first_day(cast):
    text = sheet("unit;parent\nA;B\nB;\n")
    unit_import.apply(cast.other, text, complete=True, on=DAY, by=None)
    assert set(cast.other.units.values_list("start", flat=True)) == {None}
    assert cast.other.units.get(key="A").parent.key == "B"


def test_a_move_is_remembered(apply, small):
    apply("unit;parent\nN;S\n")
    assert list(Move.objects.values_list("unit", "before", "after", "on")) == [
        (small.north.pk, small.whole.pk, small.south.pk, DAY)
    ]


def test_a_column_that_is_not_there_changes_nothing(apply, small):
    apply("unit;name\nN;North 2\n")
    assert (small.unit("N").headcount, small.unit("N").parent) == (4, small.whole)


def test_applying_twice_changes_nothing_the_second_time(apply, plan):
    text = "unit;name;parent;service;co_creation;headcount;start\nE;East;W;Tram;0,35;7;1-1-2020\n"
    apply(text)
    assert (told(plan(text)), plan(text).same) == ([], 1)


def test_complete_file_closes_what_is_not_in_it(plan, apply, small):
    text = "unit\nW\nN\n"
    assert told(plan(text, complete=True)) == [("closed", None, "S")]
    apply(text, complete=True)
    assert small.unit("S").end == DAY
    assert small.employee("2").active is False


def test_plan_says_that_employees_are_no_longer_asked(plan):
    (remark,) = plan("unit\nW\nN\n", complete=True).remarks
    assert remark.startswith("1 employee of a unit that ends")


def test_a_branch_closes_from_the_bottom_up(apply, small):
    apply("unit;name\nZ;Other\n", complete=True)
    assert [small.unit(key).end for key in "WNS"] == [DAY] * 3
    assert small.unit("N").parent == small.whole
    assert not Move.objects.exists()


def test_end_in_the_file_closes_on_its_own_day(apply, small):
    apply("unit;einddatum\nN;15-02-2026\n")
    assert small.unit("N").end == date(2026, 2, 15)


def test_end_to_come_is_left_for_later(plan):
    assert told(plan("unit;end\nN;2999-01-01\n")) == []


def test_every_fault_is_told_at_once_with_its_own_column(plan):
    text = "code;naam;valt onder;cocreatie;aantal;vanaf\n;A;;;;\nE;B;Q;much;-1;soon\nN;C;W;;;\nN;C;W;;;\n"
    assert faults(plan(text)) == [
        (2, "code", "a row without a code"),
        (3, "cocreatie", "no degree of co-creation"),
        (3, "aantal", "no number of people"),
        (3, "vanaf", "no day"),
        (3, "valt onder", "there is no such unit above it"),
        (5, "code", "a code that also stands in row 4"),
    ]


def test_nothing_of_a_faulty_file_is_written(apply):
    found = apply("unit;headcount\nE;5\nF;many\n")
    assert len(found.faults) == 1
    assert not Unit.objects.filter(key="E").exists()


def test_unknown_parent_is_a_fault(plan):
    assert faults(plan("unit;parent\nE;Q\n")) == [(2, "parent", "there is no such unit above it")]


def test_circle_is_a_fault(plan):
    assert faults(plan("unit;parent\nN;S\nS;N\n")) == [
        (2, "parent", "a unit that lies below itself"),
        (3, "parent", "a unit that lies below itself"),
    ]


def test_unit_below_one_that_closes_is_a_fault(plan):
    assert faults(plan("unit\nN\nS\n", complete=True)) == [
        (2, "parent", "the unit above it ends"),
        (3, "parent", "the unit above it ends"),
    ]


def test_ended_unit_is_a_fault(plan, apply):
    apply("unit\nW\nN\n", complete=True)
    assert faults(plan("unit\nS\n")) == [(2, "unit", "a unit that has ended")]


def test_file_without_codes_is_a_fault(plan):
    assert faults(plan("name\nNorth\n")) == [(1, "unit", "there is no such column")]


def test_service_is_known_by_code_or_name(plan, small):
    Service.objects.create(organisation=small.organisation, key="tram", name="Tram rides")
    assert plan("unit;service\nE;TRAM\nF;tram rides\n").remarks == ()


def test_codes_of_another_organisation_do_not_count(cast, small, plan):
    Unit.objects.create(organisation=cast.other, key="E", name="Elsewhere")
    assert told(plan("unit\nE\n")) == [("added", 2, "E")]
