"""The release as JSON: valid, stable, and without a number that is not in the release."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bevlogen.core.chain import CLAIMS, CONSTRUCTS, Link, Text
from bevlogen.core.foreseen import Alarm, Backtest, Outlook, Warnings
from bevlogen.core.judged import ClaimVerdict, Combined, LinkVerdict, Published
from bevlogen.core.linked import Estimate, Figure, Finding, LinkEstimate
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.planned import Move, Position
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.shown import Release, ShownResult, ShownScore, ShownUnit, Suppressed, Voice
from bevlogen.disclose import reopen
from bevlogen.show import write_json
from bevlogen.show.export import document

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "steering.schema.json").read_text("utf-8"))
NAN = math.nan
OWN = Estimate(
    "within",
    0.123,
    0.05,
    31.3,
    0.02,
    0.22,
    0.04,
    0.2,
    1.23,
    0.2,
    2.2,
    0.1,
    NAN,
    0.0123,
    40,
    20,
    2,
    (Text("Odd.", "Vreemd."),),
)
LINK = LinkVerdict(
    LinkEstimate(Link("engagement", "loyalty"), 1, (OWN,), False, 0.7, 0.8),
    replace(OWN, low=0.015, raw_low=0.15),  # the limit of the one that decides allows for its having been picked
    Published(0.2, 0.1, 0.0, 0.4, "causal", "a basis", ("x1",)),
    Combined(0.15, 0.04, 0.07, 0.23, 0.5, 0.9, 12.0),
    "supported",
    "Why.",
    "Waarom.",
)
UNTESTED = LinkVerdict(
    LinkEstimate(Link("loyalty", "retention"), 1, (), False, NAN, NAN, "No data.", "Geen gegevens."),
    None,
    None,
    None,
    "undetermined",
    "No data.",
    "Geen gegevens.",
)
FINDING = Finding(
    "hygiene", 0.2, 0.1, 0.3, 0.12, NAN, "above", 0.0, 0.1, 0.02, Text("mark", "kenmerk"),
    (Figure(Text("corner", "hoek"), Interval(0.3, 0.2, NAN)),), "within", True, 900, 20, 4, Text("Mind.", "Let op."),
    (Text("Odd.", "Vreemd."),),
)  # fmt: skip
POINT = Interval(0.8, NAN, NAN)
OUTLOOK = Outlook(
    "retention", ("2025",), ((0.8,), (0.85,), (0.9,), (0.92,), (0.95,)), 0.85, 0.25,
    Backtest(0.01, NAN, 0.02, NAN, 0.8, 40, False), 12, Text("Why.", "Waarom."), 0.91,
)  # fmt: skip

WARNED = Warnings(
    "retention", True, 0.6, 0.2, 0.4, 0.2, 0.3, 0.1, 80, 12, "2024", "2025", (Alarm("tram", ("engagement",)),),
    Text("Why.", "Waarom."),
)  # fmt: skip


@pytest.fixture
def release():
    return Release(
        title="Stadsdiensten",
        language="nl",
        note="",
        simulated=True,
        periods=("2023", "2024"),
        units=(
            ShownUnit("all", "Stadsdiensten", None, None, None, 0),
            ShownUnit("tram", "Tram Zuid", "all", "tram", 0.1, 1),
        ),
        constructs={key: CONSTRUCTS[key] for key in ("engagement", "loyalty", "retention")},
        measures_share=frozenset({"retention"}),
        unit_of_measure={"retention": "customers per customer"},
        scores=(ShownScore("tram", "2024", "engagement", 8.0, 3.4, 3.5, 3.1, NAN, 0.71),),
        results=(ShownResult("tram", "2024", "retention", 0.912),),
        suppressed=(Suppressed("tram", "2023", "engagement", "threshold"),),
        scales=(ScaleQuality("engagement", 3, 120.0, 12, 2, NAN, NAN, 1.0, 5.0, POINT, POINT, POINT, POINT, 0.8),),
        claims=(
            ClaimVerdict(CLAIMS["engaged-customers"], "supported", "Why.", "Waarom.", (LINK,)),
            ClaimVerdict(CLAIMS["customers-carry"], "undetermined", "No.", "Nee.", (UNTESTED, UNTESTED)),
            ClaimVerdict(CLAIMS["co-creation"], "undetermined", "No.", "Nee.", ()),
            ClaimVerdict(CLAIMS["hygiene"], "supported", "Why.", "Waarom.", (), FINDING, 0.03),
        ),
        picture=(LINK, UNTESTED),
        positions=(Position("tram", "2024", "tram", Interval(0.4, 0.1, 0.7), Interval(NAN), POINT, POINT, NAN, 8.0),),
        moves=(
            Move("tram", "engagement", "loyalty", 3.4, 4.0, "peers", 0.9, Interval(0.1, 0.0, 0.2), 0.7, "lagged", 8.0),
        ),
        moves_reason="In order.",
        moves_reason_nl="Op volgorde.",
        certainty=0.6,
        smallest_effect=0.1,
        k=5,
        k_comments=10,
        root="all",
        provenance=Provenance("0.1.0", "ab" * 32, 1),
        notes=(Text("Mind: one table is public.", "Let op: één tabel is al openbaar."),),
        outlooks=(OUTLOOK,),
        voices=(Voice("tram", "2024", Text("What helps?", "Wat helpt?"), ("rooster",), ("It never fits.",)),),
        warnings=(WARNED,),
    )


@pytest.fixture
def written(release, tmp_path):
    return json.loads(write_json(release, tmp_path / "out" / "picture.json").read_text("utf-8"))


def test_themes_are_in_it_and_comments_never(release, written):
    question = {"en": "What helps?", "nl": "Wat helpt?"}
    told = {"unit": "tram", "period": "2024", "question": question, "words": ["rooster"]}
    assert written["voices"] == [told]
    assert "never fits" not in json.dumps(written)
    assert reopen(written).voices == (replace(release.voices[0], texts=()),)


def objects(node):
    """Every object schema in the schema."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for child in node.values():
            yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


def test_the_schema_is_a_valid_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_document_fits_the_schema(written):
    Draft202012Validator(SCHEMA).validate(written)


def test_a_release_without_figures_fits_the_schema(release):
    empty = replace(release, units=(), scores=(), claims=(), picture=(), positions=(), moves=(), root="", certainty=NAN)
    Draft202012Validator(SCHEMA).validate(document(empty))


def test_the_schema_allows_no_other_field_and_describes_each():
    assert all(node["additionalProperties"] is False for node in objects(SCHEMA))
    fields = [(name, field) for node in objects(SCHEMA) for name, field in node["properties"].items()]
    assert [name for name, field in fields if "description" not in field and "$ref" not in field] == []


def test_the_schema_asks_for_every_field():
    assert all(node["required"] == list(node["properties"]) for node in objects(SCHEMA))


def test_a_field_that_the_schema_does_not_know_is_refused(written):
    assert not Draft202012Validator(SCHEMA).is_valid({**written, "extra": 1})


def test_what_is_not_known_is_null(written):
    assert written["units"][1]["scores"][0]["high"] is None
    assert written["scales"][0]["mean"] is None
    assert written["picture"][0]["own"]["mde"] is None


def test_an_infinite_number_is_null(release):
    endless = replace(release, certainty=math.inf)
    assert document(endless)["priorities_certainty"] is None


def test_respondents_are_whole_numbers(written):
    assert json.dumps(written["units"][1]["scores"][0]["n"]) == "8"


def test_scores_results_and_position_stand_with_their_unit(written):
    tram = written["units"][1]
    assert (tram["scores"][0]["mean"], tram["results"][0]["value"], tram["position"]["service"]["estimate"]) == (
        3.4,
        0.912,
        0.4,
    )
    assert written["units"][0]["scores"] == []
    assert written["units"][0]["position"] is None


def test_a_claim_on_one_link_repeats_its_estimates(written):
    claim = written["claims"][0]
    assert (claim["design"], claim["own"]["estimate"], claim["evidence"]["mean"], claim["combined"]["mean"]) == (
        "within",
        0.123,
        0.2,
        0.15,
    )


def test_a_claim_on_several_links_leaves_the_estimates_to_them(written):
    claim = written["claims"][1]
    assert (claim["own"], claim["design"], len(claim["links"])) == (None, None, 2)


def test_first_moves_are_numbered_from_one(written):
    assert [move["rank"] for move in written["priorities"]] == [1]


def test_what_is_suppressed_carries_no_number(written):
    assert written["suppressed"] == [
        {
            "unit": "tram",
            "period": "2023",
            "construct": "engagement",
            "rule": "threshold",
            "instead": None,
            "similar": None,
        }
    ]


def test_several_tops_give_no_root(release):
    assert document(replace(release, root=""))["organisation"]["root"] is None


def test_dutch_letters_stay_readable(release, tmp_path):
    assert "één tabel" in write_json(release, tmp_path / "picture.json").read_text("utf-8")


def test_an_older_file_is_replaced(release, tmp_path):
    path = tmp_path / "picture.json"
    path.write_text("old", "utf-8")
    write_json(release, path)
    assert json.loads(path.read_text("utf-8"))["schema"] == "bevlogen-steering/1"


def test_a_finding_stands_with_its_figures(written):
    found = next(c for c in written["claims"] if c["id"] == "hygiene")
    assert (found["finding"]["estimate"], found["finding"]["high90"], found["q_value"]) == (0.2, None, 0.03)
    assert found["finding"]["figures"] == [
        {"name": {"en": "corner", "nl": "hoek"}, "estimate": 0.3, "low": 0.2, "high": None}
    ]


def test_a_claim_that_links_answer_has_no_finding(written):
    assert written["claims"][0]["finding"] is None


def test_a_stored_release_opens_again_as_it_was(written):
    assert document(reopen(written)) == written


def test_another_unit_may_stand_for_the_whole(written):
    assert reopen(written, root="tram").root == "tram"


def test_an_outlook_tells_its_band_and_its_chance(written):
    (outlook,) = written["outlooks"]
    assert outlook["ahead"] == [{"period": "2025", "q10": 0.8, "q25": 0.85, "q50": 0.9, "q75": 0.92, "q90": 0.95}]
    assert (outlook["now"], outlook["chance"], outlook["tested"]["seasonal"]) == (0.91, 0.25, None)


def test_a_release_stored_before_there_were_outlooks_opens(written):
    assert reopen({k: v for k, v in written.items() if k != "outlooks"}).outlooks == ()


def test_a_warning_names_the_team_and_what_points_there(written):
    (found,) = written["warnings"]
    assert found["alarms"] == [{"unit": "tram", "signals": ["engagement"]}]
    assert (found["hits"], found["false_alarms"], found["period"]) == (0.6, 0.2, "2025")


def test_a_release_stored_before_there_were_warnings_opens(written):
    assert reopen({k: v for k, v in written.items() if k != "warnings"}).warnings == ()
