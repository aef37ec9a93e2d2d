"""Precision is part of the rule: what is shown is rounded once, here."""

import math

import pytest

from bevlogen.core.results import Combined, Estimate, Interval
from bevlogen.disclose import rounding


@pytest.mark.parametrize(
    ("scale_range", "step"),
    [(1.0, 0.01), (2.0, 0.01), (3.0, 0.1), (4.0, 0.1), (6.0, 0.1), (10.0, 0.1), (24.0, 0.1), (100.0, 1.0)],
)
def test_the_step_is_at_most_a_thirtieth_of_the_scale(scale_range, step):
    assert rounding.score_step(scale_range, 8) == pytest.approx(step)


def test_a_large_group_gets_one_digit_more():
    assert rounding.score_step(4.0, 399) == pytest.approx(0.1)
    assert rounding.score_step(4.0, 400) == pytest.approx(0.01)


def test_public_figures_get_one_digit_more():
    assert rounding.score_step(10.0, math.nan, public=True) == pytest.approx(0.01)


def test_an_unknown_scale_has_no_step():
    assert math.isnan(rounding.score_step(math.nan, 8))


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
