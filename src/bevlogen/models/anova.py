"""How much of one answer's variance lies between units? One-way random-effects ANOVA, ICC(1) and ICC(2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy  # optimize is loaded when it is first used: that takes longer than a day of answers does
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Sums of squares below this share of the total are rounding, not variance.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Icc:
    """One-way ANOVA of answers in units.

    Attributes
    ----------
    icc1 : share of one answer's variance between units, 0 to 1; a negative estimate is given as 0.
    icc1_raw : the same as estimated, possibly negative.
    icc1_low, icc1_high : its interval; the low limit may be negative.
    icc2 : reliability of a unit mean of average size, ``1 - msw / msb``; a negative estimate is given as 0.
    icc2_raw, icc2_low, icc2_high : as estimated, and its interval.
    msb, msw : mean squares between and within units.
    tau2 : variance between units ``(msb - msw) / k``, not below 0.
    k : average size, ``(N - sum(n^2) / N) / (J - 1)``.
    df_between, df_within : degrees of freedom of the mean squares.
    df_effective : those between that the intervals use; lower for unequal sizes and for units seen several times.
    n_obs, n_units : answers and units with at least one answer.
    level : coverage of the intervals.
    notes : why a figure is missing or limited, in plain words.
    """

    icc1: float
    icc1_raw: float
    icc1_low: float
    icc1_high: float
    icc2: float
    icc2_raw: float
    icc2_low: float
    icc2_high: float
    msb: float
    msw: float
    tau2: float
    k: float
    df_between: float
    df_within: float
    df_effective: float
    n_obs: int
    n_units: int
    level: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Components:
    """Variance between (``tau2``) and within (``sigma2``) units by REML, and the mean ``mu`` by GLS."""

    mu: float
    tau2: float
    sigma2: float
    icc1: float
    icc2: float
    n_obs: int
    n_units: int


def icc(y: ArrayLike, group: ArrayLike, *, level: float = 0.95) -> Icc:
    """Answer how much of one answer's variance lies between units, and how reliable unit means are.

    Parameters
    ----------
    y : (n,) answers; NaN is left out.
    group : (n,) label of each answer's unit.
    level : coverage of the intervals.

    Returns
    -------
    Icc

    Raises
    ------
    ShapeError
        ``y`` and ``group`` differ in length.
    NotEstimableError
        Fewer than two units with answers.

    Notes
    -----
    ``ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW)`` and ``ICC(2) = (MSB - MSW) / MSB``, denominators J - 1 and N - J.
    Intervals invert the F distribution of MSB / MSW; exact for equal sizes and normal effects. For unequal sizes, own
    derivation after Satterthwaite (1946): with shares ``l_j = 1 + n_j tau2 / MSW`` of the expected squares the degrees
    of freedom between are divided by ``J sum(l^2) / sum(l)^2``.
    With one answer per unit there is no variance within units: MSW and both ICCs are NaN, with a note. Where
    all answers are equal both ICCs are NaN, with a note.

    References
    ----------
    Bliese, P. D. (2000), in Klein & Kozlowski (eds), Multilevel theory, research, and methods, 349-381.
    Shrout, P. E. & Fleiss, J. L. (1979). doi:10.1037/0033-2909.86.2.420 (intervals).
    Satterthwaite, F. E. (1946). doi:10.2307/3002019

    Examples
    --------
    >>> r = icc([4, 5, 5, 2, 3, 2, 3, 5, 6, 6, 5, 6], [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3])
    >>> round(r.icc1, 6), round(r.icc2, 6)
    (0.894536, 0.970778)
    """
    values, codes, n_groups = grouped(y, group)
    centre = values.mean() if len(values) else 0.0
    shifted = values - centre
    n = np.bincount(codes, minlength=n_groups).astype(np.float64)
    total = np.bincount(codes, shifted, minlength=n_groups)
    squares = np.bincount(codes, shifted**2, minlength=n_groups)
    return icc_from_moments(n, total, squares, level=level)


def icc_from_moments(
    n: ArrayLike,
    total: ArrayLike,
    squares: ArrayLike,
    stratum: ArrayLike | None = None,
    *,
    unit: ArrayLike | None = None,
    level: float = 0.95,
) -> Icc:
    """Answer the same as ``icc`` from counts, sums and sums of squares per cell.

    Parameters
    ----------
    n, total, squares : (m,) answers, their sum and their sum of squares per cell; cells without answers are left out.
        Subtract a rough centre from the answers before summing, so that the squares keep their digits.
    stratum : (m,) codes, such as periods. Means of strata are removed: units are compared within a stratum only and
        the mean squares are pooled over strata. None: one stratum.
    unit : (m,) codes of the unit that a cell belongs to, where a unit has a cell in several strata. Its cells resemble
        each other, which lowers the degrees of freedom between; None: every cell is a unit of its own.
    level : coverage of the intervals.

    Returns
    -------
    Icc
        ``n_units`` counts units if ``unit`` is given, else cells.

    Raises
    ------
    ShapeError, NotEstimableError
        As ``icc``; no stratum with two cells.

    Notes
    -----
    Pooled: ``k = sum_t (N_t - sum n^2 / N_t) / sum_t (J_t - 1)``, so that E[MSB] = MSW + k tau2 still holds.
    Effective degrees of freedom between, own derivation: the deviations of one unit in two strata correlate by rho
    (ANOVA estimate); a sum of T such squares has the variance of ``T / (1 + (T - 1) rho^2)`` independent ones.
    """
    counts, sums, sq = (np.asarray(a, dtype=np.float64) for a in (n, total, squares))
    strata = np.zeros(len(counts), dtype=np.int64) if stratum is None else np.asarray(stratum)
    units = np.arange(len(counts)) if unit is None else np.asarray(unit)
    if not (counts.ndim == 1 and counts.shape == sums.shape == sq.shape == strata.shape == units.shape):
        raise ShapeError("Counts, sums, squares, strata and units must be vectors of one length.")
    keep = counts > 0
    counts, sums, sq, strata, units = counts[keep], sums[keep], sq[keep], strata[keep], units[keep]
    _, t = np.unique(strata, return_inverse=True)
    cells = np.bincount(t)
    df_between = float((cells - 1).sum())
    if df_between < 1:
        raise NotEstimableError("Variance between units needs at least two units with answers; found fewer.")
    size = np.bincount(t, counts)
    centre = np.bincount(t, sums) / size
    deviation = sums / counts - centre[t]
    ssb = float((counts * deviation**2).sum())
    ssw = float((sq - sums**2 / counts).sum())
    rounding = _ROUNDING * float(sq.sum())
    ssb, ssw = (0.0 if s <= rounding else s for s in (ssb, ssw))
    k = float((size - np.bincount(t, counts**2) / size).sum()) / df_between
    df_within = float((counts - 1).sum())
    msb = ssb / df_between
    msw = ssw / df_within if df_within > 0 else np.nan
    ratio = max((msb - msw) / (k * msw), 0.0) if msw > 0 else 0.0
    repetition = 1.0 if unit is None else _repetition(counts, deviation, units)
    return _with_iccs(
        Icc(
            *(np.nan,) * 8,
            msb=msb,
            msw=msw,
            tau2=np.nan,
            k=k,
            df_between=df_between,
            df_within=df_within,
            df_effective=df_between / repetition / _unequal(counts, ratio),
            n_obs=int(counts.sum()),
            n_units=len(np.unique(units)),
            level=level,
        )
    )


def _repetition(counts: FloatArray, deviation: FloatArray, unit: NDArray[np.generic]) -> float:
    """Return 1 + (T - 1) rho^2: how many times over the cells of a unit count the same thing."""
    _, u = np.unique(unit, return_inverse=True)
    waves = np.bincount(u).astype(np.float64)
    n_units, n_cells = len(waves), float(len(u))
    if n_cells == n_units or n_units < 2:
        return 1.0
    scaled = np.sqrt(counts) * deviation
    means = np.bincount(u, scaled) / waves
    within = float(((scaled - means[u]) ** 2).sum()) / (n_cells - n_units)
    between = float((waves * means**2).sum()) / (n_units - 1)
    size = (n_cells - float((waves**2).sum()) / n_cells) / (n_units - 1)
    spread = between + (size - 1) * within
    rho = min(max((between - within) / spread, 0.0), 1.0) if spread > 0 else 0.0
    return 1.0 + (n_cells / n_units - 1.0) * rho**2


def _unequal(counts: FloatArray, ratio: float) -> float:
    """Return how far unequal sizes lower the degrees of freedom, 1 for equal ones: m sum(l^2) / sum(l)^2."""
    share = 1 + counts * ratio
    return float(len(share) * (share**2).sum() / share.sum() ** 2)


def _with_iccs(blank: Icc) -> Icc:
    """Add the ICCs and their F-based limits to a record of mean squares."""
    msb, msw, k = blank.msb, blank.msw, blank.k
    if not blank.df_within > 0:
        note = "Every unit has one answer: variance within units, and so ICC(1) and ICC(2), cannot be known."
        return replace(blank, notes=(note,))
    blank = replace(blank, tau2=max((msb - msw) / k, 0.0))
    if msb == 0.0 and msw == 0.0:
        return replace(blank, notes=("All answers are equal: there is no variance to share out.",))
    icc1 = (msb - msw) / (msb + (k - 1) * msw)
    icc2 = (msb - msw) / msb if msb > 0 else -np.inf
    found = replace(blank, icc1=max(icc1, 0.0), icc1_raw=icc1, icc2=max(icc2, 0.0), icc2_raw=icc2)
    if msw == 0.0:
        return replace(found, notes=("Within every unit all answers are equal: no interval can be given.",))
    tail = (1 - blank.level) / 2
    f_low, f_high = msb / msw / special.fdtri(blank.df_effective, blank.df_within, [1 - tail, tail])
    return replace(
        found,
        icc1_low=float((f_low - 1) / (f_low + k - 1)),
        icc1_high=float((f_high - 1) / (f_high + k - 1)),
        icc2_low=float(1 - 1 / f_low) if f_low > 0 else -np.inf,
        icc2_high=float(1 - 1 / f_high) if f_high > 0 else -np.inf,
        notes=("ICC(1) is estimated below 0 and given as 0.",) if icc1 < 0 else (),
    )


def unit_reliability(n: ArrayLike, icc1: float) -> FloatArray:
    """Return the reliability of the mean of n answers, ``n ICC1 / (1 + (n - 1) ICC1)``; NaN where n is 0 or NaN."""
    counts = np.asarray(n, dtype=np.float64)
    out = np.full(counts.shape, np.nan)
    np.divide(counts * icc1, 1 + (counts - 1) * icc1, out=out, where=counts > 0)
    return out


def components(y: ArrayLike, group: ArrayLike) -> Components:
    """Answer the same as ``icc`` by REML, which weighs units of unequal size better than ANOVA does.

    Parameters
    ----------
    y, group : as ``icc``.

    Returns
    -------
    Components
        ``icc1 = tau2 / (tau2 + sigma2)``; ``icc2`` is the reliability of a mean of N / J answers.

    Raises
    ------
    ShapeError, NotEstimableError
        As ``icc``; also with one answer in every unit, or no variance within units.

    References
    ----------
    Patterson, H. D. & Thompson, R. (1971). doi:10.1093/biomet/58.3.545
    """
    values, codes, n_groups = grouped(y, group)
    n = np.bincount(codes, minlength=n_groups).astype(np.float64)
    means = np.bincount(codes, values, minlength=n_groups) / n
    ssw = float(((values - means[codes]) ** 2).sum())
    n_obs = float(len(values))
    if n_groups < 2 or n_obs == n_groups or ssw <= _ROUNDING * float((values**2).sum()):
        raise NotEstimableError("REML needs two units or more, and answers that differ within units; found neither.")

    def fit(ratio: float) -> tuple[float, float, float]:
        """Return criterion, mean and sigma2 profiled at ``ratio = tau2 / sigma2``."""
        weight = n / (1 + n * ratio)
        mu = float(weight @ means / weight.sum())
        sigma2 = (ssw + float(weight @ (means - mu) ** 2)) / (n_obs - 1)
        criterion = float(np.log1p(n * ratio).sum() + np.log(weight.sum()) + (n_obs - 1) * np.log(sigma2))
        return criterion, mu, sigma2

    def slope(ratio: float) -> float:
        """Derivative of the criterion in ``ratio``."""
        weight = n / (1 + n * ratio)
        _, mu, sigma2 = fit(ratio)
        return float(weight.sum() - (weight**2).sum() / weight.sum() - (weight**2 @ (means - mu) ** 2) / sigma2)

    ratio = 0.0
    if slope(0.0) < 0:
        high = 1.0
        while slope(high) < 0:
            high *= 4.0
        ratio = float(scipy.optimize.brentq(slope, 0.0, high, xtol=1e-15, rtol=1e-14))
    _, mu, sigma2 = fit(ratio)
    size = n_obs / n_groups
    return Components(
        mu, ratio * sigma2, sigma2, ratio / (1 + ratio), size * ratio / (1 + size * ratio), int(n_obs), n_groups
    )


def grouped(y: ArrayLike, group: ArrayLike) -> tuple[FloatArray, IntArray, int]:
    """Return answers without NaN, the codes of their units from 0, and how many units there are."""
    values, labels = np.asarray(y, dtype=np.float64), np.asarray(group)
    if values.ndim != 1 or labels.shape != values.shape:
        raise ShapeError(f"Answers and units must be vectors of one length. Found {values.shape} and {labels.shape}.")
    keep = ~np.isnan(values)
    if not keep.any():
        raise NotEstimableError("No answers: every value is missing.")
    _, codes = np.unique(labels[keep], return_inverse=True)
    return values[keep], codes.astype(np.int64), int(codes.max()) + 1
