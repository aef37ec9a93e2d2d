"""Who there is in a simulated organisation: the tree of units with Dutch names, and what is planted in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.tables import Unit
from bevlogen.sources.simulate_chain import INDEX, LASTING, NODES, PATHS, Path, changed, without

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Preset = Literal["chain", "demo"]

DEMO_TEAMS, DEMO_WAVES = 60, 8
ROOT = "organisatie"


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """A service: its key, name, degree of co-creation, and the words that its locations and teams are named with.

    ``shares`` are the shares of employee, customer and encounter in what sets encounters of one team apart.
    ``pool`` is the number of customers per encounter in a quarter; ``used`` the share of capacity used; ``margin`` the
    return as a share of revenue; ``places`` the capacity per employee in a quarter.
    """

    key: str
    name: str
    co_creation: float
    location: str
    teams: tuple[str, ...]
    shares: tuple[float, float, float]
    pool: float
    used: float
    margin: float
    places: float


KINDS: tuple[ServiceKind, ...] = (
    ServiceKind(
        "tram",
        "Trams",
        0.1,
        "Remise",
        (
            "Lijn {n} ochtend",
            "Lijn {n} avond",
            "Lijn {n} weekend",
            "Lijn {n} spits",
            "Klantenservice",
            "Service en controle",
        ),
        (0.05, 0.05, 0.90),
        3.0,
        0.46,
        -0.03,
        9000.0,
    ),
    ServiceKind(
        "therapie",
        "Therapie",
        0.9,
        "Praktijk",
        ("Fysiotherapie", "Ergotherapie", "Logopedie", "Psychologen", "Gezinstherapie", "Jeugd", "Ouderen", "Intake"),
        (0.12, 0.28, 0.60),
        1.0,
        0.84,
        0.04,
        260.0,
    ),
    ServiceKind(
        "werkplaats",
        "Sociale werkplaats",
        0.5,
        "Werkplaats",
        ("Groen", "Verpakken", "Fietsen", "Houtbewerking", "Keuken en catering", "Textiel", "Drukwerk", "Kringloop"),
        (0.08, 0.15, 0.77),
        1.6,
        0.75,
        0.0,
        420.0,
    ),
)
PLACES = (
    "Havenkwartier",
    "Zuiderpoort",
    "Molenwijk",
    "Kanaaloever",
    "Oosterveld",
    "Stationsplein",
    "Lindehof",
    "Noorderdijk",
    "Vestingpark",
    "Kloosterbuurt",
    "Meerzicht",
    "Weverskade",
)
_TEAMS_PER_LOCATION = 5


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An action in a simulated team; ``start_wave`` counts from 0."""

    unit: str
    start_wave: int
    lever: str
    what: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A simulated organisation before anyone answers; J teams, T waves, K latent nodes.

    Attributes
    ----------
    name, note : for ``organisation.toml``.
    groups : root, services and locations. teams : the J leaves.
    kind : (J,) index into ``KINDS``.
    active : (J, T) whether the team exists in the wave.
    successor : (J,) index of the team that takes over its people when it ends, -1 for none.
    lasting : share of the variance of true unit scores within a period that stays.
    used, margin : (J,) usual share of capacity used, and usual return as a share of revenue.
    shift : (J, T, K) planted differences, in SD of true unit scores.
    paths : arrows between units. person_paths : arrows between persons in a team (answers of the same people).
    actions : what is done where. traps : what is planted, by name, for truth.json.
    """

    name: str
    note: str
    groups: tuple[Unit, ...]
    teams: tuple[Unit, ...]
    kind: IntArray
    active: NDArray[np.bool_]
    successor: IntArray
    lasting: float
    used: FloatArray
    margin: FloatArray
    shift: FloatArray
    paths: tuple[Path, ...]
    person_paths: tuple[Path, ...]
    actions: tuple[PlannedAction, ...]
    traps: Mapping[str, Any]

    @property
    def size(self) -> FloatArray:
        """(J,) persons that each team is meant to have."""
        return np.array([team.headcount or 0.0 for team in self.teams])

    def index(self, key: str) -> int:
        """Return the position of a team."""
        return next(i for i, team in enumerate(self.teams) if team.key == key)


def plan(preset: Preset, teams: int, waves: int, headcount: float | None, rng: np.random.Generator) -> Plan:
    """Lay out the organisation: ``chain`` is plain and of any size, ``demo`` carries the traps of the demonstration."""
    if preset == "demo":
        return _demo(rng)
    per_kind = [len(range(k, teams, len(KINDS))) for k in range(len(KINDS))]
    locations = [_even(count) for count in per_kind]
    if headcount is None:
        sizes = np.clip(np.round(rng.lognormal(np.log(17), 0.5, teams)), 4, 30)
    else:
        sizes = np.maximum(1, np.round(headcount * rng.uniform(0.6, 1.4, teams)))
    groups, leaves, kind = _tree("Modelstad Diensten", locations, sizes)
    return Plan(
        "Modelstad Diensten",
        "Gesimuleerde organisatie met een bekende keten. De waarheid staat in truth.json.",
        groups,
        leaves,
        kind,
        np.ones((teams, waves), dtype=bool),
        np.full(teams, -1),
        LASTING,
        np.full(teams, 0.72),  # alike in all services, so that services do not confound the links
        np.full(teams, 0.03),
        np.zeros((teams, waves, len(NODES))),
        PATHS,
        PATHS,
        (),
        {},
    )


def _even(count: int) -> list[int]:
    """Spread ``count`` teams over locations of at most about five."""
    places = max(1, round(count / _TEAMS_PER_LOCATION))
    return [len(range(i, count, places)) for i in range(places)] if count else []


def _tree(
    name: str, locations: list[list[int]], sizes: FloatArray
) -> tuple[tuple[Unit, ...], tuple[Unit, ...], IntArray]:
    """Build root, services, locations and teams; ``locations[kind]`` lists the teams per location."""
    groups = [Unit(ROOT, name)]
    leaves: list[Unit] = []
    kind: list[int] = []
    for k, (service, counts) in enumerate(zip(KINDS, locations, strict=True)):
        if not counts:
            continue
        groups.append(Unit(service.key, service.name, ROOT, service.key, service.co_creation))
        number = 0
        for i, count in enumerate(counts):
            round_, place = divmod(i, len(PLACES))
            where = PLACES[(place + 4 * k) % len(PLACES)] + (f" {round_ + 1}" if round_ else "")
            location = f"{service.key}-loc-{i + 1:02d}"
            groups.append(Unit(location, f"{service.location} {where}", service.key, service.key, service.co_creation))
            for j in range(count):
                number += 1
                word = service.teams[(number - 1) % len(service.teams)].format(n=number)
                again = f" {j // len(service.teams) + 1}" if j >= len(service.teams) else ""
                key = f"{service.key}-{number:02d}"
                size = float(sizes[len(leaves)])
                leaves.append(Unit(key, f"{word} {where}{again}", location, service.key, service.co_creation, size))
                kind.append(k)
    return tuple(groups), tuple(leaves), np.array(kind, dtype=np.int64)


# --- the demonstration -----------------------------------------------------------------------------------------------

_SMALL = ("tram-08", "therapie-19")  # three people each; the second has one sibling only
_ONLY_SIBLING = "therapie-20"
_MERGERS = (("tram-16", "tram-17", "tram-21"), ("werkplaats-11", "werkplaats-12", "werkplaats-21"))
_MERGE_WAVE = 4
_WORKED = ("tram-01", "tram-02", "tram-03")
_ACTION_WAVE = 3
ROOM_LOCATION = "werkplaats-loc-04"
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
    Path("employership.autonomy", "engagement", 0.28, 0.05, 0.24),
    Path("employership.support", "engagement", 0.12, 0.0, 0.10),
    Path("employership.leadership", "engagement", 0.28, 0.05, 0.24),
    Path("employership.recognition", "engagement", 0.12, 0.0, 0.10),
    Path("engagement", "conduct", 0.45, 0.05, 0.28),
    Path("engagement", "interaction_quality", 0.15, 0.0, 0.20),
    Path("interaction_quality", "loyalty", 0.30, 0.20, 0.0),
    Path("service_quality", "loyalty", 0.20, 0.15, 0.0),
    Path("engagement", "loyalty", 0.35, 0.0, 0.40),
    Path("engagement", "absence", -0.60, -0.20, -0.32),
    Path("loyalty", "retention", 0.60, 0.15, 0.40),
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


def _demo(rng: np.random.Generator) -> Plan:
    """Stadsdiensten: 60 teams, of which four merge into two halfway; the last team of a list is the merged one."""
    locations = [[5, 5, 5, 6], [6, 6, 6, 2], [5, 5, 6, 5]]
    count = sum(map(sum, locations))
    sizes = np.clip(np.round(rng.lognormal(np.log(16), 0.4, count)), 8, 30)
    groups, leaves, kind = _tree("Stadsdiensten", locations, sizes)
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
    person_paths = changed(PATHS, Path("engagement", "initiative", 0.65, 0.0, 0.0))
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
        if team.parent == ROOM_LOCATION:
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
            "parent": ROOM_LOCATION,
            "units": [team.key for team in teams if team.parent == ROOM_LOCATION],
            "levers": ["employership.autonomy", "employership.leadership", "employership.support"],
            "shift_sd": dict(_ROOM_SHIFT),
        },
    }
