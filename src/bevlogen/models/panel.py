"""Slopes between and within units over time, corrected for the sampling error of unit means, with jackknife intervals.

A unit mean over few respondents is not the unit's true score. Left alone, that error draws a slope to zero and mixes
the between slope with the within slope (Lüdtke et al. 2008, doi 10.1037/a0012869). Here the expected contribution of
the error is taken out of the weighted cross-products before they are solved (Fuller 1987, Measurement Error Models,
ch. 2), and the whole calculation, standardisation included, is repeated with each unit in turn left out or counted
half. Limits come from turning round a test (``Ratio``); where they have no end there is no estimate. How often they
hold: docs/calibration.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.errors import NotEstimableError
from bevlogen.models import lmm

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# The part of a unit that a replicate leaves out. Half of it does to first order what HC2 does, residual / (1 - leverage
# / 2); all of it (HC3) overstates the variance where a unit brings several residuals (Efron & Stein 1981).
BETWEEN, OVER_TIME = 1.0, 0.5
MOST_REPLICATES = 400  # more units than this are left out in so many balanced groups
MOST_LEVERAGE = 3.0  # a replicate whose denominator is smaller than a third of that of all counts as a third
_LAST_DIGIT = 1e-13
LEAST_RELIABILITY = 0.15  # below it the observed differences are nearly all sampling error


@dataclass(frozen=True, slots=True)
class Ratio:
    """A slope as covariance over variance, with what is needed to tell how sure it is.

    Attributes
    ----------
    numerator, denominator : covariance of true x and y, and variance of true x, on any common scale.
    var_residual : jackknife variance of ``numerator - estimate * denominator``.
    covariance : of that residual with the sampling error of the denominator.
    var_noise : variance of the denominator that comes from sampling error of x, not from which units there are.
    reach : the largest size that the slope can have, as a correlation cannot exceed 1; infinite where it has none.

    Notes
    -----
    ``limits`` are those b that a t test of ``E[numerator - b denominator] = 0`` does not reject (Fieller 1954; as for a
    weak instrument, Anderson & Rubin 1949). Only noise makes a denominator that could be zero: where x is known without
    error the limits are estimate and t standard errors. Where the denominator is not clear of zero they have no end, as
    is right (Dufour 1997, doi 10.2307/2171740); a standard error says nothing then.

    A standardised slope has a variance that falls as the slope grows, so that a slope that chance made large looks
    sure. With a finite ``reach`` limits are made on the scale ``arcsin(slope / reach)`` and turned back, to first order
    the same; the test that the slope is 0 is then, with one cause, that of the slope before it was standardised.
    """

    numerator: float
    denominator: float
    var_residual: float
    covariance: float
    var_noise: float
    reach: float = math.inf

    @property
    def estimate(self) -> float:
        """Numerator over denominator."""
        return self.numerator / self.denominator

    @property
    def std_error(self) -> float:
        """Standard error by the delta method."""
        return math.sqrt(self.var_residual) / abs(self.denominator)

    def limits(self, t: float) -> tuple[float, float]:
        """Least and greatest slope that a test with critical value t does not reject; infinite if there is no end."""
        clear = self.denominator**2 - t**2 * self.var_noise
        if self.denominator <= 0 or clear <= 0:
            return -math.inf, math.inf
        middle = -(t**2) * self.covariance
        half = math.sqrt(middle**2 + clear * t**2 * self.var_residual)
        return self._turned((middle - half) / clear), self._turned((middle + half) / clear)

    def t_value(self) -> float:
        """T value of the hypothesis that the slope is 0, by the same test."""
        b = self.estimate
        variance = self.var_residual + 2 * b * self.covariance + b**2 * self.var_noise
        share = min(abs(b) / self.reach, 1.0)
        bent = math.asin(share) * math.sqrt(1 - share**2) / share if share > 0 else 1.0
        return bent * self.numerator / math.sqrt(max(variance, float(np.finfo(float).tiny)))

    def _turned(self, distance: float) -> float:
        """Return the slope at a distance from the estimate, gone on the scale on which its variance stands still."""
        share = self.estimate / self.reach
        if not math.isfinite(self.reach) or abs(share) >= 1:
            return self.estimate + distance
        angle = math.asin(share) + distance / (self.reach * math.sqrt(1 - share**2))
        return self.reach * math.sin(max(-math.pi / 2, min(angle, math.pi / 2)))


@dataclass(frozen=True, slots=True)
class Slope:
    """One slope, standardised and raw.

    Attributes
    ----------
    standardised : in SD of true unit scores within a period (and within a group, if groups were held constant).
    unstandardised : in units of y per unit of x.
    bare : as ``standardised`` but without any correction; None where the correction is in no doubt. Where the same
        people answer each time, the share of their error that is new lies between 0 and 1, and the slope between these
        two; ``limits`` then hold both.
    df : degrees of freedom of the t distribution for the interval.
    uncorrected : the same slope without correction, standardised on observed SDs.
    model_se : standard error of ``estimate`` from the mixed model, on the same scale; NaN where no model gives one.
    reliability : share of the variance of x, as used for this slope, that is not sampling error; NaN if unknown.
    partial : correlation of true x and y given all else in the model, on all units; NaN where it cannot be had.
    influence : (J,) of each unit of the panel on ``estimate``. Its sum of squares is ``std_error`` squared, and the sum
        of its products with that of another slope their covariance. Empty where units were left out in groups.
    n_obs, n_units, n_waves : cells, units and periods used.
    """

    standardised: Ratio
    unstandardised: Ratio
    bare: Ratio | None
    df: float
    uncorrected: float
    model_se: float
    reliability: float
    partial: float
    influence: FloatArray = field(compare=False, repr=False)
    n_obs: int
    n_units: int
    n_waves: int

    @property
    def estimate(self) -> float:
        """Slope in SD."""
        return self.standardised.estimate

    @property
    def std_error(self) -> float:
        """Delta-method standard error of ``estimate``."""
        return self.standardised.std_error

    @property
    def raw(self) -> float:
        """Slope in units of y per unit of x."""
        return self.unstandardised.estimate

    def limits(self, t: float) -> tuple[float, float]:
        """Limits of ``estimate``: the widest of corrected and, if given, bare."""
        ends = [ratio.limits(t) for ratio in (self.standardised, self.bare) if ratio is not None]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def t_value(self) -> float:
        """T value of the hypothesis that the slope is 0: that nearest to 0, and 0 where the two have other signs."""
        t = [ratio.t_value() for ratio in (self.standardised, self.bare) if ratio is not None]
        return min(t, key=abs) if min(t) * max(t) > 0 else 0.0

    def raw_limits(self, t: float) -> tuple[float, float]:
        """Limits of ``estimate`` in units of y per unit of x, the SDs taken as found.

        A variance in units of x is less surely above zero than an SD, so limits of its own often have no end.
        """
        scale = self.standardised.denominator / self.unstandardised.denominator
        low, high = self.limits(t)
        return scale * low, scale * high

    @property
    def raw_se(self) -> float:
        """Delta-method standard error of ``raw``."""
        return self.unstandardised.std_error


@dataclass(frozen=True, slots=True)
class Pair:
    """Two variables of the same units over the same periods, with their sampling errors.

    Attributes
    ----------
    x, y : (J, T) unit means or figures; NaN where missing.
    x_error, y_error : (J, T) sampling variances; NaN where unknown (then no correction is made for them).
    xy_error : (J, T) covariance of the two sampling errors; 0 where other people answered.
    group : (J,) codes of the groups (services) whose level is held constant; all 0 for none.
    covariates : (J, T, a) other figures held constant, taken as known without error.
    recurring : the same people may have answered each period, so that their errors are partly the same.
    """

    x: FloatArray
    y: FloatArray
    x_error: FloatArray
    y_error: FloatArray
    xy_error: FloatArray
    group: IntArray
    covariates: FloatArray
    recurring: bool = False


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells in use, one row each: unit, period and the columns that the designs are built from."""

    unit: IntArray  # recoded 0..J-1 over the units in use
    rows: NDArray[np.bool_]  # which units of the panel are in use
    period: IntArray
    x: FloatArray
    y: FloatArray
    vx: FloatArray
    vy: FloatArray
    vxy: FloatArray
    group: IntArray  # (J,) of the units in use, recoded
    covariates: FloatArray  # (N, a)
    known: bool

    @property
    def n_units(self) -> int:
        return len(self.group)

    def unit_mean(self, values: FloatArray) -> FloatArray:
        size = np.bincount(self.unit, minlength=self.n_units)
        return np.asarray((np.bincount(self.unit, weights=values, minlength=self.n_units) / size)[self.unit])


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over all units and over all but those of each part, stacked (K + 1, ...).

    ``S`` and ``E`` (K + 1, p + 1, p + 1): cross-products of predictors and y, and what sampling error adds to them.
    ``scores`` (K + 1, d + 2, d + 2): those of period and group effects, x and y, for the yardsticks; ``errors``
    (K + 1, 2): sampling variances of x and y.
    """

    S: FloatArray
    E: FloatArray
    scores: FloatArray
    errors: FloatArray

    def weighed(self, left_out: float) -> _Sums:
        """Return the sums with so much of each part left out."""
        return _Sums(*(a[:1] + left_out * (a - a[:1]) for a in (self.S, self.E, self.scores, self.errors)))

    def bare(self) -> _Sums:
        """Return the sums as if there were no sampling error."""
        return _Sums(self.S, np.zeros_like(self.E), self.scores, np.zeros_like(self.errors))


def between_within(pair: Pair) -> tuple[Slope | NotEstimableError, Slope | NotEstimableError | None]:
    """Slope of y on x between units (their means over time) and within units (their deviations from it).

    The model is ``y_it = period_t + group + bB xbar_i + bW (x_it - xbar_i) + u_i + e_it`` with a random intercept by
    REML (METHODS §3.3). Returns (between, within). A slope that the data cannot give is the error that says why; within
    is None where fewer than three units have two periods.

    Raises
    ------
    NotEstimableError
        Neither slope can be had: too few units.

    Notes
    -----
    With V the REML covariance, slopes solve ``(X'V^-1X - E) b = X'V^-1y - e``, E and e the expected contribution of
    sampling error: for deviations ``sum v (1 - 1/T)``, for means ``(1 - h) sum v / T``, ``h = T phi / (1 + T phi)``,
    phi the variance ratio. Errors of different periods count as independent; where the same people answer each time
    part of the error stays, and change is corrected by too much (``Pair.recurring``). Standard errors: jackknife over
    units (cluster-robust; within with half a unit left out). Degrees of freedom: units minus unit-level parameters
    (between) or units with two periods minus one (within) where x holds sampling error, those of Bell & McCaffrey where
    it is exact, with weight reliability⁶ (own choice): sampling error lets the jackknife overstate, which makes up for
    the rest. With x exact and the first of these alone, 95% limits covered .88 to .93 between 8 or 20 units; with
    weight reliability² .976 in some cells of 20 units and 8 waves. With straight limits slopes of exact x between 8
    units were called sure in 7 % of draws without any; hence ``Ratio.reach``, with the same weight.

    References
    ----------
    Mundlak (1978, doi 10.2307/1913646); Lüdtke et al. (2008); Fuller (1987); MacKinnon & White (1985);
    Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Imbens & Kolesár (2016), doi 10.1162/REST_a_00552;
    Efron & Stein (1981), doi 10.1214/aos/1176345462.
    """
    cells = _cells(pair, np.isfinite(pair.x) & np.isfinite(pair.y) & np.isfinite(pair.covariates).all(axis=2))
    xbar = cells.unit_mean(cells.x)
    size = np.bincount(cells.unit)
    has_within = bool((size >= 2).sum() >= 3)
    means = [cells.unit_mean(c) for c in cells.covariates.T]
    deviations = [c - m for c, m in zip(cells.covariates.T, means, strict=True)] if has_within else []
    nuisance, effects = _nuisance(cells, [*means, *deviations])
    focus = [xbar, _apart(cells.x, xbar)] if has_within else [xbar]
    design = np.column_stack([nuisance, *focus])
    moments = lmm.group_moments(cells.y, design, cells.unit)
    phi, naive = _variance_ratio(moments, has_within)
    h = size * phi / (1 + size * phi)
    total = moments.cross[:, 0, 1:]
    parts = _parts(cells)
    weighted = np.sqrt(h / size)[:, None] * total
    plain = _products(np.column_stack([design, cells.x, cells.y]), parts[cells.unit])
    of_model = [*range(design.shape[1]), design.shape[1] + 1]
    S = plain[:, of_model][:, :, of_model] - _products(weighted, parts)
    E = np.zeros_like(S)
    p = design.shape[1]
    i = nuisance.shape[1]
    free = _free_of_nuisance(cells, nuisance, S[0, :i, :i], total[:, :i], h, size)
    for at, v in ((i, cells.vx), (p, cells.vxy)):
        s = np.bincount(cells.unit, weights=v)
        E[:, i, at] = E[:, at, i] = _sums(free[0] * (1 - h) * s / size, parts)
        if has_within:
            w = i + 1 if at == i else p
            E[:, i + 1, w] = E[:, w, i + 1] = _sums(free[1] * s * (1 - 1 / size), parts)
    of_y = np.bincount(cells.unit, weights=cells.vy)
    E[:, p, p] = _sums(of_y * (free[0] * (1 - h) / size + free[1] * (1 - 1 / size)), parts)
    unit_parameters = int(cells.group.max()) + len(means) + 2
    df = [cells.n_units - unit_parameters, int((size >= 2).sum()) - 1 - len(deviations)]
    model_se = naive.se[i:] if naive is not None else np.full(2, np.nan)
    sums = _Sums(S, E, _scores_of(plain, effects), _errors(cells, parts))
    between = _tried(cells, sums, BETWEEN, i, df[0], float(model_se[0]))
    if not has_within:
        return between, None
    within = _tried(cells, sums, OVER_TIME, i + 1, df[1], float(model_se[1]))
    if pair.recurring and isinstance(within, Slope):
        within = _with_bare(within, cells, sums, i + 1, df[1])
    return between, within


def lagged(pair: Pair, lag: int = 1) -> Slope | None:
    """Slope of y on x ``lag`` periods before, holding y's own level of that period constant.

    ``y_it = period_t + group + l y_i,t-1 + b x_i,t-1 + e_it`` over all adjacent periods (METHODS §3.5, few waves); with
    a longer lag over all periods so far apart. Both levels of t-1 are corrected for sampling error, shared error
    included. Stable differences between units that y_t-1 does not carry remain in b. None without two such periods.

    Raises
    ------
    NotEstimableError
        As ``between_within``.
    """
    if pair.x.shape[1] < lag + 1:
        return None
    now, before = np.s_[:, lag:], np.s_[:, :-lag]
    use = np.isfinite(pair.x[before]) & np.isfinite(pair.y[before]) & np.isfinite(pair.y[now])
    use &= np.isfinite(pair.covariates[before]).all(axis=2)
    if use.sum(axis=1).astype(bool).sum() < 5:
        return None
    earlier = Pair(
        pair.x[before],
        pair.y[now],
        pair.x_error[before],
        pair.y_error[now],
        np.zeros_like(pair.xy_error[before]),
        pair.group,
        pair.covariates[before],
    )
    cells = _cells(earlier, use)
    y_before = pair.y[before][use] - np.mean(pair.y[before][use])
    vyy, vxy = np.nan_to_num(pair.y_error[before][use]), np.nan_to_num(pair.xy_error[before][use])
    nuisance, effects = _nuisance(cells, list(cells.covariates.T))
    of_unit = _parts(cells)
    parts = of_unit[cells.unit]
    S = _products(np.column_stack([nuisance, y_before, cells.x, cells.y]), parts)
    E = np.zeros_like(S)
    i = nuisance.shape[1]
    inverse = np.linalg.pinv(S[0, :i, :i], hermitian=True)
    free = 1 - np.einsum("na,na->n", nuisance @ inverse, nuisance)  # what the effects leave of a cell's error
    E[:, i, i] = _sums(free * vyy, parts)
    E[:, i + 1, i + 1] = _sums(free * cells.vx, parts)
    E[:, i, i + 1] = E[:, i + 1, i] = _sums(free * vxy, parts)
    E[:, -1, -1] = _sums(free * cells.vy, parts)
    df = cells.n_units - int(cells.group.max()) - cells.covariates.shape[1] - 2
    sums = _Sums(S, E, _scores_of(S, effects), _errors(cells, of_unit))
    slope = _slope(cells, sums, OVER_TIME, i + 1, df, np.nan)
    return _with_bare(slope, cells, sums, i + 1, df) if pair.recurring else slope


def spread(x: FloatArray, x_error: FloatArray, group: IntArray) -> tuple[float, float]:
    """Variance of true and of observed unit scores within period and group: the yardstick of every slope.

    Parameters
    ----------
    x, x_error : (J, T) unit means and their sampling variances; NaN where missing or unknown.
    group : (J,) codes of the groups whose level is held constant.

    Returns
    -------
    The variance left by period and group effects (denominator N less their number) less the mean sampling variance,
    which may be negative, and the same without that correction. NaN where too few cells are left. An unknown sampling
    variance counts as the mean of those that are known, and as 0 where none is.
    """
    use = np.isfinite(x)
    if not use.any():
        return math.nan, math.nan
    cells = _recoded(Pair(x, x, x_error, x_error, x_error, group, np.empty((*x.shape, 0))), use)
    at_once = np.zeros(cells.n_units, dtype=np.int64)
    scores = _products(np.column_stack([_nuisance(cells, [])[0], cells.x, cells.y]), at_once[cells.unit])
    if len(cells.x) <= scores.shape[1] - 2:
        return math.nan, math.nan
    true, observed = _spread(scores[:1], _errors(cells, at_once)[:1])
    return float(true[0, 0]), float(observed[0, 0])


def unit_reliability(x: FloatArray, x_error: FloatArray, group: IntArray) -> float:
    """Share of the variance of unit scores within a period (and group) that is true; parameters as in ``spread``.

    NaN if the error is unknown or there are too few units to tell.
    """
    if not np.isfinite(x_error[np.isfinite(x)]).any():
        return math.nan
    here = np.isfinite(x).any(axis=1)
    if here.sum() < _least(group[here], 0):
        return math.nan
    true, observed = spread(x, x_error, group)
    return float(np.clip(true / observed, 0, 1)) if observed > 0 else math.nan


def _cells(pair: Pair, use: NDArray[np.bool_]) -> _Cells:
    """Recode the cells in use; refuse what nothing can be learnt from."""
    units = np.flatnonzero(use.any(axis=1))
    least = _least(pair.group[units], pair.covariates.shape[2])
    if len(units) < least:
        raise NotEstimableError(
            f"A link needs at least {least} units with both figures. Found: {len(units)}.", "few-units"
        )
    return _recoded(pair, use)


def _least(group: IntArray, covariates: int) -> int:
    """Fewest units that a link can be learnt from."""
    return len(np.unique(group)) + covariates + 4


def _recoded(pair: Pair, use: NDArray[np.bool_]) -> _Cells:
    """Take the cells in use, centre x and y, and recode units."""
    unit, period = np.nonzero(use)
    rows, periods = use.any(axis=1), use.any(axis=0)
    _, group = np.unique(pair.group[rows], return_inverse=True)
    x, y = pair.x[use], pair.y[use]
    vx = pair.x_error[use]
    known = bool(np.isfinite(vx).any())
    filled = [
        np.where(np.isfinite(v), v, np.nanmean(v) if np.isfinite(v).any() else 0.0) for v in (vx, pair.y_error[use])
    ]
    covariates = pair.covariates[use]
    return _Cells(
        (np.cumsum(rows) - 1)[unit],
        np.asarray(rows),
        (np.cumsum(periods) - 1)[period],
        x - x.mean(),
        y - y.mean(),
        filled[0],
        filled[1],
        np.nan_to_num(pair.xy_error[use]),
        group.astype(np.int64),
        covariates - covariates.mean(axis=0),
        known,
    )


def _nuisance(cells: _Cells, covariates: list[FloatArray]) -> tuple[FloatArray, int]:
    """Intercept, period and group effects, then covariates, in so far as they vary and add something, (N, d).

    Also tells how many of them are effects.
    """
    columns = [np.ones(len(cells.x))]
    for codes in (cells.period, cells.group[cells.unit]):
        columns += [(codes == c).astype(float) for c in range(1, int(codes.max()) + 1)]
    effects = len(columns)
    columns += [c for c in covariates if np.ptp(c) > 0]
    block = np.column_stack(columns)
    gram = block.T @ block
    kept: list[int] = []
    for k in range(len(gram)):
        solved = np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, k]) if kept else np.empty(0)
        if gram[k, k] - solved @ gram[kept, k] > 1e-10 * gram[k, k]:
            kept.append(k)
    return block if len(kept) == len(gram) else block[:, kept], sum(k < effects for k in kept)


def _free_of_nuisance(
    cells: _Cells, D: FloatArray, weighted: FloatArray, total: FloatArray, h: FloatArray, size: IntArray
) -> tuple[float, float]:
    """Share of the sampling error of means and of deviations that period and group effects leave.

    ``1 - tr((D'V^-1D)^-1 D'V^-1 S V^-1 D) / tr(V^-1 S)`` with S the covariance of the errors; ``D`` (N, d) holds the
    effects, ``weighted`` (d, d) is D'V^-1D, ``total`` (J, d) the sums of D per unit.
    """
    v = np.bincount(cells.unit, weights=cells.vx) / size
    of_means = (total * ((1 - h) ** 2 * v / size)[:, None]).T @ total
    of_deviations = (D * v[cells.unit, None]).T @ D - (total * (v / size)[:, None]).T @ total
    inverse = np.linalg.pinv(weighted, hermitian=True)
    traces = [float(np.sum((1 - h) * v)), float(np.sum(v * (size - 1)))]
    absorbed = [float(np.sum(inverse * part)) for part in (of_means, of_deviations)]
    share = [1 - a / t if t > 0 else 1.0 for a, t in zip(absorbed, traces, strict=True)]
    return share[0], share[1]


def _apart(x: FloatArray, mean: FloatArray) -> FloatArray:
    """Deviations from the mean of a unit; 0 where they are nothing but the last digit of that mean."""
    apart = x - mean
    return np.where(np.abs(apart) > _LAST_DIGIT * np.abs(x).max(initial=0.0), apart, 0.0)


def _variance_ratio(moments: lmm.GroupMoments, has_within: bool) -> tuple[float, lmm.LmmFit | None]:
    """REML ratio of the random-intercept variance to the residual; 0 where no unit has two periods."""
    if not has_within:
        return 0.0, None
    fit = lmm.fit_moments(moments)
    return float(fit.theta[0, 0] ** 2), fit


def _parts(cells: _Cells) -> IntArray:
    """Which replicate leaves a unit out, (J,): each its own, or one of so many balanced groups if there are many."""
    J = cells.n_units
    if J <= MOST_REPLICATES:
        return np.arange(J)
    by_level = np.argsort(np.argsort(np.bincount(cells.unit, weights=cells.x), kind="stable"), kind="stable")
    return np.asarray(by_level % MOST_REPLICATES)


def _sums(values: FloatArray, parts: IntArray) -> FloatArray:
    """Sum over all rows, then over all but those of each part, (K + 1,)."""
    of_part = np.bincount(parts, weights=values)
    total = of_part.sum()
    return np.concatenate([[total], total - of_part])


def _products(block: FloatArray, parts: IntArray) -> FloatArray:
    """Cross-products of the columns over all rows, then over all but those of each part, (K + 1, q, q)."""
    block = block[np.argsort(parts.astype(np.uint16), kind="stable")]  # short whole numbers are sorted by radix
    ends = np.cumsum(np.bincount(parts))
    starts = np.concatenate([[0], ends[:-1]])
    of_part = np.stack([block[a:b].T @ block[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
    total = of_part.sum(axis=0)
    return np.concatenate([total[None], total - of_part])


def _solve(S: FloatArray, B: FloatArray) -> FloatArray:
    """Solve a stack of systems, B (K, d, m), whose nuisance part may lose a column when a unit is left out.

    The small ridge that allows it is relative to each column's own diagonal over all units, so that no unit of measure
    (euros beside scale points) drowns another.
    """
    diagonal = np.abs(np.diagonal(S[0]))
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = S / (scale[:, None] * scale) + 1e-12 * np.eye(len(scale))
    return np.asarray(np.linalg.solve(scaled, B / scale[:, None]) / scale[:, None])


def _scores_of(products: FloatArray, effects: int) -> FloatArray:
    """Take those of period and group effects, x and y from the cross-products of a design that ends in x and y."""
    q = products.shape[1]
    of_scores = [*range(effects), q - 2, q - 1]
    return products[:, of_scores][:, :, of_scores]


def _errors(cells: _Cells, parts: IntArray) -> FloatArray:
    """Sums of the sampling variances of x and y (see ``_Sums``)."""
    part = parts[cells.unit]
    return np.column_stack([_sums(v, part) for v in (cells.vx, cells.vy)])


def _spread(S: FloatArray, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variance of true and of observed unit scores within period and group, each (K + 1, 2) for x and y."""
    d = S.shape[1] - 2
    dof = np.clip(S[:, 0, 0] - d, 1, None)[:, None]
    explained = np.einsum("kam,kam->km", _solve(S[:, :d, :d], S[:, :d, d:]), S[:, :d, d:])
    observed = (np.diagonal(S, axis1=1, axis2=2)[:, d:] - explained) / dof
    return observed - errors / S[:, 0, 0][:, None], observed


def _tried(cells: _Cells, sums: _Sums, left_out: float, at: int, df: int, model_se: float) -> Slope | NotEstimableError:
    try:
        return _slope(cells, sums, left_out, at, df, model_se)
    except NotEstimableError as error_:
        return error_


def _slope(cells: _Cells, sums: _Sums, left_out: float, at: int, df: int, model_se: float) -> Slope:
    """Solve for one coefficient on all units and on each replicate, and standardise it each time."""
    if df < 2:
        raise NotEstimableError(
            f"Too few units are left to tell how sure the slope is. Found: {cells.n_units}.", "few-units"
        )
    sums = sums.weighed(left_out)
    S, E = sums.S, sums.E
    observed_left = _profiled(S, at)
    free = observed_left[0, 0, 0]
    latent, observed = _spread(sums.scores, sums.errors)
    _refuse_noise("cause", latent[0, 0], observed[0, 0])
    _refuse_noise("outcome", latent[0, 1], observed[0, 1])
    reliability = 1 - E[0, at, at] / free if free > 1e-12 * max(S[0, at, at], 1e-300) else 0.0
    if reliability < LEAST_RELIABILITY:
        raise NotEstimableError("The cause does not differ beyond sampling error.", "noise-cause")
    left = _profiled(S - E, at) / S[:, 0, 0][:, None, None]
    numerator, denominator = left[:, 0, 1], left[:, 0, 0]
    ruler = np.sqrt(np.clip(latent, LEAST_RELIABILITY * observed, None))  # a replicate below it has no ruler
    known = min(reliability, 1.0) ** 2
    standardised, influence = _ratio(numerator, denominator * ruler[:, 1] / ruler[:, 0], left_out, known)
    unstandardised, _ = _ratio(numerator, denominator, left_out, known)
    exact = known**3  # felt only where nearly all of the cause is known: see ``between_within``
    spread_left = denominator[0] * left[0, 1, 1]
    partial = float(numerator[0] / np.sqrt(spread_left)) if spread_left > 0 else float("nan")
    if left_out == BETWEEN and 0 < abs(partial) < 1:
        standardised = replace(standardised, reach=standardised.estimate / partial / exact)
    freedom = min(1 / ((1 - exact) / df + exact / _freedom(observed_left[:, 0, 0], df)), len(S) - 2)
    usual = float(special.stdtrit(freedom, 0.975))
    if not math.isfinite(standardised.limits(usual)[0]):
        raise NotEstimableError("The cause does not surely differ beyond sampling error.", "noise-cause")
    plain = float(observed_left[0, 0, 1] / free)
    return Slope(
        standardised=standardised,
        unstandardised=unstandardised,
        bare=None,
        df=float(freedom),
        uncorrected=plain * float(np.sqrt(observed[0, 0] / observed[0, 1])),
        model_se=float(model_se / reliability * ruler[0, 0] / ruler[0, 1]),
        reliability=float(reliability) if cells.known else float("nan"),
        partial=partial,
        influence=_per_unit(cells, influence),
        n_obs=len(cells.x),
        n_units=cells.n_units,
        n_waves=int(cells.period.max()) + 1,
    )


def _with_bare(slope: Slope, cells: _Cells, sums: _Sums, at: int, df: int) -> Slope:
    """Put the slope without any correction beside it (own proposal: bounds, since the data cannot tell the share)."""
    return replace(slope, bare=_slope(cells, sums.bare(), OVER_TIME, at, df, np.nan).standardised)


def _profiled(C: FloatArray, at: int) -> FloatArray:
    """Cross-products of column ``at`` and y less what the other predictors explain, for a stack, (K + 1, 2, 2)."""
    others, both = [k for k in range(C.shape[1] - 1) if k != at], [at, C.shape[1] - 1]
    rows = C[:, both]
    explained = _solve(C[:, others][:, :, others], rows[:, :, others].transpose(0, 2, 1))
    return np.asarray(rows[:, :, both] - rows[:, :, others] @ explained)


def _per_unit(cells: _Cells, influence: FloatArray) -> FloatArray:
    """Put the influence of each unit in its place in the panel; empty if units were left out in groups."""
    if len(influence) != cells.n_units:
        return np.empty(0)
    placed = np.zeros(len(cells.rows))
    placed[cells.rows] = influence
    return placed


def _freedom(whole: FloatArray, df: int) -> float:
    """Degrees of freedom of a variance that is a sum over units, at most ``df`` (Bell & McCaffrey 2002).

    ``whole`` (K + 1,) is the spread of the cause over all units and over all but those of each part. ``(sum a)^2 / sum
    a^2``, a the part of it that goes with a unit: few units far from the mean tell most of the slope, and most of its
    error.
    """
    a = np.maximum(whole[0] - whole[1:], 0)
    return min(float(a.sum() ** 2 / (a @ a)), df) if a.any() else df


def _ratio(numerator: FloatArray, denominator: FloatArray, left_out: float, known: float) -> tuple[Ratio, FloatArray]:
    """Ratio on all units (first) with variances from the replicates (the rest), and the influence of each, (K,).

    ``known`` is the share of the variance of the denominator that is not due to sampling error, ``reliability**2`` for
    normal scores: the variance of a variance goes by its square. So far the residual is that of the ratio itself, with
    the unit's own leverage; the rest of the doubt about the denominator is in ``Ratio.var_noise``. The squares of the
    influence sum to the squared standard error.
    """
    parts = np.stack([numerator, denominator])
    K = parts.shape[1] - 1
    # The factor that makes the variance of a plain mean exact.
    scale = (K - left_out) / (left_out * np.sqrt(K * (K - 1)))
    apart = (parts[:, 1:].mean(axis=1, keepdims=True) - parts[:, 1:]) * scale
    leverage = denominator[0] / np.maximum(denominator[1:], abs(denominator[0]) / MOST_LEVERAGE)
    residual = (apart[0] - numerator[0] / denominator[0] * apart[1]) * (1 + known * (leverage - 1))
    ratio = Ratio(
        numerator=float(numerator[0]),
        denominator=float(denominator[0]),
        var_residual=float(residual @ residual),
        covariance=float((1 - known) * (residual @ apart[1])),
        var_noise=float((1 - known) * (apart[1] @ apart[1])),
    )
    return ratio, residual / ratio.denominator


def _refuse_noise(name: str, latent: float, observed: float) -> None:
    if observed <= 0 or latent / observed < LEAST_RELIABILITY:
        raise NotEstimableError(f"The {name} does not differ beyond sampling error.", f"noise-{name}")
