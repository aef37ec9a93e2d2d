"""From unit scores to the verdict of a link: organisations with a known effect, at once, a period later, or none."""

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.core.measured import Panel
from bevlogen.core.results import Provenance
from bevlogen.core.tables import Organisation, Policy
from bevlogen.link import driver

ORGANISATION = Organisation("Test", "en", "quarter", True, "", Policy(), (), {}, (), 0.10, {})
UNITS, WAVES, SETTLED = 60, 4, 20


def course(rng, units, waves):
    """Scores of variance 1, of which 60% lasts and the rest carries over by half."""
    now, passing = rng.standard_normal(units), []
    for _ in range(waves):
        passing.append(now)
        now = 0.5 * now + np.sqrt(0.75) * rng.standard_normal(units)
    return np.sqrt(0.6) * rng.standard_normal((units, 1)) + np.sqrt(0.4) * np.column_stack(passing)


def none(rng, units=UNITS):
    return course(rng, units, WAVES), course(rng, units, WAVES)


def at_once(rng):
    x, rest = none(rng)
    return x, 0.3 * x + np.sqrt(1 - 0.3**2) * rest


def later(rng):
    x = course(rng, UNITS, SETTLED + WAVES)
    y = np.zeros_like(x)
    for t in range(1, SETTLED + WAVES):
        y[:, t] = 0.5 * y[:, t - 1] + 0.3 * x[:, t - 1] + 0.7 * rng.standard_normal(UNITS)
    return x[:, SETTLED:], y[:, SETTLED:]


def judged(x, y):
    """Judge engagement (x) and loyalty (y), both figures without sampling error, at 5% and alone."""
    value = np.stack([x, y], axis=2)
    J, T, _ = value.shape
    units, periods = tuple(f"u{j}" for j in range(J)), tuple(f"2024-Q{t + 1}" for t in range(T))
    panel = Panel(
        units, ("",) * J, periods, ("engagement", "loyalty"), value, np.full(value.shape, np.nan), np.zeros(value.shape)
    )
    chain = steer.judge(driver.estimate(panel, ORGANISATION), ORGANISATION, Provenance("", "", 0))
    return next(c for c in chain.claims if c.claim.id == "engaged-customers")


@pytest.mark.parametrize(("effect", "design"), [(at_once, "within"), (later, "lagged")])
def test_an_effect_at_once_is_seen_as_well_as_a_delayed_one(effect, design):
    found = [judged(*effect(np.random.default_rng([3, k]))) for k in range(20)]
    seen = [c for c in found if c.verdict == "supported"]
    assert len(seen) >= 18
    assert sum(c.links[0].headline.design == design for c in seen) >= 15


@pytest.mark.parametrize("units", [8, 20])
def test_without_effect_three_designs_together_are_rarely_sure(units):
    # 5% of 200 is 10, with an error of 3; three tests at 5% each would give 28.
    verdicts = [judged(*none(np.random.default_rng([5, units, k]), units)).verdict for k in range(200)]
    assert sum(v in ("supported", "contradicted") for v in verdicts) <= 19
