"""What people wrote, on the page of a team: themes for who may see the team, comments only where that was decided."""

import json

import pytest
from django.urls import reverse

from bevlogen_web.accounts.models import Organisation, Role
from bevlogen_web.analyses.models import Sheet

QUESTION = {"en": "What helps?", "nl": "Wat helpt?"}
TEXT = "The roster never fits"


@pytest.fixture
def written(picture, managed, document):
    """What the managed team wrote, and the words of the whole."""
    top = next(u["key"] for u in document["units"] if u["parent"] is None)
    body = [{"period": "2025-Q4", "question": QUESTION, "words": ["roster"], "texts": [TEXT]}]
    Sheet.objects.create(picture=picture, kind="said", key=managed, body=json.dumps(body))
    Sheet.objects.create(picture=picture, kind="said", key=top, body=json.dumps([{**body[0], "words": []}]))
    return managed, top


def page(cast, role, key, language="en-gb"):
    client = cast.client(role)
    client.cookies["bevlogen_language"] = language
    return client.get(reverse("cockpit:team", kwargs={"slug": "here", "key": key})).content.decode()


@pytest.mark.parametrize(("language", "question"), [("en-gb", "What helps?"), ("nl", "Wat helpt?")])
def test_themes_stand_on_the_page_and_comments_do_not(cast, written, language, question):
    shown = page(cast, Role.MANAGER, written[0], language)
    assert question in shown
    assert "<li>roster</li>" in shown
    assert TEXT not in shown


@pytest.mark.parametrize(("role", "reads"), [(Role.MANAGER, True), (Role.DIRECTOR, True), (Role.ANALYST, False)])
def test_comments_are_read_by_director_and_manager_once_the_officer_decided_so(cast, written, role, reads):
    Organisation.objects.filter(pk=cast.organisation.pk).update(shows_comments=True)
    assert (TEXT in page(cast, role, written[0])) is reads


def test_a_team_with_too_few_writers_says_why_and_where_its_words_count(cast, written, document):
    managed, top = written
    above = {u["parent"] for u in document["units"]}
    other = next(u["key"] for u in document["units"] if u["key"] not in {*above, managed} and u["position"])
    shown = page(cast, Role.DIRECTOR, other)
    assert "On no question did 10 people or more of this team write" in shown
    assert reverse("cockpit:team", kwargs={"slug": "here", "key": top}) + "#said" in shown
    assert "roster" not in shown


def test_a_picture_without_words_has_no_such_part(cast, picture, managed):
    assert 'id="said"' not in page(cast, Role.MANAGER, managed)


def test_a_group_without_themes_says_so(cast, written):
    assert "No word stands out" in page(cast, Role.DIRECTOR, written[1])
