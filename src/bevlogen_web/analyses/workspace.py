"""The application's data as a workspace for the library: history from before and own data under one set of names."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import own, provided
from bevlogen_web.analyses.asking import Asked, Form, Way, flattened, together
from bevlogen_web.intake import queries as intake
from bevlogen_web.intake import toml
from bevlogen_web.intake.services import folder_of
from bevlogen_web.listening.models import Round
from bevlogen_web.organisation.models import Unit

_UNIT_COLUMNS = ("unit", "name", "parent", "service", "co_creation", "headcount")
_SCORE_COLUMNS = ("unit", "period", "construct", "mean", "n", "sd", "scale_min", "scale_max")
_RESULT_COLUMNS = ("unit", "period", "measure", "value", "exposure")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many own answers and contacts, whether there is anything to study, and the mixed ways.

    ``mixed`` holds the constructs that were asked in several ways, so that only their scores could be compared;
    ``replaced`` those of which the history has worked-out means that own answers put aside.
    """

    own_rows: int
    is_study: bool
    mixed: tuple[str, ...]
    replaced: tuple[str, ...]


def write(organisation: Organisation, folder: Path, today: date) -> Written:
    """Write organisation.toml and the tables into an empty folder, in the library's own contract.

    Parameters
    ----------
    organisation
        Whose data.
    folder
        Where to write; it must be there.
    today
        Today; customers' answers of today wait until the day is over.
    """
    before = _history(organisation)
    policy = _policy(organisation, before)
    forms = own.forms(organisation, policy["k"], today)
    old_ways = _ways_before(before)
    asked = together([*old_ways, *(way for form in forms for way in form.ways)])
    tables: dict[str, toml.Value] = {"units": {"file": "units.csv"}}
    _table(folder / "units.csv", _UNIT_COLUMNS, _units(organisation, before))
    for name in ("answers", "interactions"):
        files = [*_old_rows(before, name, old_ways, asked, folder), *_own_rows(forms, name, asked, folder)]
        if files:
            tables[name] = [{"file": file} for file in files]
    results = _results(organisation, before)
    for table, columns, rows in (
        ("scores", _SCORE_COLUMNS, _scores(before)),
        ("results", _RESULT_COLUMNS, results),
        (
            "actions",
            ("unit", "start", "lever", "what"),
            [*_actions(before), *provided.rows_of("actions", organisation)],
        ),
    ):
        if rows:
            _table(folder / f"{table}.csv", columns, rows)
            tables[table] = {"file": f"{table}.csv"}
    targets = _targets(before, results)
    sections = {**_sections(organisation, before, asked), "targets": targets, "disclosure": policy, "tables": tables}
    instruments = [one.instrument() for one in asked.values()]
    if instruments:
        sections["instruments"] = instruments
    (folder / "organisation.toml").write_text(toml.document(sections), encoding="utf-8")
    own_rows = sum(len(form.rows) for form in forms)
    given = set(before.scores.variables) if before is not None and before.scores is not None else set()
    return Written(
        own_rows,
        bool(tables.keys() & {"answers", "interactions", "scores"}),
        tuple(sorted(one.ways[0].construct for one in asked.values() if one.mixed)),
        tuple(sorted(given & {one.ways[0].construct for one in asked.values()})),
    )


def _history(organisation: Organisation) -> Any:
    """Open the history that was checked when it came in; None if there is none."""
    found = intake.history(organisation)
    if found is None:
        return None
    folder = folder_of(organisation) / found.folder
    return bv.open(folder, data=folder).workspace


def _policy(organisation: Organisation, before: Any) -> dict[str, Any]:
    """The strictest of all rules under which people answered; every other rule of the history stays as it is."""
    policy = before.organisation.policy if before is not None else None
    found: dict[str, Any] = {"k": bv.thresholds.K, "k_comments": bv.thresholds.K_COMMENTS}
    found = _raised(
        found, {one.name: getattr(policy, one.name) for one in fields(policy)} if policy is not None else {}
    )
    for asked in Round.objects.filter(organisation=organisation).exclude(state="draft"):
        promised = {name: asked.rules[name] for name in ("k", "k_comments") if name in asked.rules}
        found = _raised(found, promised | asked.rules.get("stricter", {}))
    return {name: _plain(value, found.get(name.removesuffix("_by_construct"), 0)) for name, value in found.items()}


def _raised(rules: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Put two sets of rules together: of each threshold the highest, also of each construct."""
    out = dict(rules)
    for name, value in other.items():
        if isinstance(value, Mapping):
            own = out.get(name, {})
            out[name] = {key: max(value.get(key, 0), own.get(key, 0)) for key in {**own, **value}}
        else:
            out[name] = max(value, out.get(name, 0)) if isinstance(value, int | float) else value
    return out


def _plain(value: Any, common: float) -> Any:
    """Write a rule as TOML has it; no threshold of a single construct falls below the one for all."""
    if isinstance(value, Mapping):
        return {name: max(own, common) for name, own in value.items()}
    return sorted(value) if isinstance(value, frozenset) else value


def _targets(before: Any, results: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Targets of the history, of what still has figures."""
    known = {row["measure"] for row in results}
    return {} if before is None else {k: v for k, v in before.organisation.targets.items() if k in known}


def _sections(organisation: Organisation, before: Any, asked: Mapping[tuple[str, str], Asked]) -> dict[str, toml.Value]:
    told: dict[str, toml.Value] = {
        "name": organisation.name,
        "language": organisation.language[:2],
        "period": intake.grain(organisation),
    }
    if before is None:
        return {"organisation": told}
    known = before.organisation
    if known.simulated:
        told = {**told, "simulated": True}
    if known.note:
        told = {**told, "note": known.note}
    measures = {key: _measure(measure) for key, measure in known.measures.items()}
    norms = {key: list(band) for key, band in known.norms.items() if not _rescaled(key, asked)}
    link = {"adjust": list(known.adjust), "smallest_effect": known.smallest_effect}
    return {"organisation": told, "link": link, "norms": norms, **({"measures": measures} if measures else {})}


def _rescaled(construct: str, asked: Mapping[tuple[str, str], Asked]) -> bool:
    """Whether a construct is no longer on the scale of its history, so that a norm on that scale means nothing."""
    found = [one for (_, key), one in asked.items() if key == construct]
    return any((one.low, one.high) != (one.ways[0].low, one.ways[0].high) for one in found)


def _measure(measure: Any) -> dict[str, Any]:
    return {
        "label": {"en": measure.label.en, "nl": measure.label.nl},
        "lower_is_better": not measure.higher_is_better,
        "share": measure.is_share,
        "health": measure.health,
        **({"unit": measure.unit_of_measure} if measure.unit_of_measure else {}),
    }


def _units(organisation: Organisation, before: Any) -> list[dict[str, Any]]:
    """Every unit there is or was; units that only the history knows keep their place under a known one."""
    known = Unit.objects.filter(organisation=organisation).select_related("parent", "service").order_by("pk")
    rows = {unit.key: _unit_row(unit) for unit in known}
    if before is None:
        return list(rows.values())
    old = {unit.key: unit for unit in before.units}
    tops = {key for key, unit in old.items() if unit.parent is None}
    alone = not rows
    for key, unit in old.items():
        if key in rows or (key in tops and not alone and any(other.parent == key for other in before.units)):
            continue
        parent = unit.parent if alone or unit.parent not in tops or unit.parent in rows else None
        rows[key] = {
            "unit": key, "name": unit.name, "parent": parent, "service": unit.service,
            "co_creation": unit.co_creation, "headcount": unit.headcount,
        }  # fmt: skip
    return list(rows.values())


def _unit_row(unit: Unit) -> dict[str, Any]:
    return {
        "unit": unit.key,
        "name": unit.name,
        "parent": unit.parent.key if unit.parent else None,
        "service": unit.service.key if unit.service else None,
        "co_creation": unit.degree,
        "headcount": unit.headcount,
    }


def _ways_before(before: Any) -> list[Way]:
    if before is None:
        return []
    present = {table.name: table.columns for table in before.rows}
    return [
        Way(i.construct, i.table, i.items, i.reverse, i.low, i.high, i.min_answered, i.respondents)
        for i in before.organisation.instruments
        if present.get(i.table, frozenset()) & set(i.items)
    ]


def _old_rows(
    before: Any, name: str, ways: Iterable[Way], asked: Mapping[tuple[str, str], Asked], folder: Path
) -> list[str]:
    """Write the rows of the history where they are read without copying them through Python."""
    table = next((table for table in before.rows if table.name == name), None) if before is not None else None
    if table is None:
        return []
    mine = [way for way in ways if way.table == name]
    mixed = [(way, asked[name, way.construct]) for way in mine if asked[name, way.construct].mixed]
    items = [item for way in mine if not asked[name, way.construct].mixed for item in way.items]
    carried = [column for column in ("unit", "period", "employee", "customer", "service") if column in table.columns]
    relation = table.relation.mutate(**{one.column: _score_of(table.relation, way, one) for way, one in mixed})
    kept = dict.fromkeys([*carried, *(i for i in items if i in table.columns), *(one.column for _, one in mixed)])
    file = f"{name}-before.parquet"
    relation.select(*kept).to_parquet(folder / file)
    return [file]


def _score_of(relation: Any, way: Way, asked: Asked) -> Any:
    """``asking.score`` as an expression over a lazy table."""
    present = [item for item in way.items if item in relation.columns]
    turned = [way.low + way.high - relation[item] if item in way.reverse else relation[item] for item in present]
    answered = sum(
        (relation[item].notnull().cast("int64") for item in present[1:]), relation[present[0]].notnull().cast("int64")
    )
    total = sum((value.fill_null(0.0) for value in turned[1:]), turned[0].fill_null(0.0))
    mean = (answered >= max(way.min_answered, 1)).ifelse(total / answered.nullif(0), None)
    return asked.low + (mean - way.low) / (way.high - way.low) * (asked.high - asked.low)


def _own_rows(forms: Iterable[Form], name: str, asked: Mapping[tuple[str, str], Asked], folder: Path) -> list[str]:
    files = []
    for number, form in enumerate((form for form in forms if form.table == name), start=1):
        columns, rows = flattened(form, asked)
        files.append(f"{name}-{number}.csv")
        _table(folder / files[-1], columns, rows)
    return files


def _scores(before: Any) -> list[dict[str, Any]]:
    if before is None or before.scores is None:
        return []
    s = before.scores
    return [
        {
            "unit": before.units[s.unit[i]].key, "period": before.periods[s.period[i]],
            "construct": s.variables[s.variable[i]], "mean": s.mean[i], "n": s.n[i], "sd": s.sd[i],
            "scale_min": s.scale_min[i], "scale_max": s.scale_max[i],
        }
        for i in range(len(s.mean))
    ]  # fmt: skip


def _results(organisation: Organisation, before: Any) -> list[dict[str, Any]]:
    """Figures of record; one that was delivered takes the place of the one in the history."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    if before is not None and before.results is not None:
        r = before.results
        for i in range(len(r.value)):
            key = (before.units[r.unit[i]].key, before.periods[r.period[i]], r.variables[r.variable[i]])
            rows[key] = dict(zip(_RESULT_COLUMNS, (*key, r.value[i], r.exposure[i]), strict=True))
    for result in intake.results(organisation):
        key = (result.unit.key, result.period, result.measure)
        rows[key] = dict(zip(_RESULT_COLUMNS, (*key, result.value, result.exposure), strict=True))
    return list(rows.values())


def _actions(before: Any) -> list[dict[str, Any]]:
    if before is None:
        return []
    return [{"unit": a.unit, "start": a.start, "lever": a.lever, "what": a.what} for a in before.actions]


def _table(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    names = list(columns)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows([_cell(row.get(name)) for name in names] for row in rows)


def _cell(value: Any) -> Any:
    """An empty cell for what is not known (None, NaN)."""
    return "" if value is None or value != value else value
