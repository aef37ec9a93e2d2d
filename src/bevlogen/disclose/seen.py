"""What was measured, as a reader of the release knows it: what is made of this tells nothing that the figures do not.

Places and moves, warnings, outlooks, plans and the answers of the explorer are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.measured import Measurement, Panel
from bevlogen.core.moments import Moments, Pair
from bevlogen.core.shown import Release
from bevlogen.core.tables import Workspace
from bevlogen.disclose import rounding
from bevlogen.disclose.cells import Passed
from bevlogen.disclose.policy import is_public_result, is_public_score

FloatArray = NDArray[np.float64]

_NOTHING = (np.nan,) * 4
_SAME = 9  # decimals in which sums agree in whatever order they were added
_OF_CORRELATIONS = 2.0  # length of their scale
# Below it few numbers told settle many sums: what is told of the links of one construct with three known outcomes, in
# three ways of looking, is about 450 bits, and a sum of answers is unknown by three. Attacked in
# benchmarks/disclosure_links.py.
LEAST_FIGURES = 300


def as_shown(shown: Passed | Release, measurement: Measurement) -> Measurement:
    """Return the measurement as it is shown: panel and scores rounded, and less sure by what rounding did.

    Parameters
    ----------
    shown : which figures are shown, and how.
    measurement : everything measured.

    Notes
    -----
    A hidden figure counts as not measured; so does that of a unit's own people where what is shown is of all below it
    too. Sampling errors follow from what is told: respondents, and how far answers lie apart within units, over all
    units together and rounded as the SD of a scale is (``shown_scales``). What two constructs share within units is a
    correlation, rounded by the same rule. No sum of answers stays.
    """
    panel, scores = measurement.panel, measurement.scores
    unit, period, variable = ({k: i for i, k in enumerate(of)} for of in (panel.units, panel.periods, panel.variables))
    exact = _exact(panel)
    spread = _spreads(exact, measurement)
    value, n, error = (np.full(panel.value.shape, np.nan) for _ in range(3))
    rows = zip(*(of.tolist() for of in (scores.unit, scores.period, scores.construct)), strict=True)
    names = [(scores.units[u], scores.periods[t], scores.constructs[c]) for u, t, c in rows]
    of_whom = dict(zip(names, scores.n.tolist(), strict=True))
    for s in shown.scores:
        if s.unit in unit and s.construct in variable:
            at = unit[s.unit], period[s.period], variable[s.construct]
            if abs(of_whom.get((s.unit, s.period, s.construct), np.nan) - panel.n[at]) > 0.5:
                continue  # also of the units below it
            value[at], n[at] = s.mean, s.n
            error[at] = spread.get(s.construct, np.nan) ** 2 / s.n + s.rounded
    for r in shown.results:
        if r.unit in unit and r.measure in variable:
            at = unit[r.unit], period[r.period], variable[r.measure]
            value[at], error[at] = r.value, 0.0
    value, n, error = (np.where(np.isfinite(panel.value), block, np.nan) for block in (value, n, error))
    told = {
        (s.unit, s.period, s.construct): (s.mean, s.shrunken, s.shrunken_low, s.shrunken_high) for s in shown.scores
    }
    levels = np.array([told.get(name, _NOTHING) for name in names]).reshape(-1, len(_NOTHING))
    mean, shrunken, low, high = levels.T
    scans = tuple(_without_sums(moments, exact, spread) for moments in panel.scans)
    return replace(
        measurement,
        panel=replace(panel, value=value, n=n, error=error, scans=scans),
        scores=replace(scores, mean=mean, shrunken=shrunken, shrunken_low=low, shrunken_high=high),
    )


def without_hidden(shown: Panel, panel: Panel) -> Panel:
    """Return exact figures, of those alone that are shown: slopes of many figures narrow most what is known least."""
    hidden = ~np.isfinite(shown.value)
    value, n, error = (np.where(hidden, np.nan, block) for block in (panel.value, panel.n, panel.error))
    return replace(panel, value=value, n=n, error=error)


def are_few(workspace: Workspace, measurement: Measurement, variables: Sequence[str]) -> bool:
    """Say whether a link would tell the figures that it is made of: of too few units and periods together.

    Parameters
    ----------
    workspace : which figures are public already; these count as none.
    measurement : everything measured.
    variables : both ends, and what is held constant; a figure counts where all of these are measured.

    Notes
    -----
    With exact figures the links of six teams told every sum of answers (``benchmarks/disclosure_explorer.py``), however
    many other figures there are.
    """
    panel = measurement.panel
    scored = {scale.construct for scale in measurement.scales}
    public = [(is_public_score if name in scored else is_public_result)(name, workspace) for name in variables]
    if all(public) or not set(variables) <= set(panel.variables):
        return False
    there = np.all([np.isfinite(panel.column(name)) for name in variables], axis=0)
    return 0 < int(there.sum()) < LEAST_FIGURES


def _exact(panel: Panel) -> dict[str, float]:
    """SD of answers within units by construct, pooled over all of them; those whose sampling error is known."""
    out = {}
    for v, name in enumerate(panel.variables):
        known = np.isfinite(panel.error[:, :, v]) & np.isfinite(panel.n[:, :, v])
        if known.any():
            variances = panel.error[:, :, v][known] * panel.n[:, :, v][known]
            out[name] = round(float(np.sqrt(variances.max())), _SAME)
    return out


def _spreads(exact: Mapping[str, float], measurement: Measurement) -> dict[str, float]:
    """The same, rounded so that so many steps as there are answers cover the scale."""
    scales = {scale.construct: scale for scale in measurement.scales}
    out = {}
    for name, sd in exact.items():
        scale = scales.get(name)
        step = np.nan if scale is None else rounding.score_step(scale.scale_high - scale.scale_low, scale.n_obs, 1.0)
        out[name] = rounding.to_step(sd, step)
    return out


def _without_sums(moments: Moments, exact: Mapping[str, float], spread: Mapping[str, float]) -> Moments:
    """Return counts alone, and of each pair its covariance within units as it follows from what is told."""
    pairs = {}
    for (i, j), pair in moments.pairs.items():
        a, b = moments.variables[i], moments.variables[j]
        pairs[i, j] = Pair(
            pair.n, _covariance(pair, *((of.get(a, np.nan), of.get(b, np.nan)) for of in (exact, spread)))
        )
    nothing = np.broadcast_to(np.nan, moments.s.shape)
    return replace(moments, s=nothing, q=nothing, pairs=pairs)


def _covariance(pair: Pair, exact: tuple[float, float], spread: tuple[float, float]) -> float:
    scale = exact[0] * exact[1]
    if not scale > 0:
        return 0.0 if scale == 0 else np.nan
    shared = max(-1.0, min(round(pair.within / scale, _SAME), 1.0))
    step = rounding.score_step(_OF_CORRELATIONS, float(pair.n.sum()), 1.0)
    return rounding.to_step(shared, step) * spread[0] * spread[1]
