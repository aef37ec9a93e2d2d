import ibis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bevlogen as bv
from bevlogen.core import room
from bevlogen.core.chain import CONSTRUCTS
from bevlogen.core.tables import RowTable, Unit
from bevlogen.measure import aggregate, measure, with_pair
from bevlogen.measure.aggregate import columns_of, layouts, query, scan

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


def means(scores):
    """Means in the first cell."""
    return [scores.mean(v)[0] for v in range(len(scores.variables))]


def test_cells_are_units_by_periods_in_the_order_of_the_workspace(found):
    assert found.scores.unit.tolist() == [0, 1]
    assert found.scores.period.tolist() == [1, 0]
    assert found.scores.rows.tolist() == [1.0, 3.0]


def test_a_score_is_the_mean_of_the_items_answered_with_reversed_items_turned(found):
    # team a, engagement: (4, 5, 6-3) and (2, -, 6-3); the third row has one item of three and no score
    assert found.scores.mean(0)[1] == pytest.approx((4.0 + 2.5) / 2)
    assert found.scores.n[1].tolist() == [2.0, 3.0]


def test_pairs_are_counted_over_the_rows_with_both_scores(found):
    assert found.scores.pairs[0, 1].n.tolist() == [1.0, 2.0]
    assert found.scores.pair("control", "engagement") is found.scores.pairs[0, 1]


def test_the_covariance_of_a_pair_is_pooled_within_cells_over_the_rows_with_both(found):
    # team a: engagement (4, 2.5), control (3, 3): no covariance; team b: one row, no degrees of freedom
    assert found.scores.pairs[0, 1].within == pytest.approx(0.0)


def test_squares_are_about_the_middle_of_the_scale(found):
    assert found.scores.q[1, 0] == pytest.approx(1.0**2 + 0.5**2)
    assert found.scores.q[0].tolist() == [1.0, 1.0]


def test_item_moments_cover_complete_rows_only(found):
    items = found.items["engagement"]
    assert items.n.tolist() == [1.0, 1.0]
    assert (3 + items.s[1]).tolist() == [4.0, 5.0, 3.0]


def test_moments_equal_a_plain_loop_over_rows(survey, survey_rows):
    scores = scan(survey)[0].scores
    mine = [[v for v in r[2:] if v is not None] for r in survey_rows if r[0] == "t3" and r[1] == "2024-Q2"]
    expected = [np.mean(v) for v in mine if len(v) >= 2]
    cell = np.flatnonzero((scores.unit == 4) & (scores.period == 1))[0]
    n, s, q = (a[cell, 0] for a in (scores.n, scores.s, scores.q))
    assert n == len(expected)
    assert scores.mean(0)[cell] == pytest.approx(np.mean(expected))
    assert q - s**2 / n == pytest.approx(np.var(expected) * len(expected))


def test_a_parent_is_the_mean_of_its_facets_with_demands_turned_on_one_range(make):
    facets = [
        make.instrument("employership.autonomy", ("a1",), min_answered=1),
        make.instrument("employership.workload", ("w1",), low=0.0, high=10.0, options=None, min_answered=1),
    ]
    rows = make.rows([("a", "2024-Q1", 4.0, 10.0), ("a", "2024-Q1", None, 5.0)], ("a1", "w1"))
    scores = scan(make.workspace([Unit("a", "A")], facets, [rows]))[0].scores
    assert scores.variables == ("employership.autonomy", "employership.workload", "employership")
    assert means(scores) == [4.0, 7.5, pytest.approx(((4 + 1) / 2 + 3) / 2)]


def test_no_parent_is_made_where_it_has_an_instrument_of_its_own(make):
    own = [
        make.instrument("employership", ("a1",), min_answered=1),
        make.instrument("employership.support", ("w1",), min_answered=1),
    ]
    rows = make.rows([("a", "2024-Q1", 4.0, 1.0)], ("a1", "w1"))
    scores = scan(make.workspace([Unit("a", "A")], own, [rows]))[0].scores
    assert means(scores) == [4.0, 1.0]


def test_a_construct_is_scored_by_the_first_table_that_has_it(make):
    both = [make.instrument(items=("e1",), min_answered=1)]
    both.append(make.instrument(items=("x1",), min_answered=1, table="interactions"))
    tables = [make.rows([("a", "2024-Q1", 2.0)], ("e1",)), make.rows([("a", "2024-Q1", 4.0)], ("x1",), "interactions")]
    assert [s.table for s in scan(make.workspace([Unit("a", "A")], both, tables))] == ["answers"]


def test_rows_of_unknown_units_and_periods_are_left_out(make):
    rows = make.rows([("a", "2024-Q1", 1.0), ("?", "2024-Q1", 5.0), ("a", "1999", 5.0)], ("e1",))
    scores = scan(make.workspace([Unit("a", "A")], [make.instrument(items=("e1",), min_answered=1)], [rows]))[0].scores
    assert means(scores) == [1.0]


def test_an_empty_table_gives_no_cells(make):
    empty = make.rows([], ("e1", "e2", "e3"))
    found = scan(make.workspace([Unit("a", "A")], [make.instrument()], [empty]))[0]
    assert found.scores.n.shape == (0, 1)


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
    np.testing.assert_allclose(again.items["engagement"].total, found.items["engagement"].total, atol=ROUNDING)


def test_the_rows_stay_unchanged(two_scales, found):
    table: RowTable = two_scales.rows[0]
    assert [tuple(r.values()) for r in table.relation.to_pyarrow().to_pylist()] == ANSWERS


def wide(make, constructs, rows=()):
    """An organisation that asks so many constructs, one item each, all of them facets of employership."""
    names = [f"employership.f{i}" for i in range(constructs - 1)]
    instruments = [make.instrument(name, (f"x{i}",), min_answered=1) for i, name in enumerate(names)]
    table = make.rows(rows, tuple(f"x{i}" for i in range(constructs - 1)))
    return make.workspace([Unit("b", "B"), Unit("a", "A")], instruments, [table])


def answered(constructs, seed=1):
    rng = np.random.default_rng(seed)
    codes = [(unit, period) for unit in "ab" for period in ("2024-Q1", "2024-Q2") for _ in range(6)]
    return [(*code, *(float(v) for v in rng.integers(1, 6, constructs - 1))) for code in codes]


@pytest.mark.parametrize("constructs", [13, 40, 80])
def test_what_comes_back_grows_with_constructs_and_not_with_their_square(make, constructs):
    (layout,) = layouts(wide(make, constructs))
    assert len(columns_of(layout)) == 3 + 3 * constructs
    assert layout.pairs == ()  # the mean of facets is in no arrow with a facet


def test_of_many_constructs_the_pairs_of_claims_are_asked_and_each_with_a_hub(make):
    names = [key for key in CONSTRUCTS if key not in ("capacity", "employership")]
    instruments = [make.instrument(name, (f"x{i}",), min_answered=1) for i, name in enumerate(names)]
    table = make.rows((), tuple(f"x{i}" for i in range(len(names))))
    (layout,) = layouts(make.workspace([Unit("a", "A")], instruments, [table]))
    pairs = {frozenset((names[i], names[j])) for i, j in layout.pairs}
    assert {frozenset(("conduct", "customer_conduct")), frozenset(("craftsmanship", "loyalty"))} <= pairs
    assert frozenset(("craftsmanship", "control")) not in pairs


@pytest.mark.parametrize("constructs", [3, 14])
def test_the_query_brings_back_the_columns_that_were_counted(make, constructs):
    workspace = wide(make, constructs)
    (layout,) = layouts(workspace)
    assert set(query(layout, workspace).columns) == columns_of(layout)


def test_blocks_of_periods_give_what_one_answer_gives(make, monkeypatch):
    workspace = wide(make, 5, answered(5))
    whole = measure(workspace)
    monkeypatch.setattr(aggregate, "MOST_SUMS", 1)
    parts = measure(workspace)
    np.testing.assert_array_equal(parts.scores.mean, whole.scores.mean)
    np.testing.assert_array_equal(parts.panel.value, whole.panel.value)
    for name in ("employership.f1", "employership.f2"):
        np.testing.assert_allclose(
            parts.panel.error_covariance("employership.f0", name),
            whole.panel.error_covariance("employership.f0", name),
            atol=ROUNDING,
        )


def test_very_long_arrays_in_a_file_hold_the_same_figures(make, monkeypatch):
    workspace = wide(make, 5, answered(5))
    short = measure(workspace)
    monkeypatch.setattr(room, "IN_MEMORY", 0)
    long = measure(workspace)
    for name in ("unit", "n", "mean", "sd", "std_error", "shrunken", "all_equal"):
        np.testing.assert_array_equal(getattr(long.scores, name), getattr(short.scores, name))
    np.testing.assert_array_equal(long.panel.error, short.panel.error)


def test_a_pair_that_no_claim_links_costs_one_more_query(make, monkeypatch):
    workspace = wide(make, 14, answered(14))
    bare = measure(workspace)
    with pytest.raises(bv.BevlogenError, match=r"was not asked of the rows"):
        bare.panel.error_covariance("employership.f1", "employership.f2")
    found = with_pair(workspace, bare, "employership.f2", "employership.f1").panel
    monkeypatch.setattr(aggregate, "_FEW", 14)
    expected = measure(workspace).panel
    for pair in (("employership.f1", "employership.f2"), ("employership.f2", "employership.f1")):
        np.testing.assert_allclose(found.error_covariance(*pair), expected.error_covariance(*pair), atol=ROUNDING)
    assert bare.panel.scans[0].pairs == {}
