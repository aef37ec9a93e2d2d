"""The attacker of the disclosure study finds what follows, and nothing that does not."""

import numpy as np
import pytest
from benchmarks.disclosure_attacker import attack
from benchmarks.disclosure_organisations import Organisation, draw
from benchmarks.disclosure_rules import Told, by_threshold, by_us


def organisation(team, answer, parent=(-1, 0, 0), step=0.01):
    parent = np.array(parent)
    return Organisation(parent, parent, np.array(team), np.array(answer), step, 0)


def test_one_who_left_is_told_by_two_exact_means():
    team = [[1, 1]] * 8 + [[1, -1]] + [[2, 2]] * 9
    org = organisation(team, [3] * 8 + [2] + [4] * 9)
    (known,) = attack(org, by_threshold(org, 5, 0)).known
    assert (known.where, known.people, known.exact) == ((1, -1), 1, True)
    assert known.low == pytest.approx(2, abs=1e-5)


def test_one_who_took_anothers_place_is_told_too():
    """The sum fell by four: only from 5 to 1."""
    team = [[1, 1]] * 8 + [[1, -1], [-1, 1]] + [[2, 2]] * 9
    org = organisation(team, [3] * 8 + [5, 1] + [4] * 9)
    assert {known.where for known in attack(org, by_threshold(org, 5, 0)).known} == {(1, -1), (-1, 1)}


def test_a_hidden_team_of_three_is_told_by_its_group():
    org = organisation([[1]] * 3 + [[2]] * 10, [2, 4, 5] + [3] * 10)
    (known,) = attack(org, by_threshold(org, 5, 0)).known
    assert (known.kind, known.where, known.people) == ("mean", (1, 0), 3)
    assert known.low == pytest.approx(11 / 3, abs=1e-5)


def test_nothing_is_told_of_two_hidden_teams_together():
    org = organisation([[1]] * 3 + [[2]] * 4 + [[3]] * 9, [1, 3, 5, 2, 3, 3, 4] + [3] * 9, parent=(-1, 0, 0, 0))
    assert attack(org, by_threshold(org, 5, 0)).known == ()


def test_nothing_follows_where_nothing_is_shown():
    org = organisation([[1]] * 3, [2, 4, 5])
    nothing = np.full((3, 1), np.nan)
    assert attack(org, (Told(org.parent, np.array([[3.0], [3.0], [0.0]]), nothing, nothing),)).known == ()


def test_an_organisation_is_the_same_for_the_same_seed():
    assert np.array_equal(draw(3).team, draw(3).team)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_nobodys_answer_follows_from_what_we_release(seed):
    org = draw(seed)
    assert [known for known in attack(org, by_us(org)).known if known.kind == "answer"] == []
