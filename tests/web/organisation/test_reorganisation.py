"""Units merge, split, move and end; their past stays."""

from datetime import date, timedelta

import pytest

from bevlogen_web.accounts.models import AuditEntry
from bevlogen_web.organisation import queries, reorganisation
from bevlogen_web.organisation.models import Move, Succession, Unit
from bevlogen_web.organisation.reorganisation import Named, RefusedError

DAY = date(2026, 3, 1)


def merged(small):
    return reorganisation.merge([small.north, small.south], Named("Both"), small.whole, DAY, by=small.by)


def test_merged_units_end_and_keep_their_place(small):
    merged(small)
    assert [small.unit(key).end for key in "NS"] == [DAY, DAY]
    assert [small.unit(key).parent for key in "NS"] == [small.whole, small.whole]


def test_new_unit_goes_on_with_employees_and_headcount(small):
    both = merged(small)
    assert (both.start, both.headcount, both.employees.count()) == (DAY, 9, 2)


def test_merge_writes_down_what_goes_on(small):
    both = merged(small)
    assert set(Succession.objects.values_list("old", "new", "on")) == {
        (small.north.pk, both.pk, DAY),
        (small.south.pk, both.pk, DAY),
    }


def test_merge_keeps_the_service_only_if_it_is_the_same(small):
    assert merged(small).service is None


def test_merge_leaves_an_entry_in_the_log(small):
    merged(small)
    assert AuditEntry.objects.filter(organisation=small.organisation, verb="units merged").count() == 1


def test_units_below_move_along_in_a_merge(small):
    child = Unit.objects.create(organisation=small.organisation, key="C", name="Child", parent=small.north)
    both = merged(small)
    assert small.unit("C").parent == both
    assert [(move.before, move.after) for move in child.moves.all()] == [(small.north, both)]


def test_one_unit_cannot_merge(small):
    with pytest.raises(RefusedError, match="at least two"):
        reorganisation.merge([small.north, small.north], Named("Both"), None, DAY, by=small.by)


def test_merged_unit_cannot_lie_below_one_that_ends(small):
    with pytest.raises(RefusedError, match="cannot lie below a unit that ends"):
        reorganisation.merge([small.whole, small.north], Named("Both"), small.south, DAY, by=small.by)


def test_a_refused_merge_changes_nothing(small):
    with pytest.raises(RefusedError, match="with the code W"):
        reorganisation.merge([small.north, small.south], Named("Both", "W"), None, DAY, by=small.by)
    assert small.unit("N").end is None


def test_split_ends_the_unit_and_the_first_part_takes_over(small):
    first, second = reorganisation.split(small.north, [Named("East"), Named("West")], DAY, stays=False, by=small.by)
    assert small.unit("N").end == DAY
    assert (first.employees.count(), second.employees.count()) == (1, 0)
    assert {one.new for one in small.north.successions.all()} == {first, second}


def test_split_beside_a_unit_that_stays(small):
    reorganisation.split(small.north, [Named("East")], DAY, stays=True, by=small.by)
    assert small.unit("N").end is None
    assert small.unit("east").parent == small.whole
    assert small.employee("1").unit == small.north


def test_one_part_is_no_split(small):
    with pytest.raises(RefusedError, match="at least two"):
        reorganisation.split(small.north, [Named("East")], DAY, stays=False, by=small.by)


def test_move_remembers_where_the_unit_lay(small):
    reorganisation.move(small.north, small.south, DAY, by=small.by)
    assert small.unit("N").parent == small.south
    assert [(move.before, move.after, move.on) for move in Move.objects.all()] == [(small.whole, small.south, DAY)]


def test_mending_a_mistake_leaves_no_move(small):
    reorganisation.move(small.north, None, DAY, by=small.by, mistake=True)
    assert small.unit("N").parent is None
    assert not Move.objects.exists()


def test_unit_cannot_move_below_itself(small):
    with pytest.raises(RefusedError, match="cannot lie below itself"):
        reorganisation.move(small.whole, small.north, DAY, by=small.by)


def test_unit_cannot_move_below_one_that_ended(small):
    reorganisation.close(small.south, DAY, heir=None, by=small.by)
    with pytest.raises(RefusedError, match="South has ended"):
        reorganisation.move(small.north, small.unit("S"), DAY, by=small.by)


def test_a_day_to_come_is_refused(small):
    tomorrow = queries.today() + timedelta(days=1)
    with pytest.raises(RefusedError, match="still to come"):
        reorganisation.close(small.north, tomorrow, heir=None, by=small.by)


def test_a_day_before_the_last_move_is_refused(small):
    reorganisation.move(small.north, small.south, DAY, by=small.by)
    with pytest.raises(RefusedError, match="moved after this day"):
        reorganisation.close(small.north, DAY - timedelta(days=1), heir=None, by=small.by)


def test_closing_without_heir_lets_employees_go_and_lifts_what_lies_below(small):
    child = Unit.objects.create(organisation=small.organisation, key="C", name="Child", parent=small.north)
    reorganisation.close(small.north, DAY, heir=None, by=small.by)
    employee = small.employee("1")
    assert (employee.active, employee.end, employee.unit) == (False, DAY, small.north)
    assert small.unit(child.key).parent == small.whole


def test_heir_takes_over_employees(small):
    reorganisation.close(small.north, DAY, heir=small.south, by=small.by)
    employee = small.employee("1")
    assert (employee.active, employee.unit) == (True, small.south)
    assert small.north.successions.get().new == small.south


def test_heir_cannot_lie_below_the_unit(small):
    with pytest.raises(RefusedError, match="cannot be this unit or lie below it"):
        reorganisation.close(small.whole, DAY, heir=small.north, by=small.by)


def test_closed_unit_opens_again(small):
    reorganisation.close(small.north, DAY, heir=small.south, by=small.by)
    reorganisation.reopen(small.unit("N"), by=small.by)
    assert small.unit("N").end is None
    assert not small.north.successions.exists()


def test_unit_below_a_closed_one_does_not_open(small):
    reorganisation.close(small.north, DAY, heir=None, by=small.by)
    reorganisation.close(small.south, DAY, heir=None, by=small.by)
    reorganisation.close(small.whole, DAY, heir=None, by=small.by)
    with pytest.raises(RefusedError, match="The unit above it has ended"):
        reorganisation.reopen(small.unit("N"), by=small.by)


def test_history_tells_the_past_in_order(small):
    both = merged(small)
    reorganisation.move(both, None, date(2026, 5, 1), by=small.by)
    reorganisation.close(both, date(2026, 6, 1), heir=small.whole, by=small.by)
    kinds = [event.kind for event in queries.history(small.unit("both"))]
    assert kinds == ["came from", "moved", "goes on in", "ended"]


def test_codes_are_made_and_never_taken_twice():
    assert reorganisation.free_key("Team Één", ["team-een"]) == "team-een-2"
