"""Pages of privacy, as everyone who may and may not open them."""

import pytest
from checks import assert_accessible, assert_strict, check_permissions
from django.db import connection
from django.test import Client
from django.urls import reverse

from bevlogen_web.accounts.models import AuditEntry, Role, User
from bevlogen_web.listening.models import Round
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import urls
from bevlogen_web.privacy.models import BOUNDS, Particulars, Periods

READERS = {Role.PRIVACY_OFFICER, Role.WORKS_COUNCIL, Role.DIRECTOR, Role.ADMINISTRATOR}
OFFICER = {Role.PRIVACY_OFFICER}
PASSWORD = "a-long-enough-pass-phrase"
PAGES = ("overview", "rules", "periods", "comments", "particulars", "register", "assessment", "person", "proof")


def _address(name: str) -> str:
    return reverse(f"privacy:{name}", kwargs={"slug": "here"})


@pytest.fixture
def officer(cast) -> Client:
    return _dutch(cast.client(Role.PRIVACY_OFFICER))


def _dutch(client: Client) -> Client:
    client.cookies["bevlogen_language"] = "nl"
    return client


def test_permissions(cast):
    table = {
        "privacy:overview": (READERS, {}),
        "privacy:rules": (set(Role), {}),
        "privacy:periods": (OFFICER, {}),
        "privacy:comments": (OFFICER, {}),
        "privacy:particulars": (OFFICER, {}),
        "privacy:register": (READERS, {}),
        "privacy:assessment": (READERS, {}),
        "privacy:person": (OFFICER, {}),
        "privacy:person-copy": (OFFICER, {}),
        "privacy:person-erase": (OFFICER, {}),
        "privacy:proof": ({Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}, {}),
    }
    check_permissions(cast, urls, table)


@pytest.mark.parametrize("language", ["nl", "en-gb"])
@pytest.mark.parametrize("name", PAGES)
def test_page_keeps_to_the_strict_policy(here, officer, name, language):
    officer.cookies["bevlogen_language"] = language
    assert_strict(officer.get(_address(name)).content.decode())


def test_rules_show_what_each_round_promised_and_every_change(here, officer, cast):
    officer.post(_address("periods"), {field: low for field, (low, _high) in BOUNDS.items()})
    page = _dutch(cast.client(Role.WORKS_COUNCIL)).get(_address("rules")).content.decode()
    assert all(held.name in page for held in Round.objects.all())
    assert "retention periods changed" in AuditEntry.objects.values_list("verb", flat=True)
    assert "bewaartermijnen gewijzigd" in page


def test_period_out_of_bounds_is_refused_with_its_field(here, officer):
    page = officer.post(_address("periods"), dict.fromkeys(BOUNDS, 0))
    assert set(page.context["form"].errors) == set(BOUNDS)
    assert not Periods.objects.exists()


def test_register_follows_the_settings(here, officer):
    page = officer.get(_address("register")).content.decode()
    assert "Antwoorden 5 jaar, eigen woorden 1 jaar" in page


def test_what_is_to_be_settled_goes_once_it_is(here, officer):
    text = "Er is geen functionaris gegevensbescherming genoemd."
    assert text in officer.get(_address("overview")).content.decode()
    told = {"responsible": "Hier", "contact": "hier@here.example", "officer": "F. Gee", "basis": "interest"}
    officer.post(_address("particulars"), told)
    assert Particulars.objects.get().officer == "F. Gee"
    assert text not in officer.get(_address("overview")).content.decode()


def test_statement_is_there_without_signing_in(here, anonymous):
    answer = anonymous.get("/privacy/here/", headers={"accept-language": "nl"})
    assert_strict(answer.content.decode())
    assert "Privacyverklaring van Hier" in answer.content.decode()
    assert anonymous.get("/privacy/nowhere/").status_code == 404


def test_person_is_looked_up_without_an_address_in_the_url(here, officer):
    page = officer.post(_address("person"), {"term": "anna1@here.example"})
    assert "anna1@here.example" in page.content.decode()
    assert officer.get(_address("person"), {"term": "anna1@here.example"}).context["found"] is None


def test_copy_is_a_file_that_is_not_kept_on_the_way(here, officer):
    answer = officer.post(_address("person-copy"), {"term": "p1"})
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.json()["employee"][0]["staff number"] == "p1"


def test_erase_by_the_button(here, officer):
    officer.post(_address("person-erase"), {"term": "p1"})
    assert not Employee.objects.filter(key="p1").exists()


def test_altered_log_is_found_on_the_page(here, officer):
    on_table = "" if connection.vendor == "sqlite" else " ON accounts_auditentry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_entries_stay{on_table}")
    AuditEntry.objects.filter(organisation=here, number=2).update(what="membership 99")
    assert "De keten is gebroken bij regel 2." in officer.get(_address("proof")).content.decode()


def test_earlier_head_holds_until_the_end_is_cut_off(here, officer):
    head = officer.get(_address("proof")).context["head"]
    assert officer.post(_address("proof"), {"head": f" {head} "}).context["holds"] is True
    AuditEntry.objects.filter(organisation=here).last().delete()
    assert officer.post(_address("proof"), {"head": head}).context["holds"] is False


def test_own_copy_holds_the_own_address_only(cast):
    answer = cast.client(Role.ANALYST).get(reverse("privacy-own-copy")).json()
    assert answer["e-mail address"] == "analyst@here.example"


def test_account_is_deleted_after_signing_in_once_more(cast, client):
    _sign_in(client, "analyst")
    assert client.get(reverse("privacy-own-erase")).status_code == 200
    client.post(reverse("privacy-own-erase"))
    assert not User.objects.filter(email="analyst@here.example").exists()
    assert client.get(reverse("privacy-own")).status_code == 302


def test_deleting_asks_for_the_password_when_that_is_long_ago(cast):
    answer = cast.client(Role.ANALYST).get(reverse("privacy-own-erase"))
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


def test_last_administrator_cannot_delete_the_account(cast, client):
    _sign_in(client, "administrator")
    client.post(reverse("privacy-own-erase"))
    assert User.objects.filter(email="administrator@here.example").exists()


def _sign_in(client: Client, name: str) -> None:
    client.post("/accounts/login/", {"login": f"{name}@here.example", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(here, browser_page, name):
    page = browser_page(Role.PRIVACY_OFFICER, phone=True)
    page.goto(_address(name))
    assert_accessible(page)


def test_showing_comments_is_decided_by_the_officer_and_stands_in_the_log(cast):
    officer = cast.client(Role.PRIVACY_OFFICER)
    assert "19 van 37" in officer.get(_address("comments"), HTTP_ACCEPT_LANGUAGE="nl").content.decode()
    officer.post(_address("comments"), {"shows_comments": "on"})
    cast.organisation.refresh_from_db()
    assert cast.organisation.shows_comments
    told = cast.client(Role.WORKS_COUNCIL).get(_address("rules"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "the comments themselves are shown" in told
    assert "comments shown from now on" in AuditEntry.objects.values_list("verb", flat=True)
