"""Does conduct weigh more where customers co-create more?"""

from __future__ import annotations

import json

import numpy as np
import pytest

from bevlogen import measure, sources
from bevlogen.link import moderation
from bevlogen.sources.simulate import simulate

SAME = 1e-9  # arithmetic in another order
SE_WEIGHT = 0.03  # of a service's weight with 20 teams in 8 quarters, from its own interval
DEGREES = np.linspace(0.1, 0.9, 6)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def rated(make, rng, degrees=DEGREES, change=0.6, units_each=6, per_unit=60, reliable=True):
    """Services whose weight of conduct rises by ``change`` from no to full co-creation."""
    unit = np.repeat(np.arange(len(degrees) * units_each), per_unit)
    service = unit // units_each
    X = rng.normal(size=(len(unit), 2))
    y = 0.4 * X[:, 0] + (0.1 + change * np.asarray(degrees)[service]) * X[:, 1] + 0.6 * rng.normal(size=len(unit))
    scores = {"craftsmanship": X[:, 0], "conduct": X[:, 1], "interaction_quality": y}
    reliability = 1.0
    if not reliable:
        scores, reliability = make.with_error(rng, scores, (0.5, 0.5, 0.3))
    return make.encounters(scores, unit, service=service, co_creation=degrees, reliability=reliability)


def test_a_rising_weight_is_found(make, rng):
    found = moderation.co_creation_moderates(rated(make, rng), make.organisation())
    assert found.low > 0
    assert len(found.figures) == 1 + len(DEGREES)


def test_unreliable_answers_are_corrected_for(make, rng):
    given = rated(make, rng, reliable=False, per_unit=200)
    found = moderation.co_creation_moderates(given, make.organisation())
    # One SD of conduct is 1 point, one SD of interaction quality sqrt(.16 + mean squared weight + .36) = .83 points.
    assert found.low < 0.6 / 0.83 < found.high
    assert found.low > 0


def test_a_weight_that_is_the_same_everywhere_is_not_called_rising(make, rng):
    found = moderation.co_creation_moderates(rated(make, rng, change=0.0), make.organisation())
    assert found.low < 0 < found.high


def test_units_do_not_stand_in_for_services(make, rng):
    """With three services the interval stays wide however many units there are."""
    found = moderation.co_creation_moderates(rated(make, rng, (0.1, 0.5, 0.9), units_each=40), make.organisation())
    here = found.figures[0].value
    assert found.high - found.low > 5 * (here.high - here.low)


def test_two_degrees_of_co_creation_give_weights_but_no_trend(make, rng):
    found = moderation.co_creation_moderates(rated(make, rng, (0.1, 0.1, 0.9)), make.organisation())
    assert np.isnan(found.estimate)
    assert len(found.figures) == 3
    assert "at least three services" in found.reason.en


def test_services_of_few_units_are_left_out(make, rng):
    found = moderation.co_creation_moderates(rated(make, rng, units_each=4), make.organisation())
    assert np.isnan(found.estimate)
    assert found.figures == ()
    assert "fewer than 5 units" in found.reason.en


def test_unknown_reliability_is_said(make, rng):
    given = rated(make, rng)
    given.reliability[1] = np.nan
    found = moderation.co_creation_moderates(given, make.organisation())
    assert "reliability of a scale is unknown" in found.notes[0].en


def test_unit_levels_play_no_part(make, rng):
    given = rated(make, rng)
    moved = given.scores + 2 * rng.normal(size=(36, 3))[given.unit]
    other = make.encounters(
        dict(zip(given.variables, moved.T, strict=True)), given.unit, service=given.service, co_creation=DEGREES
    )
    one, two = (moderation.co_creation_moderates(e, make.organisation()) for e in (given, other))
    assert one.estimate == pytest.approx(two.estimate, abs=SAME)


def test_no_encounters_say_what_is_needed(make):
    found = moderation.co_creation_moderates(None, make.organisation())
    assert np.isnan(found.estimate)
    assert "differ in co-creation" in found.reason.en


@pytest.mark.slow
def test_weights_of_a_simulated_organisation_are_recovered(tmp_path):
    simulate(tmp_path / "org", teams=60, waves=8, seed=3)
    workspace = sources.open_workspace(tmp_path / "org")
    given = measure.encounters(workspace, measure.measure(workspace))
    found = moderation.co_creation_moderates(given, workspace.organisation)
    truth = json.loads((tmp_path / "org" / "truth.json").read_text())["co_creation"]
    expected = [truth[service]["conduct_to_interaction_quality"] for service in given.services]
    spread = np.ptp([f.value.estimate for f in found.figures[1:]])
    # The truth is in SD of each service, the estimate in those of all: their order and spread agree, not their level.
    assert np.argsort([f.value.estimate for f in found.figures[1:]]).tolist() == np.argsort(expected).tolist()
    assert spread == pytest.approx(np.ptp(expected), abs=3 * np.sqrt(2) * SE_WEIGHT)
