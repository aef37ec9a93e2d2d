import csv
import json

import openpyxl
import pytest
from typer.testing import CliRunner

import bevlogen as bv
from bevlogen.cli import app
from bevlogen.errors import BevlogenError, WorkspaceError

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


def of_two_teams(folder, b_after):
    """In A one left, who then must have said 4. What B says in the second wave is given."""
    first = write(
        folder / "1.csv", ("A", "", "1", "score", "3.20", 10, 1, 5, 1), ("B", "", "1", "score", "3.00", 10, 1, 5, 1)
    )
    second = write(
        folder / "2.csv", ("A", "", "2", "score", "3.11", 9, 1, 5, 1), ("B", "", "2", "score", b_after, 9, 1, 5, 1)
    )
    return [first, second]


def test_an_inference_is_in_doubt_where_another_team_shows_that_people_answered_otherwise(tmp_path):
    """Nine people of B cannot have gone from 3.00 with ten to 4.00 by one who left."""
    (found,) = bv.audit(of_two_teams(tmp_path, "4.00"))
    assert (found.unit, found.low, found.high, found.otherwise) == ("A", 4, 4, 1)
    told = CliRunner().invoke(app, ["audit", *map(str, of_two_teams(tmp_path, "4.00")), "--language", "en"]).output
    assert "1 inference about people of 1 unit, 0 exact. In doubt: 1." in told
    assert "Somebody who knows these teams can work this out." not in told


def test_an_inference_that_nothing_refutes_is_not_in_doubt(tmp_path):
    files = of_two_teams(tmp_path, "3.00")
    assert {(found.unit, found.otherwise) for found in bv.audit(files)} == {("A", 0), ("B", 0)}
    told = CliRunner().invoke(app, ["audit", *map(str, files), "--language", "nl"]).output
    assert "2 conclusies over mensen van 2 onderdelen, waarvan 2 precies. Wie deze teams kent" in told
    assert "Twijfelachtig" not in told


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


def waves_of(path, *waves):
    """Waves of one team: people and their mean."""
    return write(path, *(("A", "", f"2026-Q{t}", "score", mean, n, 1, 5, 1) for t, (n, mean) in enumerate(waves, 1)))


def test_three_waves_tell_what_no_two_of_them_tell(tmp_path):
    """Of 22, 20 and 21 people: the two who left and the one who came. By hand: see the limits of each sum."""
    told = [(22, "3.1"), (20, "2.9"), (21, "2.8")]
    for skipped in range(3):
        two = waves_of(tmp_path / f"{skipped}.csv", *(wave for t, wave in enumerate(told) if t != skipped))
        assert bv.audit([two]) == ()
    found = bv.audit([waves_of(tmp_path / "all.csv", *told)])
    assert [(i.period, i.since_period, i.people, i.low, i.high) for i in found] == [
        ("2026-Q3", "2026-Q2", 1, 1, 1),
        ("2026-Q2", "2026-Q1", 2, 5, 5),
    ]


def test_waves_of_three_files_are_attacked_together(tmp_path):
    told = [(22, "3.1"), (20, "2.9"), (21, "2.8")]
    files = [
        write(tmp_path / f"{t}.csv", ("A", "", f"wave {t}", "score", mean, n, 1, 5, 1))
        for t, (n, mean) in enumerate(told, 9)
    ]
    assert len(bv.audit(files)) == 2


def test_coarse_figures_of_three_waves_tell_nothing(tmp_path):
    assert bv.audit([waves_of(tmp_path / "it.csv", (22, "3"), (20, "3"), (21, "3"))]) == ()


def test_one_who_took_the_place_of_another_is_told(tmp_path):
    """Ten people twice, and a sum four higher: whoever left said 1 and whoever came said 5."""
    found = bv.audit([waves_of(tmp_path / "it.csv", (10, "3.10"), (10, "3.50"))])
    assert {(i.unit, i.people, i.low, i.high, i.swapped) for i in found} == {("A", 1, 5, 5, True), ("A", 1, 1, 1, True)}


def test_a_smaller_move_of_as_many_people_tells_nobody(tmp_path):
    """Three higher: 1 became 4, or 2 became 5. Five higher: it was more than one person."""
    assert bv.audit([waves_of(tmp_path / "a.csv", (10, "3.10"), (10, "3.40"))]) == ()
    assert bv.audit([waves_of(tmp_path / "b.csv", (10, "3.10"), (10, "3.60"))]) == ()


PATHS = [("All", "62.5", 20), ("All / North", "", 3), ("All / South", "50.0", 7), ("All / West", "67.5", 10)]


@pytest.mark.parametrize("between", [" / ", "/", " > ", " » ", "\\", "|"])
def test_a_group_made_of_parts_is_seen_by_the_names_of_its_units(tmp_path, between):
    rows = [("team", "score", "n", "scale_min", "scale_max", "answer_step")]
    rows += [(name.replace(" / ", between), mean, n, 0, 100, 25) for name, mean, n in PATHS]
    with (tmp_path / "it.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    (found,) = bv.audit([tmp_path / "it.csv"])
    assert (found.unit, found.people, round(found.low), round(found.high)) == (f"All{between}North", 3, 75, 75)


def test_a_group_of_groups_is_made_of_all_below_it(tmp_path):
    """North is hidden with both its teams; all less South, and less the team that is shown, are the four of team 2."""
    file = write(
        tmp_path / "it.csv",
        ("All", "", "1", "score", "3.00", 30, 1, 5, 1),
        ("North", "All", "1", "score", "", 10, 1, 5, 1),
        ("South", "All", "1", "score", "3.10", 20, 1, 5, 1),
        ("N1", "North", "1", "score", "2.50", 6, 1, 5, 1),
        ("N2", "North", "1", "score", "", 4, 1, 5, 1),
    )
    (found,) = bv.audit([file])
    assert (found.unit, found.kind, found.people) == ("N2", "mean", 4)
    assert (found.low, found.high) == pytest.approx((3.25, 3.25), abs=CLOSE)


def test_a_slash_in_a_name_is_no_group(tmp_path):
    rows = [("team", "mean", "n"), ("Care/Cure", "3.2", 12), ("Care/Home", "3.4", 9)]
    with (tmp_path / "it.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    assert bv.audit([tmp_path / "it.csv"]) == ()


def test_our_own_release_of_a_simulated_organisation_tells_nothing(tmp_path):
    study = bv.open(bv.simulate(tmp_path / "org", teams=12, waves=1, seed=3))
    assert bv.audit([study.to_json(tmp_path / "r.json")]) == ()


def test_eight_waves_of_our_own_tell_nothing(tmp_path):
    """Also not of those whose figures cannot go together with everybody answering the same again."""
    study = bv.open(bv.simulate(tmp_path / "org", teams=30, waves=8, seed=2))
    assert bv.audit([study.to_json(tmp_path / "r.json", upto="measure")]) == ()


def test_what_a_facet_contradicts_is_passed_over(tmp_path):
    """Of ten one left, and said 5 if the nine answered the same; but on autonomy their answers have changed."""
    whole = [("A", "", t, "x", mean, n, 1, 5, 1) for t, n, mean in (("1", 10, "3.20"), ("2", 9, "3.00"))]
    part = [("A", "", t, "x.y", mean, n, 1, 5, 1) for t, n, mean in (("1", 10, "3.20"), ("2", 9, "2.00"))]
    assert [i.low for i in bv.audit([write(tmp_path / "whole.csv", *whole)])] == [5]
    assert bv.audit([write(tmp_path / "both.csv", *whole, *part)]) == ()


def test_every_fault_of_every_file_is_named_at_once(tmp_path):
    (tmp_path / "a.csv").write_text("colour,mean\nA,3\n", encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"schema": "other"}), encoding="utf-8")
    with pytest.raises(WorkspaceError) as refused:
        bv.audit([tmp_path / "a.csv", tmp_path / "b.json", tmp_path / "c.csv"])
    assert [f.found for f in refused.value.faults] == ["no column unit, n", "no release of Bevlogen", "no such file"]


def table(path, text, encoding="utf-8-sig"):
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


DUTCH = """Team;Valt onder;Periode;Thema;Gemiddelde;Aantal respondenten
Organisatie;;2025;Plezier;3,65;20
A;Organisatie;2025;Plezier;n.v.t.;<5
B;Organisatie;2025;Plezier;3,43;7
C;Organisatie;2025;Plezier;3,80;10
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_an_export_as_dutch_excel_writes_it_is_read(tmp_path, encoding):
    (found,) = bv.audit([table(tmp_path / "e.csv", DUTCH, encoding)])
    assert (found.unit, found.construct, found.people, found.exact) == ("A", "Plezier", 3, True)
    assert found.low == pytest.approx(11 / 3)


def test_an_excel_file_is_read_with_all_its_decimals(tmp_path):
    book = openpyxl.Workbook()
    for line in DUTCH.replace(",", ".").splitlines():
        book.active.append([float(c) if c.replace(".", "").isdecimal() else c or None for c in line.split(";")])
    book.save(tmp_path / "e.xlsx")
    assert [(i.unit, i.people) for i in bv.audit([tmp_path / "e.xlsx"])] == [("A", 3)]


def test_shares_of_favourable_answers_are_counts_of_people(tmp_path):
    file = table(tmp_path / "e.csv", "unit,parent,% favourable,n\nAll,,60%,20\nA,All,*,3\nB,All,57%,7\nC,All,80%,10\n")
    (found,) = [i for i in bv.audit([file]) if i.kind == "mean"]
    assert (found.unit, found.low, found.high) == ("A", 0, 0)


def test_waves_in_one_file_are_compared(tmp_path):
    file = table(tmp_path / "e.csv", "team;ronde;score;n\nA;1;3,2;10\nA;2;3,11;9\n")
    (found,) = bv.audit([file])
    assert (found.period, found.since_period, found.people, found.low, found.high) == ("2", "1", 1, 4, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,mean\nA,3.5\n", "no column n"),
        ("unit,mean,n\nA,62,10\n", "a mean off the scale 1 to 5"),
        ("unit,mean,n\nA,3,10\nA,4,10\n", "two rows for the same unit"),
        ("unit,parent,mean,n\nA,B,3,10\nB,A,3,20\n", "units that lie below each other"),
        ("unit,mean,n\nA,good,10\n", "text in a number column"),
    ],
)
def test_what_cannot_be_is_said_with_a_way_to_mend_it(tmp_path, text, said):
    with pytest.raises(WorkspaceError) as refused:
        bv.audit([table(tmp_path / "e.csv", text)])
    assert refused.value.faults[0].found.startswith(said)
    assert refused.value.faults[0].mend


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the mean of 3 people: exactly 3.67"), ("nl", "het gemiddelde van 3 mensen: precies 3,67")],
)
def test_the_command_says_it_in_both_languages(tmp_path, language, said):
    table(tmp_path / "e.csv", DUTCH)
    done = CliRunner().invoke(app, ["audit", str(tmp_path), "--language", language], env={"COLUMNS": "200"})
    assert done.exit_code == 1
    assert said in done.output


def test_a_workspace_stands_for_all_that_was_released_of_it(tmp_path):
    place = tmp_path / "organisation"
    bv.simulate(place, teams=12, waves=2, seed=3)
    with pytest.raises(WorkspaceError, match="nothing was released"):
        bv.audit([place])
    bv.open(place).release()
    assert bv.audit([place]) == bv.audit([place / "releases.jsonl"]) == ()
    peer = write(tmp_path / "peer.csv", ("A", "", "1", "score", 4.5, 2, 1, 5, 1))
    (found,) = bv.audit([peer, place])
    assert found.unit == "A"


def test_of_a_broken_ledger_no_line_is_told(tmp_path):
    place = tmp_path / "organisation"
    bv.simulate(place, teams=12, waves=1, seed=3)
    bv.open(place).release()
    ledger = place / "releases.jsonl"
    ledger.write_text(ledger.read_text().replace('"number": 1', '"number": 2'))
    with pytest.raises(BevlogenError) as refused:
        bv.audit([place])
    assert str(refused.value) == (
        "The ledger of releases is broken at entry 1. Nothing was released. Put the ledger back from a backup."
    )
