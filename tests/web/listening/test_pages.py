"""What a respondent sees: the rules first, a page at a time, and a friendly word at every closed door."""

import re

import pytest
from checks import assert_strict
from django.test import Client
from listening.rounds import DEFINITION, answer, code_of, prepared, scale

from bevlogen_web.accounts.models import Role
from bevlogen_web.instruments.models import Instrument, Version
from bevlogen_web.listening import answering, closing, codes, queries, services
from bevlogen_web.listening.models import Invitation, Letter


@pytest.fixture
def code(opened):
    return code_of(opened, "noord-0")


@pytest.fixture
def visitor(code):
    """A browser that followed the personal link, in English."""
    client = Client()
    client.get(f"/a/{code}?language=en-gb")
    return client


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_link_takes_the_code_out_of_the_address(code):
    response = Client().get(f"/a/{code}")
    assert (response.status_code, response.headers["Location"]) == (302, "/a/")
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_cookie_is_closed_to_scripts_other_sites_and_other_pages(code):
    cookie = Client().get(f"/a/{code}").cookies["bevlogen_answer"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"], cookie["expires"]) == ("Lax", "/a/", "", "")


def test_a_cookie_that_was_forged_is_no_code(code):
    client = Client()
    client.cookies["bevlogen_answer"] = f"{code}:nl"
    assert (
        "Typ" in text_of(client.get("/a/", headers={"accept-language": "nl"})) or client.get("/a/").status_code == 200
    )
    assert client.get("/a/page/1").status_code == 404


def test_the_first_page_shows_the_rules_in_force(visitor):
    page = text_of(visitor.get("/a/"))
    assert "groups of 5 people or more" in page
    assert "groups of 10 people or more" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-gb", "Scores on this subject need 20 people or more: burn-out complaints."),
        ("nl", "Scores over dit onderwerp tonen we pas bij groepen van 20 mensen of meer: burn-outklachten."),
    ],
)
def test_subjects_that_need_more_people_are_promised_and_stand(cast, version, teams, language, said):
    """What the history asks beyond the common rule, and of health always ten; raised or lowered later, it stands."""
    cast.organisation.thresholds = {"k_by_construct": {"burnout": 20, "engagement": 5}}
    cast.organisation.save()
    held = services.open_round(prepared(cast.organisation, version), cast.user(Role.DIRECTOR))
    cast.organisation.thresholds = {}
    cast.organisation.save()
    visitor = Client()
    visitor.get(f"/a/{code_of(held, 'noord-0')}?language={language}")
    page = text_of(visitor.get("/a/"))
    assert said in page
    assert [k for _subject, k in queries.subjects(held)] == [20]


def test_figures_on_health_promise_ten_people(cast, version, teams):
    definition = {**DEFINITION, "pages": [{"questions": [scale("b1", construct="burnout"), scale("e1")]}]}
    instrument = Instrument.objects.create(key="health", audience="employee")
    asked = Version.objects.create(instrument=instrument, number=1, definition=definition, state="published")
    held = prepared(cast.organisation, asked)
    assert queries.subjects(held) == [("burn-out complaints", 10)]
    assert services.open_round(held, None).rules["stricter"] == {"k_by_construct": {"burnout": 10}}


def test_nothing_is_kept_by_browsers(visitor):
    assert "no-store" in visitor.get("/a/page/1").headers["Cache-Control"]


def test_a_page_is_saved_and_leads_to_the_next(visitor, code, opened):
    response = visitor.post("/a/page/1", {"e1": "4", "e2": "2", "on": ""})
    assert response.headers["Location"] == "/a/page/2"
    assert answering.load(code, opened) == {"e1": 4, "e2": 2}


def test_going_back_saves_too(visitor, code, opened):
    response = visitor.post("/a/page/2", {"more": "Fine", "back": ""})
    assert response.headers["Location"] == "/a/page/1"
    assert answering.load(code, opened) == {"more": "Fine"}


def test_the_last_page_leads_to_handing_in(visitor):
    assert visitor.post("/a/page/2", {"more": ""}).headers["Location"] == "/a/hand-in"


def test_another_browser_goes_on_with_the_same_code(visitor, code):
    visitor.post("/a/page/1", {"e1": "4"})
    other = Client()
    other.get(f"/a/{code}?language=en-gb")
    assert "Go on where you were" in text_of(other.get("/a/"))
    assert re.search(r'value="4" checked', other.get("/a/page/1").content.decode())


def test_an_answer_can_be_taken_back(visitor, code, opened):
    visitor.post("/a/page/1", {"e1": "4", "e2": "1"})
    visitor.post("/a/page/1", {"e1": "", "e2": "1"})
    assert answering.load(code, opened) == {"e2": 1}


def test_a_wrong_answer_is_named_and_the_others_are_kept(visitor, code, opened):
    response = visitor.post("/a/page/1", {"e1": "9", "e2": "1"})
    assert "Choose a number from 1 to 5." in text_of(response)
    assert answering.load(code, opened) == {"e2": 1}


def test_handing_in_thanks_and_forgets_the_code(visitor):
    visitor.post("/a/page/1", {"e1": "4"})
    response = visitor.post("/a/hand-in")
    assert response.headers["Location"] == "/a/received"
    assert response.cookies["bevlogen_answer"].value == ""
    assert "Thank you" in text_of(visitor.get("/a/received", headers={"accept-language": "en-gb"}))
    assert Letter.objects.count() == 1


def test_handing_in_nothing_is_answered_with_a_word(visitor):
    assert "nothing to hand in" in text_of(visitor.post("/a/hand-in"))
    assert not Invitation.objects.filter(used=True).exists()


def test_handing_in_again_after_a_lost_connection_is_answered_with_peace(visitor, code):
    visitor.post("/a/page/1", {"e1": "4"})
    visitor.post("/a/hand-in")
    visitor.get(f"/a/{code}?language=en-gb")
    assert "We have your answers" in text_of(visitor.post("/a/hand-in"))
    assert Letter.objects.count() == 1


def test_a_used_code_gets_a_friendly_page(opened, code):
    answer(opened, code, e1=3)
    client = Client()
    response = client.get(f"/a/{code}?language=en-gb", follow=True)
    assert "We have your answers" in text_of(response)


def test_after_the_last_day_a_friendly_page(visitor, opened, monkeypatch):
    monkeypatch.setattr(answering, "takes_answers", lambda held: False)
    assert "This round is over" in text_of(visitor.get("/a/"))


def test_after_closing_the_code_is_unknown(visitor, opened):
    closing.close(opened, None)
    response = visitor.get("/a/")
    assert response.status_code == 404
    assert "This link does not work" in text_of(response)


def test_an_unknown_code_gets_a_friendly_page(opened):
    response = Client().get(f"/a/{codes.make()}?language=en-gb", follow=True)
    assert response.status_code == 404
    assert "This link does not work" in text_of(response)


@pytest.mark.parametrize("broken", ["x", "-", "null", "a" * 300, "%00", "%F0%9F%98%80"])
def test_a_broken_link_gets_the_same_page(opened, broken):
    response = Client().get(f"/a/{broken}?language=en-gb", follow=True)
    assert "This link does not work" in text_of(response)


def test_a_code_on_paper_can_be_typed(opened, code):
    client = Client(headers={"accept-language": "en-gb"})
    assert "Your code" in text_of(client.get("/a/"))
    assert client.post("/a/", {"code": codes.written(code).lower()}).headers["Location"] == "/a/"
    assert client.get("/a/page/1").status_code == 200


def test_a_wrong_code_on_paper_is_said_to_be(opened):
    response = Client(headers={"accept-language": "en-gb"}).post("/a/", {"code": "12345"})
    assert "We do not know this code" in text_of(response)


def test_the_language_can_be_changed_on_a_page(visitor):
    response = visitor.post("/a/language", {"language": "nl", "next": "1"})
    assert response.headers["Location"] == "/a/page/1"
    page = visitor.get("/a/page/1").content.decode()
    assert '<html lang="nl">' in page
    assert "Stelling e1" in page


@pytest.mark.parametrize("back", ["//evil.example", "javascript:1", "99999999", "²"])
def test_changing_the_language_leads_nowhere_else(visitor, back):
    assert visitor.post("/a/language", {"language": "nl", "next": back}).headers["Location"] == "/a/"


def test_the_language_is_first_that_of_the_person(code):
    client = Client(headers={"accept-language": "en-gb"})
    client.get(f"/a/{code}")
    assert '<html lang="nl">' in client.get("/a/").content.decode()


def test_stopping_forgets_the_code_and_keeps_the_answers(visitor, code, opened):
    visitor.post("/a/page/1", {"e1": "4"})
    visitor.post("/a/leave")
    assert visitor.get("/a/page/1").status_code == 404
    assert answering.load(code, opened) == {"e1": 4}


@pytest.mark.parametrize("number", [0, 3, 9999999])
def test_a_page_that_is_not_there_leads_to_the_first(visitor, number):
    assert visitor.get(f"/a/page/{number}").headers["Location"] == "/a/"


def test_every_page_is_strict(visitor):
    for address in ("/a/", "/a/page/1", "/a/page/2", "/a/hand-in", "/a/received"):
        assert_strict(visitor.get(address).content.decode())


def test_a_form_from_elsewhere_is_refused(code):
    client = Client(enforce_csrf_checks=True)
    client.get(f"/a/{code}")
    assert client.post("/a/page/1", {"e1": "4"}).status_code == 403
