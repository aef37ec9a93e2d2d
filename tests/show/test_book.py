"""The parts of a document say what the page says, hide what it hides, and map no figure that is not there."""

import pytest

from bevlogen.show import render_html
from bevlogen.show.book import board
from bevlogen.show.figures import rule_text
from bevlogen.show.view import view_of

LANGUAGES = ("en", "nl")
ON_PAGE = ("moves", "chain", "map", "exist", "levels", "quality")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_stands_on_the_page_as_well(release, language):
    page = render_html(release, language)
    parts = [part for part in board(release, language).parts if part.key in ON_PAGE]
    figures = [row[i].text for p in parts for t in p.tables for row in t.rows for i in t.numeric if not row[i].reason]
    assert figures
    assert [f for f in figures if f not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hidden_cell_carries_its_reason_and_no_number(release, language):
    levels = next(part for part in board(release, language).parts if part.key == "levels")
    hidden = [cell for table in levels.tables for row in table.rows for cell in row if cell.reason]
    assert {cell.text for cell in hidden} == {"– a", "– b", "– c"}
    view = view_of(release, language)
    assert {cell.reason for cell in hidden} == {rule_text(view, r) for r in ("threshold", "complement", "all-equal")}


def test_every_picture_says_what_it_shows(release):
    pictures = [picture for part in board(release, "nl").parts for picture in part.pictures]
    assert pictures
    assert all(len(picture.alt) > 20 for picture in pictures)
