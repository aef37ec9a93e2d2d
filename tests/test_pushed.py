"""One who sends data again and again, in whatever form, and watches which figures move: what he cannot learn.

Who knows all answers but one sees that one in a few figures at most: how close that comes is in docs/disclosure.md.
"""

import importlib.util
import random
from pathlib import Path

import pytest

import bevlogen as bv
from bevlogen.disclose.settled import MOST_TOLD

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


def sent(folder, own, *, periods=("2022",), shift=0, score=None):
    """Contacts of seven teams; beside the ratings of the first those that somebody made up himself."""
    real = [
        row
        for at, team in enumerate(TEAMS)
        for row in w.ratings([team], periods, n=10 + at, seed=at + shift, score=score)
    ]
    made_up = [[TEAMS[0], "2022", "", "", value] for value in own]
    return w.write(folder, units=w.tree(TEAMS), interactions=[*real, *made_up])


def figure(release, unit=TEAMS[0], period="2022"):
    return next((s.mean, s.step, s.n) for s in release.scores if (s.unit, s.period) == (unit, period))


def figures(scores):
    return [(s.unit, s.period, s.construct, s.n, s.mean, s.step) for s in scores]


def test_who_sends_contacts_again_and_again_sees_few_figures(tmp_path):
    """One more that he made up each time: what he does not know is in few figures, whatever he adds."""
    lot, told, own, notes = random.Random(3), [], [], 0
    for _ in range(TIMES):
        own.append(lot.randint(1, 5))
        release = bv.open(sent(tmp_path / "it", own)).release(upto="measure")
        told.append(figure(release))
        notes += any("told several times" in note.en for note in release.notes)
    assert told[MOST_TOLD - 1 :] == [told[MOST_TOLD - 1]] * (TIMES - MOST_TOLD + 1)
    assert len(set(told)) == MOST_TOLD
    assert notes == TIMES - MOST_TOLD


def test_it_is_told_anew_when_far_more_have_answered_and_when_the_period_is_over(tmp_path):
    for own in range(MOST_TOLD + 1):
        last = figure(bv.open(sent(tmp_path / "it", [3] * own)).release(upto="measure"))
    assert last[2] == 10 + MOST_TOLD - 1
    over = bv.open(sent(tmp_path / "it", [3] * own, periods=("2022", "2023"))).release(upto="measure")
    assert figure(over)[2] == 10 + own
    many = [3] * round(sum(range(10, 17)) * 0.6)
    assert figure(bv.open(sent(tmp_path / "it", many)).release(upto="measure"))[2] == 10 + len(many)


def test_a_settled_period_tells_nothing_of_answers_that_changed(tmp_path):
    """All real ratings are others, as many: what is told stays, of teams and of the whole, and so does the ledger."""
    for turn in range(MOST_TOLD):
        release = bv.open(sent(tmp_path / "it", [], shift=turn)).release(upto="measure")
    before, lines = release.scores, (tmp_path / "it" / "releases.jsonl").read_text()
    release = bv.open(sent(tmp_path / "it", [], shift=99)).release(upto="measure")
    assert figures(release.scores) == figures(before)
    assert (tmp_path / "it" / "releases.jsonl").read_text() == lines


def test_settled_figures_follow_a_new_tree(tmp_path):
    """Under a new group the teams stay as told; the group is what they were told to be together."""
    for own in range(MOST_TOLD):
        told = bv.open(sent(tmp_path / "it", [3] * own)).release(upto="measure")
    folder = sent(tmp_path / "it", [5] * 9)
    tree = [
        ["top", "Top", "", ""],
        ["new", "New", "top", ""],
        *([t, t, "new" if t in TEAMS[:3] else "top", 12] for t in TEAMS),
    ]
    w.write(tmp_path / "other", units=tree, interactions=[])
    (folder / "units.csv").write_text((tmp_path / "other" / "units.csv").read_text())
    anew = bv.open(folder).release(upto="measure")
    assert [figure(anew, t) for t in TEAMS] == [figure(told, t) for t in TEAMS]
    n = [figure(told, t)[2] for t in TEAMS[:3]]
    means = [figure(told, t)[0] for t in TEAMS[:3]]
    assert figure(anew, "new")[2] == sum(n)
    assert figure(anew, "new")[0] == pytest.approx(sum(a * b for a, b in zip(n, means, strict=True)) / sum(n))


def test_what_was_told_last_stands_also_where_it_was_told_before(tmp_path):
    """Told, corrected, and put back: then the first figures are the last."""
    for answer in (5, 2, 1, 5):
        last = bv.open(sent(tmp_path / "it", [], score=lambda *_, a=answer: a)).release(upto="measure")
    anew = bv.open(sent(tmp_path / "it", [], score=lambda *_: 1)).release(upto="measure")
    assert figures(anew.scores) == figures(last.scores)


@pytest.mark.parametrize("seed", range(6))
def test_who_corrects_his_own_contacts_again_and_again_gets_no_closer_figure(tmp_path, seed):
    """As many each time, other answers: a figure is never what two earlier ones have in common."""
    lot, steps = random.Random(seed), set()
    for _ in range(MOST_TOLD):
        own = [lot.randint(2, 4) for _ in range(6)]
        steps.add(figure(bv.open(sent(tmp_path / "it", own, shift=seed)).release(upto="measure"))[1])
    assert len(steps) == 1
