"""Nothing follows by subtraction about fewer than k respondents, and as little as possible is hidden for it."""

from itertools import chain, combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.disclose.complement import NOBODY, is_safe, join, protect, tree

K = 5


def chosen(parents, n, *, may_show=None, k=K):
    """Units shown, when every unit with k respondents may be."""
    n = np.array(n, dtype=float)
    may_show = n >= k if may_show is None else np.array(may_show)
    return np.flatnonzero(protect(tree(parents), n, may_show, k).shown).tolist()


def test_all_is_shown_where_every_unit_is_large_enough():
    assert chosen([-1, 0, 0], [12, 5, 7]) == [0, 1, 2]


def test_a_single_hidden_unit_takes_the_smallest_sibling_with_it():
    assert chosen([-1, 0, 0, 0], [20, 3, 7, 10]) == [0, 3]


def test_two_hidden_units_that_make_k_together_need_no_more():
    assert chosen([-1, 0, 0, 0], [17, 2, 3, 12]) == [0, 3]


def test_a_remainder_of_one_own_respondent_is_protected():
    assert chosen([-1, 0, 0], [14, 6, 7]) == [0, 2]


def test_an_only_child_with_all_respondents_is_shown_with_its_parent():
    assert chosen([-1, 0], [8, 8]) == [0, 1]


def test_the_parent_gives_way_if_nothing_below_can():
    """A parent of six with five in a child: hiding the child costs least, and leaves all six together."""
    assert chosen([-1, 0], [6, 5]) == [0]


def test_a_hidden_middle_does_not_hide_what_is_left_of_it():
    """The middle (6 = 5 shown below + 1 own) is closed, but the top could still be subtracted to that one person."""
    shown = chosen([-1, 0, 1, 0], [16, 6, 5, 10], may_show=[True, False, True, True])
    assert shown == [0, 3]


def test_tops_are_judged_apart():
    assert chosen([-1, -1, 0, 0], [12, 9, 4, 8]) == [0, 1]


def test_a_unit_without_respondents_changes_nothing():
    assert chosen([-1, 0, 0, 0], [12, 5, 7, 0]) == [0, 1, 2]


def test_a_part_of_unknown_size_counts_as_somebody():
    assert chosen([-1, 0, 0, 0], [12, 5, 7, np.nan]) == [0, 2]


def test_a_group_that_does_not_add_up_is_hidden():
    assert chosen([-1, 0, 0], [11, 5, 7]) == [1, 2]


def test_input_stays_unchanged():
    n = np.array([20.0, 3, 7, 10])
    may_show = n >= K
    protect(tree([-1, 0, 0, 0]), n, may_show, K)
    assert n.tolist() == [20, 3, 7, 10]
    assert may_show.tolist() == [True, False, True, True]


def test_what_the_tops_leave_open_is_told():
    assert protect(tree([-1]), np.array([3.0]), np.array([False]), K).left == (3, True)


def test_remainders_join_up_to_k():
    assert join((3, True), (4, True), K) == (5, True)
    assert join(NOBODY, (2, True), K) == (2, True)


def test_only_nobody_or_k_are_safe():
    lefts = (NOBODY, (5, True), (4, True), (0, True))
    assert [is_safe(left, K) for left in lefts] == [True, True, False, False]


@st.composite
def trees(draw):
    """Parents (a unit's parent comes before it; -1 a top) and respondents of its own."""
    size = draw(st.integers(1, 7))
    parents = [-1, *(draw(st.integers(-1 if draw(st.booleans()) else 0, i - 1)) for i in range(1, size))]
    return parents, draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))


def rolled_up(parents, own, inside):
    upward = [None if p < 0 else p for p in parents]
    return [inside(upward, unit) for unit in range(len(parents))], [
        sum(own[u] for u in inside(upward, unit)) for unit in range(len(parents))
    ]


@settings(max_examples=150, deadline=None)
@given(trees())
def test_an_attacker_with_linear_algebra_isolates_nobody(attack, inside, drawn):
    parents, own = drawn
    sets, n = rolled_up(parents, own, inside)
    shown = chosen(parents, n)
    assert attack([sets[u] for u in shown], dict(enumerate(own)), K) == []


@settings(max_examples=60, deadline=None)
@given(trees())
def test_no_safe_choice_loses_fewer_respondents(attack, inside, drawn):
    parents, own = drawn
    sets, n = rolled_up(parents, own, inside)
    candidates = [u for u in range(len(n)) if n[u] >= K]
    every_choice = chain.from_iterable(combinations(candidates, size) for size in range(len(candidates) + 1))
    safe = [c for c in every_choice if not attack([sets[u] for u in c], dict(enumerate(own)), K)]
    best = max(sum(n[u] for u in choice) for choice in safe)
    assert sum(n[u] for u in chosen(parents, n)) == best
