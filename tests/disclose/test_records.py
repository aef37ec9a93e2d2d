"""Figures of record on health, told twice: nobody's sickness follows from the difference."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.chain import Text
from bevlogen.core.measured import Figures
from bevlogen.core.tables import Measure, ResultTable
from bevlogen.disclose import audit, release
from bevlogen.disclose.complement import tree
from bevlogen.disclose.gate import told
from bevlogen.disclose.ledger import Ledger, entered, opened, rules_of
from bevlogen.disclose.records import as_told, nothing_recorded, with_rest

LEAST = 10.0
CLOSE = 1e-9


def column(*values):
    return np.array(values, dtype=float)[:, None]


def kept(parents, now, before, least=LEAST, may_show=None):
    """``now`` and ``before``: rows of persons, value and exposure."""
    units, shown = tree(parents), np.ones((len(parents), 1), dtype=bool)
    shown = shown if may_show is None else column(*may_show).astype(bool)
    rows = [nothing_recorded(len(parents), 1) for _ in range(2)]
    for record, given in zip(rows, (now, before), strict=True):
        for name, part in zip(("n", "value", "exposure"), zip(*given, strict=True), strict=True):
            getattr(record, name)[:] = column(*part)
    then = with_rest(units, rows[1], np.isfinite(rows[1].value))
    found = as_told(units, rows[0], then, shown, least, np.zeros_like(shown))
    return found.value.ravel().tolist(), found.stays.ravel().tolist()


NOTHING = (math.nan, math.nan, math.nan)


def test_what_was_not_told_before_is_told_as_it_is():
    assert kept([-1], [(12, 0.06, 900)], [NOTHING]) == ([0.06], [False])


@pytest.mark.parametrize("now", [(12, 0.07, 900), (11, 0.05, 830), (20, 0.02, 1500), (12, 0.9, 900)])
def test_a_figure_of_which_few_can_be_different_stays_as_it_was_told(now):
    """However far it moved: that it moved far would tell of one person too."""
    assert kept([-1], [now], [(12, 0.06, 900)]) == ([0.06], [True])


@pytest.mark.parametrize("now", [(22, 0.07, 1600), (12, 0.07, 1650)])
def test_a_figure_of_many_more_people_or_of_much_more_of_their_time_is_told_anew(now):
    assert kept([-1], [now], [(12, 0.06, 900)]) == ([0.07], [False])


def test_a_group_is_made_of_its_parts_as_they_are_told():
    """One of team A fell ill; the group grew by team C and is told anew: less B and C it gives A as it was told."""
    parts = [(12, 0.10, 1000), (12, 0.04, 1000), (15, 0.02, 1000)]
    group = (39, sum(f * e for _, f, e in parts) / 3000, 3000)
    before = [(24, 0.05, 2000), (12, 0.06, 1000), (12, 0.04, 1000), NOTHING]
    value, stays = kept([-1, 0, 0, 0], [group, *parts], before)
    assert stays == [False, True, True, False]
    assert 3 * value[0] - value[2] - value[3] == pytest.approx(0.06, abs=CLOSE)


def test_a_group_of_which_no_part_is_told_anew_stays_as_it_was_told():
    """Its parts are told rounded: made of those it would be another figure, although nothing happened."""
    now = [(24, 0.0476, 2000), (12, 0.0412, 1000), (12, 0.0540, 1000)]
    before = [(24, 0.048, 2000), (12, 0.041, 1000), (12, 0.054, 1000)]
    assert kept([-1, 0, 0], now, before) == ([0.048, 0.041, 0.054], [True, True, True])


def test_without_an_exposure_people_are_counted():
    value, stays = kept([-1, 0, 0], [(24, 0.08, math.nan), (12, 0.1, math.nan), (12, 0.06, math.nan)],
                        [NOTHING, (12, 0.04, math.nan), NOTHING])  # fmt: skip
    assert stays == [False, True, False]
    assert value == pytest.approx([0.05, 0.04, 0.06], abs=CLOSE)


def test_a_hidden_figure_stays_hidden_and_changes_no_group():
    value, stays = kept([-1, 0], [(24, 0.08, 10), (12, 0.1, 5)], [NOTHING, (12, 0.04, 5)], may_show=[1, 0])
    assert (value[0], stays) == (0.08, [False, False])


def made(small, values, persons, exposure, measure="absence", health=True):
    """A top and its teams, with a figure of record of each team and of the top."""
    parents = [None, *[0] * len(values)]
    base = small(parents, [[[] for _ in parents]])
    codes, none = np.arange(1, len(parents)), np.zeros(len(values), dtype=np.int64)
    amount = np.array(values) * exposure
    results = ResultTable((measure,), codes, none, none, amount, np.array(exposure, dtype=float))
    label = {measure: Measure(measure, Text(measure, measure), False, health=health)}
    workspace = replace(
        base.workspace, organisation=replace(base.workspace.organisation, measures=label), results=results
    )
    every, zero = np.arange(len(parents)), np.zeros(len(parents), dtype=np.int64)
    value = np.array([amount.sum() / np.sum(exposure), *values])
    figures = Figures(workspace.units and tuple(u.key for u in workspace.units), workspace.periods, (measure,), every,
                      zero, zero, value, np.array([sum(persons), *persons], dtype=float))  # fmt: skip
    return workspace, replace(base.measurement, figures=figures)


@pytest.fixture
def run(empty_chain, empty_plan):
    """Release after what is in a ledger; the figures by unit, the ledger with it, and the notes."""

    def one(workspace, measurement, ledger, name="2026-01-01T12:00:00+00:00"):
        found = release(workspace, measurement, empty_chain, empty_plan, ledger=ledger)
        after = entered(ledger, told(workspace, measurement, found, name), rules_of(workspace.organisation.policy))
        return {r.unit: r.value for r in found.results}, opened(after.lines, after.key), found.notes

    return one


def test_who_reported_sick_between_two_releases_is_not_told(small, run):
    """Everybody of team 1 knows that only one colleague's leave was entered late."""
    first, ledger, notes = run(*made(small, [0.06, 0.03], [12, 30], [900, 2000]), Ledger())
    later, after, said = run(*made(small, [0.08, 0.03], [12, 30], [900, 2000]), ledger, "2026-02-01T12:00:00+00:00")
    assert later == first == {"u0": 0.0393, "u1": 0.06, "u2": 0.03}
    assert len(after.lines) == 1
    assert notes == ()
    assert [note.en[:30] for note in said] == ["Some figures on health changed"]


def test_the_next_quarter_of_everybody_is_told(small, run):
    _, ledger, _ = run(*made(small, [0.06, 0.03], [12, 30], [900, 2000]), Ledger())
    later, after, _ = run(*made(small, [0.08, 0.03], [12, 30], [1800, 4000]), ledger, "2026-02-01T12:00:00+00:00")
    assert later["u1"] == 0.08
    assert len(after.lines) == 2


def test_what_says_nothing_of_health_may_be_corrected(small, run):
    _, ledger, _ = run(*made(small, [0.6, 0.3], [12, 30], [900, 2000], "retention", health=False), Ledger())
    later, _, _ = run(*made(small, [0.7, 0.3], [12, 30], [900, 2000], "retention", health=False), ledger,
                      "2026-02-01T12:00:00+00:00")  # fmt: skip
    assert later["u1"] == 0.7


def test_hidden_teams_are_in_the_ledger_and_no_later_tree_parts_them(small, run):
    """Team 1 (of nine) was hidden with team 2; in another tree, where it has grown, team 2 alone would part them."""
    workspace, measurement = made(small, [0.06, 0.03, 0.02], [9, 30, 40], [900, 2000, 3000])
    first, ledger, _ = run(workspace, measurement, Ledger())
    assert set(first) == {"u0", "u3"}
    assert ledger.released[0].n.tolist() == [79, 9, 30, 40]
    units = tuple(replace(u, parent=None) if u.key == "u1" else u for u in workspace.units)
    value = measurement.figures.value.copy()
    value[0] = (0.03 * 2000 + 0.02 * 3000) / 5000
    alone = replace(measurement.figures, value=value, persons=np.array([70.0, 9, 30, 40]))
    again, _, _ = run(
        replace(workspace, units=units), replace(measurement, figures=alone), ledger, "2026-02-01T12:00:00+00:00"
    )
    assert set(again) <= {"u3"}


@pytest.mark.parametrize("of", ["shown", "hidden"])
@pytest.mark.parametrize("joined", [0, 4, 15])
def test_whatever_one_person_reports_late_nothing_that_is_shown_moves(small, run, of, joined):
    """Also where a team joins the group, so that the group is told anew: it would tell of the rest of the group."""
    teams = [(14, 900), (9, 700), (12, 800), (30, 2000)]
    first = [0.05, 0.04, 0.06, 0.03]
    seen = []
    for days in (0, 20, 60):
        late = first.copy()
        late[0 if of == "shown" else 1] += days / teams[0 if of == "shown" else 1][1]
        more = [(joined, 1000.0, 0.02)] * (joined > 0)
        _, ledger, _ = run(*made(small, first, *map(list, zip(*teams, strict=True))), Ledger())
        people, exposure = ([*(team[i] for team in teams), *(one[i] for one in more)] for i in (0, 1))
        values = [*late, *(one[2] for one in more)]
        seen.append(run(*made(small, values, people, exposure), ledger, "2026-02-01T12:00:00+00:00")[0])
    assert seen[0] == seen[1] == seen[2]
    assert "u0" in seen[0]


@pytest.mark.parametrize("of", [0, 1])
def test_a_new_group_around_old_teams_stays_as_the_old_one_was_told(small, run, of):
    """Under another key the figure of the group, told anew, would tell what one of a hidden team reported late."""
    teams = [(14, 900), (9, 700), (12, 800), (30, 2000)]
    first = [0.05, 0.04, 0.06, 0.03]
    people = list(map(list, zip(*teams, strict=True)))
    seen = []
    for days in (0, 20, 60):
        told_first, ledger, _ = run(*made(small, first, *people), Ledger())
        late = [value + (days / teams[at][1] if at == of else 0) for at, value in enumerate(first)]
        workspace, measurement = made(small, late, *people)
        units = tuple(replace(u, key="other") if u.key == "u0" else replace(u, parent="other") for u in workspace.units)
        figures = replace(measurement.figures, units=tuple(u.key for u in units))
        scores = replace(measurement.scores, units=tuple(u.key for u in units)[: len(measurement.scores.units)])
        again = replace(measurement, figures=figures, scores=scores)
        seen.append(run(replace(workspace, units=units), again, ledger, "2026-02-01T12:00:00+00:00")[0])
        assert seen[-1]["other"] == told_first["u0"]
    assert seen[0] == seen[1] == seen[2]


def under(workspace, measurement, keys, parents):
    """The same under other keys and in other groups."""
    units = [replace(u, key=keys.get(u.key, u.key)) for u in workspace.units]
    units = [replace(u, parent=parents.get(u.key, u.parent and keys.get(u.parent, u.parent))) for u in units]
    named = tuple(u.key for u in units)
    figures = replace(measurement.figures, units=named)
    scores = replace(measurement.scores, units=named[: len(measurement.scores.units)])
    return replace(workspace, units=tuple(units)), replace(measurement, figures=figures, scores=scores)


@pytest.mark.parametrize("of", range(4))
@pytest.mark.parametrize(
    ("keys", "parents"), [({"u1": "x"}, {}), ({"u1": "x", "u3": "y"}, {}), ({f"u{i}": f"x{i}" for i in range(5)}, {})]
)
def test_a_team_under_another_key_tells_nothing_that_was_reported_late(small, run, of, keys, parents):
    """It may be the same team: what is shown of it, and of the groups around it, does not move."""
    people = [14, 9, 12, 30], [900, 700, 800, 2000]
    first, seen = [0.05, 0.04, 0.06, 0.03], []
    for days in (0, 20, 60):
        _, ledger, _ = run(*made(small, first, *people), Ledger())
        late = [value + (days / people[1][at] if at == of else 0) for at, value in enumerate(first)]
        made_anew = under(*made(small, late, *people), keys, parents)
        found, ledger, _ = run(*made_anew, ledger, "2026-02-01T12:00:00+00:00")
        again, _, _ = run(*made_anew, ledger, "2026-03-01T12:00:00+00:00")
        assert again == found
        seen.append(found)
    assert seen[0] == seen[1] == seen[2]
    assert not set(keys.values()) - {"x0"} & set(seen[0])


def test_an_audit_passes_over_figures_of_record(small, run):
    _, ledger, _ = run(*made(small, [0.06, 0.03], [12, 30], [900, 2000]), Ledger())
    assert audit(ledger.released) == ()
