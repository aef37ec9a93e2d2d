from __future__ import annotations

from datetime import date, timedelta

import pytest

from bevlogen.sources.periods import bounds_of, day_order, label_of, read_period


@pytest.mark.parametrize("cell", ["2024-03-31", "31-03-2024", "31/03/2024", "31.3.2024", "2024/03/31", "20240331"])
def test_a_full_date_falls_in_its_quarter(cell):
    assert read_period(cell, "quarter", "day first").label == "2024-Q1"


@pytest.mark.parametrize("cell", ["2024-Q1", "2024Q1", "2024 K1", "Q1 2024", "k1-2024", "2024q1"])
def test_a_quarter_may_be_written_in_many_ways(cell):
    assert read_period(cell, "quarter").label == "2024-Q1"


@pytest.mark.parametrize(("grain", "label"), [("day", "2024-03-05"), ("month", "2024-03"), ("year", "2024")])
def test_a_date_gets_the_label_of_the_grain(grain, label):
    assert read_period("2024-03-05", grain).label == label


@pytest.mark.parametrize("grain", ["day", "month", "quarter", "year"])
@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 11, 5)])
def test_a_period_holds_the_days_of_one_label_and_no_other(grain, day):
    first, after = bounds_of(day, grain)
    label = label_of(day, grain)
    assert first <= day < after
    assert label_of(first, grain) == label_of(after - timedelta(1), grain) == label
    assert label_of(first - timedelta(1), grain) != label != label_of(after, grain)


def test_the_last_year_there_is_ends_at_the_last_day():
    assert bounds_of(date(9999, 12, 31), "quarter") == (date(9999, 10, 1), date.max)


def test_a_year_that_was_written_as_a_decimal_is_a_year():
    assert read_period("2015.0", "year").label == "2015"


def test_slashes_without_evidence_are_ambiguous():
    assert read_period("03/04/2024", "month").wrong == "a date of which day and month can be exchanged"


def test_dashes_are_day_first():
    assert read_period("03-04-2024", "month").label == "2024-04"


def test_a_column_tells_its_own_order():
    assert day_order(["03/04/2024", "31/03/2024"]) == "day first"
    assert day_order(["03/04/2024", "03/31/2024"]) == "month first"
    assert day_order(["03/04/2024"]) is None


@pytest.mark.parametrize("cell", ["2023-02-29", "31-04-2024", "2024-13", "04-30-2024"])
def test_an_impossible_date_is_refused(cell):
    assert read_period(cell, "month").wrong == "a date that does not exist"


def test_a_label_of_another_grain_is_refused():
    reading = read_period("2024-03", "quarter")
    assert reading.wrong == "a month where the workspace counts in quarters"


def test_other_text_is_no_date():
    assert read_period("spring", "year").wrong == "no date or period that can be read"
