"""The levels of leaf units as blocks, with peers, spread of true scores and the direction that is wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.measured import Measurement, Panel
from bevlogen.core.tables import Organisation
from bevlogen.models.panel import spread

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FEWEST_PEERS = 5
_Z975 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of J leaf units in T periods on C constructs.

    Attributes
    ----------
    units, periods, constructs : (J,), (T,), (C,) labels.
    peers : (J,) label of the group that each unit is compared with: its service, or "" for all units.
    level : (J, T, C) shrunken means, scale points; the plain mean where shrinking was not possible; NaN where missing.
    error : (J, T, C) posterior SD of the level; NaN where unknown.
    observed, sampling : (J, T, C) plain means and their sampling variances, for trends.
    n : (J, T, C) respondents; NaN where unknown or missing.
    spread : (C,) SD of true unit scores within period and service; NaN or 0 where units do not differ.
    wanted : (C,) +1 where higher is better, else -1.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    constructs: tuple[str, ...]
    peers: tuple[str, ...]
    level: FloatArray
    error: FloatArray
    observed: FloatArray
    sampling: FloatArray
    n: FloatArray
    spread: FloatArray
    wanted: FloatArray

    def has(self, construct: str) -> bool:
        """Whether the construct was measured and units truly differ on it."""
        return construct in self.constructs and bool(self.spread[self.constructs.index(construct)] > 0)

    def of_group(self, group: str) -> BoolArray:
        """Return (J,) which units those of a peer group are compared with: themselves, or all where it has no name."""
        return np.array([p == group for p in self.peers]) if group else np.ones(len(self.units), dtype=bool)


def levels(measurement: Measurement, organisation: Organisation) -> Levels:
    """Return the scale scores of the leaf units (those of the panel) as blocks.

    Notes
    -----
    ``spread`` (see ``true_spread``) is the unit in which links are standardised. A unit's peers are the units of its
    service if there are at least 5, else all units.
    """
    panel, scores = measurement.panel, measurement.scores
    constructs = tuple(c for c in scores.constructs if c in panel.variables)
    units = {u: j for j, u in enumerate(panel.units)}
    periods = {p: t for t, p in enumerate(panel.periods)}
    columns = {c: i for i, c in enumerate(constructs)}
    at = (
        np.array([units.get(u, -1) for u in scores.units], dtype=np.int64)[scores.unit],
        np.array([periods.get(p, -1) for p in scores.periods], dtype=np.int64)[scores.period],
        np.array([columns.get(c, -1) for c in scores.constructs], dtype=np.int64)[scores.construct],
    )
    leaf = (at[0] >= 0) & (at[1] >= 0) & (at[2] >= 0)
    shape = (len(units), len(periods), len(constructs))

    def block(values: FloatArray) -> FloatArray:
        out = np.full(shape, np.nan)
        out[at[0][leaf], at[1][leaf], at[2][leaf]] = values[leaf]
        return out

    level = np.where(np.isfinite(scores.shrunken), scores.shrunken, scores.mean)
    which = [panel.variables.index(c) for c in constructs]
    observed, sampling = panel.value[:, :, which], panel.error[:, :, which]
    return Levels(
        units=panel.units,
        periods=panel.periods,
        constructs=constructs,
        peers=_peers(panel),
        level=block(level),
        error=block((scores.shrunken_high - scores.shrunken_low) / (2 * _Z975)),
        observed=observed,
        sampling=sampling,
        n=block(scores.n),
        spread=np.array([true_spread(observed[:, :, c], sampling[:, :, c], panel.services) for c in columns.values()]),
        wanted=np.array([1.0 if organisation.construct(c).higher_is_better else -1.0 for c in constructs]),
    )


def _peers(panel: Panel) -> tuple[str, ...]:
    size = {s: panel.services.count(s) for s in set(panel.services)}
    return tuple(s if s and size[s] >= FEWEST_PEERS else "" for s in panel.services)


def true_spread(value: FloatArray, sampling: FloatArray, services: tuple[str, ...]) -> float:
    """Return the SD of true unit scores within period and service, from (J, T) means and sampling variances.

    That of ``models.panel.spread``, in which links are standardised. NaN where too few cells are left; 0 where units
    differ no more than sampling alone would make them.
    """
    group = np.unique(np.array(services), return_inverse=True)[1].astype(np.int64)
    variance, _ = spread(value, sampling, group)
    if math.isnan(variance):
        return math.nan
    return math.sqrt(variance) if variance > 1e-12 * float(np.nanmax(np.abs(value))) ** 2 else 0.0
