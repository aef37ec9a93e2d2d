from dataclasses import replace

import numpy as np
import pytest
from benchmarks.whatif import Setting, organisation

from bevlogen.core.chain import Text
from bevlogen.core.foreseen import Backtest, Outlook
from bevlogen.core.shown import ShownScore
from bevlogen.core.tables import Policy
from bevlogen.disclose import guard_what_if
from bevlogen.disclose.cells import Passed
from bevlogen.disclose.whatif import guard_outlooks, shown_outlooks, shown_warnings
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


@pytest.mark.parametrize("made", [shown_outlooks, shown_warnings])
def test_what_lies_ahead_is_made_of_figures_as_they_are_shown(made):
    measurement, _ = organisation(Setting(), np.random.default_rng(1))
    panel, seen = measurement.panel, []
    unit, period, variable = np.argwhere(np.isfinite(panel.value))[7].tolist()
    key = panel.units[unit], panel.periods[period], panel.variables[variable]
    one = ShownScore(*key, 20.0, 3.5, np.nan, np.nan, np.nan, np.nan, 0.5)

    def make(shown):
        seen.append(shown.panel.value)
        return ()

    made(make, Passed((one,), (), (), (), frozenset()), measurement)
    assert np.argwhere(np.isfinite(seen[0])).tolist() == [[unit, period, variable]]
    assert seen[0][unit, period, variable] == 3.5
