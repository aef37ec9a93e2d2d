"""What own actions brought: all that could be judged, together, and honest about how little a few of them tell."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bevlogen import steer
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.results import Interval
from bevlogen.steer.learned import SPREAD

NOTHING = Interval(0.0, -0.3, 0.3)
# Of 400 drawn sets; three Monte Carlo errors of a share of 95%.
SETS = 400
ERROR = 3 * np.sqrt(0.05 * 0.95 / SETS)


def outcome(at, half=0.3, **changes):
    effect = Interval(at, at - half, at + half)
    made = OutcomeEffect(
        outcome="engagement", method="staggered", estimate=effect, plain=effect, raw=effect, naive=0.0, chance=0.0,
        placebo=NOTHING, pretrend_p=0.5, p_value=0.01, mde=0.3, n_acted=8, n_compared=20, n_before=4, n_after=4, n=12.0,
        verdict="worked", say_from="", reason="", reason_nl="",
    )  # fmt: skip
    return replace(made, **changes)


def action(*outcomes, lever="employership.autonomy"):
    return ActionEffect("k", lever, "Roster", "2024-Q1", ("a",), outcomes, "worked", "", "")


def of(*estimates, **changes):
    (found,) = steer.learned([action(outcome(e, **changes)) for e in estimates])
    return found


def test_nothing_done_is_nothing_learned():
    assert steer.learned([]) == ()


def test_actions_on_one_lever_are_one_row_and_levers_stay_apart():
    rows = steer.learned([action(outcome(0.4)), action(outcome(0.2)), action(outcome(0.1), lever="engagement")])
    assert [(r.lever, r.outcome, r.n_actions) for r in rows] == [
        ("employership.autonomy", "engagement", 2),
        ("engagement", "engagement", 1),
    ]


def test_one_action_is_drawn_towards_nothing_by_hand():
    found = of(0.4, half=1.959963984540054 * 0.1)
    weight = 1 / (0.1**2 + SPREAD**2)
    mean = 0.4 * weight / (weight + 1 / 0.5**2)
    assert found.effect.estimate == pytest.approx(mean, abs=1e-9)
    half = stats.t(4).ppf(0.975) / np.sqrt(weight + 4)
    assert (found.effect.low, found.effect.high) == pytest.approx((mean - half, mean + half), abs=1e-9)


def test_more_actions_tell_more_and_the_next_is_never_surer_than_the_mean():
    one, many = of(0.4), of(*[0.4] * 8)
    assert many.effect.high - many.effect.low < one.effect.high - one.effect.low
    assert 0.4 > many.effect.estimate > one.effect.estimate > 0
    for found in (one, many):
        assert found.next.low <= found.effect.low


def test_actions_that_differ_make_the_next_less_sure():
    alike, apart = of(*[0.3] * 6), of(-0.5, 1.1, 0.3, -0.2, 0.9, 0.2)
    assert apart.next.high - apart.next.low > 1.5 * (alike.next.high - alike.next.low)


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "too early"},
        {"n_compared": 0},
        {"estimate": Interval(0.4)},
        {"placebo": Interval(0.5, 0.2, 0.8)},
        {"estimate": Interval(0.4, 0.4, 0.4)},
    ],
)
def test_what_cannot_be_judged_does_not_count(changes):
    assert steer.learned([action(outcome(0.4, **changes))]) == ()


def test_what_did_not_work_counts_as_much():
    found = of(0.4, 0.4, 0.4)
    rows = [
        action(outcome(e, verdict=v)) for e, v in ((0.4, "worked"), (0.0, "no meaningful effect"), (-0.4, "backfired"))
    ]
    (mixed,) = steer.learned(rows)
    assert mixed.effect.estimate == pytest.approx(0, abs=1e-9)
    assert (mixed.n_actions, mixed.verdicts) == (3, (1, 1, 1))
    assert found.verdicts == (3, 0, 0)


def test_coarser_figures_are_less_sure():
    fine, coarse = of(1.01, half=1.0), of(1.0, half=1.0)
    assert coarse.effect.high - coarse.effect.low > fine.effect.high - fine.effect.low


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 3, 8])
def test_the_next_action_falls_within_its_limits_at_least_as_often_as_they_say(n):
    rng = np.random.default_rng(n)
    inside = []
    for _ in range(SETS):
        mean = rng.normal(0, 0.5)
        true = rng.normal(mean, SPREAD, n + 1)
        found = of(*(true[:n] + rng.normal(0, 0.15, n)), half=1.96 * 0.15)
        inside.append(found.next.low <= true[n] <= found.next.high)
    assert np.mean(inside) >= 0.95 - ERROR
