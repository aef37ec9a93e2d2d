"""Positions and first moves rest on shown figures of their unit, or are not shown."""

import math

from bevlogen.core.planned import Move, Plan, Position
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.shown import ShownScore, Suppressed
from bevlogen.disclose.cells import Passed
from bevlogen.disclose.steering import NONE_SHOWN, SOME_SHOWN, guard_plan

K = 5
PERIODS = ("2021", "2022")


def shown(unit, period="2022", construct="engagement", n=8.0):
    return ShownScore(unit, period, construct, n, 3.4, 3.4, 3.1, 3.7, 0.7, 0.2)


def hidden(unit, period="2022", construct="engagement"):
    return Suppressed(unit, period, construct, "threshold")


def position(unit="a", n=8.0):
    trend = Interval(0.31, 0.1, 0.5)
    return Position(unit, "2022", "", Interval(0.4444, 0.1, 0.8), Interval(0.1), trend, trend, math.nan, n)


def move(unit="a", basis="peers", n=8.0):
    gain = Interval(0.12345, 0.01, 0.2)
    return Move(unit, "engagement", "loyalty", 3.4321, 3.9876, basis, 0.8765, gain, 0.87654, "lagged", n)


def guarded(positions=(), moves=(), scores=(), suppressed=(), public=()):
    plan = Plan(tuple(positions), tuple(moves), 0.61234, "Why.", "Waarom.", Provenance("t", "0", 0))
    passed = Passed(tuple(scores), (), (), tuple(suppressed), frozenset(public))
    return guard_plan(plan, passed, PERIODS, K)


BOTH = (shown("a"), shown("a", construct="loyalty"))


def test_a_position_of_a_shown_unit_is_shown_to_a_tenth():
    assert guarded([position()], scores=BOTH).positions[0].service == Interval(0.4, 0.1, 0.8)


def test_a_position_with_one_hidden_part_is_not_shown():
    assert guarded([position()], scores=[shown("a")], suppressed=[hidden("a", construct="loyalty")]).positions == ()


def test_a_position_with_a_hidden_facet_is_not_shown():
    facet = hidden("a", construct="employership.support")
    assert guarded([position()], scores=BOTH, suppressed=[facet]).positions == ()


def test_a_position_whose_other_axis_stands_at_an_earlier_hidden_period_is_not_shown():
    earlier = hidden("a", "2021", "loyalty")
    assert guarded([position()], scores=[shown("a")], suppressed=[earlier]).positions == ()


def test_a_hidden_figure_of_record_does_not_hide_the_position():
    assert len(guarded([position()], scores=BOTH, suppressed=[hidden("a", construct="absence")]).positions) == 1


def test_a_position_of_an_unknown_unit_is_not_shown():
    assert guarded([position("b")], scores=BOTH).positions == ()


def test_a_position_on_fewer_than_k_falls_even_if_no_figure_was_hidden():
    assert guarded([position(n=4.0)], scores=BOTH).positions == ()


def test_a_position_of_public_scores_stays_whatever_its_size():
    assert len(guarded([position(n=3.0)], scores=BOTH, public=["engagement", "loyalty"]).positions) == 1


def test_a_move_of_a_shown_unit_is_shown_rounded():
    found = guarded(moves=[move()], scores=BOTH).moves[0]
    assert (found.level, found.target, found.gap, found.probability) == (3.43, 3.99, 0.9, 0.88)
    assert found.gain == Interval(0.12, 0.01, 0.2)


def test_the_certainty_stays_where_every_move_stays():
    plan = guarded(moves=[move()], scores=BOTH)
    assert (plan.certainty, plan.reason) == (0.61, "Why.")


def test_a_move_with_a_hidden_lever_falls_and_says_so():
    plan = guarded(moves=[move()], scores=[shown("a", construct="loyalty")], suppressed=[hidden("a")])
    assert (plan.moves, plan.reason, plan.reason_nl) == ((), NONE_SHOWN.en, NONE_SHOWN.nl)
    assert math.isnan(plan.certainty)


def test_a_move_with_a_hidden_outcome_falls():
    assert guarded(moves=[move()], scores=[shown("a")], suppressed=[hidden("a", construct="loyalty")]).moves == ()


def test_where_some_moves_fall_the_chance_of_the_first_is_not_told():
    plan = guarded(moves=[move(), move("b")], scores=BOTH)
    assert (len(plan.moves), plan.reason) == (1, SOME_SHOWN.en)
    assert math.isnan(plan.certainty)


def test_a_move_to_ones_own_past_needs_that_past():
    past = hidden("a", "2021")
    assert guarded(moves=[move(basis="own past")], scores=BOTH, suppressed=[past]).moves == ()
    assert len(guarded(moves=[move(basis="peers")], scores=BOTH, suppressed=[past]).moves) == 1


def test_a_move_on_fewer_than_k_falls():
    assert guarded(moves=[move(n=4.0)], scores=BOTH).moves == ()


def test_an_empty_plan_keeps_its_own_reason():
    plan = guarded()
    assert plan.reason == "Why."
    assert math.isnan(plan.certainty)
