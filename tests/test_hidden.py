"""Nothing that is made of shown figures moves when the answers of hidden teams do."""

import importlib.util
from dataclasses import fields, replace
from pathlib import Path

import pytest

import bevlogen as bv
from bevlogen.disclose import ledger

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

TEAMS = w.keys(14)
HIDDEN = {TEAMS[0]: TEAMS[1], TEAMS[1]: TEAMS[0]}
YEARS = tuple(str(year) for year in range(2015, 2023))
# Links and the quality of scales rest on all answers together; they tell of no unit, and are guarded by ``verdicts``.
OF_ALL = {"claims", "picture", "scales"}
ACTIONS = '[tables.actions]\nfile = "actions.csv"\n'


def asked(exchange):
    """Answers of twelve teams of eight and two of three, which exchange theirs: no total and no count changes."""
    small = w.answers(TEAMS[:2], periods=YEARS, n=3, seed=9)
    moved = [[HIDDEN[u] if exchange else u, p, r, *rest] for u, p, r, *rest in small]
    return [*w.answers(TEAMS[2:], periods=YEARS), *moved]


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Two studies that differ in what was answered in the hidden teams, under the same key."""
    patch, out = pytest.MonkeyPatch(), []
    patch.setattr(ledger, "new_key", lambda: bytes(range(32)))
    for exchange in (False, True):
        folder = w.write(
            tmp_path_factory.mktemp("it") / "of",
            extra=ACTIONS,
            units=w.tree(TEAMS),
            answers=asked(exchange),
            results=w.results(TEAMS, periods=YEARS),
        )
        rows = [f"{team},{YEARS[4]}-01-01,engagement" for team in TEAMS[2:7]]
        (folder / "actions.csv").write_text("\n".join(["unit,start,lever", *rows, ""]), encoding="utf-8")
        out.append(bv.open(folder))
    yield out
    patch.undo()


def test_both_hide_the_two_teams_and_tell_of_all_else(studies):
    exact = [study.measure().panel.value[:2] for study in studies]
    assert not (exact[0] == exact[1]).all()
    for study in studies:
        found = study.release()
        assert not {s.unit for s in found.scores} & set(HIDDEN)
        assert all((found.scores, found.positions, found.effects, found.outlooks, found.warnings))


@pytest.mark.parametrize("field", sorted({f.name for f in fields(bv.Release)} - OF_ALL))
def test_each_part_of_a_release_is_the_same_whatever_hidden_teams_answered(studies, field):
    one, other = (study.release() for study in studies)
    if field == "provenance":
        one, other = (replace(r, provenance=replace(r.provenance, fingerprint="")) for r in (one, other))
    assert repr(getattr(one, field)) == repr(getattr(other, field))


@pytest.mark.parametrize(
    "asked_for",
    [
        {"cause": "engagement", "outcome": "absence"},
        {"cause": "engagement", "outcome": "performance", "design": "lagged", "lag": 2},
        {"cause": "engagement", "outcome": "retention", "hold": ["performance"]},
    ],
)
def test_no_question_of_the_explorer_tells_of_a_hidden_team(studies, asked_for):
    """With exact figures of hidden teams, one slope beside the shown figures gave their mean."""
    one, other = (study.explore(**asked_for) for study in studies)
    assert one.picture[0].estimate.estimates
    assert repr(one.picture) == repr(other.picture)
