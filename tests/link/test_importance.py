"""What weighs most in an encounter, and is perceived quality largely the interaction?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bevlogen import measure, sources
from bevlogen.link import importance
from bevlogen.models import shapley
from bevlogen.sources import simulate_people
from bevlogen.sources.simulate import simulate
from bevlogen.sources.simulate_chain import PATHS

# Uncorrelated causes of weight .6 and .2: shares .36 and .04 of what is explained, so .9 - .1.
UNEQUAL, UNEQUAL_TRUTH = (0.6, 0.2), 0.8
# Three times the standard error of the estimate at 60 units of 100 encounters, from the width of its own interval.
SE_UNEQUAL, SE_R2 = 0.05, 0.02
SAME = 1e-9  # arithmetic in another order


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def craft(found, organisation, seed=1):
    return importance.craft_and_conduct(found, organisation, np.random.default_rng(seed))


def quality(found, organisation, seed=1):
    return importance.interaction_is_quality(found, organisation, np.random.default_rng(seed))


def test_equal_weights_are_equivalent_whatever_the_reliability_of_each(make, rng):
    scores, unit = make.judged(rng, n_units=60, per_unit=400)
    seen, reliability = make.with_error(rng, scores, (0.8, 0.2, 0.4))
    found = craft(make.encounters(seen, unit, reliability=reliability), make.organisation())
    assert -found.margin < found.low90 < found.high90 < found.margin


def test_unequal_weights_are_found(make, rng):
    scores, unit = make.judged(rng, n_units=60, per_unit=100, weights=UNEQUAL, correlation=0.0)
    found = craft(make.encounters(scores, unit), make.organisation())
    assert found.estimate == pytest.approx(UNEQUAL_TRUTH, abs=3 * SE_UNEQUAL)
    assert found.low > found.margin


def test_shares_are_shown_and_sum_to_one(make, rng):
    scores, unit = make.judged(rng)
    found = craft(make.encounters(scores, unit), make.organisation())
    assert found.figures[0].value.estimate + found.figures[1].value.estimate == pytest.approx(1)


def test_differences_between_units_play_no_part(make, rng):
    scores, unit = make.judged(rng)
    moved = {name: values + 3 * rng.normal(size=20)[unit] for name, values in scores.items()}
    one, other = (craft(make.encounters(s, unit), make.organisation()) for s in (scores, moved))
    assert one.estimate == pytest.approx(other.estimate, abs=SAME)


def test_order_of_rows_and_scale_of_answers_do_not_matter(make, rng):
    scores, unit = make.judged(rng)
    order = rng.permutation(len(unit))
    other = {name: 2 + 7 * values[order] for name, values in scores.items()}
    one = craft(make.encounters(scores, unit), make.organisation())
    assert craft(make.encounters(other, unit[order]), make.organisation()).low == pytest.approx(one.low, abs=SAME)


def test_one_question_scales_are_shown_but_not_judged(make, rng):
    scores, unit = make.judged(rng)
    found = craft(make.encounters(scores, unit, reliability=[np.nan, 0.8, 0.8]), make.organisation())
    assert np.isnan(found.estimate)
    assert len(found.figures) == 3
    assert "two or more questions" in found.reason.en


def test_fewer_than_five_units_are_declined(make, rng):
    scores, unit = make.judged(rng, n_units=4)
    found = craft(make.encounters(scores, unit), make.organisation())
    assert np.isnan(found.estimate)
    assert found.reason.nl.startswith("Te weinig teams")


def test_answers_that_do_not_vary_are_declined(make, rng):
    scores, unit = make.judged(rng)
    found = craft(make.encounters({**scores, "conduct": np.full(len(unit), 4.0)}, unit), make.organisation())
    assert np.isnan(found.estimate)
    assert found.reason.en


@pytest.mark.parametrize("ask", [craft, quality])
def test_no_encounters_say_what_is_needed(make, ask):
    found = ask(None, make.organisation())
    assert np.isnan(found.estimate)
    assert found.reason.en.startswith("Needs ratings per interaction")


def test_a_score_that_was_not_asked_says_what_is_needed(make, rng):
    scores, unit = make.judged(rng)
    found = quality(make.encounters(scores, unit), make.organisation())
    assert "the service as a whole asked apart" in found.reason.en


def test_the_same_people_on_both_sides_are_labelled(make, rng):
    scores, unit = make.judged(rng)
    people = dict.fromkeys(scores, make.customers)
    assert craft(make.encounters(scores, unit), make.organisation(**people)).same_source
    people["interaction_quality"] = make.employees
    assert not craft(make.encounters(scores, unit), make.organisation(**people)).same_source


def test_explained_share_of_true_quality_is_recovered(make, rng):
    scores, unit = make.judged(rng, n_units=60, per_unit=100, weights=(0.8, 0.0), noise=0.6)
    pair = {"interaction_quality": scores["craftsmanship"], "service_quality": scores["interaction_quality"]}
    seen, reliability = make.with_error(rng, pair, (0.5, 0.3))
    found = quality(make.encounters(seen, unit, reliability=reliability), make.organisation())
    assert found.estimate == pytest.approx(0.64, abs=3 * SE_R2)
    assert found.low > found.null


def test_unknown_reliability_leaves_the_upper_limit_open(make, rng):
    scores, unit = make.judged(rng)
    pair = {"interaction_quality": scores["craftsmanship"], "service_quality": scores["interaction_quality"]}
    found = quality(make.encounters(pair, unit, reliability=np.nan), make.organisation())
    assert found.low < found.estimate < found.high == 1.0


def test_a_shared_mood_that_would_undo_it_is_shown(make, rng):
    scores, unit = make.judged(rng, weights=(0.8, 0.0), noise=0.6)
    pair = {"interaction_quality": scores["craftsmanship"], "service_quality": scores["interaction_quality"]}
    found = quality(make.encounters(pair, unit), make.organisation())
    mood = found.figures[0].value.estimate
    r = np.sqrt(found.estimate)
    assert ((r - mood) / (1 - mood)) ** 2 == pytest.approx(0.5)


def test_competitors_are_shown_where_they_were_rated(make, rng):
    scores, unit = make.judged(rng)
    whole = {**scores, "service_quality": scores["interaction_quality"] + rng.normal(size=len(unit))}
    found = quality(make.encounters(whole, unit), make.organisation())
    assert [f.name.en for f in found.figures][-4].startswith("share of quality of the interaction")


def test_encounters_are_not_changed(make, rng):
    scores, unit = make.judged(rng)
    given = make.encounters(scores, unit)
    before = replace(given, scores=given.scores.copy(), unit=given.unit.copy())
    craft(given, make.organisation())
    np.testing.assert_array_equal(given.scores, before.scores)
    np.testing.assert_array_equal(given.unit, before.unit)


@pytest.mark.slow
def test_interval_holds_the_truth_as_often_as_it_says(make):
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        scores, unit = make.judged(rng, per_unit=60)
        seen, reliability = make.with_error(rng, scores, (0.5, 0.3, 0.4))
        found = craft(make.encounters(seen, unit, reliability=reliability), make.organisation(), int(rng.integers(99)))
        held += found.low <= 0 <= found.high
    assert 182 <= held <= 198  # binomial 95% plus and minus 2.6 standard errors


@pytest.mark.slow
def test_shares_of_a_simulated_organisation_are_recovered(tmp_path):
    """The truth is that of views before they become answers, worked out from 300,000 of them."""
    simulate(tmp_path / "org", teams=60, waves=8, seed=3)
    workspace = sources.open_workspace(tmp_path / "org")
    given = measure.encounters(workspace, measure.measure(workspace))
    rng, nodes = np.random.default_rng(1), list(simulate_people.ENCOUNTER_NODES)
    kinds = [simulate_people.encounter_kind(PATHS, k) for k in range(3)]
    drawn = [simulate_people.views(k, np.zeros(6), rng.normal(size=(100_000, 6)) @ k.mix.T) for k in kinds]
    R = np.corrcoef(np.concatenate(drawn).T)
    x, y = [nodes.index("craftsmanship"), nodes.index("conduct")], nodes.index("interaction_quality")
    truth = shapley.lmg(R[np.ix_(x, x)], R[x, y]).relative
    weights, explained = craft(given, workspace.organisation), quality(given, workspace.organisation)
    assert weights.low < truth[0] - truth[1] < weights.high
    assert explained.low < R[y, nodes.index("service_quality")] ** 2 < explained.high
