"""The release as a whole: what is in it, and what an attacker who reads all of it can learn."""

import json
from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bevlogen as bv
from bevlogen.core.chain import parent_construct
from bevlogen.core.planned import Position
from bevlogen.core.results import Interval
from bevlogen.core.shown import Release
from bevlogen.core.tables import Policy, ScoreTable
from bevlogen.disclose import PolicyError, release
from bevlogen.show.export import document

K = 5
TEAM = [3.0, 4.0, 2.0, 5.0, 3.5, 4.5, 2.5, 3.0]


@pytest.fixture(scope="session")
def released(small, empty_chain, empty_plan):
    def make(parents, waves, **kw):
        made = small(parents, waves, **kw)
        return release(made.workspace, made.measurement, empty_chain, empty_plan)

    return make


def published(found, inside, parents, waves):
    """Every total in the JSON document as the set of (unit, wave) whose respondents it covers."""
    told = json.loads(json.dumps(document(found), allow_nan=False))
    sets = [
        {(u, told["periods"].index(score["period"])) for u in inside(parents, int(unit["key"][1:]))}
        for unit in told["units"]
        for score in unit["scores"]
    ]
    everyone = {(u, t) for u in range(len(parents)) for t in range(len(waves))}
    return sets + [everyone for scale in told["scales"] if scale["mean"] is not None]


def counts(node):
    """Every number of people anywhere in a document."""
    if isinstance(node, dict):
        yield from (v for key, v in node.items() if key in ("n", "n_obs") and v is not None)
        for value in node.values():
            yield from counts(value)
    elif isinstance(node, list):
        for value in node:
            yield from counts(value)


def test_a_release_names_the_organisation_and_its_tree(released):
    found = released([None, 0, 1], [[[], [], TEAM]])
    assert isinstance(found, Release)
    assert (found.title, found.root, found.k, found.k_comments) == ("Test", "u0", 5, 10)
    assert [(u.key, u.parent, u.level) for u in found.units] == [("u0", None, 0), ("u1", "u0", 1), ("u2", "u1", 2)]


def test_every_variable_has_a_label(released):
    assert released([None], [[TEAM]]).constructs["engagement"].label.nl == "bevlogenheid"


def test_several_tops_have_no_root(released):
    assert released([None, None], [[TEAM, TEAM]]).root == ""


def test_a_lowered_threshold_is_refused(released):
    with pytest.raises(PolicyError):
        released([None], [[TEAM]], policy=Policy(k=3))


def test_a_raised_threshold_is_kept(released):
    assert released([None], [[TEAM]], policy=Policy(k=9)).scores == ()


def test_the_release_says_which_figures_are_public_already(small, empty_chain, empty_plan):
    made = small([None], [[TEAM]], policy=Policy(already_public=frozenset({"scores"})))
    code, one = np.zeros(1, dtype=np.int64), np.ones(1)
    workspace = replace(made.workspace, scores=ScoreTable(("engagement",), code, code, code, one, one, one, one, one))
    found = release(workspace, made.measurement, empty_chain, empty_plan)
    assert [note.en for note in found.notes] == [
        "The scores that came in aggregated are public already; no threshold applies to them."
    ]


def test_an_organisation_without_any_figure_is_released_empty(released):
    found = released([None, 0], [[[], []]])
    assert (found.scores, found.results, found.suppressed, found.scales) == ((), (), (), ())


def test_one_respondent_is_never_shown(released):
    found = released([None], [[[4.0]]])
    assert found.scores == ()
    assert [s.rule for s in found.suppressed] == ["threshold"]


def test_what_is_suppressed_carries_no_number(released):
    found = released([None, 0, 0], [[[], TEAM[:2], TEAM]])
    assert {type(v) for s in found.suppressed for v in (s.unit, s.period, s.construct, s.rule)} == {str}


def test_a_remainder_of_one_is_not_left_open(released, attack, inside):
    """A group with a manager of its own: group less team would be the manager."""
    parents, waves = [None, 0], [[[2.0], TEAM]]
    found = released(parents, waves)
    assert [s.unit for s in found.scores] == ["u0"]
    assert attack(published(found, inside, parents, waves), {(0, 0): 1, (1, 0): 8}, K) == []


def test_a_team_that_falls_below_k_is_hidden_in_that_wave_only(released):
    found = released([None], [[TEAM], [TEAM[:4]]])
    assert [(s.period, s.n) for s in found.scores] == [("2021", 8)]
    assert [(s.period, s.rule) for s in found.suppressed] == [("2022", "threshold")]


@st.composite
def organisations(draw):
    """A tree of at most five units (several tops at times), one or two waves, up to nine answers per unit."""
    size = draw(st.integers(1, 5))
    above = [st.one_of(st.none(), st.integers(0, unit - 1), st.integers(0, unit - 1)) for unit in range(1, size)]
    parents = [None, *(draw(choice) for choice in above)]
    answers = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0]), max_size=9)
    wave = st.lists(answers, min_size=size, max_size=size)
    return parents, draw(st.lists(wave, min_size=1, max_size=2))


def people(waves):
    return {(u, t): len(answers) for t, wave in enumerate(waves) for u, answers in enumerate(wave)}


@settings(max_examples=100, deadline=None)
@given(organisations())
def test_no_figure_about_fewer_than_k_respondents_occurs_in_the_json(released, inside, drawn):
    parents, waves = drawn
    found = released(parents, waves)
    covered = published(found, inside, parents, waves)
    sizes = people(waves)
    assert all(sum(sizes[cell] for cell in group) >= K for group in covered)
    assert all(n >= K for n in counts(document(found)))


@settings(max_examples=100, deadline=None)
@given(organisations())
def test_no_total_of_fewer_than_k_follows_from_all_that_is_in_the_json(released, attack, inside, drawn):
    parents, waves = drawn
    found = released(parents, waves)
    assert attack(published(found, inside, parents, waves), people(waves), K) == []


@settings(max_examples=100, deadline=None)
@given(organisations())
def test_every_figure_is_either_shown_or_named_as_hidden(released, small, drawn):
    parents, waves = drawn
    found = released(parents, waves)
    measured = small(parents, waves).measurement.scores
    expected = {(measured.units[u], measured.periods[t]) for u, t in zip(measured.unit, measured.period, strict=True)}
    assert sorted([(s.unit, s.period) for s in (*found.scores, *found.suppressed)]) == sorted(expected)


def test_a_plan_is_made_of_shown_figures_alone(small, empty_chain, empty_plan):
    """What steers gets rounded means, nothing of a hidden team, and errors that count what rounding did."""
    made, seen = small([None, 0, 0, 0], [[[], TEAM, TEAM[::-1] * 2, TEAM[:3]]]), []
    found = release(
        made.workspace, made.measurement, empty_chain, empty_plan, steer=lambda m: seen.append(m.scores) or empty_plan
    )
    (scores,) = seen
    shown = {(s.unit, s.period): s.mean for s in found.scores}
    got = {
        (scores.units[u], scores.periods[t]): m for u, t, m in zip(scores.unit, scores.period, scores.mean, strict=True)
    }
    assert shown
    assert {at: m for at, m in got.items() if not np.isnan(m)} == shown
    assert len(got) > len(shown)
    assert all(s.rounded > 0 for s in found.scores)


def test_without_one_who_steers_nothing_of_the_exact_plan_is_told(small, empty_chain, empty_plan):
    made = small([None], [[TEAM]])
    place = Position("u0", "2021", "", *(Interval(0.1),) * 4, 0.5, 8.0)
    exact = replace(empty_plan, positions=(place,))
    assert release(made.workspace, made.measurement, empty_chain, exact).positions == ()


def test_constructs_and_periods_that_are_released_apart_show_what_they_show_together(tmp_path, empty_chain, empty_plan):
    """So an organisation too large for one release can be released, and attacked, a part at a time."""
    study = bv.open(bv.simulate(tmp_path / "made", teams=8, waves=2, seed=4))
    whole = study.measure()
    scores = whole.scores
    together = release(study.workspace, whole, empty_chain, empty_plan)
    families = np.array([parent_construct(name) for name in scores.constructs])[scores.construct]
    shown, hidden = [], []
    for family, period in product(np.unique(families), range(2)):
        part = of_rows(scores, (families == family) & (scores.period == period))
        apart = release(study.workspace, replace(whole, scores=part), empty_chain, empty_plan)
        shown += apart.scores
        hidden += [gone for gone in apart.suppressed if gone.construct in scores.constructs]
    assert sorted(map(repr, shown)) == sorted(map(repr, together.scores))
    assert sorted(map(repr, hidden)) == sorted(repr(g) for g in together.suppressed if g.construct in scores.constructs)
    assert any(gone.rule == "complement" for gone in hidden)


def test_more_figures_than_memory_holds_are_refused_with_a_way_on(released, monkeypatch):
    monkeypatch.setattr("bevlogen.disclose.gate.memory_of_machine", lambda: 1000.0)
    with pytest.raises(
        bv.BevlogenError, match=r"2 figures needs some 0 GB .* has 0\. Release constructs apart: .*--ledger"
    ):
        released([None, 0], [[[], TEAM]])


def of_rows(scores, rows):
    """Scores of some rows: every column of as many as there are figures."""
    columns = {f.name: getattr(scores, f.name) for f in fields(scores)}
    return replace(scores, **{k: v[rows] for k, v in columns.items() if isinstance(v, np.ndarray)})
