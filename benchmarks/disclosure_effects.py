"""Can a team's answers be worked back from effects of actions? An attack by one who registers actions at will.

The attacker knows who is in which team, every figure that is shown and to what step, and how an effect is made. He
registers actions on a few units each and reads two figures of each that are sums with weights he knows: after less
before, and difference in differences. The answers of a team in a period sum to a whole number within what is shown; a
linear programme gives the least and the greatest that all these figures leave.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

import bevlogen as bv
from benchmarks.disclosure_explorer import CAUSE, write_settings, write_table
from benchmarks.disclosure_organisations import HIGH, LOW, FloatArray
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.disclose import rounding

TEAMS, ACTED, PERIODS = 20, 4, 8
STEPS = (0.1, 0.2, 0.5, 1.0)  # in SD, to which effects of exact figures were told
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Organisation:
    """Answers, whole from 1 to 5, by team and period; and actions: by team the period in which it begins."""

    answers: Sequence[Sequence[Sequence[int]]]
    actions: Sequence[dict[int, int]]

    @property
    def sums(self) -> FloatArray:
        """Sums of answers, (J, T)."""
        return np.array([[sum(given) for given in row] for row in self.answers], dtype=np.float64)

    def write(self, folder: Path) -> Path:
        """Write it as a workspace; give its folder."""
        write_settings(folder, "quarter", "units", "interactions", "actions")
        teams = [(f"t{j:02}", f"Team {j}", "top") for j in range(TEAMS)]
        write_table(folder, "units", "unit,name,parent", [("top", "Top", ""), *teams])
        given = [
            (f"t{j:02}", day(t), a) for j, row in enumerate(self.answers) for t, some in enumerate(row) for a in some
        ]
        write_table(folder, "interactions", "unit,date,q1", given)
        begun = [(f"t{j:02}", day(t), "conduct", f"No {i}") for i, a in enumerate(self.actions) for j, t in a.items()]
        write_table(folder, "actions", "unit,start,lever,what", begun)
        return folder


def day(period: int) -> str:
    """Return a day in a quarter."""
    return f"{2023 + period // 4}-{1 + 3 * (period % 4):02}-15"


def draw(seed: int, many: int) -> Organisation:
    """Draw 20 teams of 6 to 30 over 8 quarters, and so many actions on one to three of four of them.

    The first action is on all four, so that none of the others ends where another begins.
    """
    rng = np.random.default_rng([seed, 23])
    people, level = rng.integers(6, 31, TEAMS), rng.normal(3.4, 0.45, TEAMS)
    answers = [
        [
            np.clip(np.round(rng.normal(level[j] + rng.normal(0, 0.2), 0.9, people[j])), LOW, HIGH).astype(int).tolist()
            for _ in range(PERIODS)
        ]
        for j in range(TEAMS)
    ]
    actions = [dict.fromkeys(range(ACTED), 1)]
    while len(actions) < many:
        units = rng.choice(ACTED, rng.integers(1, ACTED), replace=False)
        actions.append({int(j): int(rng.integers(1, PERIODS)) for j in units})
    return Organisation(answers, actions)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and greatest sum of each team and period, (J, T): by what is shown, and by what effects leave of it."""

    shown_low: FloatArray
    shown_high: FloatArray
    low: FloatArray
    high: FloatArray


def attack(organisation: Organisation, study: bv.Study, effects: Sequence[ActionEffect]) -> Bounds:
    """Work back the sums of the teams acted upon from effects, each told to a tenth of an SD."""
    n, low, high = _possible(study)
    by_words = {effect.what: effect.outcomes[0] for effect in effects if effect.outcomes}
    weights, told, steps, sd = [], [], [], (1e-3, float(HIGH - LOW))
    for i in range(len(organisation.actions)):
        if (found := by_words.get(f"No {i}")) is None or found.method == "none":
            continue
        step = told_before(found)
        sd = _narrower(sd, found, step)
        first, until = _starts(organisation, i)
        pairs = [(_change(first, until), found.naive)]
        if found.method == "staggered":
            pairs.append((_difference(first, until), found.plain.estimate))
        for weight, value in pairs:
            if math.isfinite(value):
                weights.append((weight / n).ravel())
                told.append(round(value / step) * step)
                steps.append(step)
    return Bounds(low, high, *_left(np.array(weights), np.array(told), np.array(steps), sd, low, high))


def _possible(study: bv.Study) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Respondents, and the least and greatest sum by what is shown, (J, T)."""
    n, low, high = (np.zeros((TEAMS, PERIODS)) for _ in range(3))
    periods = {label: t for t, label in enumerate(study.workspace.periods)}
    for s in study.release(upto="measure").scores:
        if s.unit != "top" and s.construct == CAUSE:
            at = int(s.unit[1:]), periods[s.period]
            n[at] = s.n
            low[at] = math.ceil(max(s.n * (s.mean - s.step / 2), LOW * s.n) - _SAME)
            high[at] = math.floor(min(s.n * (s.mean + s.step / 2), HIGH * s.n) + _SAME)
    return n, low, high


def told_before(found: OutcomeEffect) -> float:
    """Step in SD to which an effect of exact figures was told: the finest that left the sum of all answers open."""
    if not found.estimate.estimate:
        return STEPS[0]
    per_sd = abs(found.raw.estimate / found.estimate.estimate)
    answers = found.n_acted * found.n_after * found.n
    return next((step for step in STEPS if answers * step * per_sd >= (HIGH - LOW) / 4), math.inf)


def _narrower(sd: tuple[float, float], found: OutcomeEffect, step: float) -> tuple[float, float]:
    """Take in what an effect tells of points per SD: it is told in both, in points to two digits."""
    rounded = round(found.estimate.estimate / step) * step if math.isfinite(found.estimate.estimate) else 0.0
    if abs(rounded) < step / 2:
        return sd
    raw = abs(rounding.significant(found.raw.estimate / found.estimate.estimate * rounded, 2))
    half = 0.5 * 10 ** (math.floor(math.log10(raw)) - 1)
    return max(sd[0], (raw - half) / abs(rounded)), min(sd[1], (raw + half) / abs(rounded))


def _starts(organisation: Organisation, action: int) -> tuple[FloatArray, FloatArray]:
    """Where an action begins in each team (infinity for nowhere), and from where another one counts, (J,)."""
    first, until = np.full(TEAMS, np.inf), np.full(TEAMS, np.inf)
    for i, other in enumerate(organisation.actions):
        for team, start in other.items():
            if i == action:
                first[team] = start
            else:
                until[team] = min(until[team], start)
    return first, np.where(np.isfinite(first) & (until <= first), np.inf, until)


def _change(first: FloatArray, until: FloatArray) -> FloatArray:
    """Weights of after less just before, the mean over the teams acted upon, (J, T)."""
    out = np.zeros((TEAMS, PERIODS))
    for team in np.flatnonzero(np.isfinite(first)):
        start, end = int(first[team]), int(min(until[team], PERIODS))
        out[team, start:end] = 1 / (end - start)
        out[team, start - 1] = -1
    return out / np.isfinite(first).sum()


def _difference(first: FloatArray, until: FloatArray) -> FloatArray:
    """Weights of difference in differences: after, less what two-way least squares on untouched figures says."""
    there = np.arange(PERIODS) < until[:, None]
    after = there & (np.arange(PERIODS) >= first[:, None])
    design = np.zeros((TEAMS, PERIODS, TEAMS + PERIODS))
    design[np.arange(TEAMS), :, np.arange(TEAMS)] = 1
    design[:, np.arange(PERIODS), TEAMS + np.arange(PERIODS)] = 1
    out = after / after.sum()
    out[there & ~after] = -design[after].mean(axis=0) @ np.linalg.pinv(design[there & ~after])
    return out


def _left(
    weights: FloatArray, told: FloatArray, step: FloatArray, sd: tuple[float, float], low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least and greatest sums that all that was told leaves, (J, T); points per SD are one more unknown."""
    shape, bounds = low.shape, [*zip(low.ravel(), high.ravel(), strict=True), sd]
    above, below = (np.column_stack([sign * weights, -sign * told - step / 2 - _SAME]) for sign in (1, -1))
    A, b = np.vstack([above, below]), np.zeros(2 * len(told))
    ends = []
    for sign in (1, -1):
        out = (low if sign > 0 else high).copy()
        for team in range(ACTED):
            for period in range(PERIODS):
                c = np.zeros(len(bounds))
                c[team * PERIODS + period] = sign
                solved = linprog(c, A, b, bounds=bounds, method="highs")
                if solved.status == 0:
                    out[team, period] = sign * solved.fun
        ends.append(out.reshape(shape))
    return np.ceil(ends[0] - 1e-4), np.floor(ends[1] + 1e-4)


def found(organisation: Organisation, bounds: Bounds) -> tuple[int, float]:
    """Of how many sums of the teams acted upon one is left, and which part of what is shown is left of all.

    None, and all, where what is left does not hold the truth, for then it is by chance.
    """
    low, high, truth = bounds.low[:ACTED], bounds.high[:ACTED], organisation.sums[:ACTED]
    if ((truth < low) | (truth > high)).any():
        return 0, 1.0
    shown = bounds.shown_high[:ACTED] - bounds.shown_low[:ACTED]
    return int((low == high).sum()), float((high - low).sum() / shown.sum())


def exact(study: bv.Study) -> Sequence[ActionEffect]:
    """Effects as they would be of exact figures."""
    return study.steer().effects


WAYS: dict[str, tuple[int, Callable[[bv.Study], Sequence[ActionEffect]]]] = {
    "30 actions, made of exact figures (no longer so)": (30, exact),
    "100 actions, made of exact figures (no longer so)": (100, exact),
    "300 actions, made of exact figures (no longer so)": (300, exact),
    "100 actions, made of figures as shown": (100, lambda study: study.release().effects),
}


def told_exactly(seed: int) -> tuple[tuple[int, float], ...]:
    """What is found in one organisation, in each way."""
    out = []
    for many, made in WAYS.values():
        drawn = draw(seed, many)
        with tempfile.TemporaryDirectory() as folder:
            study = bv.open(drawn.write(Path(folder) / "it"))
            out.append(found(drawn, attack(drawn, study, made(study))))
    return tuple(out)


def table(pool: ProcessPoolExecutor, many: int) -> str:
    """All as a table."""
    lines = [
        f"| {many} organisations, {ACTED} teams acted upon in {PERIODS} quarters | sums of answers told exactly "
        "| width of sums, of what is shown |",
        "|---|--:|--:|",
    ]
    for name, told in zip(WAYS, zip(*pool.map(told_exactly, range(many)), strict=True), strict=True):
        exactly, width = (sum(part) for part in zip(*told, strict=True))
        whole = many * ACTED * PERIODS
        lines.append(f"| {name} | {exactly:,} of {whole:,} ({exactly / whole:.1%}) | {width / many:.0%} |")
    return "\n".join(lines)
