"""Stadsdiensten, the demonstration organisation: what is planted in it, for a newcomer to find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bevlogen.core.tables import Unit
from bevlogen.sources.simulate_chain import INDEX, NODES, PATHS, Arrow, changed, without
from bevlogen.sources.simulate_organisation import FIRST_YEAR, KINDS, Plan, PlannedAction, tree
from bevlogen.sources.simulate_scale import ANSWER_SCALES, HIGH, LOW, Scale

FloatArray = NDArray[np.float64]

DEMO_TEAMS, DEMO_WAVES = 60, 8
_SMALL = ("tram-08", "therapie-19")  # three people each; the second has one sibling only
_ONLY_SIBLING = "therapie-20"
_MERGERS = (("tram-16", "tram-17", "tram-21"), ("werkplaats-11", "werkplaats-12", "werkplaats-21"))
_MERGE_WAVE = 4
_WORKED = ("tram-01", "tram-02", "tram-03", "tram-04", "tram-05")
_ACTION_WAVE = 3
_ROOM_LOCATION = "werkplaats-loc-04"
_SIZES = {
    "tram-08": 3.0,
    "therapie-19": 3.0,
    "therapie-20": 11.0,
    "tram-01": 22.0,
    "tram-02": 18.0,
    "tram-03": 20.0,
    "tram-16": 9.0,
    "tram-17": 8.0,
    "tram-21": 17.0,
    "werkplaats-11": 10.0,
    "werkplaats-12": 9.0,
    "werkplaats-21": 19.0,
}
_DEMO_LASTING = 0.45
_DEMO_PATHS = (  # stronger and slower than usual, so that sixty teams can show them one quarter later
    Arrow("employership.autonomy", "engagement", 0.28, 0.05, 0.24),
    Arrow("employership.support", "engagement", 0.12, 0.0, 0.10),
    Arrow("employership.leadership", "engagement", 0.28, 0.05, 0.24),
    Arrow("employership.recognition", "engagement", 0.12, 0.0, 0.10),
    Arrow("engagement", "conduct", 0.45, 0.05, 0.28),
    Arrow("engagement", "interaction_quality", 0.15, 0.0, 0.20),
    Arrow("interaction_quality", "loyalty", 0.30, 0.20, 0.0),
    Arrow("service_quality", "loyalty", 0.20, 0.15, 0.0),
    Arrow("engagement", "loyalty", 0.35, 0.0, 0.40),
    Arrow("engagement", "absence", -0.60, -0.20, -0.32),
    Arrow("loyalty", "retention", 0.60, 0.15, 0.40),
)
_SERVICE_SHIFT = {
    "tram": {"employership.autonomy": -0.3, "craftsmanship": 0.2},
    "therapie": {"employership.workload": 0.4, "engagement": 0.2, "conduct": 0.2},
    "werkplaats": {"employership.support": 0.3, "loyalty": 0.1},
}
_ROOM_SHIFT = {
    "employership.autonomy": -1.9,
    "employership.leadership": -1.7,
    "employership.support": -0.8,
    "engagement": -1.6,
    "conduct": -0.7,
    "interaction_quality": -0.8,
    "loyalty": -0.9,
    "retention": -0.5,
    "absence": 0.6,
}
_ACTION_SHIFT = (  # construct, waves after the start, lift in SD of true unit scores
    ("employership.leadership", 0, 1.6),
    ("engagement", 1, 1.1),
    ("conduct", 2, 0.8),
    ("interaction_quality", 2, 0.8),
    ("loyalty", 2, 0.9),
)


def demo(rng: np.random.Generator) -> Plan:
    """Stadsdiensten: 60 teams, of which four merge into two halfway; the last team of a list is the merged one."""
    locations = [[5, 5, 5, 6], [6, 6, 6, 2], [5, 5, 6, 5]]
    count = sum(map(sum, locations))
    sizes = np.clip(np.round(rng.lognormal(np.log(16), 0.4, count)), 8, 30)
    groups, leaves, kind = tree("Stadsdiensten", locations, sizes)
    leaves = tuple(_demo_unit(team) for team in leaves)
    keys = [team.key for team in leaves]
    active = np.ones((count, DEMO_WAVES), dtype=bool)
    successor = np.full(count, -1)
    for first, second, merged in _MERGERS:
        for old in (first, second):
            active[keys.index(old), _MERGE_WAVE:] = False
            successor[keys.index(old)] = keys.index(merged)
        active[keys.index(merged), :_MERGE_WAVE] = False
    strong = changed(PATHS, *_DEMO_PATHS)
    paths = without(without(strong, "engagement", "initiative"), "loyalty", "acquisition")
    person_paths = changed(PATHS, Arrow("engagement", "initiative", 0.65, 0.0, 0.0))
    what = "Leidinggevenden lopen elke week een dienst mee en bespreken het rooster met de ploeg"
    actions = tuple(PlannedAction(unit, _ACTION_WAVE, "employership.leadership", what) for unit in _WORKED)
    return Plan(
        "Stadsdiensten",
        "Gesimuleerde organisatie ter demonstratie. Geen echte mensen, geen echte cijfers.",
        groups,
        leaves,
        kind,
        active,
        successor,
        _DEMO_LASTING,
        np.array([KINDS[k].used for k in kind]),
        np.array([KINDS[k].margin for k in kind]),
        _demo_shift(leaves),
        paths,
        person_paths,
        actions,
        _demo_traps(leaves),
    )


def _demo_unit(team: Unit) -> Unit:
    """Give the team its planned size, and the merged teams their place and name."""
    size = _SIZES.get(team.key, team.headcount)
    name, parent = team.name, team.parent
    if team.key == "tram-21":
        name = "Lijn 16 en klantenservice Kanaaloever"
    if team.key == "werkplaats-21":
        name, parent = "Fietsen en houtbewerking Meerzicht", "werkplaats-loc-03"
    return Unit(team.key, name, parent, team.service, team.co_creation, size)


def _demo_shift(teams: tuple[Unit, ...]) -> FloatArray:
    shift = np.zeros((len(teams), DEMO_WAVES, len(NODES)))
    for i, team in enumerate(teams):
        for construct, size in _SERVICE_SHIFT[team.service or ""].items():
            shift[i, :, INDEX[construct]] += size
        if team.parent == _ROOM_LOCATION:
            for construct, size in _ROOM_SHIFT.items():
                shift[i, :, INDEX[construct]] += size
        if team.key in _WORKED:
            for construct, after, size in _ACTION_SHIFT:
                shift[i, _ACTION_WAVE + after :, INDEX[construct]] += size
    return shift


def _demo_traps(teams: tuple[Unit, ...]) -> dict[str, Any]:
    return {
        "too_small_to_show": list(_SMALL),
        "complementary": {"hidden": _SMALL[1], "only_sibling": _ONLY_SIBLING, "parent": "therapie-loc-04"},
        "reorganisation": [
            {"ended": [first, second], "started": merged, "first_wave": _MERGE_WAVE + 1}
            for first, second, merged in _MERGERS
        ],
        "action_that_worked": {
            "units": list(_WORKED),
            "lever": "employership.leadership",
            "first_wave": _ACTION_WAVE + 1,
            "lift": [
                {"construct": construct, "waves_later": after, "sd": size} for construct, after, size in _ACTION_SHIFT
            ],
        },
        "same_source": {"cause": "engagement", "outcome": "initiative", "true_unit_level": 0.0},
        "no_link": {"cause": "loyalty", "outcome": "acquisition"},
        "room_to_improve": {
            "parent": _ROOM_LOCATION,
            "units": [team.key for team in teams if team.parent == _ROOM_LOCATION],
            "levers": ["employership.autonomy", "employership.leadership", "employership.support"],
            "shift_sd": dict(_ROOM_SHIFT),
        },
    }


_PICK_WAVE = 3


def with_looked_so(organisation: Plan, answers: Path, engagement: FloatArray) -> Plan:
    """Let a manager pick the team with the worst engagement of a quarter and act there, without any effect."""
    scale = next(s for s in ANSWER_SCALES if s.construct == "engagement")
    seen = _observed(organisation, answers, scale)
    planted = {a.unit for a in organisation.actions} | set(organisation.traps["room_to_improve"]["units"])
    open_ = organisation.active.all(axis=1) & (organisation.size >= 8)
    open_ &= np.array([team.key not in planted for team in organisation.teams])
    pick = int(np.nanargmin(np.where(open_, seen[:, _PICK_WAVE], np.nan)))
    key = organisation.teams[pick].key
    action = PlannedAction(
        key, _PICK_WAVE + 1, "employership.recognition", "Teamuitje en een bedankkaart voor iedereen"
    )
    trap = {
        "unit": key,
        "lever": action.lever,
        "first_wave": _PICK_WAVE + 2,
        "true_effect": 0.0,
        "observed_engagement": [round(float(v), 3) for v in seen[pick]],
        "true_engagement": [round(float(v), 3) for v in engagement[pick]],
    }
    return replace(
        organisation,
        actions=(*organisation.actions, action),
        traps={**organisation.traps, "action_that_only_looked_so": trap},
    )


def _observed(organisation: Plan, answers: Path, scale: Scale) -> FloatArray:
    """Observed mean of the items answered, (J, T); NaN where nobody answered."""
    table = pq.read_table(answers, columns=["unit", "date", *scale.columns])
    keys = {team.key: i for i, team in enumerate(organisation.teams)}
    unit = np.array([keys[key] for key in table["unit"].to_pylist()])
    months = table["date"].to_numpy().astype("datetime64[M]").astype(np.int64) - 12 * (FIRST_YEAR - 1970)
    items = np.column_stack([table[column].to_numpy().astype(float) for column in scale.columns])
    turned = [item.startswith("-") for item in scale.items]
    items[:, turned] = LOW + HIGH - items[:, turned]
    total, count = np.zeros(organisation.active.shape), np.zeros(organisation.active.shape)
    np.add.at(total, (unit, months // 3), np.nansum(items, axis=1))
    np.add.at(count, (unit, months // 3), np.isfinite(items).sum(axis=1))
    out = np.full(total.shape, np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out
