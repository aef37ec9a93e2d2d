"""What stands in the way of judging, planning or choosing is said in one clear sentence, in both languages."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override

import bevlogen as bv
from bevlogen_web.accounts.models import Role
from bevlogen_web.actions import queries, spoken
from bevlogen_web.actions.models import Action, Asked, Kind, Stage, State
from bevlogen_web.analyses.models import Sheet
from bevlogen_web.organisation.models import Unit

SOURCE = "\n".join(path.read_text("utf-8") for path in (Path(bv.__file__).parent / "steer").glob("*.py"))


@pytest.fixture
def agreed(cast, teams, judged):
    """``agreed(keys, start)``: an agreed action, in an organisation whose picture knows four teams from 2025-Q1 on."""
    tree = [["top", "Hier", None, "", 0], *[[key, key, "top", "", 1] for key in ("north", "south", "east", "west")]]
    Sheet.objects.create(picture=judged, kind="tree", key="", body=json.dumps(tree))
    head = Sheet.objects.get(picture=judged, kind="head")
    head.body = json.dumps({**json.loads(head.body), "periods": ["2025-Q1", "2025-Q2"]})
    head.save()
    for key in ("east", "west", "new"):
        Unit.objects.create(organisation=cast.organisation, key=key, name=key)

    def make(keys, start=date(2026, 1, 1)):
        made = Action.objects.create(
            organisation=cast.organisation, owner=cast.members[Role.DIRECTOR], lever="engagement", what="Another thing",
            start=start, state=State.AGREED,
        )  # fmt: skip
        made.units.set(Unit.objects.filter(key__in=keys))
        return made

    return make


@pytest.mark.parametrize(
    ("keys", "start", "english", "dutch"),
    [
        (("north",), date(2024, 12, 31), "before the first figures", "voor de eerste cijfers"),
        (("north", "south", "east"), date(2026, 1, 1), "everywhere at once", "overal tegelijk"),
        (("north", "new"), date(2026, 1, 1), "new, or reorganised", "nieuw, of gereorganiseerd"),
    ],
)
def test_the_page_of_an_action_says_what_cannot_be_judged(cast, agreed, keys, start, english, dutch):
    made = agreed(keys, start)
    for language, words in (("en-gb", english), ("nl", dutch)):
        client = cast.client(Role.DIRECTOR)
        client.cookies["bevlogen_language"] = language
        page = client.get(reverse("actions:action", kwargs={"slug": "here", "number": made.pk})).content.decode()
        assert words in page


def test_a_plain_action_has_no_caution(agreed):
    assert queries.cautions(agreed(("north", "south"))) == []


def test_begun_elsewhere_at_another_time_is_not_at_once(agreed):
    first = agreed(("north", "south", "east"))
    agreed(("west",), date(2026, 7, 1))
    assert queries.cautions(first) == []


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        (
            "These limits contradict each other: money (at most 3); each group (at least 1 in g2). Loosen one of them.",
            "Deze grenzen spreken elkaar tegen: geld (hoogstens 3); elke groep (minstens 1 in g2). Maak er een ruimer.",
        ),
        ("Found -1 for money. Give 0 or more, or leave it out.", None),
        ('The cost of "engagement" is below 0. Give 0 or more.', None),
        ("Found 3 units. A fair start needs 4 or more.", None),
        (
            "All units begin at once and none is left to compare with. Let a part begin later, or keep some out; else "
            "only the series can tell, from 8 periods before and 8 after the start.",
            "Alle teams beginnen tegelijk en er blijft geen over om mee te vergelijken. Laat een deel later "
            "beginnen of houd er een paar buiten. Anders kan alleen de reeks iets zeggen, vanaf 8 perioden voor en 8 "
            "na de start.",
        ),
    ],
)
def test_why_not_is_told_in_dutch(english, dutch):
    with override("nl"):
        said = spoken.said(english)
    assert said is not None
    assert said != english
    assert dutch is None or said == dutch


def test_the_page_tells_it_in_the_language_of_the_reader(cast):
    fault = "These limits contradict each other: at once (at most 1); each group (at least 2 in g). Loosen one of them."
    asked = Asked.objects.create(
        organisation=cast.organisation, kind=Kind.CHOICE, stage=Stage.FAILED, given={}, fault=fault
    )
    client = cast.client(Role.DIRECTOR)
    client.cookies["bevlogen_language"] = "nl"
    page = client.get(reverse("actions:asked", kwargs={"slug": "here", "number": asked.pk})).content.decode()
    assert "tegelijk (hoogstens 1); elke groep (minstens 2 in g)" in page


def test_no_sentence_is_out_of_use():
    words = " ".join(re.sub(r'"\s*\n\s*f?"', "", SOURCE).split())
    for sentence in spoken.SENTENCES[1:]:
        longest = max(re.split(r"%\(\w+\)s|^[a-z ]+(?= \(at most)", sentence), key=len).strip()
        assert longest in words, sentence
