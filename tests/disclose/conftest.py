"""A small organisation built from raw answers, and an attacker who adds and subtracts everything that is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain as chained
from itertools import combinations

import numpy as np
import pytest

from bevlogen.core.judged import Chain
from bevlogen.core.measured import Figures, Measurement, Panel, ScaleQuality, Scores
from bevlogen.core.planned import Plan
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.tables import Organisation, Policy, Unit, Workspace

PROVENANCE = Provenance("test", "0" * 64, 0)
UNKNOWN = Interval(math.nan, math.nan, math.nan)
NO_FIGURES = Figures((), (), (), *(np.zeros(0, dtype=np.int64),) * 3, np.zeros(0), np.zeros(0))
NO_CHAIN = Chain((), (), PROVENANCE)
NO_PLAN = Plan((), (), math.nan, "No moves.", "Geen stappen.", PROVENANCE)


@dataclass(frozen=True)
class Small:
    """A workspace with what was measured in it."""

    workspace: Workspace
    measurement: Measurement


def names(parents):
    return tuple(f"u{i}" for i in range(len(parents)))


def below(parents, unit):
    """The unit and every unit below it."""
    found = {unit}
    for other in range(len(parents)):
        above = other
        while above is not None and above != unit:
            above = parents[above]
        if above == unit:
            found.add(other)
    return found


def build(parents, waves, *, policy=None, construct="engagement", scale=(1.0, 5.0)):
    """Roll raw answers up the tree: ``waves[t][unit]`` holds the answers of a unit's own respondents.

    ``parents[i]`` is None at a top.
    """
    units = names(parents)
    periods = tuple(str(2021 + t) for t in range(len(waves)))
    rows = []
    for t, wave in enumerate(waves):
        for unit in range(len(parents)):
            answers = np.array(sorted(chained.from_iterable(wave[u] for u in below(parents, unit))), dtype=float)
            if len(answers):
                rows.append((unit, t, answers))
    column = lambda of: np.array([of(row) for row in rows], dtype=float)  # noqa: E731 - used in the call below only
    mean = column(lambda row: row[2].mean())
    scores = Scores(
        units,
        periods,
        (construct,),
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.zeros(len(rows), dtype=np.int64),
        column(lambda row: len(row[2])),
        mean,
        column(lambda row: row[2].std(ddof=1) if len(row[2]) > 1 else math.nan),
        np.full(len(rows), 0.1),
        np.full(len(rows), 0.7),
        mean,
        mean - 0.2,
        mean + 0.2,
        np.full(len(rows), math.nan),
        np.array([np.ptp(row[2]) == 0 for row in rows], dtype=bool),
    )
    everyone = np.array([a for wave in waves for answers in wave for a in answers], dtype=float)
    quality = ScaleQuality(
        construct,
        3,
        float(len(everyone)),
        len(parents),
        len(waves),
        float(everyone.mean()) if len(everyone) else math.nan,
        float(everyone.std(ddof=1)) if len(everyone) > 1 else math.nan,
        *scale,
        Interval(0.8, 0.7, 0.9),
        Interval(0.81, 0.71, 0.91),
        Interval(0.1, 0.05, 0.2),
        Interval(0.6, 0.4, 0.7),
        0.75,
    )
    panel = Panel(units, ("",) * len(units), periods, (), *(np.zeros((len(units), len(periods), 0)),) * 3)
    organisation = Organisation(
        "Test", "en", "year", False, "", policy or Policy(), (), {}, (), 0.1, {construct: frozenset({"employees"})}
    )
    tree = tuple(
        Unit(name, f"Team {name}", None if parent is None else units[parent])
        for name, parent in zip(units, parents, strict=True)
    )
    workspace = Workspace(organisation, tree, periods, (), None, None, (), "0" * 64)
    return Small(workspace, Measurement(scores, NO_FIGURES, (quality,), panel, PROVENANCE))


def spanned(sets, atoms):
    """Row-reduced rational basis of the indicator vectors of ``sets`` over ``atoms``."""
    basis = {}
    for members in sets:
        vector = _reduce([Fraction(int(atom in members)) for atom in atoms], basis)
        pivot = next((i for i, x in enumerate(vector) if x), None)
        if pivot is not None:
            basis[pivot] = [x / vector[pivot] for x in vector]
    return basis


def _reduce(vector, basis):
    for pivot in sorted(basis):
        if vector[pivot]:
            factor = vector[pivot]
            vector = [x - factor * y for x, y in zip(vector, basis[pivot], strict=True)]
    return vector


def isolated(sets, people, k):
    """Every group of fewer than ``k`` people whose total follows from the totals of ``sets`` by linear algebra.

    ``people`` maps an atom (people whom no shown set can tell apart) to how many they are; a set is a set of atoms.
    """
    atoms = [atom for atom, count in people.items() if count]
    basis = spanned(sets, atoms)
    small = (
        group
        for size in range(1, len(atoms) + 1)
        for group in combinations(atoms, size)
        if sum(people[a] for a in group) < k
    )
    return [group for group in small if not any(_reduce([Fraction(int(a in group)) for a in atoms], basis))]


@pytest.fixture(scope="session")
def small():
    return build


@pytest.fixture(scope="session")
def attack():
    return isolated


@pytest.fixture(scope="session")
def inside():
    return below


@pytest.fixture(scope="session")
def empty_chain():
    return NO_CHAIN


@pytest.fixture(scope="session")
def empty_plan():
    return NO_PLAN
