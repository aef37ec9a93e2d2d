"""The pages of reports in a real browser: axe finds nothing, and a file comes down by a click.

Each page is kept as a picture in ``screenshots/`` so that a person can look.
"""

from pathlib import Path

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).resolve().parents[3] / "screenshots"
PAGES = ((Role.DIRECTOR, ""), (Role.DIRECTOR, "mail/"), (Role.ADMINISTRATOR, "public/"), (Role.MANAGER, ""))


@pytest.mark.parametrize(("phone", "dark", "language"), [(False, False, "nl"), (True, True, "en-gb")])
def test_every_page_is_accessible(cast, managed, browser_page, phone, dark, language):
    for role, path in PAGES:
        page = browser_page(role, phone=phone, dark=dark, language=language)
        assert page.goto(f"/o/here/reports/{path}").status == 200
        assert_accessible(page)
        SHOTS.mkdir(exist_ok=True)
        name = f"{'phone' if phone else 'desktop'}-{language}-reports-{role}{'-' + path.strip('/') if path else ''}"
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def test_a_manager_takes_the_team_along_by_a_click(cast, managed, browser_page):
    page = browser_page(Role.MANAGER)
    page.goto(f"/o/here/cockpit/teams/{managed}/")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Neem dit mee naar het overleg").click()
    assert coming.value.suggested_filename.endswith(".pdf")
    assert Path(coming.value.path()).read_bytes().startswith(b"%PDF")
