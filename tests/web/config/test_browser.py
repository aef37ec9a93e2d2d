"""The frame of the pages in a real browser."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["/o/here/", "/o/here/colleagues/", "/o/here/log/", "/accounts/profile/", "/o/no/"])
def test_page_is_accessible(browser_page, path, phone, dark):
    page = browser_page(Role.ADMINISTRATOR, phone=phone, dark=dark)
    page.goto(path)
    assert_accessible(page)
