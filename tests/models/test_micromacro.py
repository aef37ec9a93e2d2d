import numpy as np
import pytest

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models import micromacro

EXACT = 1e-9  # the same algebra by another road


def organisation(G, size, seed, slope=0.5, noise=2.0):
    """Group outcome from the true group mean and a group cause that goes with it; people differ around the mean."""
    rng = np.random.default_rng(seed)
    n = np.full(G, size) if np.ndim(size) == 0 else rng.integers(*size, G)
    z = rng.normal(size=G)
    true = 0.4 * z + rng.normal(size=G)
    x = true.repeat(n) + noise * rng.normal(size=n.sum())
    y = slope * true + 0.3 * z + 0.5 * rng.normal(size=G)
    return micromacro.people_moments(x, np.arange(G).repeat(n)), y, z


def test_groups_of_one_size_give_the_errors_in_variables_slope():
    people, y, z = organisation(50, 6, 1)
    W = np.column_stack([people.mean[:, 0], z])
    S = np.cov(W.T)
    S[0, 0] -= people.ssw.sum() / (6 * 50 - 50) / 6
    expected = np.linalg.solve(S, np.cov(np.column_stack([W, y]).T)[:2, 2])
    np.testing.assert_allclose(micromacro.fit(people, y, z).beta[1:], expected, rtol=EXACT)


def test_without_group_causes_means_are_shrunk_by_their_reliability():
    people, y, _ = organisation(40, 5, 2)
    found = micromacro.fit(people, y)
    mean = people.mean[:, 0]
    np.testing.assert_allclose(found.adjusted[:, 0] - mean.mean(), found.reliability[0] * (mean - mean.mean()))


def test_reliability_is_icc2():
    people, y, _ = organisation(40, 5, 2)
    msb, msw = 5 * people.mean[:, 0].var(ddof=1), people.ssw.sum() / (40 * 4)
    assert micromacro.fit(people, y).reliability[0] == pytest.approx(1 - msw / msb, rel=EXACT)


def test_order_of_groups_does_not_matter():
    people, y, z = organisation(30, (3, 9), 4)
    order = np.random.default_rng(1).permutation(30)
    moved = micromacro.PeopleMoments(people.n[order], people.mean[order], people.ssw[order])
    a, b = micromacro.fit(people, y, z), micromacro.fit(moved, y[order], z[order])
    np.testing.assert_allclose(a.beta, b.beta, rtol=EXACT)
    np.testing.assert_allclose(a.se, b.se, rtol=EXACT)


def test_recoding_people_recodes_the_slope():
    people, y, z = organisation(30, (3, 9), 5)
    scaled = micromacro.PeopleMoments(people.n, 10 * people.mean + 3, 100 * people.ssw)
    a, b = micromacro.fit(people, y, z), micromacro.fit(scaled, y, z)
    assert b.beta[1] == pytest.approx(a.beta[1] / 10, rel=EXACT)
    assert b.p_value[1] == pytest.approx(a.p_value[1], rel=1e-6)


@pytest.mark.slow
def test_the_true_slope_is_recovered_where_plain_means_fail():
    fits = [micromacro.fit(*organisation(150, (4, 12), seed)) for seed in range(300)]
    slopes, plain = np.array([f.beta[1] for f in fits]), np.array([f.unadjusted[1] for f in fits])
    assert abs(slopes.mean() - 0.5) < 4 * slopes.std() / np.sqrt(300)
    assert plain.mean() < 0.45


def test_bootstrap_of_groups_is_at_least_as_wide_as_the_plain_error_with_noisy_means():
    people, y, z = organisation(80, 4, 7)
    found = micromacro.fit(people, y, z, bootstrap=400, rng=np.random.default_rng(1))
    assert found.bootstrap_se[1] > found.se[1]
    assert found.low[1] < found.beta[1] < found.high[1]


def test_a_bootstrap_that_fails_too_often_gives_no_interval_and_says_so():
    people, y, _ = organisation(12, 3, 1, noise=3.0)
    found = micromacro.fit(people, y, bootstrap=200, rng=np.random.default_rng(1))
    assert np.isnan(found.low).all()
    assert "no bootstrap interval" in found.notes[0]


def test_groups_that_differ_by_chance_only_are_refused_with_the_reason():
    x = np.tile([1.0, 2.0, 3.0], 8)
    with pytest.raises(NotEstimableError, match="no more than chance") as refused:
        micromacro.fit(micromacro.people_moments(x, np.arange(8).repeat(3)), np.arange(8.0))
    assert refused.value.why == "noise-cause"


def test_inputs_stay_as_they_are():
    people, y, z = organisation(20, 5, 3)
    copies = people.mean.copy(), people.ssw.copy(), y.copy(), z.copy()
    micromacro.fit(people, y, z, bootstrap=10, rng=np.random.default_rng(1))
    for now, then in zip((people.mean, people.ssw, y, z), copies, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    ("y", "z", "bootstrap", "error", "says"),
    [
        (np.arange(3.0), None, 0, ShapeError, "differ"),
        (np.full(20, np.nan), None, 0, ShapeError, "missing"),
        (np.arange(20.0), np.zeros((20, 18)), 0, NotEstimableError, "too few"),
        (np.arange(20.0), None, 10, ShapeError, "rng"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(y, z, bootstrap, error, says):
    with pytest.raises(error, match=says):
        micromacro.fit(organisation(20, 5, 3)[0], y, z, bootstrap=bootstrap)
