import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models import asymmetry, ceiling

T395, T399, T7 = stats.t.ppf(0.975, [395, 399, 7])
SAME = 1e-9  # identities, up to rounding of doubles


def judged(seed, n=400, penalties=(-1.0, -0.2), rewards=(0.2, 1.0), noise=0.5):
    """Scores 1 to 5, each a fifth of the rows, and a judgement with known penalties and rewards."""
    rng = np.random.default_rng(seed)
    X = rng.permuted(np.tile(np.arange(n) % 5 + 1.0, (2, 1)), axis=1).T
    y = 4 + (X == 1) @ np.array(penalties) + (X == 5) @ np.array(rewards) + noise * rng.normal(size=n)
    return X, y


def dummy_design(X):
    return np.column_stack([np.ones(len(X)), X == 1, X == 5])


def test_known_penalties_and_rewards_are_found():
    found = asymmetry.penalty_reward(*judged(1, noise=0.0001))
    np.testing.assert_allclose(found.penalty, [-1, -0.2], atol=0.001)
    np.testing.assert_allclose(found.reward, [0.2, 1], atol=0.001)
    np.testing.assert_allclose(found.asymmetry, [-0.8 / 1.2, 0.8 / 1.2], atol=0.002)


def test_quintiles_are_cut_at_observed_scores():
    found = asymmetry.penalty_reward(*judged(1))
    np.testing.assert_array_equal(found.cut_low, [1, 1])
    np.testing.assert_array_equal(found.cut_high, [5, 5])
    np.testing.assert_allclose(found.share_low, 0.2)
    np.testing.assert_allclose(found.share_high, 0.2)


def test_a_middle_score_always_remains():
    x = np.repeat([1.0, 2, 3, 4, 5], [1, 1, 8, 45, 45])
    found = asymmetry.penalty_reward(x, np.random.default_rng(1).normal(size=100), low=0.5, high=0.6)
    assert (found.cut_low[0], found.cut_high[0]) == (3, 5)


def test_errors_of_single_rows_are_hc3():
    X, y = judged(2)
    D = dummy_design(X)
    inverse = np.linalg.inv(D.T @ D)
    b = inverse @ D.T @ y
    weight = ((y - D @ b) / (1 - np.einsum("ij,jk,ik->i", D, inverse, D))) ** 2
    se = np.sqrt(np.diag(inverse @ (D.T * weight) @ D @ inverse))
    found = asymmetry.penalty_reward(X, y)
    half = (found.penalty_high - found.penalty_low) / 2
    np.testing.assert_allclose(half, T395 * se[1:3], rtol=1e-6)
    assert found.df == 395


def test_each_row_its_own_cluster_gives_the_same_errors():
    X, y = judged(3)
    rows, units = asymmetry.penalty_reward(X, y), asymmetry.penalty_reward(X, y, np.arange(len(y)))
    ratio = (units.penalty_high - units.penalty_low) / (rows.penalty_high - rows.penalty_low)
    np.testing.assert_allclose(ratio, T399 / T395, rtol=1e-6)


def test_errors_of_clusters_are_what_leaving_each_out_moves():
    X, y = judged(4)
    group = np.arange(400) % 8
    D = dummy_design(X)
    b = np.linalg.lstsq(D, y)[0]
    moved = np.array([np.linalg.lstsq(D[group != g], y[group != g])[0] - b for g in range(8)])
    se = np.sqrt((moved**2).sum(axis=0))
    found = asymmetry.penalty_reward(X, y, group)
    np.testing.assert_allclose((found.reward_high - found.reward_low) / 2, T7 * se[3:], rtol=1e-6)
    assert (found.df, found.n_clusters) == (7, 8)


def test_limits_of_the_index_hold_it():
    found = asymmetry.penalty_reward(*judged(5))
    assert np.all((found.asymmetry_low < found.asymmetry) & (found.asymmetry < found.asymmetry_high))


def test_limits_of_the_index_solve_fieller():
    """At a limit k, reward + penalty - k (reward - penalty) lies exactly t standard errors from zero."""
    X, y = judged(6)
    found = asymmetry.penalty_reward(X, y)
    D = dummy_design(X)
    inverse = np.linalg.inv(D.T @ D)
    e = (y - D @ (inverse @ D.T @ y)) / (1 - np.einsum("ij,jk,ik->i", D, inverse, D))
    off = (D @ inverse) * e[:, None]
    k = found.asymmetry_low[0]
    weights = np.array([0, 1 + k, 0, 1 - k, 0])
    value = (1 + k) * found.penalty[0] + (1 - k) * found.reward[0]
    assert value / np.sqrt(((off @ weights) ** 2).sum()) == pytest.approx(T395, rel=1e-6)


def test_no_effect_leaves_the_index_open():
    X, _ = judged(7)
    found = asymmetry.penalty_reward(X, np.random.default_rng(1).normal(size=400))
    assert (found.asymmetry_low[0], found.asymmetry_high[0]) == (-1, 1)


def test_an_attribute_that_works_the_wrong_way_has_no_index():
    found = asymmetry.penalty_reward(*judged(8, penalties=(1.0, -1.0), rewards=(-1.0, 1.0), noise=0.1))
    assert np.isnan(found.asymmetry[0])
    assert found.asymmetry[1] == pytest.approx(0, abs=0.1)


def test_an_effect_of_the_unexpected_sign_counts_as_none():
    found = asymmetry.penalty_reward(*judged(9, penalties=(-1.0, -1.0), rewards=(-0.3, 1.0), noise=0.1))
    assert found.asymmetry[0] == -1


def test_other_rules_tell_the_same_of_a_clear_attribute():
    found = asymmetry.penalty_reward(*judged(10, n=2000))
    assert [c.rule for c in found.sensitivity] == ["0.10/0.90", "0.25/0.75", "0.33/0.67", "spline"]
    index = np.array([c.asymmetry for c in found.sensitivity])
    assert np.all(index[:, 0] < -0.2)
    assert np.all(index[:, 1] > 0.2)


def test_a_straight_effect_has_no_asymmetry_by_spline():
    x = np.arange(50.0)
    spline = asymmetry.penalty_reward(x, 2 * x + np.tile([0.1, -0.1], 25)).sensitivity[-1]
    assert spline.penalty[0] == pytest.approx(-25, rel=0.01)
    assert spline.asymmetry[0] == pytest.approx(0, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(a=st.floats(-100, 100), b=st.floats(0.01, 100), c=st.floats(0.01, 100))
def test_recoding_leaves_the_index(a, b, c):
    X, y = judged(11)
    one, other = asymmetry.penalty_reward(X, y), asymmetry.penalty_reward(a + c * X, a + b * y)
    np.testing.assert_allclose(other.penalty, b * one.penalty, rtol=1e-6)
    np.testing.assert_allclose(other.asymmetry, one.asymmetry, atol=1e-6)
    np.testing.assert_allclose(other.asymmetry_low, one.asymmetry_low, atol=1e-6)


def test_turning_scale_and_judgement_swaps_penalty_and_reward():
    X, y = judged(12)
    one, turned = asymmetry.penalty_reward(X, y), asymmetry.penalty_reward(6 - X, -y)
    np.testing.assert_allclose(turned.reward, -one.penalty, atol=SAME)
    np.testing.assert_allclose(turned.asymmetry, -one.asymmetry, atol=SAME)


def test_order_of_rows_does_not_matter():
    X, y = judged(13)
    group = np.arange(400) % 10
    order = np.random.default_rng(1).permutation(400)
    a, b = asymmetry.penalty_reward(X, y, group), asymmetry.penalty_reward(X[order], y[order], group[order])
    np.testing.assert_allclose(a.penalty_low, b.penalty_low, atol=SAME)


def test_the_contrast_stands_beside_the_ceiling():
    assert ceiling.penalty_reward is asymmetry.penalty_reward


def test_inputs_stay_as_they_are():
    X, y = judged(14)
    before = X.copy(), y.copy()
    asymmetry.penalty_reward(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.parametrize(
    ("X", "y", "how", "error", "says"),
    [
        (np.ones((5, 2)), np.ones(4), {}, ShapeError, r"X must be \(n, p\)"),
        (np.full(5, np.nan), np.ones(5), {}, ShapeError, "missing"),
        (np.arange(5), np.ones(5), {"low": 0.8, "high": 0.2}, ShapeError, "Cut-points"),
        (np.tile([1, 2], 10), np.arange(20), {}, NotEstimableError, "2 different scores"),
        (np.arange(3), np.arange(3), {}, NotEstimableError, "Too few rows"),
        (np.arange(30), np.arange(30), {"group": np.zeros(30)}, NotEstimableError, "1 clusters"),
        (np.arange(30)[:, None] * [1, 2], np.arange(30), {}, NotEstimableError, "told apart"),
        (np.array([1, 2, 2, 2, 2, 3, 3]), np.arange(7), {}, NotEstimableError, "one row alone"),
        (
            np.repeat([1, 2, 3], 10),
            np.arange(30),
            {"group": np.repeat([1, 2, 3], 10)},
            NotEstimableError,
            "one cluster",
        ),
    ],
)
def test_what_cannot_be_contrasted_is_said_in_a_sentence(X, y, how, error, says):
    with pytest.raises(error, match=says):
        asymmetry.penalty_reward(X, y, **how)


@pytest.mark.slow
def test_intervals_of_the_index_cover_it():
    """400 samples in 20 clusters with own levels: 95 % within 4 Monte Carlo standard errors (about 4.4 points)."""
    covered = 0
    for seed in range(400):
        X, y = judged(seed, n=600)
        group = np.arange(600) // 30
        y = y + 0.3 * np.random.default_rng(seed + 1000).normal(size=20)[group]
        found = asymmetry.penalty_reward(X, y, group)
        covered += found.asymmetry_low[0] <= -0.8 / 1.2 <= found.asymmetry_high[0]
    assert abs(covered / 400 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)
