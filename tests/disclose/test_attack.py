import numpy as np
import pytest

from bevlogen.core.released import AnswerScale
from bevlogen.disclose.attack import Sheet, attack, shown
from bevlogen.disclose.complement import tree

FIVE = AnswerScale(1, 5, 1)
HUNDRED = AnswerScale(0, 100, 25)  # five answers shown as 0 to 100
SAME = 1e-9


def sheet(parent, waves, visible, step, scale=FIVE):
    """``waves``: per wave the answers of each leaf unit by unit code; ``visible``: per wave the codes shown."""
    units = tree(parent)
    n, total = np.zeros((len(parent), len(waves))), np.zeros((len(parent), len(waves)))
    for t, answers in enumerate(waves):
        for unit, given in answers.items():
            n[unit, t], total[unit, t] = len(given), sum(given)
    for unit in units.order:
        if parent[unit] >= 0:
            n[parent[unit]] += n[unit]
            total[parent[unit]] += total[unit]
    mean = np.round(total / np.maximum(n, 1) / step) * step
    for t, codes in enumerate(visible):
        mean[[u for u in range(len(parent)) if u not in codes], t] = np.nan
    return Sheet(units, shown(n, mean, np.full(n.shape, step)), scale)


def found(kind, exposures):
    return [e for e in exposures if e.kind == kind]


def test_a_team_of_three_is_told_by_its_siblings_and_the_whole():
    rng = np.random.default_rng(1)
    answers = {u: list(rng.choice([0, 25, 50, 75, 100], size)) for u, size in ((1, 3), (2, 7), (3, 10))}
    told = attack(sheet([-1, 0, 0, 0], [answers], [[0, 2, 3]], 1.0, HUNDRED), k=5, protection=0.25)
    exposed = found("mean", told)[0]
    assert exposed.unit == 1
    assert exposed.low == pytest.approx(np.mean(answers[1]), abs=SAME)
    assert exposed.high == pytest.approx(np.mean(answers[1]), abs=SAME)


def test_one_who_left_between_two_waves_is_told():
    before = [3, 4, 2, 5, 1, 3, 4, 2, 5, 3]
    told = attack(sheet([-1], [{0: before}, {0: before[1:]}], [[0], [0]], 0.01), k=5, protection=0.25)
    assert [(e.wave, e.since, e.people, e.low, e.high) for e in told] == [(1, 0, 1, 3, 3)]


def test_one_who_left_is_safe_when_the_figures_are_coarse():
    before = [3, 4, 2, 5, 1, 3, 4, 2, 5, 3]
    assert attack(sheet([-1], [{0: before}, {0: before[1:]}], [[0], [0]], 0.5), k=5, protection=0.25) == ()


def test_all_but_one_at_the_top_tells_each_of_them():
    told = attack(sheet([-1], [{0: [5, 5, 5, 5, 4]}], [[0]], 0.1), k=5, protection=0.5)
    assert [(e.kind, e.low, e.high) for e in told] == [("answer", 4, 5)]


def test_a_leaver_of_a_hidden_team_is_told_by_the_whole():
    whole, small = [3] * 20, [2, 4, 5, 1]
    waves = [{1: whole, 2: small}, {1: whole, 2: small[1:]}]
    told = attack(sheet([-1, 0, 0], waves, [[0], [0]], 0.01), k=5, protection=0.25)
    assert [(e.unit, e.people, e.low) for e in found("answer", told)] == [(2, 1, 2)]


def test_a_wide_remainder_tells_nothing():
    answers = {1: [1, 3, 5, 2], 2: [4, 2, 3, 5, 1], 3: [2, 2, 5, 4, 3, 1]}
    assert attack(sheet([-1, 0, 0, 0], [answers], [[0, 3]], 0.1), k=5, protection=0.25) == ()


def test_three_waves_tell_what_no_two_of_them_tell():
    n, mean = np.array([[22.0, 20.0, 21.0]]), np.array([[3.1, 2.9, 2.8]])
    step = np.full(n.shape, 0.1)
    for two in ([0, 1], [1, 2], [0, 2]):
        part = shown(n[:, two], mean[:, two], step[:, two])
        assert attack(Sheet(tree([-1]), part, FIVE), k=5, protection=0.25) == ()
    told = attack(Sheet(tree([-1]), shown(n, mean, step), FIVE), k=5, protection=0.25)
    assert [(e.wave, e.since, e.people, e.low, e.high) for e in told] == [(1, 0, 2, 5, 5), (2, 1, 1, 1, 1)]


def test_one_who_took_the_place_of_another_in_a_hidden_team_is_told_by_the_whole():
    """The team of six is hidden; all less the others tells its sum in both waves."""
    whole, before, after = [3] * 20, [1, 2, 4, 3, 3, 2], [5, 2, 4, 3, 3, 2]
    told = attack(sheet([-1, 0, 0], [{1: whole, 2: before}, {1: whole, 2: after}], [[0, 1], [0, 1]], 0.01),
                  k=5, protection=0.25)  # fmt: skip
    assert {(e.unit, e.swapped, e.low, e.high) for e in told} == {
        (unit, True, said, said) for unit in (0, 2) for said in (1, 5)
    }
