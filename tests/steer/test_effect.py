"""Did it work? Right where an action worked, quiet where nothing was done, and plain about what cannot be said."""

from dataclasses import replace

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.core.periods import in_words
from bevlogen.core.tables import Action

RUNS = 150
T = 8


def periods(n=T):
    return tuple(f"{2023 + i // 4}-Q{i % 4 + 1}" for i in range(n))


def scores(rng, n=60, n_periods=T, level=0.8):
    deviation = [rng.normal(0, 0.6, n)]
    for _ in range(n_periods - 1):
        deviation.append(0.35 * deviation[-1] + rng.normal(0, 0.56, n))
    return 3 + rng.normal(0, level, (n, 1)) + np.array(deviation).T


def done(make, values, acted, start=4, lever="engagement", what="Rounds", extra=(), **org):
    """Effects of one action in these units; ``extra`` are more rows of the table."""
    m = make.measurement(values)
    labels = m.panel.periods
    begun = labels[start] if isinstance(start, int) else start
    rows = [Action(m.panel.units[i], begun, lever, what, None) for i in acted]
    workspace = replace(make.workspace(make.organisation(**org)), actions=(*rows, *extra), periods=labels)
    return steer.effects(m, workspace)


def lifted(rng, acted, by, start=4, n=60):
    y = scores(rng, n)
    y[acted, start:] += by
    return y


def test_an_action_that_worked_is_said_to_have_worked(make):
    acted = np.arange(12)
    (action,) = done(make, {"engagement": lifted(np.random.default_rng(1), acted, 1.2)}, acted)
    assert (action.verdict, action.outcomes[0].method) == ("worked", "staggered")
    assert action.reason == "It worked on engagement."


def test_the_wrong_way_is_said(make):
    acted = np.arange(12)
    (action,) = done(make, {"engagement": lifted(np.random.default_rng(1), acted, -1.2)}, acted)
    assert action.verdict == "backfired"


def test_less_absence_is_better(make):
    acted, rng = np.arange(12), np.random.default_rng(2)
    values = {"engagement": lifted(rng, acted, 1.2), "absence": lifted(rng, acted, -1.2)}
    absence = done(make, values, acted)[0].outcomes[1]
    assert (absence.outcome, absence.verdict) == ("absence", "worked")
    assert absence.estimate.estimate > 0 > absence.raw.estimate


def test_a_step_counts_only_if_the_one_before_it_does(make):
    acted, rng = np.arange(12), np.random.default_rng(3)
    values = {"engagement": scores(rng), "loyalty": lifted(rng, acted, 1.2)}
    lever, loyalty = done(make, values, acted)[0].outcomes
    assert lever.verdict != "worked"
    assert loyalty.p_value >= lever.p_value
    assert loyalty.verdict != "worked"


def test_rows_with_the_same_lever_and_words_are_one_action(make):
    rng = np.random.default_rng(4)
    extra = (Action("u20", "2024-Q2", "engagement", "  rounds ", None),)
    (action,) = done(make, {"engagement": scores(rng)}, range(6), extra=extra)
    assert len(action.units) == 7


def test_few_units_at_one_moment_are_held_against_a_mix(make):
    (action,) = done(make, {"engagement": lifted(np.random.default_rng(5), [0, 1, 2], 2.0)}, range(3))
    assert (action.outcomes[0].method, action.outcomes[0].verdict) == ("synthetic", "worked")


def test_one_unit_with_a_short_series_is_never_said_to_have_worked(make):
    (action,) = done(make, {"engagement": lifted(np.random.default_rng(6), [0], 4.0)}, [0])
    assert action.verdict == "undetermined"
    assert "It is one unit" in action.outcomes[0].reason


def test_one_unit_with_a_long_series_is_held_against_the_mean_of_the_others(make):
    y = scores(np.random.default_rng(7), 30, 24, level=0.3)
    y[0, 12:] += 3
    (action,) = done(make, {"engagement": y}, [0], start=12)
    assert (action.outcomes[0].method, action.verdict) == ("interrupted", "worked")


def test_all_units_at_once_with_a_short_series_has_no_answer_and_says_what_would_help(make):
    (action,) = done(make, {"engagement": scores(np.random.default_rng(8), 20)}, range(20))
    outcome = action.outcomes[0]
    assert (outcome.method, outcome.verdict) == ("none", "undetermined")
    assert "let a part begin later" in outcome.reason
    assert "Laat een volgende keer een deel later beginnen" in outcome.reason_nl


def test_all_units_at_once_with_a_long_series_is_an_interrupted_series(make):
    y = scores(np.random.default_rng(9), 20, 24)
    y[:, 12:] += 2
    outcome = done(make, {"engagement": y}, range(20), start=12)[0].outcomes[0]
    assert (outcome.method, outcome.verdict, outcome.n_compared) == ("interrupted", "worked", 0)
    assert "anything else that happened" in outcome.reason


def test_an_action_before_the_data_has_no_before(make):
    outcome = done(make, {"engagement": scores(np.random.default_rng(10))}, range(6), start="2021-Q1")[0].outcomes[0]
    assert outcome.verdict == "undetermined"
    assert "before anything was measured" in outcome.reason


def test_an_action_after_the_data_is_too_early_with_the_period_to_wait_for(make):
    outcome = done(make, {"engagement": scores(np.random.default_rng(11))}, range(30), start="2025-Q1")[0].outcomes[0]
    assert outcome.verdict == "too early"
    assert outcome.say_from >= "2025-Q1"
    assert in_words(outcome.say_from).en in outcome.reason


def test_units_that_were_reorganised_are_left_out_and_counted(make):
    y = scores(np.random.default_rng(12))
    y[:2, :4] = np.nan
    (action,) = done(make, {"engagement": y}, range(8))
    assert action.outcomes[0].n_acted == 6
    assert action.notes[0].en.endswith("reorganised): 2 units.")


def test_an_action_in_reorganised_units_alone_says_that_there_is_nothing_to_compare(make):
    y = scores(np.random.default_rng(12))
    y[:8, :4] = np.nan
    (action,) = done(make, {"engagement": y}, range(8))
    outcome = action.outcomes[0]
    assert (outcome.method, outcome.verdict) == ("none", "undetermined")
    assert "measured both before and after the start (new, or reorganised)" in outcome.reason
    assert "gereorganiseerd" in outcome.reason_nl


def test_an_action_in_units_that_are_gone_says_the_same(make):
    extra = (Action("merged-away", "2024-Q1", "engagement", "Rounds", None),)
    (action,) = done(make, {"engagement": scores(np.random.default_rng(12))}, [], extra=extra)
    assert "new, or reorganised" in action.outcomes[0].reason


def test_another_action_already_running_is_told(make):
    extra = (Action("u00", "2023-Q2", "loyalty", "Other", None),)
    values = {"engagement": scores(np.random.default_rng(13))}
    action = next(a for a in done(make, values, range(8), extra=extra) if a.what == "Rounds")
    assert action.notes[0].en == "Another action ran there already, and the two cannot be told apart: 1 unit."


def test_regression_to_the_mean_is_shown_apart(make):
    y = scores(np.random.default_rng(14))
    worst = np.argsort(y[:, 3])[:12]
    outcome = done(make, {"engagement": y}, worst)[0].outcomes[0]
    assert outcome.chance > 0.2
    assert outcome.estimate.estimate < outcome.naive


def test_units_on_another_course_before_are_not_said_to_have_been_helped(make):
    y = scores(np.random.default_rng(15))
    y[:12] += 0.3 * np.arange(T)
    outcome = done(make, {"engagement": y}, range(12), start=5)[0].outcomes[0]
    assert outcome.verdict == "undetermined"
    assert "already on another course" in outcome.reason


def test_two_directions_of_the_fair_comparisons_are_told(make):
    rng = np.random.default_rng(2)
    outcome = done(make, {"engagement": scores(rng)}, np.arange(10))[0].outcomes[0]
    assert (outcome.plain.estimate > 0) == (outcome.estimate.estimate > 0) or "different sides" in outcome.reason


def test_no_action_gives_no_effect(make):
    assert done(make, {"engagement": scores(np.random.default_rng(16))}, []) == ()


@pytest.mark.slow
@pytest.mark.parametrize("worst_first", [False, True])
def test_where_nothing_was_done_worked_is_said_at_most_once_in_twenty(make, worst_first):
    rng, said = np.random.default_rng(17), 0
    for _ in range(RUNS):
        values = {v: scores(rng) for v in ("employership.leadership", "engagement", "loyalty", "retention")}
        key = values["engagement"][:, 3] if worst_first else rng.normal(size=60)
        acted = np.argsort(key)[:12]
        lever = "engagement" if worst_first else "employership.leadership"
        said += done(make, values, acted, lever=lever)[0].verdict == "worked"
    assert said / RUNS <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("worst_first", [False, True])
def test_a_known_effect_is_recovered_also_where_the_worst_began_first(make, worst_first):
    rng, found, inside = np.random.default_rng(18), [], 0
    for _ in range(RUNS):
        y = scores(rng)
        acted = np.argsort(y[:, 3] if worst_first else rng.normal(size=60))[:12]
        y[acted, 4:] += 0.5
        raw = done(make, {"engagement": y}, acted)[0].outcomes[0].raw
        found.append(raw.estimate)
        inside += raw.low <= 0.5 <= raw.high
    assert np.mean(found) == pytest.approx(0.5, abs=3 * np.std(found) / np.sqrt(RUNS))
    assert inside / RUNS >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / RUNS)
