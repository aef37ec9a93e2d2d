import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import tree
from bevlogen.disclose.exposure import Told, limits, of_one

FIVE = AnswerScale(1, 5, 1)
SOLVER = 1e-6  # feasibility tolerance of the integer solver
COUNTED = 1e-9


@st.composite
def organisations(draw):
    """Units with their own people, and the rounded means of some of them."""
    u = draw(st.integers(2, 6))
    parent = [-1, *(draw(st.integers(0, i)) for i in range(u - 1))]
    own = [draw(st.integers(0 if i in parent else 1, 4)) for i in range(u)]
    answers = [draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)) for n in own]
    shown = [draw(st.booleans()) for _ in range(u)]
    step = draw(st.sampled_from([0.0, 0.1, 0.5]))
    return parent, answers, shown, step


def told(parent, answers, shown, step):
    members = below(parent)
    n, low, high = (np.zeros((len(parent), 1)) for _ in range(3))
    for unit, inside in enumerate(members):
        everyone = [a for part in inside for a in answers[part]]
        n[unit] = len(everyone)
        mean = np.round(np.mean(everyone) / step) * step if step and everyone else np.mean(everyone or [0])
        low[unit], high[unit] = len(everyone) * (mean - step / 2), len(everyone) * (mean + step / 2)
        if not shown[unit]:
            low[unit], high[unit] = -np.inf, np.inf
    return Told(n, low, high)


def below(parent):
    inside = [[u] for u in range(len(parent))]
    for unit in tree(parent).order:
        if parent[unit] >= 0:
            inside[parent[unit]] += inside[unit]
    return inside


def solved(parent, said, of):
    """Least and greatest sum of the people of the units ``of``, by integer programming over each unit's own sum."""
    own = [said.n[u, 0] - sum(said.n[c, 0] for c in range(len(parent)) if parent[c] == u) for u in range(len(parent))]
    rows = np.array([[part in inside for part in range(len(parent))] for inside in below(parent)], dtype=float)
    given_ = np.isfinite(said.low[:, 0])
    constraints = LinearConstraint(rows[given_], said.low[given_, 0] - SOLVER, said.high[given_, 0] + SOLVER)
    aim = np.array([part in of for part in range(len(parent))], dtype=float)
    ends = []
    for sign in (1, -1):
        done = milp(sign * aim, integrality=1, bounds=(np.array(own), 5 * np.array(own)), constraints=[constraints])
        ends.append(sign * done.fun)
    return ends


@given(organisations())
@settings(max_examples=150, deadline=None)
def test_limits_are_those_of_the_integer_programme(organisation):
    parent, answers, shown, step = organisation
    said = told(parent, answers, shown, step)
    found = limits(tree(parent), said, FIVE)
    for unit, inside in enumerate(below(parent)):
        assert [found.low[unit, 0], found.high[unit, 0]] == pytest.approx(solved(parent, said, inside), abs=1e-4)
        assert [found.own_low[unit, 0], found.own_high[unit, 0]] == pytest.approx(
            solved(parent, said, [unit]), abs=1e-4
        )


def test_a_hidden_team_follows_from_its_parent_and_siblings():
    parent, answers = [-1, 0, 0, 0], [[], [2, 3, 5], [4] * 7, [3] * 10]
    found = limits(tree(parent), told(parent, answers, [True, False, True, True], 0.0), FIVE)
    assert (found.low[1, 0], found.high[1, 0]) == pytest.approx((10, 10), abs=COUNTED)


def test_figures_that_cannot_all_be_true_leave_the_scale():
    n, far = np.array([[4.0], [4.0]]), np.array([[8.0], [20.0]])
    found = limits(tree([-1, 0]), Told(n, far, far), FIVE)
    assert np.isfinite(found.low).all()


def test_one_of_a_few_is_known_when_all_sit_at_the_end():
    low, high = of_one(np.array([3.0]), np.array([15.0]), np.array([15.0]), FIVE)
    assert (low[0], high[0]) == (5, 5)


def test_one_of_a_few_is_open_when_the_others_could_make_up_for_it():
    low, high = of_one(np.array([3.0]), np.array([9.0]), np.array([9.0]), FIVE)
    assert (low[0], high[0]) == (1, 5)


def test_who_left_is_counted_below_nought():
    low, high = of_one(np.array([-1.0]), np.array([-4.0]), np.array([-3.0]), FIVE)
    assert (low[0], high[0]) == (3, 4)


def test_of_nobody_nothing_is_said():
    low, _ = of_one(np.array([0.0]), np.array([0.0]), np.array([0.0]), FIVE)
    assert np.isnan(low[0])
