"""What protection costs: our gate against the least that can be hidden, found by trying; standard organisations."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

import bevlogen as bv
from benchmarks.disclosure_attacker import attack
from benchmarks.disclosure_organisations import HIGH, LOW, PROTECTION, FloatArray, K, Organisation, rolled_up
from benchmarks.disclosure_rules import Told, by_us
from bevlogen.disclose import rounding

MOST_TRIES = 400  # choices of steps for one choice of figures
_LADDER = rounding.ladder(HIGH - LOW)
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Case:
    """One small organisation: of figures about 5 or more, how many people's are shown, and how wide; ours and at best.

    ``width`` is the sum of the steps of the ``both`` figures that both show, ``interval`` that of their 95% intervals.
    ``solved`` is False where not all steps of a better choice of figures were tried: ``best`` is then that better one.
    """

    figures: float
    ours: float
    best: float
    teams: int
    teams_ours: int
    teams_best: int
    width: float
    best_width: float
    both: int
    interval: float
    best_interval: float
    solved: bool


def small_cases(pool: ProcessPoolExecutor, many: int) -> list[Case]:
    """Solve so many small organisations exactly: one group of two to four teams of 2 to 14, in one or two waves."""
    return list(pool.map(_case, range(many), chunksize=4))


def _case(seed: int) -> Case:
    org = _small(seed)
    n, total, squares = rolled_up(org, org.parent)
    (ours,) = by_us(org)
    best, solved = _least(org, n, total / np.maximum(n, 1))
    enough = n >= K
    leaf = np.isin(np.arange(len(org.parent)), org.teams)[:, None] & enough
    shown, optimal = np.isfinite(ours.mean), np.isfinite(best.mean)
    both = enough & shown & optimal
    by_rounding = np.full(n.shape, np.nan) if ours.variance is None else ours.variance
    chance = _within(org, n, total, squares) / np.maximum(n, 1)
    return Case(
        float(n[enough].sum()),
        float(n[enough & shown].sum()),
        float(n[enough & optimal].sum()),
        int(leaf.sum()),
        int((leaf & shown).sum()),
        int((leaf & optimal).sum()),
        float(ours.step[both].sum()),
        float(best.step[both].sum()),
        int(both.sum()),
        _intervals(chance[both] + by_rounding[both]),
        _intervals(chance[both] + best.step[both] ** 2 / 12),
        solved,
    )


def _intervals(variance: FloatArray) -> float:
    """Sum of the widths of 95% intervals."""
    return float(2 * _Z95 * np.sqrt(variance).sum())


def _within(org: Organisation, n: FloatArray, total: FloatArray, squares: FloatArray) -> float:
    """Variance of an answer within teams and waves, pooled."""
    n, total, squares = n[org.teams], total[org.teams], squares[org.teams]
    some = n > 0
    inside = squares[some] - total[some] ** 2 / n[some]
    return float(inside.sum() / (n[some] - 1).sum())


def _least(org: Organisation, n: FloatArray, exact: FloatArray) -> tuple[Told, bool]:
    """Most that can be shown so that the attacker finds nothing; and whether every better choice was tried."""
    may = np.argwhere(n >= K)
    choices = [np.array(c, dtype=bool) for c in product((True, False), repeat=len(may))]
    choices.sort(key=lambda c: -float(n[tuple(may[c].T)].sum()))
    first: Told | None = None
    for chosen in choices:
        at = may[chosen].tolist()
        told = Told(org.parent, n, np.full(n.shape, np.nan), np.full(n.shape, np.nan))
        for u, t in at:
            told.mean[u, t] = exact[u, t]
        if not _leaves_enough(told):
            continue
        for tries, rungs in enumerate(_finest_first([_finest(n[u, t]) for u, t in at])):
            for (u, t), rung in zip(at, rungs, strict=True):
                told.step[u, t] = _LADDER[rung]
                told.mean[u, t] = rounding.to_steps(exact[u : u + 1, t], _LADDER[rung])[0]
            if not attack(org, [told]).known:
                return (told, True) if first is None else (first, False)
            if tries == MOST_TRIES:  # perhaps it can be shown
                first = first or told
                break
    raise AssertionError("To show nothing tells nothing.")


def _finest(n: float) -> int:
    return int(rounding.rungs(HIGH - LOW, np.array([n]), PROTECTION)[0])


def _leaves_enough(told: Told) -> bool:
    """Say whether a group less its shown teams leaves nobody, or at least k people, as the policy asks too."""
    shown = np.isfinite(told.mean)
    left = told.n[0] - np.where(shown[1:], told.n[1:], 0).sum(axis=0)
    return not (shown[0] & (left > 0) & (left < K)).any()


def _small(seed: int) -> Organisation:
    rng = np.random.default_rng([seed, 11])
    teams, waves = int(rng.integers(2, 5)), int(rng.integers(1, 3))
    parent = np.array([-1, *[0] * teams])
    paths = [[unit] * waves for unit in range(1, teams + 1) for _ in range(int(rng.integers(2, 15)))]
    if waves == 2:
        for unit in range(1, teams + 1):
            mine = [path for path in paths if path[0] == unit]
            if rng.random() < 0.4:
                mine[0][1] = -1
            if rng.random() < 0.4:
                paths.append([-1, unit])
    answer = np.clip(np.round(rng.normal(3.6, 1.0, len(paths))), LOW, HIGH).astype(np.int64)
    return Organisation(parent, parent, np.array(paths), answer, 0.1, 0)


def _finest_first(finest: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every choice of a rung for each figure: those that are narrowest together first."""
    start = tuple(finest)
    queue, seen = [(0.0, start)], {start}
    while queue:
        width, chosen = heapq.heappop(queue)
        yield chosen
        for at, rung in enumerate(chosen):
            coarser = (*chosen[:at], rung + 1, *chosen[at + 1 :])
            if rung + 1 < len(_LADDER) and coarser not in seen:
                seen.add(coarser)
                heapq.heappush(queue, (width + float(_LADDER[rung + 1] - _LADDER[rung]), coarser))


def standard() -> dict[str, tuple[int, int]]:
    """Teams of 5 or more, and how many of their scores are shown, in the two organisations that come with Bevlogen."""
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "the demonstration": bv.simulate(Path(folder) / "demo", preset="demo"),
            "60 teams, 8 waves": bv.simulate(Path(folder) / "many", teams=60, waves=8, seed=1),
        }
        for name, path in made.items():
            study = bv.open(path)
            scores, units = study.measure().scores, {u.key for u in study.workspace.units}
            teams = units - {u.parent for u in study.workspace.units}
            names = zip(scores.unit.tolist(), scores.period.tolist(), scores.construct.tolist(), scores.n, strict=True)
            enough = {(scores.units[u], scores.periods[t], scores.constructs[c]) for u, t, c, n in names if n >= K}
            mine = {key for key in enough if key[0] in teams}
            shown = {(s.unit, s.period, s.construct) for s in study.release().scores}
            out[name] = len(mine), len(mine & shown)
    return out


def table(cases: Sequence[Case]) -> str:
    """Both as tables."""
    figures, best, ours = (sum(getattr(c, name) for c in cases) for name in ("figures", "best", "ours"))
    teams, teams_best, teams_ours = (sum(getattr(c, n) for c in cases) for n in ("teams", "teams_best", "teams_ours"))
    width, best_width = sum(c.width for c in cases), sum(c.best_width for c in cases)
    both = sum(c.both for c in cases)
    interval, best_interval = sum(c.interval for c in cases) / both, sum(c.best_interval for c in cases) / both
    solved = sum(c.solved for c in cases)
    lines = [
        f"| {len(cases)} small organisations, {solved} solved exactly | at best | ours | ours of best |",
        "|---|--:|--:|--:|",
        f"| figures about 5 or more shown, by respondents | {best / figures:.1%} | {ours / figures:.1%} "
        f"| {ours / best:.1%} |",
        f"| teams of 5 or more shown | {teams_best / teams:.1%} | {teams_ours / teams:.1%} "
        f"| {teams_ours / teams_best:.1%} |",
        f"| mean step of the figures that both show, ours = 100% | {best_width / width:.1%} | 100% "
        f"| {best_width / width:.1%} |",
        f"| mean width of the 95% intervals of these figures, on 1 to 5 | {best_interval:.3f} | {interval:.3f} "
        f"| {best_interval / interval:.1%} |",
        "",
        "| standard organisation | scores of teams of 5 or more | shown |",
        "|---|--:|--:|",
    ]
    lines += [f"| {name} | {all_:,} | {shown / all_:.1%} |" for name, (all_, shown) in standard().items()]
    return "\n".join(lines)
