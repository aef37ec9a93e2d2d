"""Does a figure rise with co-creation? Services are the replication: units of one service share everything else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.chain import Text
from bevlogen.core.results import Interval
from bevlogen.models import meta

FloatArray = NDArray[np.float64]

FEWEST_SERVICES = 3

_TOO_FEW = Text(
    "Needs at least three services that differ in co-creation (co_creation in units); {found} can be used here. With "
    "fewer, co-creation cannot be told from everything else that sets services apart.",
    "Nodig: ten minste drie diensten met verschillende co-creatie (co_creation bij units); hier zijn er {found} "
    "bruikbaar. Met minder is co-creatie niet te scheiden van al het andere waarin diensten verschillen.",
)
_FEW = Text(
    "The trend rests on {found} services; what else sets them apart counts as chance. Units cannot make up for that: "
    "more services would narrow the interval.",
    "De trend rust op {found} diensten; al het andere waarin zij verschillen telt als toeval. Meer teams helpen daar "
    "niet bij; meer diensten maken de marge smaller.",
)


@dataclass(frozen=True, slots=True)
class Trend:
    """Change from no (0) to full (1) co-creation.

    ``wide``, ``narrow`` : 95% and 90% limits for services like these; ``p_value`` two-sided, of no trend.
    ``here`` : the same with 95% limits for these very services, as if nothing but co-creation set them apart.
    """

    wide: Interval
    narrow: Interval
    p_value: float
    here: Interval


def too_few(degree: FloatArray) -> Text | None:
    """Return why there is no trend over these degrees of co-creation; None if there is one."""
    found = len(np.unique(degree[np.isfinite(degree)]))
    if found >= FEWEST_SERVICES:
        return None
    return Text(_TOO_FEW.en.format(found=found), _TOO_FEW.nl.format(found=found))


def resting_on_services(n_services: int) -> Text:
    """Return what the number of services does to the answer."""
    return Text(_FEW.en.format(found=n_services), _FEW.nl.format(found=n_services))


def trend(value: FloatArray, variance: FloatArray, degree: FloatArray) -> Trend:
    """Estimate how a figure per service changes with co-creation.

    Parameters
    ----------
    value, variance : (k,) figure of each service and its sampling variance; NaN leaves the service out.
    degree : (k,) co-creation, 0 to 1; NaN leaves the service out. At least three different ones: see ``too_few``.

    Raises
    ------
    NotEstimableError
        Fewer than three services remain.

    Notes
    -----
    Random-effects meta-regression over services (Paule-Mandel) with the Knapp-Hartung interval, t with k - 2 degrees of
    freedom; its standard error is never taken below that without the adjustment (Röver, Knapp & Friede 2015), for with
    few services it may come out near zero by chance.

    References
    ----------
    Knapp & Hartung (2003), doi 10.1002/sim.1482. Röver, Knapp & Friede (2015), doi 10.1186/s12874-015-0091-1.
    """
    known = np.isfinite(value) & np.isfinite(variance) & np.isfinite(degree)
    y, v, X = value[known], variance[known], np.column_stack([np.ones(known.sum()), degree[known]])
    adjusted = meta.random_effects(y, v, X, tau2="PM", test="knha")
    slope, df = float(adjusted.beta[1]), adjusted.df
    se = max(float(adjusted.std_error[1]), float(meta.random_effects(y, v, X, tau2="PM").std_error[1]))
    fixed = meta.random_effects(y, v, X, tau2="FE")

    def limits(level: float) -> Interval:
        half = float(special.stdtrit(df, 0.5 + level / 2)) * se
        return Interval(slope, slope - half, slope + half)

    here = Interval(float(fixed.beta[1]), float(fixed.beta_low[1]), float(fixed.beta_high[1]))
    return Trend(limits(0.95), limits(0.90), float(2 * special.stdtr(df, -abs(slope) / se)), here)
