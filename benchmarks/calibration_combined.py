"""Is own data together with the literature better than own data alone, and does the stated conflict warn when not?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks import calibration_links as links
from bevlogen.core.results import Published
from bevlogen.link import driver
from bevlogen.models import panel
from bevlogen.steer import evidence

TAU = 0.10  # spread of true effects over organisations
FAR = 0.40  # how far the literature is off in the second half


@dataclass(frozen=True, slots=True)
class Tally:
    """Error (root mean square) and coverage of own and combined estimates over the runs of one cell.

    ``conflict`` is the share of runs with a stated conflict p below .05.
    """

    units: int
    waves: int
    off: float
    runs: int
    estimated: int
    rmse_own: float
    rmse_combined: float
    coverage_own: float
    coverage_combined: float
    conflict: float


def tally(units: int, waves: int, runs: int, seed: int) -> list[Tally]:
    """Estimate between units with a medium effect, and combine with literature that is right or ``FAR`` too high."""
    setting = links.Setting(units, waves, "medium", "normal")
    rng = links.generator(setting, seed + 1)
    truth = links.truths(links.EFFECTS["medium"])["cross-sectional"]
    own = [found["cross-sectional"] for found in _drawn(setting, runs, rng) if "cross-sectional" in found]
    estimates = [driver._estimate("cross-sectional", slope, [math.nan, math.nan]) for slope in own]
    out = []
    for off in (0.0, FAR):
        mean = truth + off
        said = Published(mean, TAU, mean - 1.96 * TAU, mean + 1.96 * TAU, "cross-sectional", "", ())
        both = [c for c in (evidence.combine(said, e) for e in estimates) if c is not None]
        out.append(
            Tally(
                units,
                waves,
                off,
                runs,
                len(both),
                math.sqrt(np.mean([(e.estimate - truth) ** 2 for e in estimates])),
                math.sqrt(np.mean([(c.mean - truth) ** 2 for c in both])),
                float(np.mean([e.low <= truth <= e.high for e in estimates])),
                float(np.mean([c.low <= truth <= c.high for c in both])),
                float(np.mean([c.conflict < 0.05 for c in both])),
            )
        )
    return out


def _drawn(setting: links.Setting, runs: int, rng: np.random.Generator) -> list[dict[str, panel.Slope]]:
    return [links.slopes(links.draw(setting, rng)) for _ in range(runs)]
