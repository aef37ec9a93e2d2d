"""What nobody may learn: every figure rests on k people, and no pseudonym or answer leaves the house."""

import importlib.util
import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bevlogen as bv

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

K, K_HEALTH = 5, 10
CANARY = "Kanarie-7391"
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROWS = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
BASES = re.compile(r"<td[^>]*>[^<]*<small>([\d.,]+)</small>")
UNITS = w.keys(9)


def planted():
    """Rows whose pseudonyms are canaries."""
    return {
        "units": w.tree(UNITS),
        "answers": [[u, p, f"{CANARY}-r{i}", *rest] for i, (u, p, _, *rest) in enumerate(w.answers(UNITS))],
        "interactions": [
            [u, p, f"{CANARY}-m{i}", f"{CANARY}-k{i}", score]
            for i, (u, p, _, _, score) in enumerate(w.ratings(UNITS, n=4))
        ],
        "results": w.results(UNITS),
    }


def of_sizes(sizes, headcounts, seed):
    """An organisation of two groups with units of these sizes."""
    rng = random.Random(seed)
    units = w.keys(len(sizes))
    groups = [["top", "Top", "", ""], ["left", "Left", "top", ""], ["right", "Right", "top", ""]]
    rows = [[u, f"Name {u}", rng.choice(["left", "right"]), h] for u, h in zip(units, headcounts, strict=True)]
    answers = [row for u, n in zip(units, sizes, strict=True) for row in w.answers([u], n=n, seed=rng.random())]
    ratings = [row for u, n in zip(units, sizes, strict=True) for row in w.ratings([u], n=n, seed=rng.random())]
    return {"units": groups + rows, "answers": answers, "interactions": ratings, "results": w.results(units)}


def run_house(folder, tables):
    study = bv.open(w.write(folder, **tables))
    document = json.loads(study.to_json(folder / "r.json").read_text(encoding="utf-8"))
    return document, study.report(folder / "r.html").read_text(encoding="utf-8")


@FEW
@given(
    sizes=st.lists(st.integers(0, 12), min_size=4, max_size=9).filter(any),
    headcounts=st.lists(st.integers(1, 20), min_size=9, max_size=9),
    seed=st.integers(0, 10**6),
)
def test_every_figure_of_a_unit_rests_on_k_people(tmp_path_factory, sizes, headcounts, seed):
    tables = of_sizes(sizes, headcounts[: len(sizes)], seed)
    document, page = run_house(tmp_path_factory.mktemp("sizes") / "it", tables)
    asked = Counter(f"{u}|{p}" for u, p, *_ in tables["answers"])
    heads = {row[0]: row[3] for row in tables["units"]}
    shown = [(unit["key"], score) for unit in document["units"] for score in unit["scores"]]
    small = {key for key in heads if all(asked[f"{key}|{p}"] < K for p in w.YEARS) and heads[key] != ""}

    assert [s for _, s in shown if s["n"] < K] == []
    assert [s for key, s in shown if key in UNITS and asked[f"{key}|{s['period']}"] < K] == []
    assert [u["key"] for u in document["units"] if u["position"] and u["key"] in small] == []
    assert [m for m in document["priorities"] if m["unit"] in small or m["n"] < K] == []
    assert [
        (u["key"], r)
        for u in document["units"]
        for r in u["results"]
        if heads[u["key"]] != "" and heads[u["key"]] < (K_HEALTH if r["measure"] == "absence" else K)
    ] == []
    assert [s for s in document["scales"] if s["n_obs"] < K] == []
    assert [n for n in BASES.findall(page) if float(n.replace(".", "")) < K] == []
    assert [key for key in small if f"<title>Name {key}</title>" in page] == []


def test_a_hidden_unit_has_a_row_without_figures(tmp_path):
    tables = of_sizes([9, 9, 9, 9, 2, 9], [12, 12, 12, 12, 2, 12], 1)
    document, page = run_house(tmp_path / "it", tables)
    hidden = next(unit for unit in document["units"] if unit["key"] == "u4")
    rows = [re.sub(r"<[^>]*>", " ", row).replace("Name u4", "") for row in ROWS.findall(page) if "Name u4" in row]
    assert (hidden["scores"], hidden["results"], hidden["position"]) == ([], [], None)
    assert rows
    assert [row for row in rows if re.search(r"\d", row.replace(f"fewer than {K} respondents", ""))] == []


def test_no_pseudonym_is_in_report_or_json(tmp_path):
    document, page = run_house(tmp_path / "it", planted())
    assert CANARY not in page
    assert CANARY not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("column", [0, 1, 3, 4])
def test_no_answer_is_in_an_error(tmp_path, column):
    """A name typed in the wrong column: as an answer or a date it is never repeated."""
    tables = planted()
    tables["answers"][5][column] = f"{CANARY} de Vries, 06-12345678"
    with pytest.raises(bv.WorkspaceError) as refused:
        bv.open(w.write(tmp_path / "it", **tables))
    assert CANARY not in str(refused.value)
    assert CANARY not in repr(refused.value.faults)


def test_an_answer_outside_the_scale_is_not_repeated(tmp_path):
    tables = planted()
    tables["answers"][5][3] = 7391
    with pytest.raises(bv.WorkspaceError) as refused:
        bv.open(w.write(tmp_path / "it", **tables))
    assert "7391" not in str(refused.value)


def test_nothing_is_said_or_left_behind(tmp_path):
    """In Python's development mode, where unclosed files and stray warnings are told."""
    folder, here = w.write(tmp_path / "it", **planted()), tmp_path / "here"
    here.mkdir()
    before = sorted(path.name for path in folder.iterdir())
    words = [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-m", "bevlogen", "steer", str(folder)]
    run = subprocess.run([*words, "--json", "r.json"], cwd=here, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert CANARY not in run.stdout
    assert sorted(path.name for path in here.iterdir()) == ["r.json", "report.html"]
    ledger = ["releases.jsonl", "releases.lock", "releases.seal"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, *ledger])


def test_a_refusal_says_no_answer_on_the_command_line(tmp_path):
    tables = planted()
    tables["answers"][5][3] = CANARY
    folder = w.write(tmp_path / "it", **tables)
    words = [sys.executable, "-X", "dev", "-m", "bevlogen", "steer", str(folder)]
    run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert CANARY not in run.stdout + run.stderr
