"""Early warning: on where signals come before, off by itself where they do not, and always on units."""

from dataclasses import replace

import numpy as np
import pytest

from bevlogen import steer

OUTCOMES = ("retention", "absence", "turnover")
SIGNALS = ("engagement", "loyalty", "conduct", "control")
RUNS, MOST_ON = 200, 10


def warned(make, values):
    m = make.measurement(values)
    workspace = replace(make.workspace(make.organisation()), periods=m.panel.periods)
    return steer.warnings(m, workspace)


def course(rng, units, periods, keep):
    moves, out = rng.normal(size=units), []
    for _ in range(periods):
        moves = keep * moves + np.sqrt(1 - keep**2) * rng.normal(size=units)
        out.append(moves)
    return rng.normal(size=(units, 1)) + np.array(out).T + 0.5 * rng.normal(size=(units, periods))


def organisation(rng, units=60, periods=8, strength=0.0):
    """Figures with a course of their own; absence follows engagement one period later, with this strength."""
    values = {key: course(rng, units, periods, 0.5) for key in (*SIGNALS, *OUTCOMES)}
    values["absence"][:, 1:] -= strength * values["engagement"][:, :-1]
    return values


def test_absence_that_follows_engagement_is_warned_of(make):
    found = {w.outcome: w for w in warned(make, organisation(np.random.default_rng(1), strength=1.0))}
    assert found["absence"].is_on
    assert found["absence"].hits > 2 * found["absence"].false_alarms
    assert {s for a in found["absence"].alarms for s in a.signals[:1]} == {"engagement"}
    assert (found["absence"].since, found["absence"].period) == ("2024-Q4", "2025-Q1")


def test_what_is_off_warns_of_nobody_and_says_why(make):
    found = {w.outcome: w for w in warned(make, organisation(np.random.default_rng(1), strength=1.0))}
    assert not found["turnover"].is_on
    assert found["turnover"].alarms == ()
    assert found["turnover"].reason.en.startswith("Off: ")
    assert found["turnover"].reason.nl.startswith("Uit: ")


def test_a_fall_of_retention_is_the_worsening(make):
    values = organisation(np.random.default_rng(2))
    values["retention"][:, 1:] += values["loyalty"][:, :-1]
    values["loyalty"][0, -1] -= 8
    found = warned(make, values)[0]
    assert found.is_on
    assert found.alarms[0].unit == "u00"
    assert found.alarms[0].signals[0] == "loyalty"


def test_too_short_a_history_is_off(make):
    values = {key: v[:, :4] for key, v in organisation(np.random.default_rng(3)).items()}
    assert [(w.is_on, w.n) for w in warned(make, values)] == [(False, 0)] * 3


def test_an_outcome_that_ended_is_off(make):
    values = organisation(np.random.default_rng(4), strength=1.0)
    values["absence"][:, -1] = np.nan
    assert not warned(make, values)[1].is_on


def test_without_signals_nothing_can_come_before(make):
    assert not warned(make, {"absence": course(np.random.default_rng(5), 60, 8, 0.5)})[0].is_on


@pytest.mark.slow
@pytest.mark.parametrize(("units", "periods"), [(60, 8), (25, 12)])
def test_without_a_signal_it_is_off_in_95_of_100(make, units, periods):
    on = [
        any(w.is_on for w in warned(make, organisation(np.random.default_rng(s), units, periods))) for s in range(RUNS)
    ]
    assert sum(on) <= MOST_ON


@pytest.mark.slow
def test_a_real_signal_is_found_in_nine_of_ten(make):
    on = [warned(make, organisation(np.random.default_rng(s), strength=1.0))[1].is_on for s in range(60)]
    assert np.mean(on) >= 0.9
