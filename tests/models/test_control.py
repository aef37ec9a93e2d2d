"""Control charts: limits of one new figure from its own past, and alarms over many series at once."""

import numpy as np
import pytest
from scipy import stats

from bevlogen.models.control import charts

PAST = [5.0, 5.2, 4.9, 5.1, 5.3]
NAN = float("nan")
EXACT = 1e-12  # both are the same closed form
FALSE_AT_MOST = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)  # three Monte Carlo errors of 400 runs


def test_limits_are_those_of_one_future_observation():
    found = charts([[*PAST, 5.1]])
    mean, s = np.mean(PAST), np.std(PAST, ddof=1)
    half = stats.t.ppf(0.975, 4) * s * np.sqrt(1 + 1 / 5)
    assert found.centre[0] == pytest.approx(mean, rel=EXACT)
    assert (found.low[0], found.high[0]) == pytest.approx((mean - half, mean + half), rel=EXACT)


def test_a_figure_on_the_limit_has_p_of_one_in_twenty():
    high = charts([[*PAST, 5.1]]).high[0]
    assert charts([[*PAST, high]]).p_value[0] == pytest.approx(0.05, rel=1e-9)


def test_missing_figures_are_left_out():
    gap = charts([[5.0, NAN, 5.2, 4.9, NAN, 5.1, 5.3, 5.1, NAN]])
    assert gap.newest[0] == 7
    assert gap.centre[0] == charts([[*PAST, 5.1]]).centre[0]


def test_a_short_past_tells_nothing():
    found = charts([[5.0, 5.1, 9.0, NAN, NAN, NAN]])
    assert found.newest[0] == -1
    assert np.isnan([found.centre[0], found.low[0], found.p_value[0], found.q_value[0]]).all()


def test_a_series_that_never_moved_is_held_against_its_rounding():
    flat = [[4.0] * 7 + [4.5]]
    assert charts(flat).p_value[0] == 0
    assert charts(flat, step=0.5).p_value[0] > 0.01


def test_order_of_series_does_not_matter():
    rows = np.random.default_rng(1).normal(size=(9, 8))
    order = np.random.default_rng(2).permutation(9)
    assert charts(rows[order]).q_value == pytest.approx(charts(rows).q_value[order])


def test_shift_and_scale_do_not_matter():
    rows = np.random.default_rng(3).normal(size=(5, 8))
    assert charts(3 + 2 * rows).p_value == pytest.approx(charts(rows).p_value)


def test_input_is_unchanged():
    rows = np.random.default_rng(4).normal(size=(5, 8))
    kept = rows.copy()
    charts(rows)
    assert (rows == kept).all()


def test_without_a_change_a_thousand_series_sound_an_alarm_in_one_run_of_twenty_at_most():
    draws = np.random.default_rng(5)
    false = [(charts(draws.normal(size=(1000, 8))).q_value < 0.05).any() for _ in range(400)]
    assert np.mean(false) <= FALSE_AT_MOST
