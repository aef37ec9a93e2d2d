"""Actions, verdict and sliders in a real browser: accessible on a phone and a desktop, and quick."""

from datetime import date

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.actions.models import Action, State

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [True, False])
def test_pages_are_accessible(cast, teams, judged, browser_page, phone):
    made = Action.objects.create(
        organisation=cast.organisation, owner=cast.members[Role.DIRECTOR], lever="employership.autonomy",
        what="Make the roster", start=date(2026, 1, 5), state=State.AGREED,
    )  # fmt: skip
    made.units.set(teams.values())
    page = browser_page(Role.DIRECTOR, phone=phone, dark=phone)
    for path in ("what-if/", *(f"actions/{at}" for at in ("", "add/", "ideas/", f"{made.pk}/", f"{made.pk}/edit/"))):
        page.goto(f"/o/here/{path}")
        assert_accessible(page)


def test_the_slider_changes_the_answer_at_once(cast, judged, browser_page):
    page = browser_page(Role.DIRECTOR, language="en-gb")
    page.goto("/o/here/what-if/")
    page.get_by_text("engagement by 3").first.wait_for()
    page.get_by_label("How far").press("ArrowLeft")
    page.get_by_text("engagement by 2").first.wait_for(timeout=3000)
    assert page.get_by_text("0.20 points").is_visible()


def test_a_team_proposes_and_the_director_agrees(cast, teams, browser_page):
    page = browser_page(Role.MANAGER, phone=True, language="en-gb")
    page.goto("/o/here/actions/add/")
    page.get_by_label("What will be done").fill("Make the roster ourselves")
    page.get_by_label("What should it change first").select_option("employership.autonomy")
    page.get_by_label("North").check()
    page.get_by_label("First day").fill("2026-01-05")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The action is proposed.").wait_for()
    page = browser_page(Role.DIRECTOR, language="en-gb")
    page.goto("/o/here/actions/")
    page.get_by_role("link", name="Make the roster ourselves").click()
    page.get_by_role("button", name="Agree").click()
    page.get_by_text("The action is agreed.").wait_for()
