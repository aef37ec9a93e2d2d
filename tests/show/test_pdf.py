"""The PDF opened again: tagged, with the figures of the page, and with texts that stay texts."""

import dataclasses
import re
import sys

import pypdfium2
import pytest
from pypdfium2 import raw

from bevlogen.errors import BevlogenError
from bevlogen.show import render_html, write_pdf
from bevlogen.show.book import board


def squeezed(text):
    return re.sub(r"[\s\u00ad\u2010\ufffe-]", "", text)


def read(path):
    document = pypdfium2.PdfDocument(path)
    return document, squeezed("".join(page.get_textpage().get_text_range() for page in document))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figures_of_the_page_stand_in_the_pdf(release, tmp_path, language):
    document, told = read(write_pdf(release, tmp_path / "board.pdf", language))
    page = render_html(release, language)
    book = board(release, language)
    figures = [row[i].text for p in book.parts for t in p.tables for row in t.rows for i in t.numeric]
    on_page = {figure for figure in figures if figure in page}
    assert len(on_page) > 20
    assert [figure for figure in sorted(on_page) if squeezed(figure) not in told] == []
    assert raw.FPDFCatalog_IsTagged(document.raw)
    assert document.get_metadata_value("Title") == release.title


def test_a_name_never_becomes_markup(release, tmp_path):
    name = '#panic("x") *bold* $x$ <label> [text'
    _, told = read(write_pdf(dataclasses.replace(release, title=name), tmp_path / "board.pdf", "en"))
    assert squeezed(name) in told


def test_without_typst_one_sentence_says_how_to_get_it(release, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(BevlogenError, match=r"pip install bevlogen\[web\]"):
        write_pdf(release, tmp_path / "board.pdf", "en")
    assert not (tmp_path / "board.pdf").exists()
