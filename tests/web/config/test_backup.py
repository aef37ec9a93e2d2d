"""A backup is brought back and gives the same figures; tried with the commands an operator uses."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from bevlogen_web.config.backup import prune

GIVEN = os.environ.get("BEVLOGEN_TEST_DATABASE_URL", "")
# Fills an installation and prints all its figures: every row of every table, as one digest per table.
FILL = """
from datetime import date
from bevlogen_web.accounts import services
from bevlogen_web.feedback.models import Response
from bevlogen_web.instruments.models import Instrument, Version
from bevlogen_web.listening.models import Answer, Round
from bevlogen_web.organisation.models import Employee, Unit
user = services.set_up("Hier", "nl", "a@here.example", "Anna", "a-long-enough-pass-phrase")
here = user.organisations.get()
unit = Unit.objects.create(organisation=here, key="t1", name="Team")
made = Instrument.objects.create(organisation=here, key="own", audience="employee")
version = Version.objects.create(instrument=made, number=1, definition={"pages": []})
held = Round.objects.create(organisation=here, name="R", kind="census", version=version, period="2026",
    opens=date(2026, 3, 1), closes=date(2026, 3, 9), state="closed", rules={"k": 5, "k_comments": 10})
for n in range(1, 41):
    Answer.objects.create(pk=n, round=held, unit=unit, values={"q1": n % 5 + 1})
    day = date(2026, 3, n % 28 + 1)
    Response.objects.create(pk=n, organisation=here, unit=unit, version=version, day=day, values={"q1": n % 5})
    Employee.objects.create(organisation=here, unit=unit, key=f"p{n}", language="nl", email=f"p{n}@here.example")
"""
FIGURES = """
import hashlib, json
from django.apps import apps
told = {}
for model in apps.get_models():
    if model._meta.label == "config.ScheduledRun": continue
    rows = sorted(map(repr, model._default_manager.values_list()))
    told[model._meta.label] = [len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()]
print(json.dumps(told, sort_keys=True))
"""
# An organisation of three teams, with a closed round, and what its picture then shows.
LISTENED = """
from datetime import date
from bevlogen_web.accounts import services
from bevlogen_web.instruments.models import Instrument, Version
from bevlogen_web.listening.models import Answer, Round
from bevlogen_web.organisation.models import Unit
here = services.set_up("Hier", "nl", "a@here.example", "Anna", "a-long-enough-pass-phrase").organisations.get()
top = Unit.objects.create(organisation=here, key="top", name="Hier")
for number in range(1, 4):
    Unit.objects.create(organisation=here, key=f"t{number}", name=f"Team {number}", parent=top)
asked = {"kind": "scale", "construct": "engagement", "low": 1, "high": 5, "text": {"nl": "Vraag", "en": "Question"},
    "ends": {"nl": ["oneens", "eens"], "en": ["disagree", "agree"]}}
made = Instrument.objects.create(organisation=here, key="own", audience="employee")
Version.objects.create(instrument=made, number=1, state="published", definition={"title": {"nl": "P", "en": "P"},
    "pages": [{"questions": [asked | {"key": "e1"}, asked | {"key": "e2"}]}]})
"""
HELD = """
from datetime import date
from bevlogen_web.instruments.models import Version
from bevlogen_web.listening.models import Answer, Round
from bevlogen_web.organisation.models import Unit
version = Version.objects.get(instrument__key="own")
held = Round.objects.create(organisation_id=1, name="R", kind="census", version=version, period="%s",
    opens=date(2026, 3, 1), closes=date(2026, 3, 9), state="closed", rules={"k": 5, "k_comments": 10})
for unit in Unit.objects.exclude(key="top"):
    for n in range(9):
        Answer.objects.create(round=held, unit=unit, values={"e1": (n + unit.pk) %% 5 + 1, "e2": n %% 4 + 2})
"""
SHOWN = """
import json
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import queries, services, study
here = Organisation.objects.get()
services.ask(here)
study.run_waiting(here)
shown = queries.standing(here)
assert shown.failed is None, shown.failed.fault
print(json.dumps({name: part for name, part in shown.picture.release.items() if name != "provenance"}))
"""
ERASE = """
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import erased
erased.forget("employee", str(Employee.objects.get(key="p7").pk))
"""
DAMAGE = """
from bevlogen_web.listening.models import Answer
from bevlogen_web.feedback.models import Response
from bevlogen_web.organisation.models import Unit
Answer.objects.all().delete()
Response.objects.update(values={"q1": 1})
Unit.objects.update(name="Lost")
"""


class Installation:
    """A real installation in a folder, with a database of its own."""

    def __init__(self, folder: Path, database: str, like: Path | None = None, told: Any = None) -> None:
        self.folder, self.told = folder, told  # what the installation it is a copy of showed
        if like is None:
            folder.mkdir()
        else:
            shutil.copytree(like, folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BEVLOGEN_", "DJANGO_"))}
        self.env = kept | {"BEVLOGEN_HOME": str(folder), "BEVLOGEN_DATABASE_URL": database}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bevlogen_web", *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def figures(self) -> dict[str, list]:
        return json.loads(self.run("shell", "--no-imports", "-c", FIGURES).stdout)

    def do(self, script: str) -> str:
        answer = self.run("shell", "--no-imports", "-c", script)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def shown(self) -> dict:
        """What a fresh picture releases."""
        return json.loads(self.do(SHOWN))

    def ledger(self) -> bytes:
        return (self.folder / "organisations" / "1" / "releases.jsonl").read_bytes()


@contextmanager
def databases():
    """Make new databases, each a copy of an earlier one if asked: a file, or one on the PostgreSQL of the tests."""
    if not GIVEN:
        yield lambda name, like="": ""
        return
    made = []

    def make(name: str, like: str = "") -> str:
        name, like = (f"backup_{one}_{os.getpid()}" if one else "template1" for one in (name, like))
        with psycopg.connect(GIVEN, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        made.append(name)
        return urlunsplit(urlsplit(GIVEN)._replace(path=f"/{name}"))

    yield make
    with psycopg.connect(GIVEN, autocommit=True) as server:
        for name in made:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database():
    with databases() as make:
        yield make


@pytest.fixture(scope="module")
def empty(tmp_path_factory, migrated):
    """Begin an installation that is migrated and no more."""
    with databases() as make:
        if GIVEN:
            first = Installation(tmp_path_factory.mktemp("first") / "data", make("migrated"))
            assert first.run("migrate").returncode == 0

        def begun(name: str) -> Installation:
            folder = tmp_path_factory.mktemp(name) / "data"
            return Installation(folder, make(name, "migrated"), None if GIVEN else migrated)

        yield begun


@pytest.fixture(scope="module")
def full(empty) -> Installation:
    """The installation that every test gets a copy of."""
    one = empty("full")
    one.do(FILL)
    one.told = one.figures()
    extra = one.folder / "organisations" / "1" / "history"
    extra.mkdir(parents=True)
    (extra / "units.csv").write_text("unit\nt1\n", encoding="utf-8")
    return one


@pytest.fixture
def filled(tmp_path, database, full) -> Installation:
    return Installation(tmp_path / "one", database("one", "full"), full.folder, full.told)


@pytest.mark.slow
def test_restore_gives_the_same_figures_on_a_bare_machine(filled, tmp_path, database):
    before = filled.told
    archive = tmp_path / "backup.tar.gz"
    assert filled.run("backup", str(archive)).returncode == 0
    bare = Installation(tmp_path / "two", database("two"))
    answer = bare.run("restore", str(archive))
    assert answer.returncode == 0, answer.stderr
    assert before["listening.Answer"][0] == 40
    assert bare.figures() == before
    assert (bare.folder / "organisations" / "1" / "history" / "units.csv").read_text(encoding="utf-8") == "unit\nt1\n"
    assert "here: whole" not in answer.stdout
    assert "hier: whole, 1 entries" in answer.stdout


@pytest.fixture(scope="module")
def heard(empty) -> Installation:
    """The installation with a closed round, and a picture of it, that every test gets a copy of."""
    one = empty("heard")
    one.do(LISTENED + HELD % "2026-Q1")
    one.told = one.shown()
    return one


@pytest.fixture
def listened(tmp_path, database, heard) -> Installation:
    return Installation(tmp_path / "one", database("one", "heard"), heard.folder, heard.told)


@pytest.mark.slow
def test_a_picture_made_after_a_restore_shows_the_same_figures(listened, tmp_path, database):
    shown = listened.told
    assert len(shown["units"]) >= 3
    archive, safe = tmp_path / "backup.tar.gz", tmp_path / "safe"
    safe.mkdir()
    assert "1 keys. Keep them elsewhere" in listened.run("backup", str(archive), "--keys", str(safe)).stdout
    (keys,) = safe.iterdir()
    assert keys.stat().st_mode & 0o077 == 0
    bare = Installation(tmp_path / "two", database("two"))
    assert bare.run("restore", str(archive), "--keys", str(keys)).returncode == 0
    assert bare.ledger() == listened.ledger()
    assert bare.shown() == shown
    assert bare.ledger() == listened.ledger()


@pytest.mark.slow
def test_a_backup_leaves_the_key_out_and_a_restore_without_it_says_what_to_do(listened, tmp_path, database):
    shown = listened.told
    key = (listened.folder / "organisations" / "1" / "releases.key").read_text()
    archive = tmp_path / "backup.tar.gz"
    assert "Without the keys" in listened.run("backup", str(archive)).stdout
    with tarfile.open(archive) as packed:
        held = [packed.extractfile(member).read() for member in packed if member.isfile()]
    assert len(held) >= 4
    assert not [one for one in held if key.encode() in one or bytes.fromhex(key) in one]
    bare = Installation(tmp_path / "two", database("two"))
    assert "1 ledger(s) of releases lack their key" in bare.run("restore", str(archive)).stdout
    refused = bare.run("shell", "--no-imports", "-c", SHOWN)
    assert "The ledger of releases misses its key. Nothing was released." in refused.stderr
    bad = tmp_path / "bad.json"
    bad.write_text('{"keys": {"organisations/1/releases.key": "no key"}}')
    assert (
        "holds no keys, or it is damaged" in bare.run("restore", str(archive), "--replace", "--keys", str(bad)).stderr
    )
    answer = bare.run("restore", str(archive), "--replace", "--new-keys")
    assert "lack their key" not in answer.stdout
    assert bare.shown()["units"] == shown["units"]
    assert listened.run("restore", str(archive), "--replace").stdout.count("lack their key") == 0
    assert (listened.folder / "organisations" / "1" / "releases.key").read_text() == key
    assert listened.shown() == shown


@pytest.mark.slow
def test_what_was_released_since_the_backup_is_remembered_after_a_restore(listened, tmp_path):
    shown = listened.told
    archive = tmp_path / "backup.tar.gz"
    listened.run("backup", str(archive))
    listened.do(HELD % "2026-Q2" + SHOWN)
    remembered = listened.ledger()
    assert remembered.count(b"\n") == 2
    assert listened.run("restore", str(archive), "--replace").returncode == 0
    assert listened.ledger() == remembered
    assert listened.shown()["units"] == shown["units"]
    assert listened.ledger().startswith(remembered)


@pytest.mark.slow
def test_restore_undoes_damage_and_erases_again_what_was_erased(filled, tmp_path):
    before = filled.told
    archive = tmp_path / "backup.tar.gz"
    filled.run("backup", str(archive))
    filled.do(ERASE + DAMAGE)
    assert "--replace" in filled.run("restore", str(archive)).stderr
    answer = filled.run("restore", str(archive), "--replace")
    assert "Erased again: 1 rows." in answer.stdout
    after = filled.figures()
    assert after.pop("organisation.Employee")[0] == 39
    assert after == {name: told for name, told in before.items() if name != "organisation.Employee"}


@pytest.mark.slow
def test_backup_holds_no_key_and_only_its_owner_reads_it(filled, tmp_path):
    (filled.folder / "keys" / "rounds").mkdir(parents=True, exist_ok=True)
    (filled.folder / "keys" / "rounds" / "abc").write_bytes(b"k" * 32)
    archive = tmp_path / "backup.tar.gz"
    filled.run("backup", str(archive))
    with tarfile.open(archive) as packed:
        assert not [name for name in packed.getnames() if "key" in name or "secret" in name]
    assert archive.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_damaged_archive_is_refused_and_nothing_changes(filled, tmp_path):
    before = filled.told
    archive = tmp_path / "backup.tar.gz"
    filled.run("backup", str(archive))
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    answer = filled.run("restore", str(archive), "--replace")
    assert answer.returncode == 1
    assert "damaged" in answer.stderr
    assert filled.figures() == before


@pytest.mark.skipif(bool(GIVEN), reason="looks into the file of SQLite")
def test_copy_holds_nothing_of_what_was_deleted(filled, tmp_path):
    one = filled
    one.do("from bevlogen_web.organisation.models import Employee; Employee.objects.all().delete()")
    one.run("backup", str(tmp_path / "backup.tar.gz"))
    kept = tmp_path / "kept.sqlite3"
    with tarfile.open(tmp_path / "backup.tar.gz") as packed:
        kept.write_bytes(packed.extractfile("database.sqlite3").read())
    assert b"p7@here.example" not in kept.read_bytes()
    assert sqlite3.connect(kept).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("member", ["../outside", "/outside", "link"])
def test_archive_that_reaches_outside_is_refused(tmp_path, member):
    one = Installation(tmp_path / "one", "")
    archive = tmp_path / "backup.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        info = tarfile.TarInfo(member)
        info.type, info.linkname = (tarfile.SYMTYPE, "/etc") if member == "link" else (tarfile.REGTYPE, "")
        packed.addfile(info)
    answer = one.run("restore", str(archive))
    assert answer.returncode == 1
    assert "damaged" in answer.stderr
    assert not (tmp_path / "outside").exists()


def test_only_old_backups_of_ours_are_deleted(tmp_path):
    from datetime import date

    ours = ("bevlogen-20260101-020000.tar.gz", "bevlogen-20261119-020000.tar.gz", "bevlogen-keys-20260101-020000.json")
    for name in (*ours, "other.tar.gz"):
        (tmp_path / name).touch()
    assert prune(tmp_path, 30, date(2026, 11, 20)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bevlogen-20261119-020000.tar.gz", "other.tar.gz"]
