"""What a move brings, with fans that hold the truth as often as they say."""

import time
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.whatif import NODES, PERIODS, Setting, held, organisation, truth

from bevlogen.core.chain import Text
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.results import Interval
from bevlogen.core.tables import Measure
from bevlogen.errors import BevlogenError, ChoiceError, NotEstimableError
from bevlogen.steer.response import respond
from bevlogen.steer.whatif import what_if

ANSWER_SECONDS = 0.3


@pytest.fixture(scope="module")
def known():
    return organisation(Setting(), np.random.default_rng(3))


def with_scale(measurement, construct, low, high):
    scale = ScaleQuality(construct, 3, 1, 1, 1, 3, 1, low, high, *[Interval(0.8)] * 4, 0.8)
    return replace(measurement, scales=(scale,))


@pytest.mark.slow
@pytest.mark.parametrize("basis", ["own", "combined"])
def test_the_fan_of_80_holds_the_truth_in_76_to_84_of_100_runs(basis):
    assert 0.76 <= held(120, basis, Setting()).mean() <= 0.84


def test_the_chain_is_carried_down_to_right_to_exist(known):
    answer = what_if(*known, "autonomy", 0.5)
    assert [fan.construct for fan in answer.fans] == list(NODES[1:])
    assert all(len(band) == PERIODS for fan in answer.fans for band in fan.bands)
    assert answer.periods[0] == "2025-Q3"


def test_quantiles_are_in_order_and_twice_the_move_brings_twice_as_much(known):
    one, two = (what_if(*known, "autonomy", by).fans[0].bands for by in (0.2, 0.4))
    assert (np.diff(np.array(one), axis=0) >= 0).all()
    assert np.array(two) == pytest.approx(2 * np.array(one))


def test_lowering_is_the_mirror_of_raising(known):
    up, down = (np.array(what_if(*known, "autonomy", by).fans[0].bands) for by in (0.2, -0.2))
    assert down == pytest.approx(-up[::-1], abs=1e-9)


def test_published_effects_alone_say_about_the_same_as_doing_nothing(known):
    fan = what_if(*known, "autonomy", 0.3, basis="published").fans[-1]
    assert fan.same
    assert fan.text.en == "customers who stay: about the same as doing nothing."
    assert fan.text.nl == "behoud van klanten: ongeveer hetzelfde als niets doen."


def test_published_effects_are_far_smaller_than_what_these_data_say(known):
    own, published = (what_if(*known, "autonomy", 0.5, basis=b).fans[0].bands[2][-1] for b in ("own", "published"))
    assert 0 < published < own / 2


def test_with_few_periods_published_effects_stand_in_and_that_is_told():
    answer = what_if(*organisation(Setting(units=40, periods=4), np.random.default_rng(4)), "autonomy", 0.3)
    assert answer.own == ()
    assert "published effects stand in" in answer.notes[0].en


def test_near_the_end_of_the_scale_less_can_be_won(known):
    measurement, workspace = known
    wide, narrow = (
        what_if(with_scale(measurement, "engagement", 1, high), workspace, "autonomy", 0.5).fans[0].bands[4][-1]
        for high in (50, 3.6)
    )
    assert narrow < wide


def test_customers_work_back_on_engagement(known):
    measurement, workspace = known
    model = respond(measurement, workspace.organisation, "employership.autonomy")
    back = replace(model, lagged=np.where(np.arange(5) == 3, 0.0, 1.0) * model.lagged)
    with_, without = (what_if(*known, "autonomy", 0.5, response=m).fans[0].bands[2][-1] for m in (model, back))
    assert with_ > without


def test_more_customers_than_can_be_served_wear_quality_down(known):
    measurement, workspace = known
    panel = measurement.panel

    def quality(used):
        use = used + 0.02 * np.random.default_rng(5).normal(size=panel.value.shape[:2])
        more = replace(
            panel,
            variables=(*NODES, "use"),
            value=np.dstack([panel.value, use]),
            n=np.dstack([panel.n, use * np.nan]),
            error=np.dstack([panel.error, 0 * use]),
        )
        share = Measure("use", Text("use", "gebruik"), True, is_share=True)
        org = replace(workspace.organisation, measures={"use": share})
        m, w = replace(measurement, panel=more), replace(workspace, organisation=org)
        model = respond(m, org, "employership.autonomy", basis="published")
        pushed = model.lagged.copy()
        pushed[:, 4 + 1, 3] = 2.0
        i = model.nodes.index("use")
        pushed[:, i, model.nodes.index("loyalty")] = 3.0
        return what_if(m, w, "autonomy", 3.0, response=replace(model, lagged=pushed), periods=20).fans[1].bands[0][-1]

    assert quality(0.95) < quality(0.3)


def test_an_answer_takes_less_than_300_ms_of_cpu(known):
    measurement, workspace = known
    start = time.process_time()
    what_if(measurement, workspace, "autonomy", 0.5)
    assert time.process_time() - start < ANSWER_SECONDS


def test_chosen_units_are_named(known):
    assert what_if(*known, "autonomy", 0.3, units=["u003", "u001"]).units == ("u003", "u001")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lever": "pay"}, 'No lever "pay" is measured here. Found: employership.autonomy'),
        ({"by": 0}, "Found a move of 0"),
        ({"by": float("nan")}, "Found a move of nan"),
        ({"units": ["x"]}, "No figures of these units: x"),
        ({"periods": 0}, "Look 1 to 40 periods ahead"),
    ],
)
def test_wrong_questions_are_refused(known, change, message):
    asked = {"lever": "autonomy", "by": 0.3} | change
    with pytest.raises(BevlogenError, match=message):
        what_if(*known, **asked)


def test_a_move_beyond_the_scale_is_refused(known):
    measurement, workspace = known
    with pytest.raises(BevlogenError, match="passes the end of its scale, 1 to 5"):
        what_if(with_scale(measurement, "employership.autonomy", 1, 5), workspace, "autonomy", 4)


def test_an_unknown_basis_is_refused(known):
    with pytest.raises(ChoiceError, match="own, published, combined"):
        what_if(*known, "autonomy", 0.3, basis="guess")


def test_a_lever_in_which_units_do_not_differ_is_refused(make):
    flat = {
        "employership.autonomy": np.full((20, 8), 3.0),
        "engagement": np.random.default_rng(6).normal(3, 1, (20, 8)),
    }
    with pytest.raises(NotEstimableError, match="do not differ"):
        what_if(make.measurement(flat), make.workspace(make.organisation()), "autonomy", 0.3)


def test_the_truth_of_the_study_grows_to_a_steady_state():
    path = truth(0.5)
    assert (np.diff(path[:, 1:], axis=0) > 0).all()
    assert path[-1, 1] > 0.5 * (0.20 + 0.10)
