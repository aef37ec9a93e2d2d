"""Can the scores of a construct be trusted? Alpha, omega, ICC(1), ICC(2) and agreement, with what to make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bevlogen.core.chain import Text
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.results import Interval
from bevlogen.errors import NotEstimableError
from bevlogen.measure.agreement import median_rwg_j
from bevlogen.models import anova, reliability

if TYPE_CHECKING:
    from bevlogen.core.moments import ItemMoments
    from bevlogen.core.tables import Instrument
    from bevlogen.measure.levels import Level

_NONE = Interval(float("nan"))

# Below these a score is mostly noise (LeBreton & Senter 2008, doi:10.1177/1094428106296642; Nunnally's .70).
_LEAST_ICC2 = 0.5
_LEAST_OMEGA = 0.7
_HIGH_AGREEMENT = 0.7
_LOW_ICC1 = 0.02


_UNKNOWN = Text(
    "Without n and sd of the aggregated figures their reliability cannot be known.",
    "Zonder n en sd van de samengevatte cijfers is hun betrouwbaarheid niet te bepalen.",
)
_BOUND = Text(
    "No sd is given: variance within units is bounded from above, ICC(1) and ICC(2) are lower bounds.",
    "Er is geen sd gegeven: de spreiding binnen onderdelen is naar boven begrensd; ICC(1) en ICC(2) zijn ondergrenzen.",
)
_ROUGH = Text(
    "Reliability below .70: the items measure more than one thing, or measure it roughly.",
    "Betrouwbaarheid onder 0,70: de vragen meten meer dan één ding, of meten het grof.",
)
_NOISE = Text(
    "ICC(2) below .50: unit means are mostly noise.",
    "ICC(2) onder 0,50: gemiddelden van onderdelen zijn vooral toeval.",
)
_ALIKE = Text(
    "High agreement without differences between units: people everywhere answer alike.",
    "Veel overeenstemming zonder verschil tussen onderdelen: overal antwoorden mensen hetzelfde.",
)
_EQUAL = Text(
    "All answers are equal: nothing can be compared.",
    "Alle antwoorden zijn gelijk: er valt niets te vergelijken.",
)
_DUTCH = {
    "Every unit has one answer: variance within units, and so ICC(1) and ICC(2), cannot be known.": (
        "Elk onderdeel heeft één antwoord: de spreiding binnen onderdelen, en dus ICC(1) en ICC(2), is niet te bepalen."
    ),
    "All answers are equal: there is no variance to share out.": (
        "Alle antwoorden zijn gelijk: er is geen spreiding om te verdelen."
    ),
    "Within every unit all answers are equal: no interval can be given.": (
        "Binnen elk onderdeel zijn alle antwoorden gelijk: er is geen interval te geven."
    ),
    "ICC(1) is estimated below 0 and given as 0.": "ICC(1) is onder 0 geschat en als 0 gegeven.",
    "Variance between units needs at least two units with answers; found fewer.": (
        "Voor verschil tussen onderdelen zijn minstens twee onderdelen met antwoorden nodig; het zijn er minder."
    ),
    "An item has the same answer from everyone, so omega cannot be known. Leave it out.": (
        "Op een vraag gaf iedereen hetzelfde antwoord; omega is dan niet te bepalen. Laat die vraag weg."
    ),
    "Items repeat each other exactly, so omega cannot be known. Leave one out.": (
        "Vragen herhalen elkaar precies; omega is dan niet te bepalen. Laat er een weg."
    ),
    "An item is explained wholly by the factor (Heywood case): read omega with care.": (
        "Een vraag wordt geheel door de schaal verklaard (Heywood): lees omega met voorzichtigheid."
    ),
}


def quality(level: Level, instrument: Instrument | None, items: ItemMoments | None) -> ScaleQuality:
    """Return how far the scores of one construct can be trusted.

    Parameters
    ----------
    level : its unit means.
    instrument, items : how it was asked and the moments of its items; None for aggregated figures and parents of
        facets.

    Notes
    -----
    Alpha (Feldt interval) and omega (delta method on the logit) take the total covariance of the items over all rows
    with every item answered. ICC(1) and ICC(2) compare units within a period, pooled over periods, among units with
    answers of their own; F-based intervals. Where aggregated figures give no sd, the variance within is bounded from
    above: ICCs are then lower bounds, without interval. ``sd`` is that of one respondent over all units and periods,
    NaN where n or the variance within is unknown.
    """
    alpha, omega, rwg_j = _NONE, _NONE, float("nan")
    notes: list[Text] = []
    if instrument is not None and items is not None:
        alpha, omega, found = _consistency(items)
        rwg_j = median_rwg_j(items, instrument)
        notes += found
    icc1, icc2, found = _icc(level)
    mean, sd, n_obs = _overall(level)
    notes += [*found, *_judgement(level, alpha, omega, icc1, icc2, rwg_j)]
    own = level.own
    return ScaleQuality(
        level.construct,
        0 if instrument is None else len(instrument.items),
        n_obs,
        len(np.unique(level.unit[own])),
        len(np.unique(level.period[own])),
        mean,
        sd,
        level.low,
        level.high,
        alpha,
        omega,
        icc1,
        icc2,
        rwg_j,
        tuple(notes),
    )


def _consistency(items: ItemMoments) -> tuple[Interval, Interval, list[Text]]:
    """Alpha and omega from the pooled item covariances."""
    n_items = items.s.shape[1]
    n_obs = float(items.n.sum())
    if n_items < 2 or n_obs <= n_items + 1:
        return _NONE, _NONE, []
    total = items.s.sum(axis=0)
    covariance = (items.total - np.outer(total, total) / n_obs) / (n_obs - 1)
    a = reliability.alpha_from_covariance(covariance, int(n_obs))
    alpha = Interval(a.alpha, a.low, a.high)
    if n_items == 2:
        return alpha, _NONE, []
    try:
        o = reliability.omega_from_covariance(covariance, int(n_obs))
    except NotEstimableError as reason:
        return alpha, _NONE, [_told(str(reason))]
    return alpha, Interval(o.omega, o.low, o.high), [_told(note) for note in o.notes]


def _icc(level: Level) -> tuple[Interval, Interval, list[Text]]:
    """ICC(1) and ICC(2) between units within a period, from means, sizes and the variance within."""
    keep = level.own & (level.n > 0)
    if level.source == "scores" and level.basis == "unknown":
        return _NONE, _NONE, [_UNKNOWN]
    n, mean = level.n[keep], level.mean[keep] - (level.low + level.high) / 2
    known = level.source != "scores"
    spread = np.where(n > 1, level.sd[keep] ** 2, 0.0) if known else np.full(len(n), level.within)
    squares = n * mean**2 + (n - 1) * spread
    try:
        r = anova.icc_from_moments(n, n * mean, squares, level.period[keep], unit=level.unit[keep])
    except NotEstimableError as reason:
        return _NONE, _NONE, [_told(str(reason))]
    if level.basis == "bound":
        return Interval(r.icc1), Interval(r.icc2), [_BOUND, *(_told(note) for note in r.notes)]
    limits1, limits2 = (
        (float(np.clip(low, 0.0, 1.0)), float(np.clip(high, 0.0, 1.0)))
        for low, high in ((r.icc1_low, r.icc1_high), (r.icc2_low, r.icc2_high))
    )
    return Interval(r.icc1, *limits1), Interval(r.icc2, *limits2), [_told(note) for note in r.notes]


def _overall(level: Level) -> tuple[float, float, float]:
    """Mean and SD over respondents (denominator N - 1) of all units and periods, and the number of respondents."""
    own = level.own
    n, mean = level.n[own], level.mean[own]
    if np.isnan(n).any():
        return float(mean.mean()), float("nan"), float(np.nansum(n)) if not np.isnan(n).all() else float("nan")
    total = float(n.sum())
    centre = float(n @ mean) / total
    spread = level.sd[own] ** 2 if level.source != "scores" else np.full(len(n), level.within)
    squares = float(np.where(n > 1, (n - 1) * spread, 0.0).sum() + n @ (mean - centre) ** 2)
    known = level.basis != "bound" and total > 1 and np.isfinite(squares)
    return centre, float(np.sqrt(squares / (total - 1))) if known else float("nan"), total


def _judgement(
    level: Level, alpha: Interval, omega: Interval, icc1: Interval, icc2: Interval, rwg_j: float
) -> list[Text]:
    """What a reader should make of the figures, in plain words."""
    notes: list[Text] = []
    consistency = alpha.estimate if np.isnan(omega.estimate) else omega.estimate
    if consistency < _LEAST_OMEGA:
        notes.append(_ROUGH)
    if icc2.estimate < _LEAST_ICC2:
        notes.append(_NOISE)
    if rwg_j >= _HIGH_AGREEMENT and icc1.estimate < _LOW_ICC1:
        notes.append(_ALIKE)
    if level.own.any() and level.all_equal[level.own].all() and len(np.unique(level.mean[level.own])) == 1:
        notes.append(_EQUAL)
    return notes


def _told(note: str) -> Text:
    """Give a sentence of an estimator its Dutch; a sentence without one stands as it is."""
    return Text(note, _DUTCH.get(note, note))
