"""Faults of a workspace, gathered so that equal ones become one line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from bevlogen.errors import Fault

_PLAIN_CODE = re.compile(r"[\w .\-/&+']{1,40}")


class Faults:
    """Collects faults; equal ones (same file, column, finding and remedy) are counted, the first row is kept."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None, str, str], Fault] = {}

    def add(self, file: str, row: int | None, column: str | None, found: str, mend: str, count: int = 1) -> None:
        """Note one fault, or ``count`` rows with the same fault."""
        key = (file, column, found, mend)
        earlier = self._found.get(key)
        if earlier is not None:
            rows = [r for r in (earlier.row, row) if r is not None]
            row, count = min(rows) if rows else None, earlier.count + count
        self._found[key] = Fault(file, row, column, found, mend, count)

    def take(self, other: Faults) -> None:
        """Note all that ``other`` has found."""
        for fault in other.all():
            self.add(fault.file, fault.row, fault.column, fault.found, fault.mend, fault.count)

    def take_without_rows(self, other: Faults) -> None:
        """Note all that ``other`` has found in a table that has no row numbers."""
        for fault in other.all():
            self.add(fault.file, None, fault.column, fault.found, fault.mend, fault.count)

    def mention(self, file: str, found: str | None = None) -> bool:
        """Whether there is a fault in ``file`` (with this finding)."""
        return any(fault.file == file and found in (None, fault.found) for fault in self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def all(self) -> tuple[Fault, ...]:
        """Return every fault: ``organisation.toml`` first, then by file, row and column."""
        return tuple(
            sorted(
                self._found.values(),
                key=lambda f: (f.file != "organisation.toml", f.file, f.row or 0, f.column or "", f.found),
            )
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence that offers the nearest known name, or all names when none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Choose one of: {', '.join(names)}."


def listed(names: Iterable[str], most: int = 20) -> str:
    """Join names for a message; a long list is cut."""
    names = list(names)
    cut = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + cut


def codes(found: Iterable[str], most: int = 5) -> str:
    """Quote unit codes for a message. What does not look like a code (an address, a long text) is not repeated."""
    found = list(found)
    shown = [f'"{code}"' for code in found if _PLAIN_CODE.fullmatch(code)][:most]
    more = len(found) - len(shown)
    if not shown:
        return f"{more} different codes" if more > 1 else "a code"
    return ", ".join(shown) + (f" and {more} more" if more else "")
