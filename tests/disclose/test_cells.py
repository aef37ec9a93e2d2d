"""Scores and figures of record through the gate."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.chain import Text
from bevlogen.core.measured import Figures
from bevlogen.core.tables import Measure, Policy, ResultTable, ScoreTable
from bevlogen.disclose import cells

TEAM = [3.0, 4.0, 2.0, 5.0, 3.5, 4.5, 2.5, 3.0]
ONE_TREE = [None, 0, 0, 0]


def rules(passed):
    return {(s.unit, s.construct): s.rule for s in passed.suppressed}


def units_shown(passed):
    return [s.unit for s in passed.scores]


def test_scores_of_large_teams_are_shown_rounded(small):
    made = small([None, 0, 0], [[[], TEAM, TEAM[:5]]])
    passed = cells.judge(made.workspace, made.measurement)
    exact = [np.mean([*TEAM, *TEAM[:5]]), np.mean(TEAM), np.mean(TEAM[:5])]
    assert [(s.unit, s.n) for s in passed.scores] == [("u0", 13), ("u1", 8), ("u2", 5)]
    assert all(abs(s.mean - m) <= s.step / 2 for s, m in zip(passed.scores, exact, strict=True))
    assert passed.suppressed == ()


def test_a_tiny_team_takes_a_sibling_with_it(small):
    made = small(ONE_TREE, [[[], TEAM[:3], TEAM, [*TEAM, 3.3]]])
    passed = cells.judge(made.workspace, made.measurement)
    assert units_shown(passed) == ["u0", "u3"]
    assert rules(passed) == {("u1", "engagement"): "threshold", ("u2", "engagement"): "complement"}


def test_what_is_hidden_points_to_the_smallest_group_that_is_shown(small):
    made = small([None, 0, 1, 1], [[[], [], TEAM[:3], TEAM[:4]]])
    passed = cells.judge(made.workspace, made.measurement)
    assert {s.unit: s.instead for s in passed.suppressed if s.unit in ("u2", "u3")} == {"u2": "u1", "u3": "u1"}


def test_what_is_hidden_at_the_top_points_nowhere(small):
    made = small([None], [[TEAM[:3]]])
    assert cells.judge(made.workspace, made.measurement).suppressed[0].instead == ""


def test_a_team_that_agrees_is_shown_like_any_other(small):
    """To hide it would tell what everybody said; so coarse a figure does not."""
    made = small([None, 0, 0], [[[], [4.0] * 9, TEAM]])
    passed = cells.judge(made.workspace, made.measurement)
    assert units_shown(passed) == ["u0", "u1", "u2"]


def test_a_poor_response_is_hidden(small):
    made = small([None], [[TEAM]], policy=Policy(min_response=0.5))
    scores = replace(made.measurement.scores, response_rate=np.array([0.4]))
    passed = cells.judge(made.workspace, replace(made.measurement, scores=scores))
    assert rules(passed) == {("u0", "engagement"): "response"}


def test_an_unknown_number_of_respondents_is_hidden(small):
    made = small([None], [[TEAM]])
    scores = replace(made.measurement.scores, n=np.array([math.nan]))
    passed = cells.judge(made.workspace, replace(made.measurement, scores=scores))
    assert rules(passed) == {("u0", "engagement"): "unknown-n"}


def test_a_health_scale_needs_ten(small):
    made = small([None, 0], [[TEAM[:2], TEAM]], construct="burnout")
    passed = cells.judge(made.workspace, made.measurement)
    assert units_shown(passed) == ["u0"]


def test_public_scores_are_shown_with_or_without_a_number(small):
    made = small([None], [[TEAM[:2]]], policy=Policy(already_public=frozenset({"scores"})))
    code, one = np.zeros(1, dtype=np.int64), np.ones(1)
    workspace = replace(made.workspace, scores=ScoreTable(("engagement",), code, code, code, one, one, one, one, one))
    passed = cells.judge(workspace, made.measurement)
    assert units_shown(passed) == ["u0"]
    assert passed.public == {"engagement"}


def test_each_period_is_judged_by_itself(small):
    made = small([None, 0, 0], [[[], TEAM[:4], TEAM], [[], TEAM, TEAM]])
    shown = {(s.unit, s.period) for s in cells.judge(made.workspace, made.measurement).scores}
    assert shown >= {("u0", "2021"), ("u0", "2022"), ("u2", "2022")}
    assert not shown & {("u1", "2021"), ("u2", "2021")}


def test_tops_and_their_total_over_periods_do_not_tell_of_a_hidden_wave(small):
    """One wave of three people is hidden, and the mean over both waves would give it by subtraction."""
    made = small([None], [[TEAM[:3]], [TEAM]])
    scale = cells.judge(made.workspace, made.measurement).scales[0]
    assert math.isnan(scale.mean)
    assert math.isnan(scale.sd)


def test_the_total_stays_where_nothing_follows_from_it(small):
    made = small([None], [[TEAM], [TEAM]])
    passed = cells.judge(made.workspace, made.measurement)
    assert passed.scales[0].mean == pytest.approx(np.mean([s.mean for s in passed.scores]), abs=0.05)


def test_a_scale_of_fewer_than_k_answers_is_left_out(small):
    made = small([None], [[TEAM[:4]]])
    assert cells.judge(made.workspace, made.measurement).scales == ()


def test_agreement_over_few_units_is_not_told(small):
    made = small([None], [[[*TEAM, *TEAM]]])
    scale = cells.judge(made.workspace, made.measurement).scales[0]
    assert math.isnan(scale.rwg_j)
    assert math.isnan(scale.icc1.estimate)
    assert scale.alpha.estimate == 0.8


def family(small, whole, facet):
    """A construct with one facet, each with its own answers."""
    made, part = small(ONE_TREE, [whole], construct="employership"), small(ONE_TREE, [facet])
    first, second = made.measurement.scores, part.measurement.scores
    arrays = ("unit", "period", "n", "mean", "sd", "std_error", "reliability", "shrunken", "shrunken_low")
    arrays = (*arrays, "shrunken_high", "response_rate", "all_equal")
    both = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in arrays}
    code = np.concatenate([first.construct, second.construct + 1])
    scores = replace(first, constructs=("employership", "employership.autonomy"), construct=code, **both)
    return made.workspace, replace(made.measurement, scores=scores)


def test_a_unit_hidden_for_a_construct_is_hidden_for_its_facets(small):
    """Alone, the facet would hide u3 and show u2, and u2's hidden whole would follow from its facets."""
    passed = cells.judge(*family(small, [[], TEAM[:3], TEAM[:7], TEAM], [[], TEAM[:3], TEAM[:7], TEAM[:6]]))
    assert units_shown(passed) == ["u0", "u3", "u0", "u3"]


def test_a_facet_on_which_all_agree_hides_the_whole_of_that_unit(small):
    passed = cells.judge(*family(small, [[], TEAM, TEAM, TEAM], [[], [4.0] * 8, TEAM, TEAM]))
    assert ("u1", "employership") in rules(passed)


@pytest.mark.parametrize("name", ["engagement", "engagement.vigour"])
def test_an_instrument_that_asks_for_more_protection_is_shown_more_coarsely(small, name):
    """Also where it is a facet that asks: the whole would tell it."""
    made = small(ONE_TREE, [[[], *[TEAM * 4] * 3]], policy=Policy(protection_by_construct={name: 0.5}))
    usual = small(ONE_TREE, [[[], *[TEAM * 4] * 3]])
    strict, common = (cells.judge(m.workspace, m.measurement).scores for m in (made, usual))
    assert [s.step for s in strict] == pytest.approx([2 * s.step for s in common])


def test_an_instrument_that_asks_for_more_people_is_hidden_below_that(small):
    policy = Policy(k_by_construct={"engagement": 9}, k_distributions_by_construct={"engagement": 40})
    made = small(ONE_TREE, [[[], TEAM, [*TEAM, 3.0], [*TEAM, 3.0]]], policy=policy)
    passed = cells.judge(made.workspace, made.measurement)
    assert rules(passed)["u1", "engagement"] == "threshold"
    assert math.isnan(passed.scales[0].sd)
    assert not math.isnan(cells.judge(*family(small, [[], TEAM, TEAM, TEAM], [[], TEAM, TEAM, TEAM])).scales[0].sd)


def test_a_facet_that_few_answered_does_not_hide_the_whole(small):
    passed = cells.judge(*family(small, [[], TEAM, TEAM, TEAM], [[], TEAM[:4], TEAM, TEAM]))
    assert "u1" in [s.unit for s in passed.scores if s.construct == "employership"]


def with_figures(small, parents, persons, *, rows=None, measure="retention", policy=None):
    """Figures of record for units with rows of their own (default: every unit that is nobody's parent) and above."""
    made = small(parents, [[[] for _ in parents]], policy=policy)
    unit = np.arange(len(parents), dtype=np.int64)
    code = np.zeros(len(parents), dtype=np.int64)
    label = Measure(measure, Text(measure, measure), True, health=measure == "absence")
    own = np.array([u for u in range(len(parents)) if u not in parents] if rows is None else rows, dtype=np.int64)
    value = 0.912345 - 0.01 * unit
    results = ResultTable((measure,), own, own * 0, own * 0, value[own], value[own] * np.nan)
    organisation = replace(made.workspace.organisation, measures={measure: label})
    workspace = replace(made.workspace, organisation=organisation, results=results)
    reached = [u for u in unit if u in own or any(parents[c] == u for c in own)]
    figures = Figures(
        tuple(f"u{u}" for u in unit),
        workspace.periods,
        (measure,),
        unit[reached],
        code[reached],
        code[reached],
        value[reached],
        np.array(persons, dtype=float)[reached],
    )
    return workspace, replace(made.measurement, figures=figures)


def test_figures_of_record_are_shown_to_three_digits(small):
    passed = cells.judge(*with_figures(small, [None, 0], [8, 8]))
    assert [(r.unit, r.value) for r in passed.results] == [("u0", 0.912), ("u1", 0.902)]


def test_figures_of_record_obey_threshold_and_complement(small):
    passed = cells.judge(*with_figures(small, ONE_TREE, [20, 3, 7, 10]))
    assert [r.unit for r in passed.results] == ["u0", "u3"]
    assert rules(passed) == {("u1", "retention"): "threshold", ("u2", "retention"): "complement"}


def test_absence_needs_ten_persons(small):
    passed = cells.judge(*with_figures(small, [None, 0, 0], [21, 9, 12], measure="absence"))
    assert [r.unit for r in passed.results] == ["u0"]


def test_an_unknown_headcount_hides_a_figure_of_record(small):
    passed = cells.judge(*with_figures(small, [None], [math.nan]))
    assert rules(passed) == {("u0", "retention"): "unknown-n"}


def test_public_results_are_shown_without_a_headcount(small):
    policy = Policy(already_public=frozenset({"results"}))
    passed = cells.judge(*with_figures(small, [None], [math.nan], policy=policy))
    assert [r.unit for r in passed.results] == ["u0"]


def test_heads_of_units_without_a_figure_do_not_swell_a_remainder(small):
    """The group counts 60 heads, but its figure covers u1 and u2 only; u2's four would follow from u0 less u1."""
    passed = cells.judge(*with_figures(small, ONE_TREE, [60, 6, 4, 50], rows=[1, 2]))
    assert [r.unit for r in passed.results] == ["u0"]


def test_measurement_stays_unchanged(small):
    made = small(ONE_TREE, [[[], TEAM[:3], TEAM, TEAM]])
    before = made.measurement.scores.n.copy()
    cells.judge(made.workspace, made.measurement)
    assert np.array_equal(made.measurement.scores.n, before)
