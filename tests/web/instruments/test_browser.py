"""Pages of questionnaires in a real browser."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.instruments.models import Instrument

pytestmark = pytest.mark.browser

LOOKS = [{"phone": False, "dark": False}, {"phone": True, "dark": True, "language": "en-gb"}]
BASE = "/o/here/questionnaires/"


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light-nl", "phone-dark-en"])
def test_every_page_is_accessible(browser_page, draft, look):
    pulse = Instrument.objects.get(organisation=None, key="employee-pulse")
    version = f"{BASE}versions/{draft.pk}/"
    page = browser_page(Role.ANALYST, **look)
    paths = [BASE, f"{BASE}{pulse.pk}/", f"{BASE}new/", f"{BASE}licensed/", version]
    paths += [
        f"{version}{path}" for path in ("heading/", "pages/0/", "pages/1/add/scale/", "questions/q2/", "preview/")
    ]
    for path in paths:
        page.goto(path)
        assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light-nl", "phone-dark-en"])
def test_a_form_is_filled_in_with_the_keyboard_alone(browser_page, cast, look):
    version = Instrument.objects.get(organisation=None, key="customer-encounter").versions.get()
    page = browser_page(Role.ANALYST, **look)
    page.goto(f"{BASE}versions/{version.pk}/preview/?language=nl")
    for key in ("cus_conduct", "cus_craft", "cus_satisfied"):
        page.locator(f"[name={key}]:checked").focus()
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator("[name=cus_comment]").wait_for()
    assert_accessible(page)
    page.locator("[name=step][value=next]").click()
    kept = page.locator("table code").all_inner_texts()
    assert kept == ["cus_conduct", "cus_craft", "cus_satisfied"]


def test_targets_are_large_enough_on_a_phone(browser_page, cast):
    version = Instrument.objects.get(organisation=None, key="employee-pulse").versions.get()
    page = browser_page(Role.ANALYST, phone=True)
    page.goto(f"{BASE}versions/{version.pk}/preview/")
    sizes = page.eval_on_selector_all(
        ".question label",
        "all => all.map(one => [one.getBoundingClientRect().width, one.getBoundingClientRect().height])",
    )
    assert min(min(size) for size in sizes) >= 44
