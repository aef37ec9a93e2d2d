"""The API: what is right is stored once, what is wrong is told in full and leaves nothing behind."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bevlogen_web.accounts.models import Role
from bevlogen_web.intake import services
from bevlogen_web.intake.models import Delivery, Encounter, Result, Scope, Token
from bevlogen_web.organisation.models import Unit

FIGURE = {"unit": "tram-01", "period": "2025-Q4", "measure": "absence", "value": 31, "exposure": 1188}
CONTACT = {"unit": "tram-01", "date": "2025-11-03", "employee": "e12", "ratings": {"conduct": 4, "loyalty": 5}}


@pytest.fixture
def units(cast):
    """Two units here, one there."""
    Unit.objects.create(organisation=cast.organisation, key="tram-01", name="Lijn 1")
    Unit.objects.create(organisation=cast.organisation, key="tram-02", name="Lijn 2")
    Unit.objects.create(organisation=cast.other, key="elsewhere", name="Elders")


@pytest.fixture
def key(cast, units) -> str:
    """The key of an integration that may do everything."""
    return services.make_token(cast.organisation, "HR", list(Scope), by=cast.user(Role.ADMINISTRATOR))[1]


def send(key: str, table: str, body, **headers):
    """Send a batch as another system would."""
    return Client().post(
        f"/api/v1/{table}",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", **headers},
    )


def test_figures_are_stored(key):
    answer = send(key, "results", {"rows": [FIGURE]})
    assert answer.status_code == 200
    assert answer.json()["rows"] == 1
    found = Result.objects.get()
    assert (found.unit.key, found.period, found.measure, found.value, found.exposure) == (
        "tram-01", "2025-Q4", "absence", 31, 1188,
    )  # fmt: skip


def test_a_date_becomes_its_period(key):
    send(key, "results", {"rows": [{**FIGURE, "period": "2025-11-30"}]})
    assert Result.objects.get().period == "2025-Q4"


def test_a_figure_sent_again_is_replaced(key):
    send(key, "results", {"rows": [FIGURE]})
    send(key, "results", {"rows": [{**FIGURE, "value": 28}]})
    assert [found.value for found in Result.objects.all()] == [28]


def test_the_same_batch_twice_is_one_delivery(key):
    first = send(key, "interactions", {"rows": [CONTACT]}).json()
    second = send(key, "interactions", {"rows": [CONTACT]}).json()
    assert first == second
    assert Encounter.objects.count() == 1


def test_a_key_makes_another_batch_of_the_same_content(key):
    send(key, "interactions", {"rows": [CONTACT]}, **{"Idempotency-Key": "monday"})
    send(key, "interactions", {"rows": [CONTACT]}, **{"Idempotency-Key": "tuesday"})
    assert Encounter.objects.count() == 2


def test_a_key_for_other_content_is_refused(key):
    send(key, "results", {"rows": [FIGURE]}, **{"Idempotency-Key": "monday"})
    answer = send(key, "results", {"rows": [{**FIGURE, "value": 1}]}, **{"Idempotency-Key": "monday"})
    assert answer.status_code == 409
    assert Result.objects.get().value == 31


def test_a_contact_with_a_known_id_is_replaced(key):
    send(key, "interactions", {"rows": [{**CONTACT, "id": "c1"}]})
    send(key, "interactions", {"rows": [{**CONTACT, "id": "c1", "ratings": {"conduct": 1}}]})
    assert Encounter.objects.get().ratings == {"conduct": 1}


def test_people_become_pseudonyms(key):
    send(key, "interactions", {"rows": [CONTACT, {**CONTACT, "date": "2025-11-04"}]})
    first, second = Encounter.objects.all()
    assert first.employee == second.employee
    assert "e12" not in first.employee
    assert len(first.employee) == 16


def test_every_fault_is_told_with_its_row_and_nothing_is_stored(key):
    rows = [FIGURE, {**FIGURE, "unit": "tram-99"}, {**FIGURE, "unit": "tram-02", "measure": "absense"}]
    answer = send(key, "results", {"rows": rows})
    assert answer.status_code == 422
    told = {(fault["row"], fault["field"]): fault["mend"] for fault in answer.json()["faults"]}
    assert told == {
        (2, "unit"): "Add the unit in Bevlogen first, or mend the code.",
        (3, "measure"): 'Did you mean "absence"?',
    }
    assert not Result.objects.exists()
    assert not Delivery.objects.exists()


def test_a_figure_given_twice_in_a_batch_is_a_fault(key):
    answer = send(key, "results", {"rows": [FIGURE, {**FIGURE, "value": 5}]})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["row"] == 2


def test_a_fault_of_form_names_row_and_field_but_not_the_value(key):
    answer = send(key, "results", {"rows": [FIGURE, {**FIGURE, "value": "secret"}]})
    assert answer.status_code == 422
    fault = answer.json()["faults"][0]
    assert (fault["row"], fault["field"], fault["mend"]) == (2, "value", "Give a number, such as 3.5.")
    assert "secret" not in answer.content.decode()


def test_an_unknown_field_is_a_fault(key):
    answer = send(key, "results", {"rows": [{**FIGURE, "exposures": 3}]})
    assert answer.json()["faults"][0]["mend"] == "Leave it out, or mend its name."


def test_a_rating_outside_its_scale_is_a_fault(key):
    answer = send(key, "interactions", {"rows": [{**CONTACT, "ratings": {"conduct": 6}}]})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["row"] == 1
    assert answer.json()["faults"][0]["field"] == "conduct"


def test_a_rating_of_something_unknown_is_a_fault(key):
    answer = send(key, "interactions", {"rows": [{**CONTACT, "ratings": {"weather": 4}}]})
    assert "no known construct" in answer.json()["faults"][0]["found"]


def test_a_unit_of_another_organisation_is_unknown(key):
    answer = send(key, "results", {"rows": [{**FIGURE, "unit": "elsewhere"}]})
    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"rows": []}', '{"rows": [1]}', '{"rows": {"a": NaN}}'])
def test_what_is_no_batch_is_refused(key, body):
    assert send(key, "results", body).status_code in (400, 422)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\nb"])
def test_text_that_cannot_be_kept_is_refused(key, text):
    assert send(key, "results", {"rows": [{**FIGURE, "unit": text}]}).status_code in (400, 422)


def test_without_a_key_nothing_is_told(units):
    answer = send("bevlogen_guess", "results", {"rows": [FIGURE]})
    assert answer.status_code == 401
    assert "Authorization" in answer.json()["message"]


def test_a_key_does_only_what_it_may(cast, units):
    key = services.make_token(cast.organisation, "Reader", [Scope.READ_RELEASE], by=cast.user(Role.ADMINISTRATOR))[1]
    assert send(key, "results", {"rows": [FIGURE]}).status_code == 403


def test_a_key_that_was_ended_no_longer_works(cast, key):
    services.revoke(Token.objects.get(), by=cast.user(Role.ADMINISTRATOR))
    assert send(key, "results", {"rows": [FIGURE]}).status_code == 401


def test_the_key_itself_is_not_kept(key):
    assert key not in str(Token.objects.values().get())


def test_a_file_in_dutch_is_read(key):
    table = "unit;period;measure;value;exposure\ntram-01;2025-Q4;absence;3,5;100\n".encode("cp1252")
    answer = Client().post(
        "/api/v1/files/results",
        {"file": SimpleUploadedFile("verzuim.csv", table)},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.content
    assert Result.objects.get().value == 3.5


def test_a_file_of_contacts_need_not_rate_everything(key):
    table = b"unit,date,conduct,loyalty\ntram-01,2025-11-03,4,\ntram-02,2025-11-04,3,5\n"
    answer = Client().post(
        "/api/v1/files/interactions",
        {"file": SimpleUploadedFile("contacts.csv", table)},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.content
    assert [found.ratings for found in Encounter.objects.order_by("day")] == [
        {"conduct": 4},
        {"conduct": 3, "loyalty": 5},
    ]


def test_the_contract_is_published(client):
    contract = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/results", "/api/v1/interactions"} <= set(contract["paths"])


def test_units_are_added_and_moved(cast, key):
    rows = [{"unit": "east", "name": "Oost"}, {"unit": "tram-01", "parent": "east", "headcount": 12}]
    answer = send(key, "units", {"rows": rows})
    assert answer.status_code == 200, answer.content
    moved = Unit.objects.get(organisation=cast.organisation, key="tram-01")
    assert (moved.name, moved.parent.key, moved.headcount) == ("Lijn 1", "east", 12)
    assert Unit.objects.get(organisation=cast.organisation, key="tram-02").end is None


def test_a_unit_below_an_unknown_one_is_a_fault(cast, key):
    answer = send(key, "units", {"rows": [{"unit": "new", "name": "Nieuw"}, {"unit": "tram-01", "parent": "nowhere"}]})
    assert answer.status_code == 422
    assert {(fault["row"], fault["field"]) for fault in answer.json()["faults"]} == {(2, "parent")}
    assert not Unit.objects.filter(key="new").exists()


def test_a_complete_list_ends_the_units_that_are_not_in_it(cast, key):
    send(key, "units", {"rows": [{"unit": "tram-01"}], "complete": True})
    assert Unit.objects.get(organisation=cast.organisation, key="tram-02").end is not None


def test_customers_are_asked_once_about_a_contact(key, cast):
    row = {"unit": "tram-01", "email": "customer@example.org", "code": "c1", "language": "nl"}
    assert send(key, "asks", {"rows": [row]}).json() == {"sent": 1, "stopped": 0, "resting": 0, "known": 0}
    assert send(key, "asks", {"rows": [row]}).json() == {"sent": 0, "stopped": 0, "resting": 0, "known": 1}


def test_who_to_ask_is_checked_as_a_whole(key, mailoutbox):
    good = {"unit": "tram-01", "email": "customer@example.org"}
    answer = send(key, "asks", {"rows": [good, {"unit": "tram-99", "email": "nobody"}]})
    assert [(fault["row"], fault["field"]) for fault in answer.json()["faults"]] == [(2, "unit"), (2, "email")]
    assert "nobody" not in answer.content.decode()
    assert mailoutbox == []


@pytest.mark.parametrize("value", [1e-7, 1e15, -2.5, 0, 0.1 + 0.2, 123456789012])
def test_every_figure_that_can_be_kept_is_kept_exactly(key, value):
    answer = send(key, "results", {"rows": [{**FIGURE, "value": value, "exposure": None}]})
    assert answer.status_code == 200, answer.content
    assert Result.objects.get().value == value


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_a_figure_that_cannot_be_reckoned_with_is_a_fault(key, value):
    assert send(key, "results", {"rows": [{**FIGURE, "value": value}]}).status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2025-02-30", 5, "05-03-2025"])
def test_odd_dates_break_nothing(key, day):
    assert send(key, "interactions", {"rows": [{**CONTACT, "date": day}]}).status_code in (200, 422)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a;b", "-", "=1+1", "0012", "1e5", "é"])
def test_every_key_of_a_unit_survives_the_check(cast, key, name):
    Unit.objects.create(organisation=cast.organisation, key=name, name="Vreemd")
    answer = send(key, "results", {"rows": [{**FIGURE, "unit": name}]})
    assert answer.status_code == 200, answer.content
    assert Result.objects.get().unit.key == name


@pytest.mark.parametrize("scale", [[5, 1], [1, 1], [1], [1, 1e300], ["a", 2]])
def test_an_odd_scale_is_a_fault(key, scale):
    assert send(key, "interactions", {"rows": [CONTACT], "scale": scale}).status_code == 422


@pytest.mark.parametrize("path", ["files/results", "files/units", "files/interactions", "files/nothing"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"unit\n", b"PK\x03\x04junk", b"\xff\xfe", b"a,a\n1,2\n"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "gz"])
def test_rubbish_files_are_refused(key, path, content, suffix):
    answer = Client().post(
        f"/api/v1/{path}",
        {"file": SimpleUploadedFile(f"f.{suffix}", content)},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code in (400, 422), answer.content
    assert not Delivery.objects.exists()


def test_no_fault_speaks_of_a_file_the_sender_does_not_have(key):
    rows = [{**FIGURE, "period": "2025-11"}, {**FIGURE, "measure": "weather"}, {**FIGURE, "period": "03/04/2025"}]
    answer = send(key, "results", {"rows": rows})
    assert len(answer.json()["faults"]) == 3
    assert "organisation.toml" not in answer.content.decode()
