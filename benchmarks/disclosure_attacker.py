"""An attacker with a solver, written apart from the gate.

He knows the tree, who was where in each wave, every count, every figure of every release and how it was rounded; that
answers are whole numbers; and that people answer the same each time, which is true here: the worst case. He holds one
unknown for each group of people with the same past, and asks HiGHS for the least and greatest value of each such group,
and of the mean of each hidden cell of fewer than k people: as a linear programme, and as an integer one where the
answer to that is not whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from benchmarks.disclosure_organisations import (
    HIGH,
    LOW,
    PROTECTION,
    BoolArray,
    FloatArray,
    IntArray,
    K,
    Organisation,
    inside,
)
from benchmarks.disclosure_rules import Told

_NEAR = 1e-6
_PATIENCE = 5.0  # seconds for one integer programme; what is proven until then is what the attacker knows


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that the attacker learns too closely.

    Attributes
    ----------
    kind : ``answer`` of one person, or ``mean`` of a hidden cell of fewer than k.
    where : the teams that the person was in, wave by wave (-1: away); or unit and wave of the cell.
    people : how many share that past, or are in that cell.
    low, high : what it must lie between.
    """

    kind: str
    where: tuple[int, ...]
    people: int
    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether it is known exactly."""
        return self.high - self.low < _NEAR


@dataclass(frozen=True, slots=True)
class Harm:
    """What the attacker learned too closely, of so many groups of people that he looked at."""

    known: tuple[Known, ...]
    targets: int


@dataclass(frozen=True, slots=True)
class _Aim:
    kind: str
    where: tuple[int, ...]
    members: FloatArray
    people: int


class _Attacker:
    """All that was told, as limits of sums, and the solutions found so far: each is a way that it can really be."""

    def __init__(self, size: IntArray, truth: FloatArray, rows: BoolArray, low: FloatArray, high: FloatArray) -> None:
        self.bounds = Bounds(LOW * size, HIGH * size)
        self.rule = LinearConstraint(csr_array(rows.astype(float)), low - 1e-7, high + 1e-7)
        self.possible = [truth]

    def limits(self, aim: _Aim) -> tuple[float, float]:
        """Least and greatest sum of a group; the search stops when enough is known to be possible."""
        return -self._most(-aim.members), self._most(aim.members)

    def _most(self, members: FloatArray) -> float:
        done = milp(-members, bounds=self.bounds, constraints=self.rule)
        whole = done.status == 0 and bool(np.abs(done.x - np.round(done.x)).max() < _NEAR)
        if not whole:
            done = milp(
                -members,
                integrality=np.ones(len(members)),
                bounds=self.bounds,
                constraints=self.rule,
                options={"time_limit": _PATIENCE},
            )
        if done.x is not None:
            self.possible.append(np.round(done.x))
        return -float(done.fun if done.status == 0 else done.mip_dual_bound)

    def open_already(self, aim: _Aim) -> bool:
        """Say whether the solutions found so far leave enough open about a group."""
        sums = [float(aim.members @ x) for x in self.possible]
        low, high = _of(aim, min(sums), max(sums))
        return high - low >= PROTECTION * (HIGH - LOW) - _NEAR


def attack(org: Organisation, releases: Sequence[Told]) -> Harm:
    """Find everything that follows too closely about anybody."""
    past, group = np.unique(org.team, axis=0, return_inverse=True)
    size = np.bincount(group.ravel())
    truth = np.bincount(group.ravel(), org.answer).astype(float)
    aims = [_Aim("answer", tuple(past[a].tolist()), np.eye(len(past))[a], int(size[a])) for a in range(len(past))]
    rows, low, high = [], [], []
    for told in releases:
        within = inside(told.parent)
        shown = np.isfinite(told.mean)
        for unit, wave in np.argwhere(told.n > 0).tolist():
            teams = within[unit]
            if told.of_rest:
                others = within[unit] & shown[:, wave] & (np.arange(len(teams)) != unit)
                teams = teams & ~within[others].any(axis=0)
            members = teams[past[:, wave]] & (past[:, wave] >= 0)
            n, mean, half = told.n[unit, wave], told.mean[unit, wave], told.step[unit, wave] / 2
            if math.isfinite(mean):
                rows.append(members)
                low.append(max(n * LOW, math.ceil(n * (mean - half) - _NEAR)))
                high.append(min(n * HIGH, math.floor(n * (mean + half) + _NEAR)))
            elif n < K:
                aims.append(_Aim("mean", (unit, wave), members.astype(float), int(n)))
    if not rows:
        return Harm((), len(aims))
    attacker = _Attacker(size, truth, np.array(rows), np.array(low), np.array(high))
    found = []
    for aim in aims:
        if not attacker.open_already(aim):
            least, most = _of(aim, *attacker.limits(aim))
            if most - least < PROTECTION * (HIGH - LOW) - _NEAR:
                found.append(Known(aim.kind, aim.where, aim.people, least, most))
    return Harm(tuple(found), len(aims))


def _of(aim: _Aim, low: float, high: float) -> tuple[float, float]:
    """Limits of what is aimed at, from those of the sum: one of these people's answers, or their mean."""
    if aim.kind == "mean":
        return low / aim.people, high / aim.people
    others = aim.people - 1
    return max(LOW, low - others * HIGH), min(HIGH, high - others * LOW)
