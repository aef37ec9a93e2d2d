"""Who there is in a simulated organisation: the tree of units with Dutch names, and what is planted in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.tables import Unit
from bevlogen.sources.simulate_chain import LASTING, NODES, PATHS, Arrow

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ROOT = "organisatie"
FIRST_YEAR = 2024


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
    paths: tuple[Arrow, ...]
    person_paths: tuple[Arrow, ...]
    actions: tuple[PlannedAction, ...]
    traps: Mapping[str, Any]

    @property
    def size(self) -> FloatArray:
        """(J,) persons that each team is meant to have."""
        return np.array([team.headcount or 0.0 for team in self.teams])


def plain(teams: int, waves: int, headcount: float | None, rng: np.random.Generator) -> Plan:
    """Lay out an organisation with nothing planted; teams of 4 to 30 people, or of ``headcount`` on average."""
    per_kind = [len(range(k, teams, len(KINDS))) for k in range(len(KINDS))]
    locations = [_even(count) for count in per_kind]
    if headcount is None:
        sizes = np.clip(np.round(rng.lognormal(np.log(17), 0.5, teams)), 4, 30)
    else:
        sizes = np.maximum(1, np.round(headcount * rng.uniform(0.6, 1.4, teams)))
    groups, leaves, kind = tree("Modelstad Diensten", locations, sizes)
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


def tree(
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
