import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models import anova
from bevlogen.testing import reference, shared_folder

EXACT = 1e-10  # closed forms, as the README of the reference values says
SEARCH = 1e-6  # lme4 finds variance components by a derivative-free search: error about 1e-6
HAND = 5e-7  # METHODS gives six decimals
ROUNDING = 1e-9  # the same sums in another order or about another centre

CASES = [m for m in reference("icc_agreement") if m["id"].startswith("icc_")]
LEAD_ITEMS = [f"LEAD{i:02d}" for i in range(1, 12)]

Y = [4, 5, 5, 2, 3, 2, 3, 5, 6, 6, 5, 6]
GROUP = ["a"] * 3 + ["b"] * 4 + ["c"] * 5


def answers(case):
    name, group = case["formula"].split(" by ")
    with gzip.open(shared_folder() / case["data_file"], "rt") as handle:
        rows = list(csv.DictReader(handle))
    columns = [name] if name in rows[0] else LEAD_ITEMS
    return [np.mean([float(r[c]) for c in columns]) for r in rows], [r[group] for r in rows]


@pytest.fixture(scope="module", params=CASES, ids=lambda c: c["id"])
def case(request):
    return request.param, *answers(request.param)


def test_the_hand_sized_example_of_the_methods():
    r = anova.icc(Y, GROUP)
    assert (r.msb, r.msw, r.k, r.icc1, r.icc2) == pytest.approx(
        (10.9, 0.318519, 3.916667, 0.894536, 0.970778), abs=HAND
    )


def test_mean_squares_equal_the_reference(case):
    expected, y, group = case
    r = anova.icc(y, group)
    assert (r.msb, r.msw, r.k) == pytest.approx(
        (expected["MSB"], expected["MSW"], expected["ktilde_unbalanced"]), rel=EXACT
    )
    assert (r.df_between, r.df_within) == (expected["df1"], expected["df2"])
    assert (r.n_obs, r.n_units) == (expected["n_obs"], expected["n_groups"])


def test_iccs_equal_the_reference(case):
    expected, y, group = case
    r = anova.icc(y, group)
    assert (r.icc1, r.icc2) == pytest.approx((expected["ICC1_ktilde"], expected["ICC2_multilevel"]), abs=EXACT)


def test_icc1_of_the_mean_size_follows_from_the_mean_squares(case):
    expected, y, group = case
    r = anova.icc(y, group)
    size = r.n_obs / r.n_units
    at_mean_size = (r.msb - r.msw) / (r.msb + (size - 1) * r.msw)
    assert at_mean_size == pytest.approx(expected["ICC1_multilevel_mean_size"], abs=EXACT)


def test_f_and_eta_squared_follow_from_the_mean_squares(case):
    expected, y, group = case
    r = anova.icc(y, group)
    between = r.msb * r.df_between
    assert r.msb / r.msw == pytest.approx(expected["F"], rel=EXACT)
    assert between / (between + r.msw * r.df_within) == pytest.approx(expected["eta_squared"], rel=EXACT)


def test_reml_components_equal_lme4(case):
    expected, y, group = case
    r = anova.components(y, group)
    assert (r.icc1, r.icc2) == pytest.approx((expected["ICC1_reml"], expected["ICC2_reml_mean_size"]), abs=SEARCH)


def test_the_interval_holds_the_estimate(case):
    _, y, group = case
    r = anova.icc(y, group)
    assert r.icc1_low < r.icc1 < r.icc1_high
    assert r.icc2_low < r.icc2 < r.icc2_high


def test_reml_equals_anova_for_equal_sizes():
    y, group = [1.0, 2, 4, 5, 3, 7], [0, 0, 1, 1, 2, 2]
    assert anova.components(y, group).icc1 == pytest.approx(anova.icc(y, group).icc1, abs=ROUNDING)


def test_an_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(20240101)
    group = np.repeat(np.arange(30), 8)
    draws = [anova.icc(rng.normal(0, 0.5, 30)[group] + rng.normal(0, 1, 240), group) for _ in range(400)]
    covered = np.mean([d.icc1_low <= 0.2 <= d.icc1_high for d in draws])
    assert abs(covered - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 400)


def test_unequal_sizes_lower_the_degrees_of_freedom_that_the_interval_uses():
    r = anova.icc(Y, GROUP)
    share = 1 + np.array([3, 4, 5]) * r.tau2 / r.msw
    assert r.df_effective == pytest.approx(2 * share.sum() ** 2 / (3 * share @ share))


def test_an_interval_covers_the_truth_with_unequal_units_seen_eight_times():
    rng = np.random.default_rng(20240104)
    unit, period = np.repeat(np.arange(20), 8), np.tile(np.arange(8), 20)
    covered = []
    for _ in range(400):
        n = rng.integers(4, 20, 160).astype(float)
        mean = rng.normal(0, 0.5, 20)[unit] + rng.normal(0, 1, 160) / np.sqrt(n)
        r = anova.icc_from_moments(n, n * mean, rng.chisquare(n - 1) + n * mean**2, period, unit=unit)
        covered.append(r.icc1_low <= 0.2 <= r.icc1_high)
    assert abs(np.mean(covered) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 400)


def test_a_negative_icc_is_given_as_zero_with_its_raw_value():
    r = anova.icc([1, 5, 1, 5, 2, 4], [0, 0, 1, 1, 2, 2])
    assert (r.icc1, r.icc2) == (0.0, 0.0)
    assert r.icc1_raw < 0
    assert "below 0" in r.notes[0]


def test_missing_answers_are_left_out():
    assert anova.icc([*Y, np.nan], [*GROUP, "d"]) == anova.icc(Y, GROUP)


def test_one_answer_per_unit_leaves_the_iccs_unknown():
    r = anova.icc([1, 2, 3], ["a", "b", "c"])
    assert np.isnan([r.icc1, r.icc2, r.msw]).all()
    assert "one answer" in r.notes[0]


def test_equal_answers_leave_the_iccs_unknown():
    r = anova.icc([3, 3, 3, 3], ["a", "a", "b", "b"])
    assert np.isnan([r.icc1, r.icc2]).all()
    assert "equal" in r.notes[0]


def test_full_agreement_within_units_gives_one_without_interval():
    r = anova.icc([1, 1, 2, 2], ["a", "a", "b", "b"])
    assert (r.icc1, r.icc2) == (1.0, 1.0)
    assert np.isnan(r.icc1_low)


def test_equal_unit_means_give_zero():
    r = anova.icc([1, 3, 1, 3], ["a", "a", "b", "b"])
    assert (r.icc1, r.icc2) == (0.0, 0.0)


def test_one_unit_is_refused():
    with pytest.raises(NotEstimableError, match="at least two units"):
        anova.icc([1, 2, 3], ["a", "a", "a"])


def test_no_answers_are_refused():
    with pytest.raises(NotEstimableError, match="every value is missing"):
        anova.icc([np.nan, np.nan], ["a", "b"])


def test_unequal_lengths_are_refused():
    with pytest.raises(ShapeError, match="one length"):
        anova.icc([1, 2], ["a"])


def test_reml_of_one_answer_per_unit_is_refused():
    with pytest.raises(NotEstimableError, match="REML"):
        anova.components([1, 2], ["a", "b"])


def test_strata_are_compared_within_themselves():
    first_period = anova.icc([1, 2, 4, 5], [0, 0, 1, 1])
    sums, squares = [3, 9, 23, 29], [5, 41, 265, 421]  # the same answers, and again ten higher in a second period
    pooled = anova.icc_from_moments([2, 2, 2, 2], sums, squares, [0, 0, 1, 1])
    assert (pooled.msb, pooled.msw, pooled.k) == pytest.approx((first_period.msb, first_period.msw, 2.0))


def test_cells_of_one_unit_that_stay_the_same_count_once():
    n, total, squares = np.full(6, 2.0), np.array([2.0, 4, 6, 2, 4, 6]), np.array([3.0, 9, 19, 3, 9, 19])
    r = anova.icc_from_moments(n, total, squares, [0, 0, 0, 1, 1, 1], unit=[0, 1, 2, 0, 1, 2])
    assert (r.df_between, r.df_effective) == (4.0, pytest.approx(2.0))
    assert r.n_units == 3


def test_unit_reliability_is_spearman_brown():
    assert anova.unit_reliability([1, 4, 0, np.nan], 0.2).tolist() == pytest.approx(
        [0.2, 0.5, np.nan, np.nan], nan_ok=True
    )


def test_inputs_stay_unchanged():
    y, group = np.array(Y, dtype=float), np.array(GROUP)
    anova.icc(y, group)
    anova.components(y, group)
    assert y.tolist() == Y
    assert group.tolist() == GROUP


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)), st.floats(-100, 100), st.floats(0.1, 50))
def test_order_and_linear_recoding_change_no_icc(order, shift, factor):
    y = np.array(Y, dtype=float)[order] * factor + shift
    r = anova.icc(y, np.array(GROUP)[order])
    assert r.icc1 == pytest.approx(anova.icc(Y, GROUP).icc1, abs=ROUNDING)
