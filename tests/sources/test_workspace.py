from __future__ import annotations

import numpy as np
import pytest

from bevlogen import sources
from bevlogen.errors import WorkspaceError

from .conftest import ANSWERS, TOML, UNITS

SCORES = TOML.replace("[tables.results]", '[tables.scores]\nfile = "scores.csv"\n[tables.results]')


def rows_of(workspace):
    return workspace.rows[0].relation.order_by(["unit", "period"]).to_pyarrow().to_pylist()


def test_fine_workspace_has_no_faults(folder):
    assert sources.check(folder()) == ()


def test_units_keep_the_order_of_their_file(folder):
    assert [unit.key for unit in sources.open_workspace(folder()).units] == ["all", "a", "b"]


def test_co_creation_is_read_as_word_and_as_number(folder):
    assert [unit.co_creation for unit in sources.open_workspace(folder()).units] == [None, 0.2, 0.7]


def test_answers_fall_in_the_period_of_their_date(folder):
    assert [(row["unit"], row["period"]) for row in rows_of(sources.open_workspace(folder()))] == [
        ("a", "2024-Q1"),
        ("a", "2024-Q2"),
        ("b", "2024-Q1"),
    ]


def test_an_empty_answer_is_missing(folder):
    assert rows_of(sources.open_workspace(folder()))[2]["e2"] is None


def test_periods_of_all_tables_stand_in_one_order(folder):
    directory = folder(results__csv="unit,period,measure,value\na,2023-Q4,absence,0.05\n")
    assert sources.open_workspace(directory).periods == ("2023-Q4", "2024-Q1", "2024-Q2")


def test_results_are_codes_and_figures(folder):
    results = sources.open_workspace(folder()).results
    assert results.variables == ("absence",)
    np.testing.assert_array_equal(results.unit, [1, 2])
    np.testing.assert_array_equal(results.exposure, [100, 90])


def test_a_measure_of_the_vocabulary_keeps_its_direction(folder):
    measure = sources.open_workspace(folder()).organisation.measures["absence"]
    assert (measure.higher_is_better, measure.health) == (False, True)


def test_long_scores_carry_their_scale(folder):
    text = "unit,period,construct,mean,n,sd,scale_min,scale_max\na,2024-Q1,loyalty,7.5,20,,1,10\n"
    scores = sources.open_workspace(folder(organisation__toml=SCORES, scores__csv=text)).scores
    assert (scores.variables, scores.mean[0], scores.scale_max[0]) == (("loyalty",), 7.5, 10)
    assert np.isnan(scores.sd[0])


@pytest.mark.parametrize(
    ("span", "options"), [("[1, 7]", 7), ("[0, 999]", 1000), ("[0, 5000]", None), ("[0.5, 5.5]", None)]
)
def test_answer_options_follow_from_a_scale_that_can_be_counted(folder, span, options):
    directory = folder(organisation__toml=TOML.replace("[1, 5]", span))
    assert [i.options for i in sources.open_workspace(directory).organisation.instruments] == [options]


def test_fingerprint_follows_the_contents(folder):
    first = sources.open_workspace(folder()).fingerprint
    assert sources.open_workspace(folder(answers__csv=ANSWERS + "b,2024-03-02,3,3\n")).fingerprint != first


def test_fingerprint_of_the_same_files_is_the_same(folder):
    assert sources.open_workspace(folder()).fingerprint == sources.open_workspace(folder()).fingerprint


def test_opening_changes_no_file(folder):
    directory = folder()
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    sources.open_workspace(directory)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_faults_are_raised_together(folder):
    directory = folder(answers__csv=None, results__csv=None)
    with pytest.raises(WorkspaceError, match="2 faults in the workspace"):
        sources.open_workspace(directory)


def test_files_are_sought_in_the_data_folder(folder, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    directory = folder(answers__csv=None)
    (other / "answers.csv").write_text(ANSWERS)
    assert sources.check(directory, data=other) == ()


def test_files_are_sought_where_the_environment_says(folder, tmp_path, monkeypatch):
    other = tmp_path / "elsewhere"
    other.mkdir()
    directory = folder(answers__csv=None)
    (other / "answers.csv").write_text(ANSWERS)
    monkeypatch.setenv("BEVLOGEN_DATA", str(other))
    assert sources.check(directory) == ()


def test_rows_of_unknown_units_may_be_skipped_and_are_told(folder):
    toml = TOML.replace('"answers.csv"', '"answers.csv"\nunknown_units = "skip"')
    workspace = sources.open_workspace(folder(organisation__toml=toml, answers__csv=ANSWERS + "x,2024-03-02,3,3\n"))
    assert len(rows_of(workspace)) == 3
    assert [note.en for note in workspace.notes] == [
        "answers.csv: 1 row left out: of units that are not in the table of units."
    ]


def test_several_files_make_one_row_table(folder):
    part = '[[tables.answers]]\nfile = "answers.csv"\n[[tables.answers]]\nfile = "more.csv"\n'
    toml = TOML.replace('[tables.answers]\nfile = "answers.csv"\n', part)
    directory = folder(organisation__toml=toml, more__csv="unit,date,e1,e2\nb,2025-01-02,1,1\n")
    assert len(rows_of(sources.open_workspace(directory))) == 4


def test_a_constant_stands_in_for_a_column(folder):
    toml = TOML.replace('"answers.csv"', '"answers.csv"\ncolumns.period = { value = "2023-Q3" }')
    workspace = sources.open_workspace(folder(organisation__toml=toml))
    assert {row["period"] for row in rows_of(workspace)} == {"2023-Q3"}


def test_last_row_of_a_unit_can_be_kept(folder):
    toml = TOML.replace('"units.csv"', '"units.csv"\nkeep = "last"')
    directory = folder(organisation__toml=toml, units__csv=UNITS + "a,Nieuw,all,tram,low,11\n")
    assert sources.open_workspace(directory).units[1].name == "Nieuw"


def test_an_action_knows_its_period(folder):
    toml = TOML + '[tables.actions]\nfile = "actions.csv"\n'
    text = "unit,start,lever,what\na,02-04-2024,employership.autonomy,roster\na,2020-01-01,employership,early\n"
    actions = sources.open_workspace(folder(organisation__toml=toml, actions__csv=text)).actions
    assert [(action.start, action.period) for action in actions] == [("2024-04-02", 1), ("2020-01-01", None)]


def test_two_unreadable_periods_are_no_second_figure(folder):
    results = "unit,period,measure,value\na,2024-Q8,absence,0.05\na,2024-Q9,absence,0.03\n"
    assert {fault.found for fault in sources.check(folder(results__csv=results))} == {
        "no date or period that can be read"
    }


def test_a_figure_with_an_unreadable_period_is_a_fault_among_good_ones(folder):
    results = "unit,period,measure,value\na,2024-Q1,absence,0.05\nb,2024-Q9,absence,0.03\n"
    (fault,) = sources.check(folder(results__csv=results))
    assert (fault.row, fault.column, fault.found) == (3, "period", "no date or period that can be read")
