"""A start by lot, in steps or against units alike, with what it can show; written down beforehand."""

from dataclasses import replace

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.errors import BevlogenError, NotEstimableError
from bevlogen.models.did import imputation
from bevlogen.steer.plan import LONGEST, digest

RUNS = 300


def panel(rng, n=40, periods=8, effect=0.0):
    return 3 + rng.normal(0, 0.8, (n, 1)) + rng.normal(0, 0.6, (n, periods)) + effect


def start(make, units=range(20), n=40, **kw):
    m = make.measurement({"engagement": panel(np.random.default_rng(1), n)})
    return steer.plan_start(
        m, make.workspace(make.organisation()), "employership.autonomy", [m.panel.units[i] for i in units], **kw
    )


def test_half_begins_now_by_lot_and_half_when_the_answer_is_in(make):
    found = start(make, units=range(40))
    periods = [b.period for b in found.begins]
    assert (found.design, periods.count("2025-Q1")) == ("randomised", 20)
    assert len(set(periods)) == 2


def test_the_lot_is_fair_and_can_be_drawn_again(make):
    one, same, other = (start(make, seed=s) for s in (1, 1, 2))
    assert one == same
    assert one.begins != other.begins
    assert abs(one.difference) < 0.5


def test_steps_begin_one_after_another(make):
    found = start(make, steps=4)
    assert found.design == "stepped"
    assert sorted({b.period for b in found.begins}) == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


@pytest.mark.parametrize(
    ("not_before", "first"), [("2026-11-28", "2026-Q4"), ("2024-05-01", "2025-Q1"), ("2025-01-01", "2025-Q1")]
)
def test_nobody_begins_before_the_day_given_nor_in_a_period_that_is_measured(make, not_before, first):
    assert min(b.period for b in start(make, not_before=not_before).begins) == first


def test_at_once_seeks_units_alike(make):
    found = start(make, units=range(8), at_once=True)
    others = [b.unit for b in found.begins if not b.period]
    assert (found.design, len(others), len(set(others))) == ("matched", 16, 16)
    assert abs(found.difference) < 0.4
    assert "not decided by lot" in found.reason.en


def test_more_units_and_longer_show_smaller_effects(make):
    few, many = start(make, units=range(8)), start(make, units=range(40))
    assert many.detectable[3] < few.detectable[3]
    assert list(many.detectable) == sorted(many.detectable, reverse=True)


def test_the_number_of_periods_is_the_first_that_shows_the_target(make):
    found = start(make, units=range(40), target=0.5)
    assert found.detectable[found.periods_needed - 1] <= 0.5
    assert found.periods_needed == 1 or found.detectable[found.periods_needed - 2] > 0.5


def test_a_target_that_never_shows_is_said(make):
    found = start(make, units=range(4), target=0.05)
    assert (found.periods_needed, len(found.detectable)) == (0, LONGEST)
    assert "Take more units" in found.reason.en


def test_any_later_change_shows_in_the_fingerprint(make):
    found = start(make)
    assert digest(found) == found.digest
    assert digest(replace(found, target=0.1)) != found.digest
    assert digest(replace(found, begins=found.begins[::-1])) != found.digest


@pytest.mark.slow
def test_an_effect_of_the_size_told_is_found_in_80_of_100_runs(make):
    rng = np.random.default_rng(2)
    found = start(make, units=range(40), n=40)
    after = 4
    # The panel is told in SD of true scores, of which this one has 1.0: lasting .8 and moving .6.
    size, hits = found.detectable[after - 1], 0
    for _ in range(RUNS):
        y = panel(rng, 40, 8 + after)
        begun = np.where(rng.permutation(40) < 20, 8.0, np.inf)
        y[begun == 8, 8:] += size
        fit = imputation(y, begun)
        hits += fit.confint()[0] > 0
    assert hits / RUNS == pytest.approx(0.8, abs=0.12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": [0, 1]}, "Found 2 units. A fair start needs 4"),
        ({"steps": 50}, "Found 50 steps for 20 units"),
        ({"target": 0}, "Found a target of 0"),
        ({"outcome": "pay"}, '"pay" is not measured. Found: engagement'),
    ],
)
def test_what_cannot_be_planned_is_refused(make, change, message):
    with pytest.raises(BevlogenError, match=message):
        start(make, **change)


def test_unknown_units_are_named(make):
    m = make.measurement({"engagement": panel(np.random.default_rng(1))})
    with pytest.raises(BevlogenError, match="No figures of these units: x"):
        steer.plan_start(m, make.workspace(make.organisation()), "employership", ["x"])


def test_all_units_at_once_leave_nobody_to_compare_with(make):
    with pytest.raises(NotEstimableError, match=r"none is left to compare with\..* only the series can tell"):
        start(make, units=range(40), at_once=True)
