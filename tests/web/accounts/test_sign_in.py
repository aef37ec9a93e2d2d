"""Signing in: password, lock, second step."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail

from bevlogen_web.accounts.models import Role

PASSWORD = "a-long-enough-pass-phrase"
DOOR = "/accounts/login/"
LIMIT = 8  # AXES_FAILURE_LIMIT


def _give(client, password=PASSWORD, login="analyst@here.example"):
    return client.post(DOOR, {"login": login, "password": password})


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_right_password_opens(cast, anonymous):
    assert _give(anonymous).headers["Location"] == "/"
    assert anonymous.get("/").headers["Location"] == "/o/here/"


def test_capitals_in_the_address_do_not_matter(cast, anonymous):
    assert _give(anonymous, login="Analyst@Here.example").status_code == 302


def test_wrong_password_and_unknown_address_look_the_same(cast, anonymous):
    wrong = _give(anonymous, password="wrong")
    unknown = _give(anonymous, password="wrong", login="nobody@here.example")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_too_many_tries_lock_the_account(cast, anonymous):
    for _ in range(LIMIT):
        last = _give(anonymous, password="wrong")
    assert last.status_code == 429
    assert "accounts/locked.html" in [template.name for template in last.templates]
    assert _give(anonymous).status_code == 429


def test_lock_of_one_account_is_not_anothers(cast, anonymous):
    for _ in range(LIMIT):
        _give(anonymous, password="wrong")
    assert _give(anonymous, login="manager@here.example").status_code == 302


def test_nobody_signs_up(anonymous, db):
    page = anonymous.post("/accounts/signup/", {"email": "new@here.example", "password1": PASSWORD})
    assert "account/signup_closed.html" in [template.name for template in page.templates]


def test_code_of_the_app_is_asked_as_second_step(cast, anonymous):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(cast.user(Role.ANALYST), secret)
    assert _give(anonymous).headers["Location"] == "/accounts/2fa/authenticate/"
    assert anonymous.get("/o/here/").status_code == 302
    anonymous.post("/accounts/2fa/authenticate/", {"code": _code(secret)})
    assert anonymous.get("/o/here/").status_code == 200


def test_app_can_be_connected(cast, anonymous):
    _give(anonymous)
    anonymous.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = anonymous.get("/accounts/2fa/totp/activate/").context["form"].secret
    anonymous.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}


def test_staff_pages_wait_for_the_second_step_where_it_is_required(cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = cast.client(Role.ANALYST)
    assert client.get("/o/here/").headers["Location"] == "/accounts/2fa/"
    TOTP.activate(cast.user(Role.ANALYST), "JBSWY3DPEHPK3PXP")
    assert client.get("/o/here/").status_code == 200


def test_new_password_comes_by_mail(cast, anonymous):
    anonymous.post("/accounts/password/reset/", {"email": "analyst@here.example"})
    assert mail.outbox[0].to == ["analyst@here.example"]


@pytest.mark.usefixtures("cast")
def test_unknown_address_gets_no_mail(anonymous):
    answer = anonymous.post("/accounts/password/reset/", {"email": "nobody@here.example"})
    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    assert mail.outbox == []
