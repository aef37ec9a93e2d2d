"""Dates in an engine fall in the same periods as dates in a file, at every grain, whatever type they are kept in."""

from datetime import date, datetime, timedelta

import ibis
import pyarrow as pa
import pytest

from bevlogen.sources.engines_rows import _period
from bevlogen.sources.periods import label_of

DAYS = [date(2022, 12, 31), *(date(2023, 1, 1) + timedelta(n) for n in range(0, 500, 7)), date(2025, 3, 1)]


def labelled(values, days, grain):
    """Return the labels that the expression gives to values when only ``days`` were seen before."""
    column = ibis.memtable(pa.table({"when_": values}))["when_"]
    if column.type().is_timestamp():
        column = column.date()
    labels = {day.isoformat(): label_of(day, grain) for day in days}
    return column.as_table().select(period=_period(column, labels, grain)).to_pyarrow()["period"].to_pylist()


@pytest.mark.parametrize("grain", ["day", "month", "quarter", "year"])
@pytest.mark.parametrize("of_day", [False, True])
def test_every_date_gets_its_label(grain, of_day):
    values = [datetime(d.year, d.month, d.day, 23, 59) for d in DAYS] if of_day else DAYS
    assert labelled(values, DAYS, grain) == [label_of(day, grain) for day in DAYS]


def test_a_period_that_was_not_there_when_it_was_checked_gets_no_label():
    seen = [date(2023, 2, 1), date(2023, 8, 1)]
    came = [date(2022, 12, 31), date(2023, 3, 31), date(2023, 4, 1), date(2023, 7, 1), date(2023, 10, 1), None]
    assert labelled(came, seen, "quarter") == [None, "2023-Q1", None, "2023-Q3", None, None]


def test_a_date_that_stands_for_never_keeps_its_period():
    assert labelled([date(9999, 12, 31)], [date(9999, 12, 31)], "year") == ["9999"]
