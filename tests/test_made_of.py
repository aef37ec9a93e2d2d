"""What is made of shown figures tells nothing that they do not: an attack, and a change that nobody can see."""

import random
from dataclasses import replace

import numpy as np
import pytest
from benchmarks import disclosure_explorer as attacker

import bevlogen as bv
from bevlogen.disclose import as_shown, ledger

SEEDS = (0, 1, 3)  # of services in which the differences between teams are clear enough for slopes
ASKED = ({"outcome": "return"}, {"outcome": "retention", "hold": ["use"]}, {"outcome": "performance"})


@pytest.fixture(scope="module", params=SEEDS)
def service(request, tmp_path_factory):
    drawn = attacker.draw(request.param)
    return drawn, bv.open(drawn.write(tmp_path_factory.mktemp("made") / "it"))


@pytest.mark.parametrize("told", [attacker.told_of, attacker.told_by_picture])
def test_exact_figures_would_tell_a_team_and_those_that_are_shown_do_not(service, told):
    """The attacker knows what is shown and the outcomes, and tries every sum that each team can have."""
    drawn, study = service
    truth = np.array([sum(answers) for answers in drawn.answers.values()])
    left = attacker.attack(study, told(study, exact=True))
    assert (truth == left).all(axis=1).any()
    assert len(left) < 10
    assert attacker.found(drawn, attacker.attack(study, told(study, exact=False))) == 0


def test_the_table_of_scales_leaves_the_truth_among_many(service):
    drawn, study = service
    left = attacker.attack_by_scale(study)
    truth = np.array([sum(answers) for answers in drawn.answers.values()])
    assert (truth == left).all(axis=1).any()
    assert attacker.found(drawn, left) == 0


def test_no_sum_of_answers_stays_in_what_is_made_of(service):
    _, study = service
    (exact,) = study.measure().panel.scans
    (moments,) = as_shown(study.release(upto="measure"), study.measure()).panel.scans
    assert np.isfinite(exact.s).any()
    assert not np.isfinite(moments.s).any()
    assert not np.isfinite(moments.q).any()


def other(answers, seed):
    """Move one answer of a team up and one of another down."""
    rng, out = random.Random(seed), {team: list(given) for team, given in answers.items()}
    for team, by in zip(rng.sample(list(out), 2), (1, -1), strict=True):
        can = [i for i, a in enumerate(out[team]) if attacker.LOW <= a + by <= attacker.HIGH]
        out[team][rng.choice(can)] += by
    return out


def shown(study):
    return [(s.unit, s.n, s.mean, s.step) for s in study.release(upto="measure").scores]


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Two services that answered otherwise and show the same figures, under the same key."""
    patch = pytest.MonkeyPatch()
    patch.setattr(ledger, "new_key", lambda: bytes(range(32)))
    drawn = attacker.draw(SEEDS[0])
    one = bv.open(drawn.write(tmp_path_factory.mktemp("twin") / "one"))
    for seed in range(60):
        changed = replace(drawn, answers=other(drawn.answers, seed))
        two = bv.open(changed.write(tmp_path_factory.mktemp("twin") / "two"))
        if shown(one) == shown(two):
            yield one, two
            patch.undo()
            return
    raise AssertionError("No change that leaves what is shown as it was.")


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked["outcome"])
def test_an_answer_of_the_explorer_follows_from_what_is_shown(twins, asked):
    assert not (twins[0].measure().panel.value == twins[1].measure().panel.value).all()
    one, two = (study.explore(attacker.CAUSE, **asked).picture for study in twins)
    assert one[0].reason
    assert repr(one) == repr(two)


@pytest.mark.parametrize("field", ["picture", "claims", "outlooks", "warnings"])
def test_all_that_a_release_makes_of_few_figures_follows_from_what_is_shown(twins, field):
    one, two = (getattr(study.release(), field) for study in twins)
    assert repr(one) == repr(two)


def test_exact_figures_would_not_be_the_same(twins):
    """The change is one that links feel."""
    one, two = (study.link().picture for study in twins)
    assert repr(one) != repr(two)


def test_a_report_of_few_figures_says_which_are_all_hidden(tmp_path):
    """Figures of record of teams without a headcount are hidden; that there are none would be wrong."""
    drawn = attacker.draw(SEEDS[0])
    folder = drawn.write(tmp_path / "it")
    table = folder / "units.csv"
    rows = [line.rsplit(",", 1) for line in table.read_text(encoding="utf-8").splitlines()]
    table.write_text("\n".join([",".join(rows[0]), *(f"{row[0]}," for row in rows[1:])]) + "\n", encoding="utf-8")
    found = bv.open(folder).release()
    (link,) = [v for v in found.picture if v.estimate.link.outcome == "retention"]
    assert link.headline is None
    assert link.reason.startswith("There are figures of customers who stay")
