"""All waves at once: shortest paths find what a solver finds who holds one number per person."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.careers import _queue, _stack, careers
from bevlogen.disclose.exposure import Told

SCALE = AnswerScale(1, 5, 1)
ALL = 9.0  # wider than the scale: everything that is known is told
CLOSE = 1e-6


def in_queue(counts):
    """Who is there in each wave: those who came first leave first."""
    begin, end, there = 0, 0, []
    for n in counts:
        begin, end = (begin, begin + n) if n >= end - begin else (end - n, end)
        there.append(set(range(begin, end)))
    return there


def on_stack(counts):
    """Who is there in each wave: those who came last leave first."""
    stack, there, came = [], [], 0
    for n in counts:
        stack = stack[:n]
        while len(stack) < n:
            stack.append(came)
            came += 1
        there.append(set(stack))
    return there


def solved(there, low, high):
    """Least and greatest answer of everybody."""
    people = 1 + max(p for wave in there for p in wave)
    covers = np.array([[p in wave for p in range(people)] for wave in there], dtype=float)
    sums = LinearConstraint(covers, low, high)
    out = []
    for person in range(people):
        aim = np.eye(people)[person]
        ends = [milp(s * aim, integrality=np.ones(people), bounds=Bounds(1, 5), constraints=sums) for s in (1, -1)]
        out.append((ends[0].fun, -ends[1].fun))
    return out


@st.composite
def told_waves(draw):
    counts = draw(st.lists(st.integers(1, 7), min_size=3, max_size=5))
    answers = draw(st.lists(st.integers(1, 5), min_size=40, max_size=40))
    wide = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=5, max_size=5))
    return counts, answers, wide


@pytest.mark.parametrize(("order", "find"), [(in_queue, _queue), (on_stack, _stack)])
@settings(max_examples=60, deadline=None)
@given(told_waves())
def test_what_is_found_is_what_a_solver_finds(order, find, drawn):
    counts, answers, wide = drawn
    there = order(counts)
    sums = np.array([sum(answers[p] for p in wave) for wave in there], dtype=float)
    low, high = (sums + [sign * pair[at] for pair in wide[: len(counts)]] for at, sign in ((0, -1), (1, 1)))
    exact = solved(there, low, high)
    told = Told(*(np.array([a], dtype=float) for a in (counts, low, high)))
    for _, is_there, gone, people, least, most in find(told, SCALE, ALL):
        who = there[is_there] - there[gone]
        assert len(who) >= people
        if len({tuple(p in wave for wave in there) for p in who}) == 1:  # they share all of their past
            assert all((least, most) == pytest.approx(exact[p], abs=CLOSE) for p in who)
        else:
            assert any(least - CLOSE <= exact[p][0] and exact[p][1] <= most + CLOSE for p in who)


def test_three_waves_tell_what_no_two_of_them_tell():
    n, mean = np.array([[22.0, 20.0, 21.0]]), np.array([[3.1, 2.9, 2.8]])
    low, high = np.ceil(n * (mean - 0.05)), np.floor(n * (mean + 0.05))
    found = careers(Told(n, low, high), SCALE, 1.0)
    assert [(c.there, c.gone, c.people, c.low, c.high) for c in found] == [(0, 1, 2, 5, 5), (2, 1, 1, 1, 1)]


def test_what_follows_in_one_order_of_leaving_alone_is_no_finding():
    """One, two, one, with sums of 3, 8 and 5: the first left, or they did not answer the same."""
    n, sums = np.array([[1.0, 2.0, 1.0]]), np.array([[3.0, 8.0, 5.0]])
    waves = Told(n, sums, sums)
    assert [one[1:] for one in _queue(waves, SCALE, 1.0)] == [(1, 2, 1, 3.0, 3.0), (1, 0, 1, 5.0, 5.0)]
    assert list(_stack(waves, SCALE, 1.0)) == []
    assert careers(waves, SCALE, 1.0) == ()


def test_waves_that_contradict_each_other_tell_nothing():
    """All who stayed would have had to answer above the scale: so they did not answer the same."""
    n = np.array([[10.0, 9.0, 10.0]])
    assert careers(Told(n, np.array([[50.0, 9.0, 50.0]]), np.array([[50.0, 9.0, 50.0]])), SCALE, 1.0) == ()


def test_a_unit_that_nobody_left_or_came_to_is_passed_over():
    n = np.full((1, 4), 8.0)
    assert careers(Told(n, 3 * n, 3 * n), SCALE, 1.0) == ()
