"""What was scanned once is not scanned again, and the figures are those of a full rebuild."""

import json
import shutil
import signal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import bevlogen as bv
from bevlogen.core.moment_store import MomentStore, PartFacts, with_part
from bevlogen.core.progress import heard
from bevlogen.measure.aggregate import scan

pytestmark = pytest.mark.slow

ROUNDING = 1e-12  # sums of the same numbers, added file by file instead of all at once


@pytest.fixture
def folder(tmp_path, laid):
    """A copy of it for each test, with moments of its own."""
    return shutil.copytree(laid, tmp_path / "w")


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    """A simulated organisation, its answers in a file per quarter, its moments kept."""
    place = bv.simulate(tmp_path_factory.mktemp("laid") / "w", teams=8, waves=4, answers_per_cell=8)
    answers = pq.read_table(place / "answers.parquet")
    (place / "answers.parquet").unlink()
    (place / "answers").mkdir()
    quarter = pc.add(pc.multiply(pc.year(answers["date"]), 10), pc.quarter(answers["date"]))
    for value in pc.unique(quarter).sort().to_pylist():
        pq.write_table(answers.filter(pc.equal(quarter, value)), place / "answers" / f"{value}.parquet")
    toml = place / "organisation.toml"
    text = toml.read_text().replace('file = "answers.parquet"', 'file = "answers/*.parquet"')
    toml.write_text(text + '\n[moments]\nfolder = "moments"\n')
    return place


def asked(monkeypatch):
    """Note each query that is sent for the scan."""
    sent = []
    from bevlogen.measure import aggregate

    plain = aggregate.query
    monkeypatch.setattr(aggregate, "query", lambda *a: sent.append(a[0].rows.name) or plain(*a))
    return sent


def figures(place):
    return [
        getattr(s.scores, name) for s in scan(bv.open(place).workspace) for name in ("unit", "period", "n", "s", "q")
    ]


def rebuilt(place):
    """Figures without a store: one query over all rows."""
    toml = place / "organisation.toml"
    text = toml.read_text()
    toml.write_text(text.replace('[moments]\nfolder = "moments"\n', ""))
    found = figures(place)
    toml.write_text(text)
    return found


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=ROUNDING, atol=ROUNDING)


def test_kept_moments_are_those_of_one_query(folder):
    assert_same(figures(folder), rebuilt(folder))


def test_a_second_run_scans_nothing_and_changes_nothing(folder, monkeypatch):
    first = figures(folder)
    before = (folder / "moments" / "current.json").read_bytes()
    sent = asked(monkeypatch)
    for a, b in zip(first, figures(folder), strict=True):
        np.testing.assert_array_equal(a, b)
    assert sent == []
    assert (folder / "moments" / "current.json").read_bytes() == before


def test_only_a_new_file_is_scanned(folder, monkeypatch):
    last = sorted((folder / "answers").glob("*.parquet"))[-1]
    held = last.rename(folder / "held")
    figures(folder)
    held.rename(last)
    sent = asked(monkeypatch)
    found = figures(folder)
    assert sent == ["answers"]
    assert_same(found, rebuilt(folder))


def correction(folder):
    """Give the first unit other answers in one quarter."""
    first = sorted((folder / "answers").glob("*.parquet"))[0]
    rows = pq.read_table(first)
    mine = rows.filter(pc.equal(rows["unit"], rows["unit"][0]))
    pq.write_table(mine.slice(0, mine.num_rows - 2), folder / "late.parquet")
    toml = folder / "organisation.toml"
    extra = '[[tables.answers]]\nfile = "late.parquet"\nreplaces = true\n'
    toml.write_text(toml.read_text().replace("[tables.answers]", "[[tables.answers]]") + extra)
    return mine["unit"][0].as_py()


def test_a_late_correction_replaces_one_cell_and_scans_nothing_else(folder, monkeypatch):
    figures(folder)
    before = scan(bv.open(folder).workspace)[0].scores
    unit = correction(folder)
    sent = asked(monkeypatch)
    study = bv.open(folder)
    after = scan(study.workspace)[0].scores
    assert sent == ["answers"]
    moved = np.flatnonzero((before.rows != after.rows) | (before.q != after.q).any(axis=1))
    assert [study.workspace.units[u].key for u in after.unit[moved]] == [unit]
    assert before.rows[moved] - after.rows[moved] == 2
    assert_same(figures(folder), rebuilt(folder))


def test_the_release_is_that_of_a_full_rebuild(folder):
    bv.open(folder).to_json(folder / "kept.json", upto="measure")
    text = (folder / "organisation.toml").read_text()
    (folder / "organisation.toml").write_text(text.replace('[moments]\nfolder = "moments"\n', ""))
    bv.open(folder).to_json(folder / "rebuilt.json", upto="measure")
    kept, anew = (json.loads((folder / name).read_text()) for name in ("kept.json", "rebuilt.json"))
    del kept["provenance"], anew["provenance"]  # organisation.toml differs, and with it the fingerprint
    assert kept == anew


def test_a_crash_at_any_write_leaves_the_former_state(folder, monkeypatch):
    last = sorted((folder / "answers").glob("*.parquet"))[-1]
    held = last.rename(folder / "held")
    figures(folder)
    former = (folder / "moments" / "current.json").read_bytes()
    held.rename(last)
    from bevlogen.core import moment_store

    settle, writes = moment_store._settle, []

    def dies(unfinished, path):
        writes.append(path)
        if path.name == "current.json":
            raise KeyboardInterrupt
        settle(unfinished, path)

    monkeypatch.setattr(moment_store, "_settle", dies)
    with pytest.raises(KeyboardInterrupt):
        figures(folder)
    assert writes
    assert (folder / "moments" / "current.json").read_bytes() == former
    monkeypatch.undo()
    assert_same(figures(folder), rebuilt(folder))


def test_a_cancelled_scan_goes_on_where_it_was(folder, monkeypatch):
    from bevlogen.measure import aggregate

    plain, sent = aggregate.query, []

    def third_time_stops(*a):
        if len(sent) == 2:
            raise KeyboardInterrupt
        sent.append(a[0].rows.name)
        return plain(*a)

    monkeypatch.setattr(aggregate, "query", third_time_stops)
    with pytest.raises(KeyboardInterrupt):
        figures(folder)
    monkeypatch.undo()
    sent = asked(monkeypatch)
    found = figures(folder)
    assert sent.count("answers") == 2
    assert_same(found, rebuilt(folder))


def test_a_column_that_turns_into_text_in_mid_year_is_named_and_a_retry_works(folder):
    figures(folder)
    former = (folder / "moments" / "current.json").read_bytes()
    last = sorted((folder / "answers").glob("*.parquet"))[-1]
    good = pq.read_table(last)
    item = good.column_names.index("eng1")
    pq.write_table(good.set_column(item, "eng1", good["eng1"].cast(pa.string())), last)
    (fault,) = bv.check(folder)
    found = f'answers/{last.name}, column "eng1": text where a number is expected.'
    assert fault.sentence() == f"{found} Write this column of the Parquet file as numbers."
    assert (folder / "moments" / "current.json").read_bytes() == former
    pq.write_table(good, last)
    assert_same(figures(folder), rebuilt(folder))


_SLOW_SCAN = """
import signal, sys, time
from pathlib import Path
import bevlogen as bv
from bevlogen.core.progress import heard
from bevlogen.measure import aggregate

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started deaf to it
plain, asked = aggregate.query, []

def slow(*a):
    asked.append(1)
    if len(asked) > 2:
        time.sleep(60)  # so that Ctrl-C comes in mid-scan
    return plain(*a)

aggregate.query = slow
study = bv.open(Path(sys.argv[1]))
with heard(lambda share: print(share, flush=True)):
    study.measure()
print("done", flush=True)
"""


def test_ctrl_c_in_mid_scan_leaves_whole_parts_and_the_next_run_goes_on(folder, monkeypatch):
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW_SCAN, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as job:
        told = []
        for line in job.stdout:
            told.append(line.strip())
            if float(told[-1]) >= 0.5:
                break
        job.send_signal(signal.SIGINT)
        rest, error = job.communicate(timeout=60)
    assert job.returncode != 0
    assert "KeyboardInterrupt" in error
    assert "done" not in rest
    assert MomentStore(folder / "moments").version >= 2  # two of the four quarters were finished
    sent = asked(monkeypatch)
    found = figures(folder)
    assert 1 <= sent.count("answers") <= 2
    assert_same(found, rebuilt(folder))


def test_a_scan_of_many_files_tells_how_far_it_is(folder):
    told = []
    with heard(told.append):
        figures(folder)
    assert told == sorted(told) or told.count(1.0) == 2  # answers and interactions each end at 1
    assert {0.25, 0.5, 0.75, 1.0} <= set(told)


def test_a_unit_that_is_taken_out_is_noticed_in_kept_parts(folder):
    figures(folder)
    units = folder / "units.csv"
    lines = units.read_text().splitlines()
    units.write_text("\n".join(lines[:-1]) + "\n")
    assert any("unknown unit" in fault.found for fault in bv.check(folder))


def test_another_instrument_scans_again(folder, monkeypatch):
    figures(folder)
    toml = folder / "organisation.toml"
    toml.write_text(toml.read_text().replace("min_answered = 2", "min_answered = 1"))
    sent = asked(monkeypatch)
    found = figures(folder)
    assert sent.count("answers") == 4
    assert_same(found, rebuilt(folder))


def test_old_versions_and_their_cells_are_removed(tmp_path):
    store = MomentStore(tmp_path)
    for i in range(12):
        cells = pa.table({"unit": ["a"], "period": [f"{i}"], "rows": [1.0]})
        store.keep(f"k{i}", PartFacts({}, (), 0), cells)
        store.keep_sum("answers", [f"k{i}"], cells)
    assert len(list(tmp_path.glob("version-*.json"))) == 5
    assert MomentStore(tmp_path).version == 24


def test_cells_of_the_same_unit_and_period_are_added_or_replaced():
    one = pa.table({"unit": ["a", "b"], "period": ["1", "1"], "rows": [3.0, 4.0]})
    two = pa.table({"unit": ["b", "c"], "period": ["1", "1"], "rows": [5.0, 6.0]})
    added, replaced = with_part(one, two, replaces=False), with_part(one, two, replaces=True)
    assert sorted(zip(added["unit"].to_pylist(), added["rows"].to_pylist(), strict=True)) == [
        ("a", 3.0),
        ("b", 9.0),
        ("c", 6.0),
    ]
    assert sorted(zip(replaced["unit"].to_pylist(), replaced["rows"].to_pylist(), strict=True)) == [
        ("a", 3.0),
        ("b", 5.0),
        ("c", 6.0),
    ]
