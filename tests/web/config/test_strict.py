"""Every page holds to the strict content security policy, in both languages."""

import pytest
from checks import assert_strict
from django.conf import settings

from bevlogen_web.accounts.models import Role

LANGUAGES = [code for code, _ in settings.LANGUAGES]
OPEN = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/no/"]
OWN = [
    "/o/here/",
    "/o/here/colleagues/",
    "/o/here/log/",
    "/accounts/profile/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/reauthenticate/",
    "/accounts/inactive/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
    "/accounts/3rdparty/",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", OPEN)
def test_page_for_anyone_is_strict(cast, anonymous, path, language):
    page = anonymous.get(path, headers={"accept-language": language})
    assert_strict(page.content.decode())
    assert page.headers["Content-Language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", OWN)
def test_page_of_a_member_is_strict(cast, path, language):
    page = cast.client(Role.ADMINISTRATOR).get(path, headers={"accept-language": language})
    assert_strict(page.content.decode())
    assert page.headers["Content-Language"] == language


def test_every_page_carries_the_policy(anonymous, cast):
    policy = anonymous.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_first_visit_leads_to_setting_up(anonymous, db):
    assert anonymous.get("/").headers["Location"] == "/accounts/setup/"
    assert_strict(anonymous.get("/accounts/setup/").content.decode())


def test_error_page_needs_no_database(client, settings):
    from bevlogen_web.config.views.errors import server_error

    assert_strict(server_error(None).content.decode())
