"""The page for customers: closed unless opened, disclosed figures of the whole alone, small, and without JavaScript."""

import datetime
import re
from pathlib import Path

import pytest
from checks import assert_accessible, assert_strict
from django.contrib.staticfiles import finders
from django.urls import reverse

from bevlogen_web.accounts.models import AuditEntry, Role
from bevlogen_web.actions.models import Action, State
from bevlogen_web.reports.models import PublicPage

ADDRESS = "/told/here/"
MOST_BYTES = 60_000
SHOTS = Path(__file__).resolve().parents[3] / "screenshots"


@pytest.fixture
def actions(cast):
    """A finished action, one that is still going on, and a finished one that was not chosen."""
    said = (("Wij belden iedereen terug", State.CLOSED), ("Wij schilderen de hal", State.AGREED),
            ("Wij ruilden roosters", State.CLOSED))  # fmt: skip
    return [
        Action.objects.create(
            organisation=cast.organisation, what=what, lever="conduct", start=datetime.date(2026, 1, 5), state=state,
            closed=datetime.date(2026, 6, 1) if state == State.CLOSED else None,
        )
        for what, state in said
    ]  # fmt: skip


@pytest.fixture
def opened(cast, picture, actions):
    page = PublicPage.objects.create(organisation=cast.organisation, is_open=True, intro="Dank u wel.")
    page.actions.set(actions[:2])
    return page


def test_nothing_is_public_unless_opened(cast, picture, anonymous):
    assert anonymous.get(ADDRESS).status_code == 404
    PublicPage.objects.create(organisation=cast.organisation)
    assert anonymous.get(ADDRESS).status_code == 404
    assert anonymous.get("/told/nobody/").status_code == 404


@pytest.mark.parametrize(("language", "said"), [("nl", "Wat u ons vertelde"), ("en-gb", "What you told us")])
def test_anyone_reads_it_in_both_languages(opened, anonymous, language, said):
    page = anonymous.get(ADDRESS, {"language": language}).content.decode()
    assert_strict(page)
    assert f'<html lang="{language}">' in page
    assert said in page
    assert "<script" not in page
    assert "Dank u wel." in page


def test_it_shows_released_figures_of_what_customers_say_and_no_other(opened, anonymous, document):
    page = anonymous.get(ADDRESS, {"language": "en-gb"}).content.decode()
    root = next(u for u in document["units"] if u["key"] == document["organisation"]["root"])
    last = {s["construct"]: s["mean"] for s in root["scores"]}
    names = {c["key"]: c["label"]["en"].capitalize() for c in document["constructs"]}
    told = dict(re.findall(r"<strong>([^:<]+): ([\d.]+)</strong>", page))
    assert set(told) == {names[key] for key in ("service_quality", "interaction_quality", "loyalty") if key in last}
    assert {name: float(value) for name, value in told.items()} == {
        names[key]: round(last[key], 2) for key in last if names[key] in told
    }
    assert not any(u["name"] in page for u in document["units"] if u is not root)
    assert "The fourth quarter of 2025 · " in page


def test_only_finished_actions_that_were_chosen_are_shown(opened, anonymous):
    page = anonymous.get(ADDRESS, {"language": "nl"}).content.decode()
    assert "Wij belden iedereen terug" in page
    assert "juni 2026" in page
    assert "Wij schilderen de hal" not in page
    assert "Wij ruilden roosters" not in page


def test_an_administrator_opens_it_after_a_preview(cast, picture, actions, anonymous):
    client = cast.client(Role.ADMINISTRATOR)
    client.cookies["bevlogen_language"] = "nl"
    choose = reverse("reports:public", kwargs={"slug": "here"})
    assert_strict(client.get(choose).content.decode())
    preview = client.get(reverse("reports:public-preview", kwargs={"slug": "here"})).content.decode()
    assert "Niemand anders kan deze pagina al lezen" in preview
    client.post(choose, {"is_open": "on", "intro": "Dag", "actions": [actions[0].pk]})
    assert "Wij belden iedereen terug" in anonymous.get(ADDRESS).content.decode()
    assert AuditEntry.objects.filter(organisation=cast.organisation, verb="public page opened").count() == 1
    client.post(choose, {"intro": "Dag"})
    assert anonymous.get(ADDRESS).status_code == 404


def test_an_action_that_goes_on_cannot_be_chosen(cast, picture, actions):
    choose = reverse("reports:public", kwargs={"slug": "here"})
    answer = cast.client(Role.ADMINISTRATOR).post(choose, {"is_open": "on", "actions": [actions[1].pk]})
    assert answer.status_code == 200
    assert not PublicPage.objects.exists()


def test_without_figures_it_says_so(cast, anonymous):
    PublicPage.objects.create(organisation=cast.organisation, is_open=True)
    page = anonymous.get(ADDRESS, {"language": "en-gb"}).content.decode()
    assert "Too few people have answered" in page
    assert_strict(page)


def test_all_of_it_is_small(opened, anonymous):
    page = anonymous.get(ADDRESS)
    files = re.findall(r'(?:href|src)="/static/([^"]+[.](?:css|svg|js))"', page.content.decode())
    weight = len(page.content) + sum(_size(name) for name in files)
    assert files
    assert weight < MOST_BYTES


def _size(name):
    bare = re.sub(r"[.][0-9a-f]{12}(?=[.])", "", name)
    return Path(finders.find(bare)).stat().st_size


@pytest.mark.browser
@pytest.mark.parametrize(("phone", "dark", "language"), [(False, False, "nl"), (True, True, "en-gb")])
def test_it_is_accessible_and_can_be_looked_at(opened, browser_page, phone, dark, language):
    page = browser_page(phone=phone, dark=dark, language=language)
    assert page.goto(f"{ADDRESS}?language={language}").status == 200
    assert_accessible(page)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{'phone' if phone else 'desktop'}-{language}-told.png", full_page=True)
