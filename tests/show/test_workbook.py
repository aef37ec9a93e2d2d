"""The workbook opened again: figures of the release as numbers, native tables and charts, and texts that stay texts."""

import dataclasses
import math
import sys
import zipfile

import pytest
from openpyxl import load_workbook

from bevlogen.core.shown import Release
from bevlogen.errors import BevlogenError
from bevlogen.show import sheets as sheeted
from bevlogen.show import write_workbook
from bevlogen.show.sheets import sheets
from bevlogen.show.view import view_of

DIGITS = 1e-15  # a cell holds sixteen significant digits
DANGEROUS = ('=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\t=1")


def opened(release: Release, path, language="en"):
    return load_workbook(write_workbook(release, path, language))


def rows(book, language, release, key):
    """The table of a sheet as dictionaries, by heading."""
    sheet = next(s for s in sheets(release, language) if s.key == key)
    page = book[sheet.name]
    (area,) = page.tables.values()
    head, *body = [[cell.value for cell in row] for row in page[area.ref]]
    return [dict(zip(head, cells, strict=True)) for cells in body]


def same(found, value):
    return found is None if not math.isfinite(value) else math.isclose(found, value, rel_tol=DIGITS)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_score_and_result_of_the_release_is_a_row(release, tmp_path, language):
    book = opened(release, tmp_path / "x.xlsx", language)
    view = view_of(release, language)
    found = rows(book, language, release, "figures")
    told = {(r[view.say("unit")], r[view.say("period")], r[view.say("construct")]): list(r.values()) for r in found}
    assert len(told) == len(release.scores) + len(release.results)
    for s in release.scores:
        cells = told[view.name(s.unit), view.period(s.period), view.label(s.construct)]
        figures = (s.mean, s.shrunken, s.shrunken_low, s.shrunken_high, s.n, s.reliability)
        assert all(same(a, b) for a, b in zip(cells[4:], figures, strict=True))
    for r in release.results:
        assert told[view.name(r.unit), view.period(r.period), view.label(r.measure)][4] == r.value


def test_links_map_and_moves_are_those_of_the_release(release, tmp_path):
    book = opened(release, tmp_path / "x.xlsx")
    view = view_of(release, "en")
    links = {r["Link"]: r for r in rows(book, "en", release, "chain")}
    for v in release.picture:
        row = links[f"{view.label(v.estimate.link.cause)} → {view.label(v.estimate.link.outcome)}"]
        own = v.headline
        expected = (math.nan, math.nan) if own is None else (own.estimate, own.high)
        assert all(same(row[k], e) for k, e in zip(("own figures", "own figures: high (95%)"), expected, strict=True))
        assert row["Reason"] == v.reason
    placed = {r["Unit"]: (r["Employership"], r["Service"]) for r in rows(book, "en", release, "map")}
    assert placed == {view.name(p.unit): (p.employership.estimate, p.service.estimate) for p in release.positions}
    moves = [list(r.values())[7:11] for r in rows(book, "en", release, "moves")]
    assert moves == [[m.gain.estimate, m.gain.low, m.gain.high, m.probability] for m in release.moves]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_hidden_figure_carries_its_reason_and_no_number(release, tmp_path, language):
    book = opened(release, tmp_path / "x.xlsx", language)
    view = view_of(release, language)
    levels = {next(iter(r.values())).strip(): list(r.values())[1:] for r in rows(book, language, release, "levels")}
    assert {v for v in levels["Crisisdienst"] if v is not None} == {"– a"}
    assert not any(isinstance(v, int | float) for v in levels["Crisisdienst"])
    hidden = rows(book, language, release, "hidden")
    assert {next(iter(r.values())) for r in hidden} == {view.name(s.unit) for s in release.suppressed}
    assert not any(isinstance(v, int | float) for r in hidden for v in r.values())


def test_the_levels_are_the_figures_of_the_page(release, tmp_path):
    book = opened(release, tmp_path / "x.xlsx")
    trams = next(r for r in rows(book, "en", release, "levels") if next(iter(r.values())).strip() == "Trams")
    last = {s.construct: s.shrunken for s in release.scores if (s.unit, s.period) == ("tram", release.periods[-1])}
    assert all(same(trams[view_of(release, "en").label(c)], value) for c, value in last.items())


def test_charts_are_native_and_say_what_they_show(release, tmp_path):
    path = tmp_path / "x.xlsx"
    opened(release, path)
    with zipfile.ZipFile(path) as inside:
        charts = [n for n in inside.namelist() if n.startswith("xl/charts/chart")]
        drawings = "".join(inside.read(n).decode() for n in inside.namelist() if n.startswith("xl/drawings/drawing"))
    assert len(charts) == 4 + 3  # verdicts, links, map, moves; retention, return and use
    assert drawings.count("descr=") == len(charts)


def error_bars(page):
    """What the error bars of the one chart on a page point at, and what the file holds besides: above and below."""
    (drawn,) = (series.errBars for chart in page._charts for series in chart.series)
    references = [ends.numRef for ends in (drawn.plus, drawn.minus)]
    cells = [[c.value for (c,) in page[r.f.rpartition("!")[2].replace("$", "")]] for r in references]
    return cells, [[float(point.v) for point in r.numCache.pt] for r in references]


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        ("Chain", lambda r: [v.headline for v in r.picture if v.headline is not None]),
        ("Map", lambda r: [p.service for p in sorted(r.positions, key=lambda p: -p.service.estimate)]),
        ("First moves", lambda r: [m.gain for m in r.moves]),
    ],
)
def test_error_bars_point_at_cells_that_hold_how_far_the_limits_lie(release, tmp_path, sheet, found):
    (above, below), held = error_bars(opened(release, tmp_path / "x.xlsx")[sheet])
    assert above == pytest.approx([i.high - i.estimate for i in found(release)], rel=DIGITS)
    assert below == pytest.approx([i.estimate - i.low for i in found(release)], rel=DIGITS)
    assert held == [pytest.approx(far, rel=DIGITS) for far in (above, below)]


def test_the_axis_of_a_chart_holds_every_limit(release, tmp_path):
    (chart,) = opened(release, tmp_path / "x.xlsx")["First moves"]._charts
    assert chart.y_axis.scaling.max >= max(m.gain.high for m in release.moves)
    assert chart.y_axis.scaling.min <= min(m.gain.low for m in release.moves)


def test_what_is_there_for_a_chart_is_not_printed(release, tmp_path):
    page = opened(release, tmp_path / "x.xlsx")["Chain"]
    (table,) = page.tables.values()
    assert [column.name for column in table.tableColumns][-2:] == [
        "own figures: figure less low",
        "own figures: high less figure",
    ]
    assert page.print_area.startswith("'Chain'!$A$1:$O$")


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_name_never_becomes_a_formula(make_release, tmp_path, name):
    base = make_release()
    units = tuple(dataclasses.replace(u, name=name) if u.key in ("tram", "tram-n") else u for u in base.units)
    labels = dict(base.constructs)
    labels["return"] = dataclasses.replace(labels["return"], label=type(labels["return"].label)(name, name))
    path = tmp_path / "x.xlsx"
    book = opened(dataclasses.replace(base, title=name, units=units, constructs=labels), path)
    cells = [cell for page in book for row in page for cell in row]
    assert [c.coordinate for c in cells if c.data_type == "f"] == []
    named = [
        c for c in cells if isinstance(c.value, str) and c.value.startswith(name[0]) and c.value.strip() == name.strip()
    ]
    assert named
    assert all(c.quotePrefix for c in named if not c.value.startswith(" ") and not _is_head(book, c))
    with zipfile.ZipFile(path) as inside:
        assert not any(n.startswith("xl/externalLinks") for n in inside.namelist())
        assert all(b"<f>" not in inside.read(n) for n in inside.namelist() if n.startswith("xl/worksheets/sheet"))


def _is_head(book, cell):
    return any(
        cell.row == int("".join(c for c in t.ref.split(":")[0] if c.isdigit())) for t in cell.parent.tables.values()
    )


def test_two_measures_of_one_name_keep_a_column_each(make_release, tmp_path):
    base = make_release()
    labels = dict(base.constructs)
    labels["use"] = dataclasses.replace(labels["use"], label=labels["return"].label)
    book = opened(dataclasses.replace(base, constructs=labels, unit_of_measure={}), tmp_path / "x.xlsx")
    (table,) = book["Levels"].tables.values()
    heads = [column.name for column in table.tableColumns]
    assert len(set(heads)) == len(heads)


def test_too_many_figures_keep_the_newest_periods_and_say_so(release, tmp_path, monkeypatch):
    monkeypatch.setattr(sheeted, "MOST_FIGURES", 300)
    made = next(s for s in sheets(release, "en") if s.key == "figures")
    assert {row[2] for row in made.rows} == {"Q3 2025", "Q4 2025"}
    assert any("Q1 2024 to Q2 2025 are left out" in line for line in made.intro)


def test_an_empty_release_makes_a_workbook_that_says_why(make_release, tmp_path):
    empty = make_release(
        scores=(),
        results=(),
        positions=(),
        moves=(),
        claims=(),
        picture=(),
        scales=(),
        suppressed=(),
        certainty=math.nan,
    )
    book = opened(empty, tmp_path / "x.xlsx")
    said = " ".join(str(c.value) for page in book for row in page for c in row if c.value)
    for reason in ("No unit has a place on the map", "No scores may be shown", "Nothing is hidden"):
        assert reason in said


def test_the_same_release_gives_the_same_file(release, tmp_path):
    a, b = (write_workbook(release, tmp_path / n, "nl").read_bytes() for n in ("a.xlsx", "b.xlsx"))
    assert a == b


def test_without_xlsxwriter_one_sentence_says_how_to_get_it(release, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(BevlogenError, match=r"pip install bevlogen\[web\]"):
        write_workbook(release, tmp_path / "x.xlsx", "en")
    assert not (tmp_path / "x.xlsx").exists()
