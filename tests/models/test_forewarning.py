"""Signals that come before a worsening: found where they are, and not where they are not."""

import numpy as np
import pytest

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models.forewarning import forewarn


def organisation(rng, strength, units=60, periods=8, signals=12, carry=0.6, keep=0.5):
    """Figures with their own course, and signals of which the first comes one period before, with this strength."""
    lasting, own = rng.normal(size=units), rng.normal(size=units)
    levels, moves = rng.normal(size=(units, signals)), rng.normal(size=(units, signals))
    y, x = np.zeros((units, periods)), np.zeros((units, periods, signals))
    for t in range(periods):
        before = moves[:, 0]
        moves = keep * moves + np.sqrt(1 - keep**2) * rng.normal(size=moves.shape)
        own = carry * own + np.sqrt(1 - carry**2) * rng.normal(size=units)
        y[:, t] = lasting + own + strength * before + 0.5 * rng.normal(size=units) + 0.3 * rng.normal()
        x[:, t] = levels + moves + 0.4 * rng.normal(size=moves.shape)
    return y, x


def test_a_signal_that_comes_before_is_found_and_named():
    found = forewarn(*organisation(np.random.default_rng(1), 1.0))
    assert found.hits > 2 * found.false_alarms
    assert found.p_value < 0.001
    assert found.hits > found.past_hits
    warned = found.pushes[found.alarm]
    assert np.mean(warned.argmax(axis=1) == 0) > 0.8


def test_shares_follow_from_the_counts():
    found = forewarn(*organisation(np.random.default_rng(2), 1.0))
    warned = found.hits * found.n_events + found.false_alarms * (found.n - found.n_events)
    assert found.hits * found.n_events == pytest.approx(found.came_true * warned)
    assert found.base == pytest.approx(found.n_events / found.n)


def test_scale_and_shift_of_figures_and_signals_do_not_matter():
    y, x = organisation(np.random.default_rng(3), 1.0)
    a, b = forewarn(y, x), forewarn(7 * y + np.arange(8), 0.1 * x - 3)
    assert b.expected == pytest.approx(a.expected, abs=1e-9)
    assert (b.alarm == a.alarm).all()


def test_the_future_does_not_leak_into_what_was_known():
    y, x = organisation(np.random.default_rng(4), 1.0)
    later = y.copy()
    later[:, -1] = np.random.default_rng(5).normal(size=len(y))
    a, b = forewarn(y[:, :-1], x[:, :-1]), forewarn(later, x)
    assert b.n == a.n + len(y)
    assert b.n_events >= a.n_events


def test_a_unit_without_a_figure_now_is_not_warned_of():
    y, x = organisation(np.random.default_rng(6), 1.0)
    y[3, -1] = np.nan
    found = forewarn(y, x)
    assert not found.alarm[3]
    assert np.isnan(found.expected[3])


def test_own_past_alone_cannot_beat_itself():
    y, x = organisation(np.random.default_rng(7), 1.0)
    assert forewarn(y, x[:, :, :0]).p_value == 1.0


def test_input_stays_as_it_was():
    y, x = organisation(np.random.default_rng(8), 0.5)
    before = y.copy(), x.copy()
    forewarn(y, x)
    assert (y == before[0]).all()
    assert (x == before[1]).all()


@pytest.mark.parametrize(("units", "periods"), [(9, 8), (60, 4)])
def test_too_little_is_refused(units, periods):
    with pytest.raises(NotEstimableError, match="need 10 units and 5 periods"):
        forewarn(*organisation(np.random.default_rng(9), 1.0, units, periods))


def test_figures_that_never_move_are_refused():
    with pytest.raises(NotEstimableError, match="do not vary"):
        forewarn(np.ones((30, 8)), np.random.default_rng(1).normal(size=(30, 8, 2)))


def test_shapes_must_agree():
    with pytest.raises(ShapeError):
        forewarn(np.ones((30, 8)), np.ones((30, 7, 2)))
