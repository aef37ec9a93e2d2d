"""What is made of shown figures tells nothing that they do not: an attack, and a change that nobody can see."""

import random
from dataclasses import replace

import numpy as np
import pytest
from benchmarks import disclosure_effects as of_actions
from benchmarks import disclosure_explorer as attacker
from benchmarks import disclosure_links as of_links

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


def test_few_outcomes_tell_no_team_however_many_others_there_are(tmp_path):
    drawn = attacker.draw(SEEDS[0])
    many = replace(drawn, others={f"other{i}": drawn.answers["t0"] for i in range(300)})
    study = bv.open(many.write(tmp_path / "it"))
    assert attacker.found(drawn, attacker.attack(study, attacker.told_by_picture(study, exact=True)))
    assert not attacker.found(drawn, attacker.attack(study, attacker.told_by_picture(study, exact=False)))


def test_a_hidden_team_takes_no_part_in_links_of_many_figures(one_key, tmp_path):
    """Both times its answers lie as far apart, as that enters the spread of all."""
    told = []
    for name, answers in (("low", (1, 2, 3)), ("high", (3, 4, 5))):
        folder = tmp_path / name
        of_links.write(folder, of_links.Case(80, 5, 5))
        with (folder / "units.csv").open("a", encoding="utf-8") as units:
            units.write("tiny,Tiny,top,50\n")
        with (folder / "interactions.csv").open("a", encoding="utf-8") as rows:
            rows.writelines(f"tiny,2020-Q2,{a}\n" for a in answers)
        with (folder / "results.csv").open("a", encoding="utf-8") as rows:
            rows.writelines(f"tiny,2020-Q2,{outcome},0.9\n" for outcome in of_links.OUTCOMES)
        study = bv.open(folder)
        assert not any("few figures" in note.en for note in study.release().notes)
        told.append((repr(study.release().picture), repr(study.link().picture)))
    (one, exact), (two, otherwise) = told
    assert one == two
    assert exact != otherwise


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
    return [(s.unit, s.period, s.n, s.mean, s.step) for s in study.release(upto="measure").scores]


@pytest.fixture(scope="module")
def one_key():
    """Every ledger gets the same key."""
    patch = pytest.MonkeyPatch()
    patch.setattr(ledger, "new_key", lambda: bytes(range(32)))
    yield
    patch.undo()


def alike(drawn, changed, folders):
    """Open what was drawn, and the first change of it that shows the same figures."""
    one = bv.open(drawn.write(folders.mktemp("twin") / "one"))
    for seed in range(60):
        two = bv.open(changed(seed).write(folders.mktemp("twin") / "two"))
        if shown(one) == shown(two):
            return one, two
    raise AssertionError("No change that leaves what is shown as it was.")


@pytest.fixture(scope="module")
def twins(one_key, tmp_path_factory):
    """Two services that answered otherwise and show the same figures."""
    drawn = attacker.draw(SEEDS[0])
    return alike(drawn, lambda seed: replace(drawn, answers=other(drawn.answers, seed)), tmp_path_factory)


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


def otherwise(drawn, seed):
    """Change answers in two periods of the first team acted upon."""
    first = other(dict(enumerate(drawn.answers[0])), seed)
    return replace(drawn, answers=[list(first.values()), *drawn.answers[1:]])


def test_effects_of_actions_follow_from_what_is_shown(one_key, tmp_path_factory):
    drawn = of_actions.draw(1, 12)  # its spread of answers lies far from where the rounding of it turns
    one, two = alike(drawn, lambda seed: otherwise(drawn, seed), tmp_path_factory)
    assert repr(one.steer().effects) != repr(two.steer().effects)
    assert any(effect.outcomes for effect in one.release().effects)
    assert repr(one.release().effects) == repr(two.release().effects)


def test_many_actions_of_exact_figures_would_narrow_what_is_shown_and_those_that_are_told_do_not(one_key, tmp_path):
    drawn = of_actions.draw(0, 60)
    study = bv.open(drawn.write(tmp_path / "it"))
    _, exact = of_actions.found(drawn, of_actions.attack(drawn, study, of_actions.exact(study)))
    assert exact < 0.8
    assert of_actions.found(drawn, of_actions.attack(drawn, study, study.release().effects)) == (0, 1.0)
