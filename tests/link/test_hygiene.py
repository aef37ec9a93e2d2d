"""Is craftsmanship a hygiene factor?"""

from __future__ import annotations

import numpy as np
import pytest

from bevlogen.link import hygiene

SAME = 1e-9  # arithmetic in another order
STRAIGHT = 0.06  # three standard errors of the index of a straight line at 20 units of 400


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def judge(found, organisation, seed=1):
    return hygiene.hygiene(found, organisation, np.random.default_rng(seed))


def rated(make, rng, outcome, n_units=20, per_unit=100):
    """Craftsmanship and conduct on 1 to 5 in halves, and the outcome that a function makes of them."""
    unit = np.repeat(np.arange(n_units), per_unit)
    x, c = (rng.integers(2, 11, len(unit)) / 2 for _ in range(2))
    y = np.clip(np.rint(2 * outcome(x, c, rng)) / 2, 1, 5)
    return make.encounters({"craftsmanship": x, "conduct": c, "interaction_quality": y}, unit)


def needed(x, c, rng):
    """Craftsmanship caps the interaction up to the middle and adds nothing beyond; conduct adds throughout."""
    return np.minimum(1 + 1.2 * (x - 1), 2.4 + 0.4 * c + 0.5 * rng.normal(size=len(x)))


def unrelated(x, c, rng):
    return rng.uniform(1, 5, len(x))


def delights(x, c, rng):
    """Craftsmanship matters only where it is high."""
    return 1.5 + 1.2 * np.maximum(x - 3, 0) + 0.4 * rng.normal(size=len(x))


def test_a_cap_that_adds_nothing_above_is_hygiene(make, rng):
    assert judge(rated(make, rng, needed), make.organisation()).low > 0


def test_unrelated_ratings_contradict_it(make, rng):
    assert judge(rated(make, rng, unrelated), make.organisation()).high < 0


def test_what_delights_is_not_called_hygiene(make, rng):
    assert judge(rated(make, rng, delights), make.organisation()).high < 0


def test_the_weaker_mark_decides(make, rng):
    found = judge(rated(make, rng, needed), make.organisation())
    corner, asymmetry = found.figures[0].value, found.figures[2].value
    assert found.estimate == pytest.approx(min(corner.estimate - hygiene.LEAST_EFFECT, asymmetry.estimate))
    assert found.low == pytest.approx(min(corner.low - hygiene.LEAST_EFFECT, asymmetry.low))


def test_a_straight_line_on_skewed_scores_has_no_asymmetry(make, rng):
    unit = np.repeat(np.arange(20), 400)
    x = 5 - np.minimum(rng.geometric(0.3, len(unit)) - 1, 8) / 2
    c = rng.integers(1, 6, len(unit)).astype(float)
    y = 0.5 * x + 0.3 * c + rng.normal(size=len(unit))
    found = judge(
        make.encounters({"craftsmanship": x, "conduct": c, "interaction_quality": y}, unit), make.organisation()
    )
    assert found.figures[2].value.estimate == pytest.approx(0, abs=STRAIGHT)
    assert found.low <= 0


def test_a_corner_that_one_unit_leaves_empty_does_not_count(make, rng):
    """Only one unit has low scores at all: without it the corner is not there."""
    unit = np.repeat(np.arange(10), 60)
    x = np.where(unit == 0, 1.0, rng.integers(6, 11, 600) / 2)
    y = np.where(unit == 0, 1.0, rng.integers(2, 11, 600) / 2)
    c = rng.integers(2, 11, 600) / 2
    found = judge(
        make.encounters({"craftsmanship": x, "conduct": c, "interaction_quality": y}, unit), make.organisation()
    )
    assert found.figures[0].value.estimate > hygiene.LEAST_EFFECT > found.figures[0].value.low


def test_conduct_with_the_same_marks_is_said(make, rng):
    found = judge(rated(make, rng, lambda x, c, r: np.minimum(needed(x, c, r), 1 + 1.2 * (c - 1))), make.organisation())
    assert "Conduct shows the same" in found.notes[0].en


def test_order_of_rows_does_not_matter(make, rng):
    given = rated(make, rng, needed)
    order = rng.permutation(len(given.unit))
    names = dict(zip(given.variables, given.scores[order].T, strict=True))
    other = make.encounters(names, given.unit[order])
    one, two = judge(given, make.organisation()), judge(other, make.organisation())
    assert one.estimate == pytest.approx(two.estimate, abs=SAME)


def test_four_units_are_declined(make, rng):
    found = judge(rated(make, rng, needed, n_units=4), make.organisation())
    assert np.isnan(found.estimate)
    assert found.reason.en.startswith("Too few units")


def test_all_equal_answers_are_declined(make, rng):
    found = judge(rated(make, rng, lambda x, c, r: np.full(len(x), 4.0)), make.organisation())
    assert np.isnan(found.estimate)
    assert found.reason.en


def test_no_encounters_say_what_is_needed(make):
    assert "craftsmanship and conduct asked apart" in judge(None, make.organisation()).reason.en


def test_encounters_are_not_changed(make, rng):
    given = rated(make, rng, needed)
    before = given.scores.copy()
    judge(given, make.organisation())
    np.testing.assert_array_equal(given.scores, before)


def test_answers_piled_at_the_top_do_not_bend_a_straight_line(make, rng):
    """With one in six at the top, a line looked as if low scores cost more: its lower limit was .015."""
    unit = np.repeat(np.arange(1500), 40)
    x, c = (np.clip(np.rint(2 * (4.2 + 0.8 * rng.normal(size=len(unit)))) / 2, 1, 5) for _ in range(2))
    y = np.clip(np.rint(2 * (0.84 + 0.4 * x + 0.4 * c + 0.5 * rng.normal(size=len(unit)))) / 2, 1, 5)
    found = judge(
        make.encounters({"craftsmanship": x, "conduct": c, "interaction_quality": y}, unit), make.organisation()
    )
    assert found.figures[2].value.low < 0
