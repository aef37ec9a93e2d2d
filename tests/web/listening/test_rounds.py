"""The pages of who holds rounds."""

import re
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from checks import check_permissions
from django.urls import reverse
from listening.rounds import answer, code_for_each, prepared

from bevlogen_web.accounts.models import AuditEntry, Membership, Role
from bevlogen_web.listening import closing, services, urls
from bevlogen_web.listening.models import Round
from bevlogen_web.organisation.models import Employee, ManagedUnit
from bevlogen_web.organisation.queries import today

EVERYONE = set(Role)
HOLDERS = {Role.DIRECTOR, Role.ADMINISTRATOR}
ADMINISTRATOR = {Role.ADMINISTRATOR}


@pytest.fixture
def draft(cast, version, teams):
    return prepared(cast.organisation, version)


def given(version):
    return {
        "name": "Voorjaar",
        "kind": "census",
        "version": version.pk,
        "unit": "",
        "period": "2027-Q1",
        "closes": today() + timedelta(days=10),
        "share": 33,
        "rest_days": 60,
        "lead_days": 60,
        "k": 5,
        "k_comments": 10,
    }


def test_permissions(cast, opened, version):
    draft, held = {"number": prepared(cast.organisation, version).pk}, {"number": opened.pk}
    table = {
        "listening:rounds": (EVERYONE, {}),
        "listening:prepare": (HOLDERS, {}),
        "listening:round": (EVERYONE, held),
        "listening:change": (HOLDERS, draft),
        "listening:open": (HOLDERS, draft),
        "listening:discard": (HOLDERS, draft),
        "listening:remind": (HOLDERS, held),
        "listening:close": (HOLDERS, held),
        "listening:cards": (ADMINISTRATOR, held),
        "listening:printed": (ADMINISTRATOR, held),
    }
    check_permissions(cast, urls, table)


def test_a_round_is_prepared(cast, version, teams):
    client = cast.client(Role.DIRECTOR)
    response = client.post("/o/here/rounds/new/", given(version))
    held = Round.objects.get()
    assert response.headers["Location"] == f"/o/here/rounds/{held.pk}/"
    assert (held.organisation, held.state, held.rules["k"]) == (cast.organisation, "draft", 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("k", 4),
        ("k_comments", 9),
        ("closes", "2020-01-01"),
        ("period", "volgend jaar"),
        ("share", 101),
        ("kind", "everybody"),
        ("unit", 999999),
        ("version", 999999),
        ("name", "x" * 121),
    ],
)
def test_what_cannot_be_is_named_and_nothing_kept(cast, version, teams, field, value):
    response = cast.client(Role.DIRECTOR).post("/o/here/rounds/new/", given(version) | {field: value})
    assert field in response.context["form"].errors
    assert not Round.objects.exists()


def test_comments_need_as_many_as_scores(cast, version, teams):
    response = cast.client(Role.DIRECTOR).post("/o/here/rounds/new/", given(version) | {"k": 12, "k_comments": 11})
    assert "k_comments" in response.context["form"].errors


def test_looking_before_opening_tells_who_would_be_asked(cast, draft):
    page = cast.client(Role.DIRECTOR).get(f"/o/here/rounds/{draft.pk}/open/")
    assert (page.context["plan"].n_people, page.context["plan"].small) == (16, ("Team Klein",))
    assert "Statement e1" in page.content.decode()


def test_opening_invites_everyone_and_is_logged(cast, draft):
    cast.client(Role.DIRECTOR).post(f"/o/here/rounds/{draft.pk}/open/")
    draft.refresh_from_db()
    assert (draft.state, draft.invitations.count(), draft.opens) == ("open", 16, today())
    assert AuditEntry.objects.filter(verb="round opened").count() == 1


def test_an_open_round_cannot_be_changed_opened_again_or_deleted(cast, opened):
    client = cast.client(Role.DIRECTOR)
    for page in ("change", "open", "delete"):
        assert client.post(f"/o/here/rounds/{opened.pk}/{page}/").status_code == 404


def test_a_round_without_people_is_not_opened(cast, version, division):
    held = prepared(cast.organisation, version)
    response = cast.client(Role.DIRECTOR).post(f"/o/here/rounds/{held.pk}/open/", follow=True)
    assert "Nobody would be asked" in response.content.decode()
    assert Round.objects.get().state == "draft"


def test_no_page_of_staff_names_who_was_invited(cast, opened):
    codes = code_for_each(opened)
    answer(opened, codes["noord-0"], e1=2)
    services.measure_response(opened, today())
    for role in Role:
        page = cast.client(role).get(f"/o/here/rounds/{opened.pk}/").content.decode()
        assert "Mens noord" not in page
        assert "people.example" not in page


def test_the_meter_is_the_same_all_day(cast, opened):
    assert services.measure_response(opened, today())
    before = cast.client(Role.DIRECTOR).get(f"/o/here/rounds/{opened.pk}/").context["bars"]
    for code in code_for_each(opened).values():
        answer(opened, code, e1=2)
    assert not services.measure_response(opened, today())
    assert cast.client(Role.DIRECTOR).get(f"/o/here/rounds/{opened.pk}/").context["bars"] == before
    assert {bar.percent for bar in before} == {0}


def test_the_meter_leaves_out_a_small_unit_and_the_one_it_could_be_subtracted_from(cast, opened):
    services.measure_response(opened, today())
    bars = cast.client(Role.DIRECTOR).get(f"/o/here/rounds/{opened.pk}/").context["bars"]
    assert [bar.name for bar in bars] == ["", "Team Noord"]


def test_a_manager_sees_the_response_of_his_own_units_only(cast, opened, teams):
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=teams[1])
    services.measure_response(opened, today())
    bars = cast.client(Role.MANAGER).get(f"/o/here/rounds/{opened.pk}/").context["bars"]
    assert [bar.name for bar in bars] == [""]


def test_closing_by_hand_closes(cast, opened):
    cast.client(Role.DIRECTOR).post(f"/o/here/rounds/{opened.pk}/close/")
    opened.refresh_from_db()
    assert opened.state == "closed"


def test_a_closed_round_shows_its_response(cast, opened):
    for code in code_for_each(opened).values():
        answer(opened, code, e1=2)
    closing.close(opened, None)
    bars = cast.client(Role.DIRECTOR).get(f"/o/here/rounds/{opened.pk}/").context["bars"]
    assert {bar.percent for bar in bars} == {100}


def test_a_missing_key_is_said(cast, opened, settings):
    (settings.DATA / "keys" / "rounds" / opened.key_name).unlink()
    assert cast.client(Role.DIRECTOR).get(f"/o/here/rounds/{opened.pk}/").context["key_gone"]


def _sheets(cast, opened):
    """The sheets of cards as an administrator gets them."""
    answer = cast.client(Role.ADMINISTRATOR).post(f"/o/here/rounds/{opened.pk}/cards/print/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    return list(pypdfium2.PdfDocument(answer.content))


def _words(sheet):
    return sheet.get_textpage().get_text_range()


def test_cards_are_made_for_who_has_no_address(cast, opened):
    Employee.objects.filter(key__in=("noord-0", "noord-1")).update(email="")
    (sheet,) = _sheets(cast, opened)
    assert re.findall(r"Mens \w+ \d+", _words(sheet)) == ["Mens noord 0", "Mens noord 1"]


def test_a_code_on_a_card_opens_the_round(cast, opened, client):
    Employee.objects.filter(key="noord-0").update(email="")
    (sheet,) = _sheets(cast, opened)
    (typed,) = re.findall(r"(?:\w{5}-){4}\w{5}", _words(sheet))
    (scanned,) = zxingcpp.read_barcodes(sheet.render(scale=3).to_numpy())
    assert client.post("/a/", {"code": typed}).headers["Location"] == "/a/"
    assert client.get("/a/page/1").status_code == 200
    assert typed.replace("-", "") in scanned.text


def test_cards_without_a_name_are_added(cast, opened, teams):
    client = cast.client(Role.ADMINISTRATOR)
    client.post(f"/o/here/rounds/{opened.pk}/cards/", {"unit": teams[0].pk, "number": 9})
    sheets = _sheets(cast, opened)
    assert len(sheets) == 2
    assert sum(_words(sheet).count(teams[0].name) for sheet in sheets) == 9


def test_cards_are_never_added_to_a_unit_of_another_organisation(cast, opened):
    other = Membership.objects.exclude(organisation=cast.organisation).get().organisation
    unit = other.units.create(key="x", name="Elders")
    response = cast.client(Role.ADMINISTRATOR).post(
        f"/o/here/rounds/{opened.pk}/cards/", {"unit": unit.pk, "number": 3}
    )
    assert "unit" in response.context["form"].errors


def test_an_empty_list_says_what_to_do(cast):
    page = cast.client(Role.DIRECTOR).get("/o/here/rounds/").content.decode()
    assert reverse("listening:prepare", kwargs={"slug": "here"}) in page
