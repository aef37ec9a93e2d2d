"""Every page of the menu, as everyone: axe, both languages, and the keyboard alone."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role

pytestmark = pytest.mark.browser
KEYS_TO_MENU = 12  # tabs within which the menu must be reached: the skip link, name of the product, the account


def _menu(page) -> list[str]:
    return page.eval_on_selector_all("header nav a[href]", "links => links.map(link => link.getAttribute('href'))")


@pytest.mark.parametrize(("phone", "language"), [(True, "nl"), (False, "en-gb")], ids=["phone-nl", "desktop-en"])
@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_menu_is_accessible(cast, browser_page, role, phone, language):
    page = browser_page(role, phone=phone, dark=phone, language=language)
    page.goto("/o/here/")
    addresses = _menu(page)
    assert len(addresses) > 4
    for address in addresses:
        assert page.goto(address).status == 200, address
        assert page.locator("html").get_attribute("lang") == language
        assert_accessible(page)


def test_the_page_that_is_open_is_in_view_in_the_menu_of_a_phone(cast, browser_page):
    page = browser_page(Role.DIRECTOR, phone=True)
    page.goto("/o/here/privacy/")
    at = page.locator("header [aria-current]").bounding_box()
    assert 0 <= at["x"] < at["x"] + at["width"] <= page.viewport_size["width"]


def test_keyboard_alone_leads_to_a_new_round(cast, browser_page):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Naar de inhoud"
    _tab_to(page, "Rondes", KEYS_TO_MENU)
    page.keyboard.press("Enter")
    page.wait_for_url("**/rounds/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _tab_to(page, "Een ronde voorbereiden", KEYS_TO_MENU)
    page.keyboard.press("Enter")
    page.wait_for_url("**/rounds/new/")


def test_focus_can_be_seen(cast, browser_page):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/")
    _tab_to(page, "Rondes", KEYS_TO_MENU)
    style = page.locator(":focus").evaluate("node => { const s = getComputedStyle(node); return s.outlineStyle; }")
    assert style == "solid"


def _tab_to(page, text: str, most: int) -> None:
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == text:
            return
    pytest.fail(f"{most} tabs do not lead there")
