"""Precision is part of the rule: what is shown is rounded once, here."""

import math

import pytest

from bevlogen.core.judged import Combined
from bevlogen.core.linked import Estimate
from bevlogen.core.results import Interval
from bevlogen.disclose import rounding

QUARTER = 0.25


@pytest.mark.parametrize(
    ("scale_range", "step"),
    [(1.0, 0.01), (2.0, 0.01), (3.0, 0.1), (4.0, 0.1), (6.0, 0.1), (10.0, 0.1), (24.0, 0.1), (100.0, 1.0)],
)
def test_the_usual_step_is_at_most_a_thirtieth_of_the_scale(scale_range, step):
    assert rounding.score_step(scale_range, 61, QUARTER) == pytest.approx(step)


@pytest.mark.parametrize(("n", "step"), [(5, 0.2), (9, 0.2), (10, 0.1), (99, 0.1), (100, 0.01), (4, 0.5), (1, 1.0)])
def test_the_sum_of_the_answers_is_known_no_closer_than_the_protected_width(n, step):
    assert rounding.score_step(4.0, n, QUARTER) == pytest.approx(step)


def test_more_protection_makes_coarser_steps():
    assert rounding.score_step(4.0, 9, 0.5) == pytest.approx(0.5)


def test_public_figures_get_the_finest_step():
    assert rounding.score_step(10.0, math.nan, QUARTER, public=True) == pytest.approx(0.01)


def test_an_unknown_scale_has_no_step():
    assert math.isnan(rounding.score_step(math.nan, 8, QUARTER))


def test_steps_of_two_and_five_leave_no_stray_digits():
    assert [rounding.to_step(3.43, step) for step in (0.2, 0.5, 0.05)] == [3.4, 3.5, 3.45]


def test_a_mean_becomes_a_multiple_of_the_step():
    assert rounding.to_step(3.4567, 0.1) == 3.5
    assert rounding.to_step(63.4, 10.0) == 60.0


def test_without_a_step_three_digits_stay():
    assert rounding.to_step(123.456, math.nan) == 123.0


def test_unknown_stays_unknown():
    assert math.isnan(rounding.to_step(math.nan, 0.1))
    assert math.isnan(rounding.significant(math.nan))


def test_figures_of_record_keep_three_significant_digits():
    assert [rounding.significant(x) for x in (0.0512345, 98765.0, 0.0, -1.2345)] == [0.0512, 98800.0, 0.0, -1.23]


def test_there_is_no_minus_zero():
    assert str(rounding.decimals(-0.001, 2)) == "0.0"


def test_intervals_are_rounded_in_all_parts():
    assert rounding.interval(Interval(0.1234, -0.1, 0.26), 1) == Interval(0.1, -0.1, 0.3)


def test_an_estimate_keeps_its_counts_and_its_small_p_value():
    value = Estimate(
        "within", 0.12345, 0.05, 31.27, 0.0211, 0.22, 0.04, 0.2, 1234.5, 211.1, 2222.2, 0.1, 0.2, 0.00001234, 40, 20, 2
    )
    rounded = rounding.estimate(value)
    assert (rounded.estimate, rounded.raw, rounded.p_value) == (0.123, 1230.0, 0.0000123)
    assert (rounded.n_obs, rounded.n_units, rounded.design) == (40, 20, "within")


def test_a_combination_is_rounded():
    rounded = rounding.combined(Combined(0.12345, 0.0456, 0.03, 0.21, 0.0000456, 0.7777, 12.3456))
    assert (rounded.mean, rounded.conflict, rounded.effective_units) == (0.123, 0.0000456, 12.346)
