from dataclasses import replace

import numpy as np
import pytest
from benchmarks.whatif import Setting, organisation

from bevlogen.core.chain import Text
from bevlogen.core.foreseen import Backtest, Outlook
from bevlogen.core.tables import Policy
from bevlogen.disclose import guard_what_if
from bevlogen.disclose.whatif import guard_outlooks
from bevlogen.errors import BevlogenError
from bevlogen.steer.whatif import what_if


@pytest.fixture(scope="module")
def asked():
    measurement, workspace = organisation(Setting(), np.random.default_rng(1))
    return what_if(measurement, workspace, "autonomy", 0.5), measurement.panel


def test_bands_are_shown_to_a_hundredth(asked):
    shown = guard_what_if(*asked, Policy())
    assert all(v == round(v, 2) for fan in shown.fans for band in fan.bands for v in band)


def test_own_dynamics_of_few_people_are_not_shown(asked):
    answer, panel = asked
    with pytest.raises(BevlogenError, match="published effects alone"):
        guard_what_if(answer, replace(panel, n=panel.n / 3000), Policy())


def test_published_effects_may_always_be_shown(asked):
    answer, panel = asked
    assert guard_what_if(replace(answer, own=(), n_units=0), replace(panel, n=panel.n / 3000), Policy()).own == ()


def outlook(n_units=12):
    tested = Backtest(0.0123456, np.nan, 0.02, np.nan, 0.8123, 40, False)
    bands = ((0.812345,), (0.85,), (0.9,), (0.92,), (0.95,))
    return Outlook("return", ("2026",), bands, 0.0, 0.12345, tested, n_units, Text("", ""), 0.912345)


def test_an_outlook_is_rounded_as_figures_of_record_are():
    (shown,) = guard_outlooks((outlook(),))
    assert (shown.bands[0][0], shown.chance, shown.now, shown.tested.model) == (0.812, 0.12, 0.912, 0.0123)


def test_an_outlook_over_four_units_is_not_shown():
    assert guard_outlooks((outlook(4), outlook(5))) == guard_outlooks((outlook(5),))
