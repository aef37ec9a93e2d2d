"""Answering on a phone without script, and the pages of rounds, in a real browser."""

import pytest
from checks import assert_accessible
from listening.rounds import answer, code_for_each, code_of, prepared

from bevlogen_web.accounts.models import Role
from bevlogen_web.listening import services
from bevlogen_web.listening.models import Letter
from bevlogen_web.organisation.queries import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LARGEST_PAGE = 60_000  # bytes, with all that it loads


@pytest.fixture
def phone(chromium, live_server):
    """A phone in which no script runs."""
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="nl"
    )
    yield context.new_page()
    context.close()


def test_a_form_is_filled_in_without_script(phone, opened):
    phone.goto(f"/a/{code_of(opened, 'noord-0')}?language=nl")
    phone.get_by_role("link", name="Beginnen").click()
    phone.get_by_role("group", name="Stelling e1").get_by_role("radio", name="4").check()
    phone.get_by_role("button", name="Bewaren en verder").click()
    phone.get_by_label("Wilt u iets kwijt?").fill("Fijn team")
    phone.get_by_role("button", name="Bewaren en verder").click()
    phone.get_by_text("2 van de 3 vragen").wait_for()
    phone.get_by_role("button", name="Verzegelen en inleveren").click()
    phone.get_by_role("heading", name="Dank u wel").wait_for()
    assert Letter.objects.count() == 1
    assert "bevlogen_answer" not in str(phone.context.cookies())


def test_words_that_tell_of_a_person_are_named_before_they_are_sent(phone, opened):
    phone.goto(f"/a/{code_of(opened, 'noord-0')}?language=nl")
    phone.goto("/a/page/2")
    phone.get_by_label("Wilt u iets kwijt?").fill("Vraag het Sanne Visser, 06-12345678")
    phone.get_by_role("button", name="Bewaren en verder").click()
    phone.locator("#q-more-error", has_text="“Sanne Visser”, “06-12345678”").wait_for()
    phone.get_by_role("button", name="Bewaren en verder").click()
    phone.get_by_role("button", name="Verzegelen en inleveren").wait_for()


def test_the_keyboard_is_enough(phone, opened):
    phone.goto(f"/a/{code_of(opened, 'noord-0')}?language=nl")
    phone.goto("/a/page/1")
    phone.get_by_label("Geen antwoord").first.focus()
    phone.keyboard.press("ArrowUp")
    phone.keyboard.press("Enter")
    phone.get_by_text("Pagina 2 van 2").wait_for()


@pytest.mark.parametrize("path", ["/a/", "/a/page/1", "/a/page/2", "/a/hand-in"])
def test_a_page_is_small(phone, opened, path):
    phone.goto(f"/a/{code_of(opened, 'noord-0')}?language=nl")
    loaded = []
    phone.on("request", lambda request: loaded.append(request.url))
    phone.goto(path)
    sizes = [len(phone.request.get(address).body()) for address in loaded]
    assert len(sizes) >= 3
    assert sum(sizes) < LARGEST_PAGE


@pytest.mark.parametrize("path", ["/a/", "/a/page/1", "/a/page/2", "/a/hand-in", "/a/received"])
def test_pages_of_respondents_are_accessible(browser_page, opened, path):
    page = browser_page(phone=True)
    page.goto(f"/a/{code_of(opened, 'noord-0')}?language=nl")
    page.goto(path)
    assert_accessible(page)


def test_doors_that_stay_closed_are_accessible(browser_page, opened):
    code = code_of(opened, "noord-0")
    answer(opened, code, e1=1)
    page = browser_page(phone=True)
    for address in ("/a/", f"/a/{code}", "/a/nothing"):
        page.goto(address)
        assert_accessible(page)


def test_pages_of_rounds_are_accessible(browser_page, cast, opened, version):
    for code in list(code_for_each(opened).values())[:9]:
        answer(opened, code, e1=3)
    services.measure_response(opened, today())
    draft = prepared(cast.organisation, version, name="Voorjaar")
    page = browser_page(Role.ADMINISTRATOR, phone=True)
    for address in ("", "new/", f"{draft.pk}/", f"{draft.pk}/open/", f"{opened.pk}/", f"{opened.pk}/cards/"):
        page.goto(f"/o/here/rounds/{address}")
        assert_accessible(page)


def test_a_round_is_prepared_and_opened(browser_page, cast, version, teams):
    page = browser_page(Role.DIRECTOR)
    page.goto("/o/here/rounds/new/")
    page.get_by_label("Naam").fill("Voorjaar")
    page.get_by_label("Vragen").select_option(label="Peiling")
    page.get_by_label("Laatste dag om te antwoorden").fill(str(today()))
    page.get_by_role("button", name="De ronde bewaren").click()
    page.get_by_role("link", name="Bekijken en openen").click()
    page.get_by_role("button", name="De ronde openen").click()
    page.get_by_text("De uitnodigingen zijn onderweg").wait_for()
    assert cast.organisation.rounds.get().invitations.count() == 16
