from dataclasses import replace

import numpy as np
import pytest
from benchmarks.whatif import Setting, organisation

from bevlogen.core.tables import Policy
from bevlogen.disclose import guard_what_if
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
