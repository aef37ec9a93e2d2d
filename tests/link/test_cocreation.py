"""Whose doing are the differences between encounters?"""

from __future__ import annotations

import json

import numpy as np
import pytest

from bevlogen import measure, sources
from bevlogen.link import cocreation
from bevlogen.sources.simulate import simulate

SE_SHARE = 0.02  # of a share with 60 employees, 300 customers and 3,000 ratings, from its own interval
DEGREES = np.linspace(0.1, 0.9, 5)


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def service_rows(rng, customer_share, n_units=6, n_employees=60, n_customers=300, n=3000, employee_share=0.10):
    """Ratings of one service: everyone meets everyone within it; employees belong to one unit."""
    employee, customer = rng.integers(0, n_employees, n), rng.integers(0, n_customers, n)
    y = np.sqrt(employee_share) * rng.normal(size=n_employees)[employee]
    y += np.sqrt(customer_share) * rng.normal(size=n_customers)[customer]
    y += np.sqrt(1 - employee_share - customer_share) * rng.normal(size=n)
    return y + 0.5 * rng.normal(size=n_units)[employee % n_units], employee % n_units, employee, customer


def rated(make, rng, shares, degrees=DEGREES, variable="interaction_quality", **settings):
    parts = [service_rows(rng, share, **settings) for share in shares]
    step = 10_000  # keeps units and people of services apart
    y, unit, employee, customer = (
        np.concatenate([part[i] + (step * s if i else 0) for s, part in enumerate(parts)]) for i in range(4)
    )
    service = np.repeat(np.arange(len(parts)), [len(p[0]) for p in parts])
    unit = np.unique(unit, return_inverse=True)[1]
    who = {"employee": employee, "customer": customer, "service": service}
    return make.encounters({variable: y}, unit, **who, co_creation=degrees)


def shares_of(found):
    """Employee, customer, encounter per service."""
    values = [f.value.estimate for f in found.figures if f.name.en.startswith("share")]
    return np.reshape(values, (-1, 3))


def test_shares_are_recovered_and_units_left_out(make, rng):
    found = cocreation.co_creation(rated(make, rng, [0.3], [0.5]), make.organisation())
    # The employees' share comes from 60 employees: its standard error is about its size times sqrt(2 / 60).
    assert shares_of(found)[0] == pytest.approx([0.1, 0.3, 0.6], abs=3 * SE_SHARE)


def test_shares_of_a_service_sum_to_one(make, rng):
    found = cocreation.co_creation(rated(make, rng, [0.2], [0.5]), make.organisation())
    assert shares_of(found).sum() == pytest.approx(1)


def test_limits_hold_the_shares(make, rng):
    found = cocreation.co_creation(rated(make, rng, [0.2], [0.5]), make.organisation())
    assert all(f.value.low < f.value.estimate < f.value.high for f in found.figures)


def test_a_rising_share_is_found(make, rng):
    found = cocreation.co_creation(rated(make, rng, 0.05 + 0.4 * DEGREES), make.organisation())
    assert found.low > 0
    assert found.low < 0.4 < found.high


def test_a_share_that_stays_is_not_called_rising(make, rng):
    found = cocreation.co_creation(rated(make, rng, np.full(5, 0.2)), make.organisation())
    assert found.low < 0 < found.high


def test_moments_agree_with_the_exact_fit(make, rng, monkeypatch):
    given = rated(make, rng, [0.3], [0.5])
    exact = cocreation.co_creation(given, make.organisation())
    monkeypatch.setattr(cocreation, "_EXACT_UP_TO", 0)
    assert shares_of(cocreation.co_creation(given, make.organisation())) == pytest.approx(
        shares_of(exact), abs=SE_SHARE
    )


def test_two_degrees_of_co_creation_give_shares_but_no_trend(make, rng):
    found = cocreation.co_creation(rated(make, rng, [0.1, 0.3], [0.1, 0.9]), make.organisation())
    assert np.isnan(found.estimate)
    assert len(found.figures) == 6
    assert "at least three services" in found.reason.en


def test_customers_of_one_employee_are_said_to_merge_with_the_pair(make, rng):
    given = rated(make, rng, [0.3], [0.5])
    given.employee[:] = given.customer % 60
    found = cocreation.co_creation(given, make.organisation())
    assert any("customer and pair cannot be told apart" in note.en for note in found.notes)


def test_customers_who_never_come_back_are_declined(make, rng):
    given = rated(make, rng, [0.3], [0.5])
    given.customer[:] = np.arange(len(given.customer))
    found = cocreation.co_creation(given, make.organisation())
    assert np.isnan(found.estimate)
    assert "come back" in found.reason.en


def test_ratings_that_fall_apart_are_said(make, rng):
    given = rated(make, rng, [0.3], [0.5])
    given.customer[:] = given.customer * 6 + given.unit
    found = cocreation.co_creation(given, make.organisation())
    assert any("hang together" in note.en for note in found.notes)


def test_pairs_are_told_apart_where_they_meet_again(make, rng):
    given = rated(make, rng, [0.3], [0.5], n_employees=12, n_customers=30)
    pair = np.sqrt(0.4) * rng.normal(size=12 * 30)[given.employee * 30 + given.customer]
    given.scores[:, 0] += pair
    found = cocreation.co_creation(given, make.organisation())
    # Customer .3 and pair .4 of 1.4; thirty customers leave a wide margin.
    assert shares_of(found)[0, 1] == pytest.approx(0.5, abs=0.12)


def test_a_rating_of_the_whole_service_stands_in_and_is_said(make, rng):
    found = cocreation.co_creation(rated(make, rng, [0.3], [0.5], variable="service_quality"), make.organisation())
    assert "rating of the service as a whole" in found.notes[0].en


def test_four_units_are_declined(make, rng):
    found = cocreation.co_creation(rated(make, rng, [0.3], [0.5], n_units=4), make.organisation())
    assert found.figures == ()
    assert found.reason.en.startswith("Too few units")


def test_without_pseudonyms_it_says_what_is_needed(make, rng):
    scores, unit = make.judged(rng)
    found = cocreation.co_creation(make.encounters(scores, unit), make.organisation())
    assert np.isnan(found.estimate)
    assert "pseudonym" in found.reason.en


def test_equal_ratings_are_declined(make, rng):
    given = rated(make, rng, [0.3], [0.5])
    given.scores[:] = 4.0
    found = cocreation.co_creation(given, make.organisation())
    assert np.isnan(found.estimate)
    assert found.reason.en


@pytest.mark.slow
def test_shares_of_a_simulated_organisation_are_recovered(tmp_path):
    simulate(tmp_path / "org", teams=60, waves=8, seed=3)
    workspace = sources.open_workspace(tmp_path / "org")
    given = measure.encounters(workspace, measure.measure(workspace))
    found = cocreation.co_creation(given, workspace.organisation)
    truth = json.loads((tmp_path / "org" / "truth.json").read_text())["variance_shares"]
    expected = [
        [truth[s]["interaction_quality"][k] for k in ("employee", "customer", "encounter")] for s in given.services
    ]
    assert shares_of(found) == pytest.approx(np.array(expected), abs=3 * SE_SHARE)
