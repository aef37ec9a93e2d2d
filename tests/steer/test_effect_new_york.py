"""On real schools nothing is said to have worked where nothing was done."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bevlogen as bv
from bevlogen import steer
from bevlogen.core.tables import Action

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("BEVLOGEN_SHARED", ROOT.parent / "shared")) / "data"
LEVER = "employership.leadership"
SCHOOLS, RUNS = 30, 60
NOISE = 0.08  # makes the worst schools of a year differ from run to run: half the spread between schools

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is absent")]


@pytest.fixture(scope="module")
def schools():
    study = bv.open(ROOT / "examples" / "new-york-schools", data=DATA)
    return study.measure(), study.workspace


def placebo(schools, year, rng, *, worst_first):
    """Verdict on an action that nobody took, from ``year`` on in 30 schools."""
    measurement, workspace = schools
    panel = measurement.panel
    before = panel.column(LEVER)[:, panel.periods.index(year) - 1]
    open_ = np.flatnonzero(np.isfinite(before))
    key = before[open_] + rng.normal(0, NOISE, len(open_)) if worst_first else rng.normal(size=len(open_))
    picked = open_[np.argsort(key)[:SCHOOLS]]
    rows = tuple(Action(panel.units[i], year, LEVER, "Nothing", None) for i in picked)
    (action,) = steer.effects(measurement, replace(workspace, actions=rows))
    return action


@pytest.mark.parametrize("year", ["2016", "2017", "2018", "2019"])
def test_a_placebo_of_each_year_is_said_to_do_nothing_in_93_of_100_runs(schools, year):
    rng = np.random.default_rng(1)
    said = [
        placebo(schools, year, rng, worst_first=worst).verdict in ("worked", "backfired")
        for worst in (False, True)
        for _ in range(RUNS)
    ]
    assert np.mean(said) <= 0.07


def test_the_worst_schools_seem_to_gain_by_chance_alone_and_that_is_told(schools):
    lever = placebo(schools, "2018", np.random.default_rng(2), worst_first=True).outcomes[0]
    assert lever.naive > 0.1
    assert lever.chance > 0.1
