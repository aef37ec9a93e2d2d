"""Does the fan of a what-if hold the truth as often as it says? Simulated organisations with known dynamics."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.measured import Figures, Measurement, Panel, Scores
from bevlogen.core.results import Provenance
from bevlogen.core.tables import Organisation, Policy, Workspace
from bevlogen.steer.response import Basis, respond
from bevlogen.steer.whatif import what_if

FloatArray = NDArray[np.float64]

NODES = ("employership.autonomy", "engagement", "interaction_quality", "loyalty", "retention")
# By (outcome, cause): effect in the same period, and one period later.
NOW = {(1, 0): 0.20, (2, 1): 0.25, (3, 1): 0.10, (3, 2): 0.40, (4, 3): 0.20}
LATER = {(1, 0): 0.10, (1, 3): 0.10, (2, 1): 0.10, (3, 1): 0.05, (3, 2): 0.10, (4, 3): 0.20}
CARRY = 0.35
PERIODS = 8


@dataclass(frozen=True, slots=True)
class Setting:
    """An organisation to simulate: units, periods, and the SD of the sampling error of a mean."""

    units: int = 100
    periods: int = 10
    noise: float = 0.25


def blocks() -> tuple[FloatArray, FloatArray]:
    """What works now, and one period later."""
    now, later = np.zeros((5, 5)), CARRY * np.eye(5)
    for at, effect in NOW.items():
        now[at] = effect
    for at, effect in LATER.items():
        later[at] += effect
    return now, later


def truth(by: float) -> FloatArray:
    """Change of each node per period when the lever is held ``by`` higher: (periods, 5)."""
    now, later = blocks()
    now[0], later[0] = 0, 0
    out, x = np.zeros((PERIODS, 5)), np.zeros(5)
    for t in range(PERIODS):
        push = later @ x
        push[0] = by
        out[t] = x = np.linalg.solve(np.eye(5) - now, push)
    return out


def organisation(setting: Setting, rng: np.random.Generator) -> tuple[Measurement, Workspace]:
    """Units with lasting levels and deviations that follow the dynamics; means with sampling error."""
    now, later = blocks()
    J, T = setting.units, setting.periods
    x, cube = np.zeros((J, 5)), np.zeros((J, T, 5))
    level = rng.normal(0, 0.8, (J, 5))
    for t in range(-20, T):
        x = np.linalg.solve(np.eye(5) - now, later @ x.T + rng.normal(0, 0.55, (5, J))).T
        if t >= 0:
            cube[:, t] = 3 + level + x
    error = np.zeros(cube.shape)
    error[:, :, :4] = setting.noise**2
    cube = cube + np.sqrt(error) * rng.normal(size=cube.shape) + rng.normal(0, 0.1, (1, T, 5))
    units = tuple(f"u{i:03d}" for i in range(J))
    labels = tuple(f"{2023 + i // 4}-Q{i % 4 + 1}" for i in range(T))
    panel = Panel(units, ("",) * J, labels, NODES, cube, np.full(cube.shape, 20.0), error)
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    scores = Scores((), (), (), none, none, none, *([nothing] * 9), nothing > 0)
    figures = Figures((), (), (), none, none, none, nothing, nothing)
    about = Organisation("Test", "en", "quarter", False, "", Policy(), (), {}, (), 0.10, {})
    provenance = Provenance("0", "simulated", int(rng.integers(1 << 30)))
    workspace = Workspace(about, (), labels, (), None, None, (), "simulated")
    return Measurement(scores, figures, (), panel, provenance), workspace


def held(runs: int, basis: Basis, setting: Setting, seed: int = 1) -> FloatArray:
    """Share of runs in which the 80% fan holds the truth, (periods, 4) by construct."""
    rng = np.random.default_rng(seed)
    by = 0.5
    true = truth(by)
    inside = np.zeros((PERIODS, 4))
    for _ in range(runs):
        measurement, workspace = organisation(setting, rng)
        answer = what_if(measurement, workspace, "autonomy", by, periods=PERIODS, basis=basis)
        for i, fan in enumerate(answer.fans):
            low, high = np.array(fan.bands[0]) * fan.raw, np.array(fan.bands[4]) * fan.raw
            inside[:, i] += (low <= true[:, i + 1]) & (true[:, i + 1] <= high)
    return inside / runs


def seconds(setting: Setting) -> tuple[float, float]:
    """CPU seconds to fit the moving chain, and to answer one question with it; medians of nine."""
    measurement, workspace = organisation(setting, np.random.default_rng(2))
    fit, ask = [], []
    for _ in range(9):
        start = time.process_time()
        model = respond(measurement, workspace.organisation, NODES[0])
        middle = time.process_time()
        what_if(measurement, workspace, "autonomy", 0.5, response=model)
        fit.append(middle - start)
        ask.append(time.process_time() - middle)
    return float(np.median(fit)), float(np.median(ask))


def main() -> None:
    """Print how often the fan holds the truth, by basis, construct and period, and how long an answer takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_known_args(sys.argv[1:])[0].runs
    bases: tuple[Basis, ...] = ("own", "combined")
    for basis in bases:
        share = held(runs, basis, Setting())
        print(f"{basis}: 80% fan holds the truth in {share.mean():.1%} of {runs} runs")
        for construct, column in zip(NODES[1:], share.T, strict=True):
            print(f"  {construct:20s} period 1 {column[0]:.1%}, period {PERIODS} {column[-1]:.1%}")
    fit, ask = seconds(Setting())
    print(f"fit {1000 * fit:.0f} ms, answer {1000 * ask:.0f} ms of CPU")
