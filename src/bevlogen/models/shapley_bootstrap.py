"""Intervals of importance shares from resampled clusters, and the difference or equivalence of two shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.coalitions import MOST_PREDICTORS, members_of, quotient, shapley_values, subset_r2
from bevlogen.models.correlations import checked, corrected, disattenuate, from_moments, proper, reliabilities

FloatArray = NDArray[np.float64]
Interval = Literal["percentile", "bca"]

MOST_REFUSED = 0.05  # share of draws without an answer beyond which an interval would flatter
_CHUNK = 4_000_000  # numbers held at once while draws are worked through
_INTERVALS = ("percentile", "bca")


@dataclass(frozen=True, slots=True)
class ShareBootstrap:
    """Shares with intervals from resampled clusters.

    Attributes
    ----------
    shares, low, high : (m,) parts of ``r2`` and their limits.
    relative, relative_low, relative_high : (m,) the same as parts of the explained variance; ``relative`` sums to 1.
    r2, r2_low, r2_high : squared multiple correlation and its limits.
    draws : (n_draws, m) shares per resample.
    jackknife : (J', m) shares without each cluster in turn, as far as they exist; none for ``percentile``.
    level, interval : coverage aimed at, and the kind of interval.
    n_clusters : J.
    n_refused : resamples without an answer (corrected matrix not positive definite, or a predictor without variance).
    """

    shares: FloatArray
    low: FloatArray
    high: FloatArray
    relative: FloatArray
    relative_low: FloatArray
    relative_high: FloatArray
    r2: float
    r2_low: float
    r2_high: float
    draws: FloatArray
    jackknife: FloatArray
    level: float
    interval: Interval
    n_clusters: int
    n_refused: int


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """Whether two shares differ, and whether they are the same for practical purposes.

    Attributes
    ----------
    difference, low, high : first minus second share, with limits at the level of the bootstrap.
    low90, high90 : 90 % limits: both inside the margin is a two one-sided tests procedure at 5 %.
    margin : largest difference that counts as the same.
    equivalent : whether the 90 % interval lies inside plus or minus ``margin``.
    relative : whether shares are parts of the explained variance (True) or of all variance (False).
    """

    difference: float
    low: float
    high: float
    low90: float
    high90: float
    margin: float
    equivalent: bool
    relative: bool


def cluster_bootstrap(
    cross: ArrayLike,
    rng: np.random.Generator,
    *,
    n_boot: int = 2000,
    grouping: Sequence[object] | None = None,
    reliability_x: ArrayLike = 1.0,
    reliability_y: float = 1.0,
    level: float = 0.95,
    interval: Interval = "percentile",
) -> ShareBootstrap:
    """Give shares an interval by resampling whole clusters (units), from cross-products alone.

    Parameters
    ----------
    cross : (J, p + 2, p + 2) per cluster the sums of products of ``[1, X, y]``; a first entry of n and zeros beside it
        (columns centred within clusters) gives within-cluster shares; one row per cluster gives between-unit shares.
    rng : source of the resamples.
    n_boot : number of resamples.
    grouping : (p,) labels: divide over groups (as ``owen``) instead of predictors.
    reliability_x, reliability_y : as in ``disattenuate``; taken as known, in each resample the same.
    level : coverage aimed at.
    interval : ``percentile``, or ``bca`` (bias-corrected and accelerated, by jackknife over clusters). Both
        reach further out with few clusters: see Notes.

    Returns
    -------
    ShareBootstrap

    Raises
    ------
    ShapeError
        ``cross`` has another shape or holds missing values; labels or reliabilities do not fit.
    NotEstimableError
        As ``lmg`` and ``disattenuate``; fewer than 3 clusters; more than 5 % of the resamples have no answer.
    ChoiceError
        Unknown interval.

    Notes
    -----
    A resample draws J clusters with replacement, as multinomial weights on their moments. Plain tails are too near
    with few clusters; they are taken at ``Phi(-sqrt(J / (J - 1)) t)``, t with J - 1 degrees of freedom. In simulation
    (2 predictors; 8, 20, 60 and 200 clusters) percentile limits so covered relative shares in 92 to 96 % of 400
    samples, BCa limits in 81 to 96 %. A share cannot be negative, so near zero no interval covers zero: judge small
    shares by their upper limit and by ``compare``.

    References
    ----------
    Hesterberg (2015), doi 10.1080/00031305.2015.1089789. Efron (1987), doi 10.1080/01621459.1987.10478410. Grömping
    (2006), doi 10.18637/jss.v017.i01.
    """
    if interval not in _INTERVALS:
        raise ChoiceError("interval", interval, _INTERVALS)
    cross_ = _checked_cross(cross)
    J, p = len(cross_), cross_.shape[1] - 2
    rel = reliabilities(reliability_x, reliability_y, p)
    members = None if grouping is None else members_of(grouping, p)[1]
    total = cross_.sum(axis=0)
    _check_total(total, rel)
    shares = _batch_shares(total[None], rel, members)[0]
    draws = np.concatenate([_batch_shares(sums, rel, members) for sums in _resampled(cross_, rng, n_boot)])
    kept = draws[np.isfinite(draws).all(axis=1)]
    if len(kept) < (1 - MOST_REFUSED) * n_boot:
        raise NotEstimableError(
            f"Too many resamples have no answer. Found: {n_boot - len(kept)} of {n_boot}. The clusters are too few or "
            "the reliabilities too low for an interval: add units, or merge predictors.",
            why="few-units",
        )
    left = _batch_shares(total - cross_ if interval == "bca" else cross_[:0], rel, members)
    left = left[np.isfinite(left).all(axis=1)]
    limits = _limits(shares, kept, left, level, interval, J)
    relative = _limits(_ratio(shares), _ratio(kept), _ratio(left), level, interval, J)
    r2 = _limits(shares.sum(keepdims=True), kept.sum(1, keepdims=True), left.sum(1, keepdims=True), level, interval, J)
    return ShareBootstrap(
        shares=shares,
        low=limits[0],
        high=limits[1],
        relative=_ratio(shares),
        relative_low=relative[0],
        relative_high=relative[1],
        r2=float(shares.sum()),
        r2_low=float(r2[0, 0]),
        r2_high=float(r2[1, 0]),
        draws=kept,
        jackknife=left,
        level=level,
        interval=interval,
        n_clusters=J,
        n_refused=n_boot - len(kept),
    )


def compare(
    bootstrap: ShareBootstrap,
    i: int | Sequence[int],
    j: int | Sequence[int],
    margin: float,
    *,
    relative: bool = True,
) -> ShareDifference:
    """Compare two shares, or two sums of shares: do they differ, and are they equivalent within a margin?

    Parameters
    ----------
    bootstrap : the answer of ``cluster_bootstrap``.
    i, j : positions of the first and second share; several positions are summed.
    margin : largest difference that counts as the same, above 0, on the scale that ``relative`` chooses.
    relative : compare parts of the explained variance (True) or of all variance (False).

    Returns
    -------
    ShareDifference

    Raises
    ------
    ShapeError
        A position does not exist or is on both sides, or the margin is not positive.

    Notes
    -----
    Equivalence is decided by two one-sided tests at 5 %, that is by the 90 % interval. "Not different" and
    "equivalent" are separate answers; both may be false.

    References
    ----------
    Schuirmann (1987), doi 10.1007/BF01068419.
    """
    first, second = _positions(i), _positions(j)
    m = len(bootstrap.shares)
    if set(first) & set(second) or not all(0 <= k < m for k in (*first, *second)):
        raise ShapeError(f"Two shares to compare are different positions from 0 to {m - 1}. Found: {i} and {j}.")
    if not margin > 0:
        raise ShapeError(f"A margin of equivalence is above 0. Found: {margin}.")

    def difference(shares: FloatArray) -> FloatArray:
        values = _ratio(shares) if relative else shares
        sums = [values[..., list(side)].sum(axis=-1, keepdims=True) for side in (first, second)]
        return np.asarray(sums[0] - sums[1])

    parts = difference(bootstrap.shares), difference(bootstrap.draws), difference(bootstrap.jackknife)
    limits = _limits(*parts, bootstrap.level, bootstrap.interval, bootstrap.n_clusters)
    narrow = _limits(*parts, 0.90, bootstrap.interval, bootstrap.n_clusters)
    low90, high90 = float(narrow[0, 0]), float(narrow[1, 0])
    return ShareDifference(
        difference=float(parts[0][0]),
        low=float(limits[0, 0]),
        high=float(limits[1, 0]),
        low90=low90,
        high90=high90,
        margin=margin,
        equivalent=-margin < low90 and high90 < margin,
        relative=relative,
    )


def _checked_cross(cross: ArrayLike) -> FloatArray:
    cross_ = np.asarray(cross, dtype=float)
    if cross_.ndim != 3 or cross_.shape[1] != cross_.shape[2] or cross_.shape[1] < 3:
        raise ShapeError(f"Cross-products of [1, X, y] per cluster are (J, p + 2, p + 2). Found: {cross_.shape}.")
    if not np.isfinite(cross_).all():
        raise ShapeError("The cross-products hold missing values. Leave those rows out before summing.")
    if len(cross_) < 3:
        raise NotEstimableError(f"Resampling needs at least 3 clusters. Found: {len(cross_)}.", why="few-units")
    return cross_


def _check_total(total: FloatArray, rel: tuple[FloatArray, float]) -> None:
    """Say why the data as a whole cannot be divided, if so."""
    joint = from_moments(total[None])[0]
    if not np.isfinite(joint).all():
        raise NotEstimableError("A predictor or the outcome does not vary. Leave it out.")
    checked(joint[:-1, :-1], joint[:-1, -1], MOST_PREDICTORS)
    disattenuate(joint[:-1, :-1], joint[:-1, -1], *rel)


def _resampled(cross: FloatArray, rng: np.random.Generator, n_boot: int) -> Iterator[FloatArray]:
    """Yield blocks of (b, q, q) summed cross-products of clusters drawn with replacement."""
    J = len(cross)
    step = max(1, _CHUNK // J)
    for start in range(0, n_boot, step):
        counts = rng.multinomial(J, np.full(J, 1 / J), size=min(step, n_boot - start)).astype(float)
        yield np.tensordot(counts, cross, axes=1)


def _positions(k: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(int(v) for v in k) if isinstance(k, Sequence) else (int(k),)


def _batch_shares(
    totals: FloatArray, rel: tuple[FloatArray, float], members: list[tuple[int, ...]] | None
) -> FloatArray:
    """Return (B, m) shares per set of cross-products; a row of NaN where they cannot be computed."""
    p = totals.shape[1] - 2
    m = p if members is None else len(members)
    step = max(1, _CHUNK // max(2 ** (p + 1), (p + 2) ** 2 * 4))
    out = np.full((len(totals), m), np.nan)
    for start in range(0, len(totals), step):
        joint = from_moments(totals[start : start + step])
        usable = np.isfinite(joint).all(axis=(1, 2))
        joint[~usable] = np.eye(p + 1)
        joint = corrected(joint, *rel)
        usable &= proper(joint)
        if usable.any():
            joint = joint[usable]
            table = subset_r2(joint[:, :-1, :-1], joint[:, :-1, -1])
            table = table if members is None else quotient(table, members)
            out[start : start + step][usable] = shapley_values(table)
    return out


def _ratio(shares: FloatArray) -> FloatArray:
    total = shares.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(shares, total, out=np.full_like(shares, np.nan), where=total > 0))


def _limits(
    estimate: FloatArray, draws: FloatArray, jackknife: FloatArray, level: float, interval: Interval, n_clusters: int
) -> FloatArray:
    """Return (2, m) limits; tails lie further out for few clusters (Hesterberg 2015)."""
    wide = np.sqrt(n_clusters / (n_clusters - 1)) * special.stdtrit(n_clusters - 1, 0.5 + level / 2)
    tails = special.ndtr([-wide, wide])
    if interval == "percentile":
        return np.asarray(np.quantile(draws, tails, axis=0))
    below = (draws < estimate).mean(axis=0) + (draws == estimate).mean(axis=0) / 2
    edge = 0.5 / len(draws)
    z0 = special.ndtri(np.clip(below, edge, 1 - edge))
    off = jackknife.mean(axis=0) - jackknife
    spread = (off**2).sum(axis=0) ** 1.5
    a = np.divide((off**3).sum(axis=0), 6 * spread, out=np.zeros_like(spread), where=spread > 0)
    z = z0 + special.ndtri(tails)[:, None]
    at = special.ndtr(z0 + z / (1 - a * z))
    return np.array([[np.quantile(draws[:, k], at[t, k]) for k in range(draws.shape[1])] for t in range(2)])
