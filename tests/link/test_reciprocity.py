"""Panels with a known direction, made without noise in the averages unless a test says so."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.chain import CLAIMS, Link
from bevlogen.core.measured import Panel
from bevlogen.core.tables import Organisation, Policy
from bevlogen.link.reciprocity import PAIRS, Path, mutual, reciprocity
from bevlogen.steer.findings import judge_finding

RUNS = 40
ORGANISATION = Organisation("Test", "en", "quarter", False, "", Policy(), (), {}, (), 0.10, {})


def simulated(forth=0.3, back=0.3, J=150, T=6, seed=1, noise=0.0, names=("engagement", "loyalty")):
    """Units with a lasting level, ups and downs that carry over by .3, and a service that lifts half of them."""
    rng = np.random.default_rng(seed)
    stable = rng.normal(size=(J, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
    services = np.arange(J) % 2
    p, q, X, Y = rng.normal(size=J), rng.normal(size=J), [], []
    for t in range(-20, T):
        X.append(stable[:, 0] + p + 0.5 * t + services)
        Y.append(stable[:, 1] + q - 0.2 * t + 2 * services)
        p, q = 0.3 * p + back * q + rng.normal(size=J), 0.3 * q + forth * p + rng.normal(size=J)
    value = np.stack([np.array(X[20:]).T, np.array(Y[20:]).T], axis=2)
    value += rng.normal(size=value.shape) * math.sqrt(noise)
    units, periods = tuple(f"u{i}" for i in range(J)), tuple(f"2024-{t + 1:02d}" for t in range(T))
    kinds = tuple("ab"[s] for s in services)
    return Panel(units, kinds, periods, names, value, np.full(value.shape, 20.0), np.full(value.shape, noise))


def variables(panel, *names):
    return replace(panel, variables=names)


@pytest.fixture(scope="module")
def both_ways():
    return reciprocity(simulated(), ORGANISATION)


@pytest.fixture(scope="module")
def one_way():
    return reciprocity(simulated(back=0.0, J=1500), ORGANISATION)


def test_both_directions_support_the_claim(both_ways):
    assert judge_finding(both_ways).verdict == "supported"


def test_both_directions_are_said(both_ways):
    assert both_ways.reason.en.startswith("Both directions are seen")


def test_the_weaker_direction_decides(both_ways):
    directions = [f.value.estimate for f in both_ways.figures[:2]]
    assert both_ways.estimate in directions


def test_all_paths_stand_beside_it(both_ways):
    names = [f.name.en for f in both_ways.figures]
    assert (len(names), sum("carried over" in n for n in names), sum("panel model" in n for n in names)) == (7, 2, 2)


def test_one_direction_that_is_surely_absent_contradicts(one_way):
    assert judge_finding(one_way).verdict == "contradicted"


def test_one_direction_says_which_comes_first(one_way):
    assert "So engagement comes first" in one_way.reason.en


def test_neither_direction_in_few_units_is_undetermined():
    found = reciprocity(simulated(0.0, 0.0, J=30, T=6), ORGANISATION)
    assert found.low < 0 < found.high
    assert judge_finding(found).verdict == "undetermined"


def test_too_few_changes_have_no_answer():
    """Limits of 20 units over 5 waves held .87 to .90 of true effects."""
    found = reciprocity(simulated(J=20, T=5), ORGANISATION)
    assert math.isnan(found.estimate)
    assert found.reason.en.startswith("There are too few figures over time")


def test_service_levels_and_periods_make_no_difference():
    plain = simulated(J=60)
    lifted = plain.value + np.arange(6)[None, :, None] + np.where(np.array(plain.services) == "a", 5, 0)[:, None, None]
    found = [mutual(p, ORGANISATION, "engagement", "loyalty") for p in (plain, replace(plain, value=lifted))]
    # Both runs of the optimiser stop within its own tolerance.
    assert found[1].forth.estimate == pytest.approx(found[0].forth.estimate, abs=1e-5)


def test_the_other_pair_is_tested_where_it_is_measured():
    found = reciprocity(variables(simulated(), "conduct", "customer_conduct"), ORGANISATION)
    assert "attitude of the customer" in found.figures[0].name.en


def test_two_waves_are_too_few():
    found = reciprocity(simulated(T=2), ORGANISATION)
    assert math.isnan(found.estimate)
    assert "at least 3 waves" in found.reason.en


def test_four_units_are_too_few():
    assert "Te weinig onderdelen" in reciprocity(simulated(J=4), ORGANISATION).reason.nl


def test_one_side_alone_says_what_is_needed():
    assert reciprocity(variables(simulated(J=10), "engagement", "control"), ORGANISATION).reason.en.startswith("Needs")


def test_unknown_sampling_error_rules_out_that_nothing_matters():
    panel = simulated(0.0, 0.0, J=300)
    found = reciprocity(replace(panel, error=np.full(panel.value.shape, np.nan)), ORGANISATION)
    assert (found.margin, "not taken out" in found.notes[0].en) == (0.0, True)


def test_only_the_last_eight_waves_count():
    assert reciprocity(simulated(J=30, T=10), ORGANISATION).n_waves == 8


def test_a_value_that_is_missing_is_left_out():
    panel = simulated(J=60)
    gaps = panel.value.copy()
    gaps[::7, 2, 0] = np.nan
    assert math.isfinite(reciprocity(replace(panel, value=gaps), ORGANISATION).estimate)


def test_limits_turn_with_the_expected_direction():
    path = Path("a", "b", -1, -0.2, 0.1, math.inf)
    assert path.limits().estimate == 0.2
    assert path.statistic == 2


def test_the_upper_limit_knows_that_the_weakest_was_picked():
    path = Path("a", "b", 1, -0.2, 0.1, math.inf)
    one, picked = path.limits(), path.limits(of=4)
    assert (picked.low, picked.estimate) == (one.low, one.estimate)
    assert picked.high == pytest.approx(-0.2 + 0.1 * 2.4977, abs=1e-4)  # normal quantile at 1 - .025 / 4


def test_the_input_stays_unchanged():
    panel = simulated(J=30)
    before = panel.value.copy()
    reciprocity(panel, ORGANISATION)
    np.testing.assert_array_equal(panel.value, before)


def test_links_of_the_claim_are_those_that_are_tested():
    tested = {Link(a, b) for a, b in PAIRS} | {Link(b, a) for a, b in PAIRS}
    assert set(CLAIMS["reciprocity"].links) == tested


@pytest.mark.slow
def test_sampling_error_is_taken_out_of_the_directions():
    # True effects of .3 per SD of ups and downs that are equal on both sides; without correction they come out near .2.
    found = [mutual(simulated(seed=s, noise=0.8, J=300), ORGANISATION, "engagement", "loyalty") for s in range(RUNS)]
    effects = np.array([(m.forth.estimate, m.back.estimate) for m in found])
    error = effects.std(axis=0, ddof=1) / math.sqrt(RUNS)
    assert (np.abs(effects.mean(axis=0) - 0.3) < 3 * error).all()


@pytest.mark.slow
def test_no_effect_is_called_mutual_in_at_most_five_percent():
    found = [judge_finding(reciprocity(simulated(0.0, 0.0, J=60, seed=s), ORGANISATION)).verdict for s in range(60)]
    assert sum(v == "supported" for v in found) <= 0.05 * 60
