from itertools import permutations

import numpy as np
import pytest

from bevlogen.models import ceiling, ceiling_chance
from bevlogen.models.ceiling_scatter import scatter, tops, zones

DRAWS = 20_000
APART = np.sqrt(np.log(2 / 1e-6) / (2 * DRAWS))  # Dvoretzky-Kiefer-Wolfowitz: exceeded once in a million samples

NO_TIES = np.array([1.0, 2, 4, 5, 7, 8, 9]), np.array([2.0, 1, 5, 4, 6, 9, 7])
TIED_X = np.array([1.0, 2, 2, 2, 3, 3, 4]), np.array([2.0, 1, 5, 4, 6, 9, 7])
TIED_Y = np.array([1.0, 2, 4, 5, 7, 8, 9]), np.array([1.0, 1, 3, 3, 3, 5, 5])
TIED = np.array([1.0, 2, 2, 2, 3, 3, 3]), np.array([1.0, 1, 2, 3, 3, 3, 3])

SAMPLERS = [
    (ceiling_chance.by_orders, TIED, "ce_fdh"),
    (ceiling_chance.by_orders, TIED, "cr_fdh"),
    (ceiling_chance.by_tables, TIED, "ce_fdh"),
    (ceiling_chance.by_tables, TIED, "cr_fdh"),
    (ceiling_chance.by_tables, NO_TIES, "cr_fdh"),
    (ceiling_chance.by_records, NO_TIES, "ce_fdh"),
    (ceiling_chance.by_records, NO_TIES, "cr_fdh"),
    (ceiling_chance.by_records, TIED_X, "ce_fdh"),
    (ceiling_chance.by_records, TIED_X, "cr_fdh"),
    (ceiling_chance.by_records, TIED_Y, "ce_fdh"),
    (ceiling_chance.by_records, TIED_Y, "cr_fdh"),
    (ceiling_chance.by_records, TIED, "ce_fdh"),
]


def of_all_orders(s, kind):
    V = s.v[np.array(list(permutations(range(len(s.v)))))]
    return zones(s, *tops(s, V), kind)


@pytest.mark.parametrize("wide", [None, (0, 12, -1, 11)], ids=["observed scope", "theoretical scope"])
@pytest.mark.parametrize(("sampler", "data", "kind"), SAMPLERS)
def test_a_sampler_draws_from_all_orders(sampler, data, kind, wide):
    s = scatter(*data, kind, 1, wide)
    drawn = np.concatenate(list(sampler(s, kind, DRAWS, np.random.default_rng(1))))
    expected = of_all_orders(s, kind)
    at = np.unique(expected.round(9)) + 1e-7  # just above each possible size
    below = (drawn[:, None] < at).mean(axis=0), (expected[:, None] < at).mean(axis=0)
    assert len(drawn) == DRAWS
    assert np.abs(below[0] - below[1]).max() < APART


def test_records_agree_with_whole_orders_at_size():
    """500 points: too many for all orders, so two samplers check each other on quantiles."""
    rng = np.random.default_rng(2)
    s = scatter(rng.normal(size=500), rng.normal(size=500), "cr_fdh", 1, None)
    a = np.concatenate(list(ceiling_chance.by_records(s, "cr_fdh", 4000, rng)))
    b = np.concatenate(list(ceiling_chance.by_orders(s, "cr_fdh", 4000, rng)))
    at = np.quantile(b, [0.05, 0.25, 0.5, 0.75, 0.95])
    assert np.abs((a[:, None] < at).mean(axis=0) - [0.05, 0.25, 0.5, 0.75, 0.95]).max() < 2 * APART * np.sqrt(5)


@pytest.mark.parametrize("kind", ["ce_fdh", "cr_fdh"])
def test_coarse_scales_of_any_length_are_tested(kind):
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, 50_000)
    found = ceiling.nca(x, np.minimum(rng.integers(1, 6, 50_000), x + 1), ceiling=kind, permutations=500, rng=rng)
    assert found.p_value == pytest.approx(1 / 501)


def test_a_long_sample_without_a_limit_has_a_large_p_value():
    rng = np.random.default_rng(4)
    found = ceiling.nca(rng.normal(size=100_000), rng.normal(size=100_000), permutations=1000, rng=rng)
    assert found.p_value > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ce_fdh", "cr_fdh"])
def test_p_values_of_many_points_are_uniform_without_a_limit(kind):
    """300 samples of 400 points through the records: the share at or below .05 and .5 within 4 standard errors."""
    rng = np.random.default_rng(5)
    samples = rng.normal(size=(300, 2, 400))
    p = np.array([ceiling.nca(*xy, ceiling=kind, permutations=199, rng=rng).p_value for xy in samples])
    assert abs(np.mean(p <= 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 300)
    assert abs(np.mean(p <= 0.5) - 0.5) < 4 * np.sqrt(0.5 * 0.5 / 300)
