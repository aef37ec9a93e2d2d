"""Is own data together with the literature better than own data alone, and does the stated conflict warn when not?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import calibration_links as links
from bevlogen.core.judged import Combined, Published
from bevlogen.core.linked import Estimate
from bevlogen.steer import evidence

FloatArray = NDArray[np.float64]
TAU = 0.10  # spread of true effects over organisations
OFF = (0.0, 0.1, 0.2, 0.4, -0.4)  # how far the literature is off


@dataclass(frozen=True, slots=True)
class Tally:
    """Error (root mean square) and coverage of own and combined estimates over the runs of one cell.

    ``conflict`` is the share of runs with a stated conflict p below .05.
    """

    units: int
    waves: int
    off: float
    estimated: int
    rmse_own: float
    rmse_combined: float
    coverage_own: float
    coverage_combined: float
    conflict: float


def tally(setting: links.Setting, found: FloatArray) -> list[Tally]:
    """Combine the estimates between units of a cell with literature that is right or off."""
    truth = links.truths(setting)["cross-sectional"]
    own = found[np.isfinite(found[:, 0, 0]), 0, :3]
    estimates = [_estimate(setting, *row) for row in own.tolist()]
    out = []
    for off in OFF:
        mean = truth + off
        said = Published(mean, TAU, mean - 1.96 * TAU, mean + 1.96 * TAU, "cross-sectional", "", ())
        both = [c for c in (evidence.combine(said, e) for e in estimates) if isinstance(c, Combined)]
        out.append(
            Tally(
                setting.units,
                setting.waves,
                off,
                len(both),
                math.sqrt(np.mean((own[:, 0] - truth) ** 2)),
                math.sqrt(np.mean([(c.mean - truth) ** 2 for c in both])),
                float(np.mean((own[:, 1] <= truth) & (truth <= own[:, 2]))),
                float(np.mean([c.low <= truth <= c.high for c in both])),
                float(np.mean([c.conflict < 0.05 for c in both])),
            )
        )
    return out


def _estimate(setting: links.Setting, estimate: float, low: float, high: float) -> Estimate:
    """Dress up an estimate of which only the limits matter here."""
    nan = math.nan
    return Estimate(
        "cross-sectional", estimate, nan, nan, low, high, nan, nan, nan, nan, nan, nan, nan, nan,
        setting.units * setting.waves, setting.units, setting.waves, (),
    )  # fmt: skip
