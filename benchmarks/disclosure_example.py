"""The examples that other products print in their manuals: a small team hidden, its siblings and their group shown."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.disclosure_attacker import attack
from benchmarks.disclosure_organisations import IntArray, Organisation
from benchmarks.disclosure_rules import by_threshold, by_us

TIMES = 200
_CASES = (((3, 7, 10), 0.04, "whole numbers, 0 to 100"), ((3, 20, 25), 0.004, "one decimal, 0 to 100"))


def table() -> str:
    """How often the hidden team of three is told exactly, by a threshold of 5 with suppression 1 and by our gate."""
    lines = [
        "| teams | figures shown as | hidden team told exactly, from 5, suppression 1 | ours |",
        "|---|---|--:|--:|",
    ]
    for sizes, step, words in _CASES:
        theirs = ours = 0
        for seed in range(TIMES):
            org = _organisation(sizes, step, np.random.default_rng([seed, 7]))
            theirs += _told_exactly(org, ours=False)
            ours += _told_exactly(org, ours=True)
        lines.append(f"| {', '.join(map(str, sizes))} | {words} | {theirs / TIMES:.0%} | {ours / TIMES:.0%} |")
    return "\n".join(lines)


def _organisation(sizes: tuple[int, ...], step: float, rng: np.random.Generator) -> Organisation:
    parent = np.array([-1, *[0] * len(sizes)])
    team: IntArray = np.repeat(np.arange(1, len(sizes) + 1), sizes)[:, None]
    answer = np.clip(np.round(rng.normal(3.6, 1.0, len(team))), 1, 5).astype(np.int64)
    return Organisation(parent, parent, team, answer, step, 0)


def _told_exactly(org: Organisation, *, ours: bool) -> bool:
    found = attack(org, by_us(org) if ours else by_threshold(org, 5, 1)).known
    return any(known.exact and math.isclose(known.people, 3) for known in found if known.kind == "mean")
