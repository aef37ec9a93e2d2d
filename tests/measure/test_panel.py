import numpy as np
import pytest

from bevlogen.core.tables import Unit
from bevlogen.measure import measure

NAN = float("nan")


def test_the_panel_holds_units_with_data_of_their_own(survey):
    panel = measure(survey).panel
    assert panel.units == tuple(f"t{i}" for i in range(12))
    assert panel.value.shape == (12, 2, 1)


def test_values_and_errors_are_those_of_the_scores(survey):
    m = measure(survey)
    here = (m.scores.unit == 1) & (m.scores.period == 1)
    assert m.panel.value[0, 1, 0] == pytest.approx(m.scores.mean[here][0])
    assert m.panel.n[0, 1, 0] == m.scores.n[here][0]
    assert m.panel.error[0, 1, 0] == pytest.approx(m.scores.std_error[here][0] ** 2)


def test_scans_speak_of_the_units_of_the_panel(survey):
    panel = measure(survey).panel
    moments = panel.scans[0]
    assert moments.unit.max() == 11
    assert panel.value[moments.unit, moments.period, 0] == pytest.approx(moments.mean(0))


def test_figures_of_record_have_no_error(make):
    results = make.results(["absence"], [(1, 0, 0, 6.0, 100.0)])
    panel = measure(make.workspace(make.teams(2), results=results)).panel
    assert panel.units == ("t0",)
    assert (panel.value[0, 0, 0], panel.error[0, 0, 0]) == (0.06, 0.0)


def test_a_total_above_units_with_figures_is_left_out(make):
    scores = make.scores("engagement", [(0, 0, 3.0, 30, 1.0), (1, 0, 2.0, 30, 1.0), (2, 0, 4.0, 30, 1.0)])
    assert measure(make.workspace(make.teams(2), scores=scores)).panel.units == ("t0", "t1")


def test_own_answers_of_a_group_are_its_own(make):
    rows = make.rows([("top", "2024-Q1", 1.0), ("t0", "2024-Q1", 5.0)], ("x",))
    one = make.instrument(items=("x",), min_answered=1)
    panel = measure(make.workspace(make.teams(1), [one], [rows])).panel
    assert panel.column("engagement")[:, 0].tolist() == [1.0, 5.0]


def test_the_error_of_a_bounded_figure_is_unknown(make):
    scores = make.scores("engagement", [(i, 0, 2.5 + i / 10, 400, NAN) for i in range(1, 11)])
    m = measure(make.workspace(make.teams(10), scores=scores))
    assert np.isnan(m.panel.error).all()
    assert np.isfinite(m.scores.std_error).all()


def test_services_come_from_the_tree(make):
    results = make.results(["absence"], [(1, 0, 0, 6.0, 100.0)])
    units = (Unit("top", "Top", service="care"), Unit("t0", "T", "top"))
    assert measure(make.workspace(units, results=results)).panel.services == ("care",)
