import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bevlogen.models.discovery import adjusted

# R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "BH") and p.adjust(c(0.005, 0.2, 0.011, 0.9), "BH").
CLOSE = 1e-12


def test_adjusted_equals_the_reference():
    assert adjusted([0.005, 0.2, 0.011, 0.9]) == pytest.approx([0.02, 0.8 / 3, 0.022, 0.9], abs=CLOSE)


def test_adjusted_of_an_even_ladder_is_its_top():
    assert adjusted([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05] * 5, abs=CLOSE)


def test_one_test_needs_no_adjustment():
    assert adjusted([0.04]) == (0.04,)


def test_unknown_p_values_do_not_count():
    assert adjusted([0.04, math.nan])[0] == 0.04


def test_unknown_p_values_stay_unknown():
    assert math.isnan(adjusted([0.04, math.nan])[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_is_never_smaller_than_the_p_value(p):
    assert np.all(np.array(adjusted(p)) >= np.array(p) - CLOSE)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_keeps_the_order(p):
    assert np.all(np.diff(np.array(adjusted(p))[np.argsort(p, kind="stable")]) >= -CLOSE)


def test_false_discoveries_stay_under_five_percent():
    rng = np.random.default_rng(1)
    p = rng.uniform(size=(2000, 16))
    any_found = np.mean([min(adjusted(row)) < 0.05 for row in p])
    assert any_found < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 2000)
