import numpy as np
import pytest

from bevlogen.core.tables import Unit
from bevlogen.measure.levels import Level
from bevlogen.measure.scale import between_variance, shrink
from bevlogen.measure.tree import tree_of
from bevlogen.models import anova

ROUNDING = 1e-9  # the same sums in another order


def level(mean, n, within, basis="pooled", period=None):
    """Own figures of units 1, 2, … below a top, on a scale of 1 to 5."""
    mean, n = np.asarray(mean, dtype=float), np.asarray(n, dtype=float)
    m = len(mean)
    return Level(
        "engagement",
        "answers",
        1.0,
        5.0,
        np.arange(1, m + 1),
        np.zeros(m, dtype=np.int64) if period is None else np.asarray(period),
        np.ones(m, dtype=bool),
        n,
        mean,
        np.full(m, np.sqrt(within)),
        within / n,
        within,
        basis,
        np.zeros(m, dtype=bool),
    )


def tree(services):
    return tree_of((Unit("top", "Top"), *(Unit(f"t{i}", "T", "top", s) for i, s in enumerate(services))))


MEAN, N = [3.0, 3.5, 4.0, 2.5, 3.8, 3.2], [10, 20, 5, 8, 30, 12]
ONE_SERVICE = tree(["care"] * 6)


def test_reliability_is_that_of_icc1_and_n():
    r = shrink(level(MEAN, N, 0.8), ONE_SERVICE)
    n, mean = np.array(N, dtype=float), np.array(MEAN)
    icc1 = anova.icc_from_moments(n, n * mean, n * mean**2 + (n - 1) * 0.8).icc1
    assert r.reliability == pytest.approx(anova.unit_reliability(N, icc1), abs=ROUNDING)


def test_a_mean_is_drawn_to_its_peers_by_its_reliability():
    r = shrink(level(MEAN, N, 0.8), ONE_SERVICE)
    peers = (r.mean - r.reliability * np.array(MEAN)) / (1 - r.reliability)
    assert peers == pytest.approx(np.full(6, peers[0]))
    assert 2.5 < peers[0] < 4.0


def test_a_small_unit_is_drawn_more():
    r = shrink(level(MEAN, N, 0.8), ONE_SERVICE)
    assert np.argsort(r.reliability).tolist() == np.argsort(N).tolist()


def test_the_interval_holds_the_shrunken_mean():
    r = shrink(level(MEAN, N, 0.8), ONE_SERVICE)
    assert (r.low < r.mean).all()
    assert (r.mean < r.high).all()


def test_services_of_five_units_are_peers_of_their_own():
    services = ["care"] * 5 + ["tram"] * 5
    means = [2.0, 2.2, 2.4, 2.1, 2.3, 4.0, 4.2, 4.4, 4.1, 4.3]
    apart = shrink(level(means, [4] * 10, 4.0), tree(services)).mean
    together = shrink(level(means, [4] * 10, 4.0), tree(["care"] * 10)).mean
    assert apart[:5].mean() == pytest.approx(2.2)
    assert together[:5].mean() > 2.3


def test_a_small_service_is_compared_with_all():
    r = shrink(level(MEAN, N, 0.8), tree(["care"] * 5 + ["tram"]))
    assert np.isfinite(r.reliability[5])


def test_four_units_are_too_few_to_compare():
    r = shrink(level(MEAN[:4], N[:4], 0.8), ONE_SERVICE)
    assert np.isnan(r.reliability).all()
    assert r.mean.tolist() == MEAN[:4]
    assert r.high - r.mean == pytest.approx(1.959964 * np.sqrt(0.8 / np.array(N[:4])))


def test_units_that_do_not_differ_are_drawn_together():
    r = shrink(level([3.0, 3.1, 2.9, 3.0, 3.05], [5] * 5, 4.0), ONE_SERVICE)
    assert r.reliability.tolist() == [0.0] * 5
    assert np.ptp(r.mean) < ROUNDING


def test_an_unknown_error_leaves_all_unknown():
    r = shrink(level(MEAN, N, np.nan, "unknown"), ONE_SERVICE)
    assert np.isnan([r.error, r.reliability, r.mean, r.low, r.high]).all()


def test_a_bound_that_leaves_nothing_true_counts_as_unknown():
    r = shrink(level(MEAN, N, 8.0, "bound"), ONE_SERVICE)
    assert np.isnan(r.error).all()


def test_a_bound_that_leaves_most_true_is_used():
    r = shrink(level(MEAN, np.array(N) * 100, 3.0, "bound"), ONE_SERVICE)
    assert (r.reliability > 0.5).all()


def test_answers_without_any_spread_stand_as_they_are():
    r = shrink(level(MEAN, N, 0.0), ONE_SERVICE)
    assert r.mean.tolist() == MEAN
    assert r.reliability.tolist() == [1.0] * 6


def test_equal_answers_everywhere_give_no_warning():
    r = shrink(level([3.0] * 6, N, 0.0), ONE_SERVICE)
    assert r.mean.tolist() == [3.0] * 6
    assert r.low.tolist() == [3.0] * 6


def test_between_variance_removes_period_means():
    means = np.array([1.0, 2, 3, 4, 5, 11, 12, 13, 14, 15])
    tau2, df = between_variance(means, np.full(10, 0.5), np.repeat([0, 1], 5))
    assert (tau2, df) == (pytest.approx(2.5 - 0.5), 8.0)


def test_the_interval_covers_true_means_as_often_as_it_says():
    rng = np.random.default_rng(20240103)
    covered = []
    for _ in range(200):
        truth = 3 + rng.normal(0, 0.4, 20)
        n = rng.integers(4, 30, 20)
        r = shrink(level(truth + rng.normal(0, 1, 20) / np.sqrt(n), n, 1.0), tree(["care"] * 20))
        covered.append((r.low <= truth) & (truth <= r.high))
    assert 0.93 < np.mean(covered) < 0.98
