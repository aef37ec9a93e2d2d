"""Employees from a file: who comes, goes and moves."""

from datetime import date

import pytest

from bevlogen_web.organisation import employee_import
from bevlogen_web.organisation.models import Employee
from bevlogen_web.organisation.reading import read

DAY = date(2026, 3, 1)


def sheet(text: str):
    return read(text.encode(), "employees.csv", employee_import.COLUMNS)


@pytest.fixture
def plan(small):
    return lambda text, **more: employee_import.plan(
        small.organisation, sheet(text), **{"complete": False, "on": DAY, **more}
    )


@pytest.fixture
def apply(small):
    return lambda text, **more: employee_import.apply(
        small.organisation, sheet(text), **{"complete": False, "on": DAY, "by": small.by, **more}
    )


def told(found):
    return [(change.kind, change.row, change.key) for change in found.changes]


def faults(found):
    return [(fault.row, fault.column, fault.found) for fault in found.faults]


def test_plan_tells_who_comes_moves_and_goes(plan):
    found = plan("number;unit\n1;S\n3;N\n", complete=True)
    assert told(found) == [("moved", 2, "1"), ("added", 3, "3"), ("closed", None, "2")]


def test_plan_writes_nothing(plan):
    plan("number;unit\n3;N\n", complete=True)
    assert Employee.objects.filter(active=True).count() == 2


def test_what_was_planned_is_done(apply, small):
    apply("nummer;onderdeel;naam;e-mail;taal;in dienst\n1;S;A;A2@here.example;en;1-2-2020\n3;N;;;;\n", complete=True)
    one, two, three = (small.employee(number) for number in "123")
    assert (one.unit, one.email, one.language, one.start) == (small.south, "a2@here.example", "en-gb", date(2020, 2, 1))
    assert (two.active, two.end) == (False, DAY)
    assert (three.unit, three.email, three.language, three.active) == (small.north, "", "nl", True)


def test_two_people_may_swap_addresses(apply, small):
    apply("number;unit;email\n1;N;b@here.example\n2;S;a@here.example\n")
    assert (small.employee("1").email, small.employee("2").email) == ("b@here.example", "a@here.example")


def test_who_has_left_is_no_longer_asked(apply, small):
    apply("number;unit;end\n1;N;2026-01-31\n")
    assert (small.employee("1").active, small.employee("1").end) == (False, date(2026, 1, 31))


def test_who_leaves_later_is_still_asked(apply, small):
    apply("number;unit;end\n1;N;2999-01-31\n")
    assert small.employee("1").active is True


def test_who_comes_back_is_asked_again(apply, plan, small):
    Employee.objects.filter(key="1").update(active=False, end=date(2026, 1, 1))
    assert told(plan("number;unit\n1;N\n"))[0] == ("back", 2, "1")
    apply("number;unit\n1;N\n")
    assert (small.employee("1").active, small.employee("1").end) == (True, None)


def test_applying_twice_changes_nothing_the_second_time(apply, plan):
    text = "number;unit;name;email;language;start\n3;N;C;c@here.example;nl;1-1-2020\n"
    apply(text)
    assert (told(plan(text)), plan(text).same) == ([], 1)


def test_every_fault_is_told_at_once_with_its_own_column(plan):
    text = "nummer;afdeling;mail;taal;in dienst\n;Q;x;fr;soon\n"
    assert faults(plan(text)) == [
        (2, "nummer", "a row without a number"),
        (2, "mail", "no e-mail address"),
        (2, "afdeling", "there is no such unit"),
        (2, "taal", "an unknown language"),
        (2, "in dienst", "no day"),
    ]


def test_an_address_of_someone_else_is_a_fault(plan):
    assert faults(plan("number;unit;email\n3;N;A@here.example\n")) == [(2, "email", "an address that someone else has")]


def test_faults_never_hold_what_the_cell_holds(plan):
    found = plan("number;unit;email\n3;N;secret-address\n")
    assert "secret-address" not in repr(found.faults)


def test_nothing_of_a_faulty_file_is_written(apply):
    apply("number;unit\n3;N\n4;Q\n", complete=True)
    assert Employee.objects.filter(active=True).count() == 2


def test_end_before_the_known_start_is_a_fault(plan):
    Employee.objects.filter(key="1").update(start=date(2025, 1, 1))
    assert faults(plan("number;unit;end\n1;N;2024-01-01\n")) == [(2, "end", "a day before the first day")]


def test_unit_that_ended_is_a_fault(plan, small):
    small.south.end = DAY
    small.south.save()
    assert faults(plan("number;unit\n1;S\n")) == [(2, "unit", "a unit that has ended")]


def test_plan_asks_whether_a_small_file_is_complete(plan):
    assert any("Is the file complete?" in remark for remark in plan("number;unit\n1;N\n", complete=True).remarks)


def test_plan_counts_who_gets_paper(plan):
    assert plan("number;unit;email\n3;N;\n").remarks[0].startswith("1 employee has no e-mail address")
