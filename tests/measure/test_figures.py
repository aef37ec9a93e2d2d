import numpy as np
import pytest

from bevlogen.core.tables import Unit
from bevlogen.measure.figures import figures_of, records_of
from bevlogen.measure.tree import tree_of

NAN = float("nan")
UNITS = (Unit("top", "Top"), Unit("a", "A", "top", headcount=30.0), Unit("b", "B", "top", headcount=10.0))


def figures(make, variables, rows, units=UNITS):
    space = make.workspace(units, results=make.results(variables, rows))
    tree = tree_of(units)
    return figures_of(records_of(space, tree), space, tree)


def value(f, unit, measure, period=0):
    here = (f.unit == unit) & (f.measure == f.measures.index(measure)) & (f.period == period)
    return f.value[np.flatnonzero(here)[0]]


def test_a_rate_is_value_over_exposure_and_of_a_group_sum_over_sum(make):
    f = figures(make, ["absence"], [(1, 0, 0, 6.0, 100.0), (2, 0, 0, 4.0, 20.0)])
    assert (value(f, 1, "absence"), value(f, 2, "absence")) == (0.06, 0.2)
    assert value(f, 0, "absence") == pytest.approx(10 / 120)


def test_without_exposure_a_group_is_weighted_by_headcount(make):
    f = figures(make, ["return"], [(1, 0, 0, 2.0, NAN), (2, 0, 0, 6.0, NAN)])
    assert value(f, 0, "return") == pytest.approx((30 * 2 + 10 * 6) / 40)


def test_with_an_unknown_headcount_each_unit_counts_once(make):
    f = figures(make, ["return"], [(1, 0, 0, 2.0, NAN), (2, 0, 0, 6.0, NAN)], (*UNITS[:2], Unit("b", "B", "top")))
    assert value(f, 0, "return") == 4.0


def test_a_groups_own_figure_stands(make):
    f = figures(make, ["return"], [(0, 0, 0, 9.0, NAN), (1, 0, 0, 2.0, NAN)])
    assert value(f, 0, "return") == 9.0


def test_use_becomes_the_share_of_capacity_used(make):
    f = figures(
        make,
        ["capacity", "use"],
        [(1, 0, 0, 200.0, NAN), (1, 0, 1, 50.0, NAN), (2, 0, 0, 100.0, NAN), (2, 0, 1, 100.0, NAN)],
    )
    assert (value(f, 1, "use"), value(f, 0, "use")) == (0.25, 0.5)
    assert value(f, 1, "capacity") == 200.0


def test_use_that_is_a_share_already_stays(make):
    f = figures(make, ["capacity", "use"], [(1, 0, 0, 200.0, NAN), (1, 0, 1, 0.25, NAN)])
    assert value(f, 1, "use") == 0.25


def test_use_without_capacity_of_its_unit_is_no_share(make):
    f = figures(make, ["capacity", "use"], [(1, 0, 0, 200.0, NAN), (2, 0, 1, 50.0, NAN)])
    assert f.measure.tolist().count(1) == 0


def test_an_exposure_of_zero_gives_no_figure(make):
    assert len(figures(make, ["absence"], [(1, 0, 0, 0.0, 0.0)]).value) == 0


def test_persons_are_the_headcount(make):
    f = figures(make, ["absence"], [(1, 0, 0, 6.0, 100.0)])
    assert f.persons.tolist() == [40.0, 30.0]


def test_no_results_give_no_figures(make):
    space = make.workspace(UNITS)
    assert records_of(space, tree_of(UNITS)) == ()
    assert len(figures_of((), space, tree_of(UNITS)).value) == 0


def test_inputs_stay_unchanged(make):
    results = make.results(["capacity", "use"], [(1, 0, 0, 200.0, NAN), (1, 0, 1, 50.0, NAN)])
    records_of(make.workspace(UNITS, results=results), tree_of(UNITS))
    assert results.value.tolist() == [200.0, 50.0]
    assert np.isnan(results.exposure).all()
