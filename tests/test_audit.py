import csv
import json

import pytest

import bevlogen as bv
from bevlogen.errors import WorkspaceError

HEAD = ("unit", "parent", "period", "construct", "mean", "n", "scale_min", "scale_max", "answer_step")
CLOSE = 1e-9


def write(path, *rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


def test_a_team_of_three_follows_from_another_products_whole_numbers(tmp_path):
    file = write(
        tmp_path / "peer.csv",
        ("all", "", "2026-Q1", "score", "62.5", 20, 0, 100, 25),
        ("A", "all", "2026-Q1", "score", "", 3, 0, 100, 25),
        ("B", "all", "2026-Q1", "score", "50.0", 7, 0, 100, 25),
        ("C", "all", "2026-Q1", "score", "67.5", 10, 0, 100, 25),
    )
    (found,) = bv.audit([file])
    assert (found.unit, found.kind, found.people) == ("A", "mean", 3)
    assert (found.low, found.high) == pytest.approx((75, 75), abs=CLOSE)


def test_a_hidden_count_follows_too(tmp_path):
    file = write(
        tmp_path / "peer.csv",
        ("all", "", "1", "score", "62.5", 20, 0, 100, 25),
        ("A", "all", "1", "score", "", "", 0, 100, 25),
        ("B", "all", "1", "score", "50.0", 7, 0, 100, 25),
        ("C", "all", "1", "score", "67.5", 10, 0, 100, 25),
    )
    assert [(i.unit, i.people) for i in bv.audit([file])] == [("A", 3)]


def test_releases_are_attacked_together(tmp_path):
    first = write(tmp_path / "1.csv", ("A", "", "1", "score", "3.20", 10, 1, 5, 1))
    second = write(tmp_path / "2.csv", ("A", "", "2", "score", "3.11", 9, 1, 5, 1))
    assert bv.audit([first]) == bv.audit([second]) == ()
    (found,) = bv.audit([first, second])
    assert (found.release, found.since_release, found.people, found.low, found.high) == ("2", "1", 1, 4, 4)


def test_a_team_that_moved_takes_its_past_along(tmp_path):
    first = write(
        tmp_path / "1.csv",
        ("X", "", "1", "score", "3.00", 20, 1, 5, 1),
        ("Y", "", "1", "score", "3.00", 11, 1, 5, 1),
        ("A", "X", "1", "score", "2.50", 10, 1, 5, 1),
    )
    second = write(
        tmp_path / "2.csv",
        ("X", "", "2", "score", "3.50", 10, 1, 5, 1),
        ("Y", "", "2", "score", "2.70", 20, 1, 5, 1),
        ("A", "Y", "2", "score", "2.50", 10, 1, 5, 1),
    )
    (found,) = bv.audit([first, second])
    assert (found.unit, found.people, found.low, found.high) == ("Y", 1, 4, 4)


def test_our_own_release_of_a_simulated_organisation_tells_nothing(tmp_path):
    study = bv.open(bv.simulate(tmp_path / "org", teams=12, waves=1, seed=3))
    assert bv.audit([study.to_json(tmp_path / "r.json")]) == ()


def test_every_fault_of_every_file_is_named_at_once(tmp_path):
    (tmp_path / "a.csv").write_text("team,mean\nA,3\n", encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"schema": "other"}), encoding="utf-8")
    with pytest.raises(WorkspaceError) as refused:
        bv.audit([tmp_path / "a.csv", tmp_path / "b.json", tmp_path / "c.csv"])
    assert [f.found for f in refused.value.faults] == ["no column unit, n", "no release of Bevlogen", "no such file"]
