"""The application's data as a workspace, read back by the library itself."""

import datetime
import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation, Role
from bevlogen_web.analyses import own, workspace
from bevlogen_web.feedback.models import Response
from bevlogen_web.instruments.models import Instrument, Version
from bevlogen_web.intake import services as intake
from bevlogen_web.intake.models import History
from bevlogen_web.intake.services import Origin, drop_history
from bevlogen_web.intake.tables import Contact, Figure
from bevlogen_web.listening.models import Round
from bevlogen_web.listening.services import open_round
from bevlogen_web.organisation.models import Employee, Unit
from bevlogen_web.organisation.queries import today

TODAY = datetime.date(2026, 1, 15)
HISTORY = {
    "organisation.toml": """
[organisation]
name = "Vroeger"
language = "nl"
period = "quarter"
[disclosure]
k = 7
[tables.units]
file = "units.csv"
[tables.answers]
file = "answers.csv"
[tables.results]
file = "results.csv"
[[instruments]]
construct = "engagement"
items = ["x1", "x2"]
range = [1, 5]
min_answered = 2
""",
    "units.csv": "unit,name,parent\ntop,Hier,\ntram-01,Lijn 1,top\nold,Oud,top\n",
    "answers.csv": "unit,period,x1,x2\n" + "tram-01,2025-Q1,4,5\nold,2025-Q1,1,\n" * 6,
    "results.csv": "unit,period,measure,value,exposure\ntram-01,2025-Q1,absence,9,100\nold,2025-Q1,absence,1,100\n",
}


@pytest.fixture
def written(cast, tmp_path):
    """Write the workspace and open it with the library."""

    def write():
        told = workspace.write(cast.organisation, tmp_path, TODAY)
        return told, bv.open(tmp_path, data=tmp_path).workspace

    return write


def _rows(found, name):
    return next(table for table in found.rows if table.name == name).relation.to_pyarrow().to_pylist()


def _bring(cast, **changes):
    files = {**HISTORY, **changes}
    uploads = [SimpleUploadedFile(name, text.encode()) for name, text in files.items()]
    assert intake.bring_history(cast.organisation, uploads, by=cast.user(Role.ADMINISTRATOR)) == ()


def test_an_organisation_without_answers_has_nothing_to_study(cast, teams, tmp_path):
    assert not workspace.write(cast.organisation, tmp_path, TODAY).is_study


def test_answers_of_a_closed_round_count_for_its_period(closed_round, written):
    told, found = written()
    assert told.own_rows == 24
    assert found.periods == ("2025-Q4",)
    (instrument,) = found.organisation.instruments
    assert (instrument.construct, instrument.low, instrument.high) == ("engagement", 1, 5)
    assert instrument.reverse == {"our pulse.e3"}
    assert len(_rows(found, "answers")) == 24


def test_answers_of_an_open_round_are_not_read(hold, tmp_path, cast):
    hold("open")
    assert not workspace.write(cast.organisation, tmp_path, TODAY).is_study


def test_units_keep_their_place_service_and_degree(closed_round, written):
    _told, found = written()
    unit = next(unit for unit in found.units if unit.key == "tram-02")
    assert (unit.parent, unit.service, unit.co_creation) == ("top", "tram", 0.1)


def test_the_strictest_promise_holds(closed_round, written):
    Round.objects.create(
        organisation=closed_round.organisation, name="Streng", kind="census", version=closed_round.version,
        period="2025-Q4", opens=closed_round.opens, closes=closed_round.closes, state="open", rules={"k": 9},
    )  # fmt: skip
    _told, found = written()
    assert found.organisation.policy.k == 9


def test_figures_and_contacts_from_elsewhere_come_along(cast, closed_round, written):
    origin = Origin.of(b"figures")
    intake.deliver_figures(cast.organisation, [Figure("tram-01", "2025-Q4", "absence", 3.0, 90.0)], origin)
    contact = Contact("tram-01", datetime.date(2025, 11, 3), "e1", "c1", "tram", {"conduct": 8.0}, 1, 10)
    intake.deliver_contacts(cast.organisation, [contact], Origin.of(b"contacts"))
    _told, found = written()
    assert found.results.value.tolist() == [3.0]
    (row,) = _rows(found, "interactions")
    assert row["contact.conduct"] == 8
    assert row["employee"] == intake.pseudonym(cast.organisation, "employee", "e1")


def _say(cast, team, day, n):
    instrument, _ = Instrument.objects.get_or_create(key="encounter", audience="customer")
    version, _ = Version.objects.get_or_create(
        instrument=instrument,
        number=1,
        defaults={
            "state": "published",
            "definition": {
                "title": {"nl": "Contact"},
                "pages": [{"questions": [{"key": "l1", "kind": "scale", "construct": "loyalty", "low": 1, "high": 5}]}],
            },
        },
    )
    for _ in range(n):
        Response.objects.create(
            id=secrets.randbits(62),
            organisation=cast.organisation,
            unit=team,
            version=version,
            day=day,
            values={"l1": 4},
        )


def test_customers_enter_by_whole_blocks(cast, teams, written):
    _say(cast, teams["tram-01"], datetime.date(2026, 1, 5), 5)
    _say(cast, teams["tram-01"], datetime.date(2026, 1, 6), 4)
    _say(cast, teams["tram-02"], datetime.date(2026, 1, 5), 4)
    _say(cast, teams["tram-03"], TODAY, 9)
    _told, found = written()
    assert [row["unit"] for row in _rows(found, "interactions")] == ["tram-01"] * 5


def test_history_alone_is_a_study(cast, teams, written):
    _bring(cast)
    told, found = written()
    assert told.mixed == ()
    assert found.organisation.policy.k == 7
    assert {unit.key: unit.parent for unit in found.units}["old"] == "top"
    assert len(_rows(found, "answers")) == 12


def test_thresholds_of_single_instruments_hold_on(cast, closed_round, written):
    """None falls below the common one, and shares stay shares."""
    own = "k_by_construct = { engagement = 8 }\nk_distributions_by_construct = { engagement = 12 }\n"
    own += "protection_by_construct = { engagement = 0.5 }\n"
    _bring(cast, **{"organisation.toml": HISTORY["organisation.toml"].replace("k = 7\n", f"k = 7\n{own}")})
    Round.objects.create(
        organisation=closed_round.organisation, name="Streng", kind="census", version=closed_round.version,
        period="2025-Q4", opens=closed_round.opens, closes=closed_round.closes, state="open", rules={"k": 9},
    )  # fmt: skip
    policy = written()[1].organisation.policy
    assert policy.k_by_construct == {"engagement": 9}
    assert policy.k_distributions_by_construct == {"engagement": 12}
    assert policy.protection_by_construct == {"engagement": 0.5}


STRICT = "k_by_construct = { engagement = 8, burnout = 20 }\nprotection_by_construct = { engagement = 0.5 }\n"


def test_what_a_round_promised_of_single_instruments_stands_when_the_history_asks_less(cast, hold, written):
    """Thresholds go from the history to the promise of the next round, and from there to every picture."""
    _bring(cast, **{"organisation.toml": HISTORY["organisation.toml"].replace("k = 7\n", f"k = 7\n{STRICT}")})
    assert Organisation.objects.get(pk=cast.organisation.pk).thresholds["k_by_construct"] == {
        "engagement": 8,
        "burnout": 20,
    }
    held = hold("draft")
    Employee.objects.create(organisation=held.organisation, unit=Unit.objects.first(), key="1", language="nl")
    Round.objects.filter(pk=held.pk).update(closes=today())
    Version.objects.filter(pk=held.version_id).update(state="published")
    held = open_round(Round.objects.get(pk=held.pk), None)
    assert held.rules["stricter"]["k_by_construct"] == {"engagement": 8, "burnout": 20}
    lowered = {**held.rules, "stricter": {}}
    with pytest.raises(DatabaseError, match="the rules of an open round are never changed"), transaction.atomic():
        Round.objects.filter(pk=held.pk).update(rules=lowered)
    _bring(cast)
    assert Organisation.objects.get(pk=cast.organisation.pk).thresholds.get("k_by_construct", {}) == {}
    policy = written()[1].organisation.policy
    assert policy.k_by_construct == {"engagement": 8, "burnout": 20}
    assert policy.protection_by_construct == {"engagement": 0.5}
    drop_history(History.objects.get(organisation=cast.organisation), by=cast.user(Role.ADMINISTRATOR))
    assert Organisation.objects.get(pk=cast.organisation.pk).thresholds == {}


def test_targets_of_the_history_hold_for_what_has_figures(cast, teams, written):
    _bring(cast, **{"organisation.toml": HISTORY["organisation.toml"] + "[targets]\nabsence = 0.06\n"})
    _told, found = written()
    assert found.organisation.targets == {"absence": 0.06}


def test_history_and_own_answers_to_other_questions_meet_in_one_score(cast, closed_round, written):
    _bring(cast)
    told, found = written()
    assert told.mixed == ("engagement",)
    assert found.periods == ("2025-Q1", "2025-Q4")
    rows = _rows(found, "answers")
    scores = {(row["unit"], row["period"]): [] for row in rows}
    for row in rows:
        scores[row["unit"], row["period"]].append(row["score of engagement"])
    assert scores["tram-01", "2025-Q1"] == [4.5] * 6
    assert scores["old", "2025-Q1"] == [None] * 6
    assert sorted(scores["tram-01", "2025-Q4"]) == [2.0] * 3 + [3.0] * 3 + [4.0] * 2


def test_a_figure_that_was_delivered_replaces_the_one_of_the_history(cast, closed_round, written):
    _bring(cast)
    figure = Figure("tram-01", "2025-Q1", "absence", 12.0, 100.0)
    intake.deliver_figures(cast.organisation, [figure], Origin.of(b"figures"))
    _told, found = written()
    values = {found.units[u].key: v for u, v in zip(found.results.unit, found.results.value, strict=True)}
    assert values == {"tram-01": 12.0, "old": 1.0}


@pytest.mark.parametrize(
    ("label", "closes", "day"),
    [
        ("2025-Q1", (2025, 4, 20), (2025, 1, 1)),
        ("2025-Q1", (2025, 3, 20), (2025, 3, 20)),
        ("2025-02", (2025, 3, 2), (2025, 2, 1)),
        ("2025", (2025, 10, 2), (2025, 10, 2)),
        ("2024", (2025, 1, 2), (2024, 1, 1)),
    ],
)
def test_a_round_counts_on_a_day_of_its_period(label, closes, day):
    assert own.day_in(label, datetime.date(*closes)) == datetime.date(*day)
