"""What a hidden team has all the same: the mean of shown teams like it, and a way forward."""

import math

import pytest

from bevlogen.core.shown import ShownScore, Suppressed
from bevlogen.core.tables import Unit
from bevlogen.disclose.similar import WAYS, with_similar

TREE = (
    Unit("top", "Top", None),
    Unit("left", "Left", "top"),
    Unit("right", "Right", "top"),
    *(Unit(key, key, "left", "tram") for key in ("a", "b", "small")),
    *(Unit(key, key, "right", service) for key, service in (("c", "tram"), ("d", "care"), ("e", "care"))),
)


def shown(unit, mean, n=10):
    return ShownScore(unit, "2024", "engagement", n, mean, mean, mean, mean, 0.7, 0.5)


def similar(hidden, *scores):
    return with_similar([Suppressed(hidden, "2024", "engagement", "threshold")], scores, TREE)[0]


def test_a_small_team_has_the_mean_of_teams_of_its_service():
    gone = similar("small", shown("a", 3.0), shown("b", 4.0, 30), shown("c", 3.5), shown("d", 1.0))
    assert (gone.similar, gone.similar_units, gone.similar_by) == (3.7, 3, "service")


def test_without_two_of_its_service_it_has_those_of_its_group():
    gone = similar("d", shown("c", 3.0), shown("e", 4.0), shown("a", 1.0))
    assert (gone.similar, gone.similar_units, gone.similar_by) == (3.5, 2, "group")


def test_else_it_has_those_of_all_teams():
    gone = similar("e", shown("a", 3.0), shown("b", 4.0))
    assert (gone.similar, gone.similar_units, gone.similar_by) == (3.5, 2, "all")


def test_one_team_is_no_pool_and_a_group_has_none():
    assert math.isnan(similar("small", shown("a", 3.0)).similar)
    assert similar("left", shown("a", 3.0), shown("b", 4.0)).similar_by == ""


def test_figures_of_groups_and_other_periods_are_not_in_it():
    other = ShownScore("a", "2023", "engagement", 10, 1.0, 1.0, 1.0, 1.0, 0.7, 0.5)
    assert similar("small", shown("left", 1.0), other, shown("a", 3.0), shown("b", 4.0)).similar == 3.5


def test_it_is_made_of_what_is_shown_alone(small, empty_chain, empty_plan):
    """The attack: the hidden team says something quite different; what stands in its place stays the same."""
    from bevlogen.disclose import release

    teams = [[], [3.0, 4.0, 2.0, 5.0, 3.0, 4.0], [2.0, 4.0, 3.0, 3.0, 4.0, 5.0, 1.0]]
    found = [
        release((made := small([None, 0, 0, 0], [[*teams, own]])).workspace, made.measurement, empty_chain, empty_plan)
        for own in ([5.0, 5.0, 5.0], [1.0, 2.0, 1.0])
    ]
    gone = [next(s for s in r.suppressed if s.unit == "u3") for r in found]
    assert gone[0] == gone[1]
    assert found[0].ways["threshold"] == WAYS["threshold"]


@pytest.mark.parametrize("rule", WAYS)
def test_every_rule_says_why_and_what_to_do_in_both_languages(rule):
    assert "What you can do:" in WAYS[rule].en
    assert "Wat u kunt doen:" in WAYS[rule].nl
