"""One who sends data again and again, in whatever form, and watches which figures move: what he cannot learn.

What he can is in docs/disclosure.md: many times over, with contacts that he made up and knows himself.
"""

import importlib.util
import random
from pathlib import Path

import pytest

import bevlogen as bv

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

TEAMS = w.keys(7)
SMALL = TEAMS[:2]  # of three people each, so never shown by themselves
SIZES = {team: 3 if team in SMALL else 8 + at for at, team in enumerate(TEAMS)}
ANSWERS = [row for at, team in enumerate(TEAMS) for row in w.answers([team], n=SIZES[team], seed=at)]
TIMES = 12


def grouped(lot):
    """A made-up tree: each team under one of three groups, and these under the top."""
    groups = [[f"g{i}", f"Group {i}", "top", ""] for i in range(3)]
    return [["top", "Top", "", ""], *groups, *([t, t, f"g{lot.randrange(3)}", 12] for t in TEAMS)]


def shown(folder):
    release = bv.open(folder).release(upto="measure")
    return {(s.unit, s.period, s.construct): (s.mean, s.step, s.n) for s in release.scores}


@pytest.mark.parametrize("seed", range(3))
def test_many_made_up_trees_tell_nothing_of_small_teams(tmp_path, seed):
    """Every answer stays as it is; only units move, as one who may send units can make them."""
    lot, told = random.Random(seed), {}
    for _ in range(TIMES):
        folder = w.write(tmp_path / "it", units=grouped(lot), answers=ANSWERS)
        for key, figure in shown(folder).items():
            told.setdefault(key, set()).add(figure)
    assert not {key for key in told if key[0] in SMALL}
    assert {len(figures) for key, figures in told.items() if key[0] in TEAMS} == {1}  # nothing to average over
    assert bv.audit([tmp_path / "it"]) == ()


@pytest.mark.parametrize("seed", range(3))
def test_names_and_order_draw_no_new_place(tmp_path, seed):
    """The same answers under other keys, in another order, in a ledger of their own: where a cell begins stays."""
    lot = random.Random(seed)
    first = shown(w.write(tmp_path / "a", units=w.tree(TEAMS), answers=ANSWERS))
    names = dict(zip(TEAMS, lot.sample(range(100, 999), len(TEAMS)), strict=True))
    again = [[f"x{names[unit]}", *rest] for unit, *rest in ANSWERS]
    lot.shuffle(again)
    other = shown(w.write(tmp_path / "b", units=w.tree([f"x{names[t]}" for t in TEAMS]), answers=again))
    assert {(unit if unit == "top" else f"x{names[unit]}", *rest): f for (unit, *rest), f in first.items()} == other


@pytest.mark.parametrize("seed", range(3))
def test_corrections_about_one_person_move_no_figure_on_health(tmp_path, seed):
    """Days of absence of one colleague, sent anew each time: the figure of the team stays as it was told first."""
    lot, told = random.Random(seed), set()
    days = {team: [lot.randrange(30) for _ in range(14)] for team in TEAMS}
    for _ in range(TIMES):
        days[TEAMS[-1]][0] = lot.randrange(200)
        results = [[team, "2022", "absence", sum(of) / (14 * 220), 14 * 220] for team, of in days.items()]
        folder = w.write(tmp_path / "it", units=w.tree(TEAMS, 14), answers=ANSWERS, results=results)
        release = bv.open(folder).release(upto="measure")
        told.add(tuple((r.unit, r.value) for r in release.results))
    assert {len(figures) for figures in told} == {len(TEAMS) + 1}
    assert len(told) == 1
