"""The pages in a real browser, on a phone, without script."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.feedback import links
from bevlogen_web.feedback.models import Kind, Response, Wish

pytestmark = pytest.mark.browser

LOOKS = [{"phone": False, "dark": False}, {"phone": True, "dark": True, "language": "en-gb"}]


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light-nl", "phone-dark-en"])
def test_three_taps_finish_and_every_page_is_accessible(browser_page, poster, look):
    page = browser_page(**look)
    page.goto(f"/f/{links.link_to(poster.key)}/")
    assert_accessible(page)
    page.locator("#q-cus_conduct .points label").nth(4).click()
    page.locator("#q-cus_craft .points label").nth(3).click()
    page.locator("#q-cus_satisfied button").nth(4).click()
    page.locator(".kept").wait_for()
    assert_accessible(page)
    assert Response.objects.get().values == {"cus_conduct": 5, "cus_craft": 4, "cus_satisfied": 5}
    page.locator("a[href*=wish]").click()
    assert_accessible(page)
    page.locator("#id_contact").fill("06 12345678")
    page.locator("form button").click()
    page.locator(".kept").wait_for()
    assert_accessible(page)
    assert Wish.objects.count() == 1


@pytest.mark.parametrize("kind", [Kind.KIOSK, Kind.STAFF])
def test_shared_screen_is_accessible(browser_page, open_channel, version, tap_version, kind):
    page = browser_page()
    page.goto(f"/f/{links.link_to(open_channel(kind, tap_version if kind == Kind.STAFF else version).key)}/")
    assert_accessible(page)


def test_points_on_a_shared_screen_fill_the_place_that_is_tapped(browser_page, open_channel, version):
    page = browser_page()
    page.goto(f"/f/{links.link_to(open_channel(Kind.KIOSK, version).key)}/")
    point = page.locator("#q-cus_conduct .points label").first
    assert point.locator("span").first.bounding_box()["height"] == point.bounding_box()["height"]


def test_forged_link_is_accessible(browser_page, db):
    page = browser_page(phone=True)
    page.goto("/f/nonsense/")
    assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light-nl", "phone-dark-en"])
def test_pages_of_staff_are_accessible(browser_page, cast, poster, look):
    page = browser_page(Role.ADMINISTRATOR, **look)
    for path in ("", "new/", f"{poster.pk}/", "websites/", "mail/"):
        page.goto(f"/o/here/feedback/{path}")
        assert_accessible(page)


def test_list_of_wishes_is_accessible(browser_page, cast, poster):
    Wish.objects.create(
        id=1, organisation=cast.organisation, unit=poster.unit, day="2026-01-05", contact="06 12345678", language="nl"
    )
    page = browser_page(Role.DIRECTOR, phone=True)
    page.goto("/o/here/wishes/")
    assert_accessible(page)
