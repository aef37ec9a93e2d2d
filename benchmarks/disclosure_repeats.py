"""One who knows all answers of a team but one, and sees its figure more than once: what is left of that one?

He adds an answer of his own before each figure, and takes from what is told of the sum all that he knows. Where the
cells begin he does not know: a number by chance stands here for the digest under the key.
"""

from __future__ import annotations

import numpy as np

from benchmarks.disclosure_organisations import HIGH, LOW, FloatArray
from bevlogen.core.released import AnswerScale
from bevlogen.disclose.complement import tree
from bevlogen.disclose.narrowing import Block, rounded
from bevlogen.disclose.settled import MOST_TOLD

K = 5
_SCALE = AnswerScale(LOW, HIGH, 1.0)
_TIMES = {
    "seen once": 1,
    f"seen {MOST_TOLD} times, as often as about as many are told": MOST_TOLD,
    f"seen {2 * MOST_TOLD} times, as often again when the period is over": 2 * MOST_TOLD,
    "seen 16 times (no longer so)": 16,
}
_WHOSE = {"any answer as likely": (LOW, HIGH), "highest answer": (HIGH, HIGH)}


def left(times: int, whose: tuple[int, int], tries: int, seed: int = 1) -> FloatArray:
    """How many answers that one can have given, (tries,)."""
    rng = np.random.default_rng(seed)
    real = rng.integers(whose[0], whose[1] + 1, tries).astype(float)
    own = rng.integers(LOW, HIGH + 1, (K, tries)).sum(axis=0).astype(float)  # so that there is a figure
    low, high = np.full(tries, float(LOW)), np.full(tries, float(HIGH))
    for n in range(K + 1, K + 1 + times):
        people, all_of_them = np.full((1, tries), float(n)), np.ones((1, tries), dtype=bool)
        block = Block(people, (real + own)[None] / n, all_of_them, _SCALE, K, rng.random((1, tries)))
        ((mean, step, _),) = rounded(tree([-1]), [block])
        low = np.maximum(low, np.ceil(n * (mean - step / 2)[0] - own - 1e-6))
        high = np.minimum(high, np.floor(n * (mean + step / 2)[0] - own + 1e-6))
        own = own + rng.integers(LOW, HIGH + 1, tries)
    return high - low + 1


def table(tries: int) -> str:
    """All as a table."""
    lines = [
        f"| {tries:,} teams of {K + 1} or more of whom one is unknown | "
        + " | ".join(f"{name}: told exactly | two answers left" for name in _WHOSE)
        + " |",
        "|---|" + "--:|--:|" * len(_WHOSE),
    ]
    for name, times in _TIMES.items():
        found = [left(times, whose, tries) for whose in _WHOSE.values()]
        shares = " | ".join(f"{(one == 1).mean():.1%} | {(one == 2).mean():.1%}" for one in found)
        lines.append(f"| {name} | {shares} |")
    return "\n".join(lines)
