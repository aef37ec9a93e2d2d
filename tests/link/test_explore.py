"""A link that no claim foresaw: the same figures as the claims give, fewer ways of looking, and the gate."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import bevlogen as bv
from bevlogen.core.chain import Text
from bevlogen.core.measured import Panel
from bevlogen.core.released import AnswerScale
from bevlogen.core.tables import Measure, Organisation, Policy
from bevlogen.disclose.complement import tree
from bevlogen.disclose.narrowing import Block, rounded
from bevlogen.errors import ChoiceError
from bevlogen.link import explore, of_service

_ORGANISATION = Organisation("Test", "en", "quarter", True, "", Policy(), (), {}, (), 0.1, {})


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explored")
    bv.simulate(folder, teams=30, waves=5, seed=3)
    return bv.open(folder, data=folder)


def test_a_link_of_the_picture_is_answered_as_the_picture_does(study):
    """Both are made of the figures as they are shown: so few figures would be told by their links."""
    told = next(v for v in study.release().picture if v.headline)
    found = study.explore(told.estimate.link.cause, told.estimate.link.outcome).picture[0]
    assert (found.verdict, found.headline) == (told.verdict, told.headline)


def test_rounding_that_is_counted_as_chance_leaves_the_slope_where_it_was():
    """Teams of eight: taken as exact, their rounded means would bring the slope a fifth nearer to 0."""
    rng, teams, people = np.random.default_rng(8), 3000, 8
    level = rng.normal(3, 0.4, teams)
    answers = np.clip(np.round(rng.normal(level[:, None], 0.9, (teams, people))), 1, 5)
    within, outcome = answers.var(axis=1, ddof=1).mean(), level + rng.normal(0, 0.2, teams)
    n, mean = np.full((teams, 1), float(people)), answers.mean(axis=1, keepdims=True)
    every = np.ones(n.shape, dtype=bool)
    block = Block(n, mean, every, AnswerScale(1.0, 5.0, 1.0), 5, rng.random(n.shape))
    ((shown, _, variance),) = rounded(tree([-1] * teams), [block])

    def slope(x, error):
        value, errors = np.stack([x, outcome[:, None]], axis=2), np.stack([error, np.zeros(n.shape)], axis=2)
        names = tuple(f"u{i}" for i in range(teams)), ("",) * teams, ("1",), ("control", "loyalty")
        panel = Panel(*names, value, np.stack([n, n], axis=2), errors)
        return explore("control", "loyalty", panel, _ORGANISATION).estimates[0].raw

    chance = np.full(n.shape, within / people)
    exact, corrected, bare = slope(mean, chance), slope(shown, chance + variance), slope(shown, chance)
    assert corrected == pytest.approx(exact, rel=0.06)
    assert bare < 0.85 * exact


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
    assert found.reason.startswith("There are figures of engagement, satisfaction and loyalty, but each is hidden")
    assert "verborgen" in found.reason_nl


def test_what_is_held_constant_must_be_shown(study):
    panel = study.measure().panel
    found = explore("engagement", "loyalty", panel, study.workspace.organisation, hold=["absence"], hidden={"absence"})
    assert found.estimates == ()
    assert "absence" in found.reason


def test_one_period_is_enough_to_compare_units():
    one = _panel(40)
    one = dataclasses.replace(one, periods=("1",), value=one.value[:, :1], n=one.n[:, :1], error=one.error[:, :1])
    found = explore("control", "loyalty", one, _ORGANISATION)
    assert [e.design for e in found.estimates] == ["cross-sectional"]


def test_a_measure_of_ones_own_counts_as_the_organisation_says():
    measures = {"waiting": Measure("waiting", Text("waiting", "wachten"), False)}
    organisation = dataclasses.replace(_ORGANISATION, measures=measures)
    panel = dataclasses.replace(_panel(40), variables=("control", "waiting", "turnover"))
    assert [explore(a, "waiting", panel, organisation).link.sign for a in ("control", "turnover")] == [-1, 1]
