"""Slides as PowerPoint has them: places, sizes and colours. What they say comes from ``slides``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE as CHART
from pptx.enum.chart import XL_LABEL_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.util import Emu, Inches, Pt

from bevlogen.core.chain import Language
from bevlogen.core.results import Interval
from bevlogen.show.axis import Axis, axis
from bevlogen.show.palette import ACCENT, FORMULA, INK, LINE, QUIET, SOFT, decimals_format

_WIDTH, _HEIGHT, _EDGE = 13.333, 7.5, 0.55  # inches
_TOP, _NOTES, _BOTTOM = 1.55, 6.25, 6.95
_MOST_LABELS = 6
_SIZES = (16, 14, 13, 12, 11)  # points, of the texts of a table
_LETTER = 0.46  # mean width of a letter, as part of its size
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_TITLE_ONLY = 5  # the layout of python-pptx's own template
_LANGUAGES = {"en": MSO_LANGUAGE_ID.ENGLISH_UK, "nl": MSO_LANGUAGE_ID.DUTCH}


class Deck:
    """A presentation on wide screen; every slide has a title and a footer."""

    def __init__(self, title: str, footer: str, language: Language) -> None:
        self._made = Presentation()
        self._made.slide_width, self._made.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
        self._made.core_properties.title = title
        self._made.core_properties.author = "Bevlogen"
        self._made.core_properties.language = language
        self._footer, self._language = footer, _LANGUAGES[language]

    def slide(self, title: str) -> Page:
        """Add a slide with its title."""
        slide = self._made.slides.add_slide(self._made.slide_layouts[_TITLE_ONLY])
        page = Page(slide, self._language)
        page.title(title)
        page.footer(f"{self._footer} · {len(self._made.slides)}")
        return page

    def bytes(self) -> bytes:
        """Return the file."""
        into = BytesIO()
        self._made.save(into)
        return into.getvalue()


class Page:
    """One slide, filled from above: text and table on the left or over the whole width, charts beside them."""

    def __init__(self, slide: Any, language: MSO_LANGUAGE_ID) -> None:
        self._slide, self._language = slide, language

    def title(self, text: str) -> None:
        """Set the title; a long one is smaller."""
        shape = self._slide.shapes.title
        _put(shape, _EDGE, 0.55, _WIDTH - 2 * _EDGE, 0.95)
        shape.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        shape.text_frame.word_wrap = True
        shape.text_frame.margin_left = 0
        size = 30 if len(text) <= 60 else 24 if len(text) <= 130 else 20
        self._write(shape.text_frame, [text], size, ACCENT, bold=True)
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT

    def kicker(self, text: str) -> None:
        """Write a word above the title."""
        self._write(self._box(_EDGE, 0.2, 6, 0.35), [text], 13, QUIET, bold=True)

    def footer(self, text: str) -> None:
        """Write the line at the foot."""
        self._write(self._box(_EDGE, 7.08, _WIDTH - 2 * _EDGE, 0.3), [text], 10, QUIET)

    def paragraphs(self, lines: Sequence[str], *, size: int, wide: bool = False) -> None:
        """Write paragraphs on the left half, or over the whole width."""
        width = _WIDTH - 2 * _EDGE if wide else 5.9
        self._write(self._box(_EDGE, _TOP + 0.1, width, _BOTTOM - _TOP - 0.1), [x for x in lines if x], size, INK)

    def right_text(self, lines: Sequence[str], *, head: str = "", size: int = 13) -> None:
        """Write paragraphs beside a large chart."""
        frame = self._box(9.35, _TOP, _WIDTH - _EDGE - 9.35, _BOTTOM - _TOP)
        self._write(frame, [*([head] if head else []), *lines], size, INK, head=bool(head))

    def note(self, lines: Sequence[str]) -> None:
        """Write what a reader must know at the bottom."""
        written = [line for line in lines if line]
        if written:
            self._write(self._box(_EDGE, _NOTES, _WIDTH - 2 * _EDGE, 0.75), written, 12, QUIET)

    def bars(
        self,
        title: str,
        rows: Sequence[tuple[str, float, Interval | None]],
        colours: Sequence[str],
        *,
        number_format: str,
        alt: str,
        large: bool = False,
    ) -> None:
        """Draw a native bar chart, the first row on top; each bar with its limits where it has them."""
        data = CategoryChartData(number_format=number_format)
        data.categories = [_plain(name) for name, _, _ in rows]
        data.add_series(title, [value for _, value, _ in rows])
        left, width = (_EDGE, 8.6) if large else (6.9, _WIDTH - _EDGE - 6.9)
        frame = self._chart(CHART.BAR_CLUSTERED, data, (left, _TOP, width, _BOTTOM - _TOP if large else 4.2), title)
        frame.descr = alt
        chart = frame.chart
        series = chart.plots[0].series[0]
        chart.plots[0].gap_width = 45
        for at, colour in enumerate(colours):
            fill = series.points[at].format.fill
            fill.solid()
            fill.fore_color.rgb = RGBColor.from_string(colour)
        chart.category_axis.reverse_order = True
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        chart.category_axis.format.line.color.rgb = RGBColor.from_string(QUIET)
        chart.category_axis.tick_labels.font.size = Pt(10 if large else 13)
        chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        _grid(chart.value_axis)
        limits = [limit for _, _, limit in rows]
        if any(limit is not None for limit in limits):
            _limits(series, "", [(v, i) for (_, v, i) in rows])
            ends = [end for i in limits if i is not None for end in (i.low, i.high)]
            laid = axis([0.0, *(v for _, v, _ in rows), *ends], most=8)
            _lay(chart.value_axis, laid, "" if laid is None else laid.written(signed=True))
        else:
            chart.plots[0].has_data_labels = True
            chart.plots[0].data_labels.font.size = Pt(13)

    def points(
        self,
        title: str,
        rows: Sequence[tuple[str, Interval, Interval]],
        axes: tuple[str, str],
        alt: str,
    ) -> None:
        """Draw a native scatter chart; a point with a name carries it, and its limits."""
        data = XyChartData(number_format="0.00")
        series = data.add_series(title)
        for _, across, upward in rows:
            series.add_data_point(across.estimate, upward.estimate)
        frame = self._chart(CHART.XY_SCATTER, data, (_EDGE, _TOP, 8.6, _BOTTOM - _TOP), "")
        frame.descr = alt
        chart = frame.chart
        drawn = chart.plots[0].series[0]
        drawn.format.line.fill.background()
        drawn.marker.style, drawn.marker.size = XL_MARKER_STYLE.CIRCLE, 8 if rows[0][0] else 5
        drawn.marker.format.fill.solid()
        drawn.marker.format.fill.fore_color.rgb = RGBColor.from_string(ACCENT)
        drawn.marker.format.line.fill.background()
        for at, (name, _, _) in enumerate(rows):
            if name:
                label = drawn.points[at].data_label
                label.position = XL_LABEL_POSITION.RIGHT
                self._write(label.text_frame, [name], 10, INK)
        if rows[0][0]:
            _limits(drawn, "y", [(u.estimate, u) for _, _, u in rows], LINE)
            _limits(drawn, "x", [(a.estimate, a) for _, a, _ in rows], LINE)
        reach = [
            [0.0, *(end for limit in limits for end in (limit.low, limit.high))]
            for limits in ([across for _, across, _ in rows], [upward for _, _, upward in rows])
        ]
        for line, name, ends in zip((chart.category_axis, chart.value_axis), axes, reach, strict=True):
            line.has_title = True
            self._write(line.axis_title.text_frame, [name], 11, QUIET)
            line.tick_label_position = XL_TICK_LABEL_POSITION.LOW
            laid = axis(ends, most=8) if rows[0][0] else None
            _lay(line, laid, decimals_format(1) if laid is None else laid.written())
            line.has_major_gridlines = False
            line.format.line.color.rgb = RGBColor.from_string(QUIET)

    def course(
        self,
        head: str,
        facts: str,
        periods: Sequence[str],
        lines: Sequence[tuple[str, Sequence[float | None]]],
        number_format: str,
        alt: str,
        place: tuple[int, int],
    ) -> None:
        """Draw one of up to four native line charts: the past solid; dashed low, middle and high of what is expected.

        No legend: a note of the slide says what is dashed, once for all its charts.
        """
        at, many = place
        columns = 1 if many == 1 else 2
        width = (_WIDTH - 2 * _EDGE - 0.3 * (columns - 1)) / columns
        height = (6.2 - _TOP) / (2 if many > 2 else 1)
        left, top = _EDGE + (at % columns) * (width + 0.3), _TOP + (at // columns) * height
        self._write(self._box(left, top, width, 0.62), [head, facts], 13, INK, head=True)
        data = CategoryChartData(number_format=number_format)
        data.categories = [_plain(period) for period in periods]
        for name, values in lines:
            data.add_series(_plain(name), values)
        frame = self._chart(CHART.LINE_MARKERS, data, (left, top + 0.6, width, height - 0.68), "")
        frame.descr = alt
        chart = frame.chart
        for number, series in enumerate(chart.plots[0].series):
            known = number == 0
            series.smooth = False
            series.format.line.color.rgb = RGBColor.from_string(ACCENT if known else QUIET)
            series.format.line.width = Pt(2.25 if known else 1.75 if number == 2 else 1)
            if not known:
                series.format.line.dash_style = MSO_LINE.DASH
            series.marker.style = XL_MARKER_STYLE.CIRCLE if known else XL_MARKER_STYLE.NONE
            if known:
                series.marker.format.fill.solid()
                series.marker.format.fill.fore_color.rgb = RGBColor.from_string(ACCENT)
        _grid(chart.value_axis)
        laid = axis([v for _, values in lines for v in values if v is not None], most=4)
        _lay(chart.value_axis, laid, number_format if laid is None else laid.written(share="%" in number_format))
        chart.category_axis.tick_labels.font.size = Pt(9)
        _skip(chart.category_axis, math.ceil(len(periods) / _MOST_LABELS))
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        chart.category_axis.format.line.color.rgb = RGBColor.from_string(QUIET)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], alt: str) -> None:
        """Set a native table over the whole width, as large as its texts allow."""
        scale = (_WIDTH - 2 * _EDGE) / sum(widths)
        size = next((size for size in _SIZES if _high((head, *rows), widths, scale, size) <= _NOTES - _TOP), _SIZES[-1])
        frame = self._slide.shapes.add_table(
            len(rows) + 1, len(head), Inches(_EDGE), Inches(_TOP), Inches(_WIDTH - 2 * _EDGE), Inches(0.4)
        )
        _alt(frame, alt)
        table = frame.table
        _bare(table)
        for at, width in enumerate(widths):
            table.columns[at].width = Inches(width * scale)
        for r, cells in enumerate((head, *rows)):
            for c, text in enumerate(cells):
                self._cell(table.cell(r, c), text, size, is_head=r == 0, is_odd=r % 2 == 1)

    def _cell(self, cell: Any, text: str, size: int, *, is_head: bool, is_odd: bool) -> None:
        cell.margin_left = cell.margin_right = Inches(0.07)
        cell.margin_top = cell.margin_bottom = Inches(0.05)
        cell.fill.solid()
        cell.fill.fore_color.rgb = RGBColor.from_string(ACCENT if is_head else SOFT if is_odd else "FFFFFF")
        self._write(cell.text_frame, [text], size, "FFFFFF" if is_head else INK, bold=is_head)

    def _box(self, left: float, top: float, width: float, height: float) -> Any:
        frame = self._slide.shapes.add_textbox(*(Inches(v) for v in (left, top, width, height))).text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = 0
        return frame

    def _write(
        self, frame: Any, lines: Sequence[str], size: int, colour: str, *, bold: bool = False, head: bool = False
    ) -> None:
        """Write lines as paragraphs; with ``head`` the first is bold."""
        frame.text = ""
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            if number:
                paragraph.space_before = Pt(size * 0.45)
            run = paragraph.add_run()
            run.text = line
            run.font.size, run.font.bold = Pt(size), bold or (head and number == 0)
            run.font.name = "Calibri"
            run.font.color.rgb = RGBColor.from_string(colour)
            run.font.language_id = self._language

    def _chart(self, kind: Any, data: Any, place: tuple[float, float, float, float], title: str) -> _Framed:
        frame = self._slide.shapes.add_chart(kind, *(Inches(v) for v in place), data)
        chart = frame.chart
        chart.has_legend = False
        chart.font.size = Pt(11)
        chart.font.color.rgb = RGBColor.from_string(INK)
        chart.has_title = bool(title)
        if title:
            self._write(chart.chart_title.text_frame, [title], 13, INK, bold=True)
            chart.chart_title.include_in_layout = False
        return _Framed(frame)


class _Framed:
    """A chart in its frame, which carries the text alternative."""

    def __init__(self, frame: Any) -> None:
        self._frame, self.chart = frame, frame.chart

    @property
    def descr(self) -> str:
        return str(self._frame._element.nvGraphicFramePr.cNvPr.get("descr", ""))

    @descr.setter
    def descr(self, text: str) -> None:
        _alt(self._frame, text)


def _alt(frame: Any, text: str) -> None:
    frame._element.nvGraphicFramePr.cNvPr.set("descr", text)


def _put(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = (Emu(Inches(v)) for v in (left, top, width, height))


def _plain(text: str) -> str:
    """A text that the workbook behind a chart does not take for a formula."""
    return f" {text}" if text.startswith(FORMULA) else text


def _grid(axis: Any) -> None:
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(LINE)
    axis.format.line.fill.background()
    axis.tick_labels.font.size = Pt(10)


def _lay(drawn: Any, laid: Axis | None, number_format: str) -> None:
    """Lay an axis as it is given, or leave it to the program."""
    drawn.tick_labels.number_format, drawn.tick_labels.number_format_is_linked = number_format, False
    if laid is not None:
        drawn.minimum_scale, drawn.maximum_scale, drawn.major_unit = laid.low, laid.high, laid.step


def _high(rows: Sequence[Sequence[str]], widths: Sequence[float], scale: float, size: int) -> float:
    """About how high a table becomes, in inches."""
    letters = [(width * scale - 0.14) * 72 / (size * _LETTER) for width in widths]
    lines = (max(math.ceil(len(text) / most) for text, most in zip(row, letters, strict=True)) for row in rows)
    return sum(0.1 + n * size * 1.2 / 72 for n in lines)


def _skip(axis: Any, every: int) -> None:
    """Name one category in so many, so that names stand upright."""
    after = ("noMultiLvlLbl", "extLst")
    before = next((child for child in axis._element if child.tag.rpartition("}")[2] in after), None)
    made = parse_xml(f'<c:tickLblSkip xmlns:c="{_C}" val="{every}"/>')
    if before is None:
        axis._element.append(made)
    else:
        before.addprevious(made)


def _bare(table: Any) -> None:
    """Take the template's own bands off: colours are set per cell."""
    table.horz_banding = False
    table.first_row = True


def _limits(series: Any, side: str, found: Sequence[tuple[float, Interval | None]], colour: str = INK) -> None:
    """Add error bars of a length per point, which python-pptx itself cannot; 0 where a limit is not known.

    ``side`` is that of a scatter chart, x or y; bars have one direction, and a side would spoil the file.
    """
    way = f'<c:errDir val="{side}"/>' if side else ""
    spread = [
        (
            _distance(value, None if limit is None else limit.low),
            _distance(value, None if limit is None else limit.high),
        )
        for value, limit in found
    ]
    made = parse_xml(
        f'<c:errBars xmlns:c="{_C}" xmlns:a="{_A}">{way}<c:errBarType val="both"/>'
        f'<c:errValType val="cust"/><c:noEndCap val="0"/>{_literal("plus", [high for _, high in spread])}'
        f'{_literal("minus", [low for low, _ in spread])}<c:spPr><a:ln w="12700"><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    element = series._element
    before = next(child for child in element if child.tag.rpartition("}")[2] in ("cat", "val", "xVal", "yVal"))
    before.addprevious(made)


def _literal(name: str, values: Sequence[float]) -> str:
    points = "".join(f'<c:pt idx="{i}"><c:v>{value!r}</c:v></c:pt>' for i, value in enumerate(values))
    count = f'<c:ptCount val="{len(values)}"/>'
    return f"<c:{name}><c:numLit><c:formatCode>General</c:formatCode>{count}{points}</c:numLit></c:{name}>"


def _distance(value: float, limit: float | None) -> float:
    return abs(limit - value) if limit is not None and math.isfinite(limit) else 0.0
