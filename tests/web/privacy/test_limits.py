"""Whole months go, a shorter period holds at once, a longer one only for what comes later."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bevlogen_web.privacy.limits import Rule, cutoff, months_before

TODAY = date(2026, 11, 20)
ALWAYS = date.min
days = st.dates(date(2000, 1, 1), date(2026, 11, 20))
rules = st.lists(st.tuples(days, st.integers(1, 120)), max_size=6).map(
    lambda later: [Rule(ALWAYS, 24), *(Rule(day, months) for day, months in sorted(later))]
)


@pytest.mark.parametrize(
    ("months", "first"), [(0, date(2026, 11, 1)), (11, date(2025, 12, 1)), (12, date(2025, 11, 1))]
)
def test_months_are_counted_from_the_first_of_the_month(months, first):
    assert months_before(TODAY, months) == first


def test_one_rule_keeps_its_months():
    assert cutoff([Rule(ALWAYS, 12)], TODAY) == date(2025, 11, 1)


def test_a_shorter_period_holds_for_all_there_is():
    assert cutoff([Rule(ALWAYS, 12), Rule(TODAY, 6)], TODAY) == date(2026, 5, 1)


def test_a_longer_period_leaves_the_old_promise_as_it_was():
    assert cutoff([Rule(ALWAYS, 12), Rule(date(2026, 1, 10), 60)], TODAY) == date(2025, 11, 1)


def test_a_longer_period_holds_for_what_came_later():
    assert cutoff([Rule(ALWAYS, 12), Rule(date(2022, 1, 10), 60)], TODAY) == date(2022, 2, 1)


@given(rules)
def test_nothing_is_kept_longer_than_the_period_in_force(known):
    assert cutoff(known, TODAY) >= months_before(TODAY, known[-1].months)


@given(rules)
def test_what_is_let_go_always_ends_with_a_month(known):
    assert cutoff(known, TODAY).day == 1


@given(rules, days)
def test_nothing_let_go_comes_back_by_a_change(known, changed_on):
    later = max(changed_on, known[-1].since)
    assert cutoff([*known, Rule(later, 120)], TODAY) == cutoff(known, TODAY) or later <= cutoff(known, TODAY)
