"""The same workspace on each engine: the same moments, the same verdicts, and one sentence when something is wrong."""

import socket
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import bevlogen as bv
from bevlogen.errors import EngineError
from bevlogen.measure.aggregate import scan
from bevlogen.measure.crossed_there import crossed_there
from bevlogen.sources.engines_database import open_database
from bevlogen.study import Study

sys.path.insert(0, str(Path(__file__).parent))
import engines  # beside this file: pytest's import mode puts no folder of tests on the path

encounters = sys.modules["bevlogen.measure.encounters"]  # the room gives its function the same name
ROUNDING = 1e-9  # sums of the same numbers in another order, relative
FEW = 100  # encounters that may leave the engine here: a share of them
_SUMS = ("n_", "s_", "q_", "f_", "t_", "u_")
NAMES = ("duckdb", "postgresql", "spark", "clickhouse")


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    return engines.lay(tmp_path_factory.mktemp("laid") / "files", teams=14, waves=4, answers_per_cell=8)


@pytest.fixture(scope="module")
def files(laid):
    return bv.open(laid.folder)


@pytest.fixture(scope="module", params=NAMES)
def url(request, laid, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "duckdb":
        return engines.in_duckdb(laid, folder / "tables.duckdb")
    if request.param == "clickhouse":
        return engines.in_clickhouse(laid, folder)
    return engines.in_postgresql(laid) if request.param == "postgresql" else engines.in_spark(laid, folder)


@pytest.fixture(scope="module")
def study(url, laid, tmp_path_factory):
    return bv.open(laid.workspace(tmp_path_factory.mktemp("there") / "w", url))


@pytest.mark.slow
def test_every_moment_is_the_same(study, files):
    assert_same_sums(engines.sums_of(study.workspace), engines.sums_of(files.workspace))


def assert_same_sums(found, expected):
    assert found.keys() == expected.keys()
    for name, sums in found.items():
        np.testing.assert_allclose(sums, expected[name], rtol=ROUNDING, atol=ROUNDING, err_msg=str(name))


@pytest.mark.slow
def test_every_verdict_is_the_same(study, files):
    assert engines.verdicts_of(study) == engines.verdicts_of(files)


@pytest.mark.slow
def test_spark_connect_gives_the_same_moments_and_verdicts(laid, files, tmp_path):
    names = {name: str(tmp_path / f"{name}.parquet") for name in laid.tables}
    for name, table in laid.tables.items():
        pq.write_table(table, names[name])
    place = laid.workspace(tmp_path / "w", engines.spark_connect(), **names)
    sums, verdicts = engines.in_another_process(place, tmp_path / "found")
    assert_same_sums(sums, engines.sums_of(files.workspace))
    assert verdicts == engines.verdicts_of(files)


@pytest.mark.slow
def test_faults_are_found_where_the_rows_are(url, laid, tmp_path):
    spoiled = laid.tables["answers"]
    item = next(i for i in files_items(laid) if i in spoiled.column_names)
    place = spoiled.column_names.index(item)
    values = [99.0, *spoiled[item].to_pylist()[1:]]
    spoiled = spoiled.set_column(place, item, pa.array(values, pa.float64()))
    codes = ["nowhere", *spoiled["unit"].to_pylist()[1:]]
    spoiled = spoiled.set_column(spoiled.column_names.index("unit"), "unit", pa.array(codes))
    spoil(url, laid, tmp_path, bad=spoiled)
    faults = bv.check(laid.workspace(tmp_path / "w", spoiled_url(url, tmp_path), answers="bad"))
    told = [f.sentence() for f in faults]
    assert any('bad, column "unit": unknown unit "nowhere".' in t for t in told)
    assert any(f'bad, column "{item}": an answer outside the scale' in t for t in told)
    assert len(told) == 2


def files_items(laid):
    return [i for instrument in bv.open(laid.folder).workspace.organisation.instruments for i in instrument.items]


def spoil(url, laid, folder, **tables):
    if url.startswith("duckdb"):
        engines.in_duckdb(laid, folder / "spoiled.duckdb", **tables)
    elif url.startswith("postgresql"):
        engines.in_postgresql(laid, **tables)
    elif url.startswith("clickhouse"):
        engines.in_clickhouse(laid, url.removeprefix("clickhouse://"), **tables)
    else:
        engines.in_spark(laid, folder, **tables)


def spoiled_url(url, folder):
    return f"duckdb://{folder / 'spoiled.duckdb'}" if url.startswith("duckdb") else url


@pytest.mark.slow
def test_spaces_around_a_code_do_not_make_another_unit(laid, files, tmp_path):
    spaced = laid.tables["answers"]
    codes = [f" {code} " if n % 2 else code for n, code in enumerate(spaced["unit"].to_pylist())]
    spaced = spaced.set_column(spaced.column_names.index("unit"), "unit", pa.array(codes))
    study = bv.open(laid.workspace(tmp_path / "w", engines.in_duckdb(laid, tmp_path / "t.duckdb", answers=spaced)))
    assert scan(study.workspace)[0].scores.rows.sum() == scan(files.workspace)[0].scores.rows.sum()
    assert len(scan(study.workspace)[0].scores.unit) == len(scan(files.workspace)[0].scores.unit)


@pytest.mark.slow
def test_a_missing_table_is_one_sentence(url, laid, tmp_path):
    (fault,) = bv.check(laid.workspace(tmp_path / "w", url, answers="nothing_there"))
    assert (
        fault.sentence()
        == 'nothing_there: there is no table "nothing_there". Mend its name (schema.table), or make it.'
    )


@pytest.mark.slow
def test_a_column_of_text_is_one_sentence(url, laid, tmp_path):
    item = files_items(laid)[0]
    answers = laid.tables["answers"]
    place = answers.column_names.index(item)
    text = answers.set_column(place, item, answers[item].cast(pa.string()))
    spoil(url, laid, tmp_path, texts=text)
    (fault,) = bv.check(laid.workspace(tmp_path / "w", spoiled_url(url, tmp_path), answers="texts"))
    mend = "Give this column of the table a type of numbers."
    assert fault.sentence() == f'texts, column "{item}": text where a number is expected. {mend}'


def told(laid, place, url, **names):
    return [fault.sentence() for fault in bv.check(laid.workspace(place, url, **names))]


def test_an_engine_that_is_down_is_one_sentence_without_the_password(laid, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for scheme in ("postgresql", "sc"):
        (sentence,) = [
            t for t in told(laid, tmp_path / scheme, f"{scheme}://me:secret@127.0.0.1:{port}/x") if "url" in t
        ]
        assert f"no answer from {scheme}://127.0.0.1:{port}/x" in sentence
        assert "secret" not in sentence
        assert "me@" not in sentence


def test_an_engine_that_is_not_known_names_those_that_are(laid, tmp_path):
    assert (
        "Begin the url with one of: duckdb, postgresql, spark, sc, clickhouse, trino."
        in told(laid, tmp_path, "oracle://x")[0]
    )


def test_a_password_may_stand_in_the_environment(laid, tmp_path, monkeypatch):
    url = engines.in_duckdb(laid, tmp_path / "tables.duckdb")
    monkeypatch.setenv("BEVLOGEN_TEST_PLACE", url.removeprefix("duckdb://"))
    assert told(laid, tmp_path / "w", "duckdb://${BEVLOGEN_TEST_PLACE}") == []
    assert (
        "a variable BEVLOGEN_TEST_NOWHERE that is not set" in told(laid, tmp_path, "sc://${BEVLOGEN_TEST_NOWHERE}")[0]
    )


def test_another_engine_may_be_named_for_the_same_workspace(laid, tmp_path, monkeypatch):
    monkeypatch.setenv("BEVLOGEN_ENGINE", engines.in_duckdb(laid, tmp_path / "tables.duckdb"))
    assert told(laid, tmp_path / "w", "postgresql://nobody@nowhere.invalid/x") == []


def test_tables_in_an_engine_need_an_engine(laid, tmp_path):
    laid.workspace(tmp_path, "x")
    toml = tmp_path / "organisation.toml"
    toml.write_text(toml.read_text().replace("[engine]", "").replace('url = "x"', ""))
    assert "tables in an engine, but no engine" in bv.check(tmp_path)[0].found


@pytest.fixture
def guarded(laid):
    """Make a user of PostgreSQL with a password, who may read all tables but that of the answers."""
    url = engines.in_postgresql(laid)
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed here")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY guarded; DROP ROLE guarded" if role(connection) else "SELECT 1")
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'geheim'")
        connection.execute("GRANT SELECT ON units, interactions, results TO guarded")
    return url.replace("bevlogen@", "guarded:{password}@")


def role(connection):
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'guarded'").fetchone()


@pytest.mark.slow
def test_a_wrong_password_is_one_sentence(laid, guarded, tmp_path):
    (sentence,) = [t for t in told(laid, tmp_path, guarded.format(password="mis-geheim")) if "url" in t]
    assert "refuses this user or password" in sentence
    assert "geheim" not in sentence


@pytest.mark.slow
def test_a_table_without_permission_is_one_sentence(laid, guarded, tmp_path):
    assert told(laid, tmp_path, guarded.format(password="geheim")) == [
        "answers: a table that may not be read. Ask for the right to read (SELECT) it."
    ]


@pytest.mark.slow
def test_a_table_that_changes_between_check_and_scan_is_one_sentence_and_a_retry_works(laid, tmp_path):
    url = engines.in_postgresql(laid)
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed here")
    study, item = bv.open(laid.workspace(tmp_path, url)), files_items(laid)[0]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER TABLE answers RENAME COLUMN "{item}" TO gone')
        with pytest.raises(EngineError, match="a column that changed while it was read"):
            study.measure()
        connection.execute(f'ALTER TABLE answers RENAME COLUMN gone TO "{item}"')
        assert study.measure().scales


@pytest.mark.slow
def test_a_connection_that_breaks_is_opened_again(laid, tmp_path):
    url = engines.in_postgresql(laid)
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed here")
    study = bv.open(laid.workspace(tmp_path, url))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with pytest.raises(EngineError, match="no answer from"):
        study.measure()
    assert study.measure().scales


@pytest.fixture(scope="module")
def calls():
    rng = np.random.default_rng(3)
    employee, customer = rng.integers(0, 12, 800), rng.integers(0, 90, 800)
    score = rng.normal(size=12)[employee] + rng.normal(size=90)[customer] + rng.normal(size=800)
    return pa.table({"customer": [f"k{k}" for k in customer], "employee": [f"e{k}" for k in employee], "score": score})


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql", "spark"])
def test_crossed_effects_where_the_rows_are_are_those_of_the_arrays(engine, laid, calls, tmp_path):
    if engine == "postgresql":
        # Each sweep hands over a figure per employee in a temporary table, which counts as writing.
        url = engines.in_postgresql(laid, calls=calls) + "?options=-c%20default_transaction_read_only%3Doff"
    else:
        url = engines.in_spark(laid, tmp_path, calls=calls)
    database = open_database(url, tmp_path)
    found = crossed_there(database.table("calls"), "score", ("employee", "customer"), fetch=database.fetch)
    groups = {name: np.array(calls[name].to_pylist()) for name in ("employee", "customer")}
    expected = bv.models.crossed.fit(calls["score"].to_numpy(), np.ones((800, 1)), groups, method="moments")
    np.testing.assert_allclose(found.beta, expected.beta, rtol=ROUNDING)
    np.testing.assert_allclose(found.sigma2, expected.sigma2, rtol=ROUNDING)
    for name, value in found.variance.items():
        np.testing.assert_allclose(value, expected.variance[name], rtol=ROUNDING)
    assert found.converged


@pytest.mark.slow
def test_the_same_sample_of_customers_is_taken_on_each_engine(study, files, monkeypatch):
    monkeypatch.setattr(encounters, "MOST_ROWS", FEW)
    there, here = (encounters.encounters(s.workspace, s.measure()) for s in (study, files))
    assert 0 < len(there.unit) < 2 * FEW < files.measure().panel.scans[1].rows.sum()
    found, expected = (
        sorted(zip(x.period, x.employee, x.customer, x.scores[:, 0], strict=True)) for x in (there, here)
    )
    np.testing.assert_allclose(found, expected, rtol=ROUNDING)


@pytest.mark.slow
def test_only_sums_and_the_sample_leave_the_engine(study, monkeypatch):
    """Of what crosses: a row per cell with sums alone, and for the methods that need rows the sample, no item of it."""
    monkeypatch.setattr(encounters, "MOST_ROWS", FEW)
    crossed = []

    def noted(rows):
        def fetch(expression):
            crossed.append(rows.fetch(expression))
            return crossed[-1]

        return replace(rows, fetch=fetch)

    workspace = replace(study.workspace, rows=tuple(noted(rows) for rows in study.workspace.rows))
    Study(workspace).link()
    sums, sample = crossed[:-1], crossed[-1]
    cells = len(workspace.units) * len(workspace.periods)
    assert len(sums) == len(workspace.rows)
    for table in sums:
        assert table.num_rows <= cells
        assert all(name in ("unit", "period", "rows") or name[:2] in _SUMS for name in table.column_names)
    assert 0 < sample.num_rows < 2 * FEW
    people = {"unit", "period", "employee", "customer", "service"}
    assert all(name in people or name[0] in "va" for name in sample.column_names)
