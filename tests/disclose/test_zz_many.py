"""The gate against an attacker: what is shown together, of all waves and releases, leaves everybody in doubt."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.core.released import AnswerScale
from bevlogen.core.results import Scores
from bevlogen.core.tables import Policy
from bevlogen.disclose import PolicyError, audit, release
from bevlogen.disclose.complement import tree
from bevlogen.disclose.gate import told
from bevlogen.disclose.ledger import Ledger, LedgerError, Rules, entered
from bevlogen.disclose.narrowing import Block, withstand
from bevlogen.disclose.scores import Precision, shown_scores

K, PROTECTION = 5, 0.25
FIRST, SECOND = "2024-01-01T09:00:00+00:00", "2024-04-01T09:00:00+00:00"
WHOLE = AnswerScale(1, 5, 1)


@pytest.fixture(scope="session")
def kept(small, empty_chain, empty_plan):
    """Release an organisation after the releases in a ledger, and enter it there."""

    def make(parents, waves, ledger=None, name=FIRST, **kw):
        made = small(parents, waves, **kw)
        ledger = ledger or Ledger()
        found = release(made.workspace, made.measurement, empty_chain, empty_plan, ledger=ledger)
        policy = made.workspace.organisation.policy
        record = replace(told(made.workspace, made.measurement, found, name), scales={"engagement": WHOLE})
        return found, entered(ledger, record, Rules(policy.k, policy.protection))

    return make


def exposed(ledger):
    return audit(ledger.released, k=K, protection=PROTECTION)


def means(found):
    return {(s.unit, s.period): (s.mean, s.step) for s in found.scores}


LEFT = [5.0, 4.0, 2.0, 3.0, 3.0, 4.0, 2.0, 3.0, 4.0, 3.0]


def test_one_who_left_between_two_waves_stays_in_doubt(kept):
    assert exposed(kept([None], [[LEFT], [LEFT[1:]]])[1]) == ()


def test_one_who_left_between_two_releases_stays_in_doubt(kept):
    _, first = kept([None], [[LEFT]])
    assert exposed(kept([None], [[LEFT], [LEFT[1:]]], first, SECOND)[1]) == ()


def test_what_an_earlier_release_told_makes_the_next_coarser(kept):
    """Each wave by itself has steps of 0.2; after the first, the second must give way."""
    extreme = [5.0, 2.0, 3.0, 3.0, 4.0, 3.0]
    _, first = kept([None], [[extreme]])
    both, _ = kept([None], [[extreme], [extreme[1:]]], first, SECOND)
    alone, _ = kept([None], [[extreme[1:]]])
    assert means(both)["u0", "2022"][1] > means(alone)["u0", "2021"][1]


def test_the_same_release_again_tells_nothing_new(kept):
    first, ledger = kept([None], [[LEFT]])
    again, after = kept([None], [[LEFT]], ledger, SECOND)
    assert means(again) == means(first)
    assert after == ledger


def test_a_team_that_moved_to_another_group_stays_in_doubt(kept):
    before, team, rest = [3.0, 4.0, 2.0, 5.0, 3.0, 2.0], [1.0, 4.0, 2.0, 3.0, 5.0], [4.0, 3.0, 2.0, 5.0, 1.0, 3.0]
    parents, waves = [None, 0, 0, 1, 1, 2], [[], [], [], before, team, rest]
    _, ledger = kept(parents, [waves])
    moved = [waves, [[], [], [], before[1:], team, rest]]
    _, after = kept([None, 0, 0, 1, 2, 2], moved, ledger, SECOND)
    assert exposed(after) == ()


def test_all_but_one_at_the_top_are_not_shown(kept):
    found, _ = kept([None], [[[5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 4.5]]])
    assert [s.rule for s in found.suppressed] == ["all-equal"]


def test_a_remainder_at_the_top_is_not_left_open(kept):
    """Five hidden people of two teams, of whom all but one (who said 4) answered 5, would follow from the total."""
    teams = [[], [5.0, 5.0, 5.0], [5.0, 4.5], [3.0, 4.0, 2.0, 5.0, 3.0, 1.0]]
    found, _ = kept([None, 0, 0, 0], [teams])
    assert len(found.scores) == 1


def test_a_lowered_threshold_is_refused_after_an_earlier_release(kept):
    _, ledger = kept([None], [[LEFT]], policy=Policy(k=8))
    with pytest.raises(LedgerError, match="k = 8 and the policy now says 5"):
        kept([None], [[LEFT]], ledger, SECOND)


def test_less_protection_is_refused(kept):
    with pytest.raises(PolicyError, match="protection"):
        kept([None], [[LEFT]], policy=Policy(protection=0.1))


def block(sums, n, **kw):
    """Waves of one unit: sums of answers and respondents."""
    n = np.array([n], dtype=float)
    return Block(n, np.array([sums]) / n, n >= K, (WHOLE,), K, **kw)


def test_the_first_wave_keeps_the_step_of_its_size():
    found = withstand(tree([-1]), [block([30.0], [10])], PROTECTION)
    assert found.steps[0].tolist() == [[0.1]]
    assert not found.hidden.any()


def test_from_the_second_wave_on_a_step_times_the_people_covers_the_scale():
    found = withstand(tree([-1]), [block([30.0, 33.0, 120.0], [10, 10, 40])], PROTECTION)
    assert found.steps[0].tolist() == [[0.1, 0.5, 0.1]]


def test_a_mean_near_the_edge_of_a_step_lies_amid_another():
    """3.7 of ten: one point more makes 3.8, which is 4.0 in whole steps of 0.5; so it is shown between 3.5 and 4.0."""
    found = withstand(tree([-1]), [block([30.0, 37.0], [10, 10])], PROTECTION)
    assert (found.means[0][0, 1], found.steps[0][0, 1]) == (3.75, 0.5)


@pytest.mark.parametrize("n", [5, 6, 7, 8, 9, 12, 15, 20, 40, 60])
def test_who_re_enacts_the_choice_of_a_step_still_has_more_than_one_sum(n):
    """He knows the programme but not the spread of the answers, on which the choice between grids rests.

    Only sums that nobody could have, or all alike, stand alone; those are hidden before (``all-equal``).
    """
    sums, spreads = (a.ravel() for a in np.meshgrid(np.arange(n + 1.0, 5 * n), np.arange(0.1, 1.7, 0.1)))
    people, before = np.full((len(sums), 2), float(n)), np.full(len(sums), 3.0)
    means, sd = np.stack([before, sums / n], axis=1), np.stack([np.ones(len(sums)), spreads], axis=1)
    made = Block(people, means, people > 0, (WHOLE,), K, sd=sd)
    found = withstand(tree([-1] * len(sums)), [made], PROTECTION)
    seen = {}
    for total, *as_shown in zip(sums, found.means[0][:, 1], found.steps[0][:, 1], strict=True):
        seen.setdefault(tuple(as_shown), set()).add(total)
    assert not found.hidden.any()
    assert min(len(alike) for alike in seen.values()) > 1


@given(st.lists(st.tuples(st.integers(5, 400), st.floats(0, 1)), min_size=2, max_size=8))
def test_from_the_second_wave_on_any_person_could_have_said_a_point_more_or_less(waves):
    """Figures that an attack found wanting are coarser still; here nobody is, for all waves are of different people."""
    n = np.array([[size for size, _ in waves]], dtype=float)
    total = np.round(n * np.array([[1 + 4 * share for _, share in waves]]))
    found = withstand(tree([-1]), [Block(n, total / n, n >= K, (WHOLE,), K)], PROTECTION)
    seen = ~found.hidden[0, 1:]
    half, shown = found.steps[0][0, 1:][seen] / 2, found.means[0][0, 1:][seen]
    for moved in (-1, 1):
        assert (np.abs((total + moved)[0, 1:][seen] / n[0, 1:][seen] - shown) <= half + 1e-9).all()


def test_input_stays_unchanged():
    made = block([33.0, 28.0], [11, 10])
    withstand(tree([-1]), [made], PROTECTION)
    assert made.mean.tolist() == [[3.0, 2.8]]


def drawn(mean, centre=3.0):
    """One team of five among twenty, drawn to its peers with a reliability of .6."""
    one = lambda x: np.array([x, 3.1, 2.9, 3.0, 3.2, 2.8])  # noqa: E731 - six teams share all but the first figure
    six = np.ones(6)
    values = one(mean)
    level = centre + 0.6 * (values - centre)
    codes = np.arange(6), np.zeros(6, dtype=np.int64), np.zeros(6, dtype=np.int64)
    errors = (0.3 * six, 0.6 * six, level, level - 0.4, level + 0.4, math.nan * six)
    return Scores(
        tuple("abcdef"), ("1",), ("x",), *codes, 5 * six, values, six, *errors, six > 2, centre * six, 0.1 * six
    )


def test_all_that_is_told_of_a_team_follows_from_its_rounded_mean():
    """Means of 3.31 and 3.49 are both shown as 3.4; so drawn mean and limits must be the same too."""
    step, every = np.full(6, 0.2), np.ones(6, dtype=bool)
    as_shown = Precision(every, np.array([3.4, 3.2, 3.0, 3.0, 3.2, 2.8]), step, np.full(6, 4.0))
    a, b = (shown_scores(drawn(m), as_shown, ~every, PROTECTION)[0] for m in (3.31, 3.49))
    assert a == b


def test_a_hidden_team_does_not_show_through_the_centre_of_its_peers():
    """The drawn means of the others hold the mean of their peers, hidden team included; it is rounded first."""
    step, every = np.full(6, 0.2), np.ones(6, dtype=bool)
    visible = np.arange(6) > 0
    as_shown = Precision(visible, np.array([3.0, 3.2, 3.0, 3.0, 3.2, 2.8]), step, np.full(6, 4.0))
    a, b = (shown_scores(drawn(3.0, c), as_shown, ~every, PROTECTION) for c in (2.96, 3.04))
    assert a == b


@st.composite
def careers(draw):
    """A tree of at most five units; each person answers the same in every wave that he or she is there."""
    size, n_waves = draw(st.integers(1, 5)), draw(st.integers(2, 3))
    parents = [None, *(draw(st.integers(0, unit - 1)) for unit in range(1, size))]
    person = st.tuples(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0]), st.integers(1, 2**n_waves - 1))
    teams = [draw(st.lists(person, max_size=9)) for _ in range(size)]
    waves = [[[a for a, there in team if there >> t & 1] for team in teams] for t in range(n_waves)]
    return parents, waves


def released_one_by_one(kept, parents, waves):
    ledger = Ledger()
    for t in range(len(waves)):
        _, ledger = kept(parents, waves[: t + 1], ledger, f"2024-0{t + 1}-01T09:00:00+00:00")
    return ledger


def test_what_an_earlier_release_contradicts_is_not_shown_finer_later(kept):
    """The second release shows 2022 as 2.0 in steps of 0.5. The third may not show it as 2.2 in steps of 0.2: only with
    the second at hand does an attacker see that not all can have stayed the same."""
    first = [[], [], [1.0, 1.0, 1.0, 5.0], [1.0, 1.0, 5.0, 5.0, 5.0]]
    second = [[], [], [1.0, 1.0, 5.0], [1.0, 1.0, 1.0, 1.0, 3.0, 5.0]]
    assert exposed(released_one_by_one(kept, [None, 0, 0, 0], [first, second, [[], [], [], []]])) == ()


@settings(max_examples=1500, deadline=None, print_blob=True, verbosity=1)
@given(careers())
def test_nothing_follows_of_anybody_from_all_waves_together(kept, drawn_careers):
    out = exposed(kept(*drawn_careers)[1])
    assert out == (), repr(drawn_careers)


@settings(max_examples=1500, deadline=None, print_blob=True, verbosity=1)
@given(careers())
def test_nothing_follows_when_waves_are_released_one_by_one(kept, drawn_careers):
    out = exposed(released_one_by_one(kept, *drawn_careers))
    assert out == (), repr(drawn_careers)
