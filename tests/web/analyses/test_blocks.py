"""Customers' answers enter in blocks that never change."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bevlogen_web.analyses.blocks import last_days

K = 5
FIRST = date(2026, 1, 1)
LATE = FIRST + timedelta(days=400)
DAYS = st.lists(st.integers(0, 30).map(lambda n: FIRST + timedelta(days=n)), max_size=60)


def _entered(days, today):
    end = last_days((("unit", day) for day in days), K, today).get("unit")
    return sorted(day for day in days if end is not None and day <= end)


def test_fewer_than_k_answers_wait():
    assert _entered([FIRST] * 4, LATE) == []


def test_k_answers_enter():
    assert _entered([FIRST] * 5, LATE) == [FIRST] * 5


def test_what_comes_after_a_full_block_waits():
    later = FIRST + timedelta(days=3)
    assert _entered([FIRST] * 5 + [later] * 4, LATE) == [FIRST] * 5


def test_answers_of_today_wait():
    assert _entered([FIRST] * 9, FIRST) == []


def test_groups_do_not_help_each_other():
    days = [(unit, FIRST) for unit in ("a", "b") for _ in range(4)]
    assert last_days(days, K, LATE) == {}


# Drawing is slow only where the machine is busy; that says nothing of the rule.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(days=DAYS, ahead=st.integers(1, 40), more=st.integers(1, 40))
def test_two_pictures_differ_by_nothing_or_by_at_least_k_answers(days, ahead, more):
    before = _entered(days, FIRST + timedelta(days=ahead))
    after = _entered(days, FIRST + timedelta(days=ahead + more))
    assert after[: len(before)] == before
    assert len(after) - len(before) == 0 or len(after) - len(before) >= K
