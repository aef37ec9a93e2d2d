import csv
import gzip
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import shapley
from bevlogen.testing import reference, shared_folder

SAME = 1e-10  # absolute, as the README of the reference values says
ROUNDED = 5e-7  # METHODS prints six decimals
FLOAT = 1e-12  # identities, up to rounding of doubles

CASES = reference("relative_importance")
LEFT_OUT = {
    "ols": "coefficients of the regression itself: belongs to the regression model",
    "lmg_share": "lmg over its sum; the test of relative shares covers it",
    "betasq": "no decomposition of R2",
    "pratt": "a share can be negative; not offered",
    "car": "another correlation-adjusted score; not offered",
    "n": "describes the data",
}

R3 = np.array([[1, 0.5, 0.3], [0.5, 1, 0.2], [0.3, 0.2, 1]])
r3 = np.array([0.4, 0.3, 0.35])


def correlations(case):
    with gzip.open(shared_folder() / case["data_file"], "rt") as handle:
        rows = list(csv.DictReader(handle))
    names = [*case["predictors"], case["formula"].split(" ~ ")[0]]
    C = np.corrcoef(np.array([[float(row[n]) for n in names] for row in rows]).T)
    return C[:-1, :-1], C[:-1, -1]


def simulated(seed, p, n=60):
    X = np.random.default_rng(seed).normal(size=(n, p + 1))
    X[:, 1:] += 0.5 * X[:, :1]
    X[:, -1] += X[:, :-1] @ np.linspace(0.2, 1, p)
    C = np.corrcoef(X.T)
    return C[:-1, :-1], C[:-1, -1]


def clusters(seed, J=40, n=25, effects=(0.5, 0.5)):
    """Cross-products of [1, X, y] per cluster of n rows."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(J, n, len(effects))) + 0.5 * rng.normal(size=(J, 1, len(effects)))
    y = X @ np.array(effects) + 0.3 * rng.normal(size=(J, 1)) + rng.normal(size=(J, n))
    W = np.concatenate([np.ones((J, n, 1)), X, y[:, :, None]], axis=2)
    return W.transpose(0, 2, 1) @ W


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
class TestAgainstRelaimpo:
    def test_r2(self, case):
        assert shapley.lmg(*correlations(case)).r2 == pytest.approx(case["R2"], abs=SAME)

    def test_lmg(self, case):
        np.testing.assert_allclose(shapley.lmg(*correlations(case)).shares, case["lmg"], atol=SAME, rtol=0)

    def test_relative_lmg(self, case):
        np.testing.assert_allclose(shapley.lmg(*correlations(case)).relative, case["lmg_share"], atol=SAME, rtol=0)

    def test_johnson(self, case):
        found = shapley.johnson(*correlations(case)).shares
        np.testing.assert_allclose(found, case["johnson_relative_weights"], atol=SAME, rtol=0)
        np.testing.assert_allclose(found, case["genizi"], atol=SAME, rtol=0)

    def test_conditional_dominance(self, case):
        found = shapley.dominance(*correlations(case)).conditional
        np.testing.assert_allclose(found, case["conditional_dominance_rows_are_subset_sizes"], atol=SAME, rtol=0)

    def test_entering_first_or_last(self, case):
        found = shapley.dominance(*correlations(case)).conditional
        np.testing.assert_allclose(found[0], case["first"], atol=SAME, rtol=0)
        np.testing.assert_allclose(found[-1], case["last"], atol=SAME, rtol=0)

    def test_complete_dominance(self, case):
        found = shapley.dominance(*correlations(case)).complete
        np.testing.assert_array_equal(found, np.array(case["complete_dominance_1_row_dominates_column"], float))

    def test_r2_of_every_subset(self, case):
        found = shapley.dominance(*correlations(case)).subset_r2
        bit = {name: 1 << j for j, name in enumerate(case["predictors"])}
        subsets = [sum(bit[n] for n in s.split("|") if n) for s in case["all_subset_R2"]["subset"]]
        np.testing.assert_allclose(found[subsets], case["all_subset_R2"]["R2"], atol=SAME, rtol=0)

    def test_every_entry_is_tested_or_named(self, case):
        tested = {"R2", "lmg", "johnson_relative_weights", "genizi", "first", "last", "all_subset_R2"}
        tested |= {"conditional_dominance_rows_are_subset_sizes", "complete_dominance_1_row_dominates_column"}
        said = {"id", "kind", "data_file", "formula", "package", "version", "predictors"}
        assert set(case) == tested | said | set(LEFT_OUT)


def test_worked_example_of_lmg():
    found = shapley.lmg(R3, r3)
    np.testing.assert_allclose(found.shares, [0.100075, 0.044811, 0.083460], atol=ROUNDED)
    assert found.r2 == pytest.approx(0.228346, abs=ROUNDED)


def test_worked_example_of_johnson():
    np.testing.assert_allclose(shapley.johnson(R3, r3).shares, [0.098654, 0.044885, 0.084807], atol=ROUNDED)


def test_lmg_is_the_mean_over_all_orders_of_entry():
    R, r = simulated(3, 4)
    r2 = shapley.dominance(R, r).subset_r2
    gains = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        entered = 0
        for j in order:
            gains[j] += r2[entered | 1 << j] - r2[entered]
            entered |= 1 << j
    np.testing.assert_allclose(shapley.lmg(R, r).shares, gains / len(orders), atol=FLOAT)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 7))
def test_shares_sum_to_r2(seed, p):
    R, r = simulated(seed, p)
    r2 = r @ np.linalg.solve(R, r)
    assert shapley.lmg(R, r).shares.sum() == pytest.approx(r2, abs=SAME)
    assert shapley.johnson(R, r).shares.sum() == pytest.approx(r2, abs=SAME)
    assert shapley.owen(R, r, [k % 3 for k in range(p)]).shares.sum() == pytest.approx(r2, abs=SAME)


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(5)), seed=st.integers(0, 1000))
def test_relabelling_predictors_relabels_shares(order, seed):
    R, r = simulated(seed, 5)
    moved = shapley.lmg(R[np.ix_(order, order)], r[order]).shares
    np.testing.assert_allclose(moved, shapley.lmg(R, r).shares[order], atol=FLOAT)


@settings(max_examples=25, deadline=None)
@given(signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=5, max_size=5))
def test_reversing_a_scale_changes_no_share(signs):
    R, r = simulated(1, 5)
    turned = shapley.lmg(R * np.outer(signs, signs), r * signs).shares
    np.testing.assert_allclose(turned, shapley.lmg(R, r).shares, atol=FLOAT)


@settings(max_examples=25, deadline=None)
@given(rho=st.floats(-0.9, 0.9), a=st.floats(-0.2, 0.2), b=st.floats(-0.2, 0.2))
def test_johnson_equals_lmg_for_two_predictors(rho, a, b):
    R = np.array([[1, rho], [rho, 1]])
    np.testing.assert_allclose(shapley.johnson(R, [a, b]).shares, shapley.lmg(R, [a, b]).shares, atol=SAME)


def test_uncorrelated_predictors_get_their_squared_correlation():
    r = np.array([0.6, -0.3, 0.0])
    np.testing.assert_allclose(shapley.lmg(np.eye(3), r).shares, r**2, atol=FLOAT)


def test_one_predictor_gets_everything():
    assert shapley.lmg([[1.0]], [0.4]).relative[0] == 1


def test_nothing_explained_has_no_relative_shares():
    assert np.isnan(shapley.lmg(np.eye(2), [0.0, 0.0]).relative).all()


def test_fifteen_predictors_agree_with_johnson_in_sum():
    R, r = simulated(8, 15, n=400)
    assert shapley.lmg(R, r).shares.sum() == pytest.approx(shapley.johnson(R, r).r2, abs=SAME)


def test_groups_of_one_predictor_give_lmg():
    R, r = simulated(4, 5)
    np.testing.assert_allclose(shapley.owen(R, r, "abcde").shares, shapley.lmg(R, r).shares, atol=FLOAT)


def test_one_group_gives_lmg():
    R, r = simulated(4, 5)
    np.testing.assert_allclose(shapley.owen(R, r, "aaaaa").shares, shapley.lmg(R, r).shares, atol=FLOAT)


def test_owen_is_the_mean_over_orders_that_keep_groups_together():
    R, r = simulated(5, 4)
    r2 = shapley.dominance(R, r).subset_r2
    orders = [o for o in permutations(range(4)) if abs(o.index(0) - o.index(2)) == 1]
    gains = np.zeros(4)
    for order in orders:
        entered = 0
        for j in order:
            gains[j] += r2[entered | 1 << j] - r2[entered]
            entered |= 1 << j
    np.testing.assert_allclose(shapley.owen(R, r, "abac").shares, gains / len(orders), atol=FLOAT)


def test_the_share_of_a_group_is_the_sum_of_its_members():
    found = shapley.owen(*simulated(6, 5), ["craft", "conduct", "craft", "conduct", "other"])
    assert found.groups == ("craft", "conduct", "other")
    sums = [found.shares[[0, 2]].sum(), found.shares[[1, 3]].sum(), found.shares[4]]
    np.testing.assert_allclose(found.group_shares, sums, atol=FLOAT)


def test_general_dominance_is_lmg():
    R, r = simulated(7, 5)
    np.testing.assert_allclose(shapley.dominance(R, r).general, shapley.lmg(R, r).shares, atol=FLOAT)


def test_equal_predictors_do_not_dominate_each_other():
    found = shapley.dominance([[1, 0.3], [0.3, 1]], [0.4, 0.4])
    assert found.complete[0, 1] == 0.5


def test_disattenuation_recovers_the_correlations_of_true_scores():
    reliability = np.array([0.9, 0.7, 0.8])
    noise = np.sqrt(np.outer(reliability, reliability))
    observed = R3 * noise
    np.fill_diagonal(observed, 1)
    found = shapley.disattenuate(observed, r3 * np.sqrt(reliability * 0.6), reliability, 0.6)
    np.testing.assert_allclose(found.R, R3, atol=FLOAT)
    np.testing.assert_allclose(found.r, r3, atol=FLOAT)


def test_a_correction_that_cannot_be_is_refused():
    with pytest.raises(NotEstimableError, match="cannot occur together") as refusal:
        shapley.disattenuate([[1, 0.6], [0.6, 1]], [0.3, 0.3], [0.5, 0.6])
    assert refusal.value.why == "noise-cause"


def test_an_outcome_corrected_beyond_one_is_refused():
    with pytest.raises(NotEstimableError, match="cannot occur together"):
        shapley.disattenuate(np.eye(2), [0.6, 0.6], 0.5, 0.8)


def test_bootstrap_keeps_the_estimate_inside_its_interval():
    found = shapley.cluster_bootstrap(clusters(1), np.random.default_rng(2), n_boot=400)
    assert np.all((found.low < found.shares) & (found.shares < found.high))
    assert np.all((found.relative_low < found.relative) & (found.relative < found.relative_high))
    assert found.r2_low < found.r2 < found.r2_high


def test_bootstrap_from_moments_estimates_what_lmg_estimates_from_rows():
    rng = np.random.default_rng(3)
    W = np.column_stack([np.ones(300), rng.normal(size=(300, 3)) @ rng.normal(size=(3, 3)) + 5])
    cross = np.array([part.T @ part for part in np.split(W, 30)])
    C = np.corrcoef(W[:, 1:].T)
    found = shapley.cluster_bootstrap(cross, rng, n_boot=50)
    np.testing.assert_allclose(found.shares, shapley.lmg(C[:-1, :-1], C[:-1, -1]).shares, atol=1e-9)


def test_jackknife_leaves_each_cluster_out():
    cross = clusters(4, J=6)
    found = shapley.cluster_bootstrap(cross, np.random.default_rng(1), n_boot=50, interval="bca")
    without = shapley.cluster_bootstrap(cross[1:], np.random.default_rng(1), n_boot=50)
    np.testing.assert_allclose(found.jackknife[0], without.shares, atol=SAME)


def test_recoding_a_scale_changes_no_interval():
    scale = np.diag([1.0, 10.0, 0.1, 3.0])
    cross = clusters(5)
    a = shapley.cluster_bootstrap(cross, np.random.default_rng(1), n_boot=200)
    b = shapley.cluster_bootstrap(scale @ cross @ scale, np.random.default_rng(1), n_boot=200)
    np.testing.assert_allclose(a.low, b.low, atol=SAME)
    np.testing.assert_allclose(a.high, b.high, atol=SAME)


def test_limits_reach_further_out_with_few_clusters():
    cross = clusters(6, J=9)
    found = shapley.cluster_bootstrap(cross, np.random.default_rng(1), n_boot=200)
    tail = stats.norm.cdf(-np.sqrt(9 / 8) * stats.t.ppf(0.975, 8))
    np.testing.assert_allclose(found.low, np.quantile(found.draws, tail, axis=0))
    np.testing.assert_allclose(found.high, np.quantile(found.draws, 1 - tail, axis=0))


def test_bca_limits_move_with_bias_and_skew():
    """Efron's formula, written out for the first share."""
    found = shapley.cluster_bootstrap(clusters(6, J=30), np.random.default_rng(1), n_boot=300, interval="bca")
    draws, off = found.draws[:, 0], found.jackknife[:, 0].mean() - found.jackknife[:, 0]
    z0 = stats.norm.ppf((draws < found.shares[0]).mean())
    a = (off**3).sum() / (6 * (off**2).sum() ** 1.5)
    z = z0 - np.sqrt(30 / 29) * stats.t.ppf(0.975, 29)
    assert found.low[0] == pytest.approx(np.quantile(draws, stats.norm.cdf(z0 + z / (1 - a * z))))


def test_grouped_bootstrap_estimates_the_shares_of_groups():
    cross = clusters(7, effects=(0.5, 0.3, 0.2))
    found = shapley.cluster_bootstrap(cross, np.random.default_rng(1), n_boot=100, grouping="aba")
    total = cross.sum(axis=0)
    mean = total[0, 1:] / total[0, 0]
    S = total[1:, 1:] / total[0, 0] - np.outer(mean, mean)
    C = S / np.sqrt(np.outer(np.diag(S), np.diag(S)))
    expected = shapley.owen(C[:-1, :-1], C[:-1, -1], "aba").group_shares
    np.testing.assert_allclose(found.shares, expected, atol=SAME)


def test_resamples_beyond_repair_are_refused():
    cross = clusters(8, J=4, n=3)
    with pytest.raises(NotEstimableError, match="resamples have no answer"):
        shapley.cluster_bootstrap(cross, np.random.default_rng(1), n_boot=200, reliability_x=0.75, reliability_y=0.8)


def test_equal_shares_are_found_equivalent():
    found = shapley.cluster_bootstrap(clusters(9, J=200), np.random.default_rng(1), n_boot=500)
    answer = shapley.compare(found, 0, 1, margin=0.15)
    assert answer.equivalent
    assert answer.low < 0 < answer.high
    assert answer.low < answer.low90 < answer.high90 < answer.high


def test_unequal_shares_are_found_different():
    found = shapley.cluster_bootstrap(clusters(10, effects=(0.7, 0.2)), np.random.default_rng(1), n_boot=500)
    answer = shapley.compare(found, 0, 1, margin=0.1)
    assert answer.low > 0
    assert not answer.equivalent


def test_a_difference_is_minus_the_reverse_difference():
    found = shapley.cluster_bootstrap(clusters(11), np.random.default_rng(1), n_boot=300)
    a, b = shapley.compare(found, 0, 1, margin=0.1), shapley.compare(found, 1, 0, margin=0.1)
    assert a.difference == pytest.approx(-b.difference, abs=FLOAT)
    assert a.low == pytest.approx(-b.high, abs=FLOAT)
    assert a.equivalent == b.equivalent


def test_sums_of_shares_can_be_compared():
    found = shapley.cluster_bootstrap(clusters(12, effects=(0.5, 0.3, 0.2)), np.random.default_rng(1), n_boot=100)
    answer = shapley.compare(found, [0, 2], 1, margin=0.1, relative=False)
    assert answer.difference == pytest.approx(found.shares[0] + found.shares[2] - found.shares[1], abs=FLOAT)


def test_inputs_stay_as_they_are():
    R, r, cross = R3.copy(), r3.copy(), clusters(1, effects=(0.1, 0.2, 0.3))
    before = cross.copy()
    shapley.lmg(R, r), shapley.johnson(R, r), shapley.owen(R, r, "aab"), shapley.dominance(R, r)
    shapley.disattenuate(R, r, [0.9, 0.9, 0.9], 0.9)
    shapley.cluster_bootstrap(cross, np.random.default_rng(1), n_boot=20, reliability_x=0.95)
    np.testing.assert_array_equal(R, R3)
    np.testing.assert_array_equal(r, r3)
    np.testing.assert_array_equal(cross, before)


@pytest.mark.parametrize(
    ("R", "r", "error", "says"),
    [
        (np.eye(3), [0.1, 0.2], ShapeError, r"R must be \(p, p\)"),
        ([[1, np.nan], [np.nan, 1]], [0.1, 0.2], ShapeError, "missing"),
        ([[2, 0.1], [0.1, 1]], [0.1, 0.2], ShapeError, "not a correlation matrix"),
        ([[1, 1], [1, 1]], [0.1, 0.1], NotEstimableError, "collinear"),
        (np.eye(2), [0.9, 0.9], NotEstimableError, "more than all variance"),
        (np.eye(16), np.full(16, 0.1), NotEstimableError, "at most 15.*johnson"),
    ],
)
def test_what_cannot_be_divided_is_said_in_a_sentence(R, r, error, says):
    with pytest.raises(error, match=says):
        shapley.lmg(R, r)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"interval": "normal"}, ChoiceError, "Choose one of: percentile, bca"),
        ({"grouping": "abc"}, ShapeError, "3 labels for 2 predictors"),
        ({"reliability_x": [0.8]}, ShapeError, "one reliability per predictor"),
        ({"reliability_x": 0.0}, ShapeError, "above 0"),
        ({"cross": clusters(1)[0]}, ShapeError, r"\(J, p \+ 2, p \+ 2\)"),
        ({"cross": clusters(1) * np.nan}, ShapeError, "missing"),
        ({"cross": clusters(1)[:2]}, NotEstimableError, "at least 3 clusters"),
        ({"cross": clusters(1) * np.outer([1, 0, 1, 1], [1, 0, 1, 1])}, NotEstimableError, "does not vary"),
    ],
)
def test_what_cannot_be_resampled_is_said_in_a_sentence(change, error, says):
    with pytest.raises(error, match=says):
        shapley.cluster_bootstrap(**{"cross": clusters(1), "rng": np.random.default_rng(1), "n_boot": 20, **change})


@pytest.mark.parametrize(("i", "j", "margin"), [(0, 0, 0.1), (0, 2, 0.1), (-1, 0, 0.1), (0, 1, 0.0)])
def test_a_comparison_without_sense_is_refused(i, j, margin):
    found = shapley.cluster_bootstrap(clusters(1), np.random.default_rng(1), n_boot=20)
    with pytest.raises(ShapeError):
        shapley.compare(found, i, j, margin)


@pytest.mark.slow
def test_intervals_cover_the_true_relative_share():
    """300 samples of 60 clusters: 95 % nominal; the bound is 4 Monte Carlo standard errors below 93 %."""
    covered = 0
    for seed in range(300):
        found = shapley.cluster_bootstrap(clusters(seed, J=60), np.random.default_rng(seed), n_boot=600)
        covered += found.relative_low[0] <= 0.5 <= found.relative_high[0]
    assert covered / 300 > 0.93 - 4 * np.sqrt(0.93 * 0.07 / 300)
