"""What was measured, as a reader of the release knows it."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.whatif import NODES, Setting, organisation

from bevlogen.core.measured import Scores
from bevlogen.core.shown import ShownResult, ShownScore
from bevlogen.disclose import as_shown
from bevlogen.disclose.cells import Passed
from bevlogen.disclose.gate import release

PEOPLE = 20.0


@pytest.fixture(scope="module")
def measured():
    measurement, _ = organisation(Setting(), np.random.default_rng(1))
    return measurement


def passed(panel, at, mean=3.5, n=PEOPLE, rounded=0.02):
    key = panel.units[at[0]], panel.periods[at[1]], panel.variables[at[2]]
    nothing = (np.nan,) * 4
    return Passed((ShownScore(*key, n, mean, *nothing, 0.5, rounded),), (), (), (), frozenset())


def first(panel):
    unit, period, variable = np.argwhere(np.isfinite(panel.value) & np.isfinite(panel.n))[7].tolist()
    return unit, period, variable


def test_only_what_is_shown_is_there_and_as_it_is_shown(measured):
    at = first(measured.panel)
    n = measured.panel.n[at]
    panel = as_shown(passed(measured.panel, at, n=n), measured).panel
    for block in (panel.value, panel.n, panel.error):
        assert np.argwhere(np.isfinite(block)).tolist() == [list(at)]
    assert (panel.value[at], panel.n[at]) == (3.5, n)


def test_rounding_is_error_beside_that_of_sampling(measured):
    at = first(measured.panel)
    n = measured.panel.n[at]
    bare, rounded = (as_shown(passed(measured.panel, at, n=n, rounded=r), measured).panel.error[at] for r in (0, 0.02))
    assert bare == pytest.approx(measured.panel.error[at], rel=0.1)
    assert rounded == pytest.approx(bare + 0.02)


def test_a_figure_of_all_below_is_not_that_of_a_units_own_people(measured):
    at = first(measured.panel)
    names = tuple(of[here] for of, here in zip((measured.panel.units, measured.panel.periods, NODES), at, strict=True))
    one = [np.zeros(1, dtype=np.int64)] * 3
    for below, told in ((0.0, 1), (5.0, 0)):
        n = measured.panel.n[[at[0]], [at[1]], [at[2]]] + below
        scores = Scores(*((name,) for name in names), *one, n, *[np.full(1, np.nan)] * 8, n > n)
        panel = as_shown(passed(measured.panel, at, n=n[0]), replace(measured, scores=scores)).panel
        assert np.isfinite(panel.value).sum() == told


def test_a_figure_of_record_has_no_error(measured):
    at = first(measured.panel)
    key = measured.panel.units[at[0]], measured.panel.periods[at[1]], measured.panel.variables[at[2]]
    told = replace(passed(measured.panel, at), scores=(), results=(ShownResult(*key, 0.5),))
    panel = as_shown(told, measured).panel
    assert (panel.value[at], panel.error[at]) == (0.5, 0.0)


def test_where_to_begin_and_what_lies_ahead_are_made_of_figures_as_they_are_shown(small, empty_chain, empty_plan):
    made, seen = small([None, 0, 0], [[[], [float(a) for a in (1, 2, 3, 4, 5) * 2], [4.0] * 8]]), []

    def keep(shown):
        seen.append(shown.scores.mean[np.isfinite(shown.scores.mean)].tolist())
        return ()

    ways = {"forecast": keep, "warn": keep, "steer": lambda shown: (keep(shown), empty_plan)[1]}
    found = release(made.workspace, made.measurement, empty_chain, empty_plan, **ways)
    assert len(seen) == len(ways)
    assert all(sorted(one) == sorted(score.mean for score in found.scores) for one in seen)


@pytest.mark.parametrize("few", [False, True])
def test_a_release_says_that_its_links_are_made_of_figures_as_they_are_shown(small, empty_chain, empty_plan, few):
    made = small([None, 0], [[[], [1.0, 2.0, 3.0, 4.0, 5.0, 5.0]]])
    found = release(made.workspace, made.measurement, empty_chain, empty_plan, of_shown=few)
    assert any("Links of few figures" in note.en for note in found.notes) == few
