"""The frame and the pages of accounts in a real browser."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role

pytestmark = pytest.mark.browser

PASSWORD = "a-long-enough-pass-phrase"
LOOKS = [{"phone": False, "dark": False}, {"phone": True, "dark": True, "language": "en-gb"}]
OPEN = ["/accounts/setup/", "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/no/"]
OWN = [
    "/o/here/",
    "/o/here/colleagues/",
    "/o/here/log/",
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/logout/",
]
PROVEN = [
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
]


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light-nl", "phone-dark-en"])
@pytest.mark.parametrize("path", OPEN)
def test_page_for_anyone_is_accessible(browser_page, path, look):
    page = browser_page(**look)
    page.goto(path)
    assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light-nl", "phone-dark-en"])
@pytest.mark.parametrize("path", OWN)
def test_page_of_a_member_is_accessible(browser_page, path, look):
    page = browser_page(Role.ADMINISTRATOR, **look)
    page.goto(path)
    assert_accessible(page)


@pytest.mark.parametrize("path", PROVEN)
def test_page_behind_the_password_is_accessible(browser_page, path):
    page = browser_page(Role.ADMINISTRATOR, phone=True)
    page.goto(path)
    assert_accessible(page)
    _prove(page)
    page.wait_for_url(f"**{path}")
    assert_accessible(page)


def test_faults_of_a_form_are_said_on_top_and_lead_to_the_field(browser_page, db):
    page = browser_page(language="nl")
    page.goto("/accounts/setup/")
    page.get_by_role("button", name="Inrichten").click()
    assert_accessible(page)
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.id") == "id_organisation"


def test_question_before_removing_needs_no_script(browser_page, cast):
    page = browser_page(Role.ADMINISTRATOR)
    page.goto(f"/o/here/colleagues/{cast.members[Role.ANALYST].pk}/")
    page.get_by_role("button", name="Verwijderen…").click()
    assert_accessible(page)
    page.get_by_role("dialog").get_by_role("button", name="Verwijderen").click()
    page.get_by_text("kan uw organisatie niet meer in").wait_for()


def test_keyboard_reaches_the_content_first(browser_page, cast):
    page = browser_page(Role.ADMINISTRATOR)
    page.goto("/o/here/colleagues/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_language_can_be_switched(browser_page, db):
    page = browser_page(language="nl")
    page.goto("/accounts/setup/")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Set up your organisation").wait_for()


def test_first_visitor_sets_up_and_arrives(browser_page, db):
    page = browser_page(phone=True)
    page.goto("/")
    page.get_by_label("Naam van uw organisatie").fill("Stad en Land")
    page.get_by_label("Uw naam").fill("Ada")
    page.get_by_label("Uw e-mailadres").fill("ada@stad.example")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inrichten").click()
    page.get_by_role("heading", name="Stad en Land").wait_for()
    page.locator("a.button[href$='/first-steps/']").wait_for()


def test_passkey_is_added_and_opens_the_door(browser_page, cast):
    page = browser_page(Role.ADMINISTRATOR)
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/accounts/2fa/webauthn/add/")
    _prove(page)
    page.wait_for_load_state()  # until then the button has no script
    page.locator("#id_name").fill("Laptop")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    # The script sends the form only after the device has answered: wait for that, or the next page overtakes it.
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("rowheader", name="Laptop").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Uitloggen").click()
    page.get_by_role("button", name="Inloggen met een passkey").click()
    page.wait_for_url("**/o/here/")
    assert refused == []


def _prove(page) -> None:
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button.button").first.click()
