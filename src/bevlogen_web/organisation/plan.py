"""What a file would do: every change and every fault, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bevlogen_web.organisation.reading import Row, Sheet

Kind = Literal["added", "changed", "moved", "closed", "back"]
HEADINGS: Mapping[Kind, Promise] = {
    "added": gettext_lazy("Added"),
    "changed": gettext_lazy("Changed"),
    "moved": gettext_lazy("Moved"),
    "closed": gettext_lazy("No longer there"),
    "back": gettext_lazy("Asked again"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row (None: in the whole file) and a column (""), and what to do; never what the cell holds."""

    row: int | None
    column: str
    found: str
    mend: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that gets another content, in words for the screen."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one unit or employee; ``row`` is None for what is not in the file."""

    kind: Kind
    row: int | None
    key: str
    name: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a file would do. With a fault, nothing may be done.

    ``same`` counts the rows that change nothing; ``unknown`` names columns that are not read; ``remarks`` say what
    follows that the rows do not show.
    """

    faults: tuple[Fault, ...]
    changes: tuple[Change, ...] = ()
    same: int = 0
    unknown: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Change]:
        """Give the changes of one kind."""
        return [change for change in self.changes if change.kind == kind]

    @property
    def groups(self) -> list[tuple[Kind, Promise, list[Change]]]:
        """Kinds that occur, with their heading and changes, in the order of the screen."""
        return [(kind, heading, self.of(kind)) for kind, heading in HEADINGS.items() if self.of(kind)]

    @property
    def mark(self) -> str:
        """A mark of what would be done: what was looked at is what is applied, or it is looked at again."""
        return hashlib.sha256(repr((self.faults, self.changes)).encode()).hexdigest()


class Cells:
    """The cells of one row, read one by one; what is wrong in them is collected in ``faults``."""

    def __init__(self, row: Row, faults: list[Fault]) -> None:
        self.row, self._faults = row, faults

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self.row.cells

    def text(self, column: str, most: int) -> str:
        """Give a cell, "" if it is empty or not there."""
        text = self.row.cells.get(column, "")
        if len(text) > most:
            self.fault(column, _("a text that is too long"), _("Use at most %(most)s signs.") % {"most": most})
        if any(ord(sign) < 32 for sign in text):
            self.fault(column, _("a sign that cannot be shown"), _("Type the text again."))
        return text

    def fault(self, column: str, found: str, mend: str) -> None:
        """Note a fault in this row."""
        self._faults.append(Fault(self.row.number, column, found, mend))


def told(faults: Iterable[Fault], sheet: Sheet) -> tuple[Fault, ...]:
    """Put faults in the order of the rows, with the names that the columns have in the file."""
    named = [replace(fault, column=sheet.columns.get(fault.column, fault.column)) for fault in faults]
    return tuple(sorted(named, key=lambda fault: fault.row or 0))


def missing_columns(sheet: Sheet, needed: Iterable[str]) -> list[Fault]:
    """Give a fault for each column that has to be there."""
    mend = _("Add it, or name it as in the example file.")
    return [Fault(1, name, _("there is no such column"), mend) for name in needed if name not in sheet.columns]


def twice(rows: Sequence[tuple[int, str]], column: str) -> list[Fault]:
    """Give a fault for each row whose code stands in an earlier row too."""
    seen: dict[str, int] = {}
    faults = []
    for number, key in rows:
        first = seen.setdefault(key, number)
        if first != number and key:
            found = _("a code that also stands in row %(row)s") % {"row": first}
            faults.append(Fault(number, column, found, _("Keep one of the two rows.")))
    return faults
