"""Each way that people are told on, tried: an attacker who knows everything but the answers asks a solver for them.

He holds one number per person, knows who was where in each wave, every count, every figure and how it is rounded, and
that all answered the same each time, in whole points. Of the product he takes what a release tells, and all releases.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from bevlogen.core.released import AnswerScale
from bevlogen.disclose import release
from bevlogen.disclose.gate import told
from bevlogen.disclose.ledger import Ledger, Rules, entered
from bevlogen.show.export import document

LOW, HIGH, LEAST = 1, 5, 1  # a quarter of the scale must stay open
NAMES_OF_A_SCORE = {"period", "construct", "n", "mean", "shrunken", "low", "high", "reliability", "step"}


@pytest.fixture(scope="session")
def world(small, inside, empty_chain, empty_plan):
    """Release waves of people one after another; ``people``: (answer, unit in each wave or None)."""

    def make(trees, people, ledger=None):
        ledger, rows = ledger or Ledger(), []
        for wave in range(len(people[0][1])):
            parents = trees[min(wave, len(trees) - 1)]
            waves = [
                [[float(answer) for answer, path in people if path[t] == unit] for unit in range(len(parents))]
                for t in range(wave + 1)
            ]
            made = small(parents, waves)
            found = release(made.workspace, made.measurement, empty_chain, empty_plan, ledger=ledger)
            record = told(made.workspace, made.measurement, found, f"2024-0{len(ledger.lines) + 1}-01T09:00:00+00:00")
            ledger = entered(ledger, replace(record, scales={"engagement": AnswerScale(LOW, HIGH, 1)}), Rules(5, 0.25))
            for score in found.scores:
                below = inside(parents, int(score.unit[1:]))
                t = int(score.period) - 2021
                rows.append(([path[t] in below for _, path in people], score.n, score.mean, score.step))
        return rows, ledger

    return make


def doubt(rows, people):
    """Solve for the least and greatest answer of each person; the narrowest of these."""
    if not rows:
        return HIGH - LOW
    covers = np.array([row[0] for row in rows], dtype=float)
    n, mean, step = np.array([row[1:] for row in rows]).T
    sums = LinearConstraint(covers, n * (mean - step / 2) - 1e-7, n * (mean + step / 2) + 1e-7)
    kinds, which = np.unique(covers, axis=1, return_inverse=True)  # one of each kind of past: the others are like it
    ends = []
    for kind in range(kinds.shape[1]):
        aim = np.zeros(len(people))
        aim[np.flatnonzero(which.ravel() == kind)[0]] = 1.0
        done = [
            milp(s * aim, integrality=np.ones(len(people)), bounds=Bounds(LOW, HIGH), constraints=sums) for s in (1, -1)
        ]
        assert all(d.status == 0 for d in done)
        ends.append(-done[1].fun - done[0].fun)
    return min(ends)


def team(answers, *path):
    return [(a, path) for a in answers]


TEN = [5, 4, 2, 3, 3, 4, 2, 3, 4, 3]
EIGHT = [2, 3, 4, 3, 5, 2, 4, 3]
ALONE, GROUP = [[None]], [[None, 0, 0, 0]]


def test_the_attacker_finds_a_leaver_where_figures_are_exact():
    people = [*team([5], 0, None), *team(TEN[1:], 0, 0)]
    rows = [([True] * 10, 10, 3.3, 0.01), ([False] + [True] * 9, 9, 28 / 9, 0.01)]
    assert doubt(rows, people) == 0


@pytest.mark.parametrize("said", [1, 3, 5])
def test_one_leaver_between_two_waves(world, said):
    people = [*team([said], 0, None), *team(TEN[1:], 0, 0)]
    rows, _ = world(ALONE, people)
    assert len(rows) > 1
    assert doubt(rows, people) >= LEAST


@pytest.mark.parametrize(("left", "came"), [(1, 5), (5, 1), (3, 3)])
def test_somebody_who_took_the_place_of_another(world, left, came):
    people = [*team([left], 0, None), *team([came], None, 0), *team(TEN[1:], 0, 0)]
    rows, _ = world(ALONE, people)
    assert len(rows) > 1
    assert doubt(rows, people) >= LEAST


def test_four_waves_with_one_other_person_in_each(world):
    paths = [(0, None, None, None), (None, 0, None, None), (None, None, 0, None), (0, 0, 0, None), (None, 0, 0, 0)]
    people = [*((a, path) for a, path in zip([5, 1, 5, 1, 5], paths, strict=True)), *team(TEN[:7], 0, 0, 0, 0)]
    rows, _ = world(ALONE, people)
    assert len(rows) > 4
    assert doubt(rows, people) >= LEAST


def test_a_reorganisation(world):
    """A team moves to the other group, and one of them stays behind."""
    before, after = [None, 0, 0, 1, 1, 2], [None, 0, 0, 1, 2, 2]
    people = [*team([5], 4, 3), *team(TEN[1:7], 4, 4), *team(EIGHT, 3, 3), *team(TEN, 5, 5)]
    rows, _ = world([before, after], people)
    assert len(rows) > 4
    assert doubt(rows, people) >= LEAST


def test_a_manager_of_two_trees_over_the_same_people(world):
    """By team and by trade, overlapping in all but one person; the second study uses the ledger of the first."""
    by_team = [*team(TEN, 1, 1), *team(EIGHT, 2, 2)]
    rows, ledger = world(GROUP, by_team)
    by_trade = [*team(TEN[:-1], 1, 1), *team(TEN[-1:], 2, 2), *team(EIGHT, 2, 2)]
    more, _ = world(GROUP, by_trade, ledger)
    assert more
    assert doubt([*rows, *more], by_team) >= LEAST


def test_two_overlapping_filters_are_not_released(world):
    """A release knows one tree: a crossing of two groupings has no figure, so none can be subtracted."""
    rows, _ = world(GROUP, [*team(TEN, 1, 1), *team(EIGHT, 2, 2)])
    sets = [frozenset(np.flatnonzero(row[0])) for row in rows]
    assert all(a <= b or b <= a or not a & b for a in sets for b in sets)


def test_parents_weigh_each_answer_the_same(world):
    """A group is the mean of its people, never a weighted mean of teams, whose weights would be one figure more."""
    people = [*team(TEN, 1), *team(EIGHT, 2)]
    rows, _ = world(GROUP, people)
    group = next(row for row in rows if row[1] == len(people))
    assert abs(group[2] - np.mean([a for a, _ in people])) <= group[3] / 2


def test_counts_of_hidden_teams_beside_scores_of_the_others(world):
    people = [*team([5, 4, 5], 1, 1), *team([5], 2, None), *team(TEN[1:6], 2, 2), *team(EIGHT, 3, 3)]
    rows, _ = world(GROUP, people)
    assert doubt(rows, people) >= LEAST


def test_drawn_estimates_tell_no_more_than_the_mean(small, empty_chain, empty_plan):
    """Of teams of eight with every sum: where the same mean is shown, all else that is told is the same too."""
    seen = {}
    for first in range(1, 6):
        for second in range(1, 6):
            made = small([None], [[[float(a) for a in (*EIGHT[:-2], first, second)]]])
            (score,) = release(made.workspace, made.measurement, empty_chain, empty_plan).scores
            seen.setdefault((score.mean, score.step), set()).add(score)
    assert 1 < len(seen) < 25
    assert all(len(alike) == 1 for alike in seen.values())


def test_a_release_holds_no_percentile_spread_or_coefficient_of_a_team(small, empty_chain, empty_plan):
    """Whoever adds a figure to a unit must think of an attack on it first, and add it here."""
    made = small([None, 0, 0], [[[], [float(a) for a in TEN], [float(a) for a in EIGHT]]])
    found = release(made.workspace, made.measurement, empty_chain, empty_plan)
    units = json.loads(json.dumps(document(found), allow_nan=False))["units"]
    assert {name for unit in units for score in unit["scores"] for name in score} == NAMES_OF_A_SCORE
