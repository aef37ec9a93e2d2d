"""Numbers and periods are written as people write them."""

import pytest

from bevlogen.core.numerals import decimals_of, number, percent, period, span, year_before


@pytest.mark.parametrize(
    ("value", "language", "decimals", "expected"),
    [
        (1234.5, "en", 1, "1,234.5"),
        (1234.5, "nl", 1, "1.234,5"),
        (-0.3, "nl", 2, "−0,30"),
        (float("nan"), "en", 2, "–"),
        (float("inf"), "en", 2, "–"),
    ],
)
def test_number(value, language, decimals, expected):
    assert number(value, language, decimals) == expected


def test_rounded_zero_has_no_sign():
    assert number(-0.004, "en", signed=True) == "0.00"


def test_percent_turns_a_share():
    assert percent(0.0612, "nl", 1) == "6,1%"


def test_span_with_an_unknown_end_is_a_dash():
    assert span(0.1, float("nan"), "en") == "–"


def test_span_names_both_ends():
    assert span(-0.1, 0.2, "nl") == "−0,10 tot +0,20"


def test_decimals_are_as_many_as_the_values_need():
    assert decimals_of([3.0, 3.25, float("nan")]) == 2


@pytest.mark.parametrize(
    ("label", "language", "expected"),
    [
        ("2024", "nl", "2024"),
        ("2024-Q3", "en", "Q3 2024"),
        ("2024-Q3", "nl", "K3 2024"),
        ("2024-03", "nl", "maart 2024"),
        ("2024-03-31", "en", "31 March 2024"),
        ("2024-13", "en", "2024-13"),
        ("spring", "en", "spring"),
    ],
)
def test_period(label, language, expected):
    assert period(label, language) == expected


@pytest.mark.parametrize(("label", "expected"), [("2024-Q1", "2023-Q1"), ("2024", "2023"), ("spring", "")])
def test_year_before(label, expected):
    assert year_before(label) == expected
