"""The slides opened again: figures of the release in native charts and tables, within the slide, never a formula."""

import dataclasses
import io
import math
import sys

import pytest
from openpyxl import load_workbook
from pptx import Presentation

from bevlogen.core.chain import Text
from bevlogen.core.foreseen import Backtest, Outlook
from bevlogen.errors import BevlogenError
from bevlogen.show import figures, write_slides
from bevlogen.show.answer import answer
from bevlogen.show.view import view_of

LANGUAGES = ("en", "nl")


def opened(release, path, language="en"):
    return Presentation(write_slides(release, path, language))


def charts(deck):
    return [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]


def tables(deck):
    return [[[c.text for c in row.cells] for row in s.table.rows] for p in deck.slides for s in p.shapes if s.has_table]


def texts(deck):
    return " ".join(s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame)


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_to_ten_slides_begin_with_the_answer(release, tmp_path, language):
    deck = opened(release, tmp_path / "x.pptx", language)
    assert 6 <= len(deck.slides) <= 10
    assert deck.slides[0].shapes.title.text == answer(view_of(release, language)).sentences[0]
    assert all(slide.shapes.title.text for slide in deck.slides)


def test_charts_hold_the_figures_of_the_release(release, tmp_path):
    counts, links, units, *courses = charts(opened(release, tmp_path / "x.pptx"))
    view = view_of(release, "en")
    assert list(counts.plots[0].series[0].values) == [c.n for c in answer(view).counts]
    own = [v.headline.estimate for v in release.picture if v.headline is not None]
    assert list(links.plots[0].series[0].values) == own
    assert list(units.plots[0].series[0].values) == [p.service.estimate for p in release.positions]
    told = [list(c.plots[0].series[0].values) for c in courses]
    assert told == [view.series("all", m) for m in ("retention", "return", "use")]


def test_limits_of_a_link_are_drawn_as_long_as_they_are(release, tmp_path):
    links = charts(opened(release, tmp_path / "x.pptx"))[1]
    space = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    drawn = links.plots[0].series[0]._element.find("c:errBars", space)
    far = [float(v.text) for v in drawn.findall("c:plus/c:numLit/c:pt/c:v", space)]
    assert far == [v.headline.high - v.headline.estimate for v in release.picture if v.headline is not None]
    assert drawn.find("c:errDir", space) is None  # of bars it would keep the limits from being drawn


def test_the_axis_of_the_links_holds_every_limit(release, tmp_path):
    axis = charts(opened(release, tmp_path / "x.pptx"))[1].value_axis
    own = [v.headline for v in release.picture if v.headline is not None]
    assert axis.minimum_scale <= min(one.low for one in own)
    assert axis.maximum_scale >= max(one.high for one in own)


def test_a_share_is_written_as_a_percentage_along_its_axis(release, tmp_path):
    retention = charts(opened(release, tmp_path / "x.pptx"))[3]
    assert retention.value_axis.tick_labels.number_format.endswith("%")


def ahead(measure, now, middle):
    bands = tuple(tuple(m + at for m in middle) for at in (-0.03, -0.01, 0.0, 0.01, 0.03))
    tested = Backtest(0.1, math.nan, 0.2, math.nan, 0.8, 20, False)
    return Outlook(measure, ("2026-Q1", "2026-Q2"), bands, math.nan, math.nan, tested, 12, Text("Sure.", "Zeker."), now)


def test_a_dashed_line_is_explained_on_its_slide(make_release, tmp_path):
    _, stays = view_of(make_release(), "en").latest("all", "retention")
    outlooks = (ahead("retention", stays, (stays, stays)), ahead("use", 0.75, (0.75, 0.74)))
    deck = opened(make_release(outlooks=outlooks), tmp_path / "x.pptx")
    (slide,) = (s for s in deck.slides if s.shapes.title.text == "The right to exist")
    said = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert "Dashed: what is expected of the mean over teams." in said
    assert "Use of capacity: The outlook begins apart from the course" in said
    assert "Customers who stay: The outlook" not in said
    assert [s.name for s in charts(deck)[3].plots[0].series] == ["Measured", "Low (10%)", "Middle", "High (90%)"]


def test_without_an_outlook_nothing_is_said_of_dashed_lines(release, tmp_path):
    assert "Dashed" not in texts(opened(release, tmp_path / "x.pptx"))


def test_an_axis_writes_a_minus_and_round_steps(release, tmp_path):
    _, links, units, retention, *_ = charts(opened(release, tmp_path / "x.pptx"))
    assert links.value_axis.tick_labels.number_format == '+0.0;"−"0.0;0.0'
    assert units.value_axis.tick_labels.number_format == '0.0;"−"0.0'
    assert retention.value_axis.tick_labels.number_format == '0%;"−"0%'


def test_the_axes_of_the_map_hold_every_limit(release, tmp_path):
    units = charts(opened(release, tmp_path / "x.pptx"))[2]
    for drawn, limits in (
        (units.category_axis, [p.employership for p in release.positions]),
        (units.value_axis, [p.service for p in release.positions]),
    ):
        assert drawn.minimum_scale <= min(i.low for i in limits)
        assert drawn.maximum_scale >= max(i.high for i in limits)


def test_why_a_claim_is_open_tells_of_the_link_that_is(make_release, tmp_path):
    base = make_release()
    reasons = {
        "customers-carry": "satisfaction and loyalty → customers who stay: It does. satisfaction and loyalty → return: "
        "Too few units."
    }
    claims = tuple(
        dataclasses.replace(
            c,
            verdict="undetermined",
            reason=reasons[c.claim.id],
            links=tuple(
                dataclasses.replace(v, verdict="undetermined" if v.estimate.link.outcome == "return" else "supported")
                for v in c.links
            ),
        )
        if c.claim.id in reasons
        else c
        for c in base.claims
    )
    unknown = tables(opened(dataclasses.replace(base, claims=claims), tmp_path / "x.pptx"))[-1]
    told = dict(row for row in unknown[1:])
    (claim,) = (c.claim.text.en for c in claims if c.claim.id == "customers-carry")
    assert told[claim] == "satisfaction and loyalty → return: Too few units."


@pytest.mark.parametrize("language", LANGUAGES)
def test_moves_are_those_of_the_page(release, tmp_path, language):
    moves = tables(opened(release, tmp_path / "x.pptx", language))[0]
    cards = figures.move_cards(view_of(release, language))
    assert [(r[1], r[2], r[5], r[6], r[7]) for r in moves[1:]] == [
        (c.unit, c.lever, c.gain, c.span, c.chance) for c in cards
    ]


def test_nothing_lies_outside_its_slide_and_every_chart_says_what_it_shows(release, tmp_path):
    deck = opened(release, tmp_path / "x.pptx", "nl")
    for shape in (shape for slide in deck.slides for shape in slide.shapes):
        assert shape.left >= 0
        assert shape.top >= 0
        assert shape.left + shape.width <= deck.slide_width
        assert shape.top + shape.height <= deck.slide_height
        if shape.has_chart or shape.has_table:
            assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr")) > 5


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@x"])
def test_a_name_never_becomes_a_formula_behind_a_chart(make_release, tmp_path, name):
    base = make_release()
    labels = {k: dataclasses.replace(c, label=Text(name, name)) for k, c in base.constructs.items()}
    deck = opened(dataclasses.replace(base, title=name, constructs=labels), tmp_path / "x.pptx")
    books = [load_workbook(io.BytesIO(c.part.chart_workbook.xlsx_part.blob)) for c in charts(deck)]
    assert books
    assert [c.value for book in books for page in book for row in page for c in row if c.data_type == "f"] == []


def test_what_is_not_known_and_what_protects_people_is_said(release, tmp_path):
    deck = opened(release, tmp_path / "x.pptx")
    view = view_of(release, "en")
    assert view.say("privacy_k", k=5, k_comments=10) in texts(deck)
    unknown = tables(deck)[-1]
    open_ = {c.claim.text.en for c in release.claims if c.verdict == "undetermined"}
    assert {row[0] for row in unknown[1:]} <= open_
    assert len(unknown) == 6


def test_an_empty_release_makes_slides_that_say_why(make_release, tmp_path):
    empty = make_release(
        scores=(), results=(), positions=(), moves=(), claims=(), picture=(), scales=(), suppressed=(),
        certainty=math.nan,
    )  # fmt: skip
    said = texts(opened(empty, tmp_path / "x.pptx"))
    for reason in ("No unit has a place on the map", "no claims", "No link could be estimated", "Nothing is hidden"):
        assert reason in said


def test_without_python_pptx_one_sentence_says_how_to_get_it(release, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bevlogen.show.deck", None)
    with pytest.raises(BevlogenError, match=r"pip install bevlogen\[web\]"):
        write_slides(release, tmp_path / "x.pptx", "en")
    assert not (tmp_path / "x.pptx").exists()
