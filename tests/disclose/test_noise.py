"""Differential privacy: for large groups only, and until the budget is spent."""

import math

import pytest

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.noise import Budget, NoiseError, noisy_mean

FIVE = AnswerScale(1, 5, 1)
WHOLE = Budget(1.0)


def published(n=400, epsilon=0.5, budget=WHOLE, mean=3.2, **kw):
    return noisy_mean(mean, n, FIVE, epsilon, budget, "engagement 2024", **kw)


def test_noise_is_scaled_to_what_one_answer_can_do():
    seen = []
    published(draw=lambda mean, b: seen.append((mean, b)) or mean)
    assert seen == [(3.2, pytest.approx(4 / 400 / 0.5))]


def test_the_interval_is_that_of_the_noise():
    assert published(draw=lambda mean, b: mean).half == pytest.approx(0.02 * math.log(20), abs=0.001)


def test_the_budget_is_spent_and_named():
    after = published(draw=lambda mean, b: mean).budget
    assert after.spent == (("engagement 2024", 0.5),)
    assert after.left == pytest.approx(0.5)


def test_a_mean_never_leaves_its_scale():
    assert published(draw=lambda mean, b: 7.0).mean == 5.0


def test_teams_are_refused():
    with pytest.raises(NoiseError, match="300 or more, not for teams"):
        published(n=299)


def test_a_spent_budget_is_refused():
    with pytest.raises(NoiseError, match=r"at most 0\.3"):
        published(budget=Budget(1.0, (("earlier", 0.7),)))


def test_no_privacy_at_all_is_refused():
    with pytest.raises(NoiseError, match="above 0"):
        published(epsilon=0.0)


def test_opendp_adds_noise():
    pytest.importorskip("opendp", reason="OpenDP is optional: pip install opendp")
    assert abs(published(n=100_000, mean=3.2).mean - 3.2) < 0.01
