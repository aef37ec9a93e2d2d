"""The sheets of a release as an Excel workbook with native tables and charts; a text in it is never a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bevlogen.core.chain import Language
from bevlogen.core.shown import Release
from bevlogen.errors import BevlogenError
from bevlogen.show.axis import Axis, axis
from bevlogen.show.palette import ACCENT, FORMULA, INK, LINE, QUIET, TONES, decimals_format
from bevlogen.show.sheets import Chart, Column, Sheet, Value, distinct, sheets

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_LINE_WIDTH = 110  # characters of a paragraph on one line
_PAGE_WIDTH = 240  # characters; more is printed on two pages beside each other
_STANDARD_WIDTH = 8  # of a column without a width of its own
_TEXT_WRAPS_FROM = 40
_MOST_NAMED = 40  # points that carry a name and limits
_MADE = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same release gives the same file


def write_workbook(release: Release, path: Path, language: Language) -> Path:
    """Write the release as an Excel workbook; return its path.

    Raises
    ------
    BevlogenError
        If XlsxWriter is not installed.
    """
    path.write_bytes(workbook_of(release, language))
    return path


def workbook_of(release: Release, language: Language) -> bytes:
    """Return the workbook of a release."""
    try:
        from xlsxwriter import Workbook
    except ImportError as missing:
        raise BevlogenError(
            "An Excel workbook needs XlsxWriter, which is not installed. Run: pip install bevlogen[web]"
        ) from missing
    into = BytesIO()
    # in_memory: nothing of an organisation lands in a temporary file.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = Workbook(into, options)
    book.set_properties(
        {"title": release.title, "comments": f"Bevlogen {release.provenance.version}", "created": _MADE}
    )
    styles = _Styles(book)
    made = sheets(release, language)
    for number, sheet in enumerate(made, start=1):
        _sheet(book, styles, sheet, number, made[1:] if number == 1 else ())
    book.close()
    return into.getvalue()


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def of(self, **properties: Any) -> Format:
        """Give the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Calibri", "font_color": f"#{INK}", **properties})
        return self._made[key]

    def text(self, value: str, **properties: Any) -> Format:
        """Give the format of a text; one that looks like a formula stays text also when somebody edits the cell."""
        return self.of(**properties, quote_prefix=True) if value.startswith(FORMULA) else self.of(**properties)


def _sheet(book: Workbook, styles: _Styles, sheet: Sheet, number: int, others: Sequence[Sheet]) -> None:
    page = book.add_worksheet(sheet.name)
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)
    page.set_footer("&L&A&R&P / &N")
    columns = distinct(sheet.columns)
    for at, column in enumerate(columns):
        page.set_column(at, at, column.width)
    if not columns:
        page.set_column(0, 0, _LINE_WIDTH)
    printed = columns[: len(columns) - sheet.n_drawn]
    wide = sum(column.width for column in printed) > _PAGE_WIDTH
    page.fit_to_pages(2 if wide else 1, 0)
    if wide:
        page.repeat_columns(0)
    page.write_string(0, 0, sheet.title, styles.text(sheet.title, font_size=18, bold=True, font_color=f"#{ACCENT}"))
    page.set_row(0, 28)
    row = 2
    for line in sheet.intro:
        row = _paragraph(page, styles, row, line, columns, font_size=12 if number == 1 else 11)
    head = row + 1
    if columns:
        row = _table(page, styles, sheet, columns, head, number)
        page.freeze_panes(head + 1, 1)
        page.repeat_rows(head)
    row += 1
    for other in others:
        link = styles.of(font_color=f"#{ACCENT}", underline=1)
        page.write_url(row, 0, f"internal:'{other.name}'!A1", link, string=f"{other.name}: {other.title}")
        row += 1
    for line in sheet.remarks:
        row = _paragraph(page, styles, row, line, columns, font_color=f"#{QUIET}")
    row = _charts(book, page, sheet, head, row + 1)
    if sheet.n_drawn and printed:
        page.print_area(0, 0, row, len(printed) - 1)


def _paragraph(
    page: Worksheet, styles: _Styles, row: int, line: str, columns: tuple[Column, ...], **properties: Any
) -> int:
    """Write a paragraph over the first columns, with the height that its length asks for; return the next row."""
    style = styles.text(line, text_wrap=True, valign="top", **properties)
    width, last = (columns[0].width if columns else _LINE_WIDTH), 0
    while width < _LINE_WIDTH:
        last += 1
        width += columns[last].width if last < len(columns) else _STANDARD_WIDTH
    if last:
        page.merge_range(row, 0, row, last, "", style)
    page.write_string(row, 0, line, style)
    lines = -(-len(line) // int(width))
    page.set_row(row, 17 * lines)
    return row + 1


def _table(page: Worksheet, styles: _Styles, sheet: Sheet, columns: tuple[Column, ...], head: int, number: int) -> int:
    """Write the table and return the row below it."""
    wrapped = styles.of(bold=True, text_wrap=True, valign="top", bottom=1, bottom_color=f"#{ACCENT}")
    page.set_row(head, 48)
    numbers = [styles.of(valign="top", num_format=_number_format(column)) for column in columns]
    for r, cells in enumerate(sheet.rows, start=head + 1):
        for c, value in enumerate(cells):
            if isinstance(value, str):
                wraps = columns[c].width >= _TEXT_WRAPS_FROM
                page.write_string(r, c, value, styles.text(value, valign="top", text_wrap=wraps, indent=int(c > 0)))
            elif value is not None:
                page.write_number(r, c, value, numbers[c])
        lines = max(_lines(column, value) for column, value in zip(columns, cells, strict=True))
        if lines > 1:
            page.set_row(r, 15 * lines + 1)
    last = head + max(1, len(sheet.rows))
    page.add_table(
        head,
        0,
        last,
        len(columns) - 1,
        {
            "name": f"{sheet.key}_{number}",
            "style": "Table Style Light 1",
            "columns": [{"header": column.head, "header_format": wrapped} for column in columns],
        },
    )
    return last + 1


def _lines(column: Column, value: Value) -> int:
    """How many lines a cell takes."""
    if not isinstance(value, str) or column.width < _TEXT_WRAPS_FROM:
        return 1
    return -(-len(value) // int(column.width * 0.95))


def _number_format(column: Column) -> str:
    if column.kind == "count":
        return "#,##0"
    if column.kind in ("share", "effect"):
        return decimals_format(column.decimals, share=column.kind == "share", signed=column.kind == "effect")
    return decimals_format(column.decimals, thousands=True) if column.decimals < 4 else "General"


def _charts(book: Workbook, page: Worksheet, sheet: Sheet, head: int, row: int) -> int:
    """Set the charts below the table, so that they never hide a figure; return the row below them."""
    for chart in sheet.charts:
        drawn = _DRAWN[chart.kind](book, sheet, chart, head)
        height = {"bars": max(260, 60 + 24 * chart.rows), "points": 520, "courses": 300}[chart.kind]
        drawn.set_size({"width": 640 if chart.kind == "courses" else 900, "height": height})
        drawn.set_title({"name": chart.title, "name_font": {"size": 12, "color": f"#{INK}"}})
        page.insert_chart(row, 0, drawn, {"description": chart.alt})
        row += height // 20 + 2
    return row


def _range(sheet: Sheet, head: int, column: int, rows: int) -> list[Any]:
    return [sheet.name, head + 1, column, head + rows, column]


def _limits(sheet: Sheet, chart: Chart, head: int, colour: str, below: int, above: int) -> dict[str, Any]:
    """Error bars that point at cells, as some programs draw no others; the file holds their figures besides."""
    from xlsxwriter.utility import xl_range_formula

    def cells(column: int) -> str:
        return f"={xl_range_formula(sheet.name, head + 1, column, head + chart.rows, column)}"

    def held(column: int) -> list[Value]:
        return [row[column] for row in sheet.rows[: chart.rows]]

    return {
        "type": "custom",
        "plus_values": cells(above),
        "plus_data": held(above),
        "minus_values": cells(below),
        "minus_data": held(below),
        "line": {"color": f"#{colour}", "width": 1},
    }


def _ends(sheet: Sheet, chart: Chart, value: int, *reach: int) -> list[float]:
    """Each figure of a column, and its limits where columns say how far they reach below and above."""
    found = []
    for row in sheet.rows[: chart.rows]:
        middle = row[value]
        if isinstance(middle, float):
            below, above = (float(row[column] or 0) for column in reach) if reach else (0.0, 0.0)
            found += [middle - below, middle + above]
    return found


def _laid(laid: Axis, number_format: str) -> dict[str, Any]:
    return {"min": laid.low, "max": laid.high, "major_unit": laid.step, "num_format": number_format}


def _bars(book: Workbook, sheet: Sheet, chart: Chart, head: int) -> Any:
    drawn = book.add_chart({"type": "bar"})
    value = chart.series[0]
    series: dict[str, Any] = {
        "name": [sheet.name, head, value],
        "categories": _range(sheet, head, chart.names, chart.rows),
        "values": _range(sheet, head, value, chart.rows),
        "fill": {"color": f"#{ACCENT}"},
        "gap": 60,
    }
    if chart.tones:
        series["points"] = [{"fill": {"color": f"#{TONES[tone]}"}} for tone in chart.tones]
    if chart.reach:
        series["x_error_bars"] = _limits(sheet, chart, head, INK, *chart.reach)
    else:
        series["data_labels"] = {"value": True}
    drawn.add_series(series)
    drawn.set_y_axis(
        {"reverse": True, "label_position": "low", "line": {"color": f"#{QUIET}"}, "num_font": {"size": 9}}
    )
    grid = {"visible": True, "line": {"color": f"#{LINE}"}}
    laid = axis([0.0, *_ends(sheet, chart, value, *chart.reach)], most=8) if chart.reach else None
    drawn.set_x_axis(
        {"name": chart.axis, "label_position": "high", "major_gridlines": grid, "num_format": "0"}
        | ({} if laid is None else _laid(laid, laid.written(signed=True)))
    )
    drawn.set_legend({"none": True})
    return drawn


def _points(book: Workbook, sheet: Sheet, chart: Chart, head: int) -> Any:
    drawn = book.add_chart({"type": "scatter"})
    value = chart.series[0]
    across = chart.across[0]
    few = chart.rows <= _MOST_NAMED
    series: dict[str, Any] = {
        "name": chart.title,
        "categories": _range(sheet, head, across, chart.rows),
        "values": _range(sheet, head, value, chart.rows),
        "marker": {
            "type": "circle",
            "size": 7 if few else 4,
            "fill": {"color": f"#{ACCENT}"},
            "border": {"color": f"#{ACCENT}"},
        },
    }
    if few:
        series["x_error_bars"] = _limits(sheet, chart, head, LINE, *chart.across[1:])
        series["y_error_bars"] = _limits(sheet, chart, head, LINE, *chart.reach)
        series["data_labels"] = {
            "value": True,
            "position": "right",
            # The space keeps a name that begins with = from being a reference.
            "custom": [{"value": f" {cells[chart.names]}"} for cells in sheet.rows[: chart.rows]],
        }
    drawn.add_series(series)
    for lay, name, columns in (
        (drawn.set_x_axis, chart.axis_across, chart.across),
        (drawn.set_y_axis, chart.axis, (value, *chart.reach)),
    ):
        laid = axis([0.0, *_ends(sheet, chart, *columns)], most=8) if few else None
        lay(
            {
                "name": name,
                "label_position": "low",
                "major_gridlines": {"visible": False},
                "num_format": decimals_format(1),
            }
            | ({} if laid is None else _laid(laid, laid.written()))
        )
    drawn.set_legend({"none": True})
    return drawn


def _courses(book: Workbook, sheet: Sheet, chart: Chart, head: int) -> Any:
    drawn = book.add_chart({"type": "line"})
    for number, (column, name) in enumerate(zip(chart.series, chart.legend, strict=True)):
        known = number == 0
        drawn.add_series(
            {
                "name": name,
                "categories": _range(sheet, head, chart.names, chart.rows),
                "values": _range(sheet, head, column, chart.rows),
                "line": {
                    "color": f"#{ACCENT if known else QUIET}",
                    "width": 2.25 if known else 1.75 if number == 2 else 1,
                }
                | ({} if known else {"dash_type": "dash"}),
                "marker": {"type": "circle" if known else "none", "size": 5, "fill": {"color": f"#{ACCENT}"}},
            }
        )
    shown = sheet.columns[chart.series[0]]
    laid = axis([end for column in chart.series for end in _ends(sheet, chart, column)], most=6)
    drawn.set_y_axis(
        {"major_gridlines": {"visible": True, "line": {"color": f"#{LINE}"}}, "num_format": _number_format(shown)}
        | ({} if laid is None else _laid(laid, laid.written(share=shown.kind == "share")))
    )
    drawn.set_x_axis({"label_position": "low"})
    drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    drawn.show_na_as_empty_cell()
    return drawn


_DRAWN = {"bars": _bars, "points": _points, "courses": _courses}
