import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.core.tables import Unit
from bevlogen.measure import measure

ROUNDING = 1e-9  # the same sums in another order or on another scale

ITEMS = ("e1", "e2", "e3")


def engaged(make, rows, units=None, **kw):
    return make.workspace(units or make.teams(12, headcount=20.0), [make.instrument(**kw)], [make.rows(rows, ITEMS)])


def same(a, b, **kw):
    np.testing.assert_allclose(a, b, rtol=0, atol=ROUNDING, **kw)


@pytest.fixture(scope="module")
def measured(survey):
    return measure(survey)


def test_provenance_names_the_data_and_the_version(measured):
    assert measured.provenance.fingerprint == "f" * 64
    assert measured.provenance.version


def test_every_unit_and_group_has_its_row(measured):
    assert len(measured.scores.mean) == 13 * 2
    assert measured.tidy().num_rows == 26
    assert measured.glance().num_rows == 1


def test_nothing_to_measure_gives_empty_tables(make):
    m = measure(make.workspace(make.teams(2)))
    assert (len(m.scores.mean), len(m.figures.value), m.scales, m.panel.units) == (0, 0, (), ())


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_row_order_changes_no_score(make, survey_rows, measured, seed):
    order = np.random.default_rng(seed).permutation(len(survey_rows))
    again = measure(engaged(make, [survey_rows[i] for i in order]))
    same(again.scores.mean, measured.scores.mean)
    same(again.scores.shrunken_low, measured.scores.shrunken_low)


@settings(max_examples=10, deadline=None)
@given(prefix=st.text(min_size=1, max_size=5))
def test_unit_names_change_no_score(make, survey_rows, measured, prefix):
    rows = [(prefix + r[0], *r[1:]) for r in survey_rows]
    units = (Unit(prefix, "Top"), *(Unit(f"{prefix}t{i}", "T", prefix, headcount=20.0) for i in range(12)))
    again = measure(engaged(make, rows, units))
    same(again.scores.mean, measured.scores.mean)
    same(again.scores.reliability, measured.scores.reliability)


@settings(max_examples=10, deadline=None)
@given(shift=st.integers(-20, 20), factor=st.sampled_from([0.25, 0.5, 2.0, 3.0, 10.0]))
def test_recoding_the_scale_recodes_means_and_keeps_reliability(make, survey_rows, measured, shift, factor):
    rows = [(*r[:2], *(None if v is None else v * factor + shift for v in r[2:])) for r in survey_rows]
    again = measure(engaged(make, rows, low=factor + shift, high=5 * factor + shift))
    same((again.scores.mean - shift) / factor, measured.scores.mean)
    same((again.scores.shrunken_high - shift) / factor, measured.scores.shrunken_high)
    same(again.scores.reliability, measured.scores.reliability)
    same(again.scales[0].icc1.estimate, measured.scales[0].icc1.estimate)
    same(again.scales[0].alpha.estimate, measured.scales[0].alpha.estimate)
    same(again.scales[0].rwg_j, measured.scales[0].rwg_j)


def test_turning_all_items_turns_the_means(make, survey_rows, measured):
    again = measure(engaged(make, survey_rows, reverse=frozenset(ITEMS)))
    same(6 - again.scores.mean, measured.scores.mean)
    same(again.scores.reliability, measured.scores.reliability)


def test_a_unit_without_data_changes_nothing(make, survey_rows, measured):
    units = (*make.teams(12, headcount=20.0), Unit("new", "New", None))
    again = measure(engaged(make, survey_rows, units))
    same(again.scores.shrunken, measured.scores.shrunken)
    same(again.panel.value, measured.panel.value)
    assert again.panel.units == measured.panel.units
    assert again.scales == measured.scales


HOSTILE = {
    "no rows": [],
    "one row": [("t0", "2024-Q1", 1.0, 2.0, 3.0)],
    "one unit": [("t0", "2024-Q1", 1.0, 2.0, 3.0)] * 4,
    "no item answered": [("t0", "2024-Q1", None, None, None)] * 4,
    "one item answered": [("t0", "2024-Q1", 4.0, None, None)] * 4,
    "all equal": [(f"t{i}", "2024-Q1", 3.0, 3.0, 3.0) for i in range(12) for _ in range(3)],
    "one respondent per unit": [(f"t{i}", "2024-Q1", 1.0 + i % 4, 2.0, 3.0) for i in range(12)],
    "all equal within units": [(f"t{i}", "2024-Q1", 1.0 + i % 4, 2.0, 3.0) for i in range(12) for _ in range(3)],
    "one period of one unit": [("t0", "2024-Q1", 1.0, 1.0, 1.0), ("t1", "2024-Q2", 5.0, 5.0, 5.0)],
}


@pytest.mark.parametrize("rows", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_answers_give_no_error_and_no_warning(make, rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        m = measure(engaged(make, rows))
    assert np.isfinite(m.scores.mean).all()
    assert not np.isinf(m.panel.error).any()


@pytest.mark.parametrize("rows", [HOSTILE["no rows"], HOSTILE["no item answered"], HOSTILE["one item answered"]])
def test_a_construct_that_nobody_answered_does_not_appear(make, rows):
    m = measure(engaged(make, rows))
    assert (m.scores.constructs, m.scales, m.panel.variables) == ((), (), ())


def test_the_workspace_stays_unchanged(survey, survey_rows):
    before = survey.rows[0].relation.to_pyarrow().to_pylist()
    measure(survey)
    assert survey.rows[0].relation.to_pyarrow().to_pylist() == before
