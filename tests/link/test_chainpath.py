"""Panels in which each stage moves the next one a period later, by a known step."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.chain import Text
from bevlogen.core.measured import Panel
from bevlogen.core.tables import Measure, Organisation, Policy
from bevlogen.link.chainpath import STAGES, whole_chain
from bevlogen.steer.findings import judge_finding

RUNS = 60
ORGANISATION = Organisation("Test", "en", "quarter", False, "", Policy(), (), {}, (), 0.10, {})
NAMES = (*STAGES, "retention")


def simulated(steps=(0.4, 0.4, 0.4, 0.4), J=120, T=6, seed=1, noise=0.3, names=NAMES):
    """Units whose stages carry over by .4; chance in the averages of all but the last, a figure of record."""
    rng = np.random.default_rng(seed)
    now, waves = np.zeros((J, 5)), []
    for _ in range(20 + T):
        later = 0.4 * now + rng.normal(size=(J, 5))
        later[:, 1:] += np.array(steps) * now[:, :-1]
        now = later
        waves.append(now)
    value = np.stack(waves[20:], axis=1)
    error = np.full(value.shape, noise)
    error[:, :, 4] = 0
    value = value + rng.normal(size=value.shape) * np.sqrt(error)
    periods = tuple(f"2024-{t + 1:02d}" for t in range(T))
    return Panel(tuple(map(str, range(J))), ("",) * J, periods, names, value, np.full(value.shape, 20.0), error)


def chain_of(panel, organisation=ORGANISATION):
    return whole_chain(panel, organisation, np.random.default_rng(1))


@pytest.fixture(scope="module")
def found():
    return chain_of(simulated())


def test_a_chain_in_order_of_waves_is_supported(found):
    assert judge_finding(found).verdict == "supported"


def test_the_estimate_is_the_product_of_the_steps(found):
    assert found.estimate == pytest.approx(math.prod(f.value.estimate for f in found.figures[:4]))


def test_the_way_through_engagement_alone_stands_beside_it(found):
    assert found.figures[4].name.en == "what passes through employership → engagement → satisfaction and loyalty, in SD"


def test_each_step_after_the_first_has_a_sensitivity(found):
    hidden = [f.value.estimate for f in found.figures if f.name.en.startswith("hidden cause")]
    assert (len(hidden), all(0 < h < 1 for h in hidden)) == (3, True)


def test_the_margin_is_that_of_a_product(found):
    assert found.margin == pytest.approx(0.1**3)


def test_a_chain_with_a_step_of_nothing_is_not_supported():
    assert judge_finding(chain_of(simulated(steps=(0.4, 0.0, 0.4, 0.4)))).verdict != "supported"


def test_a_chain_backwards_in_time_is_not_supported():
    panel = simulated()
    assert judge_finding(chain_of(replace(panel, value=panel.value[:, ::-1]))).verdict != "supported"


def test_a_step_the_other_way_contradicts():
    assert judge_finding(chain_of(simulated(steps=(0.4, -0.4, 0.4, 0.4)))).verdict == "contradicted"


def test_a_measure_that_counts_the_other_way_turns_its_step():
    leaving = {"retention": Measure("retention", Text("customers lost", "vertrokken klanten"), False)}
    turned = chain_of(simulated(steps=(0.4, 0.4, 0.4, -0.4)), replace(ORGANISATION, measures=leaving))
    assert judge_finding(turned).verdict == "supported"


def test_the_end_is_the_first_right_to_exist_that_is_measured():
    assert chain_of(simulated(names=(*STAGES, "acquisition"))).scale.en.endswith("→ new customers, in SD")


def test_a_stage_without_figures_is_named():
    found = chain_of(simulated(names=("employership", "engagement", "control", "loyalty", "retention")))
    assert (math.isnan(found.estimate), "quality of the interaction" in found.reason.en) == (True, True)


def test_without_an_end_it_is_named():
    reason = chain_of(simulated(names=(*STAGES, "absence"))).reason
    assert "behoud van klanten of rendement of aanwas van klanten" in reason.nl


def test_two_waves_are_too_few():
    assert "at least 3 waves" in chain_of(simulated(T=2)).reason.en


def test_few_units_say_which_step_cannot_be_had():
    assert "cannot be estimated" in chain_of(simulated(J=4)).reason.en


def test_a_same_source_step_is_labelled():
    employees = frozenset({"employees"})
    asked = replace(ORGANISATION, respondents={"employership": employees, "engagement": employees})
    found = chain_of(simulated(J=60), asked)
    assert (found.same_source, "Zelfde bron" in found.notes[0].nl) == (True, True)


def test_many_units_are_left_out_in_groups_and_still_give_limits():
    assert math.isfinite(chain_of(simulated(J=450, T=3)).low)


def test_the_same_stream_gives_the_same_answer():
    assert chain_of(simulated(J=40)) == chain_of(simulated(J=40))


def test_the_input_stays_unchanged():
    panel = simulated(J=40)
    before = panel.value.copy()
    chain_of(panel)
    np.testing.assert_array_equal(panel.value, before)


@pytest.mark.slow
def test_a_broken_chain_is_called_supported_in_at_most_five_percent():
    verdicts = [judge_finding(chain_of(simulated((0.4, 0.4, 0.0, 0.4), J=40, seed=s))).verdict for s in range(RUNS)]
    assert sum(v == "supported" for v in verdicts) <= 0.05 * RUNS


@pytest.mark.slow
def test_a_chain_that_matters_is_called_nothing_in_at_most_five_percent():
    # Four steps of 0.2 come to 0.0016, just over the margin of 0.001.
    verdicts = [judge_finding(chain_of(simulated((0.2,) * 4, J=40, seed=s))).verdict for s in range(RUNS)]
    assert sum(v == "no meaningful effect" for v in verdicts) <= 0.05 * RUNS
