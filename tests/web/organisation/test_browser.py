"""The organisation's pages in a real browser: accessible, on a phone and a desktop, and by keyboard."""

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation.models import Upload

pytestmark = pytest.mark.browser
PATHS = [
    "units/",
    "units/?q=n",
    "units/add/",
    "units/merge/",
    "services/",
    "services/add/",
    "employees/",
    "employees/add/",
    "import/units/",
    "managers/",
    "who-may-see-what/",
]
OF_ONE_UNIT = ["", "edit/", "move/", "split/", "close/"]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", PATHS)
def test_page_is_accessible(small, browser_page, path, phone):
    page = browser_page(Role.ADMINISTRATOR, phone=phone, dark=phone)
    page.goto(f"/o/here/{path}")
    assert_accessible(page)


@pytest.mark.parametrize("path", OF_ONE_UNIT)
def test_page_of_a_unit_is_accessible(small, browser_page, path):
    page = browser_page(Role.ADMINISTRATOR, phone=True)
    page.goto(f"/o/here/units/{small.north.pk}/{path}")
    assert_accessible(page)


def test_first_steps_lead_to_the_tree(cast, browser_page):
    page = browser_page(Role.ADMINISTRATOR, phone=True, language="en-gb")
    page.goto("/o/here/first-steps/")
    assert_accessible(page)
    page.get_by_label("Service 1", exact=False).first.fill("Tram")
    page.get_by_label("Your units").fill("110; Team North\nTeam South")
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("link", name="Team North").wait_for()
    assert_accessible(page)


def test_branch_opens_and_closes_by_keyboard(small, browser_page):
    page = browser_page(Role.ADMINISTRATOR, language="en-gb")
    page.goto("/o/here/units/")
    page.get_by_text("2 units below").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="North").is_hidden()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="North").is_visible()


@pytest.mark.parametrize("content", [b"unit;name;parent\nE;East;W\nN;North 2;S\n", b"unit;headcount\n;many\n"])
def test_what_a_file_would_do_is_accessible(small, browser_page, content):
    upload = Upload.objects.create(
        organisation=small.organisation,
        by=small.by,
        kind="units",
        name="units.csv",
        content=content,
        complete=False,
        on="2026-03-01",
    )
    page = browser_page(Role.ADMINISTRATOR, phone=True)
    page.goto(f"/o/here/import/{upload.pk}/")
    assert_accessible(page)


def test_file_is_uploaded_looked_at_and_applied(small, browser_page):
    page = browser_page(Role.ADMINISTRATOR, language="en-gb")
    page.goto("/o/here/import/units/")
    file = {"name": "eenheden.csv", "mimeType": "text/csv", "buffer": "onderdeel;naam\nE;Café\n".encode("cp1252")}
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Apply", exact=True).click()
    page.get_by_role("link", name="Café").wait_for()
