"""Quality of each construct over the whole organisation: shown unless it would tell on a unit or a hidden remainder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bevlogen.core.results import Interval, ScaleQuality
from bevlogen.core.tables import Workspace
from bevlogen.disclose import rounding
from bevlogen.disclose.complement import MIXED, NOBODY, Left, is_safe, join
from bevlogen.disclose.policy import is_public_score, least_respondents

# Agreement and intraclass correlations over fewer units would tell on a unit.
LEAST_UNITS = 5


@dataclass(frozen=True, slots=True)
class Total:
    """All top units and periods together: respondents, and what subtraction of every shown figure leaves of them."""

    n: float
    left: Left


def shown_scales(
    workspace: Workspace, scales: tuple[ScaleQuality, ...], totals: Mapping[str, Total]
) -> tuple[ScaleQuality, ...]:
    """Return the qualities that may be shown, rounded.

    A scale with fewer than the least respondents is left out. Its mean and SD become NaN where subtracting the shown
    figures of all periods would leave somebody, but fewer than the least respondents or only people who agree. What
    rests on fewer than five units (ICC, agreement) becomes NaN. Scales that are public already are only rounded.
    """
    out = []
    for scale in scales:
        public = is_public_score(scale.construct, workspace)
        least = least_respondents(workspace.organisation.construct(scale.construct), workspace.organisation.policy)
        if public:
            out.append(_rounded(scale, public=True))
        elif scale.n_obs >= least:
            out.append(_rounded(_guarded(scale, totals.get(scale.construct, Total(0.0, NOBODY)), least), public=False))
    return tuple(out)


def _guarded(scale: ScaleQuality, total: Total, k: int) -> ScaleQuality:
    difference = abs(scale.n_obs - total.n)
    others: Left = NOBODY if difference < 0.5 else (min(k, int(difference)), MIXED)
    if not is_safe(join(total.left, others, k), k):
        scale = replace(scale, mean=math.nan, sd=math.nan)
    if scale.n_units < LEAST_UNITS:
        unknown = Interval(math.nan, math.nan, math.nan)
        scale = replace(scale, icc1=unknown, icc2=unknown, rwg_j=math.nan)
    return scale


def _rounded(scale: ScaleQuality, *, public: bool) -> ScaleQuality:
    step = rounding.score_step(scale.scale_high - scale.scale_low, scale.n_obs, public=public)
    return replace(
        scale,
        mean=rounding.to_step(scale.mean, step),
        sd=rounding.to_step(scale.sd, step),
        alpha=rounding.interval(scale.alpha, 2),
        omega=rounding.interval(scale.omega, 2),
        icc1=rounding.interval(scale.icc1, 3),
        icc2=rounding.interval(scale.icc2, 2),
        rwg_j=rounding.decimals(scale.rwg_j, 2),
    )
