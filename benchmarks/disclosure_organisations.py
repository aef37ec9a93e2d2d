"""Random organisations of people with lasting answers, who come, leave, move and take each other's place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LOW, HIGH = 1, 5
K, PROTECTION = 5, 0.25
# What a mean on 1 to 5 may be rounded to: 0 to 2 decimals, of that scale or of one from 0 to 100.
STEPS = (1.0, 0.1, 0.01, 0.04, 0.004, 0.0004)
_FULL = 14  # units from which a level gets one unit below each only


@dataclass(frozen=True, slots=True)
class Organisation:
    """People with lasting answers.

    Attributes
    ----------
    parent : (u,) of each unit, -1 at the top.
    before : (u,) the same before the reorganisation; equal where there was none.
    team : (p, t) the team of each person in each wave, -1 where not there.
    answer : (p,) whole numbers from 1 to 5.
    step : to which means are rounded by rules that leave that to the user.
    first : waves that were released before the others came; 0 where all were released at once.
    """

    parent: IntArray
    before: IntArray
    team: IntArray
    answer: IntArray
    step: float
    first: int

    @property
    def teams(self) -> IntArray:
        """Units without units below them."""
        return np.setdiff1d(np.arange(len(self.parent)), self.parent)


def draw(seed: int) -> Organisation:
    """Draw one: 2 to 6 levels, teams of 1 to 60, 1 to 8 waves, joiners, leavers, movers and swaps."""
    rng = np.random.default_rng([seed, 5])
    parent = _tree(rng)
    teams = np.setdiff1d(np.arange(len(parent)), parent).tolist()
    waves = int(rng.integers(1, 9))
    paths: list[list[int]] = []
    for team in teams:
        size = int(rng.integers(1, 61)) if rng.random() < 0.5 else int(rng.integers(1, 16))
        paths += [[team] * waves for _ in range(size)]
    for wave in range(1, waves):
        for team in teams:
            _turnover(rng, paths, team, wave, waves)
            _move(rng, paths, team, teams, wave, waves)
    paths = [path for path in paths if max(path) >= 0]
    level = dict(zip(teams, rng.normal(3.6, 0.6, len(teams)), strict=True))
    home = [next(team for team in path if team >= 0) for path in paths]
    answer = np.clip(np.round(rng.normal([level[t] for t in home], 1.0)), LOW, HIGH).astype(np.int64)
    first = int(rng.integers(1, waves)) if waves > 1 and rng.random() < 0.5 else 0
    before = _reorganised(rng, parent) if first and rng.random() < 0.5 else parent
    return Organisation(parent, before, np.array(paths), answer, float(rng.choice(STEPS)), first)


def _tree(rng: np.random.Generator) -> IntArray:
    parent, level = [-1], [0]
    for _ in range(int(rng.integers(1, 6))):
        below = []
        for unit in level:
            for _ in range(int(rng.integers(1, 4)) if len(parent) < _FULL else 1):
                parent.append(unit)
                below.append(len(parent) - 1)
        level = below
    return np.array(parent)


def _turnover(rng: np.random.Generator, paths: list[list[int]], team: int, wave: int, waves: int) -> None:
    """Some leave and some come; as often as not as many come as leave."""
    there = [i for i, path in enumerate(paths) if path[wave] == team]
    leaving = int(rng.integers(1, 3)) if rng.random() < 0.5 else 0
    coming = int(rng.integers(1, 3)) if rng.random() < 0.5 else 0
    if leaving and rng.random() < 0.3:
        coming = leaving
    for i in rng.permutation(there)[:leaving].tolist():
        paths[i][wave:] = [-1] * (waves - wave)
    paths += [[-1] * wave + [team] * (waves - wave) for _ in range(coming)]


def _move(rng: np.random.Generator, paths: list[list[int]], team: int, teams: list[int], wave: int, waves: int) -> None:
    there = [i for i, path in enumerate(paths) if path[wave] == team]
    if len(teams) > 1 and len(there) > 1 and rng.random() < 0.1:
        other = int(rng.choice([t for t in teams if t != team]))
        paths[int(rng.choice(there))][wave:] = [other] * (waves - wave)


def _reorganised(rng: np.random.Generator, parent: IntArray) -> IntArray:
    """One team lay below another group of the same level."""
    before = parent.copy()
    depth = [0] * len(parent)
    for unit in range(1, len(parent)):
        depth[unit] = depth[parent[unit]] + 1
    moved = int(rng.choice(np.setdiff1d(np.arange(len(parent)), parent)))
    groups = [u for u in np.unique(parent[1:]).tolist() if depth[u] == depth[moved] - 1]
    siblings = (parent == parent[moved]).sum()
    if siblings > 1:
        before[moved] = int(rng.choice(groups))
    return before


def inside(parent: IntArray) -> BoolArray:
    """Say which teams lie in which unit, (u, u): the unit itself and all below it."""
    out = np.eye(len(parent), dtype=bool)
    for unit in range(len(parent)):
        above = int(parent[unit])
        while above >= 0:
            out[above, unit] = True
            above = int(parent[above])
    return out


def rolled_up(org: Organisation, parent: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count, sum and sum of squares of the answers of each unit with all below it, each (u, t)."""
    waves = org.team.shape[1]
    own = np.zeros((3, len(parent), waves))
    for wave in range(waves):
        there = org.team[:, wave] >= 0
        at, answer = org.team[there, wave], org.answer[there].astype(float)
        for power in range(3):
            np.add.at(own[power, :, wave], at, answer**power)
    total = inside(parent).astype(float) @ own
    return total[0], total[1], total[2]
