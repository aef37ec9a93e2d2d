"""The four example organisations say on real data what is known of those data."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import bevlogen as bv

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("BEVLOGEN_SHARED", ROOT.parent / "shared")) / "data"
NAMES = ("new-york-schools", "nhs-trusts", "army-companies", "university-lectures")
# Estimates are shown to 3 decimals; the known army figure uses one mean group size, ours the size of each group.
ICC_AGREES = 0.005
# The smallest effect that matters is 0.10 SD; within trusts mortality hardly moves at all.
NEARLY_ZERO = 0.05

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is absent")


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    made = {}
    for name in NAMES:
        study = bv.open(ROOT / "examples" / name, data=DATA, ledger=folder / f"{name}.jsonl")
        study.report(folder / f"{name}.html")
        made[name] = json.loads(study.to_json(folder / f"{name}.json").read_text(encoding="utf-8"))
    return made


def claim(document, ident):
    return next(c for c in document["claims"] if c["id"] == ident)


def designs(document, ident):
    return {d["design"]: d for link in claim(document, ident)["links"] for d in link["designs"]}


@pytest.mark.parametrize("name", NAMES)
def test_document_fits_the_schema(documents, name):
    schema = json.loads((ROOT / "docs" / "steering.schema.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(documents[name])) == []


def test_trusts_with_more_engaged_staff_have_lower_mortality(documents):
    assert designs(documents["nhs-trusts"], "engaged-perform")["cross-sectional"]["high"] < 0


def test_within_a_trust_mortality_does_not_move_along(documents):
    assert abs(designs(documents["nhs-trusts"], "engaged-perform")["within"]["estimate"]) < NEARLY_ZERO


def test_difference_between_and_within_trusts_is_said_in_plain_words(documents):
    reason = claim(documents["nhs-trusts"], "engaged-perform")["reason"]["en"]
    assert "when engagement rises within a unit, mortality (SHMI) does not move along" in reason


def test_leadership_differs_between_companies_as_published(documents):
    icc1 = {s["construct"]: s["icc1"]["estimate"] for s in documents["army-companies"]["scales"]}
    assert icc1["employership.leadership"] == pytest.approx(0.127, abs=ICC_AGREES)


def test_new_york_has_all_schools_and_years(documents):
    document = documents["new-york-schools"]
    assert (sum(u["parent"] is not None for u in document["units"]), len(document["periods"])) == (526, 5)


def test_link_of_teachers_with_teachers_is_labelled(documents):
    (link,) = claim(documents["new-york-schools"], "employership-engages")["links"]
    assert (link["same_source"], link["verdict"]) == (True, "undetermined")


def test_link_of_teachers_with_parents_is_not(documents):
    links = claim(documents["new-york-schools"], "engaged-customers")["links"]
    assert [link["same_source"] for link in links] == [False]


def test_ratings_alone_leave_every_claim_open_with_what_it_needs(documents):
    claims = documents["university-lectures"]["claims"]
    said = {(c["verdict"], "need" in c["reason"]["en"].lower()) for c in claims}
    assert said == {("undetermined", True)}
