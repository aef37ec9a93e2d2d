import numpy as np
import pytest

from bevlogen.core.tables import Unit
from bevlogen.measure.aggregate import scan
from bevlogen.measure.levels import level_from_rows, levels_given
from bevlogen.measure.tree import tree_of

UNITS = (Unit("top", "Top"), Unit("a", "A", "top"), Unit("b", "B", "top"))
NAN = float("nan")


def at(level, unit, period=0):
    return np.flatnonzero((level.unit == unit) & (level.period == period))[0]


def from_rows(make, rows, units=UNITS):
    one = make.instrument(items=("e1",), min_answered=1)
    space = make.workspace(units, [one], [make.rows(rows, ("e1",))])
    return level_from_rows(scan(space)[0].scores, 0, "answers", (1.0, 5.0), tree_of(units), 2)


def given_levels(make, rows, **kw):
    space = make.workspace(UNITS, scores=make.scores("engagement", rows, **kw))
    return levels_given(space, tree_of(UNITS), ())


@pytest.fixture
def small(make):
    rows = [("a", "2024-Q1", 2.0), ("a", "2024-Q1", 4.0), ("b", "2024-Q1", 5.0), ("top", "2024-Q1", 1.0)]
    return from_rows(make, rows)


def test_a_group_holds_the_answers_below_it_and_its_own(small):
    top = at(small, 0)
    assert (small.n[top], small.mean[top]) == (4.0, 3.0)
    assert small.sd[top] == pytest.approx(np.std([2, 4, 5, 1], ddof=1))


def test_only_units_without_answers_below_them_count_as_own(small):
    assert small.own.tolist() == [False, True, True]


def test_the_error_of_a_mean_is_the_pooled_variance_within_over_n(small):
    # only team a has two answers: variance within 2
    assert small.within == pytest.approx(2.0)
    assert small.error.tolist() == pytest.approx([0.5, 1.0, 2.0])


def test_a_single_answer_has_no_sd_and_is_all_equal(small):
    assert np.isnan(small.sd[at(small, 2)])
    assert small.all_equal.tolist() == [False, False, True]


def test_answers_of_a_third_are_seen_as_equal(make):
    level = from_rows(make, [("a", "2024-Q1", 1 + 1 / 3)] * 7 + [("b", "2024-Q1", 2.0)])
    assert level.all_equal[at(level, 1)]
    assert level.sd[at(level, 1)] == 0.0


def test_one_respondent_everywhere_leaves_the_error_unknown(make):
    level = from_rows(make, [("a", "2024-Q1", 2.0), ("b", "2024-Q1", 3.0)])
    assert level.basis == "unknown"
    assert np.isnan(level.error).all()


def test_a_given_group_is_the_mean_weighted_by_n(make):
    level = given_levels(make, [(1, 0, 2.0, 30, 1.0), (2, 0, 4.0, 10, 1.0)])[0]
    assert (level.n[at(level, 0)], level.mean[at(level, 0)]) == (40.0, 2.5)
    assert level.error[at(level, 0)] == pytest.approx(1 / 40)


def test_a_given_group_without_n_is_the_plain_mean(make):
    level = given_levels(make, [(1, 0, 2.0, 30, 1.0), (2, 0, 4.0, NAN, NAN)])[0]
    assert level.mean[at(level, 0)] == 3.0
    assert np.isnan(level.n[at(level, 0)])


def test_a_groups_own_given_figure_stands(make):
    level = given_levels(make, [(0, 0, 3.9, 50, 1.0), (1, 0, 2.0, 30, 1.0)])[0]
    assert level.mean[at(level, 0)] == 3.9
    assert level.own.tolist() == [False, True]


def test_given_sds_are_pooled_by_their_degrees_of_freedom(make):
    level = given_levels(make, [(1, 0, 2.0, 31, 1.0), (2, 0, 4.0, 11, 2.0)])[0]
    assert level.within == pytest.approx((30 * 1 + 10 * 4) / 40)


def test_without_sd_the_variance_is_bounded_by_the_room_on_the_scale(make):
    level = given_levels(make, [(1, 0, 2.0, 50, NAN)])[0]
    assert level.basis == "bound"
    assert level.within == pytest.approx((2 - 1) * (5 - 2) * 50 / 49)


def test_without_n_nothing_is_known_of_the_error(make):
    level = given_levels(make, [(1, 0, 2.0, NAN, NAN)])[0]
    assert level.basis == "unknown"
    assert np.isnan(level.error).all()


def test_a_mean_at_the_end_of_the_scale_means_all_equal(make):
    level = given_levels(make, [(1, 0, 5.0, 50, NAN), (2, 0, 4.0, 50, NAN)])[0]
    assert level.all_equal[at(level, 1)]
    assert not level.all_equal[at(level, 2)]


def test_given_facets_make_their_parent(make):
    first = make.scores("employership.autonomy", [(1, 0, 4.0, 30, 1.0)])
    table = type(first)(
        ("employership.autonomy", "employership.workload"),
        np.array([1, 1]),
        np.array([0, 0]),
        np.array([0, 1]),
        np.array([4.0, 90.0]),
        np.array([30.0, 20.0]),
        np.array([1.0, 15.0]),
        np.array([1.0, 0.0]),
        np.array([5.0, 100.0]),
    )
    levels = levels_given(make.workspace(UNITS, scores=table), tree_of(UNITS), ())
    parent = levels[-1]
    assert parent.construct == "employership"
    assert parent.mean[at(parent, 1)] == pytest.approx((4.0 + 1.4) / 2)
    assert parent.n[at(parent, 1)] == 20.0


def test_a_construct_that_has_answers_is_not_taken_from_figures(make):
    space = make.workspace(UNITS, scores=make.scores("engagement", [(1, 0, 2.0, 30, 1.0)]))
    assert levels_given(space, tree_of(UNITS), ["engagement"]) == ()


def test_figures_of_nobody_are_no_figures(make):
    assert given_levels(make, [(1, 0, 2.0, 0, NAN)]) == ()
