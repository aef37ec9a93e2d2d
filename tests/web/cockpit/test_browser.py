"""The cockpit in a real browser: the director's minute, the manager's team, figures under the strict policy, axe.

Each page is kept as a picture in ``screenshots/`` so that a person can look.
"""

import re
from pathlib import Path

import pytest
from checks import assert_accessible

from bevlogen_web.accounts.models import Role
from bevlogen_web.cockpit.views import maps

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).resolve().parents[3] / "screenshots"
PAGES = (
    "", "link/engagement/loyalty/", "claims/", "claims/hygiene/", "map/", "exist/", "heat/",
    "explore/", "teams/", "words/",
)  # fmt: skip
LOOKS = [
    pytest.param(False, False, "nl", id="desktop-nl"),
    pytest.param(False, True, "en-gb", id="desktop-dark-en"),
    pytest.param(True, False, "nl", id="phone-nl"),
    pytest.param(True, True, "en-gb", id="phone-dark-en"),
]
PAPER = {"width": 680, "height": 1009}  # A4 less its margins, in CSS pixels
LONGEST_TASK = 100  # milliseconds: longer and scrolling stutters


def _keep(page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def _listen(page) -> list[str]:
    """What the browser complains of, a refused script among it."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.mark.slow
@pytest.mark.parametrize(("phone", "dark", "language"), LOOKS)
def test_every_page_is_accessible_and_drawn(cast, managed, browser_page, phone, dark, language):
    page = browser_page(Role.DIRECTOR, phone=phone, dark=dark, language=language)
    heard = _listen(page)
    for path in (*PAGES, f"teams/{managed}/", f"map/?unit={managed}"):
        assert page.goto(f"/o/here/cockpit/{path}").status == 200
        figures = page.locator("figure[data-figure]").count()
        if figures:
            page.locator("figure[data-drawn]").nth(figures - 1).wait_for()
        assert page.locator("figure[data-drawn] svg.marks").count() == figures
        assert_accessible(page)
        name = (path.split("?")[0].strip("/") or "cockpit").replace("/", "-")
        _keep(page, f"{'phone' if phone else 'desktop'}-{language}-{name}{'-compared' if '?' in path else ''}")
    assert heard == []


@pytest.mark.parametrize(("phone", "dark", "language"), LOOKS)
def test_names_of_compared_units_stay_inside_and_leave_the_map_its_width(
    cast, picture, browser_page, phone, dark, language
):
    page = browser_page(Role.DIRECTOR, phone=phone, dark=dark, language=language)
    page.goto("/o/here/cockpit/map/?unit=tram-01&unit=tram-10&unit=therapie-02")
    page.locator("figure[data-drawn]").first.wait_for()
    _keep(page, f"compared-{'phone' if phone else 'desktop'}-{language}")
    whole = page.locator("figure[data-drawn] svg").first.bounding_box()
    assert page.locator("figure[data-drawn] svg .background").first.bounding_box()["width"] > 0.8 * whole["width"]
    names = page.locator("figure[data-drawn] .mark-text.role-mark text").filter(has_text=re.compile("^[ABC]( |$)"))
    assert names.count() == 3
    for name in names.all():
        box = name.bounding_box()
        assert whole["x"] <= box["x"]
        assert box["x"] + box["width"] <= whole["x"] + whole["width"]
    assert page.get_by_role("cell", name="Therapie", exact=True).count() == 1


@pytest.mark.parametrize(("phone", "dark", "language"), LOOKS)
def test_names_of_corners_keep_apart_and_inside_the_map(cast, picture, browser_page, phone, dark, language):
    page = browser_page(Role.DIRECTOR, phone=phone, dark=dark, language=language)
    page.goto("/o/here/cockpit/map/")
    page.locator("figure[data-drawn]").first.wait_for()
    _keep(page, f"corners-{'phone' if phone else 'desktop'}-{language}")
    boxes = [
        one.bounding_box()
        for one in page.locator("figure[data-drawn] .mark-text.role-mark text").all()
        if re.search("sterk|strong|blijven|lag", one.text_content())
    ]
    frame = page.locator("figure[data-drawn] svg .background").first.bounding_box()
    assert len(boxes) == 4
    for i, a in enumerate(boxes):
        assert a["y"] >= frame["y"] - 1
        assert a["y"] + a["height"] <= frame["y"] + frame["height"] + 1
        for b in boxes[:i]:
            across = a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
            upward = a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]
            assert not (across and upward)


def test_many_units_are_drawn_from_columns_and_one_that_is_chosen_has_its_interval(
    cast, managed, browser_page, monkeypatch
):
    monkeypatch.setattr(maps, "MOST_WHISKERS", 3)
    page = browser_page(Role.DIRECTOR, language="en-gb")
    heard = _listen(page)
    page.goto("/o/here/cockpit/map/")
    page.locator("figure[data-drawn]").first.wait_for()
    dots = page.locator("figure[data-drawn] .mark-symbol.role-mark path").count()
    page.goto(f"/o/here/cockpit/map/?unit={managed}")
    page.locator("figure[data-drawn]").first.wait_for()
    assert page.locator("figure[data-drawn] .mark-symbol.role-mark path").count() == dots > 20
    assert page.locator("figure[data-drawn] .mark-rule.role-mark line").count() >= 3
    assert heard == []


@pytest.mark.parametrize(("phone", "dark", "language"), LOOKS)
def test_a_director_finds_what_first_and_why_in_a_minute(cast, picture, browser_page, phone, dark, language):
    page = browser_page(Role.DIRECTOR, phone=phone, dark=dark, language=language)
    page.goto("/o/here/")
    page.wait_for_url("**/cockpit/")
    page.locator(".tour button").click()
    assert page.locator(".tour").count() == 0
    assert len(page.locator(".answer .sentence").first.inner_text()) > 30
    first = page.locator(".moves a").first
    assert first.is_visible()
    if phone:
        page.locator(".stages a", has_text="→").first.click()
    else:
        page.locator(".diagram a.to-link").first.focus()
        page.keyboard.press("Enter")
    page.wait_for_url("**/cockpit/link/**")
    assert page.locator("svg.forest").is_visible()
    page.locator("figure[data-drawn] svg.marks").wait_for()
    page.go_back()
    first.click()
    page.wait_for_url("**/cockpit/teams/**")
    assert page.locator(".guide li").count() >= 4


@pytest.mark.parametrize(("phone", "dark", "language"), LOOKS)
def test_a_manager_sees_the_own_team_and_what_is_hidden(cast, managed, browser_page, phone, dark, language):
    page = browser_page(Role.MANAGER, phone=phone, dark=dark, language=language)
    page.goto("/o/here/")
    page.get_by_role("link", name="Mijn teams" if language == "nl" else "My teams").first.click()
    page.wait_for_url(f"**/cockpit/teams/{managed}/")
    assert page.locator(".levels tbody tr").count() > 5
    assert_accessible(page)
    _keep(page, f"{'phone' if phone else 'desktop'}-{language}-my-team")
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    table, column = page.locator(".levels").bounding_box(), page.locator("main").bounding_box()
    assert table["width"] <= column["width"]
    assert page.locator(".guide").is_visible()
    assert not page.locator(".menu").is_visible()


@pytest.mark.parametrize("path", ["", "teams/{}/", "exist/"])
def test_paper_is_light_also_for_who_works_in_the_dark(cast, picture, managed, browser_page, path):
    page = browser_page(Role.DIRECTOR, dark=True)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size(PAPER)
    page.goto(f"/o/here/cockpit/{path.format(managed)}")
    assert_accessible(page)


def test_a_click_on_a_point_of_the_map_opens_the_unit(cast, picture, browser_page):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/cockpit/map/")
    page.locator("figure[data-drawn] svg.marks .mark-symbol path").last.click(force=True)
    page.wait_for_url("**/cockpit/teams/**")


def test_the_heat_map_goes_by_keyboard(cast, picture, browser_page):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/cockpit/heat/")
    page.locator("#heat").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(":focus").get_attribute("role") == "gridcell"
    assert page.locator("#said").inner_text().count(":") >= 1
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cockpit/teams/**")


def test_scrolling_the_heat_map_costs_no_long_task(cast, picture, browser_page):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/cockpit/heat/")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # of the processor: others may be busy too
    costs = []
    for _press in range(12):
        before = _busy(session)
        page.locator("#heat").evaluate("box => box.scrollBy(0, 400)")
        page.wait_for_timeout(60)
        costs.append(_busy(session) - before)
    assert page.locator("#heat tbody tr[aria-rowindex]").count() < 80
    assert max(costs) < LONGEST_TASK


def _busy(session) -> float:
    """Milliseconds of processor that the page has taken so far."""
    found = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in found if one["name"] == "TaskDuration")


def test_without_script_the_drawing_of_the_server_stands_there(cast, picture, chromium, live_server):
    session = cast.client(Role.DIRECTOR).cookies["bevlogen_session"].value
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="nl")
    context.add_cookies([{"name": "bevlogen_session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/o/here/cockpit/map/")
    image = page.locator("figure noscript img, figure img")
    assert image.first.is_visible()
    assert image.first.bounding_box()["height"] > 200
    page.goto("/o/here/cockpit/heat/?from=60")
    assert page.locator("tbody tr").count() > 5
    context.close()
