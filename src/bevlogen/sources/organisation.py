"""What organisation.toml says: the organisation, its instruments and where each table lies."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from bevlogen.core import thresholds
from bevlogen.core.chain import CONSTRUCTS, FACETS, Language, Text, parent_construct
from bevlogen.core.tables import Instrument, Measure, Organisation, PeriodGrain, Policy, RowTableName
from bevlogen.sources.faults import Faults, nearest
from bevlogen.sources.periods import Writing
from bevlogen.sources.questionnaires import ready_made
from bevlogen.sources.section import DEFAULT_LANGUAGE, TOML, Section

TableName = Literal["units", "answers", "interactions", "scores", "results", "actions"]

COLUMNS: dict[TableName, tuple[str, ...]] = {
    "units": ("unit", "name", "parent", "service", "co_creation", "headcount"),
    "answers": ("unit", "date", "period", "respondent", "employee", "customer", "service"),
    "interactions": ("unit", "date", "period", "respondent", "employee", "customer", "service"),
    "scores": ("unit", "date", "period", "construct", "mean", "n", "sd", "scale_min", "scale_max"),
    "results": ("unit", "date", "period", "measure", "value", "exposure"),
    "actions": ("unit", "start", "lever", "what"),
}
DEFAULT_RESPONDENTS = {"answers": "employees", "interactions": "customers"}
MOST_PROTECTION = 0.75
_MOST_OPTIONS = 1000  # a longer scale is continuous
ENGINE_VARIABLE = "BEVLOGEN_ENGINE"
_FACET = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Wide:
    """One construct or measure that has columns of its own in a wide table.

    ``columns`` maps mean, n, sd (scores) or value, exposure (results) to columns of the file; ``one_minus`` turns a
    share into its complement.
    """

    key: str
    columns: Mapping[str, str]
    scale: tuple[float, float] | None = None
    one_minus: bool = False
    respondents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TableSpec:
    """Where a table lies and how its columns are called.

    ``file`` is a file, or with ``in_engine`` a table of the engine. ``columns`` maps canonical names to its columns,
    ``constants`` to a fixed text. ``respondents`` holds, for a long score table, who answered, by construct; under ""
    for all constructs. ``replaces``: its rows take the place of earlier ones of the same units and periods.
    """

    table: TableName
    file: str
    sheet: str | None
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    keep: Literal["first", "last"] | None = None
    skip_unknown: bool = False
    dates: Writing | None = None
    scale: tuple[float, float] | None = None
    respondents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    wide: tuple[Wide, ...] = ()
    in_engine: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """All of organisation.toml.

    The organisation, its tables in the order of the file, the URL of their engine, and the folder of kept moments.
    """

    organisation: Organisation
    tables: tuple[TableSpec, ...]
    engine: str = ""
    moments: str = ""

    def of(self, table: TableName) -> list[TableSpec]:
        """Return the parts of one table."""
        return [spec for spec in self.tables if spec.table == table]


def read_settings(directory: Path, faults: Faults) -> Settings | None:
    """Read and check organisation.toml; None if it cannot be read at all."""
    text = _text(directory, faults)
    if text is None:
        return None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        row = int(line[1]) if line else None
        faults.add(TOML, row, None, "no valid TOML", "Mend this line: key = value, texts between quotation marks.")
        return None
    root = Section(faults, "", data, text)
    tables = _tables(root)
    organisation = _organisation(root)
    engine = _engine(root, tables)
    moments = root.part("moments")
    folder = moments.text("folder") if root.has("moments") else ""
    moments.finish(("folder",))
    root.finish()
    return Settings(organisation, tables, engine, folder)


def language_of(directory: Path) -> Language | None:
    """Return the language of a workspace before anything else of it is checked; None where there is none to read."""
    try:
        own = tomllib.loads((directory / TOML).read_bytes().decode("utf-8-sig")).get("organisation")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    written = own.get("language", DEFAULT_LANGUAGE) if isinstance(own, dict) else None
    return cast(Language, written) if written in ("en", "nl") else None


def _engine(root: Section, tables: tuple[TableSpec, ...]) -> str:
    """URL of the engine; the environment may name another, so that one workspace runs on several."""
    part = root.part("engine")
    written = part.text("url", "")
    url = os.environ.get(ENGINE_VARIABLE) or written
    part.finish(("url",))
    if not url and any(spec.in_engine for spec in tables):
        part.fault(None, "tables in an engine, but no engine", 'Add [engine] with url = "postgresql://...".')
    return url


def _text(directory: Path, faults: Faults) -> str | None:
    path = directory / TOML
    if not path.is_file():
        faults.add(TOML, None, None, "there is no such file", "Make one with: bevlogen new DIR.")
        return None
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.add(TOML, None, None, "not written in UTF-8", "Save the file as UTF-8.")
        return None


def _organisation(root: Section) -> Organisation:
    own = root.part("organisation")
    link = root.part("link")
    norms = root.part("norms")
    instruments = tuple(i for part in root.parts("instruments") for i in _instruments(part))
    respondents: dict[str, frozenset[str]] = {}
    for instrument in instruments:
        known = respondents.get(instrument.construct, frozenset())
        respondents[instrument.construct] = known | instrument.respondents
    result = Organisation(
        name=own.text("name"),
        language=cast(Language, own.text("language", DEFAULT_LANGUAGE, ("nl", "en"))),
        grain=cast(PeriodGrain, own.text("period", None, ("quarter", "day", "month", "year"))),
        simulated=own.flag("simulated"),
        note=own.text("note", ""),
        policy=_policy(root.part("disclosure")),
        instruments=instruments,
        measures={key: _measure(key, part) for key, part in root.entries("measures").items()},
        adjust=link.texts("adjust"),
        smallest_effect=link.number("smallest_effect", 0.10, 0.001, 2),
        respondents=respondents,
        norms={key: pair for key in norms.data if check_construct(norms, key, key) and (pair := norms.pair(key))},
        targets=_targets(root.part("targets")),
    )
    own.finish()
    link.finish()
    return result


def _targets(part: Section) -> dict[str, float]:
    """Targets by measure; whether it is measured shows only when the tables are read."""
    out = {}
    for key in part.data:
        found = part.raw(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            part.fault(key, "a target that is no number", f"Write {key} = 0, or the value that it must not pass.")
        else:
            out[key] = float(found)
    return out


def _policy(part: Section) -> Policy:
    k = _threshold(part, "k", thresholds.K)
    k_comments = _threshold(part, "k_comments", thresholds.K_COMMENTS)
    public = part.texts("already_public")
    for table in public:
        if table not in ("scores", "results"):
            part.fault("already_public", f'unknown table "{table}"', nearest(table, ("scores", "results")))
    policy = Policy(
        k,
        k_comments,
        part.number("min_response", 0.0, 0, 1),
        frozenset(public),
        _threshold(part, "k_distributions", thresholds.K_DISTRIBUTIONS),
        part.number("protection", thresholds.PROTECTION, thresholds.PROTECTION, MOST_PROTECTION),
        _own_thresholds(part.part("k_by_construct"), k),
    )
    spreads = _own_thresholds(part.part("k_distributions_by_construct"), policy.k_distributions)
    protections = part.part("protection_by_construct")
    policy = replace(
        policy,
        k_distributions_by_construct=spreads,
        protection_by_construct={
            name: protections.number(name, policy.protection, policy.protection, MOST_PROTECTION)
            for name in _constructs_in(protections)
        },
    )
    part.finish()
    return policy


def _own_thresholds(part: Section, k: int) -> dict[str, int]:
    return {name: _threshold(part, name, k) for name in _constructs_in(part)}


def _constructs_in(part: Section) -> list[str]:
    return [name for name in list(part.data) if check_construct(part, name, name)]


def _threshold(part: Section, key: str, least: int) -> int:
    found = part.raw(key)
    if found is None:
        return least
    if isinstance(found, bool) or not isinstance(found, int) or found < least:
        part.fault(key, f"{key} is no whole number of at least {least}", f"{key} may be raised, never lowered.")
        return least
    return found


def _instruments(part: Section) -> tuple[Instrument, ...]:
    if part.has("use"):
        return ready_made(part)
    own = _instrument(part)
    return (own,) if own else ()


def _instrument(part: Section) -> Instrument | None:
    construct = part.text("construct")
    table = cast(RowTableName, part.text("table", "answers", ("answers", "interactions")))
    items = part.texts("items")
    span = part.pair("range")
    names = tuple(item.removeprefix("-") for item in items)
    low, high = span or (1.0, 5.0)
    countable = low.is_integer() and high.is_integer() and high - low < _MOST_OPTIONS
    options = round(part.number("options", high - low + 1 if countable else 0, 0, _MOST_OPTIONS))
    least = round(part.number("min_answered", len(items) // 2 + 1, 1, max(len(items), 1)))
    respondents = frozenset(part.texts("respondents")) or frozenset({DEFAULT_RESPONDENTS[table]})
    part.finish()
    if not items:
        part.fault("items", "an instrument without items", 'Name its columns: items = ["e1", "e2", "-e3"].')
    if len(set(names)) < len(names):
        part.fault("items", "the same item twice in one instrument", "Name each item once.")
    if span is None and not part.has("range"):
        part.fault(None, 'no key "range"', "Give both ends of the answer scale: range = [1, 5].")
    known = bool(construct) and check_construct(part, "construct", construct)
    if not (known and items and span and len(set(names)) == len(names)):
        return None
    turned = frozenset(item[1:] for item in items if item.startswith("-"))
    return Instrument(construct, names, turned, low, high, options or None, least, table, respondents)


def check_construct(part: Section, key: str, construct: str) -> bool:
    """Note a fault unless ``construct`` is of the vocabulary, or a facet of it as ``employership.autonomy``."""
    if is_construct(construct):
        return True
    part.fault(key, f'unknown construct "{construct}"', nearest(construct, [*CONSTRUCTS, *FACETS]))
    return False


def is_construct(name: str) -> bool:
    """Whether ``name`` is a construct of the chain, or a facet of one."""
    facet = name.partition(".")[2]
    return parent_construct(name) in CONSTRUCTS and ("." not in name or _FACET.fullmatch(facet) is not None)


def _measure(key: str, part: Section) -> Measure:
    base = CONSTRUCTS.get(key)
    label = part.raw("label")
    plain = base.label if base else Text(key.replace("_", " "), key.replace("_", " "))
    if isinstance(label, str):
        plain = Text(label, label)
    elif isinstance(label, Mapping) and set(label) == {"en", "nl"} and all(isinstance(v, str) for v in label.values()):
        plain = Text(label["en"], label["nl"])
    elif label is not None:
        part.fault("label", "no label in both languages", 'Write label = { en = "...", nl = "..." }.')
    lower = part.flag("lower_is_better", base is not None and not base.higher_is_better)
    health = part.flag("health", base is not None and base.health)
    measure = Measure(key, plain, not lower, part.flag("share"), part.text("unit", ""), health)
    part.finish()
    return measure


def _tables(root: Section) -> tuple[TableSpec, ...]:
    tables = root.part("tables")
    specs = [_spec(name, part) for name in COLUMNS for part in tables.parts(name)]
    tables.finish()
    present = {spec.table for spec in specs}
    if "units" not in present:
        tables.fault(None, "no table of units", 'Add [tables.units] with file = "units.csv".')
    elif not present & {"answers", "interactions", "scores"}:
        tables.fault(None, "no table with scores", "Add one of: tables.answers, tables.interactions, tables.scores.")
    if len([spec for spec in specs if spec.table == "units"]) > 1:
        tables.fault("units", "more than one table of units", "Put all units in one file.")
    return tuple(spec for spec in specs if spec.file)


def _spec(table: TableName, part: Section) -> TableSpec:
    columns, constants = _columns(table, part)
    sheet = part.text("sheet", "")
    in_engine = part.has("table")
    file = part.text("table" if in_engine else "file")
    order = part.text("dates", "", ("", "day first", "month first"))
    options: dict[str, Any] = {"in_engine": in_engine}
    if table == "units":
        options["keep"] = part.text("keep", "", ("", "first", "last")) or None
    else:
        options["skip_unknown"] = part.text("unknown_units", "fault", ("fault", "skip")) == "skip"
    if table in ("answers", "interactions"):
        options["replaces"] = part.flag("replaces")
    if table == "scores":
        options["scale"] = part.pair("scale")
        options["respondents"] = _respondents(part)
    if table in ("scores", "results"):
        options["wide"] = tuple(_wide(table, key, one) for key, one in _wide_entries(part).items())
    part.finish()
    return TableSpec(table, file, sheet or None, columns, constants, dates=cast(Writing, order) or None, **options)


def _columns(table: TableName, part: Section) -> tuple[dict[str, str], dict[str, str]]:
    columns, constants = {}, {}
    own = part.part("columns")
    for name in COLUMNS[table]:
        found = own.raw(name)
        if isinstance(found, str) and found:
            columns[name] = found
        elif isinstance(found, Mapping) and set(found) == {"value"} and isinstance(found["value"], str | int | float):
            constants[name] = str(found["value"])
        elif found is not None:
            own.fault(name, "neither a column nor a constant", f'Write {name} = "column" or {{ value = "..." }}.')
    own.finish()
    return columns, constants


def _respondents(part: Section) -> dict[str, frozenset[str]]:
    if not isinstance(part.data.get("respondents"), Mapping):
        return {"": frozenset(part.texts("respondents"))}
    own = part.part("respondents")
    return {key: frozenset(own.texts(key)) for key in own.data if check_construct(own, key, key)}


def _wide_entries(part: Section) -> dict[str, Section]:
    """Wide entries by key; ``wide.employership.autonomy`` without quotation marks is read as the facet."""
    entries: dict[str, Section] = {}
    for key, one in part.entries("wide").items():
        facets = [name for name, value in one.data.items() if isinstance(value, Mapping)]
        entries |= {f"{key}.{name}": one.part(name) for name in facets}
        if len(facets) < len(one.data) or not facets:
            entries[key] = one
    return entries


def _wide(table: TableName, key: str, part: Section) -> Wide:
    if table == "scores":
        check_construct(part, key, key)
        columns = {"mean": part.text("mean"), "n": part.text("n", ""), "sd": part.text("sd", "")}
        scale = part.pair("scale")
        if scale is None and not part.has("scale"):
            part.fault(None, 'no key "scale"', "Give both ends of the scale: scale = [1, 5].")
        wide = Wide(key, _given(columns), scale, respondents=frozenset(part.texts("respondents")))
    else:
        columns = {"value": part.text("value"), "exposure": part.text("exposure", "")}
        wide = Wide(key, _given(columns), one_minus=part.flag("one_minus"))
    part.finish()
    return wide


def _given(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: column for name, column in columns.items() if column}
