"""How is each unit doing? Means with their reliability, drawn to those of similar units, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.measured import Scores
from bevlogen.core.room import room
from bevlogen.measure.nonresponse import response_rate

if TYPE_CHECKING:
    from bevlogen.core.tables import Workspace
    from bevlogen.measure.levels import Level
    from bevlogen.measure.tree import Tree

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

# Fewest units that one unit is compared with: those of its own service, else all.
FEWEST_PEERS = 5

# A bound on the sampling error says little once it leaves less than this of the typical unit mean to be true.
_SENSIBLE_RELIABILITY = 0.5

_Z95 = float(special.ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Means drawn to those of similar units, (m,); see ``shrink``."""

    error: FloatArray
    reliability: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    centre: FloatArray
    allowance: FloatArray


class Sheet:
    """The scores of a workspace while its constructs come in one by one, so that no more than one is held twice."""

    def __init__(self, workspace: Workspace, tree: Tree, constructs: int) -> None:
        most = constructs * len(workspace.units) * len(workspace.periods)
        self.workspace, self.tree, self.rows = workspace, tree, 0
        self.constructs: list[str] = []
        self.codes = [room((most,), np.int64) for _ in range(3)]
        self.figures = [room((most,)) for _ in range(11)]
        self.equal = room((most,), np.bool_)

    def add(self, level: Level) -> None:
        """Put the level of a construct below those before it: of every unit and group with data, in each period."""
        drawn = shrink(level, self.tree)
        here = slice(self.rows, self.rows + len(level.unit))
        self.rows = here.stop
        codes = level.unit, level.period, len(self.constructs)
        figures = (
            *(
                level.n,
                level.mean,
                level.sd,
                np.sqrt(drawn.error),
                drawn.reliability,
                drawn.mean,
                drawn.low,
                drawn.high,
            ),
            *(response_rate(level, self.tree), drawn.centre, drawn.allowance),
        )
        for room_, found in zip(
            [*self.codes, *self.figures, self.equal], [*codes, *figures, level.all_equal], strict=True
        ):
            room_[here] = found
        self.constructs.append(level.construct)

    def scores(self) -> Scores:
        """Return the scores. Order: construct, unit, period."""
        unit, period, construct = (a[: self.rows] for a in self.codes)
        n, mean, sd, error, reliability, drawn, low, high, rate, centre, allowance = (
            a[: self.rows] for a in self.figures
        )
        return Scores(
            tuple(u.key for u in self.workspace.units),
            self.workspace.periods,
            tuple(self.constructs),
            unit,
            period,
            construct,
            n,
            mean,
            sd,
            error,
            reliability,
            drawn,
            low,
            high,
            rate,
            self.equal[: self.rows],
            centre,
            allowance,
        )


def shrink(level: Level, tree: Tree) -> Shrunken:
    """Draw the mean of each unit to that of its peers in the period, by its reliability.

    Parameters
    ----------
    level : means with their sampling variances D; groups are compared with groups of the same depth.
    tree : the tree of units, for depth and service.

    Returns
    -------
    Shrunken
        ``reliability = tau2 / (tau2 + D)``; with ``D = S^2 / n`` that is ``n ICC1 / (1 + (n - 1) ICC1)``. NaN where D
        is unknown or fewer than five units can be compared. A mean without enough peers stays as it is, with the
        interval of its own sampling error.

    Notes
    -----
    ``tau2`` is the ANOVA (DerSimonian-Laird) estimate of the variance between true unit means within a period, pooled
    over periods; differences between services count in it, so that intervals are rather too wide than too narrow.
    Peers: units of the same service if there are five or more with a figure in the period, else all; their mean m
    weighs each by ``1 / (tau2 + D)``. The limits are ``+/- 1.96 sqrt(v)`` about the shrunken mean, with
    ``v = tau2 (1 - rel) + (1 - rel)^2 var(m) + (2 / df) (1 - rel)^2 (mean - m)^2``: the posterior variance, that of the
    peers' mean, and an allowance for tau2 being estimated. An upper bound of D is used if it leaves the median unit a
    reliability of .50 or more; else D counts as unknown.

    References
    ----------
    Morris, C. N. (1983). doi:10.1080/01621459.1983.10477920
    DerSimonian, R. & Laird, N. (1986). doi:10.1016/0197-2456(86)90046-2
    """
    result = _shrink(level, level.error, tree)
    if level.basis == "bound":
        own = result.reliability[level.own]
        known = own[~np.isnan(own)]
        if len(known) == 0 or np.median(known) < _SENSIBLE_RELIABILITY:
            return _shrink(level, np.full(len(level.mean), np.nan), tree)
    return result


def _shrink(level: Level, error: FloatArray, tree: Tree) -> Shrunken:
    m = len(level.mean)
    reliability, shrunken = np.full(m, np.nan), np.where(np.isnan(error), np.nan, level.mean)
    centre, extra = np.full(m, np.nan), np.full(m, np.nan)
    variance = error.copy()
    rank = np.where(level.own, -1, tree.depth[level.unit])
    for r in np.unique(rank):
        cells = np.flatnonzero((rank == r) & ~np.isnan(error))
        tau2, df = between_variance(level.mean[cells], error[cells], level.period[cells])
        if np.isnan(tau2):
            continue
        for peers, members in _peers(cells, level, tree):
            mean, mean_variance = _weighted_mean(level.mean[peers], error[peers], tau2)
            spread = tau2 + error[members]
            rel = np.divide(tau2, spread, out=np.ones(len(members)), where=spread > 0)
            gap = level.mean[members] - mean
            reliability[members] = rel
            shrunken[members] = mean + rel * gap
            centre[members], extra[members] = mean, 2 / df
            allowance = mean_variance + 2 / df * gap**2
            variance[members] = tau2 * (1 - rel) + (1 - rel) ** 2 * allowance
    half = _Z95 * np.sqrt(variance)
    return Shrunken(error, reliability, shrunken, shrunken - half, shrunken + half, centre, extra)


def between_variance(mean: FloatArray, error: FloatArray, stratum: IntArray) -> tuple[float, float]:
    """Variance between true means within strata, and its degrees of freedom; NaN without a stratum of five cells.

    Method of moments with weights ``1 / error`` pooled over strata; means with an error of 0 get the plain variance.
    """
    _, t, size = np.unique(stratum, return_inverse=True, return_counts=True)
    df = float((size - 1).sum())
    if len(size) == 0 or size.max() < FEWEST_PEERS:
        return float("nan"), df
    weight = 1 / error if (error > 0).all() else np.ones(len(mean))
    total = np.bincount(t, weight)
    centre = np.bincount(t, weight * mean) / total
    q = float(weight @ (mean - centre[t]) ** 2)
    noise = float(weight @ error - (np.bincount(t, weight**2 * error) / total).sum())
    scale = float((total - np.bincount(t, weight**2) / total).sum())
    return max((q - noise) / scale, 0.0), df


def _peers(cells: IntArray, level: Level, tree: Tree) -> list[tuple[IntArray, IntArray]]:
    """Return pairs (peers to average, members to draw to them); groups with fewer than five peers are left out."""
    cells = cells[np.argsort(level.period[cells], kind="stable")]
    _, first = np.unique(level.period[cells], return_index=True)
    out = []
    for here in np.split(cells, first[1:]):
        service = tree.kind[level.unit[here]]
        size = np.bincount(service)
        large = np.flatnonzero(size >= FEWEST_PEERS)
        for name in large:
            same = here[service == name]
            out.append((same, same))
        rest = here[~np.isin(service, large)]
        if len(rest) and len(here) >= FEWEST_PEERS:
            out.append((here, rest))
    return out


def _weighted_mean(mean: FloatArray, error: FloatArray, tau2: float) -> tuple[float, float]:
    """Mean of peers weighted by ``1 / (tau2 + error)`` and its variance."""
    spread = tau2 + error
    if not (spread > 0).all():
        return float(mean.mean()), float(mean.var(ddof=1) / len(mean))
    weight = 1 / spread
    return float(weight @ mean / weight.sum()), float(1 / weight.sum())
