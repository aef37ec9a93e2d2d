"""How much of what is explained belongs to each predictor, from correlations alone.

All shares come from the squared multiple correlations of the 2^p subsets of predictors. Those are found in one sweep:
predictor by predictor, each branch either drops it or partials it out of what is left, so that 2^15 subsets take well
under a second and a whole bootstrap is one array. Notation: R correlates the predictors, r correlates them with y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Interval = Literal["bca", "percentile"]

MOST_PREDICTORS = 15  # 2^15 subsets; each further predictor doubles time and memory
MOST_REFUSED = 0.05  # share of draws without an answer beyond which an interval would flatter
_TINY = 1e-10  # smallest eigenvalue of a correlation matrix that counts as positive
_CHUNK = 4_000_000  # numbers held at once while draws are worked through
_INTERVALS = ("bca", "percentile")


@dataclass(frozen=True, slots=True)
class Shares:
    """The explained variance, divided.

    Attributes
    ----------
    shares : (p,) parts of ``r2``, in the order of the predictors; they sum to ``r2``.
    r2 : squared multiple correlation, 0 to 1.
    """

    shares: FloatArray
    r2: float

    @property
    def relative(self) -> FloatArray:
        """(p,) shares as parts of the explained variance; they sum to 1 (NaN if nothing is explained)."""
        return self.shares / self.r2 if self.r2 > 0 else np.full_like(self.shares, np.nan)


@dataclass(frozen=True, slots=True)
class GroupedShares:
    """The explained variance, divided over groups of predictors and within them.

    Attributes
    ----------
    shares : (p,) Owen values; they sum to ``r2`` and, within a group, to the share of the group.
    group_shares : (m,) shares of the groups, in the order of ``groups``.
    groups : the m labels, in order of first appearance.
    r2 : squared multiple correlation, 0 to 1.
    """

    shares: FloatArray
    group_shares: FloatArray
    groups: tuple[str, ...]
    r2: float


@dataclass(frozen=True, slots=True)
class Dominance:
    """Dominance analysis.

    Attributes
    ----------
    general : (p,) mean of ``conditional`` over sizes: the LMG shares.
    conditional : (p, p) row k holds the mean gain in R2 from adding each predictor to k others.
    complete : (p, p) 1 where the row's predictor adds at least as much as the column's to every subset of the others,
        0 where the reverse holds, 0.5 where neither does; NaN on the diagonal.
    subset_r2 : (2^p,) R2 of each subset; bit j of the index says whether predictor j is in it.
    """

    general: FloatArray
    conditional: FloatArray
    complete: FloatArray
    subset_r2: FloatArray


class Correlations(NamedTuple):
    """Correlations of predictors (R, (p, p)) and of predictors with the outcome (r, (p,))."""

    R: FloatArray
    r: FloatArray


@dataclass(frozen=True, slots=True)
class ShareBootstrap:
    """Shares with intervals from resampled clusters.

    Attributes
    ----------
    shares, low, high : (m,) parts of ``r2`` and their limits.
    relative, relative_low, relative_high : (m,) the same as parts of the explained variance; ``relative`` sums to 1.
    r2, r2_low, r2_high : squared multiple correlation and its limits.
    draws : (n_draws, m) shares per resample.
    jackknife : (J', m) shares without each cluster in turn (those that could be computed).
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


def lmg(R: ArrayLike, r: ArrayLike) -> Shares:
    """Divide R2 over predictors by their mean gain over all orders of entry (LMG, Shapley, general dominance).

    Parameters
    ----------
    R : (p, p) correlations of the predictors, p at most 15.
    r : (p,) correlations of the predictors with the outcome.

    Returns
    -------
    Shares

    Raises
    ------
    ShapeError
        Shapes do not fit, values are missing, or R is no correlation matrix.
    NotEstimableError
        More than 15 predictors, collinear predictors, or correlations that cannot occur together.

    Notes
    -----
    ``phi_j = sum over S without j of |S|! (p - |S| - 1)! / p! (R2(S + j) - R2(S))``. It divides association: it says
    nothing of cause, and the more reliable of two scales wins unless ``disattenuate`` comes first.

    References
    ----------
    Lindeman, Merenda & Gold (1980), p. 119-127. Grömping (2007), doi 10.1198/000313007X188252.

    Examples
    --------
    >>> lmg([[1, 0.5], [0.5, 1]], [0.4, 0.3]).shares.round(4)
    array([0.1217, 0.0517])
    """
    R_, r_ = _checked(R, r, MOST_PREDICTORS)
    table = _subset_r2(R_, r_)
    return Shares(_shapley(table), float(table[-1]))


def johnson(R: ArrayLike, r: ArrayLike) -> Shares:
    """Divide R2 over predictors by Johnson's relative weights; close to ``lmg`` and without limit on p.

    Parameters, Raises
    ------------------
    As ``lmg``, for any number of predictors.

    Notes
    -----
    With L the symmetric square root of R and ``b = L^-1 r``, the weight of j is ``sum over k of L_jk^2 b_k^2``. Equal
    to LMG for p = 2. It has no game behind it (Thomas et al. 2014): a cross-check, not the answer.

    References
    ----------
    Johnson (2000), doi 10.1207/S15327906MBR3501_1. Thomas et al. (2014), doi 10.1080/00273171.2014.905766.

    Examples
    --------
    >>> johnson([[1, 0.5], [0.5, 1]], [0.4, 0.3]).shares.round(4)
    array([0.1217, 0.0517])
    """
    R_, r_ = _checked(R, r, None)
    values, P = np.linalg.eigh(R_)
    root = np.sqrt(values)
    L = (P * root) @ P.T
    b = (P / root) @ P.T @ r_
    weights = L**2 @ b**2
    return Shares(weights, float(weights.sum()))


def owen(R: ArrayLike, r: ArrayLike, groups: Sequence[object]) -> GroupedShares:
    """Divide R2 over groups of predictors, and within each group over its members (Owen values).

    Parameters
    ----------
    R, r : as in ``lmg``.
    groups : (p,) label of the group of each predictor.

    Returns
    -------
    GroupedShares

    Raises
    ------
    ShapeError, NotEstimableError
        As ``lmg``, or the number of labels is not p.

    Notes
    -----
    Orders of entry keep the members of a group together, so that a group does not gain by being measured with more
    predictors. The share of a group is its Shapley value in the game among groups. One group, or each predictor its
    own group, gives ``lmg``.

    References
    ----------
    Owen (1977), doi 10.1007/978-3-642-45494-3_7.
    """
    R_, r_ = _checked(R, r, MOST_PREDICTORS)
    labels, members = _members(groups, len(r_))
    table = _subset_r2(R_, r_)
    shares = np.empty(len(r_))
    for g, inside in enumerate(members):
        outside = _unions([sum(1 << j for j in m) for k, m in enumerate(members) if k != g])
        within = _unions([1 << j for j in inside])
        game = _order_weights(len(members) - 1) @ table[outside[:, None] + within[None, :]]
        shares[list(inside)] = _shapley(game)
    return GroupedShares(shares, _shapley(_quotient(table, members)), labels, float(table[-1]))


def dominance(R: ArrayLike, r: ArrayLike) -> Dominance:
    """Compare predictors over all subsets: which one adds more, in general, at each size, and always.

    Parameters, Raises
    ------------------
    As ``lmg``.

    References
    ----------
    Budescu (1993), doi 10.1037/0033-2909.114.3.542. Azen & Budescu (2003), doi 10.1037/1082-989X.8.2.129.
    """
    R_, r_ = _checked(R, r, MOST_PREDICTORS)
    p = len(r_)
    table = _subset_r2(R_, r_)
    size = _sizes(p - 1)
    conditional = np.empty((p, p))
    complete = np.full((p, p), np.nan)
    for j in range(p):
        conditional[:, j] = np.bincount(size, weights=_gains(table, j)) / np.bincount(size)
        for i in range(j):
            rest = _unions([1 << k for k in range(p) if k not in (i, j)])
            ahead = table[rest + (1 << i)] - table[rest + (1 << j)]
            wins, loses = bool((ahead >= -_TINY).all()), bool((ahead <= _TINY).all())
            complete[i, j] = 0.5 if wins == loses else float(wins)
            complete[j, i] = 1 - complete[i, j]
    return Dominance(conditional.mean(axis=0), conditional, complete, table)


def disattenuate(R: ArrayLike, r: ArrayLike, reliability_x: ArrayLike, reliability_y: float = 1.0) -> Correlations:
    """Correct correlations for unreliability of predictors and outcome.

    Parameters
    ----------
    R, r : (p, p) and (p,) observed correlations.
    reliability_x : (p,) reliability of each predictor, or one number for all; above 0, at most 1.
    reliability_y : reliability of the outcome.

    Returns
    -------
    Correlations
        ``R_ij / sqrt(rel_i rel_j)`` off the diagonal and ``r_i / sqrt(rel_i rel_y)``.

    Raises
    ------
    ShapeError
        Shapes do not fit or a reliability lies outside (0, 1].
    NotEstimableError
        The corrected correlations cannot occur together: predictors that are one and the same after correction, or
        reliabilities that are too low. It is refused, not repaired.

    References
    ----------
    Spearman (1904), doi 10.2307/1412159.

    Examples
    --------
    >>> disattenuate([[1, 0.4], [0.4, 1]], [0.3, 0.2], [0.8, 0.5]).r.round(4)
    array([0.3354, 0.2828])
    """
    R_, r_ = _shaped(R, r)
    rel_x, rel_y = _reliabilities(reliability_x, reliability_y, len(r_))
    corrected = _corrected(_joint(R_, r_), rel_x, rel_y)
    if not _proper(corrected, _TINY):
        raise NotEstimableError(
            "The correlations corrected for unreliability cannot occur together (their matrix is not positive "
            "definite). The reliabilities are too low for correlations this high, or two predictors measure the same: "
            "check the reliabilities, or merge predictors.",
            why="noise-cause",
        )
    return Correlations(corrected[:-1, :-1], corrected[:-1, -1])


def cluster_bootstrap(
    cross: ArrayLike,
    rng: np.random.Generator,
    *,
    n_boot: int = 2000,
    grouping: Sequence[object] | None = None,
    reliability_x: ArrayLike = 1.0,
    reliability_y: float = 1.0,
    level: float = 0.95,
    interval: Interval = "bca",
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
    interval : ``bca`` (bias-corrected and accelerated, by jackknife over clusters) or ``percentile``.

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
    A resample draws J clusters with replacement, as multinomial weights on their moments. A squared share cannot be
    negative, so near zero no interval covers zero: judge small shares by their upper limit and by ``compare``.

    References
    ----------
    Efron (1987), doi 10.1080/01621459.1987.10478410. Grömping (2006), doi 10.18637/jss.v017.i01.
    """
    if interval not in _INTERVALS:
        raise ChoiceError("interval", interval, _INTERVALS)
    cross_ = _checked_cross(cross)
    J, p = len(cross_), cross_.shape[1] - 2
    rel = _reliabilities(reliability_x, reliability_y, p)
    members = None if grouping is None else _members(grouping, p)[1]
    total = cross_.sum(axis=0)
    joint = _correlations(total[None])[0]
    if not np.isfinite(joint).all():
        raise NotEstimableError("A predictor or the outcome does not vary. Leave it out.")
    at = disattenuate(joint[:-1, :-1], joint[:-1, -1], *rel)
    _checked(at.R, at.r, MOST_PREDICTORS)
    shares = _batch_shares(total[None], rel, members)[0]
    counts = rng.multinomial(J, np.full(J, 1 / J), size=n_boot).astype(float)
    draws = _batch_shares(np.tensordot(counts, cross_, axes=1), rel, members)
    kept = draws[np.isfinite(draws).all(axis=1)]
    if len(kept) < (1 - MOST_REFUSED) * n_boot:
        raise NotEstimableError(
            f"Too many resamples have no answer. Found: {n_boot - len(kept)} of {n_boot}. The clusters are too few or "
            "the reliabilities too low for an interval: add units, or merge predictors.",
            why="few-units",
        )
    left = _batch_shares(total - cross_, rel, members)
    left = left[np.isfinite(left).all(axis=1)]
    limits = _limits(shares, kept, left, level, interval)
    relative = _limits(_ratio(shares), _ratio(kept), _ratio(left), level, interval)
    r2 = _limits(shares.sum(keepdims=True), kept.sum(1, keepdims=True), left.sum(1, keepdims=True), level, interval)
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
    limits = _limits(*parts, bootstrap.level, bootstrap.interval)
    narrow = _limits(*parts, 0.90, bootstrap.interval)
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


def _shaped(R: ArrayLike, r: ArrayLike) -> Correlations:
    R_, r_ = np.asarray(R, dtype=float), np.asarray(r, dtype=float)
    if r_.ndim != 1 or len(r_) == 0 or R_.shape != (len(r_), len(r_)):
        raise ShapeError(
            f"R must be (p, p) and r (p,) for p predictors. Found: R {R_.shape}, r {r_.shape}. "
            "Give the correlations of the predictors and with the outcome."
        )
    if not (np.isfinite(R_).all() and np.isfinite(r_).all()):
        raise ShapeError("R or r holds missing values. Leave out predictors without a correlation.")
    if not (np.allclose(R_, R_.T, atol=1e-8) and np.allclose(np.diag(R_), 1, atol=1e-8)):
        raise ShapeError("R is not a correlation matrix. It must be symmetric with ones on the diagonal.")
    return Correlations(R_, r_)


def _checked(R: ArrayLike, r: ArrayLike, most: int | None) -> Correlations:
    R_, r_ = _shaped(R, r)
    if most is not None and len(r_) > most:
        raise NotEstimableError(
            f"Shares over all subsets are computed for at most {most} predictors. Found: {len(r_)}. "
            "Merge predictors into scales, or use johnson, which has no limit."
        )
    if np.linalg.eigvalsh(R_)[0] <= _TINY:
        raise NotEstimableError("The predictors are collinear. Leave out a predictor that the others explain.")
    if r_ @ np.linalg.solve(R_, r_) > 1 + 1e-8:
        raise NotEstimableError(
            "These correlations cannot occur together: they would explain more than all variance. "
            "Compute all of them on the same rows."
        )
    return Correlations(R_, r_)


def _reliabilities(reliability_x: ArrayLike, reliability_y: float, p: int) -> tuple[FloatArray, float]:
    rel = np.asarray(reliability_x, dtype=float)
    if rel.ndim > 1 or (rel.ndim == 1 and len(rel) != p):
        raise ShapeError(f"Give one reliability per predictor. Found: {rel.shape} for {p} predictors.")
    rel = np.broadcast_to(rel, (p,)).copy()
    if not (((rel > 0) & (rel <= 1)).all() and 0 < reliability_y <= 1):
        raise ShapeError("A reliability is above 0 and at most 1. Leave out scales without reliability.")
    return rel, float(reliability_y)


def _checked_cross(cross: ArrayLike) -> FloatArray:
    cross_ = np.asarray(cross, dtype=float)
    if cross_.ndim != 3 or cross_.shape[1] != cross_.shape[2] or cross_.shape[1] < 3:
        raise ShapeError(f"Cross-products of [1, X, y] per cluster are (J, p + 2, p + 2). Found: {cross_.shape}.")
    if not np.isfinite(cross_).all():
        raise ShapeError("The cross-products hold missing values. Leave those rows out before summing.")
    if len(cross_) < 3:
        raise NotEstimableError(f"Resampling needs at least 3 clusters. Found: {len(cross_)}.", why="few-units")
    return cross_


def _members(groups: Sequence[object], p: int) -> tuple[tuple[str, ...], list[tuple[int, ...]]]:
    """Return the labels in order of first appearance, and the predictors of each."""
    if len(groups) != p:
        raise ShapeError(f"Give one group label per predictor. Found: {len(groups)} labels for {p} predictors.")
    labels = list(dict.fromkeys(groups))
    members = [tuple(k for k, g in enumerate(groups) if g == label) for label in labels]
    return tuple(str(label) for label in labels), members


def _positions(k: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(int(v) for v in k) if isinstance(k, Sequence) else (int(k),)


def _joint(R: FloatArray, r: FloatArray) -> FloatArray:
    """Put y last: (p + 1, p + 1)."""
    return np.block([[R, r[:, None]], [r[None, :], np.ones((1, 1))]])


def _correlations(total: FloatArray) -> FloatArray:
    """Return (B, p + 1, p + 1) correlations of [X, y] from (B, q, q) cross-products of [1, X, y]; NaN if constant."""
    n, s = total[:, :1, :1], total[:, :1, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        S = total[:, 1:, 1:] - s.transpose(0, 2, 1) * s / n
        squares = np.einsum("bii->bi", total[:, 1:, 1:])
        variance = np.einsum("bii->bi", S)
        sd = np.sqrt(np.where(variance > 1e-12 * squares, variance, np.nan))
        out = S / (sd[:, :, None] * sd[:, None, :])
    diagonal = np.arange(out.shape[1])
    out[:, diagonal, diagonal] = np.where(np.isnan(sd), np.nan, 1.0)
    return np.asarray(out)


def _corrected(joint: FloatArray, rel_x: FloatArray, rel_y: float) -> FloatArray:
    root = np.sqrt(np.append(rel_x, rel_y))
    out = joint / (root[:, None] * root)
    diagonal = np.arange(len(root))
    out[..., diagonal, diagonal] = 1.0
    return np.asarray(out)


def _proper(joint: FloatArray, least: float) -> bool:
    """Whether predictors are linearly independent and y can correlate with them so."""
    return bool(np.linalg.eigvalsh(joint[:-1, :-1])[0] > least and np.linalg.eigvalsh(joint)[0] > -least)


def _batch_shares(
    totals: FloatArray, rel: tuple[FloatArray, float], members: list[tuple[int, ...]] | None
) -> FloatArray:
    """Return (B, m) shares per set of cross-products; a row of NaN where they cannot be computed."""
    p = totals.shape[1] - 2
    m = p if members is None else len(members)
    step = max(1, _CHUNK // max(2 ** (p + 1), (p + 2) ** 2 * 4))
    out = np.full((len(totals), m), np.nan)
    for start in range(0, len(totals), step):
        joint = _correlations(totals[start : start + step])
        usable = np.isfinite(joint).all(axis=(1, 2))
        joint[~usable] = np.eye(p + 1)
        joint = _corrected(joint, *rel)
        smallest_x = np.linalg.eigvalsh(joint[:, :-1, :-1])[:, 0]
        usable &= (smallest_x > _TINY) & (np.linalg.eigvalsh(joint)[:, 0] > -_TINY)
        if usable.any():
            joint = joint[usable]
            table = _subset_r2(joint[:, :-1, :-1], joint[:, :-1, -1])
            table = table if members is None else _quotient(table, members)
            out[start : start + step][usable] = _shapley(table)
    return out


def _subset_r2(R: FloatArray, r: FloatArray) -> FloatArray:
    """Return (..., 2^p) R2 of every subset: bit j of the last index says whether predictor j is in it."""
    p = r.shape[-1]
    lead = r.shape[:-1]
    A = np.empty((*lead, 1, p + 1, p + 1))  # what is left of the predictors still to come, and of y
    A[..., 0, :p, :p] = R
    A[..., 0, :p, p] = A[..., 0, p, :p] = r
    A[..., 0, p, p] = 1.0
    for _ in range(p):
        rest, row = A[..., 1:, 1:], A[..., 0, 1:]
        without = row[..., :, None] * (row / A[..., 0, 0, None])[..., None, :]
        A = np.concatenate([rest, rest - without], axis=-3)
    return np.asarray(1 - A[..., 0, 0])


def _gains(table: FloatArray, j: int) -> FloatArray:
    """Return (..., 2^(p-1)) what predictor j adds to each subset of the others."""
    split = table.reshape(*table.shape[:-1], -1, 2, 1 << j)
    return np.asarray((split[..., 1, :] - split[..., 0, :]).reshape(*table.shape[:-1], -1))


def _shapley(table: FloatArray) -> FloatArray:
    """Return (..., p) Shapley values of a game given by the worth of its 2^p coalitions."""
    p = table.shape[-1].bit_length() - 1
    weight = _order_weights(p - 1)
    return np.stack([_gains(table, j) @ weight for j in range(p)], axis=-1)


def _order_weights(k: int) -> FloatArray:
    """Return (2^k,) chance that exactly this subset of k others comes earlier, in a random order of k + 1."""
    per_size = np.array([1 / ((k + 1) * comb(k, s)) for s in range(k + 1)])
    return np.asarray(per_size[_sizes(k)])


def _sizes(k: int) -> IntArray:
    """Return (2^k,) number of members of each subset of k."""
    return np.asarray(_unions([1] * k), dtype=np.int64)


def _unions(parts: Sequence[int]) -> IntArray:
    """Return (2^k,) sum of each subset of the parts; bit i of the index says whether part i is in it."""
    out = np.zeros(1, dtype=np.int64)
    for part in parts:
        out = np.concatenate([out, out + part])
    return out


def _quotient(table: FloatArray, members: Sequence[tuple[int, ...]]) -> FloatArray:
    """Return (..., 2^m) worth of each union of groups."""
    return np.asarray(table[..., _unions([sum(1 << j for j in m) for m in members])])


def _ratio(shares: FloatArray) -> FloatArray:
    total = shares.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(shares, total, out=np.full_like(shares, np.nan), where=total > 0))


def _limits(
    estimate: FloatArray, draws: FloatArray, jackknife: FloatArray, level: float, interval: Interval
) -> FloatArray:
    """Return (2, m) limits."""
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if interval == "percentile":
        return np.asarray(np.quantile(draws, tails, axis=0))
    below = (draws < estimate).mean(axis=0) + (draws == estimate).mean(axis=0) / 2
    edge = 0.5 / len(draws)
    z0 = stats.norm.ppf(np.clip(below, edge, 1 - edge))
    off = jackknife.mean(axis=0) - jackknife
    spread = (off**2).sum(axis=0) ** 1.5
    a = np.divide((off**3).sum(axis=0), 6 * spread, out=np.zeros_like(spread), where=spread > 0)
    z = z0 + stats.norm.ppf(tails)[:, None]
    at = stats.norm.cdf(z0 + z / (1 - a * z))
    return np.array([[np.quantile(draws[:, k], at[t, k]) for k in range(draws.shape[1])] for t in range(2)])
