"""Effects of actions are made of figures as they are shown, and what falls with a hidden one is said to be withheld."""

import json
import math
from dataclasses import replace

import pytest

from bevlogen.core.chain import Text
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.results import Interval
from bevlogen.disclose.actions import PARTLY, WITHHELD, guard_effects
from bevlogen.disclose.reopen import _action as opened
from bevlogen.show.export import _action as stored_as


def effect(outcome="engagement", method="staggered", verdict="worked", estimate=0.4321):
    return OutcomeEffect(
        outcome, method, Interval(estimate, 0.1234, 0.7654), Interval(0.3), Interval(0.21605, 0.06, 0.38),
        0.5432, 0.1234, Interval(math.nan), math.nan, 0.01234, 0.4444, 3, 9, 1, 5, 8.0, verdict, "", "Why.", "Waarom.",
    )  # fmt: skip


def action(*outcomes, notes=()):
    units = ("u0", "u1", "u2")
    return ActionEffect(
        "k", "engagement", "What", "2022", units, outcomes or (effect(),), "worked", "Why.", "Waarom.", notes
    )


def guarded(of_shown, exact=None, public=()):
    return guard_effects((exact or action(),), (of_shown,), public)[0]


def test_an_effect_is_that_of_shown_figures_to_a_tenth():
    outcome = guarded(action(effect(estimate=0.2321))).outcomes[0]
    assert outcome.estimate == Interval(0.2, 0.1, 0.8)
    assert outcome.raw == Interval(0.22, 0.06, 0.38)
    assert outcome.naive == 0.5
    assert (outcome.p_value, outcome.reason) == (0.01, "Why.")


def test_public_figures_are_shown_to_a_hundredth():
    assert guarded(action(), public=["engagement"]).outcomes[0].estimate.estimate == 0.43


def test_what_hidden_figures_make_impossible_is_withheld():
    none = effect(method="none", verdict="undetermined")
    shown = guarded(action(none))
    assert (shown.outcomes, shown.verdict, shown.reason) == ((), "undetermined", WITHHELD.en)


def test_the_rest_of_an_action_stays_and_says_that_something_is_left_out():
    none, other = effect(method="none", verdict="undetermined"), effect("loyalty", verdict="backfired")
    shown = guarded(action(none, other), exact=action(effect(), effect("loyalty")))
    assert [e.outcome for e in shown.outcomes] == ["loyalty"]
    assert (shown.verdict, shown.reason) == ("backfired", PARTLY.en)


def test_what_cannot_be_estimated_at_all_keeps_its_reason():
    none = effect(method="none", verdict="too early")
    assert guarded(action(none), exact=action(none)).outcomes[0].reason == "Why."


def test_a_hidden_unit_is_not_said_to_be_unmeasured():
    gone = Text("Left out, as not measured.", "Telt niet mee, want niet gemeten.")
    assert guarded(action(notes=(gone,))).notes == ()


def test_the_effects_before_the_gate_stay_as_they_were():
    before = action()
    guarded(before, before)
    assert before == action()


@pytest.mark.parametrize("estimate", [0.0, math.nan])
def test_no_effect_at_all_can_be_rounded(estimate):
    shown = guarded(action(effect(estimate=estimate))).outcomes[0].estimate.estimate
    assert shown == pytest.approx(estimate, nan_ok=True)


def test_a_stored_effect_is_opened_as_it_was():
    shown = guarded(action())
    stored = stored_as(shown)
    again = opened(json.loads(json.dumps(stored)))
    assert replace(again, outcomes=()) == replace(shown, outcomes=())
    assert stored_as(again) == stored
