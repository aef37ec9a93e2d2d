"""Files as people save them."""

import io
from datetime import date

import pytest
import xlsxwriter

from bevlogen_web.organisation import reading, unit_import
from bevlogen_web.organisation.reading import UnreadableError, read


def rows(content: bytes, name: str = "units.csv"):
    return [dict(row.cells) for row in read(content, name, unit_import.COLUMNS).rows]


DUTCH = "Onderdeel;Naam;Cocreatie\n110;Café Één;0,8\n"
READ = [{"unit": "110", "name": "Café Één", "co_creation": "0,8"}]


def test_dutch_spreadsheet_is_read():
    assert rows(DUTCH.encode("utf-8-sig")) == READ


def test_windows_signs_are_read():
    assert rows(DUTCH.encode("cp1252")) == READ


def test_wide_signs_are_read():
    assert rows(DUTCH.encode("utf-16")) == READ


def test_commas_and_tabs_separate_too():
    assert rows(b"unit,name\n1,A\n") == rows(b"unit\tname\n1\tA\n") == [{"unit": "1", "name": "A"}]


def test_empty_rows_are_passed_over_and_rows_keep_their_number():
    found = read(b"unit;name\n\n;\n1;A\n", "units.csv", unit_import.COLUMNS)
    assert [row.number for row in found.rows] == [4]


def test_unknown_columns_are_named():
    assert read(b"unit;colour\n1;red\n", "units.csv", unit_import.COLUMNS).unknown == ("colour",)


def test_excel_is_read_with_numbers_and_days_as_text():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Code", "Aantal", "Vanaf"])
        sheet.write_row(1, 0, [110, 12.0])
        sheet.write_datetime(1, 2, date(2024, 3, 31), book.add_format({"num_format": "dd-mm-yyyy"}))
    assert rows(stream.getvalue(), "units.xlsx") == [{"unit": "110", "headcount": "12", "start": "2024-03-31"}]


@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (b"", "units.csv", "empty"),
        (b"unit;name\n", "units.csv", "no rows"),
        (b"unit;code\n1;2\n", "units.csv", "twice"),
        (b"\x00\x01\x02", "units.csv", "cannot be read"),
        (b"unit;name\n", "units.xlsx", "no Excel file"),
        (b"PK\x03\x04broken", "units.xlsx", "no Excel file"),
    ],
)
def test_what_is_no_table_is_refused(content, name, text):
    with pytest.raises(UnreadableError, match=text):
        read(content, name, unit_import.COLUMNS)


@pytest.mark.parametrize("text", ["2024-03-31", "31-03-2024", "31/3/2024", "31.3.2024", "20240331", "2024-03-31T00:00"])
def test_days_are_read_in_every_way_people_write_them(text):
    assert reading.as_date(text) == date(2024, 3, 31)


@pytest.mark.parametrize("text", ["soon", "31-02-2024", "03-31-2024"])
def test_what_is_no_day_is_none(text):
    assert reading.as_date(text) is None


@pytest.mark.parametrize("text", ["much", "nan", "inf", ""])
def test_what_is_no_number_is_none(text):
    assert reading.as_number(text) is None
