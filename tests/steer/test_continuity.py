"""Where right to exist goes: bands, the chance of passing a target, and how good forecasts were before."""

import math

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.errors import BevlogenError
from bevlogen.steer.continuity import backtest


def returns(rng, level=0.02, n=40, periods=8):
    return level + rng.normal(0, 0.02, (n, 1)) + rng.normal(0, 0.02, (n, periods)) + rng.normal(0, 0.004, periods)


def outlooks(make, values, own=None, **kw):
    m = make.measurement(values)
    workspace = make.workspace(make.organisation(targets=own or {}))
    return steer.outlooks(m, type(workspace)(**{**_fields(workspace), "periods": m.panel.periods}), **kw)


def _fields(workspace):
    return {name: getattr(workspace, name) for name in workspace.__slots__}


def test_a_year_of_quarters_is_looked_ahead(make):
    (found,) = outlooks(make, {"return": returns(np.random.default_rng(1))})
    assert found.periods == ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
    assert (np.diff(np.array(found.bands), axis=0) >= 0).all()


def test_the_chance_of_a_loss_falls_with_the_margin(make):
    poor, rich = (outlooks(make, {"return": returns(np.random.default_rng(2), at)})[0].chance for at in (0.0, 0.05))
    assert poor > 0.3 > rich


def test_a_mission_has_its_own_target(make):
    values = {"retention": 0.8 + returns(np.random.default_rng(3), 0.0)}
    assert math.isnan(outlooks(make, values)[0].chance)
    assert outlooks(make, values, targets={"retention": 0.9})[0].chance > 0.95


def test_the_targets_of_the_organisation_count_without_asking_and_one_that_is_asked_goes_before(make):
    values = {"retention": 0.8 + returns(np.random.default_rng(3), 0.0)}
    own = {"retention": 0.9}
    assert outlooks(make, values, own) == outlooks(make, values, targets=own)
    assert outlooks(make, values, own, targets={"retention": 0.5})[0].chance < 0.05


def test_what_has_a_target_has_an_outlook(make):
    values = {"absence": 0.05 + returns(np.random.default_rng(4), 0.0)}
    assert outlooks(make, values) == ()
    assert [o.measure for o in outlooks(make, values, {"absence": 0.06})] == ["absence"]


def test_less_absence_is_better_so_passing_upwards_is_the_miss(make):
    values = {"absence": 0.05 + returns(np.random.default_rng(4), 0.0)}
    assert outlooks(make, values, targets={"absence": 0.2})[0].chance < 0.05


def test_the_chain_counts_where_it_helped_before():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(60, 10))
    y = np.zeros((60, 10))
    y[:, 1:] = 0.8 * x[:, :-1]
    y += rng.normal(0, 0.3, (60, 10))
    assert backtest(y, x, ahead=1).use_chain
    assert not backtest(rng.normal(size=(60, 10)), None).use_chain


def test_noise_around_a_lasting_level_beats_the_last_figure():
    tested = backtest(returns(np.random.default_rng(6)), None, season=4)
    assert tested.model < min(tested.naive, tested.seasonal)


def test_a_random_walk_is_not_said_to_be_beaten():
    rng = np.random.default_rng(7)
    tested = backtest(np.cumsum(rng.normal(size=(60, 10)), axis=1), None)
    assert tested.model > 0.95 * tested.naive


def test_the_mean_of_the_last_period_stands_beside_the_band(make):
    values = returns(np.random.default_rng(10))
    assert outlooks(make, {"return": values})[0].now == pytest.approx(values[:, -1].mean())


def test_a_backtest_may_look_from_the_last_moments_alone():
    values = returns(np.random.default_rng(11))
    assert backtest(values, None, ahead=1, origins=2).n == 2 * len(values)
    assert backtest(values, None, ahead=1).n == 4 * len(values)


def test_a_target_of_what_is_not_measured_is_refused(make):
    with pytest.raises(BevlogenError, match=r"No figures of pay\. Found: return"):
        outlooks(make, {"return": returns(np.random.default_rng(8))}, targets={"pay": 1})


def test_too_short_a_series_has_no_outlook(make):
    assert outlooks(make, {"return": returns(np.random.default_rng(9), periods=3)}) == ()
