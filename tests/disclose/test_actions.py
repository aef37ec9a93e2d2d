"""Effects of actions are made of shown figures, and are no more precise than those."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.measured import Figures, Measurement, Panel, Scores
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.released import AnswerScale
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.shown import Suppressed
from bevlogen.core.tables import Policy
from bevlogen.disclose.actions import COARSE, WITHHELD, guard_effects
from bevlogen.disclose.cells import Passed
from bevlogen.disclose.reopen import _action as opened
from bevlogen.show.export import _action as stored_as

PERIODS = ("2021", "2022")
SCALES = {"engagement": (AnswerScale(1, 5),)}


def measurement(n_units=12, n=8.0):
    value = np.arange(n_units * 2, dtype=float).reshape(n_units, 2, 1)
    panel = Panel(
        tuple(f"u{i}" for i in range(n_units)), ("",) * n_units, PERIODS, ("engagement",), value,
        np.full(value.shape, n), value,
    )  # fmt: skip
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    scores = Scores((), (), (), none, none, none, *([nothing] * 9), nothing > 0)
    figures = Figures((), (), (), none, none, none, nothing, nothing)
    return Measurement(scores, figures, (), panel, Provenance("t", "0", 0))


def effect(n_acted=3, n=8.0, n_compared=9, n_after=5):
    return OutcomeEffect(
        "engagement", "staggered", Interval(0.4321, 0.1234, 0.7654), Interval(0.3), Interval(0.21605, 0.06, 0.38),
        0.5432, 0.1234, Interval(math.nan), math.nan, 0.01234, 0.4444, n_acted, n_compared, 1, n_after, n, "worked", "",
        "Why.", "Waarom.",
    )  # fmt: skip


def action(units=("u0", "u1", "u2"), **changes):
    return ActionEffect("k", "engagement", "What", "2022", units, (effect(**changes),), "worked", "Why.", "Waarom.")


def guarded(a, hidden=(), public=(), again=None, **measured):
    passed = Passed((), (), (), tuple(Suppressed(*h, "threshold") for h in hidden), frozenset(public))
    return guard_effects((a,), passed, measurement(**measured), Policy(), SCALES, again)[0]


def test_an_effect_of_shown_units_is_shown_to_a_tenth():
    outcome = guarded(action()).outcomes[0]
    assert outcome.estimate == Interval(0.4, 0.1, 0.8)
    assert outcome.raw == Interval(0.2, 0.05, 0.4)
    assert outcome.naive == 0.5
    assert (outcome.p_value, outcome.reason) == (0.01, "Why.")


def test_public_figures_are_shown_to_a_hundredth():
    assert guarded(action(), public=["engagement"]).outcomes[0].estimate.estimate == 0.43


def test_one_small_unit_in_one_period_is_shown_coarsely_and_without_figures_in_words():
    outcome = guarded(action(("u0",), n_acted=1, n=5.0, n_after=1)).outcomes[0]
    assert (outcome.estimate.estimate, outcome.reason) == (0.5, COARSE.en)


def test_a_hidden_unit_acted_upon_is_left_out_of_the_effect():
    asked = []

    def again(shown):
        asked.append(shown)
        return (action(("u1", "u2"), n_acted=2),)

    guarded(action(), [("u0", "2022", "engagement")], again=again)
    assert np.isnan(asked[0].panel.value[0, 1, 0])
    assert np.isfinite(asked[0].panel.value).sum() == 23


def test_without_a_way_to_make_it_again_it_is_withheld():
    shown = guarded(action(), [("u0", "2022", "engagement")])
    assert (shown.outcomes, shown.verdict, shown.reason) == ((), "undetermined", WITHHELD.en)


def test_a_comparison_over_four_units_of_which_one_is_hidden_is_withheld():
    assert guarded(action(n_compared=4), [("u9", "2022", "engagement")]).outcomes == ()


def test_a_comparison_over_enough_units_may_hold_a_hidden_one():
    assert len(guarded(action(), [("u9", "2022", "engagement")]).outcomes) == 1


def test_a_hidden_figure_on_something_else_changes_nothing():
    assert len(guarded(action(), [("u0", "2022", "absence")]).outcomes) == 1


def test_the_effect_before_the_gate_stays_as_it_was():
    before = action()
    guarded(before)
    assert before == action()


@pytest.mark.parametrize("estimate", [0.0, math.nan])
def test_no_effect_at_all_can_be_rounded(estimate):
    a = action()
    none = replace(a, outcomes=(replace(a.outcomes[0], estimate=Interval(estimate), raw=Interval(estimate)),))
    assert guarded(none).outcomes[0].raw.low != guarded(none).outcomes[0].raw.low


def test_a_stored_effect_is_opened_as_it_was():
    shown = guarded(action())
    stored = stored_as(shown)
    again = opened(json.loads(json.dumps(stored)))
    assert replace(again, outcomes=()) == replace(shown, outcomes=())
    assert stored_as(again) == stored
