"""Where the ledger of releases is kept: a file beside the workspace, its key, and a seal that counts its lines.

The lines hold each other by their hashes; the seal holds the last one, so that lines taken off the end, or the whole
file, are missed. The key is a file of its own, so that backups and copies of the rest can do without. Nothing is
released while one of them is broken, or cannot be written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from bevlogen.core.measured import Measurement
from bevlogen.core.shown import Release
from bevlogen.core.tables import Workspace
from bevlogen.disclose.comments import Question
from bevlogen.disclose.gate import told
from bevlogen.disclose.ledger import (
    KEY_BACK,
    KEY_BYTES,
    KEY_OF_MADE_UP,
    Ledger,
    LedgerError,
    entered,
    opened,
    rules_of,
    with_heard,
)
from bevlogen.disclose.policy import check, is_public_result, is_public_score
from bevlogen.disclose.voices import newly_heard, with_voices

_BACK = "Put both back from a backup."


def remembered(
    workspace: Workspace,
    measurement: Measurement,
    path: Path | None,
    make: Callable[[Ledger | None], Release],
    *,
    now: datetime | None = None,
) -> Release:
    """Make a release that everything released before protects, and remember it for the next.

    Parameters
    ----------
    workspace, measurement : what it is made from.
    path : file of the ledger; it is made with the first release that tells of answers that are not public already.
        None for a study that has no place of its own: it can release what is public already, and nothing else.
    make : makes the release after those of a ledger.
    now : moment of release, with time zone; the clock's by default.

    Raises
    ------
    LedgerError
        The ledger was altered, lines are missing, others can read it, it cannot be written, there is no place for it,
        the clock went back, or the policy is weaker than at an earlier release. Nothing is released then.
    """
    if all(is_public_score(construct, workspace) for construct in measurement.scores.constructs) and all(
        is_public_result(measure, workspace) for measure in measurement.figures.measures
    ):
        return make(None)
    if path is None:
        raise _without_place()
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with _held(path):
        ledger = kept(path, made_up=workspace.organisation.simulated)
        made = make(ledger)
        after = entered(
            ledger, told(workspace, measurement, made, moment, ledger.released), rules_of(workspace.organisation.policy)
        )
        if after is not ledger:
            _keep(path, ledger, after)
        return made


def heard(
    workspace: Workspace,
    path: Path | None,
    release: Release,
    questions: Sequence[Question],
    *,
    names: Iterable[str] = (),
    texts: bool = False,
) -> Release:
    """Return a release with what people wrote, and remember the themes: they stay as they were told.

    Parameters
    ----------
    workspace : organisation, policy and unit tree.
    path : as of ``remembered``.
    release, questions, names, texts : as of ``voices.with_voices``.

    Raises
    ------
    LedgerError
        As of ``remembered``.
    PolicyError
        The policy asks fewer than ten writers.
    BevlogenError
        Two questions are remembered by the same name.
    """
    if not any(question.comments for question in questions):
        return release
    if path is None:
        raise _without_place()
    policy, known = check(workspace.organisation.policy), tuple(names)
    about = questions, workspace.units, policy.k_comments
    with _held(path):
        ledger = kept(path, made_up=workspace.organisation.simulated)
        after = with_heard(ledger, newly_heard(ledger, *about, known), rules_of(policy))
        if after is not ledger:
            _keep(path, ledger, after)
    return with_voices(release, *about, after, names=known, texts=texts)


def kept(path: Path, *, made_up: bool = False, to_read: bool = False) -> Ledger:
    """Read the ledger of a file and check it against its seal; an empty one where there are neither.

    Parameters
    ----------
    path : of its lines; the key and the seal lie beside it.
    made_up, to_read : as of ``ledger.opened``.

    Raises
    ------
    LedgerError
        Where a line was altered, a file or a line is missing, or others than its owner can read it or its key.
    """
    lines, seal = _lines(path), _seal_of(path)
    for own in (path, _keyed(path)) if sys.platform != "win32" else ():
        if own.exists() and own.stat().st_mode & 0o077:
            raise LedgerError("can be read by others than its owner", f"Close it to them: chmod 600 {own.name}")
    ledger = opened(lines, None if to_read else _key_of(path), made_up=made_up, to_read=to_read)
    if seal is None and not lines:
        return ledger
    if seal is None or not lines:
        raise LedgerError(f"misses {path.name if not lines else _sealed(path).name}", _BACK)
    ends = [json.loads(line)["hash"] for line in lines[-2:]]
    stopped_between = seal == (len(lines) - 1, ends[0]) and len(lines) > 1  # killed after the line, before the seal
    if seal != (len(lines), ends[-1]) and not stopped_between:
        raise LedgerError(f"has {len(lines)} entries that do not fit its seal", _BACK)
    return ledger


def _sealed(path: Path) -> Path:
    return path.with_suffix(".seal")


def _keyed(path: Path) -> Path:
    return path.with_suffix(".key")


def _key_of(path: Path) -> bytes | None:
    try:
        key = bytes.fromhex(_keyed(path).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise LedgerError(f"has a key that cannot be read, {_keyed(path).name}", KEY_BACK) from error
    if len(key) not in (0, KEY_BYTES):
        raise LedgerError(f"has a key that cannot be read, {_keyed(path).name}", KEY_BACK)
    return key


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError("cannot be read", f"Make {path} readable, or put it back from a backup.") from error


def _seal_of(path: Path) -> tuple[int, str] | None:
    try:
        said = json.loads(_sealed(path).read_text(encoding="utf-8"))
        return int(said["entries"]), str(said["hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"has a seal that cannot be read, {_sealed(path).name}", _BACK) from error


def _keep(path: Path, before: Ledger, after: Ledger) -> None:
    """Add the last line, then renew the seal; what is told is on disk before anybody sees it.

    The key of a ledger that begins is there before its first line; one drawn anew, after the line that says so.
    """
    line = after.lines[-1]
    own = after.key.hex() if after.key != KEY_OF_MADE_UP else ""
    unknown = bool(own) and not _key_of(path)
    try:
        if unknown and not before.renewed:
            _put(_keyed(path), own)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as stream:
            _to_disk(stream, line + "\n")
        if unknown and before.renewed:
            _put(_keyed(path), own)
        _put(_sealed(path), json.dumps({"entries": len(after.lines), "hash": json.loads(line)["hash"]}) + "\n")
    except OSError as error:
        raise _cannot_be_written(path) from error


def _put(path: Path, text: str) -> None:
    """Write a file as a whole, for its owner only."""
    new = path.with_suffix(f"{path.suffix}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600), "w", encoding="utf-8") as stream:
        _to_disk(stream, text)
    new.replace(path)


def _to_disk(stream: IO[str], text: str) -> None:
    stream.write(text)
    stream.flush()
    os.fsync(stream.fileno())


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Let one process at a time release; the system lets go of the lock when a process ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.with_suffix(".lock").open("a")
    except OSError as error:
        raise _cannot_be_written(path) from error
    with stream:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _without_place() -> LedgerError:
    return LedgerError("has no place", "Name a file that is kept with the data.")


def _cannot_be_written(path: Path) -> LedgerError:
    return LedgerError(f"cannot be written at {path}", "Make that place writable, or name another (--ledger).")
