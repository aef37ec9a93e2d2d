"""What was erased, kept beside the database so that a restored backup can forget it again.

A line holds a time, a kind and a number or keyed hash, never a name or an address. Lines go once no backup is older.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bevlogen_web.accounts.models import ColleagueInvitation, Membership, User
from bevlogen_web.feedback.models import Outgoing, Wish
from bevlogen_web.intake.models import Encounter
from bevlogen_web.organisation.models import Employee

LINES_KEPT = timedelta(days=100)  # backups are kept for 90 days at most, see docs/deploy.md


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was erased: when, of which kind, and its number or pseudonym."""

    at: datetime
    kind: str
    mark: str


def _forget_wish(mark: str) -> int:
    wishes = Wish.objects.filter(pk=int(mark)).exclude(state=Wish.State.DONE)
    return wishes.update(state=Wish.State.DONE, taken_by=None, contact="", about="")


# Each says how a kind is forgotten, whether or not it is still there, and gives how many rows that took.
FORGET: dict[str, Callable[[str], int]] = {
    "employee": lambda mark: Employee.objects.filter(pk=int(mark)).delete()[0],
    "user": lambda mark: User.objects.filter(pk=int(mark)).delete()[0],
    "membership": lambda mark: Membership.objects.filter(pk=int(mark)).delete()[0],
    "invitation": lambda mark: ColleagueInvitation.objects.filter(pk=int(mark)).delete()[0],
    "mail": lambda mark: Outgoing.objects.filter(pk=int(mark)).delete()[0],
    "wish": _forget_wish,
    "employee in contacts": lambda mark: Encounter.objects.filter(employee=mark).update(employee=""),
    "customer in contacts": lambda mark: Encounter.objects.filter(customer=mark).update(customer=""),
}


def forget(kind: str, mark: str) -> int:
    """Erase one thing and note that it was; gives how many rows it took."""
    _note(Line(timezone.now(), kind, mark))
    return FORGET[kind](mark)


def again(since: datetime) -> int:
    """Erase once more what was erased since a backup was made, after bringing that back; gives how many rows."""
    return sum(FORGET[line.kind](line.mark) for line in lines() if line.at >= since)


def lines() -> Iterator[Line]:
    """Give every line that is kept, oldest first."""
    if _path().exists():
        for text in _path().read_text(encoding="utf-8").splitlines():
            read = json.loads(text)
            yield Line(datetime.fromisoformat(read["at"]), read["kind"], read["mark"])


def tidy(now: datetime) -> None:
    """Drop lines that no backup needs any more."""
    if not _path().exists():
        return
    kept = [line for line in lines() if line.at >= now - LINES_KEPT]
    scratch = _path().with_suffix(".new")
    scratch.write_text("".join(map(_written, kept)), encoding="utf-8")
    scratch.chmod(0o600)
    scratch.replace(_path())


def _note(line: Line) -> None:
    """Before the erasure itself: a line too many does no harm, one too few brings somebody back."""
    descriptor = os.open(_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(_written(line))
        file.flush()
        os.fsync(file.fileno())


def _written(line: Line) -> str:
    return json.dumps({"at": line.at.isoformat(), "kind": line.kind, "mark": line.mark}) + "\n"


def _path() -> Path:
    return Path(settings.DATA) / "erased.jsonl"
