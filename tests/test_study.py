"""What must not matter does not matter: order of rows and units, names, the ends of a scale, a unit without data."""

import importlib.util
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import bevlogen as bv

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

UNITS = w.keys(9)
COLUMNS = w.TABLES["answers"][0].split(",")
TABLES = {
    "units": w.tree(UNITS),
    "answers": w.answers(UNITS),
    "interactions": w.ratings(UNITS),
    "results": w.results(UNITS),
}
# Estimates are shown to 3 decimals; another order of adding may turn the last.
LAST_DECIMAL = 0.0011
# Two ways to the same figure; a recoded answer is rounded once more.
ROUNDING = 1e-9
# An example is a whole run: a failure is told as it was found, without a search for a smaller one.
FEW = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


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


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Write tables, judge the exact figures: verdicts and estimates of the claims."""

    def run(scale="[1, 5]", **tables):
        claims = bv.open(w.write(tmp_path_factory.mktemp("judged") / "it", scale=scale, **tables)).link().claims
        found = [e for claim in claims for link in claim.links for e in link.estimate.estimates]
        told = [figure for e in found for figure in (e.estimate, e.low, e.high, e.uncorrected)]
        return [(claim.claim.id, claim.verdict) for claim in claims], told

    return run


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Write the answers, measure them; columns in ``reverse`` are asked the other way round."""

    def run(scale="[1, 5]", reverse=(), answers=TABLES["answers"]):
        folder = w.write(tmp_path_factory.mktemp("scale") / "it", scale=scale, units=TABLES["units"], answers=answers)
        toml = folder / "organisation.toml"
        words = toml.read_text(encoding="utf-8").replace("range =", "options = 5\nrange =")
        for column in reverse:
            words = words.replace(f'"{COLUMNS[column]}"', f'"-{COLUMNS[column]}"')
        toml.write_text(words, encoding="utf-8")
        return bv.open(folder).measure()

    return run


def kept(measurement):
    """What a scale says of itself, whatever its ends."""
    return [
        figure
        for scale in measurement.scales
        for figure in (
            scale.alpha.estimate,
            scale.omega.estimate,
            scale.icc1.estimate,
            scale.icc2.estimate,
            scale.rwg_j,
        )
    ]


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


def recoded(rows, columns, low, step):
    """Answers of 1 to 5 on a scale that starts at ``low`` and goes up by ``step``."""
    return [[low + step * (cell - 1) if i in columns else cell for i, cell in enumerate(row)] for row in rows]


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


@FEW
@given(low=st.integers(-20, 20), step=st.sampled_from([0.125, 0.5, 2, 25, 1000]))
def test_recoding_a_scale_leaves_verdicts_and_standardised_estimates(judged, low, step):
    """Of exact figures; those that are shown are rounded in another place of the scale."""
    answers, ratings = (
        recoded(TABLES["answers"], (3, 4, 5), low, step),
        recoded(TABLES["interactions"], (4,), low, step),
    )
    scale = f"[{low}, {low + 4 * step}]"
    verdicts, estimates = judged(**TABLES)
    others, turned = judged(scale=scale, **TABLES | {"answers": answers, "interactions": ratings})
    assert others == verdicts
    assert len(estimates) > 0
    assert turned == pytest.approx(estimates, rel=1e-6, abs=1e-6)


@given(low=st.integers(-20, 20), step=st.sampled_from([0.125, 0.5, 2, 25, 1000]))
@settings(FEW, max_examples=6)
def test_recoding_a_scale_moves_each_score_along_and_nothing_else(measured, low, step):
    columns, scale = (3, 4, 5), f"[{low}, {low + 4 * step}]"
    was, now = measured(), measured(scale=scale, answers=recoded(TABLES["answers"], columns, low, step))
    for name in ("mean", "shrunken", "shrunken_low", "shrunken_high"):
        moved = low + step * (getattr(was.scores, name) - 1)
        assert getattr(now.scores, name) == pytest.approx(moved, abs=ROUNDING * (abs(low) + step), nan_ok=True)
    assert now.scores.reliability == pytest.approx(was.scores.reliability, rel=ROUNDING, nan_ok=True)
    assert kept(now) == pytest.approx(kept(was), rel=ROUNDING, nan_ok=True)


@given(columns=st.sets(st.sampled_from([3, 4, 5]), min_size=1))
@settings(FEW, max_examples=6)
def test_a_question_asked_the_other_way_round_gives_the_same_scores(measured, columns):
    turned = recoded(TABLES["answers"], columns, 5, -1)
    was, now = measured(), measured(reverse=columns, answers=turned)
    for name in ("n", "mean", "sd", "shrunken", "shrunken_low", "shrunken_high"):
        assert getattr(now.scores, name) == pytest.approx(getattr(was.scores, name), rel=ROUNDING, nan_ok=True)
    assert kept(now) == pytest.approx(kept(was), rel=ROUNDING, nan_ok=True)


@pytest.mark.parametrize("factor", [1e-6, 1e9])
def test_the_unit_of_measure_of_a_figure_leaves_the_verdicts(released, plain, factor):
    rows = [[unit, period, name, factor * value, ""] for unit, period, name, value, _ in TABLES["results"]]
    other = released(**TABLES | {"results": rows})
    assert verdicts(other) == verdicts(plain)
    assert estimates(other) == pytest.approx(estimates(plain), abs=LAST_DECIMAL)


@st.composite
def units_without_data(draw):
    """One to three rows of units that nobody answers for, below the top, a team or each other, and where they go."""
    rows = []
    for i in range(draw(st.integers(1, 3))):
        parent = draw(st.sampled_from(["top", *UNITS, *[key for key, *_ in rows]]))
        rows.append([f"empty{i}", draw(st.sampled_from(["Empty", "Name u1", "Zz"])), parent, draw(st.integers(0, 40))])
    return rows, draw(st.integers(0, len(TABLES["units"])))


@FEW
@given(added=units_without_data())
def test_units_without_data_change_nothing(released, plain, added):
    rows, place = added
    units = [*TABLES["units"][:place], *rows, *TABLES["units"][place:]]
    other = released(**TABLES | {"units": units})
    assert by_unit(other) == by_unit(plain) | {key: ([], [], None) for key, *_ in rows}
    for name in ("claims", "picture", "scales", "priorities", "priorities_reason", "outlooks"):
        assert (other[name] == plain[name]) is True


def test_a_forecast_is_made_of_shown_figures_alone(tmp_path):
    study = bv.open(bv.simulate(tmp_path / "it", teams=12, waves=6, seed=1))
    assert study.forecast()
    assert repr(study.forecast()) == repr(study.release().outlooks)
