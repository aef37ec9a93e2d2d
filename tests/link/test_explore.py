"""A link that no claim foresaw: the same figures as the claims give, fewer ways of looking, and the gate."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import bevlogen as bv
from bevlogen.core.measured import Panel
from bevlogen.core.tables import Organisation, Policy
from bevlogen.errors import ChoiceError
from bevlogen.link import explore, of_service

_ORGANISATION = Organisation("Test", "en", "quarter", True, "", Policy(), (), {}, (), 0.1, {})


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explored")
    bv.simulate(folder, teams=30, waves=5, seed=3)
    return bv.open(folder, data=folder)


def test_a_link_of_the_picture_is_answered_as_the_picture_does(study):
    hidden = {gone.construct for gone in study.release(upto="measure").suppressed}
    ends = {v: (v.estimate.link.cause, v.estimate.link.outcome) for v in study.link().picture if v.headline}
    told = next(v for v, both in ends.items() if not hidden & set(both))
    found = study.explore(*ends[told]).picture[0]
    assert found.verdict == told.verdict
    assert found.headline.estimate == pytest.approx(told.headline.estimate, abs=5e-4)
    assert len(found.estimate.estimates) == len(told.estimate.estimates)


def test_a_way_of_looking_is_the_only_one_that_decides(study):
    found = study.explore("engagement", "loyalty", design="within").picture[0]
    assert [one.design for one in found.estimate.estimates] == ["within"]


def test_a_longer_lag_is_said(study):
    found = study.explore("engagement", "loyalty", design="lagged", lag=2).picture[0]
    assert found.estimate.lag == 2
    assert "one period later" not in found.reason


def test_the_answer_holds_no_figure_of_a_unit(study):
    found = study.explore("engagement", "loyalty", hold=["absence"])
    assert (found.units, found.scores, found.results, found.positions, found.scales) == ((), (), (), (), ())


def test_what_is_held_constant_changes_the_estimate(study):
    bare, held = (study.explore("engagement", "loyalty", hold=hold).picture[0] for hold in ([], ["employership"]))
    assert bare.headline.std_error != held.headline.std_error


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"outcome": "nothing"}, 'Unknown outcome "nothing"'),
        ({"outcome": "engagement"}, 'Unknown outcome "engagement"'),
        ({"outcome": "loyalty", "lag": 9}, 'Unknown lag "9"'),
        ({"outcome": "loyalty", "service": "none"}, 'Unknown service "none"'),
        ({"outcome": "loyalty", "hold": ["odd"]}, 'Unknown variable "odd"'),
    ],
)
def test_what_is_not_there_is_refused_with_a_sentence(study, arguments, text):
    with pytest.raises(ChoiceError, match=text):
        study.explore("engagement", **arguments)


def test_a_pair_the_theory_does_not_know_expects_good_with_good():
    panel = _panel(40)
    links = [explore("control", other, panel, _ORGANISATION).sign for other in ("loyalty", "turnover")]
    assert links == [1, -1]


def test_one_service_leaves_the_others_out_and_the_panel_as_it_was():
    panel = _panel(12)
    kept = of_service(panel, "a")
    assert np.isfinite(kept.value[:, 0, 0]).sum() == 6
    assert np.isfinite(panel.value).all()


def _panel(units: int) -> Panel:
    rng = np.random.default_rng(5)
    value = rng.normal(size=(units, 3, 3)).cumsum(axis=2)
    keys = tuple(f"u{i}" for i in range(units))
    services = tuple("ab"[i % 2] for i in range(units))
    names = ("control", "loyalty", "turnover")
    return Panel(keys, services, ("1", "2", "3"), names, value, np.full(value.shape, 9.0), np.zeros(value.shape))


def test_where_everything_is_hidden_no_question_is_answered(study, tmp_path):
    few = dataclasses.replace(study.workspace.organisation.policy, k=100_000)
    strict = dataclasses.replace(study.workspace.organisation, policy=few)
    other = bv.Study(dataclasses.replace(study.workspace, organisation=strict), tmp_path / "releases.jsonl")
    other._measurement = study.measure()
    found = other.explore("engagement", "loyalty").picture[0]
    assert (found.headline, found.estimate.estimates) == (None, ())
