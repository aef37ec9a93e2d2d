"""Do slopes of many exact figures tell a sum of answers? An attack on links of 300 figures or more.

The attacker knows the outcomes, every figure that is shown and to what step, and all that is told of the links of one
construct with three outcomes: in three ways of looking, fifteen numbers each. He is also given what nobody knows: how
each of these numbers moves with each sum of answers, at the truth. Taken as straight lines, they leave each sum a least
and a greatest value (linear programmes), and a best guess: how sure is it, if all that is shown is as likely?
"""

from __future__ import annotations

import math
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

import bevlogen as bv
from benchmarks.disclosure_explorer import CAUSE, write_settings, write_table
from benchmarks.disclosure_organisations import HIGH, LOW, FloatArray
from bevlogen.core.chain import Link
from bevlogen.core.linked import Estimate
from bevlogen.core.measured import Panel
from bevlogen.core.tables import Organisation
from bevlogen.disclose import rounding
from bevlogen.link import driver

OUTCOMES = ("retention", "acquisition", "return")
_NAMES = tuple(f.name for f in fields(Estimate) if f.type == "float")
_SAME = 1e-6
LEAP = 40  # of so many sums one is tried by linear programmes, which take long
_LITTLE = 1e-3  # of an answer


@dataclass(frozen=True, slots=True)
class Case:
    """Teams and waves, told after each from ``first`` on; ``chosen``: each outcome is 1 in one team and 0 elsewhere."""

    teams: int
    waves: int
    first: int
    chosen: bool = False


CASES = {
    "30 teams, 10 waves, told once": Case(30, 10, 10),
    "60 teams, 5 waves, told once": Case(60, 5, 5),
    "100 teams, 3 waves, told once": Case(100, 3, 3),
    "100 teams, told after waves 3, 4 and 5": Case(100, 5, 3),
    "60 teams, 5 waves, outcomes sent by the attacker": Case(60, 5, 5, chosen=True),
}


def write(folder: Path, case: Case) -> FloatArray:
    """Write an organisation as a workspace; give the (J, T) sums of its answers."""
    teams, waves = case.teams, case.waves
    rng = np.random.default_rng([teams, waves, 29])
    write_settings(folder, "quarter", "units", "interactions", "results")
    people = rng.integers(6, 31, teams)
    level = rng.normal(3.4, 0.45, (teams, 1)) + rng.normal(0, 0.25, (teams, waves))
    answers = [
        [np.clip(np.round(rng.normal(level[j, t], 0.9, people[j])), LOW, HIGH).astype(int) for t in range(waves)]
        for j in range(teams)
    ]
    outcomes = np.clip(0.5 + 0.1 * (level[:, :, None] - 3.4) + rng.normal(0, 0.05, (teams, waves, 3)), 0, 1).round(3)
    if case.chosen:
        outcomes[:] = 0
        outcomes[range(-3, 0), -1, range(3)] = 1
    days = [f"{2020 + t // 4}-Q{t % 4 + 1}" for t in range(waves)]
    write_table(
        folder,
        "units",
        "unit,name,parent,headcount",
        [("top", "Top", "", ""), *((f"t{j:03}", "", "top", 50) for j in range(teams))],
    )
    given = [(f"t{j:03}", days[t], a) for j in range(teams) for t in range(waves) for a in answers[j][t]]
    write_table(folder, "interactions", "unit,period,q1", given)
    recorded = [
        (f"t{j:03}", days[t], m, v)
        for j in range(teams)
        for t in range(waves)
        for m, v in zip(OUTCOMES, outcomes[j, t], strict=True)
    ]
    write_table(folder, "results", "unit,period,measure,value", recorded)
    return np.array([[some.sum() for some in row] for row in answers], dtype=np.float64)


def told(panel: Panel, organisation: Organisation) -> tuple[FloatArray, FloatArray]:
    """All numbers that are told of the links, not rounded yet, and half of the step to which each is; NaN for none."""
    values, halves = [], []
    for outcome in OUTCOMES:
        found = driver.estimate_one(Link(CAUSE, outcome, 1), panel, organisation)
        for design in ("cross-sectional", "within", "lagged"):
            one = found.by(design)
            shown = None if one is None else rounding.estimate(one)
            for name in _NAMES:
                value = math.nan if one is None else getattr(one, name)
                values.append(math.log(value) if name == "p_value" else value)
                halves.append(_half(getattr(shown, name), name) if shown is not None else math.nan)
        values.append(found.reliability_cause)
        halves.append(0.005)
    return np.array(values), np.array(halves)


def _half(shown: float, name: str) -> float:
    if name not in ("raw", "raw_low", "raw_high", "p_value") or shown == 0:
        return 0.0005
    half = 0.5 * 10 ** (math.floor(math.log10(abs(shown))) - 2)
    return half / shown if name == "p_value" else half


def moves(panel: Panel, organisation: Organisation) -> FloatArray:
    """How each number moves with one point more in each sum, (m, J T), waves running fastest."""
    units, waves = panel.value.shape[:2]
    at, now = panel.variables.index(CAUSE), told(panel, organisation)[0]
    out = []
    for j in range(units):
        for t in range(waves):
            value = panel.value.copy()
            value[j, t, at] += _LITTLE / panel.n[j, t, at]
            out.append((told(replace(panel, value=value), organisation)[0] - now) / _LITTLE)
    return np.array(out).T


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is left of each sum, (J T,): by what is shown, by linear programmes (NaN not tried), and SD of guesses."""

    numbers: int
    shown: FloatArray
    left: FloatArray
    before: FloatArray
    guess: FloatArray


def attack(case: Case) -> Narrowed:
    """Narrow every sum by all that is told, after each wave from ``first`` on."""
    with tempfile.TemporaryDirectory() as folder:
        sums = write(Path(folder), case).ravel()
        study = bv.open(folder)
        panel, organisation = study.measure().panel, study.workspace.organisation
        low, high = (ends.ravel() for ends in _possible(study, panel))
    lines, offs = [], []
    for last in range(case.first, case.waves + 1):
        blocks = {name: getattr(panel, name)[:, :last] for name in ("value", "n", "error")}
        part = replace(panel, periods=panel.periods[:last], **blocks)
        value, half = told(part, organisation)
        move = np.zeros((len(value), case.teams, case.waves))
        move[:, :, :last] = moves(part, organisation).reshape(len(value), case.teams, last)
        move = move.reshape(len(value), -1)
        sure = np.isfinite(value) & np.isfinite(half) & np.isfinite(move).all(axis=1)
        lines.append(move[sure] / half[sure, None])
        # What is told lies anywhere within half a step of what is true.
        offs.append(np.random.default_rng([last, 37]).uniform(-1, 1, sure.sum()))
    A, off = np.vstack(lines), np.concatenate(offs)
    wanted = np.arange(len(sums)) % LEAP == 0
    before = ((high - low + 1) ** 2 - 1) / 12
    left = _width(A, off, low - sums, high - sums, wanted)
    return Narrowed(len(A), high - low, left, np.sqrt(before), _guess(A, before))


def _possible(study: bv.Study, panel: Panel) -> tuple[FloatArray, FloatArray]:
    n = panel.n[:, :, panel.variables.index(CAUSE)]
    low, high = n * LOW, n * HIGH
    unit, period = ({k: i for i, k in enumerate(of)} for of in (panel.units, panel.periods))
    for s in study.release(upto="measure").scores:
        if s.unit in unit and s.construct == CAUSE:
            at = unit[s.unit], period[s.period]
            low[at] = max(low[at], math.ceil(s.n * (s.mean - s.step / 2) - _SAME))
            high[at] = min(high[at], math.floor(s.n * (s.mean + s.step / 2) + _SAME))
    return low, high


def _guess(A: FloatArray, before: FloatArray) -> FloatArray:
    """SD of what is left of each sum, (J T,): to first order, with the variances of what is shown and of rounding."""
    moved = A * before
    told = np.linalg.solve(moved @ A.T + np.eye(len(A)) / 3, moved)
    return np.sqrt(np.maximum(before - np.einsum("ij,ij->j", moved, told), 0.0))


def _width(A: FloatArray, off: FloatArray, low: FloatArray, high: FloatArray, wanted: NDArray[np.bool_]) -> FloatArray:
    """Greatest less least value of the sums that are wanted, (J T,), all counted from the truth."""
    rows, room = np.vstack([A, -A]), np.concatenate([1 + off, 1 - off])
    bounds = np.column_stack([low, high])
    out = np.full(len(low), np.nan)
    for at in np.flatnonzero(wanted):
        c = np.zeros(len(out))
        c[at] = 1.0
        least, most = (linprog(sign * c, rows, room, bounds=bounds, method="highs").fun for sign in (1, -1))
        out[at] = -most - least
    return out


def table(pool: ProcessPoolExecutor) -> str:
    """All as a table."""
    lines = [
        "| links with three outcomes, made of exact figures | numbers told | least width left, of what is shown "
        "| SD of a guess, of that before: mean | least | least SD, in answers |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, found in zip(CASES, pool.map(attack, CASES.values()), strict=True):
        width = np.nanmin(found.left / found.shown)
        share = found.guess / found.before
        shares = f"{width:.0%} | {share.mean():.0%} | {share.min():.0%}"
        lines.append(f"| {name} | {found.numbers} | {shares} | {found.guess.min():.2f} |")
    return "\n".join(lines)
