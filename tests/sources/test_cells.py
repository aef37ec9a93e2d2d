from __future__ import annotations

import math

import pytest

from bevlogen.sources.cells import Mark, code, number, when


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), (" 3.5 ", 3.5), ("3,5", 3.5), ("-1e3", -1000), (".5", 0.5), ("\xa04", 4)]
)
def test_numbers_are_read(text, value):
    assert number(text, comma=True)[0] == value


@pytest.mark.parametrize("text", ["", "  ", "NA", "#N/B", "null"])
def test_missing_is_no_fault(text):
    value, mark = number(text, comma=True)
    assert math.isnan(value)
    assert mark is Mark.FINE


@pytest.mark.parametrize("text", ["x", "1.234,5", "1,234.5", "1_000", "inf", "1e999", "3 4", "5%", "0x10"])
def test_anything_else_is_no_number(text):
    assert number(text, comma=True)[1] is Mark.NO_NUMBER


def test_a_comma_is_no_decimal_sign_where_it_separates_cells():
    assert number("3,5", comma=False)[1] is Mark.NO_NUMBER


def test_a_time_of_day_is_dropped():
    assert when("2024-03-31T12:00:00Z") == when("2024-03-31 12:00") == "2024-03-31"


def test_a_code_has_no_blanks_around_it():
    assert (code(" t1\xa0"), code("  ")) == ("t1", None)
