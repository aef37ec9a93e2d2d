"""The axis of a chart holds every figure in round steps, and is written with a minus and no needless decimals."""

import math

import pytest

from bevlogen.show.axis import axis

CLOSE = 1e-12  # a step of a tenth is no exact number


@pytest.mark.parametrize(
    ("values", "most", "low", "high", "step"),
    [
        ((0.0, -0.44, 0.81), 8, -0.6, 1.0, 0.2),
        ((0.0, 2.28), 8, 0.0, 2.5, 0.5),
        ((0.836, 0.89), 4, 0.82, 0.9, 0.02),
        ((0.0, 0.3), 3, 0.0, 0.3, 0.1),
        ((1000.0, 7000.0, math.nan), 4, 0.0, 8000.0, 2000.0),
    ],
)
def test_an_axis_holds_its_values_in_round_steps(values, most, low, high, step):
    found = axis(values, most=most)
    assert (found.low, found.high, found.step) == pytest.approx((low, high, step), abs=CLOSE)


@pytest.mark.parametrize(
    ("values", "share", "signed", "written"),
    [
        ((0.0, 0.8), False, True, '+0.0;"−"0.0;0.0'),
        ((0.836, 0.89), True, False, '0%;"−"0%'),
        ((0.011, 0.018), True, False, '0.0%;"−"0.0%'),
        ((0.0, 40.0), False, False, '0;"−"0'),
    ],
)
def test_steps_are_written_with_the_decimals_they_have(values, share, signed, written):
    assert axis(values, most=8).written(share=share, signed=signed) == written


@pytest.mark.parametrize("values", [(), (1.0,), (2.0, 2.0), (math.nan, math.inf)])
def test_without_two_figures_there_is_nothing_to_lay_an_axis_by(values):
    assert axis(values, most=8) is None
