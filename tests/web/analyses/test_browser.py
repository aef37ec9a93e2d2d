"""The pages of data and picture in a real browser."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses.models import Refresh, State
from bevlogen_web.intake import services as intake
from bevlogen_web.intake.models import Scope

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.DIRECTOR, "picture/"),
        (Role.ADMINISTRATOR, "data/"),
        (Role.ADMINISTRATOR, "data/file/"),
        (Role.ADMINISTRATOR, "data/history/"),
        (Role.ADMINISTRATOR, "data/systems/"),
    ],
)
def test_everyone_can_use_the_pages(browser_page, cast, picture, role, path, phone, dark):
    intake.make_token(cast.organisation, "HR", [Scope.SEND_RESULTS], by=cast.user(Role.ADMINISTRATOR))
    page = browser_page(role, phone=phone, dark=dark)
    page.goto(f"/o/here/{path}")
    assert_accessible(page)


def test_the_report_keeps_its_style_under_the_policy(browser_page, picture):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/picture/")
    page.get_by_role("link", name="Stuurbeeld openen").click()
    page.wait_for_url(f"**/picture/{picture.pk}/nl/")
    assert page.locator("h1").evaluate("node => getComputedStyle(node).color") == "rgb(1, 2, 3)"


def test_the_page_follows_a_refresh_until_it_is_done(browser_page, cast, picture):
    running = Refresh.objects.create(organisation=cast.organisation, state=State.RUNNING, progress="linking")
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/picture/")
    banner = page.get_by_text("Het stuurbeeld wordt opnieuw gemaakt: de keten toetsen")
    banner.wait_for()
    Refresh.objects.filter(pk=running.pk).update(state=State.DONE, progress="")
    banner.wait_for(state="detached", timeout=15_000)


def test_a_new_key_is_shown_to_copy(browser_page, cast):
    page = browser_page(Role.ADMINISTRATOR)
    page.goto("/o/here/data/systems/")
    page.get_by_label("Naam van het systeem").fill("Verzuim")
    page.get_by_label("cijfers sturen").check()
    page.get_by_role("button", name="Sleutel maken").click()
    page.locator("code", has_text="bevlogen_").wait_for()
    assert_accessible(page)
