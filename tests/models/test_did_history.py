"""Effects among units with the same history: right where units were chosen for their scores."""

import numpy as np
import pytest
from scipy import stats

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models.did import history, imputation, noise_after

EXACT = 1e-9
RUNS = 300
# Three Monte Carlo errors of a share of 5% in 300 runs.
LEVEL_ERROR = 3 * np.sqrt(0.05 * 0.95 / RUNS)
CHOSEN = {"at random": None, "last score": -1, "all scores": slice(None)}


def units(rng, chosen, effect=0.0, n=60, n_acted=12, start=4, periods=8):
    """Units with a lasting level, a deviation that fades and chance in each score; the worst of ``chosen`` begin."""
    deviation = [rng.normal(0, 0.6, n)]
    for _ in range(periods - 1):
        deviation.append(0.35 * deviation[-1] + rng.normal(0, 0.56, n))
    y = rng.normal(0, 0.8, (n, 1)) + np.array(deviation).T + rng.normal(0, 0.4, (n, periods))
    key = (
        rng.normal(size=n) if chosen is None else y[:, :start][:, np.arange(start)[chosen]].reshape(n, -1).mean(axis=1)
    )
    first = np.full(n, np.inf)
    first[np.argsort(key)[:n_acted]] = start
    return y + effect * (np.arange(periods) >= first[:, None]), first


def test_effect_by_hand():
    # Without noise in the comparison every later score is 2 + half the last one; the unit acted upon got 3 more.
    last = np.array([0.0, 1, 2, 3, 4, 5, 1])
    y = np.column_stack([last, 2 + 0.5 * last])
    y[6, 1] += 3
    assert history(y, [np.inf] * 6 + [1]).att == pytest.approx(3, abs=EXACT)


def by_hand(y, first):
    """Effect, error and degrees of freedom for one unit and one period before, by analysis of covariance.

    The prediction's own error is that of least squares, or where larger that by HC3.
    """
    n = len(y)
    X = np.column_stack([np.ones(n), np.isfinite(first), y[:, 0]])
    beta = np.linalg.lstsq(X, y[:, 1], rcond=None)[0]
    rest, X0, x = (y[:, 1] - X @ beta)[1:], X[1:, [0, 2]], X[0, [0, 2]]
    inverse = np.linalg.inv(X0.T @ X0)
    left_out = rest / (1 - np.einsum("ij,jk,ik->i", X0, inverse, X0))
    noise = rest @ rest / (n - 3)
    plain, robust = noise * x @ inverse @ x, x @ inverse @ (X0.T * left_out**2) @ X0 @ inverse @ x
    return beta[1], np.sqrt(noise + max(plain, robust)), n - 3, robust > plain


@pytest.mark.parametrize(("seed", "is_robust"), [(1, True), (0, False)])
def test_one_period_before_is_analysis_of_covariance(seed, is_robust):
    rng = np.random.default_rng(seed)
    y, first = rng.normal(size=(30, 2)), np.where(np.arange(30) < 1, 1.0, np.inf)
    found = history(y, first)
    assert (found.att, found.se, found.df, is_robust) == pytest.approx(by_hand(y, first), abs=EXACT)


def test_units_far_out_that_move_more_make_the_effect_less_sure():
    rng = np.random.default_rng(11)
    last = rng.normal(size=200)
    y = np.column_stack([last, 0.6 * last + rng.normal(size=200) * (0.3 + (last < -1))])
    first = np.where(np.argsort(np.argsort(last)) % 12 == 0, np.where(last < -1, 1.0, np.inf), np.inf)
    even = np.column_stack([last, 0.6 * last + rng.permutation(y[:, 1] - 0.6 * last)])
    assert history(y, first).se > 1.3 * history(even, first).se


def test_periods_that_move_everybody_change_nothing():
    y, first = units(np.random.default_rng(2), None)
    assert history(y + np.arange(8) ** 2, first).att == pytest.approx(history(y, first).att, abs=EXACT)


def test_order_of_units_changes_nothing():
    y, first = units(np.random.default_rng(3), None)
    order = np.random.default_rng(4).permutation(60)
    assert history(y[order], first[order]).se == pytest.approx(history(y, first).se, abs=EXACT)


def test_input_is_left_alone():
    y, first = units(np.random.default_rng(5), None)
    kept = y.copy()
    history(y, first)
    assert (y == kept).all()


def test_where_all_begin_at_some_time_the_not_yet_begun_are_compared_with():
    y, _ = units(np.random.default_rng(6), None)
    first = np.repeat([3.0, 5.0], 30)
    found = history(y, first)
    assert (found.n_treated, found.n_comparison, set(found.after)) == (30, 30, {0, 2})


def test_a_gap_in_the_history_is_bridged():
    y, first = units(np.random.default_rng(7), None)
    y[first == 4, 3] = np.nan
    assert history(y, first).n_treated == 12


def test_nobody_to_compare_with_is_refused():
    with pytest.raises(NotEstimableError, match="six units"):
        history(np.zeros((6, 3)), [1.0] * 3 + [np.inf] * 3)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="row per unit"):
        history(np.zeros((6, 3)), [1.0])


def test_noise_of_a_longer_mean_is_smaller_and_goes_on_beyond_the_data():
    y, _ = units(np.random.default_rng(8), None, n=4000)
    assert (np.diff(noise_after(y, 20)) < 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("chosen", CHOSEN)
def test_effect_is_recovered_however_units_were_chosen_by_their_scores(chosen):
    rng = np.random.default_rng(9)
    found = [history(*units(rng, CHOSEN[chosen], effect=0.5)) for _ in range(RUNS)]
    att = np.array([f.att for f in found])
    covered = np.mean([f.confint()[0] <= 0.5 <= f.confint()[1] for f in found])
    assert abs(att.mean() - 0.5) < 3 * att.std() / np.sqrt(RUNS)
    assert covered > 0.95 - LEVEL_ERROR


@pytest.mark.slow
def test_the_worst_first_fool_a_plain_comparison_but_not_both_estimates():
    rng = np.random.default_rng(10)
    naive, fooled = [], []
    for _ in range(RUNS):
        y, first = units(rng, -1)
        acted = np.isfinite(first)
        naive.append(stats.ttest_1samp((y[acted, 4:].mean(axis=1) - y[acted, 3]), 0).pvalue < 0.05)
        given, plain = history(y, first), imputation(y, first)
        fooled.append(given.p_value < 0.05 and plain.confint()[0] > 0 and given.att > 0)
    assert np.mean(naive) > 0.8
    assert np.mean(fooled) <= 0.025 + LEVEL_ERROR
