"""What does it cost that effects of actions are made of figures as shown? The chance that an action is said to work."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from benchmarks.disclosure_organisations import HIGH, LOW, FloatArray, K
from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import tree
from bevlogen.disclose.narrowing import Block, rounded
from bevlogen.steer.compare import contrast

PERIODS, START = 8, 4
LEVEL = 0.05
_TRUE, _WAVE, _WITHIN = 0.35, 0.15, 0.8  # SD of units, of which from wave to wave, and of answers within units
_SCALE = AnswerScale(LOW, HIGH, 1.0)
_CASES = ((60, 12, 6, 12), (60, 12, 6, 30), (60, 12, 20, 60), (20, 6, 6, 30))
_EFFECTS = (0.3, 0.5)


def seen(case: tuple[int, int, int, int], effect: float, runs: int) -> tuple[float, float]:
    """Return how often an action of so many SD is said to work, by exact figures and by those that are shown."""
    teams, acted, least, most = case
    rng = np.random.default_rng([*case, 31])
    first = np.where(np.arange(teams) < acted, float(START), np.inf)
    found = np.zeros(2)
    for _ in range(runs):
        n = np.maximum(rng.integers(least, most + 1, (teams, 1)) + rng.integers(-1, 2, (teams, PERIODS)), K).astype(
            float
        )
        level = rng.normal(3.4, math.sqrt(_TRUE**2 - _WAVE**2), (teams, 1)) + rng.normal(0, _WAVE, n.shape)
        level += effect * _TRUE * (np.arange(PERIODS) >= first[:, None])
        mean = np.round(n * np.clip(level + rng.normal(0, _WITHIN, n.shape) / np.sqrt(n), LOW, HIGH)) / n
        block = Block(n, mean, np.ones(n.shape, dtype=bool), _SCALE, K, rng.random(n.shape))
        ((shown, _, _),) = rounded(tree([-1] * teams), [block])
        found += [_works(mean, first), _works(shown, first)]
    exact, told = (found / runs).tolist()
    return exact, told


def _works(y: FloatArray, first: FloatArray) -> bool:
    found = contrast(y, first)
    return all(one.p_value < LEVEL and one.estimate > 0 for one in (found.given_history, found.parallel))


def table(pool: ProcessPoolExecutor, runs: int) -> str:
    """All as a table."""
    lines = [
        "| an action said to work | "
        + " | ".join(f"effect of {e} SD, exact figures (no longer so) | figures as shown" for e in _EFFECTS)
        + " |",
        "|---|" + "--:|" * 2 * len(_EFFECTS),
    ]
    found = [list(pool.map(partial(seen, effect=e, runs=runs), _CASES)) for e in _EFFECTS]
    for case, of_effects in zip(_CASES, zip(*found, strict=True), strict=True):
        teams, acted, least, most = case
        name = f"{acted} of {teams} teams of {least} to {most}"
        lines.append(f"| {name} | {' | '.join(f'{share:.0%}' for both in of_effects for share in both)} |")
    return "\n".join(lines)
