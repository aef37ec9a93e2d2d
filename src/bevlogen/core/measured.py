"""What the scan and the room ``measure`` find: levels, panels, encounters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bevlogen.core.chain import Text
from bevlogen.core.moments import Moments
from bevlogen.core.results import FloatArray, IntArray, Interval, Provenance, html_table, table
from bevlogen.errors import BevlogenError


@dataclass(frozen=True, slots=True)
class Scores:
    """Level of each unit (leaves and the groups above them) in each period on each construct; arrays of length m.

    Attributes
    ----------
    units, periods, constructs : labels that the codes index.
    unit, period, construct : (m,) codes; each triple occurs once.
    n : (m,) respondents; NaN where an aggregated source does not say.
    mean, sd : (m,) scale points; ``sd`` over respondents with denominator n - 1, NaN if unknown or n < 2.
    std_error : (m,) of the mean, from the pooled within-unit variance; NaN if unknown.
    reliability : (m,) share of the variance of this mean that is true; NaN if unknown.
    shrunken, shrunken_low, shrunken_high : (m,) mean drawn to that of similar units, 95% interval; NaN if unknown.
    response_rate : (m,) n / headcount, NaN if unknown.
    all_equal : (m,) True where every respondent gave the same score.
    centre : (m,) mean of the similar units that ``shrunken`` is drawn to; NaN where it is not drawn. None if not kept.
    allowance : (m,) what the variance of ``shrunken`` grows by per squared distance of mean and centre, but for a
        factor ``(1 - reliability)^2``; NaN where not drawn. None if not kept.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    constructs: tuple[str, ...]
    unit: IntArray
    period: IntArray
    construct: IntArray
    n: FloatArray
    mean: FloatArray
    sd: FloatArray
    std_error: FloatArray
    reliability: FloatArray
    shrunken: FloatArray
    shrunken_low: FloatArray
    shrunken_high: FloatArray
    response_rate: FloatArray
    all_equal: NDArray[np.bool_]
    centre: FloatArray | None = None
    allowance: FloatArray | None = None

    def tidy(self) -> pa.Table:
        """One row per unit, period and construct."""
        return table(
            {
                "unit": [self.units[i] for i in self.unit],
                "period": [self.periods[i] for i in self.period],
                "construct": [self.constructs[i] for i in self.construct],
                "n": self.n,
                "mean": self.mean,
                "sd": self.sd,
                "std_error": self.std_error,
                "reliability": self.reliability,
                "shrunken": self.shrunken,
                "shrunken_low": self.shrunken_low,
                "shrunken_high": self.shrunken_high,
                "response_rate": self.response_rate,
            }
        )


@dataclass(frozen=True, slots=True)
class ScaleQuality:
    """Whether the scores of one construct can be trusted, over all units and periods.

    ``alpha`` and ``omega`` are NaN for fewer than two (three) items or aggregated input. ``icc1`` is the share of one
    answer's variance between units within a period, ``icc2`` the reliability of a unit mean of average size, ``rwg_j``
    the median agreement over units of two respondents or more. ``scale_low`` and ``scale_high`` are its ends.
    """

    construct: str
    n_items: int
    n_obs: float
    n_units: int
    n_waves: int
    mean: float
    sd: float
    scale_low: float
    scale_high: float
    alpha: Interval
    omega: Interval
    icc1: Interval
    icc2: Interval
    rwg_j: float
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """Figures of the units that have data of their own, as a block of J units x T periods x p variables.

    Attributes
    ----------
    units : (J,) keys of the units; ``services`` (J,) their service or "".
    periods : (T,) labels in time order.
    variables : (p,) constructs, facets and measures.
    value : (J, T, p) unit means and figures of record; NaN where missing.
    n : (J, T, p) respondents behind a mean; NaN for figures of record and where unknown.
    error : (J, T, p) sampling variance of each value; 0 for figures of record; NaN where unknown.
    scans : moments of the row tables, from which ``error_covariance`` takes errors that two variables share;
        their unit codes index ``units`` and their period codes ``periods``.
    """

    units: tuple[str, ...]
    services: tuple[str, ...]
    periods: tuple[str, ...]
    variables: tuple[str, ...]
    value: FloatArray
    n: FloatArray
    error: FloatArray
    scans: tuple[Moments, ...] = ()

    def column(self, variable: str) -> FloatArray:
        """Return the (J, T) values of a variable."""
        return self.value[:, :, self.variables.index(variable)]

    def error_variance(self, variable: str) -> FloatArray:
        """Return the (J, T) sampling variances of a variable."""
        return self.error[:, :, self.variables.index(variable)]

    def error_covariance(self, a: str, b: str) -> FloatArray:
        """Return the (J, T) covariance of the sampling errors of two means; 0 where other people answered.

        Two means over the same respondents share their sampling error: cov = S_ab n_ab / (n_a n_b), with S_ab the
        within-unit covariance pooled over cells and n_ab the respondents with both.

        Raises
        ------
        BevlogenError
            If the scan did not ask for what the two have in common (``measure.with_pair`` does).
        """
        if a == b:
            return self.error_variance(a)
        out = np.zeros(self.value.shape[:2])
        for moments in self.scans:
            if a in moments.variables and b in moments.variables:
                pair = moments.pair(a, b)
                if pair is None:
                    raise BevlogenError(f'What "{a}" and "{b}" share was not asked of the rows. Use Study.explore.')
                n_a, n_b = (moments.n[:, moments.variables.index(v)] for v in (a, b))
                cov = np.zeros(len(pair.n))
                np.divide(pair.within * pair.n, n_a * n_b, out=cov, where=(n_a > 0) & (n_b > 0))
                out[moments.unit, moments.period] = np.nan_to_num(cov)
        return out


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of record of each unit (leaves and the groups above them) per period; arrays of length m.

    Attributes
    ----------
    units, periods, measures : labels that the codes index.
    unit, period, measure : (m,) codes; each triple occurs once.
    value : (m,) value / exposure where there is an exposure, else the value (in groups: mean weighted by headcount).
    persons : (m,) headcount behind the figure; NaN if unknown.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    measures: tuple[str, ...]
    unit: IntArray
    period: IntArray
    measure: IntArray
    value: FloatArray
    persons: FloatArray

    def tidy(self) -> pa.Table:
        """One row per unit, period and measure."""
        return table(
            {
                "unit": [self.units[i] for i in self.unit],
                "period": [self.periods[i] for i in self.period],
                "construct": [self.measures[i] for i in self.measure],
                "value": self.value,
            }
        )


@dataclass(frozen=True, slots=True)
class Measurement:
    """What ``study.measure()`` answers: levels, the quality of the scales, and the panel that links are made from."""

    scores: Scores
    figures: Figures
    scales: tuple[ScaleQuality, ...]
    panel: Panel
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per unit, period and construct."""
        return self.scores.tidy()

    def glance(self) -> pa.Table:
        """One row per construct: how far its scores can be trusted."""
        rows = self.scales
        return table(
            {
                "construct": [r.construct for r in rows],
                "n_obs": [r.n_obs for r in rows],
                "n_units": [r.n_units for r in rows],
                "n_waves": [r.n_waves for r in rows],
                "mean": [r.mean for r in rows],
                "sd": [r.sd for r in rows],
                "alpha": [r.alpha.estimate for r in rows],
                "omega": [r.omega.estimate for r in rows],
                "icc1": [r.icc1.estimate for r in rows],
                "icc2": [r.icc2.estimate for r in rows],
                "rwg_j": [r.rwg_j for r in rows],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.glance())


@dataclass(frozen=True, slots=True)
class Encounters:
    """Ratings of encounters one by one, for the few methods that need rows; arrays of length m. Never shown.

    ``unit``, ``period`` index the panel's; ``employee``, ``customer``, ``service`` are codes, -1 where unknown.
    ``variables`` names the columns of ``scores`` (m, p), scale scores with NaN where missing; ``low`` and ``high`` (p,)
    are the ends of their scales, ``reliability`` (p,) their internal consistency (omega, else alpha; NaN unknown).
    ``services`` labels the service codes; ``co_creation`` (number of services,) is their degree, NaN unknown.
    """

    variables: tuple[str, ...]
    unit: IntArray
    period: IntArray
    employee: IntArray
    customer: IntArray
    service: IntArray
    scores: FloatArray
    low: FloatArray
    high: FloatArray
    reliability: FloatArray
    services: tuple[str, ...]
    co_creation: FloatArray
