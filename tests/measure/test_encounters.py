"""The encounters one by one, as the methods on rows get them."""

from __future__ import annotations

from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pytest

from bevlogen.core.tables import RowTable
from bevlogen.measure import encounters, measure

ITEMS = ("c1", "c2")
COLUMNS = ("unit", "period", "employee", "customer", "service", *ITEMS)
ROWS = [
    ("t0", "2024-Q1", "m2", "k1", "tram", 5.0, 1.0),
    ("t0", "2024-Q1", "m1", "k2", "tram", 4.0, None),
    ("t1", "2024-Q2", None, "k1", "therapy", 2.0, 2.0),
    ("t1", "2024-Q2", "m2", "k1", "therapy", None, None),
    ("elsewhere", "2024-Q1", "m9", "k9", "tram", 3.0, 3.0),
]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def interactions(rows, columns=COLUMNS):
    values = {name: [row[COLUMNS.index(name)] for row in rows] for name in columns}
    schema = pa.schema([(name, pa.float64() if name in ITEMS else pa.string()) for name in columns])
    relation = ibis.memtable(pa.table(values, schema=schema))
    return RowTable("interactions", relation, frozenset(columns))


@pytest.fixture
def build(make):
    """A workspace of two teams of different services, whose second item is reverse-keyed."""

    def workspace(rows=ROWS, columns=COLUMNS):
        scale = make.instrument(
            "conduct", ITEMS, reverse=frozenset({"c2"}), min_answered=1, table="interactions", respondents={"customers"}
        )
        units = make.teams(2)
        services = (None, "tram", "therapy")
        degrees = (None, 0.1, 0.9)
        units = tuple(replace(u, service=s, co_creation=c) for u, s, c in zip(units, services, degrees, strict=True))
        return make.workspace(units, [scale], [interactions(rows, columns)])

    return workspace


def fetched(workspace):
    return encounters(workspace, measure(workspace))


def test_scores_follow_the_rule_of_the_one_scan(build):
    assert fetched(build()).scores[:, 0].tolist() == [5.0, 4.0, 3.0]


def test_rows_without_a_score_or_of_unknown_units_are_left_out(build):
    assert len(fetched(build()).unit) == 3


def test_unit_and_period_index_the_panel(build):
    workspace = build()
    found, panel = fetched(workspace), measure(workspace).panel
    assert [panel.units[u] for u in found.unit] == ["t0", "t0", "t1"]
    assert [panel.periods[t] for t in found.period] == ["2024-Q1", "2024-Q1", "2024-Q2"]


def test_people_are_codes_and_the_unknown_is_minus_one(build):
    found = fetched(build())
    assert found.employee.tolist() == [1, 0, -1]
    assert found.customer.tolist() == [0, 1, 0]


def test_services_carry_their_co_creation(build):
    found = fetched(build())
    assert found.services == ("therapy", "tram")
    assert found.service.tolist() == [1, 1, 0]
    assert found.co_creation.tolist() == [0.9, 0.1]


def test_a_table_without_service_takes_that_of_the_unit(build):
    found = fetched(build(columns=tuple(c for c in COLUMNS if c != "service")))
    assert [found.services[s] for s in found.service] == ["tram", "tram", "therapy"]


def test_a_table_without_people_has_no_codes(build):
    found = fetched(build(columns=("unit", "period", *ITEMS)))
    assert set(found.employee) == set(found.customer) == {-1}


def test_order_of_rows_does_not_change_codes(build):
    one, other = fetched(build()), fetched(build(rows=ROWS[::-1]))
    assert sorted(zip(one.unit, one.employee, one.customer, one.scores[:, 0], strict=True)) == sorted(
        zip(other.unit, other.employee, other.customer, other.scores[:, 0], strict=True)
    )


def test_reliability_of_a_single_question_is_unknown(make):
    scale = make.instrument("conduct", ("c1",), min_answered=1, table="interactions")
    workspace = make.workspace(make.teams(2), [scale], [interactions(ROWS)])
    assert np.isnan(fetched(workspace).reliability).all()


def test_missing_items_lower_the_reliability(make, rng):
    true = rng.normal(3, 0.7, 400)
    items = true[:, None] + rng.normal(0, 0.5, (400, 2))
    rows = [(f"t{i % 2}", "2024-Q1", "m", "k", "s", *(float(v) for v in pair)) for i, pair in enumerate(items)]
    gaps = [(*row[:6], None) for row in rows]  # the same again, half answered: error 1 and 2 times, 1.5 on average
    scale = make.instrument("conduct", ITEMS, min_answered=1, table="interactions")
    workspace = make.workspace(make.teams(2), [scale], [interactions(rows + gaps)])
    alpha = measure(workspace).scales[0].alpha.estimate
    assert fetched(workspace).reliability[0] == pytest.approx(alpha / (alpha + 1.5 * (1 - alpha)))


def test_an_organisation_without_interactions_has_none(survey):
    assert fetched(survey) is None
