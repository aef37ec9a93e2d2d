"""Poor and odd workspaces, from files to report: a clear verdict or a refusal, never an empty number."""

import importlib.util
import json
import re
import warnings
from pathlib import Path

import pytest

import bevlogen as bv

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

NO_NUMBER = re.compile(r"(?<![\w-])(nan|NaN|inf|-inf|Infinity|None|NaT|null)(?![\w-])")
TAGS = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)
MANY = w.keys(10)
FORTY = [str(1980 + i) for i in range(40)]
ODD = [
    "<script>alert(1)</script>",
    '"quo\'te" &amp;',
    "🙂🚋",
    "x" * 300,
    "\u202eשלום",
    "مرحبا",
    "{{ 7 * 7 }}",
    "[/red]",
    "a,b;c\td",
    "%s %(x)s",
]


def one_by_one(levels=5):
    """A tree of six levels in which every unit has two below it, and its leaves."""
    rows, above = [["top", "Top", "", ""]], ["top"]
    for level in range(levels):
        below = [f"{parent}.{k}" for parent in above for k in (1, 2)]
        rows += [[unit, f"Level {level}", unit.rsplit(".", 1)[0], 12] for unit in below]
        above = below
    return rows, above


SIX, LEAVES = one_by_one()
FULL = {"units": w.tree(MANY), "answers": w.answers(MANY), "interactions": w.ratings(MANY), "results": w.results(MANY)}
SAME = lambda unit, k: 3  # noqa: E731 - a table of small functions
OF_UNIT = lambda unit, k: int(unit[1:]) % 5 + 1  # noqa: E731 - a table of small functions
OF_PERSON = lambda unit, k: k % 5 + 1  # noqa: E731 - a table of small functions

ANSWERED = {
    "normal": FULL,
    "one wave": FULL | {"answers": w.answers(MANY, w.YEARS[:1]), "interactions": w.ratings(MANY, w.YEARS[:1])},
    "two units": {
        "units": w.tree(w.keys(2)),
        "answers": w.answers(w.keys(2)),
        "interactions": w.ratings(w.keys(2)),
        "results": w.results(w.keys(2)),
    },
    "six units": {"units": w.tree(w.keys(6)), "answers": w.answers(w.keys(6)), "results": w.results(w.keys(6))},
    "one unit": {"units": [["u0", "One", "", 12]], "answers": w.answers(["u0"]), "interactions": w.ratings(["u0"])},
    "all answers equal": FULL
    | {
        "answers": w.answers(MANY, score=SAME),
        "interactions": w.ratings(MANY, score=SAME),
        "results": w.results(MANY, value=lambda: 0.5),
    },
    "all agree in each unit": FULL
    | {"answers": w.answers(MANY, score=OF_UNIT), "interactions": w.ratings(MANY, score=OF_UNIT)},
    "no difference between units": FULL
    | {"answers": w.answers(MANY, n=10, score=OF_PERSON), "interactions": w.ratings(MANY, n=10, score=OF_PERSON)},
    "a unit with one respondent": FULL | {"answers": [*w.answers(MANY[:9]), ["u9", "2020", "p", 1, 5, 1]]},
    "only units with one respondent": FULL | {"answers": w.answers(MANY, n=1), "interactions": w.ratings(MANY, n=1)},
    "a construct nobody answered": FULL | {"answers": w.answers(MANY, score=lambda unit, k: "")},
    "everything missing": FULL
    | {
        "answers": w.answers(MANY, score=lambda unit, k: ""),
        "interactions": w.ratings(MANY, score=lambda unit, k: ""),
        "results": w.results(MANY, value=lambda: ""),
    },
    "a period with one unit": FULL | {"answers": [*w.answers(MANY, w.YEARS[:2]), *w.answers(["u0"], ["2022"])]},
    "scores only": {"units": w.tree(MANY), "scores": w.scores(MANY)},
    "scores without n": {"units": w.tree(MANY), "scores": w.scores(MANY, n="", sd="")},
    "scores of one person": {"units": w.tree(MANY), "scores": w.scores(MANY, n=1, sd="")},
    "scores of nobody": {"units": w.tree(MANY), "scores": w.scores(MANY, n=0, sd=0)},
    "scores without spread": {"units": w.tree(MANY), "scores": w.scores(MANY, sd=0), "results": w.results(MANY)},
    "interactions only": {"units": w.tree(MANY), "interactions": w.ratings(MANY)},
    "large figures": FULL | {"results": w.results(MANY, value=lambda: 9e15)},
    "tiny figures": FULL | {"results": w.results(MANY, value=lambda: 1e-300)},
    "an exposure of nothing": FULL | {"results": w.results(MANY, exposure=0)},
    "nobody employed": FULL | {"units": w.tree(MANY, headcount=0)},
    "forty periods": {
        "units": w.tree(w.keys(8)),
        "answers": w.answers(w.keys(8), FORTY, 6),
        "interactions": w.ratings(w.keys(8), FORTY, 6),
        "results": w.results(w.keys(8), FORTY),
    },
    "six levels": {"units": SIX, "answers": w.answers(LEAVES, w.YEARS[:2]), "results": w.results(LEAVES)},
    "odd names": {
        "units": [["top", "Top", "", ""], *([u, name, "top", 12] for u, name in zip(MANY, ODD, strict=True))],
        "answers": w.answers(MANY),
        "interactions": w.ratings(MANY),
        "results": w.results(MANY),
    },
    "odd keys": {"units": w.tree(ODD), "answers": w.answers(ODD), "interactions": w.ratings(ODD)},
    "a parent with people of its own": FULL | {"answers": w.answers([*MANY, "top"])},
    "two tops": {"units": [["a", "A", "", 9], ["b", "B", "", 9]], "answers": w.answers(["a", "b"])},
}
REFUSED = {
    "results only": ({"units": w.tree(MANY), "results": w.results(MANY)}, "no table with scores"),
    "units only": ({"units": w.tree(MANY)}, "no table with scores"),
    "tables without rows": (FULL | {"answers": []}, "answers.csv: a table without rows"),
    "a figure beyond reckoning": (FULL | {"results": w.results(MANY, value=lambda: 1e300)}, "a figure too large"),
    "a vanishing exposure": (FULL | {"results": w.results(MANY, exposure=1e-300)}, "a figure too small to divide by"),
}


@pytest.fixture(scope="module", params=ANSWERED, ids=lambda name: name.replace(" ", "-"))
def written(request, tmp_path_factory):
    """A workspace, its report in both languages, its JSON and the warnings on the way."""
    folder = w.write(tmp_path_factory.mktemp("odd") / "it", **ANSWERED[request.param])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        study = bv.open(folder)
        study.to_json(folder / "r.json")
        pages = [study.report(folder / f"{tongue}.html", language=tongue) for tongue in ("en", "nl")]
        tables = [study.measure().tidy(), study.measure().glance(), study.link().tidy(), study.steer().tidy()]
    ours = [str(one.message) for one in told if one.category is not DeprecationWarning]
    text = (folder / "r.json").read_text(encoding="utf-8")
    return [page.read_text(encoding="utf-8") for page in pages], json.loads(text), ours, tables


def strings_and_numbers(value):
    """Every leaf of a JSON document, as text."""
    if isinstance(value, dict):
        return [leaf for child in value.values() for leaf in strings_and_numbers(child)]
    if isinstance(value, list):
        return [leaf for child in value for leaf in strings_and_numbers(child)]
    return [] if value is None else [str(value)]


def test_every_claim_has_a_verdict_with_a_reason_in_both_languages(written):
    claims = written[1]["claims"]
    assert claims
    assert not [c["id"] for c in claims if not (c["verdict"] and c["reason"]["en"] and c["reason"]["nl"])]


def test_no_warning_reaches_the_user(written):
    assert written[2] == []


def test_no_missing_number_is_printed_in_the_report(written):
    texts = [TAGS.sub(" ", page) for page in written[0]]
    assert [found for text in texts for found in NO_NUMBER.findall(text)] == []


def test_no_missing_number_is_drawn_in_the_report(written):
    """An attribute such as ``cx="nan"`` draws nothing and tells nobody."""
    attributes = [value for page in written[0] for value in re.findall(r'\s[a-z0-9-]+="([^"<>]*)"', page)]
    assert [value for value in attributes if re.search(r"(?<![\w-])(nan|inf)(?![\w-])", value)] == []


def test_no_missing_number_is_written_as_text_in_the_json(written):
    assert [t for t in strings_and_numbers(written[1]) if NO_NUMBER.fullmatch(t.strip())] == []


def test_names_stay_text_in_the_report(written):
    assert [page for page in written[0] if "<script" in page or "49" in re.findall(r"\{\{.*?\}\}", page)] == []


@pytest.mark.parametrize(("tables", "sentence"), REFUSED.values(), ids=[n.replace(" ", "-") for n in REFUSED])
def test_a_workspace_that_cannot_be_answered_is_refused(tmp_path, tables, sentence):
    with pytest.raises(bv.WorkspaceError, match=sentence):
        bv.open(w.write(tmp_path / "it", **tables))


@pytest.mark.parametrize("name", ["one unit", "two units", "all answers equal", "only units with one respondent"])
def test_without_enough_to_go_by_nothing_is_claimed(tmp_path, name):
    chain = bv.open(w.write(tmp_path / "it", **ANSWERED[name])).link()
    assert {claim.verdict for claim in chain.claims} == {"undetermined"}


@pytest.mark.parametrize("name", ["one unit", "two units", "all answers equal", "only units with one respondent"])
def test_without_enough_to_go_by_no_move_is_given(tmp_path, name):
    release = bv.open(w.write(tmp_path / "it", **ANSWERED[name])).release()
    assert release.moves == ()
    assert release.moves_reason
    assert release.moves_reason_nl


def test_the_untouched_template_is_steered_without_a_warning(tmp_path):
    place = bv.new(tmp_path / "mine")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        bv.open(place).report(tmp_path / "report.html")
