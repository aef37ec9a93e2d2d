"""A part of organisation.toml, read key by key; what is wrong or left over becomes a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bevlogen.core.chain import Language
from bevlogen.sources.faults import Faults, nearest

TOML = "organisation.toml"
DEFAULT_LANGUAGE: Language = "nl"


class Section:
    """A table of the file. Each getter checks one key; ``finish`` reports the keys that nobody asked for."""

    def __init__(self, faults: Faults, path: str, data: object, text: str) -> None:
        self.faults, self.path, self._text = faults, path, text
        self._asked: set[str] = set()
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.fault(None, "a value where a table is expected", f"Write it as [{path}] with keys under it.")

    def fault(self, key: str | None, found: str, mend: str) -> None:
        """Note a fault about a key (or about the whole table)."""
        column = ".".join(part for part in (self.path, key) if part)
        self.faults.add(TOML, _line_of(self._text, key), column or None, found, mend)

    def part(self, key: str) -> Section:
        """Return the table under ``key``; empty if absent."""
        return Section(self.faults, self._sub(key), self._take(key, {}), self._text)

    def parts(self, key: str) -> list[Section]:
        """Return a table, or each of several tables, under ``key``; none if absent."""
        found = self._take(key, [])
        several = found if isinstance(found, list) else [found]
        return [Section(self.faults, self._sub(key), one, self._text) for one in several]

    def entries(self, key: str) -> dict[str, Section]:
        """Return the tables under ``key`` by their own names."""
        return {name: Section(self.faults, f"{self._sub(key)}.{name}", v, self._text) for name, v in self._table(key)}

    def _table(self, key: str) -> list[tuple[str, Any]]:
        found = self._take(key, {})
        if not isinstance(found, Mapping):
            self.fault(key, "a value where a table is expected", "Write a table with names and values.")
            return []
        return list(found.items())

    def has(self, key: str) -> bool:
        """Whether the file gives ``key``."""
        return key in self.data

    def raw(self, key: str) -> Any:
        """Return what stands under ``key`` as it is; None if absent."""
        return self._take(key, None)

    def text(self, key: str, default: str | None = None, choices: Iterable[str] = ()) -> str:
        """Return a text; without a default the key must be there."""
        found = self._take(key, default)
        choices = list(choices)
        if found is None:
            self.fault(None, f'no key "{key}"', f'Add {key} = "...".')
        elif not isinstance(found, str) or not found.strip():
            if found != default:
                self.fault(key, "no text", f'Write {key} = "..." with the text between quotation marks.')
        elif choices and found not in choices:
            self.fault(key, f'unknown {key} "{found}"', nearest(found, choices))
        else:
            return found
        return default if default is not None else (choices[0] if choices else "")

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """Return a number between ``low`` and ``high``."""
        found = self._take(key, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
            self.fault(key, "not a number that can stand here", f"Give a number from {low:g} to {high:g}.")
            return default
        return float(found)

    def flag(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        found = self._take(key, default)
        if not isinstance(found, bool):
            self.fault(key, "neither true nor false", f"Write {key} = true or {key} = false.")
            return default
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text or a list of texts as a tuple; empty if absent."""
        found = self._take(key, [])
        several = [found] if isinstance(found, str) else found
        if not isinstance(several, list) or not all(isinstance(one, str) and one for one in several):
            self.fault(key, "not a list of texts", f'Write {key} = ["...", "..."].')
            return ()
        return tuple(several)

    def pair(self, key: str) -> tuple[float, float] | None:
        """Return (low, high) with low below high; None if absent or wrong."""
        found = self._take(key, None)
        if found is None:
            return None
        numbers = isinstance(found, list) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in found)
        if not numbers or len(found) != 2 or not found[0] < found[1]:
            self.fault(key, "not a low and a high number", f"Write {key} = [low, high], low first.")
            return None
        return float(found[0]), float(found[1])

    def finish(self, known: Iterable[str] = ()) -> None:
        """Report every key that was not asked for, with the nearest that could be meant."""
        for key in self.data:
            if key not in self._asked:
                self.fault(key, f'unknown key "{key}"', nearest(key, {*self._asked, *known}))

    def _take(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        return self.data.get(key, default)

    def _sub(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _line_of(text: str, key: str | None) -> int | None:
    """Line of a key, if it stands on one line only."""
    if key is None:
        return None
    last = re.escape(key.split(".")[-1])
    written = re.compile(rf'\s*\[?\[?([\w"-]+\s*\.\s*)*"?{last}"?\s*(=|\.|\])')
    lines = [number for number, line in enumerate(text.splitlines(), 1) if written.match(line)]
    return lines[0] if len(lines) == 1 else None
