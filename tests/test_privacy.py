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
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import bevlogen as bv

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

K, K_HEALTH = 5, 10
CANARY = "Kanarie-7391"
# An example is a whole run: a failure is told as it was found, without a search for a smaller one.
FEW = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
ROWS = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
TABLE = re.compile(r"<table[^>]*>.*?</table>", re.DOTALL)
CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
BASES = re.compile(r"<small>([\d.,]+)</small>")
IN_WORDS = re.compile(r"\b(\d[\d.,]*) (?:respondent|people|persons|mensen|personen|observations|waarnemingen)")
SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "steering.schema.json").read_text(encoding="utf-8"))
COUNT = re.compile(r"n|n_\w+")
OF_PEOPLE = ("Respondents", "Fewest respondents", "Observations")
OF_OTHERS = ("Units", "Periods", "Questions", "Figures compared", "Forecasts")
BURNOUT = '[[instruments]]\nconstruct = "burnout"\nitems = ["w1"]\nrange = [1, 5]\n'
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


def run_house(folder, tables, extra=""):
    """The release as JSON, and as a page in both languages."""
    study = bv.open(w.write(folder, extra=extra, **tables))
    document = json.loads(study.to_json(folder / "r.json").read_text(encoding="utf-8"))
    pages = [study.report(folder / f"{code}.html", language=code).read_text(encoding="utf-8") for code in ("en", "nl")]
    return document, pages


def counts_in(schema):
    """Every property of the schema that counts something: its name and what it counts."""
    inside = [schema] if isinstance(schema, dict) else []
    while inside:
        part = inside.pop()
        inside += [value for value in part.values() if isinstance(value, dict)]
        inside += [one for value in part.values() if isinstance(value, list) for one in value if isinstance(one, dict)]
        named = {key: one for key, one in part.get("properties", {}).items() if COUNT.fullmatch(key)}
        yield from ((key, one["description"]) for key, one in named.items())


def people_in(found, people):
    """Every number of people in a document: the record that holds it, and the number."""
    if isinstance(found, list):
        yield from (pair for one in found for pair in people_in(one, people))
    if isinstance(found, dict):
        yield from ((found, found[key]) for key in people if isinstance(found.get(key), int | float))
        yield from (pair for one in found.values() for pair in people_in(one, people))


def people_on(page):
    """Every number of people on a page: grey below a figure, in a column of respondents, or in a sentence."""
    found = BASES.findall(page)
    for table in TABLE.findall(page):
        head, *rows = [CELL.findall(row) for row in ROWS.findall(table)]
        found += [row[i] for i, name in enumerate(head) if "espondent" in name for row in rows if len(row) > i]
    found += IN_WORDS.findall(re.sub(r"<[^>]*>", " ", page))
    return [int(re.sub(r"\D", "", number)) for number in found if re.search(r"\d", number)]


def rows_of(page, name):
    """Rows that are about a unit, less its name and the rule that hides it."""
    rows = [re.sub(r"<[^>]*>", " ", row) for row in ROWS.findall(page) if f"{name}<" in row]
    return [re.sub(rf"{name}|(fewer than|minder dan) \d+ respondent\w*", "", row) for row in rows]


def test_the_schema_says_of_every_count_what_it_counts():
    """A new count that is not about units, periods or the like is held against k below."""
    assert {said for _, said in counts_in(SCHEMA) if not said.startswith((*OF_PEOPLE, *OF_OTHERS))} == set()


@FEW
@given(
    sizes=st.lists(st.integers(0, 12), min_size=4, max_size=9).filter(any),
    headcounts=st.lists(st.integers(1, 20), min_size=9, max_size=9),
    seed=st.integers(0, 10**6),
)
def test_every_figure_of_a_unit_rests_on_k_people(tmp_path_factory, sizes, headcounts, seed):
    tables = of_sizes(sizes, headcounts[: len(sizes)], seed)
    document, pages = run_house(tmp_path_factory.mktemp("sizes") / "it", tables, extra=BURNOUT)
    heads = {row[0]: row[3] for row in tables["units"]}
    of_health = {c["key"] for c in document["constructs"] if c["health"]}
    asked = Counter(f"{u}|{p}" for u, p, *_ in tables["answers"])
    for u, group, p in [(row[0], row[2], p) for row in tables["units"] for p in w.YEARS if row[2] not in ("", "top")]:
        asked[f"{group}|{p}"] += asked[f"{u}|{p}"]
    shown = [(unit["key"], score) for unit in document["units"] for score in unit["scores"]]
    small = {key for key in UNITS if key in heads and all(asked[f"{key}|{p}"] < K for p in w.YEARS)}

    people = {name for name, said in counts_in(SCHEMA) if said.startswith(OF_PEOPLE)}
    least = [(one, K_HEALTH if one.get("construct") in of_health else K, n) for one, n in people_in(document, people)]
    assert shown == [] or least
    # A finding that was not made rests on 0 observations and has no figure.
    assert [one for one, k, n in least if n < k and (n or one.get("estimate", 0) is not None)] == []
    assert [(u, s) for u, s in shown if u != "top" and asked[f"{u}|{s['period']}"] < K] == []
    assert [u["key"] for u in document["units"] if u["position"] and u["key"] in small] == []
    assert [move for move in document["priorities"] if move["unit"] in small] == []
    assert [
        (u["key"], r)
        for u in document["units"]
        for r in u["results"]
        if heads[u["key"]] != "" and heads[u["key"]] < (K_HEALTH if r["measure"] in of_health else K)
    ] == []
    for page in pages:
        assert shown == [] or people_on(page)
        assert [n for n in people_on(page) if n < K] == []
        assert [key for key in small if f"<title>Name {key}</title>" in page] == []
        for key in (key for key in small if heads[key] < K):
            assert [row for row in rows_of(page, f"Name {key}") if re.search(r"\d", row)] == []


def test_a_hidden_unit_has_a_row_without_figures(tmp_path):
    tables = of_sizes([9, 9, 9, 9, 2, 9], [12, 12, 12, 12, 2, 12], 1)
    document, pages = run_house(tmp_path / "it", tables)
    hidden = next(unit for unit in document["units"] if unit["key"] == "u4")
    assert (hidden["scores"], hidden["results"], hidden["position"]) == ([], [], None)
    for page in pages:
        assert rows_of(page, "Name u4")
        assert [row for row in rows_of(page, "Name u4") if re.search(r"\d", row)] == []


def test_no_pseudonym_is_in_report_or_json(tmp_path):
    document, pages = run_house(tmp_path / "it", planted())
    assert [page for page in pages if CANARY in page] == []
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
    ledger = ["releases.jsonl", "releases.key", "releases.lock", "releases.seal"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, *ledger])


def test_a_refusal_says_no_answer_on_the_command_line(tmp_path):
    tables = planted()
    tables["answers"][5][3] = CANARY
    folder = w.write(tmp_path / "it", **tables)
    words = [sys.executable, "-X", "dev", "-m", "bevlogen", "steer", str(folder)]
    run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert CANARY not in run.stdout + run.stderr
