"""The document of a team opened again: what its page says, the guide, what is hidden; and nothing of other teams."""

import re

import pypdfium2
import pytest

from bevlogen.core.chain import Text
from bevlogen.core.shown import ShownScore, Suppressed, Voice
from bevlogen.show import documents, pages
from bevlogen.show.bookwords import word
from bevlogen.show.teambook import team

QUESTIONS = ("What do we recognise?", "What is the first small step?")


def read(data):
    document = pypdfium2.PdfDocument(data)
    return squeezed("".join(page.get_textpage().get_text_range() for page in document))


def squeezed(text):
    return re.sub(r"[\s\u00ad\u2010\ufffe-]", "", text)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_pdf_holds_the_figures_of_the_page_and_the_guide(release, language):
    told = read(documents.team_pdf(release, "tram-h", language, questions=QUESTIONS, changes=["It moved."]))
    page = pages.team(release, "tram-h", language)
    figures = {text for level in page.levels for text in (level.value, level.interval, level.n, level.change) if text}
    assert len(figures) > 10
    assert [f for f in figures if squeezed(f) not in told] == []
    assert all(squeezed(text) in told for text in (*QUESTIONS, "It moved.", page.moves[0].gain, page.moves[0].chance))


def test_a_hidden_team_says_why_and_holds_no_figure(release):
    book = team(release, "zorg-c", "en", questions=QUESTIONS)
    parts = {part.key: part for part in book.parts}
    assert "levels" not in parts
    assert parts["strong"].intro == (word("team_nothing", "en"),)
    assert "fewer than 5 respondents" in parts["hidden"].intro[0]
    assert parts["hidden"].remarks == (word("team_nobody", "en"),)
    assert [row[0].text for table in parts["guide"].tables for row in table.rows] == ["1", "2"]


def test_a_team_that_is_hidden_now_sees_its_own_last_figure_that_is_shown(make_release):
    shown = ShownScore("werk-g", "2025-Q3", "loyalty", 8.0, 1.4, 1.4, 1.2, 1.5, 0.5)
    gone = Suppressed("werk-g", "2025-Q4", "loyalty", "threshold")
    release = make_release(scores=(shown,), suppressed=(gone,), positions=())
    assert [one[1:] for one in pages.team(release, "werk-g", "nl").hidden[0].earlier] == [("1,4", "K3 2025")]
    hidden = next(part for part in team(release, "werk-g", "nl").parts if part.key == "hidden")
    assert any("Eerder te zien" in line and "1,4" in line for line in hidden.intro)


@pytest.mark.parametrize(("language", "question"), [("en", "What helps?"), ("nl", "Wat helpt?")])
def test_themes_of_the_team_are_on_paper_and_comments_are_not(make_release, language, question):
    asked = Text("What helps?", "Wat helpt?")
    own = Voice("tram-h", "2025-Q4", asked, ("rooster", "poort"), ("The roster never fits",))
    other = Voice("zorg-c", "2025-Q4", asked, ("verlof",), ())
    told = read(documents.team_pdf(make_release(voices=(own, other)), "tram-h", language))
    assert squeezed(f"{question}") in told
    assert "rooster,poort" in told
    assert squeezed("never fits") not in told
    assert "verlof" not in told


def test_without_themes_there_is_no_such_part(release):
    assert "said" not in {part.key for part in team(release, "tram-h", "nl").parts}


def test_no_other_team_is_named(release):
    told = str(team(release, "tram-h", "nl", questions=QUESTIONS))
    others = [u.name for u in release.units if u.key not in ("tram-h", "all")]
    assert [name for name in others if name in told] == []


def test_a_sign_points_up_where_a_level_is_above_the_whole_also_where_more_is_worse(make_release, release):
    whole = [
        ShownScore(release.root, "2025-Q4", name, 900.0, 3.0, 3.0, 2.9, 3.1, 0.9) for name in ("burnout", "loyalty")
    ]
    own = [ShownScore("tram-h", "2025-Q4", name, 40.0, 4.0, 4.0, 3.8, 4.2, 0.9) for name in ("burnout", "loyalty")]
    levels = {level.key: level for level in pages.team(make_release(scores=(*whole, *own)), "tram-h", "en").levels}
    assert {key: (of.mark, of.standing) for key, of in levels.items() if of.standing} == {
        "burnout": ("▲", "poor"),
        "loyalty": ("▲", "good"),
    }
