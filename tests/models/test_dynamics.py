import numpy as np
import pytest

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models.dynamics import dynamics

EXACT = 1e-9


def panel(rng, n=150, periods=10, noise=0.0):
    """A cause that moves by itself and an outcome that carries over 0.4 and follows it by 0.3 now and 0.2 later."""
    x, z = rng.normal(0, 0.7, (n, periods + 20)), np.zeros((n, periods + 20))
    for t in range(1, periods + 20):
        z[:, t] = 0.4 * z[:, t - 1] + 0.3 * x[:, t] + 0.2 * x[:, t - 1] + rng.normal(0, 0.5, n)
    y = np.stack([x, z], axis=2)[:, 20:] + rng.normal(0, 1, (n, 1, 2))
    error = np.zeros((n, periods, 2, 2))
    error[..., [0, 1], [0, 1]] = noise**2
    return y + rng.normal(0, 1, y.shape) * noise, error


def estimates(noise, runs=60):
    rng = np.random.default_rng(1)
    return [dynamics(*panel(rng, noise=noise), 1, [0], [0]) for _ in range(runs)]


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_dynamics_are_recovered_also_from_noisy_means(noise):
    found = np.array([d.coefficient for d in estimates(noise)])
    assert np.abs(found.mean(axis=0) - [0.4, 0.3, 0.2]).max() < 0.02 + 3 * found.std(axis=0).max() / np.sqrt(60)


@pytest.mark.slow
def test_errors_tell_how_estimates_scatter():
    found = estimates(0.3)
    scatter = np.std([d.coefficient for d in found], axis=0)
    told = np.sqrt(np.mean([np.diag(d.covariance) for d in found], axis=0))
    assert told == pytest.approx(scatter, rel=0.3)


def test_lasting_differences_and_common_periods_change_nothing():
    y, error = panel(np.random.default_rng(2))
    moved = y + np.random.default_rng(3).normal(size=(150, 1, 2)) + np.arange(10)[None, :, None]
    assert dynamics(moved, error, 1, [0], [0]).coefficient == pytest.approx(
        dynamics(y, error, 1, [0], [0]).coefficient, abs=EXACT
    )


def test_a_cause_in_other_units_has_the_inverse_effect():
    y, error = panel(np.random.default_rng(4))
    by_ten = dynamics(y * [10, 1], error, 1, [0], [0]).coefficient
    assert by_ten * [1, 10, 10] == pytest.approx(dynamics(y, error, 1, [0], [0]).coefficient, abs=EXACT)


def test_five_periods_are_too_few():
    y, error = panel(np.random.default_rng(5))
    with pytest.raises(NotEstimableError, match="6 periods in a row"):
        dynamics(y[:, :5], error[:, :5], 1, [0], [])


def test_an_error_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match="covariance of the figures"):
        dynamics(np.zeros((20, 8, 2)), np.zeros((20, 8, 2)), 1, [0], [])
