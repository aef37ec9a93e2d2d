"""What must not matter does not matter: order of rows and units, names, the ends of a scale, a unit without data."""

import importlib.util
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bevlogen as bv

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

UNITS = w.keys(9)
TABLES = {
    "units": w.tree(UNITS),
    "answers": w.answers(UNITS),
    "interactions": w.ratings(UNITS),
    "results": w.results(UNITS),
}
# Estimates are shown to 3 decimals; another order of adding may turn the last.
LAST_DECIMAL = 0.0011
FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Write tables, run the house, return the JSON document."""

    def run(scale="[1, 5]", **tables):
        folder = w.write(tmp_path_factory.mktemp("study") / "it", scale=scale, **tables)
        return json.loads(bv.open(folder).to_json(folder / "r.json").read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="module")
def plain(released):
    return released(**TABLES)


def figures(document):
    """Every number and verdict; what is listed in the order of the files stands sorted."""
    listed = {
        name: sorted(document[name], key=json.dumps) for name in ("suppressed", "scales", "picture", "priorities")
    }
    return listed | {"claims": document["claims"], "units": by_unit(document)}


def by_unit(document, new=None):
    """Scores and figures of each unit, under its new name."""
    return {
        (new or {}).get(u["key"], u["key"]): (u["scores"], sorted(u["results"], key=json.dumps), u["position"])
        for u in document["units"]
    }


def verdicts(document):
    return [(c["id"], c["verdict"]) for c in document["claims"]]


def estimates(document):
    links = [link for claim in document["claims"] for link in claim["links"]]
    return [d[key] for link in links for d in link["designs"] for key in ("estimate", "low", "high", "uncorrected")]


def shuffled(rows, seed):
    return random.Random(seed).sample(rows, len(rows))


def renamed(rows, column, names):
    return [[names.get(cell, cell) if i == column else cell for i, cell in enumerate(row)] for row in rows]


def times_25(rows, columns):
    return [[25 * (cell - 1) if i in columns else cell for i, cell in enumerate(row)] for row in rows]


def test_a_second_run_gives_the_same_document(released, plain):
    assert (released(**TABLES) == plain) is True


def test_inputs_stay_as_they_are(tmp_path):
    folder = w.write(tmp_path / "it", **TABLES)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    bv.open(folder, ledger=tmp_path / "releases.jsonl").report(tmp_path / "r.html")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_step_runs_once(tmp_path):
    study = bv.open(w.write(tmp_path / "it", **TABLES))
    assert study.measure() is study.measure()
    assert study.link() is study.link()
    assert study.steer() is study.steer()


@FEW
@given(seed=st.integers(0, 10**6))
def test_order_of_rows_changes_nothing(released, plain, seed):
    rows = {name: rows if name == "units" else shuffled(rows, seed) for name, rows in TABLES.items()}
    assert (figures(released(**rows)) == figures(plain)) is True  # as one truth: a difference would fill a screen


@FEW
@given(seed=st.integers(0, 10**6))
def test_order_of_units_changes_no_score_and_no_verdict(released, plain, seed):
    other = released(**TABLES | {"units": shuffled(TABLES["units"], seed)})
    assert by_unit(other) == by_unit(plain)
    assert verdicts(other) == verdicts(plain)
    assert estimates(other) == pytest.approx(estimates(plain), abs=LAST_DECIMAL)


@FEW
@given(seed=st.integers(0, 10**6))
def test_names_of_units_change_no_score_and_no_verdict(released, plain, seed):
    names = dict(zip(UNITS, shuffled([f"z{i:02}" for i in range(len(UNITS))], seed), strict=True))
    other = released(**{name: renamed(rows, 0, names) for name, rows in TABLES.items()})
    assert by_unit(other) == by_unit(plain, names)
    assert verdicts(other) == verdicts(plain)
    assert estimates(other) == pytest.approx(estimates(plain), abs=LAST_DECIMAL)


def test_recoding_a_scale_leaves_verdicts_and_standardised_estimates(released, plain):
    answers, ratings = times_25(TABLES["answers"], (3, 4, 5)), times_25(TABLES["interactions"], (4,))
    other = released(scale="[0, 100]", **TABLES | {"answers": answers, "interactions": ratings})
    assert verdicts(other) == verdicts(plain)
    assert estimates(other) == pytest.approx(estimates(plain), abs=LAST_DECIMAL)


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_the_unit_of_measure_of_a_figure_leaves_the_verdicts(released, plain, factor):
    rows = [[unit, period, name, factor * value, ""] for unit, period, name, value, _ in TABLES["results"]]
    other = released(**TABLES | {"results": rows})
    assert verdicts(other) == verdicts(plain)
    assert estimates(other) == pytest.approx(estimates(plain), abs=LAST_DECIMAL)


def test_a_unit_without_data_changes_nothing(released, plain):
    other = released(**TABLES | {"units": [*TABLES["units"], ["empty", "Empty", "top", 12]]})
    assert by_unit(other) | {"empty": ([], [], None)} == by_unit(other)
    assert {key: found for key, found in by_unit(other).items() if key != "empty"} == by_unit(plain)
    assert (other["claims"], other["priorities"]) == (plain["claims"], plain["priorities"])
