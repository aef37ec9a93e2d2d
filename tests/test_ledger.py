"""Releases made one after another remember each other: from files to files, and what is refused."""

import contextlib
import importlib.util
import json
import math
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bevlogen as bv
from bevlogen.cli import main
from bevlogen.disclose import remembered
from bevlogen.disclose.ledger import LedgerError

_spec = importlib.util.spec_from_file_location("workspaces", Path(__file__).with_name("workspaces.py"))
w = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(w)

UNITS = w.keys(3)
TABLES = {
    "units": [["top", "Top", "", ""], *([u, f"Team {u}", "top", 12] for u in UNITS)],
    "answers": w.answers(UNITS, n=9, seed=3),
}
LEDGER, KEY = "releases.jsonl", "releases.key"


@pytest.fixture
def folder(tmp_path):
    return w.write(tmp_path / "it", **TABLES)


@pytest.fixture
def released(folder):
    bv.open(folder).release(upto="measure")
    return folder


def lines(folder: Path) -> list[str]:
    return (folder / LEDGER).read_text(encoding="utf-8").splitlines()


def refused(folder: Path) -> str:
    with pytest.raises(LedgerError) as error:
        bv.open(folder).release(upto="measure")
    return str(error.value)


def test_the_first_release_is_remembered_for_the_owner_only(released):
    assert len(lines(released)) == 1
    assert {(released / name).stat().st_mode & 0o077 for name in (LEDGER, KEY)} == {0}


def test_an_unchanged_workspace_gives_the_same_release_and_no_new_line(released):
    ledger = lines(released)
    one, other = bv.open(released).release(upto="measure"), bv.open(released).release(upto="measure")
    assert [replace(s, reliability=0) for s in one.scores] == [replace(s, reliability=0) for s in other.scores]
    assert lines(released) == ledger


def test_so_does_one_in_which_a_team_may_be_shown_on_one_facet_and_not_on_another(tmp_path):
    """Of a team of five one left a question open: on that facet its people are told with those of teams beside it."""
    rows = [row for unit, n in zip(w.keys(4), (5, 3, 3, 20), strict=True) for row in w.answers([unit], w.YEARS, n=n)]
    rows[0][-1] = ""
    folder = w.write(tmp_path / "it", units=w.tree(w.keys(4)), answers=rows)
    toml = folder / "organisation.toml"
    text = toml.read_text(encoding="utf-8").replace('"engagement"', '"employership.autonomy"')
    toml.write_text(text.replace('"employership"', '"employership.recognition"'), encoding="utf-8")
    first = bv.open(folder).release(upto="measure").scores
    shown = {(s.unit, s.construct) for s in first if s.period == "2020"}
    assert ("u0", "employership.autonomy") in shown
    assert ("u0", "employership.recognition") not in shown
    ledger = lines(folder)
    assert [(s.unit, s.period, s.construct, s.mean) for s in bv.open(folder).release(upto="measure").scores] == [
        (s.unit, s.period, s.construct, s.mean) for s in first
    ]
    assert lines(folder) == ledger


def test_the_ledger_may_lie_elsewhere(folder, tmp_path):
    bv.open(folder, ledger=tmp_path / "safe" / "mine.jsonl").release(upto="measure")
    assert (tmp_path / "safe" / "mine.jsonl").exists()
    assert not (folder / LEDGER).exists()


def test_one_who_left_since_the_last_release_is_protected_from_it(released):
    """The first wave is released again with one answer less: a finer figure beside the first would tell that answer."""
    fine = {(s.unit, s.period): s.step for s in bv.open(released).release(upto="measure").scores}
    w.write(released, **TABLES | {"answers": TABLES["answers"][1:]})
    unit, period = TABLES["answers"][0][:2]
    after = {(s.unit, s.period): s.step for s in bv.open(released).release(upto="measure").scores}
    assert after.get((unit, str(period)), math.inf) > fine[unit, str(period)]
    assert len(lines(released)) == 2


def test_the_key_is_drawn_by_chance_and_stands_nowhere_else(folder, monkeypatch):
    monkeypatch.setattr("bevlogen.disclose.ledger.new_key", lambda: bytes.fromhex("c0ffee" * 10 + "beef"))
    study = bv.open(folder)
    study.to_json(folder / "r.json")
    study.report(folder / "r.html")
    holds = [
        path.name for path in folder.iterdir() if "c0ffeec0ffee" in path.read_bytes().hex() + path.read_text("utf-8")
    ]
    assert holds == [KEY]


def test_the_key_is_in_no_packed_report_audit_or_error(folder, monkeypatch, capsys):
    """Excel and slides are packed, so their parts are read; an error tells nothing of the line that it is about."""
    key = bytes.fromhex("c0ffee" * 10 + "beef")
    monkeypatch.setattr("bevlogen.disclose.ledger.new_key", lambda: key)
    study, told = bv.open(folder), []
    for name in ("r.xlsx", "r.pptx"):
        with zipfile.ZipFile(study.report(folder / name)) as parts:
            told += [parts.read(part).hex() + parts.read(part).decode("latin-1") for part in parts.namelist()]
    monkeypatch.setattr("sys.argv", ["bevlogen", "audit", str(folder)])
    with contextlib.suppress(SystemExit):
        main()
    told += [*capsys.readouterr(), repr(study), repr(study.release())]
    (folder / LEDGER).write_text((folder / LEDGER).read_text("utf-8").replace('"number": 1', '"number": 2'), "utf-8")
    with pytest.raises(LedgerError) as refused_here:
        bv.open(folder).release(upto="measure")
    told += [str(refused_here.value), repr(refused_here.value), repr(refused_here.value.__context__)]
    assert len(told) > 10
    assert [text for text in told if "c0ffeec0ffee" in text] == []


def test_two_organisations_with_the_same_answers_are_shown_apart(tmp_path, monkeypatch):
    """Whoever guesses all answers, but does not know the key, cannot try whether he is right."""
    shown = []
    for name in "abc":
        monkeypatch.setattr("bevlogen.disclose.ledger.new_key", lambda name=name: name.encode() * 32)
        study = bv.open(w.write(tmp_path / name, **TABLES))
        shown.append([s.mean for s in study.release(upto="measure").scores])
    assert shown[0] != shown[1] != shown[2]


@pytest.mark.parametrize("name", [LEDGER, KEY])
def test_a_ledger_or_key_that_others_can_read_is_refused(released, name):
    (released / name).chmod(0o640)
    said = f"can be read by others than its owner. Nothing was released. Close it to them: chmod 600 {name}"
    assert said in refused(released)


def test_without_its_key_nothing_is_released_but_an_audit_goes(released):
    (released / KEY).unlink()
    assert refused(released) == (
        "The ledger of releases misses its key. Nothing was released. Put the .key file back from its copy. "
        "If it is lost for good, make an empty one: a new key is drawn."
    )
    assert bv.audit([released]) == ()


@pytest.mark.parametrize("key", ["rubbish", "00" * 31, "00" * 33])
def test_a_key_that_is_no_key_is_refused(released, key):
    (released / KEY).write_text(key, encoding="ascii")
    assert "has a key that cannot be read, releases.key" in refused(released)


def test_with_a_key_drawn_anew_what_was_told_stays_as_told(released, monkeypatch):
    def shown():
        return [(s.unit, s.period, s.construct, s.mean) for s in bv.open(released).release(upto="measure").scores]

    before = shown()
    monkeypatch.setattr("bevlogen.disclose.ledger.new_key", lambda: bytes(range(32)))
    (released / KEY).write_bytes(b"")
    assert shown() == before
    more = [["u0", "2023", f"u0-{k}", 3, 4, k % 5 + 1] for k in range(9)]
    w.write(released, **TABLES | {"answers": [*TABLES["answers"], *more]})
    assert set(before) < set(shown())
    assert (released / KEY).read_text(encoding="ascii") == bytes(range(32)).hex()
    assert len(lines(released)) == 2
    assert set(before) < set(shown())


def test_without_a_place_for_a_ledger_nothing_is_released(folder):
    with pytest.raises(LedgerError, match="has no place"):
        bv.Study(bv.open(folder).workspace).release(upto="measure")


def test_an_altered_line_is_refused(released):
    entry = json.loads(lines(released)[0])
    entry["release"]["n"][0] += 1
    (released / LEDGER).write_text(json.dumps(entry) + "\n", encoding="utf-8")
    assert refused(released) == (
        "The ledger of releases is broken at entry 1. Nothing was released. Put the ledger back from a backup."
    )


@pytest.mark.parametrize("name", [LEDGER, "releases.seal"])
def test_a_missing_file_is_refused(released, name):
    (released / name).unlink()
    assert f"misses {name}. Nothing was released." in refused(released)


def test_a_line_taken_off_the_end_is_refused(released):
    w.write(released, **TABLES | {"answers": TABLES["answers"][1:]})
    bv.open(released).release(upto="measure")
    (released / LEDGER).write_text(lines(released)[0] + "\n", encoding="utf-8")
    assert "has 1 entries that do not fit its seal" in refused(released)


def test_a_seal_that_is_one_line_behind_is_mended(released):
    """The process was killed after the line was written and before the seal."""
    seal = (released / "releases.seal").read_text(encoding="utf-8")
    w.write(released, **TABLES | {"answers": TABLES["answers"][1:]})
    bv.open(released).release(upto="measure")
    (released / "releases.seal").write_text(seal, encoding="utf-8")
    bv.open(released).release(upto="measure")
    assert len(lines(released)) == 2


def test_a_threshold_lowered_by_hand_is_refused(folder):
    toml = (folder / "organisation.toml").read_text(encoding="utf-8")
    (folder / "organisation.toml").write_text(toml + "\n[disclosure]\nk = 8\n", encoding="utf-8")
    bv.open(folder).release(upto="measure")
    (folder / "organisation.toml").write_text(toml, encoding="utf-8")
    assert "was made with k = 8 and the policy now says 5" in refused(folder)


def test_a_clock_set_back_is_refused(released):
    w.write(released, **TABLES | {"answers": TABLES["answers"][1:]})
    study = bv.open(released)
    early = datetime(2001, 1, 1, tzinfo=UTC)
    made = study.release(upto="measure")
    with pytest.raises(LedgerError, match="entry from after now"):
        remembered(study.workspace, study.measure(), released / LEDGER, lambda _: made, now=early)


def test_a_place_that_cannot_be_written_is_refused_by_the_command_line(folder, tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    ledger = str(tmp_path / "file" / LEDGER)
    monkeypatch.setattr("sys.argv", ["bevlogen", "measure", str(folder), "--ledger", ledger])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "cannot be written" in capsys.readouterr().err


def test_scores_that_are_public_already_need_no_ledger(tmp_path):
    rows = [[u, 2024, "engagement", 3.5, 9, 0.8] for u in UNITS]
    folder = w.write(tmp_path / "it", units=TABLES["units"], scores=rows)
    with (folder / "organisation.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[disclosure]\nalready_public = ["scores"]\n')
    bv.open(folder).release(upto="measure")
    assert not (folder / LEDGER).exists()
