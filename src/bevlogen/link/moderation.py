"""Do attitude and behaviour weigh more in the quality of an encounter where customers co-create more?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import Text
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
from bevlogen.link.trend import resting_on_services, too_few, trend

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_VARIABLES = ("craftsmanship", "conduct", "interaction_quality")
_CONDUCT = 1
_Z95 = 1.959964

_SCALE = Text(
    "change in the weight of conduct (SD per SD of encounters), from no to full co-creation",
    "verandering van het gewicht van houding (SD per SD van contacten), van geen tot volledige co-creatie",
)
_NEEDS = Text(
    "Needs ratings per interaction, with craftsmanship and conduct asked apart, for services that differ in "
    "co-creation.",
    "Nodig: beoordelingen per contact, met vakmanschap en houding apart gevraagd, voor diensten met meer en minder "
    "co-creatie.",
)
_UNCORRECTED = Text(
    "The reliability of a scale is unknown, so weights are not corrected for it and are too small, perhaps more so in "
    "one service than in another.",
    "De betrouwbaarheid van een schaal is onbekend; gewichten zijn er niet voor gecorrigeerd en vallen te laag uit, in "
    "de ene dienst misschien meer dan in de andere.",
)
_SMALL_SERVICES = Text(
    f"Services with fewer than {FEWEST_UNITS} units are left out.",
    f"Diensten met minder dan {FEWEST_UNITS} teams tellen niet mee.",
)
_SAME_PEOPLE = Text(
    "The same people rated both at the same moment; a shared mood raises the weight in every service, so it is the "
    "difference between services that counts.",
    "Dezelfde mensen beoordeelden beide op hetzelfde moment; gedeelde stemming verhoogt het gewicht in elke dienst, "
    "dus het gaat om het verschil tussen diensten.",
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What one SD of conduct does to the quality of the interaction in a service, in SD, craftsmanship held constant.

    ``variance`` is its sampling variance, over units.
    """

    service: str
    degree: float
    slope: float
    variance: float
    n_units: int


def co_creation_moderates(encounters: Encounters | None, organisation: Organisation) -> Finding:
    """Does conduct weigh more where customers co-create more?

    Parameters
    ----------
    encounters : ratings one by one; None where there are none.
    organisation : who rated what.

    Returns
    -------
    Finding
        ``estimate`` is the change in the slope of interaction quality on conduct (craftsmanship held constant, SD per
        SD of encounters within unit and period) from co-creation 0 to 1, held against 0. NaN with fewer than three
        degrees of co-creation among services of five or more units; the weights are shown all the same.

    Notes
    -----
    Per service the slopes come from products of deviations within unit and period, pooled over its units, less the
    error variance of the two causes (errors in variables, taken the same in every service); their variance from leaving
    out each unit in turn (jackknife). SDs are those of the true differences over all services, so that one yardstick
    holds everywhere. Units of one service share all that this service is, co-creation included, so services are the
    replication: a meta-regression over services (``link.trend``), not one over units.

    References
    ----------
    Fuller (1987), Measurement Error Models, p. 103-108. Efron & Stein (1981), doi 10.1214/aos/1176345462.
    """
    finding = replace(blank("co-creation-moderates", "above", 0.0, 0.0, _SCALE), reason=_NEEDS)
    rows = rated(encounters, _VARIABLES)
    if encounters is None or rows is None:
        return finding
    finding = replace(resting_on(finding, rows), same_source=same_source(_VARIABLES, organisation))
    if rows.n_units < FEWEST_UNITS:
        return few_units(finding, rows)
    known = bool(np.isfinite(rows.reliability).all())
    try:
        weights = _weights(rows, encounters, corrected=known)
        degree = np.array([w.degree for w in weights])
        reason = too_few(degree)
        finding = replace(finding, figures=tuple(_figure(w) for w in weights))
        if reason is not None:
            return replace(finding, reason=joined(reason, _SMALL_SERVICES))
        slopes, variances = (np.array([getattr(w, name) for w in weights]) for name in ("slope", "variance"))
        found = trend(slopes, variances, degree)
    except NotEstimableError as refused:
        return declined(finding, refused)
    here = found.here
    label = _SAME_PEOPLE if finding.same_source else Text("", "")
    these = figure(
        "the same, for these very services", "hetzelfde, voor juist deze diensten", here.estimate, here.low, here.high
    )
    return replace(
        finding,
        estimate=found.wide.estimate,
        low=found.wide.low,
        high=found.wide.high,
        low90=found.narrow.low,
        high90=found.narrow.high,
        p_value=found.p_value,
        figures=(these, *finding.figures),
        reason=joined(resting_on_services(int(np.isfinite(degree).sum())), label),
        notes=() if known else (_UNCORRECTED,),
    )


def _weights(rows: Rated, encounters: Encounters, *, corrected: bool) -> tuple[Weight, ...]:
    """The weight of conduct in every service of five units or more."""
    within = rows.within()
    error = rows.error_variance() if corrected else np.zeros(len(_VARIABLES))
    true = (within**2).sum(axis=0) / _df(rows.cell) - error
    if (true <= 0).any():
        raise NotEstimableError("Differences within units are no larger than error.", why="noise-cause")
    yardstick = float(np.sqrt(true[_CONDUCT] / true[-1]))
    out = []
    for s in np.unique(rows.service[rows.service >= 0]):
        k = np.flatnonzero(rows.service == s)
        cross, df = _products(within[k], rows.unit[k], rows.cell[k])
        if len(df) < FEWEST_UNITS:
            continue
        whole = _slope(cross.sum(axis=0), df.sum(), error[:-1])
        left = np.array(
            [_slope(cross.sum(axis=0) - c, df.sum() - d, error[:-1]) for c, d in zip(cross, df, strict=True)]
        )
        variance = (len(df) - 1) / len(df) * float(((left - left.mean()) ** 2).sum())
        degree = float(encounters.co_creation[s])
        out.append(
            Weight(encounters.services[s], degree, whole * yardstick, variance * yardstick**2 or np.nan, len(df))
        )
    return tuple(out)


def _df(cell: IntArray) -> float:
    """Rows less cells."""
    return float(max(len(cell) - len(np.unique(cell)), 1))


def _products(within: FloatArray, unit: IntArray, cell: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return (J, p, p) sums of products and (J,) degrees of freedom of the units with any."""
    _, own = np.unique(unit, return_inverse=True)
    J, p = int(own.max()) + 1, within.shape[1]
    cross = np.empty((J, p, p))
    for i in range(p):
        for j in range(p):
            cross[:, i, j] = np.bincount(own, within[:, i] * within[:, j], J)
    first = np.unique(cell, return_index=True)[1]
    df = np.bincount(own, minlength=J) - np.bincount(own[first], minlength=J)
    return cross[df > 0], df[df > 0].astype(float)


def _slope(cross: FloatArray, df: float, error: FloatArray) -> float:
    """Slope on conduct, error variances taken off the causes.

    Raises
    ------
    NotEstimableError
        The causes do not differ beyond error.
    """
    true = cross[:-1, :-1] / df - np.diag(error)
    if np.linalg.eigvalsh(true)[0] <= 0:
        raise NotEstimableError("Differences within a service are no larger than error.", why="noise-cause")
    return float(np.linalg.solve(true, cross[:-1, -1] / df)[_CONDUCT])


def _figure(w: Weight) -> Figure:
    """Its 95% limits are normal."""
    half = _Z95 * float(np.sqrt(w.variance))
    return figure(
        f"weight of conduct ({w.service})",
        f"gewicht van houding ({w.service})",
        w.slope,
        w.slope - half,
        w.slope + half,
    )
