"""Pages of questionnaires in a real browser."""

import pytest
from checks import assert_accessible
from own_questions import DEFINITION

from bevlogen_web.accounts.models import Role
from bevlogen_web.instruments import services
from bevlogen_web.instruments.models import Audience, Instrument

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


def test_a_scale_of_eleven_points_stays_in_one_row_on_the_narrowest_phone(browser_page, cast):
    scale = {**DEFINITION["pages"][0]["questions"][0], "low": 0, "high": 10}
    definition = {**DEFINITION, "pages": [{"title": {}, "questions": [scale]}]}
    made = services.create(cast.organisation, Audience.EMPLOYEE, definition, by=cast.user(Role.ANALYST))
    page = browser_page(Role.ANALYST, phone=True)
    page.set_viewport_size({"width": 320 + 44, "height": 640})  # the preview has a frame that the form has not
    page.goto(f"{BASE}versions/{made.pk}/preview/?language=nl")
    boxes = [label.bounding_box() for label in page.locator(".points label").all()]
    assert len(boxes) == 11
    assert len({box["y"] for box in boxes}) == 1
    assert min(box["width"] for box in boxes) >= 24


def test_targets_are_large_enough_on_a_phone(browser_page, cast):
    version = Instrument.objects.get(organisation=None, key="employee-pulse").versions.get()
    page = browser_page(Role.ANALYST, phone=True)
    page.goto(f"{BASE}versions/{version.pk}/preview/")
    sizes = page.eval_on_selector_all(
        ".question label",
        "all => all.map(one => [one.getBoundingClientRect().width, one.getBoundingClientRect().height])",
    )
    assert min(min(size) for size in sizes) >= 44
