"""Every kind of bad input gives its own line; the plain variants of good input give none."""

from __future__ import annotations

import gzip
import io
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from bevlogen import sources
from bevlogen.sources.faults import Faults

from .conftest import ANSWERS, RESULTS, TOML, UNITS


def lines(directory):
    return [fault.sentence() for fault in sources.check(directory)]


def workbook(rows, sheet="Blad1"):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet(sheet)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
    return stream.getvalue()


# organisation.toml


def test_missing_organisation(tmp_path):
    assert lines(tmp_path) == ["organisation.toml: there is no such file. Make one with: bevlogen new DIR."]


def test_broken_toml_names_its_line(folder):
    (fault,) = sources.check(folder(organisation__toml='[organisation]\nname = "x\n'))
    assert (fault.row, fault.found) == (2, "no valid TOML")


def test_unknown_key_is_shown_with_the_nearest(folder):
    (fault,) = sources.check(folder(organisation__toml=TOML.replace("period =", 'langage = "nl"\nperiod =')))
    assert (fault.row, fault.column) == (3, "organisation.langage")
    assert (fault.found, fault.mend) == ('unknown key "langage"', 'Did you mean "language"?')


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"engagement"', '"engagment"', 'unknown construct "engagment"'),
        ("[1, 5]", "[5, 1]", "not a low and a high number"),
        ('"quarter"', '"week"', 'unknown period "week"'),
        ('["e1", "-e2"]', "[]", "an instrument without items"),
        ('["e1", "-e2"]', '["e1", "-e1"]', "the same item twice in one instrument"),
        ("[tables.results]", "[disclosure]\nk = 4\n[tables.results]", "k is no whole number of at least 5"),
        (
            "[tables.results]",
            "[disclosure]\nk_distributions_by_construct = { engagement = 9 }\n[tables.results]",
            "engagement is no whole number of at least 10",
        ),
        (
            "[tables.results]",
            "[disclosure]\nprotection = 0.4\nprotection_by_construct = { engagement = 0.3 }\n[tables.results]",
            "not a number that can stand here",
        ),
        (
            "[tables.results]",
            "[disclosure]\nprotection_by_construct = { engagment = 0.3 }\n[tables.results]",
            'unknown construct "engagment"',
        ),
        ("[tables.results]", "[disclosure]\nmin_response = 2\n[tables.results]", "not a number that can stand here"),
        ("[tables.results]", '[link]\nadjust = ["need"]\n[tables.results]', 'no results for "need"'),
        ("[tables.results]", "[targets]\nretention = 0.9\n[tables.results]", 'no results for "retention"'),
        ("[tables.results]", '[targets]\nabsence = "low"\n[tables.results]', "a target that is no number"),
        (
            "[tables.results]",
            "[measures.absence]\nshare = true\n[targets]\nabsence = 5\n[tables.results]",
            "a target of 5 for a share",
        ),
        ("[tables.results]", "[norms]\nengagement = [4]\n[tables.results]", "not a low and a high number"),
        ("[tables.results]", "[tables.resuls]\n[tables.results]", 'unknown key "resuls"'),
        ('"answers.csv"', '"answers.csv"\ncolumns.dat = "x"', 'unknown key "dat"'),
        ('"answers.csv"', '"answers.docx"', "a kind of file that is not read"),
    ],
)
def test_a_wrong_setting_is_one_fault(folder, old, new, found):
    assert [fault.found for fault in sources.check(folder(organisation__toml=TOML.replace(old, new)))] == [found]


def test_a_workspace_without_units_or_scores_says_so(folder):
    found = {fault.found for fault in sources.check(folder(organisation__toml='[organisation]\nname = "x"\n'))}
    assert found == {'no key "period"', "no table of units"}


# files


def test_missing_file(folder):
    (line,) = lines(folder(answers__csv=None))
    assert line.startswith("answers.csv: there is no such file. Put it beside organisation.toml")


def test_missing_column_names_what_is_there(folder):
    assert lines(folder(answers__csv=ANSWERS.replace("unit,", "team,"))) == [
        'answers.csv, row 1, column "unit": there is no such column. Found: team, date, e1, e2.'
    ]


def test_missing_item(folder):
    assert lines(folder(answers__csv=ANSWERS.replace("e2", "q2"))) == [
        'answers.csv, row 1, column "e2": there is no such column. Found: unit, date, e1, q2.'
    ]


def test_no_item_of_an_instrument(folder):
    (fault,) = sources.check(folder(answers__csv="unit,date,x\na,2024-01-01,3\n"))
    assert fault.found == 'none of the items of the instrument "engagement"'


def test_double_column_name(folder):
    (fault,) = sources.check(folder(answers__csv=ANSWERS.replace("e1", "e2")))
    assert (fault.column, fault.found) == ("e2", "a column name that occurs twice")


@pytest.mark.parametrize(
    ("contents", "found"),
    [
        (b"", "an empty file"),
        (b"\n\n", "an empty file"),
        (b"unit,date,e1,e2\n", "a table without rows"),
        (b"unit,date,e1,e2", "a table without rows"),
        (b"unit,date,e1,e2\n,,,\n", "a table without rows"),
        (b"\x00\x01\x02\x81" * 50, "no text: the file holds other bytes"),
        (b"unit,date,e1,e2\na,2024-01-01,3,\x81\n", "no text: the file holds other bytes"),
        (b'unit,date,e1,e2\n"' + b"a" * 3_000_000, "a row without end"),
    ],
)
def test_a_file_that_is_no_table_is_refused(folder, contents, found):
    assert [fault.found for fault in sources.check(folder(answers__csv=contents))] == [found]


def test_bytes_that_turn_up_late_are_refused(folder):
    late = ANSWERS.encode() + b"a,2024-01-02,3,3\n" * 40_000 + b"\x81,2024-01-02,3,3\n"
    assert [fault.found for fault in sources.check(folder(answers__csv=late))] == ["bytes that are no text"]


def test_accents_of_windows_that_turn_up_late_simply_work(folder):
    late = ANSWERS.encode() + b"a,2024-01-02,3,3\n" * 40_000 + "é,2024-01-02,3,3\n".encode("cp1252")
    assert sources.check(folder(answers__csv=late, units__csv=UNITS + "é,Eé,all,,,\n")) == ()


def test_damaged_gzip(folder):
    toml = TOML.replace("answers.csv", "answers.csv.gz")
    contents = gzip.compress(ANSWERS.encode() * 50)[:40]
    directory = folder(organisation__toml=toml)
    (directory / "answers.csv.gz").write_bytes(contents)
    assert [fault.found for fault in sources.check(directory)] == ["a damaged .gz file"]


def test_ragged_rows_are_one_fault_with_the_first_row(folder):
    directory = folder(answers__csv=ANSWERS + "a,2024-01-01,3\n" + "b,2024-01-01,3,3,3\n" + "b,2024-01-01,9,3\n")
    ragged, outside = sources.check(directory)
    assert (ragged.row, ragged.count, ragged.found) == (5, 2, "a row with too many or too few cells")
    assert (outside.row, outside.found) == (7, "an answer outside the scale 1 to 5")


def test_wrong_sheet_names_the_sheets(folder):
    toml = TOML.replace('"answers.csv"', '"answers.xlsx"\nsheet = "Data"')
    directory = folder(organisation__toml=toml, answers__xlsx=workbook([["unit"]]))
    assert lines(directory) == ['answers.xlsx: there is no sheet "Data". The file has: Blad1.']


def test_no_excel_file(folder):
    toml = TOML.replace("answers.csv", "answers.xlsx")
    (fault,) = sources.check(folder(organisation__toml=toml, answers__xlsx=b"rubbish"))
    assert fault.found == "no Excel file that can be read"


def test_no_parquet_file(folder):
    toml = TOML.replace("answers.csv", "answers.parquet")
    (fault,) = sources.check(folder(organisation__toml=toml, answers__parquet=b"rubbish"))
    assert fault.found == "no Parquet file"


def test_damage_inside_a_parquet_file(folder):
    toml = TOML.replace("answers.csv", "answers.parquet")
    directory = folder(organisation__toml=toml)
    rows = 20_000
    table = pa.table({"unit": ["a"] * rows, "date": ["2024-01-01"] * rows, "e1": range(rows), "e2": range(rows)})
    pq.write_table(table, directory / "answers.parquet", compression="zstd")
    contents = bytearray((directory / "answers.parquet").read_bytes())
    contents[200:-4000] = bytes(len(contents) - 4200)
    (directory / "answers.parquet").write_bytes(contents)
    assert [fault.found for fault in sources.check(directory)] == ["a damaged file"]


def test_text_in_a_number_column_of_a_parquet_file(folder):
    toml = TOML.replace("answers.csv", "answers.parquet")
    directory = folder(organisation__toml=toml)
    table = pa.table({"unit": ["a"], "date": ["2024-01-01"], "e1": ["secret"], "e2": [3]})
    pq.write_table(table, directory / "answers.parquet")
    (fault,) = sources.check(directory)
    assert (fault.column, fault.found) == ("e1", "text where a number is expected")


# variants that simply work


@pytest.mark.parametrize("day", [date(2024, 3, 31), datetime(2024, 3, 31, 12), "2024-03-31T12:00:00", "2024-Q1"])
def test_parquet_simply_works_in_place(folder, day):
    toml = TOML.replace("answers.csv", "answers.parquet")
    directory = folder(organisation__toml=toml)
    table = pa.table(
        {"unit": ["a", "b"], "date": [day, day], "e1": [4.0, float("nan")], "e2": pa.array([2, 5], "int8")}
    )
    pq.write_table(table, directory / "answers.parquet")
    workspace = sources.open_workspace(directory)
    assert workspace.rows[0].relation.order_by("unit").to_pyarrow().to_pylist() == [
        {"unit": "a", "period": "2024-Q1", "e1": 4.0, "e2": 2.0},
        {"unit": "b", "period": "2024-Q1", "e1": None, "e2": 5.0},
    ]


def test_numbers_as_unit_codes_match_across_formats(folder):
    toml = TOML.replace("answers.csv", "answers.parquet")
    directory = folder(
        organisation__toml=toml,
        units__csv="unit\n1\n2\n",
        results__csv=RESULTS.replace("\na", "\n1").replace("\nb", "\n2"),
    )
    pq.write_table(
        pa.table({"unit": [1.0, 2.0], "date": ["2024-Q1"] * 2, "e1": [1, 2], "e2": [1, 2]}),
        directory / "answers.parquet",
    )
    assert sources.check(directory) == ()


@pytest.mark.parametrize(
    "contents",
    [
        ANSWERS.encode("utf-8-sig"),
        ANSWERS.encode("utf-16"),
        ANSWERS.replace("\n", "\r\n").encode(),
        ANSWERS.replace("\n", "\r").encode(),
        ANSWERS.replace(",", "\t").encode(),
        (ANSWERS + ",,,\n\n,,,\n").encode(),
        ANSWERS.replace("2024-03-31", "2024-03-31T12:00:00").encode(),
        ANSWERS.replace("2024-03-31", "31-03-2024").encode(),
        ANSWERS.replace("2024-03-31", "31/03/2024").encode(),
    ],
)
def test_other_ways_to_write_a_csv_simply_work(folder, contents):
    workspace = sources.open_workspace(folder(answers__csv=contents))
    found = workspace.rows[0].relation.order_by(["unit", "period"]).to_pyarrow().to_pylist()
    assert found[0] == {"unit": "a", "period": "2024-Q1", "e1": 4.0, "e2": 2.0}
    assert len(found) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_survive_their_encoding(folder, encoding):
    directory = folder(units__csv=UNITS.replace("Noord", "Café “Zoë” €").encode(encoding))
    assert sources.open_workspace(directory).units[1].name == "Café “Zoë” €"


def test_dutch_excel_csv_simply_works(folder):
    text = "unit;period;measure;value;exposure\r\na;2024 K1;absence;0,05;100,5\r\nb;K1 2024;absence;0,03;90\r\n"
    results = sources.open_workspace(folder(results__csv=text.encode("cp1252"))).results
    assert results.value.tolist() == [0.05, 0.03]
    assert results.exposure.tolist() == [100.5, 90]


def test_excel_simply_works(folder):
    toml = TOML.replace('"answers.csv"', '"answers.xlsx"\nsheet = "Data"')
    rows = [["unit", "date", "e1", "e2"], ["a", "31-03-2024", 4, "3,5"], ["b", "2024-01-02", 2, None]]
    workspace = sources.open_workspace(folder(organisation__toml=toml, answers__xlsx=workbook(rows, "Data")))
    assert workspace.rows[0].relation.order_by("unit").to_pyarrow().to_pylist() == [
        {"unit": "a", "period": "2024-Q1", "e1": 4.0, "e2": 3.5},
        {"unit": "b", "period": "2024-Q1", "e1": 2.0, "e2": None},
    ]


# cells


def test_text_in_a_number_column_is_not_repeated(folder):
    (line,) = lines(folder(answers__csv=ANSWERS + "a,2024-01-01,secret,3\n" * 3))
    assert line.startswith(
        'answers.csv, row 5, column "e1": text where a number is expected (and 2 more rows). Give a number'
    )
    assert "secret" not in line


def test_answers_outside_the_scale_are_counted(folder):
    (fault,) = sources.check(folder(answers__csv=ANSWERS + "a,2024-01-01,6,3\n" * 10_000))
    assert (fault.row, fault.column, fault.count) == (5, "e1", 10_000)


def test_points_for_thousands_are_not_guessed(folder):
    text = "unit;period;measure;value;exposure\na;2024-Q1;absence;0,05;1.250\nb;2024-Q1;absence;0,03;90\n"
    (fault,) = sources.check(folder(results__csv=text))
    assert (fault.row, fault.column) == (2, "exposure")
    assert fault.found == "a point in a number, while other numbers of this file have a comma"


def test_unknown_units_are_named(folder):
    (line,) = lines(folder(answers__csv=ANSWERS + "x,2024-01-01,3,3\nx,2024-01-01,3,3\ny,2024-01-01,3,3\n"))
    assert line.startswith('answers.csv, row 5, column "unit": unknown units "x", "y" (and 2 more rows).')


def test_missing_units_blame_no_other_table(folder):
    assert [fault.file for fault in sources.check(folder(units__csv=None))] == ["units.csv"]


def test_an_address_in_the_unit_column_is_not_repeated(folder):
    (fault,) = sources.check(folder(answers__csv=ANSWERS + "jan@example.org,2024-01-01,3,3\n"))
    assert fault.found == "unknown unit a code"


def test_rows_without_unit_or_date_are_counted(folder):
    found = sources.check(folder(answers__csv=ANSWERS + ",2024-01-01,3,3\na,,3,3\n"))
    assert [(fault.row, fault.found) for fault in found] == [(5, "a row without a unit"), (6, "a row without a date")]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2024-02-30", "a date that does not exist"),
        ("03/04/2024", "a date of which day and month can be exchanged"),
        ("2024", "a year where the workspace counts in quarters"),
        ("soon", "no date or period that can be read"),
    ],
)
def test_wrong_dates(folder, cell, found):
    (fault,) = sources.check(folder(answers__csv=ANSWERS + f"a,{cell},3,3\n"))
    assert (fault.row, fault.column, fault.found) == (5, "date", found)


def test_the_file_may_say_that_the_day_comes_first(folder):
    toml = TOML.replace('"answers.csv"', '"answers.csv"\ndates = "day first"')
    directory = folder(organisation__toml=toml, answers__csv=ANSWERS + "a,03/04/2024,3,3\n")
    assert sources.open_workspace(directory).periods == ("2024-Q1", "2024-Q2")


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("a,Noord,all,tram,low,8", "unit", "a unit that occurs before"),
        (",Noord,all,tram,low,8", "unit", "a row without a unit"),
        ("c,West,nowhere,tram,low,8", "parent", 'unknown parent "nowhere"'),
        ("c,West,c,tram,low,8", "parent", 'units that lie below themselves: "c"'),
        ("c,West,all,tram,low,-1", "headcount", "a negative headcount"),
        ("c,West,all,tram,much,8", "co_creation", "no degree of co-creation"),
        ("c,West,all,tram,1.5,8", "co_creation", "no degree of co-creation"),
        ("c,West,all,tram,low,many", "headcount", "text where a number is expected"),
    ],
)
def test_wrong_units(folder, row, column, found):
    (fault,) = sources.check(folder(units__csv=UNITS + row + "\n"))
    assert (fault.row, fault.column, fault.found) == (5, column, found)


def test_a_ring_of_parents_is_one_fault(folder):
    (fault,) = sources.check(folder(units__csv=UNITS + "c,C,e,,,\nd,D,c,,,\ne,E,d,,,\nf,F,e,,,\n"))
    assert (fault.row, fault.found) == (5, 'units that lie below themselves: "c", "d", "e"')


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("a,2024-Q1,absence,0.06,100", None, "a second figure for the same unit, period and measure"),
        ("a,2024-Q2,absense,0.06,100", "measure", 'unknown measure "absense"'),
        ("a,2024-Q2,loyalty,0.06,100", "measure", 'unknown measure "loyalty"'),
        ("a,2024-Q2,absence,0.06,-1", "exposure", "a negative exposure"),
        ("a,2024-Q2,absence,much,100", "value", "text where a number is expected"),
        ("a,2024-Q2,,1,100", "measure", "a row without a measure"),
    ],
)
def test_wrong_results(folder, row, column, found):
    (fault,) = sources.check(folder(results__csv=RESULTS + row + "\n"))
    assert (fault.row, fault.column, fault.found) == (4, column, found)


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("a,2024-Q1,loyalty,7.5,20,1,1,10", None, "a second figure for the same unit, period and construct"),
        ("a,2024-Q2,loyalti,7.5,20,1,1,10", "construct", 'unknown construct "loyalti"'),
        ("a,2024-Q2,loyalty,75,20,1,1,10", "mean", "a mean outside its scale"),
        ("a,2024-Q2,loyalty,7.5,-2,1,1,10", "n", "a negative number of respondents"),
        ("a,2024-Q2,loyalty,7.5,20,-1,1,10", "sd", "a negative standard deviation"),
        ("a,2024-Q2,loyalty,7.5,20,1,,", "scale_min", "a scale without a low and a higher end"),
    ],
)
def test_wrong_scores(folder, row, column, found):
    toml = TOML + '[tables.scores]\nfile = "scores.csv"\n'
    text = "unit,period,construct,mean,n,sd,scale_min,scale_max\na,2024-Q1,loyalty,7.5,20,1,1,10\n" + row + "\n"
    (fault,) = sources.check(folder(organisation__toml=toml, scores__csv=text))
    assert (fault.row, fault.column, fault.found) == (3, column, found)


def test_an_unknown_lever_is_named(folder):
    toml = TOML + '[tables.actions]\nfile = "actions.csv"\n'
    text = "unit,start,lever,what\na,2024-04-02,autonomie,roster\n"
    (fault,) = sources.check(folder(organisation__toml=toml, actions__csv=text))
    assert fault.found == 'unknown lever "autonomie"'


def test_all_faults_come_at_once(folder):
    directory = folder(
        units__csv=UNITS + "c,West,nowhere,tram,low,-1\n",
        answers__csv=ANSWERS + "x,2024-02-30,x,6\n",
        results__csv=None,
    )
    assert [(fault.file, fault.column) for fault in sources.check(directory)] == [
        ("answers.csv", "date"),
        ("answers.csv", "e1"),
        ("answers.csv", "e2"),
        ("answers.csv", "unit"),
        ("results.csv", None),
        ("units.csv", "headcount"),
        ("units.csv", "parent"),
    ]


def test_equal_faults_are_counted_and_the_first_row_kept():
    faults = Faults()
    faults.add("f", 9, "c", "x", "y")
    faults.add("f", 3, "c", "x", "y", 2)
    (fault,) = faults.all()
    assert (fault.row, fault.count) == (3, 3)
