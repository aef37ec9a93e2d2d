"""What weighs most in an encounter, and is perceived quality largely the quality of the interaction?

Both questions divide explained variance (LMG) over ratings of the same encounters, compared within unit and period,
so that differences between units play no part. Correlations are corrected for unreliability first: the more reliable
scale would win otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.chain import CONSTRUCTS, Text
from bevlogen.core.linked import Figure, Finding
from bevlogen.core.measured import Encounters
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError
from bevlogen.link.rated import (
    FEWEST_UNITS,
    Rated,
    blank,
    declined,
    few_units,
    figure,
    joined,
    rated,
    resting_on,
    same_source,
)
from bevlogen.models import shapley

FloatArray = NDArray[np.float64]

EQUAL_WITHIN = 0.10  # two shares count as equal if they are no further apart than 55 to 45
LARGELY = 0.5  # "largely" is more than half

_N_BOOT = 2000
_MOST_CLUSTERS = 400  # units from twice this number on are resampled in blocks of two or more
_WEIGHT_SCALE = Text(
    "share of the explained variance: craftsmanship less conduct",
    "deel van de verklaarde verschillen: vakmanschap min houding",
)
_QUALITY_SCALE = Text(
    "share of the true differences in perceived service quality",
    "deel van de echte verschillen in ervaren dienstkwaliteit",
)
_SAME_PEOPLE = Text(
    "The same people rated both at the same moment: this shows how their judgements hang together, not what causes "
    "what, and a mood that colours every answer counts as agreement.",
    "Dezelfde mensen beoordeelden beide op hetzelfde moment: dit laat zien hoe hun oordelen samenhangen, niet wat wat "
    "veroorzaakt, en een stemming die elk antwoord kleurt telt mee als samenhang.",
)
_ONE_QUESTION = Text(
    "A scale with one question has no known reliability, and the better measured side would seem to weigh more; so "
    "the shares shown are not judged. Needs two or more questions on each of craftsmanship and conduct.",
    "Van een schaal met één vraag is de betrouwbaarheid onbekend, en de best gemeten kant lijkt dan zwaarder te wegen; "
    "daarom volgt geen oordeel. Nodig: twee of meer vragen over vakmanschap en over houding.",
)
_LOWER_BOUND = Text(
    "The reliability of a scale is unknown, so the share is not corrected: the true share is larger, by how much is "
    "unknown.",
    "De betrouwbaarheid van een schaal is onbekend, dus het deel is niet gecorrigeerd: het echte deel is groter, "
    "hoeveel is onbekend.",
)


def craft_and_conduct(encounters: Encounters | None, organisation: Organisation, rng: np.random.Generator) -> Finding:
    """Do craftsmanship and conduct weigh the same in the quality of the interaction?

    Parameters
    ----------
    encounters : ratings one by one; None where there are none.
    organisation : who rated what.
    rng : source of the resamples.

    Returns
    -------
    Finding
        ``estimate`` is the share of craftsmanship less that of conduct in the variance of interaction quality that the
        two explain (-1 to 1), held against 0 with margin .10 (55 to 45). NaN without both ratings, with fewer than five
        units, or where the reliability of a rating is unknown (the shares are shown then).

    Notes
    -----
    LMG of two predictors on deviations from the mean of the unit in the period, disattenuated by the reliability of
    such deviations; limits by resampling whole units (percentile, widened for few units). ``p_value`` from t with
    units less one degrees of freedom on the SD of the resamples.

    References
    ----------
    Lindeman, Merenda & Gold (1980), p. 119-127. Hesterberg (2015), doi 10.1080/00031305.2015.1089789.
    """
    finding = blank("craft-and-conduct", "equal", 0.0, EQUAL_WITHIN, _WEIGHT_SCALE)
    variables = ("craftsmanship", "conduct", "interaction_quality")
    rows = rated(encounters, variables)
    if rows is None:
        return finding
    finding = replace(resting_on(finding, rows), same_source=same_source(variables, organisation))
    if rows.n_units < FEWEST_UNITS:
        return few_units(finding, rows)
    known = bool(np.isfinite(rows.reliability[:2]).all())
    try:
        shares = _shares(rows, rng, corrected=known)
        difference = shapley.compare(shares, 0, 1, EQUAL_WITHIN)
    except NotEstimableError as refused:
        return declined(finding, refused)
    figures = (*_relative(shares, variables[:2]), _r2(shares, "interaction_quality"))
    label = _SAME_PEOPLE if finding.same_source else Text("", "")
    if not known:
        return replace(finding, figures=figures, reason=_ONE_QUESTION)
    return replace(
        finding,
        estimate=difference.difference,
        low=difference.low,
        high=difference.high,
        low90=difference.low90,
        high90=difference.high90,
        p_value=_p_value(difference.difference, _differences(shares), rows.n_units),
        figures=figures,
        reason=label,
    )


def interaction_is_quality(
    encounters: Encounters | None, organisation: Organisation, rng: np.random.Generator
) -> Finding:
    """Is the quality that customers perceive largely the quality of the interaction?

    Parameters
    ----------
    encounters, organisation, rng : as in ``craft_and_conduct``.

    Returns
    -------
    Finding
        ``estimate`` is the share of the true variance of service quality, within unit and period, that interaction
        quality explains (squared disattenuated correlation, 0 to 1), held against .5: "largely" is more than half.
        Where a reliability is unknown it is not corrected; it is a lower bound then and its upper limit is 1.

    Notes
    -----
    Limits as in ``craft_and_conduct``. Beside it: the LMG shares of interaction quality, craftsmanship and conduct
    together, and the sensitivity to a shared mood. With m the share of each true score that is mood, and r the
    correlation found, the correlation without mood is ``(r - m) / (1 - m)``; shown is the m at which its square is .5
    (our own derivation, of two scores that carry the mood alike).

    References
    ----------
    Spearman (1904), doi 10.2307/1412159. Podsakoff et al. (2003), doi 10.1037/0021-9010.88.5.879.
    """
    finding = blank("interaction-is-quality", "above", LARGELY, 0.0, _QUALITY_SCALE)
    variables = ("interaction_quality", "service_quality")
    rows = rated(encounters, variables)
    if rows is None:
        return replace(finding, reason=_NEEDS_BOTH)
    finding = replace(resting_on(finding, rows), same_source=same_source(variables, organisation))
    if rows.n_units < FEWEST_UNITS:
        return few_units(finding, rows)
    known = bool(np.isfinite(rows.reliability).all())
    seed = int(rng.integers(2**32))
    try:
        wide = _shares(rows, np.random.default_rng(seed), corrected=known)
        narrow = _shares(rows, np.random.default_rng(seed), corrected=known, level=0.90)
    except NotEstimableError as refused:
        return declined(finding, refused)
    label = _SAME_PEOPLE if finding.same_source else Text("", "")
    return replace(
        finding,
        estimate=wide.r2,
        low=wide.r2_low,
        high=wide.r2_high if known else 1.0,
        low90=narrow.r2_low,
        high90=narrow.r2_high if known else 1.0,
        p_value=_p_value(wide.r2 - LARGELY, wide.draws.sum(axis=1), rows.n_units) if known else float("nan"),
        figures=(*_mood(wide.r2), *_competing(encounters, rng)),
        reason=label if known else joined(_LOWER_BOUND, label),
    )


_NEEDS_BOTH = Text(
    "Needs ratings per interaction, with the interaction and the service as a whole asked apart.",
    "Nodig: beoordelingen per contact, met het contact en de dienst als geheel apart gevraagd.",
)


def _shares(rows: Rated, rng: np.random.Generator, *, corrected: bool, level: float = 0.95) -> shapley.ShareBootstrap:
    """Divide the variance of the last score over the others, within unit and period."""
    within = np.column_stack([np.ones(len(rows.unit)), rows.within()])
    q = within.shape[1]
    cross = np.zeros((rows.n_units, q, q))
    for i in range(q):
        for j in range(i, q):
            sums = np.bincount(rows.unit, within[:, i] * within[:, j], rows.n_units)
            cross[:, i, j] = cross[:, j, i] = sums
    reliability = np.ones(q - 1)
    if corrected:
        found = np.nan_to_num(rows.within_reliability(), nan=1.0)
        if (found <= 0).any():
            raise NotEstimableError("Differences within units are no larger than error.", why="noise-cause")
        reliability = np.minimum(found, 1.0)
    blocks = np.arange(0, len(cross), max(1, len(cross) // _MOST_CLUSTERS))
    cross = np.add.reduceat(
        cross, blocks, axis=0
    )  # thousands of units go in blocks: the limits stay, the time does not
    return shapley.cluster_bootstrap(
        cross, rng, n_boot=_N_BOOT, reliability_x=reliability[:-1], reliability_y=float(reliability[-1]), level=level
    )


def _differences(shares: shapley.ShareBootstrap) -> FloatArray:
    """First less second share in each resample, as parts of the explained variance."""
    return np.asarray((shares.draws[:, 0] - shares.draws[:, 1]) / shares.draws.sum(axis=1))


def _p_value(distance: float, draws: FloatArray, n_units: int) -> float:
    """Two-sided p of no distance, from t on the SD of the resamples, widened for few units."""
    se = float(draws.std(ddof=1)) * np.sqrt(n_units / (n_units - 1))
    return float(2 * special.stdtr(n_units - 1, -abs(distance) / se)) if se > 0 else float("nan")


def _relative(shares: shapley.ShareBootstrap, variables: Sequence[str]) -> tuple[Figure, ...]:
    """Share of each predictor in what they explain together."""
    out = []
    for i, variable in enumerate(variables):
        label = CONSTRUCTS[variable].label
        limits = shares.relative[i], shares.relative_low[i], shares.relative_high[i]
        out.append(
            figure(f"share of {label.en} in what is explained", f"deel van {label.nl} in de verklaring", *limits)
        )
    return tuple(out)


def _r2(shares: shapley.ShareBootstrap, outcome: str) -> Figure:
    label = CONSTRUCTS[outcome].label
    return figure(
        f"differences in {label.en} explained by them together",
        f"verschillen in {label.nl} die zij samen verklaren",
        shares.r2,
        shares.r2_low,
        shares.r2_high,
    )


def _mood(r2: float) -> tuple[Figure, ...]:
    """How much of both ratings would have to be shared mood for the explained share to be one half."""
    edge = np.sqrt(LARGELY)
    if r2 <= LARGELY:
        return ()
    needed = (np.sqrt(r2) - edge) / (1 - edge)
    return (
        figure(
            "part of both ratings that would have to be shared mood to bring this down to one half",
            "deel van beide oordelen dat gedeelde stemming moet zijn om dit tot de helft terug te brengen",
            min(needed, 1.0),
        ),
    )


def _competing(encounters: Encounters | None, rng: np.random.Generator) -> tuple[Figure, ...]:
    """Shares of interaction quality beside craftsmanship and conduct, where those were rated too."""
    predictors = ("interaction_quality", "craftsmanship", "conduct")
    rows = rated(encounters, (*predictors, "service_quality"))
    if rows is None or rows.n_units < FEWEST_UNITS:
        return ()
    try:
        shares = _shares(rows, rng, corrected=bool(np.isfinite(rows.reliability).all()))
    except NotEstimableError:  # the main figure stands without its company
        return ()
    return (*_relative(shares, predictors), _r2(shares, "service_quality"))
