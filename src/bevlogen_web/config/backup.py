"""Backups: one archive of the database and the files beside it, and bringing one back.

Left out on purpose: ``keys/`` (with the key of an open round its sealed answers could be opened from any backup), the
keys of the ledgers of releases (``write_keys`` gives them a file of their own, to be kept elsewhere), and what is made
anew (``static/``, ``metrics/``) or must not last (``mail/``, ``inbox/``). What was erased since the backup is erased
again after bringing it back, and what was released since stays in the ledger of releases.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing as closed_after
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, cast

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses.study import LEDGER
from bevlogen_web.intake.services import folder_of
from bevlogen_web.listening import closing, seal
from bevlogen_web.listening.models import Letter, Round, State
from bevlogen_web.listening.queries import open_rounds
from bevlogen_web.privacy import erased

FOLDERS = ("organisations",)
KEY = Path(LEDGER).with_suffix(".key").name
NOTE = "backup.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FORMAT = 1
_CHUNK = 1 << 20


class UnfitBackupError(Exception):
    """An archive cannot be brought back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: when the backup was made, rows per table, rows erased again, and what lacks its key."""

    made: datetime
    rows: dict[str, int]
    erased_again: int
    rounds_without_key: int
    ledgers_without_key: int


def write(target: Path) -> dict[str, int]:
    """Write a backup of this moment while the application runs; gives the number of rows per table.

    The archive is complete under its name or not there at all, and only its owner can read it. Letters and invitations
    of open rounds are first put in random order: a dump keeps the order in which rows were written.
    """
    for held in open_rounds():
        closing.stir(held)
    with tempfile.TemporaryDirectory(prefix="bevlogen-backup-", dir=settings.DATA) as name:
        folder = Path(name)
        copy = folder / DATABASES[connection.vendor]
        _dump(copy)
        rows = _rows_of(copy)
        note = {
            "format": FORMAT,
            "made": timezone.now().isoformat(),
            "engine": connection.vendor,
            "migrations": _applied(),
            "rows": rows,
            "sha256": _digest(copy),
        }
        (folder / NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")
        with _whole(target) as raw:
            _pack(raw, folder, copy.name)
    return rows


def write_keys(target: Path) -> int:
    """Write the keys of the ledgers of releases to a file that only its owner can read; gives how many."""
    keys = _own_keys()
    with _whole(target) as raw:
        raw.write(json.dumps({"format": FORMAT, "keys": keys}, indent=1).encode())
    return len(keys)


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that is complete under its name or not there at all."""
    scratch = target.with_name(f".{target.name}.part")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        yield raw
        raw.flush()
        os.fsync(raw.fileno())
    scratch.replace(target)


def restore(source: Path, *, replace: bool, keys: Path | None = None, new_keys: bool = False) -> Restored:
    """Bring a backup back into this installation.

    Parameters
    ----------
    source
        An archive ``write`` made, of the same kind of database.
    replace
        Whether data that are here may be lost; without it a database in use is refused.
    keys
        A file ``write_keys`` made; keys that are here already stay where it has none.
    new_keys
        Let a new key be drawn for each ledger that has none, because it is lost.

    Raises
    ------
    UnfitBackupError
        If the archive or the file of keys is damaged, of another kind of database, of a newer version, or the database
        is in use; then nothing is changed.
    """
    given = {} if keys is None else _keys_of(keys)
    if not replace and _in_use():
        raise UnfitBackupError("There are data here already. To lose them, add --replace.")
    with tempfile.TemporaryDirectory(prefix="bevlogen-restore-", dir=settings.DATA) as name:
        folder = Path(name)
        note = _unpack(source, folder)
        _check(note, folder)
        told = _told()
        own = _own_keys()
        _load(folder / DATABASES[connection.vendor])
        for kept in FOLDERS:
            shutil.rmtree(settings.DATA / kept, ignore_errors=True)
            if (folder / kept).exists():
                (folder / kept).rename(settings.DATA / kept)
    call_command("migrate", interactive=False, verbosity=0)
    _keep_told(told)
    without_key = _put_keys(own | given, new_keys=new_keys)
    made = datetime.fromisoformat(note["made"])
    again = erased.again(made)
    return Restored(timezone.localtime(made), count_rows(), again, _without_key(), without_key)


def prune(folder: Path, days: int, today: date) -> int:
    """Delete archives and keys of a folder that are older than ``days`` days; gives how many. Others' files stay."""
    gone = 0
    ours = (*folder.glob("bevlogen-????????-??????.tar.gz"), *folder.glob("bevlogen-keys-????????-??????.json"))
    for path in ours:
        made = datetime.strptime(path.name.split("-")[-2], "%Y%m%d").date()
        if (today - made).days > days:
            path.unlink()
            gone += 1
    return gone


def count_rows() -> dict[str, int]:
    """Give the number of rows of every table of the application."""
    return {model._meta.db_table: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


def _dump(copy: Path) -> None:
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        # A compact copy of one moment, also while others write; nothing of deleted rows comes along.
        with closed_after(sqlite3.connect(_file(), timeout=60)) as database:
            database.execute("VACUUM INTO ?", (str(copy),))
    else:
        _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")


def _load(copy: Path) -> None:
    connections.close_all()
    if connection.vendor == "sqlite":
        place = _file()
        for suffix in ("-wal", "-shm"):
            place.with_name(place.name + suffix).unlink(missing_ok=True)
        copy.replace(place)
        place.chmod(0o600)
    else:
        script = copy.with_suffix(".sql")
        _postgresql("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy))
        # One transaction: either all of it is there, or all that was here still is.
        empty = "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        options = ("--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
        _postgresql("psql", *options, f"--command={empty}", f"--file={script}")


def _file() -> Path:
    return Path(str(settings.DATABASES["default"]["NAME"]))


def _postgresql(program: str, *arguments: str) -> None:
    database = settings.DATABASES["default"]
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    given = {name: str(database[key]) for name, key in names.items() if database.get(key)}
    options = {f"PG{name.upper()}": str(value) for name, value in cast("dict[str, Any]", database["OPTIONS"]).items()}
    try:
        subprocess.run([program, *arguments], env={**os.environ, **options, **given}, check=True)
    except FileNotFoundError as error:
        raise UnfitBackupError(f"{program} is not here. On Debian: apt-get install postgresql-client") from error
    except subprocess.CalledProcessError as error:
        raise UnfitBackupError(f"{program} failed; see what it said above.") from error


def _rows_of(copy: Path) -> dict[str, int]:
    """Rows in the copy itself; a dump cannot be counted, so there it is the database right after it."""
    if copy.suffix != ".sqlite3":
        return count_rows()
    with closed_after(sqlite3.connect(copy)) as database:
        return {table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in _tables()}


def _tables() -> Iterable[str]:
    return (model._meta.db_table for model in apps.get_models() if model._meta.managed)


def _pack(raw: IO[bytes], folder: Path, database: str) -> None:
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
        archive.add(folder / NOTE, NOTE)
        archive.add(folder / database, database)
        for kept in FOLDERS:
            if (settings.DATA / kept).exists():
                archive.add(settings.DATA / kept, kept, filter=lambda one: None if one.name.endswith(KEY) else one)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, members=list(_plain(archive, folder)))
        note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UnfitBackupError(f"There is no backup in {source}.") from error
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise UnfitBackupError(f"{source} is no backup, or it is damaged. Take another one.") from error
    return note


def _plain(archive: tarfile.TarFile, folder: Path) -> Iterator[tarfile.TarInfo]:
    """Give all members, plain files and folders within ``folder``; Debian 12's Python has no filter for that."""
    root = folder.resolve()
    for member in archive:
        if not (member.isfile() or member.isdir()) or not (root / member.name).resolve().is_relative_to(root):
            raise tarfile.ExtractError
        member.mode = 0o700 if member.isdir() else 0o600
        yield member


def _check(note: dict[str, Any], folder: Path) -> None:
    if note.get("format") != FORMAT or note["engine"] not in DATABASES:
        raise UnfitBackupError("This backup was made by another version. Install that version first.")
    if note["engine"] != connection.vendor:
        raise UnfitBackupError(
            f"This backup is of {note['engine']}; here is {connection.vendor}. Set the same database."
        )
    if _digest(folder / DATABASES[connection.vendor]) != note["sha256"]:
        raise UnfitBackupError("The backup is damaged: its database is not what was written. Take another one.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(note["migrations"]) - known):
        raise UnfitBackupError(f"This backup is of a newer version ({newer[-1]}). Install that version first.")


def _in_use() -> bool:
    tables = connection.introspection.table_names()
    return "accounts_user" in tables and apps.get_model("accounts", "User")._default_manager.exists()


def _told() -> dict[tuple[int, str], tuple[bytes, ...]]:
    """Ledger of releases and its seal, by organisation here, of those that have both."""
    if "accounts_organisation" not in connection.introspection.table_names():
        return {}
    kept = {(one.pk, one.slug): _ledger(one) for one in Organisation.objects.all()}
    return {
        of: tuple(path.read_bytes() for path in paths) for of, paths in kept.items() if all(map(Path.exists, paths))
    }


def _keep_told(told: Mapping[tuple[int, str], tuple[bytes, ...]]) -> None:
    """Go on with a ledger from before the restore that goes further than the one in the backup: told is told."""
    for one in Organisation.objects.all():
        paths = _ledger(one)
        back = paths[0].read_bytes() if paths[0].exists() else b""
        for path, content in zip(paths, told.get((one.pk, one.slug), ()), strict=False):
            if told[one.pk, one.slug][0].startswith(back):
                path.touch(mode=0o600)
                path.write_bytes(content)


def _key_files() -> Iterator[Path]:
    if "accounts_organisation" in connection.introspection.table_names():
        yield from (folder_of(one) / KEY for one in Organisation.objects.order_by("pk"))


def _own_keys() -> dict[str, str]:
    """Keys that are here, by their place in the data folder."""
    return {str(path.relative_to(settings.DATA)): path.read_text("ascii") for path in _key_files() if path.exists()}


def _keys_of(source: Path) -> dict[str, str]:
    try:
        note = json.loads(source.read_text(encoding="utf-8"))
        keys = {str(name): bytes.fromhex(key).hex() for name, key in note["keys"].items()}
    except FileNotFoundError as error:
        raise UnfitBackupError(f"There are no keys in {source}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnfitBackupError(f"{source} holds no keys, or it is damaged. Take another one.") from error
    return keys


def _put_keys(keys: Mapping[str, str], *, new_keys: bool) -> int:
    """Put keys back beside their ledgers; gives how many ledgers have none. An empty one lets a new one be drawn."""
    without = 0
    for path in _key_files():
        key = keys.get(str(path.relative_to(settings.DATA)), "" if new_keys else None)
        if path.with_name(LEDGER).exists() and key is not None:
            path.touch(mode=0o600)
            path.write_text(key, "ascii")
        without += path.with_name(LEDGER).exists() and key is None
    return without


def _ledger(organisation: Organisation) -> tuple[Path, Path]:
    path = folder_of(organisation) / LEDGER
    return path, path.with_suffix(".seal")


def _applied() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def _without_key() -> int:
    """Rounds with letters nobody can open here: open in the backup, but their key is gone or was not kept."""
    opened = Round.objects.filter(state=State.OPEN, pk__in=Letter.objects.values("round"))
    return sum(1 for held in opened if not _has_key(held.key_name))


def _has_key(name: str) -> bool:
    try:
        seal.key_of(name)
    except seal.KeyGoneError:
        return False
    return True


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
