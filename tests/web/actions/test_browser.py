"""Actions, verdict and sliders in a real browser: accessible on a phone and a desktop, and quick."""

from datetime import date

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.actions import services
from bevlogen_web.actions.models import Action, Asked, State
from bevlogen_web.organisation.models import Unit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [True, False])
def test_pages_are_accessible(cast, teams, judged, planned, browser_page, phone):
    made = Action.objects.create(
        organisation=cast.organisation, owner=cast.members[Role.DIRECTOR], lever="employership.autonomy",
        what="Make the roster", start=date(2026, 1, 5), state=State.AGREED,
    )  # fmt: skip
    made.units.set(teams.values())
    page = browser_page(Role.DIRECTOR, phone=phone, dark=phone)
    own = ("", "add/", "ideas/", "plan/", "choose/", f"asked/{planned.pk}/", f"{made.pk}/", f"{made.pk}/edit/")
    for path in ("what-if/", *(f"actions/{at}" for at in own)):
        page.goto(f"/o/here/{path}")
        assert_accessible(page)


def test_why_an_action_worked_fits_on_paper(cast, teams, judged, browser_page):
    made = Action.objects.create(
        organisation=cast.organisation, owner=cast.members[Role.DIRECTOR], lever="employership.autonomy",
        what="Make the roster", start=date(2026, 1, 5), state=State.AGREED,
    )  # fmt: skip
    page = browser_page(Role.DIRECTOR)
    page.goto(f"/o/here/actions/{made.pk}/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1009})  # A4 less its margins
    assert page.locator("td.why").first.is_visible()
    assert page.locator("table").first.bounding_box()["width"] <= page.locator("main").bounding_box()["width"]


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


def test_a_plan_is_made_and_registered(cast, judged, studied, browser_page):
    page = browser_page(Role.DIRECTOR, language="en-gb")
    page.goto("/o/here/actions/plan/")
    page.get_by_label("What will be done").fill("Make the roster")
    page.get_by_label("What should it change first").select_option("employership.autonomy")
    for key in studied:
        page.locator(f"input[name=units][value='{Unit.objects.get(key=key).pk}']").check()
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_role("heading", name="Who begins when").wait_for(timeout=60_000)
    assert page.get_by_text("The lot decides who begins first").is_visible()
    Asked.objects.update(answer=_ahead(Asked.objects.get().answer))
    page.reload()
    page.get_by_role("button", name="Register the plan").click()
    page.get_by_text("Plan and actions are still as they were registered.").wait_for()
    page.get_by_role("link", name="The group that begins on").first.click()
    page.get_by_text("belongs to a registered plan").wait_for()


def _ahead(answer):
    """The same plan, with its periods far enough ahead for whatever day it is."""
    return {
        **answer,
        "begins": [[unit, period and f"2{period[1:]}".replace("20", "21", 1)] for unit, period in answer["begins"]],
    }


def test_a_verdict_is_read_beside_the_plan(cast, teams, judged, planned, browser_page):
    services.register(planned.pk, date(2026, 1, 1), by=cast.members[Role.DIRECTOR])
    page = browser_page(Role.DIRECTOR, language="en-gb")
    page.goto(f"/o/here/actions/asked/{planned.pk}/")
    assert page.get_by_text("It worked on autonomy.").is_visible()
    assert page.get_by_text("engagement, 0.24 SD").is_visible()
    page.goto(f"/o/here/actions/{planned.actions.first().pk}/")
    page.get_by_role("cell", name="… too early to say").wait_for()
