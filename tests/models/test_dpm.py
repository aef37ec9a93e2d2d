import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models import dpm

EXACT = 1e-6  # an optimum against a closed form
RUNS = 80  # finds a mean that is off by half a standard error of one run


def simulated(J, T, seed, b=0.3, back=0.2):
    """y depends on earlier x, x reacts to earlier y, and both go with what is stable."""
    rng = np.random.default_rng(seed)
    alpha = rng.normal(size=J)
    x, y = alpha + rng.normal(size=J), alpha + rng.normal(size=J)
    X, Y = [x], [y]
    for _ in range(T - 1):
        new_y = 0.4 * y + b * x + alpha + rng.normal(size=J)
        x = 0.3 * x + back * y + 0.5 * alpha + rng.normal(size=J)
        y = new_y
        X.append(x)
        Y.append(y)
    return np.array(X).T, np.array(Y).T


def test_three_waves_equal_the_instruments_of_anderson_and_hsiao():
    x, y = simulated(400, 3, 1)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    instruments = np.column_stack([y[:, 0], x[:, 0]])
    change = np.column_stack([y[:, 1] - y[:, 0], x[:, 1] - x[:, 0]])
    carry, effect = np.linalg.solve(instruments.T @ change, instruments.T @ (y[:, 2] - y[:, 1]))
    fit = dpm.fit(x, y)
    assert fit.forth.fit.df == 0
    assert fit.xy.estimate == pytest.approx(effect, abs=EXACT)
    assert fit.yy.estimate == pytest.approx(carry, abs=EXACT)


def test_swapping_the_variables_swaps_the_directions():
    x, y = simulated(150, 4, 2)
    a, b = dpm.fit(x, y), dpm.fit(y, x)
    assert a.xy.estimate == pytest.approx(b.yx.estimate, abs=EXACT)
    assert a.xx.std_error == pytest.approx(b.yy.std_error, rel=1e-5)


@settings(max_examples=8, deadline=None)
@given(factor=st.floats(0.05, 20), shift=st.floats(-20, 20), seed=st.integers(0, 50))
def test_order_of_units_and_scale_leave_the_standardised_effect(factor, shift, seed):
    x, y = simulated(200, 4, seed)
    order = np.random.default_rng(seed).permutation(200)
    a, b = dpm.fit(x, y), dpm.fit(shift + factor * x[order], y[order])
    assert b.xy.standardised == pytest.approx(a.xy.standardised, abs=EXACT)


@pytest.mark.slow
def test_effects_are_recovered_although_stable_differences_drive_both():
    fits = [dpm.fit(*simulated(300, 5, seed)) for seed in range(RUNS)]
    xy = np.array([[f.xy.estimate, f.xy.std_error] for f in fits])
    yx = np.array([f.yx.estimate for f in fits])
    assert abs(xy[:, 0].mean() - 0.3) < 4 * xy[:, 0].std() / math.sqrt(RUNS)
    assert abs(yx.mean() - 0.2) < 4 * yx.std() / math.sqrt(RUNS)
    assert xy[:, 1].mean() == pytest.approx(xy[:, 0].std(), rel=4 / math.sqrt(2 * RUNS))


def test_holes_in_the_panel_are_used_and_inputs_stay():
    x, y = simulated(150, 4, 3)
    x[::7, 1] = math.nan
    copies = x.copy(), y.copy()
    fit = dpm.fit(x, y)
    assert (fit.n_units, fit.n_waves, fit.converged) == (150, 4, True)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(y, copies[1])


@pytest.mark.parametrize("seed", range(4))
def test_ten_units_end_calmly(seed):
    fit = dpm.fit(*simulated(10, 4, seed))
    errors = [fit.xy.std_error, fit.yx.std_error]
    assert fit.converged == bool(np.isfinite(errors).all())
    assert fit.notes


def test_few_units_for_so_many_parameters_are_said():
    assert "may be too narrow" in dpm.fit(*simulated(100, 4, 1)).notes[-1]


@pytest.mark.parametrize(
    ("x", "y", "error", "says"),
    [
        (np.zeros((5, 3)), np.zeros((5, 4)), ShapeError, "units by waves"),
        (np.zeros((50, 2)), np.zeros((50, 2)), NotEstimableError, "at least 3 waves"),
        (np.zeros((8, 5)), np.zeros((8, 5)), NotEstimableError, "at least 10 units"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(x, y, error, says):
    with pytest.raises(error, match=says):
        dpm.fit(x, y)
