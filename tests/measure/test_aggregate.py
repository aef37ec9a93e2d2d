import ibis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bevlogen.core.tables import RowTable, Unit
from bevlogen.measure.aggregate import layouts, query, scan

ROUNDING = 1e-9  # sums of the same numbers in another order

ITEMS = ("e1", "e2", "e3", "c1", "c2")
ANSWERS = [
    ("a", "2024-Q1", 4.0, 5.0, 3.0, 2.0, 4.0),
    ("a", "2024-Q1", 2.0, None, 3.0, None, 3.0),
    ("a", "2024-Q1", 5.0, None, None, 5.0, 1.0),
    ("b", "2024-Q2", 1.0, 1.0, 2.0, 4.0, 4.0),
]


@pytest.fixture(scope="module")
def two_scales(make):
    instruments = [
        make.instrument(reverse=frozenset({"e3"})),
        make.instrument("control", ("c1", "c2"), min_answered=1),
    ]
    return make.workspace([Unit("b", "B"), Unit("a", "A")], instruments, [make.rows(ANSWERS, ITEMS)])


@pytest.fixture(scope="module")
def found(two_scales):
    return scan(two_scales)[0]


def test_cells_are_units_by_periods_in_the_order_of_the_workspace(found):
    assert found.scores.unit.tolist() == [0, 1]
    assert found.scores.period.tolist() == [1, 0]
    assert found.scores.rows.tolist() == [1.0, 3.0]


def test_a_score_is_the_mean_of_the_items_answered_with_reversed_items_turned(found):
    # team a, engagement: (4, 5, 6-3) and (2, -, 6-3); the third row has one item of three and no score
    assert found.scores.mean()[1, 0] == pytest.approx((4.0 + 2.5) / 2)
    assert found.scores.count()[1].tolist() == [2.0, 3.0]


def test_pairs_are_counted_over_the_rows_with_both_scores(found):
    # control in the two rows with an engagement score: 3 and 3, centred at 3: sum 0
    assert found.scores.n[1, 0, 1] == 2.0
    assert found.scores.s[1, 1, 0] == pytest.approx(0.0)
    assert found.scores.s[1, 0, 1] == pytest.approx(1.0 - 0.5)


def test_products_are_about_the_middle_of_the_scale(found):
    assert found.scores.q[1, 0, 0] == pytest.approx(1.0**2 + 0.5**2)
    assert found.scores.q[0, 0, 1] == found.scores.q[0, 1, 0] == pytest.approx(-1.0 * 1.0)


def test_item_moments_cover_complete_rows_only(found):
    items = found.items["engagement"]
    assert items.count()[1].tolist() == [1.0, 1.0, 1.0]
    assert items.mean()[1].tolist() == [4.0, 5.0, 3.0]


def test_moments_equal_a_plain_loop_over_rows(survey, survey_rows):
    scores = scan(survey)[0].scores
    mine = [[v for v in r[2:] if v is not None] for r in survey_rows if r[0] == "t3" and r[1] == "2024-Q2"]
    expected = [np.mean(v) for v in mine if len(v) >= 2]
    cell = np.flatnonzero((scores.unit == 4) & (scores.period == 1))[0]
    assert scores.count()[cell, 0] == len(expected)
    assert scores.mean()[cell, 0] == pytest.approx(np.mean(expected))
    assert scores.products_within()[cell, 0, 0] == pytest.approx(np.var(expected) * len(expected))


def test_a_parent_is_the_mean_of_its_facets_with_demands_turned_on_one_range(make):
    facets = [
        make.instrument("employership.autonomy", ("a1",), min_answered=1),
        make.instrument("employership.workload", ("w1",), low=0.0, high=10.0, options=None, min_answered=1),
    ]
    rows = make.rows([("a", "2024-Q1", 4.0, 10.0), ("a", "2024-Q1", None, 5.0)], ("a1", "w1"))
    scores = scan(make.workspace([Unit("a", "A")], facets, [rows]))[0].scores
    assert scores.variables == ("employership.autonomy", "employership.workload", "employership")
    assert scores.mean()[0].tolist() == [4.0, 7.5, pytest.approx(((4 + 1) / 2 + 3) / 2)]


def test_no_parent_is_made_where_it_has_an_instrument_of_its_own(make):
    own = [
        make.instrument("employership", ("a1",), min_answered=1),
        make.instrument("employership.support", ("w1",), min_answered=1),
    ]
    rows = make.rows([("a", "2024-Q1", 4.0, 1.0)], ("a1", "w1"))
    scores = scan(make.workspace([Unit("a", "A")], own, [rows]))[0].scores
    assert scores.mean()[0].tolist() == [4.0, 1.0]


def test_a_construct_is_scored_by_the_first_table_that_has_it(make):
    both = [make.instrument(items=("e1",), min_answered=1)]
    both.append(make.instrument(items=("x1",), min_answered=1, table="interactions"))
    tables = [make.rows([("a", "2024-Q1", 2.0)], ("e1",)), make.rows([("a", "2024-Q1", 4.0)], ("x1",), "interactions")]
    assert [s.table for s in scan(make.workspace([Unit("a", "A")], both, tables))] == ["answers"]


def test_rows_of_unknown_units_and_periods_are_left_out(make):
    rows = make.rows([("a", "2024-Q1", 1.0), ("?", "2024-Q1", 5.0), ("a", "1999", 5.0)], ("e1",))
    scores = scan(make.workspace([Unit("a", "A")], [make.instrument(items=("e1",), min_answered=1)], [rows]))[0].scores
    assert scores.mean().tolist() == [[1.0]]


def test_an_empty_table_gives_no_cells(make):
    empty = make.rows([], ("e1", "e2", "e3"))
    found = scan(make.workspace([Unit("a", "A")], [make.instrument()], [empty]))[0]
    assert found.scores.n.shape == (0, 1, 1)


def test_a_table_without_instrument_is_not_asked(make):
    assert scan(make.workspace([Unit("a", "A")], [], [make.rows([("a", "2024-Q1", 1.0)], ("e1",))])) == ()


@pytest.mark.parametrize("engine", ["duckdb", "postgres", "clickhouse", "trino"])
def test_the_query_is_the_same_for_every_engine(two_scales, engine):
    sql = str(ibis.to_sql(query(layouts(two_scales)[0], two_scales), dialect=engine))
    assert sql.upper().count("GROUP BY") == 1


def test_each_answer_is_turned_once(two_scales):
    sql = str(ibis.to_sql(query(layouts(two_scales)[0], two_scales), dialect="duckdb"))
    assert sql.count('"e3"') == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(ANSWERS))))
def test_row_order_changes_nothing(make, two_scales, found, order):
    table = make.rows([ANSWERS[i] for i in order], ITEMS)
    again = scan(make.workspace(two_scales.units, two_scales.organisation.instruments, [table]))[0]
    np.testing.assert_allclose(again.scores.q, found.scores.q, atol=ROUNDING)
    np.testing.assert_allclose(again.scores.s, found.scores.s, atol=ROUNDING)
    np.testing.assert_array_equal(again.scores.n, found.scores.n)


def test_the_rows_stay_unchanged(two_scales, found):
    table: RowTable = two_scales.rows[0]
    assert [tuple(r.values()) for r in table.relation.to_pyarrow().to_pylist()] == ANSWERS
