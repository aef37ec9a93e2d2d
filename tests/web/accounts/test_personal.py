"""Setting up, joining, profile and language."""

import re

import pytest
from django.core import mail
from django.test import Client

from bevlogen_web.accounts import services
from bevlogen_web.accounts.models import ColleagueInvitation, Membership, Organisation, Role, User
from bevlogen_web.accounts.queries import members

PASSWORD = "a-long-enough-pass-phrase"
SETUP = {
    "organisation": "Stad & Land",
    "language": "nl",
    "name": "Ada",
    "email": "Ada@Stad.example",
    "password": PASSWORD,
}
INVITATION = {"email": "new@here.example", "role": "analyst", "language": "nl"}
JOINING = {"name": "Nieuw", "password": PASSWORD}


@pytest.fixture
def link(cast, django_capture_on_commit_callbacks) -> str:
    """The path in the mail to a colleague who was just invited."""
    with django_capture_on_commit_callbacks(execute=True):
        cast.client(Role.ADMINISTRATOR).post("/o/here/colleagues/", INVITATION)
    return re.search(r"http://localhost:8000(/\S+)", mail.outbox[0].body)[1]


def test_first_visitor_becomes_administrator(client, db):
    assert client.post("/accounts/setup/", SETUP).headers["Location"] == "/"
    assert client.get("/", follow=True).redirect_chain == [("/o/stad-land/", 302)]
    assert Membership.objects.get().role == Role.ADMINISTRATOR
    assert User.objects.get().email == "ada@stad.example"


def test_setting_up_happens_once(cast, anonymous):
    assert anonymous.post("/accounts/setup/", SETUP).headers["Location"] == "/"
    assert not User.objects.filter(email="ada@stad.example").exists()


def test_weak_password_is_refused(client, db):
    page = client.post("/accounts/setup/", {**SETUP, "password": "short"})
    assert page.context["form"].errors["password"]
    assert not Organisation.objects.exists()


def test_invitation_is_mailed_in_its_language(link):
    assert mail.outbox[0].subject == "Uitnodiging van Hier voor Bevlogen"
    assert mail.outbox[0].to == ["new@here.example"]


def test_invited_colleague_joins(link, cast, anonymous):
    assert anonymous.post(link, JOINING).headers["Location"] == "/o/here/"
    assert members(cast.organisation).get(user__email="new@here.example").role == Role.ANALYST


def test_invitation_works_once(link, anonymous):
    anonymous.post(link, JOINING)
    assert Client().get(link).status_code == 410


def test_withdrawn_invitation_no_longer_works(link, cast, anonymous):
    number = ColleagueInvitation.objects.get().pk
    cast.client(Role.ADMINISTRATOR).post(f"/o/here/invitations/{number}/withdraw/")
    assert anonymous.get(link).status_code == 410


def test_forged_invitation_does_not_work(link, anonymous):
    assert anonymous.get(link.replace("/join/", "/join/1")).status_code == 410


def test_old_invitation_does_not_work(link, anonymous, monkeypatch):
    monkeypatch.setattr(services, "INVITATION_VALID", -services.INVITATION_VALID)
    assert anonymous.get(link).status_code == 410


def test_someone_with_an_account_joins_with_it(cast, anonymous, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invited = {**INVITATION, "email": "stranger@there.example"}
        cast.client(Role.ADMINISTRATOR).post("/o/here/colleagues/", invited)
    path = re.search(r"http://localhost:8000(/\S+)", mail.outbox[0].body)[1]
    assert "/accounts/login/" in anonymous.get(path).content.decode()
    assert cast.stranger_client().post(path).headers["Location"] == "/o/here/"
    assert members(cast.organisation).filter(user=cast.stranger.user).exists()


def test_member_cannot_be_invited_again(cast):
    page = cast.client(Role.ADMINISTRATOR).post("/o/here/colleagues/", {**INVITATION, "email": "MANAGER@here.example"})
    assert page.context["form"].errors["email"]


def test_role_can_be_changed(cast):
    number = cast.members[Role.ANALYST].pk
    cast.client(Role.ADMINISTRATOR).post(f"/o/here/colleagues/{number}/", {"role": "director"})
    assert Membership.objects.get(pk=number).role == Role.DIRECTOR


def test_last_administrator_stays(cast):
    number = cast.members[Role.ADMINISTRATOR].pk
    client = cast.client(Role.ADMINISTRATOR)
    assert client.post(f"/o/here/colleagues/{number}/", {"role": "director"}).context["form"].errors["role"]
    client.post(f"/o/here/colleagues/{number}/remove/")
    assert Membership.objects.get(pk=number).role == Role.ADMINISTRATOR


def test_removed_colleague_finds_nothing(cast):
    client = cast.client(Role.ANALYST)
    cast.client(Role.ADMINISTRATOR).post(f"/o/here/colleagues/{cast.members[Role.ANALYST].pk}/remove/")
    assert client.get("/o/here/").status_code == 404


def test_colleague_of_another_organisation_is_not_here(cast):
    assert cast.client(Role.ADMINISTRATOR).get(f"/o/here/colleagues/{cast.stranger.pk}/").status_code == 404


def test_profile_is_saved_and_speaks_the_chosen_language(cast):
    client = cast.client(Role.ANALYST)
    page = client.post("/accounts/profile/", {"name": "Ans", "language": "nl"}, follow=True)
    assert "Opgeslagen." in page.content.decode()
    assert User.objects.get(pk=cast.user(Role.ANALYST).pk).name == "Ans"


def test_profile_is_behind_the_door(anonymous):
    assert anonymous.get("/accounts/profile/").headers["Location"].startswith("/accounts/login/")


def test_language_switch_holds_for_the_next_page(anonymous, cast):
    anonymous.post("/accounts/language/", {"language": "nl", "next": "/accounts/login/"})
    assert anonymous.get("/accounts/login/").headers["Content-Language"] == "nl"


def test_language_switch_never_leads_elsewhere(anonymous):
    answer = anonymous.post("/accounts/language/", {"language": "nl", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_who_has_no_organisation_is_told_what_to_do(cast):
    cast.members[Role.ANALYST].delete()
    page = cast.client(Role.ANALYST).get("/", headers={"accept-language": "nl"})
    assert "Vraag de beheerder" in page.content.decode()


def test_invitation_goes_through_a_real_mail_server(cast, smtp, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cast.client(Role.ADMINISTRATOR).post("/o/here/colleagues/", INVITATION)
    assert smtp[0]["To"] == "new@here.example"
    assert "/accounts/join/" in smtp[0].get_content()
