from __future__ import annotations

import numpy as np
import pytest

from bevlogen import sources

# Figures are compared with the csv read by hand; 1 - x costs at most one rounding.
ROUNDING = 1e-12

NEW_YORK = """\
[organisation]
name = "New York"
language = "en"
period = "year"
[tables.units]
file = "nyc_hs_school_year.csv.gz"
columns.unit = "dbn"
columns.name = "school_name"
keep = "last"
[tables.scores]
file = "nyc_hs_school_year.csv.gz"
columns.unit = "dbn"
columns.period = "year_end"
[tables.scores.wide.employership]
mean = "pp_collaborative_teachers"
scale = [0, 1]
respondents = ["teachers"]
[tables.results]
file = "nyc_hs_school_year.csv.gz"
columns.unit = "dbn"
columns.period = "year_end"
[tables.results.wide.absence]
value = "teacher_attendance"
one_minus = true
"""


@pytest.fixture
def new_york(tmp_path, shared):
    (tmp_path / "organisation.toml").write_text(NEW_YORK)
    return sources.open_workspace(tmp_path, data=shared / "nyc_hs_panel")


def test_new_york_has_526_schools_in_five_years(new_york):
    schools = [unit for unit in new_york.units if unit.parent is not None]
    assert (len(schools), new_york.periods) == (526, ("2015", "2016", "2017", "2018", "2019"))


def test_wide_scores_become_long_with_scale_and_respondents(new_york):
    assert new_york.scores.variables == ("employership",)
    assert (new_york.scores.mean[0], new_york.scores.scale_max[0]) == (0.77, 1)
    assert new_york.organisation.respondents["employership"] == {"teachers"}


def test_attendance_becomes_absence(new_york):
    np.testing.assert_allclose(new_york.results.value[0], 1 - 0.971, atol=ROUNDING)
    assert new_york.organisation.measures["absence"].is_share


def test_missing_attendance_gives_no_figure(new_york):
    assert np.isfinite(new_york.results.value).all()


def test_army_answers_open_as_rows(tmp_path, shared):
    (tmp_path / "organisation.toml").write_text(
        '[organisation]\nname = "Army"\nperiod = "year"\n'
        '[tables.units]\nfile = "bh1996.csv.gz"\ncolumns.unit = "GRP"\nkeep = "first"\n'
        '[tables.answers]\nfile = "bh1996.csv.gz"\ncolumns.unit = "GRP"\ncolumns.period = { value = "1996" }\n'
        '[[instruments]]\nconstruct = "employership.leadership"\nitems = ["LEAD"]\nrange = [1, 5]\noptions = 0\n'
    )
    workspace = sources.open_workspace(tmp_path, data=shared / "bh1996")
    assert (len(workspace.units), workspace.rows[0].relation.count().execute()) == (100, 7382)  # 99 groups, one top
