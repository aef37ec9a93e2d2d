"""Small organisations, made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import ibis
import numpy as np
import pyarrow as pa
import pytest

from bevlogen.core.tables import Instrument, Organisation, Policy, ResultTable, RowTable, ScoreTable, Unit, Workspace

PERIODS = ("2024-Q1", "2024-Q2")


def instrument(construct="engagement", items=("e1", "e2", "e3"), **kw):
    settings = {
        "reverse": frozenset(),
        "low": 1.0,
        "high": 5.0,
        "options": 5,
        "min_answered": 2,
        "table": "answers",
        "respondents": frozenset({"employees"}),
    }
    return Instrument(construct, items, **(settings | kw))


def row_table(rows, items, name="answers"):
    """Rows as (unit, period, item, item, …) under canonical names."""
    columns = {k: [r[i] for r in rows] for i, k in enumerate(("unit", "period", *items))}
    schema = pa.schema([("unit", pa.string()), ("period", pa.string()), *((i, pa.float64()) for i in items)])
    relation = ibis.memtable(pa.table(columns, schema=schema))
    return RowTable(name, relation, frozenset(relation.columns))


def score_table(variable, rows, low=1.0, high=5.0):
    """Rows as (unit code, period code, mean, n, sd)."""
    unit, period, mean, n, sd = (np.array([r[i] for r in rows], dtype=float) for i in range(5))
    m = len(rows)
    codes = unit.astype(np.int64), period.astype(np.int64), np.zeros(m, dtype=np.int64)
    return ScoreTable((variable,), *codes, mean, n, sd, np.full(m, low), np.full(m, high))


def result_table(variables, rows):
    """Rows as (unit code, period code, variable code, value, exposure)."""
    columns = [np.array([r[i] for r in rows], dtype=float) for i in range(5)]
    codes = [c.astype(np.int64) for c in columns[:3]]
    return ResultTable(tuple(variables), *codes, *columns[3:])


def workspace(units, instruments=(), rows=(), scores=None, results=None, periods=PERIODS):
    organisation = Organisation("Test", "en", "quarter", True, "", Policy(), tuple(instruments), {}, (), 0.1, {})
    return Workspace(organisation, tuple(units), periods, tuple(rows), scores, results, (), "f" * 64)


def teams(n, **kw):
    """The top and n teams below it."""
    return (Unit("top", "Top"), *(Unit(f"t{i}", f"Team {i}", "top", **kw) for i in range(n)))


def simulated_rows(rng, n_teams=12, per_team=8, n_items=3, tau=0.4):
    """Answers on 1 to 5 with differences between teams, periods and persons; some are missing."""
    rows = []
    for team in range(n_teams):
        level = 3.2 + rng.normal(0, tau)
        for t, period in enumerate(PERIODS):
            for _ in range(per_team):
                person = level + 0.2 * t + rng.normal(0, 0.7)
                answers = np.clip(np.round(person + rng.normal(0, 0.6, n_items)), 1, 5)
                gaps = rng.random(n_items) < 0.05
                rows.append(
                    (f"t{team}", period, *(None if g else float(a) for a, g in zip(answers, gaps, strict=True)))
                )
    return rows


@pytest.fixture(scope="session")
def survey_rows():
    return simulated_rows(np.random.default_rng(7))


@pytest.fixture(scope="session")
def survey(survey_rows):
    items = ("e1", "e2", "e3")
    return workspace(teams(12, headcount=20.0), [instrument()], [row_table(survey_rows, items)])


@pytest.fixture(scope="session")
def make():
    """The builders of this file, for tests that need an organisation of their own."""
    return SimpleNamespace(
        instrument=instrument,
        rows=row_table,
        scores=score_table,
        results=result_table,
        workspace=workspace,
        teams=teams,
        simulated=simulated_rows,
    )
