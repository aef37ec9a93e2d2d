"""Files that other systems put in a folder, such as a nightly export of absence.

``inbox/<organisation>/units/``, ``results/`` and ``interactions/`` in the data folder. A file that is stored
goes to ``done/`` beside it; one with faults goes to ``failed/`` with a report that lists them all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.intake import services, tables
from bevlogen_web.intake.models import Table
from bevlogen_web.intake.services import KeyReusedError, Origin
from bevlogen_web.intake.tables import FaultyError, Finding

QUIET_SECONDS = 30.0  # a file that changed more recently may still be being written
MOST_BYTES = 256 << 20
SCALE = (1.0, 5.0)
WATCHED = (Table.UNITS, Table.RESULTS, Table.INTERACTIONS)


def folder_of(organisation: Organisation) -> Path:
    """Give the folder that is watched for an organisation."""
    folder: Path = settings.DATA / "inbox" / organisation.slug
    return folder


def open_for(organisation: Organisation) -> Path:
    """Make the watched folders of an organisation, and give the one above them."""
    for table in WATCHED:
        (folder_of(organisation) / table).mkdir(mode=0o750, parents=True, exist_ok=True)
    return folder_of(organisation)


def take_all(now: float | None = None) -> tuple[int, int]:
    """Take every file that has come in; give how many were stored and how many had faults."""
    taken = [_take(organisation, table, path) for organisation, table, path in _waiting(now or time.time())]
    return taken.count(True), taken.count(False)


def _waiting(now: float) -> Iterator[tuple[Organisation, Table, Path]]:
    for organisation in Organisation.objects.order_by("pk"):
        for table in WATCHED:
            folder = folder_of(organisation) / table
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    ready = path.suffix.lower() in tables.FILE_KINDS and not path.name.startswith((".", "~"))
                    # A link could lead to another's file.
                    if ready and path.is_file() and not path.is_symlink() and _is_quiet(path, now):
                        yield organisation, table, path


def _is_quiet(path: Path, now: float) -> bool:
    return now - path.stat().st_mtime >= QUIET_SECONDS


def _take(organisation: Organisation, table: Table, path: Path) -> bool:
    try:
        if path.stat().st_size > MOST_BYTES:
            mend = f"Deliver it in parts of at most {MOST_BYTES >> 20} MB."
            raise FaultyError([Finding(None, None, "a file that is too large", mend)])
        services.take_file(organisation, table, path, Origin.of(_salted(table, path.read_bytes())), SCALE)
    except FaultyError as error:
        _report(_move(path, "failed"), error.findings)
        return False
    except KeyReusedError:
        _report(_move(path, "failed"), [Finding(None, None, "a key of another delivery", "Deliver the file again.")])
        return False
    _move(path, "done")
    return True


def _salted(table: Table, content: bytes) -> bytes:
    return table.value.encode() + b"\0" + content


def _move(path: Path, name: str) -> Path:
    folder = path.parent / name
    folder.mkdir(mode=0o750, exist_ok=True)
    target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}"
    path.replace(target)
    return target


def _report(path: Path, findings: tuple[Finding, ...] | list[Finding]) -> None:
    lines = [f"{len(findings)} fault(s). Nothing of this file was stored. Mend the file and put it here again.", ""]
    lines += [sentence(finding) for finding in findings]
    path.with_name(f"{path.name}.report.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def sentence(finding: Finding) -> str:
    """Write a fault as one line: where, what was found, what to do."""
    where = [f"row {finding.row}"] if finding.row is not None else []
    where += [f'column "{finding.field}"'] if finding.field is not None else []
    more = f" (and {finding.count - 1} more rows)" if finding.count > 1 else ""
    place = ", ".join(where) + ": " if where else ""
    return f"{place}{finding.found}{more}. {finding.mend}"
