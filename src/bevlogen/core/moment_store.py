"""A store of moments: what each part of a table of rows came to, so that only new parts are ever scanned.

Cells (a row per unit and period, a column per sum) are additive. Every file of cells is written once under the digest
of what it was made from and never changed; one small file, replaced in a single step, says which of them are in force.
So a crash leaves the former state, and whatever was finished before it is not scanned again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bevlogen.errors import writing

_FORMAT = 1
_CURRENT = "current.json"
_VERSIONS_KEPT = 5
_KEYS = ["unit", "period"]


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the check of a part has found: dates to labels, columns, and rows that were skipped. No row is kept."""

    labels: Mapping[str, str]
    columns: tuple[str, ...]
    skipped: int


@dataclass(frozen=True, slots=True)
class _State:
    """What is in force: a number, facts by part, and by table which parts its sum holds, in order."""

    version: int
    facts: Mapping[str, PartFacts]
    summed: Mapping[str, tuple[str, ...]]


class MomentStore:
    """The moments that are kept in a folder; made when something is first kept, readable by its owner only.

    The sums of a cell of few people are as confidential as their answers: keep the folder where the answers are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = self._read()

    @property
    def version(self) -> int:
        """Number of the state in force; 0 before anything was kept."""
        return self._state.version

    def facts(self, key: str) -> PartFacts | None:
        """What is known of a part; None if it was not kept or its cells are gone."""
        return self._state.facts.get(key) if self._path(key).is_file() else None

    def cells(self, key: str) -> pa.Table | None:
        """Return the cells of a part; None if they are not kept."""
        path = self._path(key)
        return pq.read_table(path) if path.is_file() else None

    def summed(self, table: str, keys: Sequence[str]) -> tuple[int, pa.Table | None]:
        """Return the kept sum of a table if it holds the first of these parts: how many, and their cells."""
        held = self._state.summed.get(table, ())
        path = self._path(_digest(held))
        if not held or tuple(keys[: len(held)]) != held or not path.is_file():
            return 0, None
        return len(held), pq.read_table(path)

    def units(self, table: str) -> frozenset[str]:
        """Units of the kept sum of a table."""
        path = self._path(_digest(self._state.summed.get(table, ())))
        return frozenset(pq.read_table(path, columns=["unit"])["unit"].to_pylist()) if path.is_file() else frozenset()

    def forget(self) -> None:
        """Take nothing for checked and summed from here on; what is in the folder stays until something is kept."""
        self._state = replace(self._state, facts={}, summed={})

    def keep(self, key: str, facts: PartFacts, cells: pa.Table) -> None:
        """Keep a part that was just scanned."""
        self._write_cells(key, cells)
        self._commit(replace(self._state, facts={**self._state.facts, key: facts}))

    def keep_sum(self, table: str, keys: Sequence[str], cells: pa.Table) -> None:
        """Keep the sum of a table over these parts; what no kept version needs is removed."""
        if self._state.summed.get(table) == tuple(keys):
            return
        self._write_cells(_digest(keys), cells)
        self._commit(replace(self._state, summed={**self._state.summed, table: tuple(keys)}))
        self._tidy()

    def _path(self, key: str) -> Path:
        return self.folder / f"cells-{key}.parquet"

    def _read(self) -> _State:
        return _state(self.folder / _CURRENT) or _State(0, {}, {})

    def _write_cells(self, key: str, cells: pa.Table) -> None:
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path, unfinished = self._path(key), self.folder / f".{key}.unfinished"
            pq.write_table(cells, unfinished, compression="zstd", compression_level=1)
            unfinished.chmod(0o600)
            _settle(unfinished, path)

    def _commit(self, state: _State) -> None:
        state = replace(state, version=self._state.version + 1)
        facts = {k: {"labels": f.labels, "columns": f.columns, "skipped": f.skipped} for k, f in state.facts.items()}
        found = {"format": _FORMAT, "version": state.version, "facts": facts, "summed": state.summed}
        text = json.dumps(found)  # without indents: that writer is ten times as fast
        with writing(self.folder):
            for name in (f"version-{state.version:06d}.json", _CURRENT):
                unfinished = self.folder / f".{name}.unfinished"
                unfinished.write_text(text, encoding="utf-8")
                unfinished.chmod(0o600)
                _settle(unfinished, self.folder / name)
        self._state = state

    def _tidy(self) -> None:
        """Remove old versions, and cells that no version left needs."""
        versions = sorted(self.folder.glob("version-*.json"))
        for path in versions[:-_VERSIONS_KEPT]:
            path.unlink(missing_ok=True)
        needed: set[str] = set()
        for path in versions[-_VERSIONS_KEPT:]:
            state = _state(path)
            if state is not None:
                parts = {key for keys in state.summed.values() for key in keys}
                needed |= parts | {_digest(keys) for keys in state.summed.values()}
        needed |= set(self._state.facts)
        for path in self.folder.glob("cells-*.parquet"):
            if path.stem.removeprefix("cells-") not in needed:
                path.unlink(missing_ok=True)


def with_part(cells: pa.Table | None, part: pa.Table, *, replaces: bool) -> pa.Table:
    """Add the cells of a part; with ``replaces`` they take the place of cells of the same unit and period."""
    if cells is None:
        return part
    if replaces:
        stay = cells.append_column("place", pa.array(range(cells.num_rows))).select([*_KEYS, "place"])
        stay = stay.join(part.select(_KEYS), _KEYS, join_type="left anti")
        return pa.concat_tables([cells.take(stay["place"].combine_chunks().sort()), part])
    sums = [name for name in part.column_names if name not in _KEYS]
    both = pa.concat_tables([cells, part]).group_by(_KEYS, use_threads=False)
    return both.aggregate([(name, "sum") for name in sums]).rename_columns([*_KEYS, *sums]).select(part.column_names)


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(keys).encode()).hexdigest()


def _settle(unfinished: Path, path: Path) -> None:
    """Give a finished file its name, after its content has reached the disk."""
    with unfinished.open("rb") as stream:
        os.fsync(stream.fileno())
    unfinished.replace(path)


def _state(path: Path) -> _State | None:
    """Read a state; None where there is none, or one that another version of the program wrote."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if found.get("format") != _FORMAT:
        return None
    facts = {k: PartFacts(f["labels"], tuple(f["columns"]), f["skipped"]) for k, f in found["facts"].items()}
    return _State(found["version"], facts, {table: tuple(keys) for table, keys in found["summed"].items()})
