"""Quality of each construct over the whole organisation: shown unless it would tell on a unit or a hidden remainder."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bevlogen.core.measured import ScaleQuality
from bevlogen.core.released import MOST_OPTIONS, AnswerScale, step_of_mean
from bevlogen.core.results import Interval
from bevlogen.core.shown import ShownScore
from bevlogen.core.tables import Instrument, Organisation, Workspace
from bevlogen.disclose import rounding
from bevlogen.disclose.complement import NOBODY, Left, is_safe, join
from bevlogen.disclose.policy import is_public_score, least_for_spread, least_respondents, protection_of

# Agreement and intraclass correlations over fewer units would tell on a unit.
LEAST_UNITS = 5


@dataclass(frozen=True, slots=True)
class Total:
    """All top units and periods together: respondents, and what subtraction of every shown figure leaves of them."""

    n: float
    left: Left


def answer_scales(organisation: Organisation, scales: Iterable[ScaleQuality]) -> dict[str, tuple[AnswerScale, ...]]:
    """Return by construct what one respondent's score may be; two assumptions where the source does not say.

    The mean of q items in steps has steps q times as fine; where items may be left out, as fine as any number of them
    needs. Scores that came in aggregated were made of whole answers, or of anything: both are assumed. A construct
    whose ends are not known has none.
    """
    asked = {i.construct: i for i in organisation.instruments}
    out: dict[str, tuple[AnswerScale, ...]] = {}
    for scale in scales:
        low, high = scale.scale_low, scale.scale_high
        if not high > low:
            continue
        instrument = asked.get(scale.construct)
        if instrument is not None:
            out[scale.construct] = (AnswerScale(low, high, _answer_step(instrument)),)
        elif float(low).is_integer() and float(high).is_integer() and high - low <= MOST_OPTIONS:
            out[scale.construct] = AnswerScale(low, high, 1.0), AnswerScale(low, high)
        else:
            out[scale.construct] = (AnswerScale(low, high),)
    return out


def _answer_step(instrument: Instrument) -> float:
    if instrument.options is None or instrument.options < 2:
        return 0.0
    step = (instrument.high - instrument.low) / (instrument.options - 1)
    return step_of_mean(step, instrument.min_answered, len(instrument.items))


def shown_scales(
    workspace: Workspace,
    scales: tuple[ScaleQuality, ...],
    totals: Mapping[str, Total],
    shown: Iterable[ShownScore] = (),
) -> tuple[ScaleQuality, ...]:
    """Return the qualities that may be shown, rounded.

    A scale with fewer than the least respondents is left out. The mean is that of the shown means of all tops and
    periods, so it tells no more than they do; NaN where one is hidden. The SD becomes NaN where subtracting the shown
    figures of all periods would leave somebody, but fewer than the least respondents. It is rounded so that n steps
    cover the scale, for squares tell more of one person than answers do. It and reliability need as many respondents as
    a distribution does. What rests on fewer than five units (ICC, agreement)
    becomes NaN. Scales that are public already are only rounded.
    """
    organisation = workspace.organisation
    tops = {unit.key for unit in workspace.units if unit.parent is None}
    of_tops: dict[str, list[ShownScore]] = {}
    for score in shown:
        if score.unit in tops:
            of_tops.setdefault(score.construct, []).append(score)
    out = []
    for scale in scales:
        least = least_respondents(organisation.construct(scale.construct), organisation.policy)
        if is_public_score(scale.construct, workspace):
            finest = rounding.score_step(_range(scale), math.nan, 0, public=True)
            out.append(_rounded(scale, finest, finest))
        elif scale.n_obs >= least:
            total = totals.get(scale.construct, Total(0.0, NOBODY))
            guarded = _guarded(scale, total, least, least_for_spread(scale.construct, organisation.policy))
            mean = _mean_of(of_tops.get(scale.construct, []), scale.n_obs)
            open_share = protection_of(scale.construct, organisation.policy)
            steps = [rounding.score_step(_range(scale), scale.n_obs, share) for share in (open_share, 1.0)]
            out.append(_rounded(replace(guarded, mean=mean), *steps))
    return tuple(out)


def _mean_of(tops: list[ShownScore], n_obs: float) -> float:
    """Mean of shown means, weighted by respondents; NaN unless they are about all respondents."""
    n = sum(score.n for score in tops)
    return sum(score.n * score.mean for score in tops) / n if n and abs(n - n_obs) < 0.5 else math.nan


def _range(scale: ScaleQuality) -> float:
    return scale.scale_high - scale.scale_low


def _guarded(scale: ScaleQuality, total: Total, k: int, k_distributions: int) -> ScaleQuality:
    unknown = Interval(math.nan, math.nan, math.nan)
    difference = abs(scale.n_obs - total.n)
    others: Left = NOBODY if difference < 0.5 else (min(k, int(difference)), True)
    if not is_safe(join(total.left, others, k), k) or scale.n_obs < k_distributions:
        scale = replace(scale, sd=math.nan)
    if scale.n_obs < k_distributions:
        scale = replace(scale, alpha=unknown, omega=unknown)
    if scale.n_units < LEAST_UNITS:
        scale = replace(scale, icc1=unknown, icc2=unknown, rwg_j=math.nan)
    return scale


def _rounded(scale: ScaleQuality, step: float, sd_step: float) -> ScaleQuality:
    return replace(
        scale,
        mean=rounding.to_step(scale.mean, step),
        sd=rounding.to_step(scale.sd, sd_step),
        alpha=rounding.interval(scale.alpha, 2),
        omega=rounding.interval(scale.omega, 2),
        icc1=rounding.interval(scale.icc1, 3),
        icc2=rounding.interval(scale.icc2, 2),
        rwg_j=rounding.decimals(scale.rwg_j, 2),
    )
