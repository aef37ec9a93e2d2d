"""A folder becomes a workspace: every file read once, every fault found, nothing written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from bevlogen.core.chain import CONSTRUCTS, Text
from bevlogen.core.moment_store import MomentStore
from bevlogen.core.tables import Measure, Organisation, RowTable, RowTableName, Unit, Workspace
from bevlogen.errors import EngineError, Fault, WorkspaceError
from bevlogen.sources.actions import DatedAction, read_actions
from bevlogen.sources.engines import DAMAGED, Engine
from bevlogen.sources.engines_database import Database, open_database
from bevlogen.sources.engines_rows import bring, read_part_there, union_there
from bevlogen.sources.faults import Faults, nearest
from bevlogen.sources.figures import Coded, Figures, code, read_figures, result_table, score_table
from bevlogen.sources.files import Source, find, fingerprint, matching, open_source
from bevlogen.sources.organisation import Settings, TableSpec, read_settings
from bevlogen.sources.rows import RowPart, check_items, read_part, union
from bevlogen.sources.section import TOML
from bevlogen.sources.units import lay_down, read_units, under_one_top

_ROW_TABLES: tuple[RowTableName, ...] = ("answers", "interactions")


@dataclass(slots=True)
class _Parts:
    """What the files have brought so far."""

    rows: dict[RowTableName, list[RowPart]] = field(default_factory=dict)
    figures: dict[Literal["scores", "results"], list[Figures]] = field(default_factory=dict)
    actions: list[DatedAction] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def labels(self) -> tuple[str, ...]:
        """Every period that has data, in time order (labels of one grain sort as text)."""
        seen = {label for parts in self.rows.values() for part in parts for label in part.periods}
        for figures in self.figures.values():
            for part in figures:
                seen |= set(part.data["period"].unique().drop_null().to_pylist())
        return tuple(sorted(seen))


def open_workspace(directory: Path, *, data: Path | None = None) -> Workspace:
    """Check a workspace and open it.

    Parameters
    ----------
    directory : folder with ``organisation.toml``.
    data : folder in which files are sought that do not lie in ``directory``; after it comes ``BEVLOGEN_DATA``.

    Returns
    -------
    Workspace
        Units in the order of their file, periods in time order, figures as arrays, answers as lazy tables. CSV and
        Excel are read once into memory-bound typed tables; Parquet stays where it is.

    Raises
    ------
    WorkspaceError
        With every fault at once. Nothing is written in any case.
    """
    workspace, faults = _load(directory, data)
    if faults or workspace is None:
        raise WorkspaceError(faults)
    return workspace


def check(directory: str | Path, *, data: str | Path | None = None) -> tuple[Fault, ...]:
    """Return every fault of a workspace, equal ones counted; empty if it is fine."""
    return _load(Path(directory), None if data is None else Path(data))[1]


def _load(directory: Path, data: Path | None) -> tuple[Workspace | None, tuple[Fault, ...]]:
    faults = Faults()
    settings = read_settings(directory, faults)
    if settings is None:
        return None, faults.all()
    settings = _one_spec_per_file(settings, directory, data)
    store = MomentStore(directory / settings.moments) if settings.moments else None
    engine = Engine()
    database = _database(settings, directory, faults)
    units = _units(engine, database, settings, directory, data, faults)
    parts = _Parts()
    store = _trusted(store, units)
    for spec in settings.tables:
        if spec.in_engine and database is not None and spec.table != "units":
            _read_there(engine, database, spec, settings.organisation, units, parts, faults)
        source = None if spec.table == "units" or spec.in_engine else open_source(spec, directory, data, faults)
        if source is None:
            continue
        try:
            _read(engine, spec, source, settings.organisation, parts, faults, store)
        except DAMAGED:
            faults.add(spec.file, None, None, "a damaged file", "Export the table again.")
    for name in _ROW_TABLES:
        files = [spec.file for spec in settings.of(name)]
        check_items(settings.organisation, name, parts.rows.get(name, []), ", ".join(files), faults)
    _check_places(settings, faults)
    workspace = _joined(engine, database, settings, units, parts, faults, store)
    if len(faults):
        return None, faults.all()
    engine.work()
    digests = [part.digest for found in parts.rows.values() for part in found]
    return replace(workspace, fingerprint=_fingerprint(settings, directory, data, digests)), ()


def _one_spec_per_file(settings: Settings, directory: Path, data: Path | None) -> Settings:
    """Put each file that a pattern (``answers/*.parquet``) matches in the place of the pattern, in order of name."""
    tables: list[TableSpec] = []
    for spec in settings.tables:
        files = [] if spec.in_engine or "*" not in spec.file else matching(spec.file, directory, data)
        tables += [replace(spec, file=file) for file in files] or [spec]
    return replace(settings, tables=tuple(tables))


def _trusted(store: MomentStore | None, units: tuple[Unit, ...]) -> MomentStore | None:
    """Forget what was checked before if the table of units has changed so that a kept unit is not in it."""
    known = {unit.key for unit in units}
    if store is not None and any(not store.units(name) <= known for name in _ROW_TABLES):
        store.forget()
    return store


def _database(settings: Settings, directory: Path, faults: Faults) -> Database | None:
    if not settings.engine or not any(spec.in_engine for spec in settings.tables):
        return None
    try:
        return open_database(settings.engine, directory)
    except EngineError as error:
        faults.add(TOML, None, "engine.url", error.found, error.mend)
        return None


def _check_places(settings: Settings, faults: Faults) -> None:
    """Note a table of rows of which one part lies in files and another in the engine: no query reaches both."""
    for name in _ROW_TABLES:
        if len({spec.in_engine for spec in settings.of(name)}) > 1:
            mend = "Put all its parts in files, or all in the engine."
            faults.add(TOML, None, f"tables.{name}", "parts in files and parts in the engine", mend)


def _read_there(
    engine: Engine,
    database: Database,
    spec: TableSpec,
    organisation: Organisation,
    units: tuple[Unit, ...],
    parts: _Parts,
    faults: Faults,
) -> None:
    """Read a table of the engine: rows stay there, figures are brought in."""
    own = Faults()
    try:
        if spec.table in ("answers", "interactions"):
            rows = read_part_there(database, spec, organisation, [unit.key for unit in units], own)
            if rows is not None:
                parts.rows.setdefault(spec.table, []).append(rows)
                parts.notes += [rows.note] if rows.note is not None else []
        else:
            _read(engine, spec, bring(engine, database, spec), organisation, parts, own)
    except EngineError as error:
        own.add(spec.file, None, None, error.found, error.mend)
    faults.take_without_rows(own)


def _units(
    engine: Engine,
    database: Database | None,
    settings: Settings,
    directory: Path,
    data: Path | None,
    faults: Faults,
) -> tuple[Unit, ...]:
    units: tuple[Unit, ...] = ()
    for spec in settings.of("units")[:1]:
        if spec.in_engine:
            units = () if database is None else _units_there(engine, database, spec, faults)
            continue
        source = open_source(spec, directory, data, faults)
        if source is not None:
            units = read_units(engine, spec, source, faults)
    lay_down(engine, units)
    return under_one_top(units, settings.organisation.name)


def _units_there(engine: Engine, database: Database, spec: TableSpec, faults: Faults) -> tuple[Unit, ...]:
    own = Faults()
    units: tuple[Unit, ...] = ()
    try:
        units = read_units(engine, spec, bring(engine, database, spec), own)
    except EngineError as error:
        own.add(spec.file, None, None, error.found, error.mend)
    faults.take_without_rows(own)
    return units


def _read(
    engine: Engine,
    spec: TableSpec,
    source: Source,
    organisation: Organisation,
    parts: _Parts,
    faults: Faults,
    store: MomentStore | None = None,
) -> None:
    note = None
    if spec.table in ("answers", "interactions"):
        rows = read_part(engine, spec, source, organisation, faults, store)
        if rows is not None:
            parts.rows.setdefault(spec.table, []).append(rows)
            note = rows.note
    elif spec.table in ("scores", "results"):
        figures = read_figures(engine, spec, source, organisation, faults)
        if figures is not None:
            parts.figures.setdefault(spec.table, []).append(figures)
            note = figures.note
    else:
        actions, note = read_actions(engine, spec, source, organisation, faults)
        parts.actions += actions
    if note is not None:
        parts.notes.append(note)


def _joined(
    engine: Engine,
    database: Database | None,
    settings: Settings,
    units: tuple[Unit, ...],
    parts: _Parts,
    faults: Faults,
    store: MomentStore | None,
) -> Workspace:
    periods = parts.labels()
    keys = [unit.key for unit in units]
    coded = {name: code(name, found, keys, periods, faults) for name, found in parts.figures.items()}
    organisation = _completed(settings, coded, faults)
    rows: list[RowTable] = []
    for name in _ROW_TABLES:
        here = [part for part in parts.rows.get(name, ()) if part.relation is None]
        there = [part for part in parts.rows.get(name, ()) if part.relation is not None]
        rows += [union(engine, name, here, store)] if here else []
        rows += [union_there(database, name, there)] if there and database is not None else []
    place = {label: i for i, label in enumerate(periods)}
    return Workspace(
        organisation=organisation,
        units=units,
        periods=periods,
        rows=tuple(rows),
        scores=score_table(coded["scores"]) if "scores" in coded else None,
        results=result_table(coded["results"]) if "results" in coded else None,
        actions=tuple(dated.within(place) for dated in parts.actions),
        fingerprint="",
        notes=tuple(parts.notes),
    )


def _completed(settings: Settings, coded: dict[Literal["scores", "results"], Coded], faults: Faults) -> Organisation:
    """Add to the organisation what the tables tell: respondents of scores, and measures of the vocabulary."""
    own = settings.organisation
    respondents = dict(own.respondents)
    for variable in coded["scores"].variables if "scores" in coded else ():
        known = respondents.get(variable, frozenset())
        for spec in settings.of("scores"):
            wide = [entry.respondents for entry in spec.wide if entry.key == variable]
            known = known.union(*wide, spec.respondents.get(variable, spec.respondents.get("", frozenset())))
        respondents[variable] = known
    measures = dict(own.measures)
    turned = {entry.key for spec in settings.of("results") for entry in spec.wide if entry.one_minus}
    found = coded["results"].variables if "results" in coded else ()
    for variable in found:
        base = CONSTRUCTS.get(variable)
        if variable not in measures and base is not None:
            share = variable in turned
            measures[variable] = Measure(variable, base.label, base.higher_is_better, share, health=base.health)
    for variable in own.adjust:
        if variable not in found:
            mend = nearest(variable, found) if found else "Add it to the results."
            faults.add(TOML, None, "link.adjust", f'no results for "{variable}"', mend)
    _check_targets(own.targets, measures, found, faults)
    return replace(own, respondents=respondents, measures=measures)


def _check_targets(
    targets: Mapping[str, float], measures: Mapping[str, Measure], found: Sequence[str], faults: Faults
) -> None:
    """Note each target of what has no figures, and each that a share can never come to."""
    for key, target in targets.items():
        if key not in found:
            mend = nearest(key, found) if found else "Add it to the results."
            faults.add(TOML, None, f"targets.{key}", f'no results for "{key}"', mend)
        elif key in measures and measures[key].is_share and key != "return" and not 0 <= target <= 1:
            mend = "Write a share from 0 to 1: 90% is 0.9."
            faults.add(TOML, None, f"targets.{key}", f"a target of {target:g} for a share", mend)


def _fingerprint(settings: Settings, directory: Path, data: Path | None, digests: Sequence[str]) -> str:
    files = [TOML, *(spec.file for spec in settings.tables if not spec.in_engine)]
    places = [(file, find(file, directory, data)) for file in files]
    found = fingerprint([(file, path) for file, path in places if path is not None])
    return hashlib.sha256("\0".join([found, *digests]).encode()).hexdigest() if digests and any(digests) else found
