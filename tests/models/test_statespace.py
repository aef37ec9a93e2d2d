import numpy as np
import pytest
from scipy import stats

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models.statespace import _filtered, _kinds, _likelihood, statespace


def series(rng, n=80, periods=10, lasting=1.0, moving=0.3, noise=0.2, carry=0.6):
    deviation = rng.normal(0, np.sqrt(moving / (1 - carry**2)), n)
    out = []
    for _ in range(periods):
        out.append(deviation)
        deviation = carry * deviation + rng.normal(0, np.sqrt(moving), n)
    return rng.normal(0, np.sqrt(lasting), (n, 1)) + np.array(out).T + rng.normal(0, np.sqrt(noise), (n, periods))


def test_the_filter_gives_the_likelihood_of_the_joint_normal():
    y = np.array([[0.3, -0.1, 0.8]])
    lasting, moving, noise, carry = 0.7, 0.3, 0.2, 0.5
    lag = np.abs(np.subtract.outer(range(3), range(3)))
    covariance = lasting + moving / (1 - carry**2) * carry**lag + noise * np.eye(3)
    expected = stats.multivariate_normal.logpdf(y[0], cov=covariance)
    assert _filtered(y, lasting, moving, noise, carry, _kinds(y))[0] == pytest.approx(expected, abs=1e-10)


def test_a_missing_figure_is_skipped():
    y = np.array([[0.3, np.nan, 0.8]])
    covariance = 0.7 + 0.4 * 0.5 ** np.array([[0, 2], [2, 0]]) + 0.2 * np.eye(2)
    expected = stats.multivariate_normal.logpdf([0.3, 0.8], cov=covariance)
    assert _filtered(y, 0.7, 0.3, 0.2, 0.5, _kinds(y))[0] == pytest.approx(expected, abs=1e-10)


def test_filter_and_joint_density_agree_whatever_is_missing():
    rng = np.random.default_rng(12)
    y = series(rng, n=30, periods=7)
    y[rng.random(y.shape) < 0.3] = np.nan
    kinds = _kinds(y)
    assert _likelihood(0.7, 0.3, 0.2, 0.5, kinds) == pytest.approx(_filtered(y, 0.7, 0.3, 0.2, 0.5, kinds)[0], abs=1e-9)


def test_a_shift_of_all_figures_shifts_the_forecast():
    y = series(np.random.default_rng(1))
    a, b = statespace(y).forecast(2)[0], statespace(y + 5).forecast(2)[0]
    assert b == pytest.approx(a + 5, abs=1e-3)


def test_uncertainty_grows_with_the_distance():
    assert (np.diff(statespace(series(np.random.default_rng(2))).forecast(4)[1], axis=1) > 0).all()


@pytest.mark.slow
def test_the_80_band_holds_the_next_figures():
    rng, inside = np.random.default_rng(3), []
    for _ in range(15):
        y = series(rng, periods=12)
        mean, variance = statespace(y[:, :10]).forecast(2)
        inside.append((np.abs(y[:, 10:] - mean) < 1.2816 * np.sqrt(variance)).mean())
    assert np.mean(inside) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("y", [np.zeros((2, 9)), np.ones((9, 9)), np.zeros((9, 3))])
def test_too_little_to_forecast_from_is_refused(y):
    with pytest.raises(NotEstimableError):
        statespace(y)


def test_no_table_is_refused():
    with pytest.raises(ShapeError, match="row per unit"):
        statespace(np.zeros(4))
