import math

import pytest

from bevlogen.steer import power

# The published table is rounded to two decimals.
TABLE = 0.005


@pytest.mark.parametrize(
    ("units", "detectable"), [(20, 0.59), (30, 0.49), (50, 0.39), (100, 0.28), (200, 0.20), (400, 0.14), (800, 0.10)]
)
def test_detectable_correlation_equals_the_published_table(units, detectable):
    assert power.detectable_correlation(units) == pytest.approx(detectable, abs=TABLE)


def test_three_units_can_detect_nothing():
    assert math.isnan(power.detectable_correlation(3))


def test_detectable_effect_with_many_units_is_2_80_standard_errors():
    assert power.detectable_effect(0.1) == pytest.approx(0.2801585, abs=1e-7)


def test_few_degrees_of_freedom_raise_the_detectable_effect():
    # t(.975, 5) + t(.80, 5) = 2.570582 + 0.919544 (tables of Student's t).
    assert power.detectable_effect(1.0, 5) == pytest.approx(3.490126, abs=1e-6)


def test_half_the_effect_needs_four_times_the_units():
    assert power.units_needed(40, 0.4, 0.2) == 160


def test_waves_count_changes():
    assert power.waves_needed(3, 0.4, 0.2) == 9


def test_answers_follow_spearman_brown():
    assert power.answers_factor(0.35, 0.70) == pytest.approx(13 / 3)


@pytest.mark.parametrize("reliability", [math.nan, 0.0, -0.1])
def test_no_factor_without_a_reliability(reliability):
    assert math.isnan(power.answers_factor(reliability))
