"""Is anybody told? Random organisations, our gate and the published rules of others, and an attacker with a solver.

The attacker is written apart from the gate: he holds one number for each group of people with the same past (team, and
the waves they were there), knows every count and how figures are rounded, assumes that people answer the same each
time (which is true here: the worst case), and asks HiGHS for the least and greatest value of whatever is small: first
as a linear, then as an integer programme. ``python -m benchmarks disclosure --organisations 10000`` writes
``docs/disclosure.md``.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LOW, HIGH = 1, 5
K, PROTECTION = 5, 0.25
MOST_TARGETS = 24  # the smallest groups of an organisation; larger ones are safer
DOCS = Path(__file__).resolve().parents[1] / "docs"


@dataclass(frozen=True, slots=True)
class Organisation:
    """People with lasting answers.

    ``parent`` (u,) of each unit, -1 at the top; ``team`` and ``answer`` (p,) of each person, ``there`` (p, t) when.
    """

    parent: IntArray
    team: IntArray
    answer: IntArray
    there: BoolArray


@dataclass(frozen=True, slots=True)
class Figures:
    """What is so, and what is shown of it, (u, t): respondents, exact mean, shown mean (NaN: hidden), its step."""

    n: FloatArray
    exact: FloatArray
    mean: FloatArray
    step: FloatArray


@dataclass(frozen=True, slots=True)
class Harm:
    """What the attacker got: answers or small means known exactly, or more closely than the protection level."""

    exact: int
    narrow: int
    targets: int


def draw(rng: np.random.Generator) -> Organisation:
    """One random organisation: 2 to 6 levels, teams of 1 to 60, 1 to 8 waves with joiners and leavers."""
    parent, levels = [-1], [[0]]
    for _ in range(int(rng.integers(1, 6))):
        below = []
        for unit in levels[-1]:
            for _ in range(int(rng.integers(1, 4)) if len(parent) < 14 else 1):
                parent.append(unit)
                below.append(len(parent) - 1)
        levels.append(below)
    leaves = sorted(set(range(len(parent))) - set(parent))
    waves = int(rng.integers(1, 9))
    team, there = [], []
    for leaf in leaves:
        size = int(rng.integers(1, 61)) if rng.random() < 0.5 else int(rng.integers(1, 16))
        team += [leaf] * size
        there += [np.ones(waves, dtype=bool)] * size
        for wave in range(1, waves):
            if rng.random() < 0.5:
                some = [i for i in range(len(team)) if team[i] == leaf and there[i][wave]]
                for i in rng.permutation(some)[: int(rng.integers(1, 3))]:
                    there[i] = there[i] & (np.arange(waves) < wave)
            if rng.random() < 0.5:
                for _ in range(int(rng.integers(1, 3))):
                    team.append(leaf)
                    there.append(np.arange(waves) >= wave)
    level = {leaf: rng.normal(3.6, 0.6) for leaf in leaves}
    answer = np.clip(np.round([rng.normal(level[t], 1.0) for t in team]), LOW, HIGH).astype(np.int64)
    return Organisation(np.array(parent), np.array(team), answer, np.array(there))


def rolled_up(org: Organisation) -> tuple[FloatArray, FloatArray]:
    """Count and sum of answers of each unit with all below it, (u, t)."""
    units, waves = len(org.parent), org.there.shape[1]
    n, total = np.zeros((units, waves)), np.zeros((units, waves))
    for person in range(len(org.team)):
        unit = int(org.team[person])
        while unit >= 0:
            n[unit] += org.there[person]
            total[unit] += org.there[person] * org.answer[person]
            unit = int(org.parent[unit])
    return n, total


def by_threshold(org: Organisation, decimals: int, suppression: int) -> Figures:
    """Show from five respondents, a parent too unless fewer than ``suppression`` people stay hidden in it."""
    n, total = rolled_up(org)
    exact = total / np.maximum(n, 1)
    hidden = n < K
    for unit in range(len(org.parent)):
        below = np.flatnonzero(org.parent == unit)
        if len(below):
            left = n[unit] - np.where(hidden[below], 0, n[below]).sum(axis=0)
            hidden[unit] |= (left > 0) & (left < suppression)
    return _rounded(n, exact, hidden, decimals)


def by_siblings(org: Organisation, decimals: int) -> Figures:
    """Show from five respondents; where one team of a parent is hidden alone, hide its smallest sibling too."""
    n, total = rolled_up(org)
    hidden = n < K
    for unit in range(len(org.parent)):
        below = np.flatnonzero(org.parent == unit)
        for wave in range(n.shape[1]):
            alone = hidden[below, wave] & (n[below, wave] > 0)
            others = below[~hidden[below, wave]]
            if alone.sum() == 1 and len(others):
                hidden[others[np.argmin(n[others, wave])], wave] = True
    return _rounded(n, total / np.maximum(n, 1), hidden, decimals)


def _rounded(n: FloatArray, exact: FloatArray, hidden: BoolArray, decimals: int) -> Figures:
    step = np.full(n.shape, 10.0**-decimals)
    return Figures(n, exact, np.where(hidden | (n == 0), np.nan, np.round(exact, decimals)), step)


def attack(org: Organisation, shown: Figures) -> Harm:
    """Solve for the least and greatest value of the smallest groups."""
    keys, atom = np.unique(np.column_stack([org.team, org.there]), axis=0, return_inverse=True)
    size = np.bincount(atom)
    units, waves = shown.n.shape
    inside = np.zeros((units, len(keys)), dtype=bool)
    for a, key in enumerate(keys):
        unit = int(key[0])
        while unit >= 0:
            inside[unit, a] = True
            unit = int(org.parent[unit])
    rows, low, high = [], [], []
    for unit in range(units):
        for wave in range(waves):
            if np.isfinite(shown.mean[unit, wave]):
                n, half = shown.n[unit, wave], shown.n[unit, wave] * shown.step[unit, wave] / 2
                rows.append((inside[unit] & (keys[:, 1 + wave] > 0)).astype(float))
                low.append(n * shown.mean[unit, wave] - half)
                high.append(n * shown.mean[unit, wave] + half)
    targets = _targets(org, shown, keys, size, inside)
    if not rows:
        return Harm(0, 0, len(targets))
    told = (csr_array(np.array(rows)), np.array(low) - 1e-7, np.array(high) + 1e-7)
    exact = narrow = 0
    for aim, people, one in targets:
        ends = _bounds(aim, told, size, whole=False)
        doubt = _doubt(*ends, people, one)
        if doubt < 2 * PROTECTION * (HIGH - LOW) + 1:  # whole answers may narrow it further
            doubt = _doubt(*_bounds(aim, told, size, whole=True), people, one)
        exact += doubt < 1e-6
        narrow += doubt < PROTECTION * (HIGH - LOW) - 1e-6
    return Harm(exact, narrow, len(targets))


def _targets(
    org: Organisation, shown: Figures, keys: IntArray, size: IntArray, inside: BoolArray
) -> list[tuple[FloatArray, int, bool]]:
    """What to aim at: each person's answer, by group of the same past; and means of hidden cells of fewer than k."""
    aims = [(np.eye(len(keys))[a], int(size[a]), True) for a in range(len(keys))]
    for unit, wave in np.argwhere((shown.n > 0) & (shown.n < K)).tolist():
        members = (inside[unit] & (keys[:, 1 + wave] > 0)).astype(float)
        aims.append((members, int(shown.n[unit, wave]), False))
    return sorted(aims, key=lambda aim: aim[1])[:MOST_TARGETS]


def _bounds(
    aim: FloatArray, told: tuple[csr_array, FloatArray, FloatArray], size: IntArray, *, whole: bool
) -> tuple[float, float]:
    ends = []
    for sign in (1, -1):
        done = milp(
            sign * aim,
            integrality=np.full(len(size), int(whole)),
            bounds=Bounds(LOW * size, HIGH * size),
            constraints=LinearConstraint(*told),
        )
        ends.append(sign * done.fun if done.status == 0 else math.nan)
    return ends[0], ends[1]


def _doubt(low: float, high: float, people: int, one: bool) -> float:
    """Width of what stays open: about the answer of one of these people, or about their mean."""
    if not one:
        return (high - low) / people
    return min(HIGH, high - (people - 1) * LOW) - max(LOW, low - (people - 1) * HIGH)


def main() -> None:
    """Attack every rule on the same organisations and write the table."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--organisations", type=int, default=200)
    many = parser.parse_known_args()[0].organisations
    print(table(many))


RULES: dict[str, Callable[[Organisation, int], Figures]] = {
    "from 5, suppression 1": lambda org, d: by_threshold(org, d, 1),
    "from 5, suppression 2": lambda org, d: by_threshold(org, d, 2),
    "from 5, siblings": by_siblings,
}


def table(many: int) -> str:
    """One line per rule: organisations in which somebody is told, and what is still shown."""
    lines = ["rule | told exactly | told too closely | teams of 5 or more shown | seconds"]
    for name, rule in RULES.items():
        start, exact, narrow, visible, teams = time.perf_counter(), 0, 0, 0, 0
        for seed in range(many):
            rng = np.random.default_rng([seed, 5])
            org = draw(rng)
            shown = rule(org, int(rng.integers(0, 3)))
            harm = attack(org, shown)
            exact, narrow = exact + (harm.exact > 0), narrow + (harm.narrow > 0)
            leaves = np.setdiff1d(np.arange(len(org.parent)), org.parent)
            enough = shown.n[leaves] >= K
            teams, visible = teams + int(enough.sum()), visible + int((enough & np.isfinite(shown.mean[leaves])).sum())
        seconds = time.perf_counter() - start
        lines.append(f"{name} | {exact / many:.1%} | {narrow / many:.1%} | {visible / teams:.1%} | {seconds:.0f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
