"""The best set of moves within limits, how sure it is, and what is worth knowing first."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.core.planned import Cost, Limits
from bevlogen.core.tables import Unit
from bevlogen.errors import BevlogenError

EXACT = 1e-6
NONE = Limits()


@pytest.fixture
def asked(make):
    """Twenty units in four groups; engagement on loyalty is known well."""
    level = np.linspace(3.0, 5.0, 20)[:, None] + np.zeros((1, 4))
    m = make.measurement({"engagement": level, "loyalty": level[::-1]})
    chain = steer.judge((make.link(make.estimate("lagged", 0.3, 0.05)),), make.organisation(), make.provenance)
    units = tuple(Unit(u, u, f"g{i % 4}") for i, u in enumerate(m.panel.units))
    workspace = replace(make.workspace(make.organisation()), units=units)
    return lambda limits=NONE, **kw: steer.choose(m, chain, workspace, limits, **kw)


def test_the_largest_gains_are_chosen(asked):
    assert [c.unit for c in asked(Limits(at_once=3)).choices] == ["u00", "u01", "u02"]


def test_the_set_is_the_best_of_all_sets(asked):
    cost = {"engagement": Cost(2.0)}
    whole = {c.unit: c.gain.estimate for c in asked().choices}
    best = max(sum(s) for s in combinations(whole.values(), 3))
    assert asked(Limits(money=7, cost=cost)).gain.estimate == pytest.approx(best, abs=EXACT)


def test_money_and_hours_are_added_up(asked):
    found = asked(Limits(money=10, hours=9, cost={"engagement": Cost(2, 3)}))
    assert (len(found.choices), found.spent) == (3, Cost(6, 9))


def test_fairness_between_groups_is_kept(asked):
    found = asked(Limits(at_once=4, each_group=1))
    assert {int(c.unit[1:]) % 4 for c in found.choices} == {0, 1, 2, 3}
    assert len(asked(Limits(per_group=1)).choices) == 4


def test_units_can_be_kept_out_or_made_to_take_part(asked):
    found = asked(Limits(at_once=2, must=frozenset({"u09"}), never=frozenset({"u00"})))
    assert {c.unit for c in found.choices} == {"u01", "u09"}


def test_the_chance_of_a_target_is_told_and_falls_with_it(asked):
    near, far = (asked(Limits(at_once=3), target=t).reached for t in (0.5, 3.0))
    assert near > far


def test_sureness_is_a_share_and_highest_for_the_largest_gap(asked):
    sure = [c.sureness for c in asked(Limits(at_once=3)).choices]
    assert sure[0] == max(sure)
    assert all(0 < s <= 1 for s in sure)


def test_knowing_everything_is_worth_at_least_as_much_as_any_part(asked):
    whole, *parts = asked(Limits(at_once=3)).knowing
    assert all(0 <= p.worth <= whole.worth + 0.05 for p in parts)


def test_one_effect_that_all_moves_share_is_not_worth_knowing_but_levels_are(asked):
    worth = {k.about.en: k.worth for k in asked(Limits(at_once=3)).knowing}
    assert worth["the effect of engagement"] == pytest.approx(0, abs=EXACT)
    assert worth["where the units really stand"] > 0.005


def test_moves_of_hidden_units_are_not_considered(asked):
    shown = frozenset({("u05", "engagement"), ("u05", "loyalty"), ("u00", "engagement")})
    assert [c.unit for c in asked(shown=shown).choices] == ["u05"]


def test_nothing_to_choose_from_is_an_answer(asked):
    found = asked(shown=frozenset())
    assert (found.choices, found.reason.en[:7]) == ((), "No move")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(money=-1), "Found -1 for money"),
        (Limits(hours=-2), "Found -2 for hours"),
        (Limits(cost={"engagement": Cost(-1)}), 'The cost of "engagement" is below 0'),
        (Limits(cost={"engagment": Cost(1)}), 'The cost of "engagment" is of no lever'),
        (Limits(must=frozenset({"x"})), "No such units: x"),
        (Limits(must=frozenset({"u00"}), never=frozenset({"u00"})), "must and must not be done in u00"),
        (Limits(must=frozenset({"u19"})), "no move there is likely"),
        (Limits(money=1, must=frozenset({"u00"}), cost={"engagement": Cost(2)}), r"money \(at most 1\); must in u00"),
        (Limits(at_once=2, each_group=1), r"contradict each other: at once \(at most 2\); each group"),
    ],
)
def test_limits_that_cannot_be_are_named(asked, limits, message):
    with pytest.raises(BevlogenError, match=message):
        asked(limits)


def test_limits_that_have_no_part_in_a_contradiction_are_not_named(asked):
    with pytest.raises(BevlogenError) as wrong:
        asked(Limits(money=1, hours=1000, must=frozenset({"u00"}), cost={"engagement": Cost(2, 1)}))
    assert "hours" not in str(wrong.value)


def test_a_target_of_nothing_is_refused(asked):
    with pytest.raises(BevlogenError, match="Found a target of 0"):
        asked(target=0)
