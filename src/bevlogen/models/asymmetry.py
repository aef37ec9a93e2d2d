"""Does a low score cost more than a high score brings? The penalty-reward contrast, with its asymmetry.

Overall y is regressed on two dummies per attribute, one for low and one for high scores (Brandt 1987). The index of
Mikulić & Prebežac (2008) puts the two on one scale: -1 basic (only penalty), 0 hybrid, +1 excitement (only reward).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, special

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_CUTS = ((0.1, 0.9), (0.25, 0.75), (1 / 3, 2 / 3))  # other cut-points to try: deciles, quartiles, thirds
_TINY = 1e-10  # relative size of a pivot that counts as zero


@dataclass(frozen=True, slots=True)
class Contrast:
    """The same contrast by another rule.

    Attributes
    ----------
    rule : cut-points as ``0.10/0.90``, or ``spline``: two slopes that meet at the mean.
    penalty, reward : (p,) change in y, in its unit; ``asymmetry`` : (p,) index. NaN where the rule cannot be applied.
    """

    rule: str
    penalty: FloatArray
    reward: FloatArray
    asymmetry: FloatArray


@dataclass(frozen=True, slots=True)
class PenaltyReward:
    """Penalty, reward and asymmetry of each attribute.

    Attributes
    ----------
    penalty, penalty_low, penalty_high : (p,) change in y for a low against a middle score, in units of y; below zero
        where a low score costs.
    reward, reward_low, reward_high : (p,) change in y for a high against a middle score; above zero where it brings.
    asymmetry, asymmetry_low, asymmetry_high : (p,) (reward - |penalty|) / (reward + |penalty|), -1 to 1, with limits;
        an effect of the unexpected sign counts as none. NaN where the two together are not above zero. Limits -1 and 1
        say that the data do not tell.
    cut_low, cut_high : (p,) highest score that counts as low, lowest that counts as high.
    share_low, share_high : (p,) share of rows in each.
    df : degrees of freedom of the intervals: clusters less one, or rows less coefficients.
    n_obs, n_clusters : what it rests on; without groups each row is a cluster.
    sensitivity : the contrast by other cut-points and by a spline.
    """

    penalty: FloatArray
    penalty_low: FloatArray
    penalty_high: FloatArray
    reward: FloatArray
    reward_low: FloatArray
    reward_high: FloatArray
    asymmetry: FloatArray
    asymmetry_low: FloatArray
    asymmetry_high: FloatArray
    cut_low: FloatArray
    cut_high: FloatArray
    share_low: FloatArray
    share_high: FloatArray
    df: float
    n_obs: int
    n_clusters: int
    sensitivity: tuple[Contrast, ...]


def penalty_reward(
    X: ArrayLike,
    y: ArrayLike,
    group: ArrayLike | None = None,
    *,
    low: float = 0.2,
    high: float = 0.8,
    level: float = 0.95,
) -> PenaltyReward:
    """Contrast what a low score costs with what a high score brings.

    Parameters
    ----------
    X : (n, p) scores on the attributes, higher is better.  y : (n,) overall judgement.
    group : (n,) labels of clusters that share errors (units); None for independent rows.
    low, high : shares of rows at which scores count as low and high. Scores are never split: cut-points are the
        observed scores whose shares come nearest, with at least one score left in the middle.
    level : coverage of the intervals.

    Returns
    -------
    PenaltyReward

    Raises
    ------
    ShapeError
        Shapes do not fit, values are missing, or not 0 < low < high < 1.
    NotEstimableError
        An attribute has fewer than three different scores; too few rows or clusters; attributes that cannot be told
        apart; or an effect that rests on one row or cluster alone.

    Notes
    -----
    Ordinary least squares on an intercept and 2p dummies. Variance: ``sum of (b without g - b)(b without g - b)'``
    over clusters g, that is CR3, or HC3 without groups; intervals from t. Limits of the index: Fieller's, for the
    ratio of two linear combinations, cut to -1 and 1. Cut-points are arbitrary: see ``sensitivity``.

    References
    ----------
    Brandt (1987), in Surprenant (ed.), Add Value to Your Service, p. 61-65. Mikulić & Prebežac (2008), doi
    10.1108/09604520810859184. Bell & McCaffrey (2002), Survey Methodology 28(2), p. 169-181. Fieller (1954), doi
    10.1111/j.2517-6161.1954.tb00159.x.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.integers(1, 6, 500)
    >>> found = penalty_reward(x, 4 - 2.0 * (x == 1) + 0.2 * rng.normal(size=500))
    >>> bool(found.asymmetry_high[0] < -0.8)
    True
    """
    X_, y_, codes = _checked(X, y, group, low, high)
    n, p = X_.shape
    cuts = [_cut_points(X_[:, j], low, high) for j in range(p)]
    D = _dummies(X_, cuts)
    J = n if codes is None else int(codes.max()) + 1
    if J < 2 or n <= 2 * p + 1:
        raise NotEstimableError(
            f"Too few rows or clusters. Found: {n} rows in {J} clusters for {2 * p + 1} coefficients. Collect more.",
            why="few-units",
        )
    b = _solved(D, y_)
    off = _off_by_row(D, y_, b) if codes is None else _off_by_cluster(D, y_, b, codes, J)
    V = off.T @ off
    df = float(n - 2 * p - 1 if codes is None else J - 1)
    t = float(special.stdtrit(df, 0.5 + level / 2))
    half = t * np.sqrt(np.diag(V))
    penalty, reward = slice(1, p + 1), slice(p + 1, None)
    limits = np.array([_index_limits(b, V, 1 + j, 1 + p + j, t) for j in range(p)])
    return PenaltyReward(
        penalty=b[penalty],
        penalty_low=(b - half)[penalty],
        penalty_high=(b + half)[penalty],
        reward=b[reward],
        reward_low=(b - half)[reward],
        reward_high=(b + half)[reward],
        asymmetry=_index(b[penalty], b[reward]),
        asymmetry_low=limits[:, 0],
        asymmetry_high=limits[:, 1],
        cut_low=np.array([c[0] for c in cuts]),
        cut_high=np.array([c[1] for c in cuts]),
        share_low=D[:, penalty].mean(axis=0),
        share_high=D[:, reward].mean(axis=0),
        df=df,
        n_obs=n,
        n_clusters=J,
        sensitivity=(*(_other_cuts(X_, y_, *pair) for pair in _CUTS), _spline(X_, y_)),
    )


def _checked(
    X: ArrayLike, y: ArrayLike, group: ArrayLike | None, low: float, high: float
) -> tuple[FloatArray, FloatArray, IntArray | None]:
    X_, y_ = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    labels = None if group is None else np.asarray(group)
    if X_.ndim != 2 or y_.shape != (len(X_),) or (labels is not None and labels.shape != y_.shape):
        found = f"X {X_.shape}, y {y_.shape}" + ("" if labels is None else f", group {labels.shape}")
        raise ShapeError(f"X must be (n, p), y and group (n,). Found: {found}. Give one row per observation in each.")
    if not (np.isfinite(X_).all() and np.isfinite(y_).all()):
        raise ShapeError("X or y holds missing or infinite values. Leave those rows out first.")
    if not 0 < low < high < 1:
        raise ShapeError(f"Cut-points are shares with 0 < low < high < 1. Found: {low} and {high}.")
    codes = None if labels is None else np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return X_, y_, codes


def _cut_points(x: FloatArray, low: float, high: float) -> tuple[float, float]:
    """Return the highest low score and the lowest high score; a score between them remains."""
    scores, counts = np.unique(x, return_counts=True)
    if len(scores) < 3:
        raise NotEstimableError(
            f"An attribute needs low, middle and high scores. Found: {len(scores)} different scores. Use a finer scale."
        )
    up_to = np.cumsum(counts) / len(x)
    far_low, far_high = np.abs(up_to - low), np.abs(np.append(0, up_to[:-1]) - high)
    i, k = int(np.argmin(far_low[:-2])), int(np.argmin(far_high[2:])) + 2
    while k - i < 2:  # no middle left: give up the cut that costs least
        down = far_low[i - 1] - far_low[i] if i > 0 else np.inf
        up = far_high[k + 1] - far_high[k] if k + 1 < len(scores) else np.inf
        i, k = (i - 1, k) if down <= up else (i, k + 1)
    return float(scores[i]), float(scores[k])


def _dummies(X: FloatArray, cuts: list[tuple[float, float]]) -> FloatArray:
    """Return (n, 2p + 1): ones, low, high."""
    ends = np.array(cuts)
    return np.column_stack([np.ones(len(X)), X <= ends[:, 0], X >= ends[:, 1]])


def _solved(D: FloatArray, y: FloatArray) -> FloatArray:
    pivots = np.abs(np.diag(linalg.qr(D, mode="r", pivoting=True)[0]))
    if len(D) < D.shape[1] or pivots[-1] <= _TINY * pivots[0]:
        raise NotEstimableError("The attributes cannot be told apart: one follows from the others. Leave one out.")
    return np.asarray(linalg.lstsq(D, y)[0])


def _off_by_row(D: FloatArray, y: FloatArray, b: FloatArray) -> FloatArray:
    """Return (n, k) what each row moves the coefficients."""
    inverse = np.linalg.inv(D.T @ D)
    left = 1 - np.einsum("ij,jk,ik->i", D, inverse, D)
    if np.any(left <= _TINY):
        raise NotEstimableError(
            "A penalty or reward rests on one row alone, so its error is unknown. Collect more.", "few-units"
        )
    return np.asarray((D @ inverse) * ((y - D @ b) / left)[:, None])


def _off_by_cluster(D: FloatArray, y: FloatArray, b: FloatArray, codes: IntArray, J: int) -> FloatArray:
    """Return (J, k) what each cluster moves the coefficients."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(J))
    D_, e = D[order], (y - D @ b)[order]
    A = np.add.reduceat(D_[:, :, None] * D_[:, None, :], starts, axis=0)
    score = np.add.reduceat(D_ * e[:, None], starts, axis=0)
    without = A.sum(axis=0) - A
    smallest = np.linalg.eigvalsh(without)[:, 0]
    if np.any(smallest <= _TINY * len(D)):
        raise NotEstimableError(
            "A penalty or reward rests on one cluster alone, so its error is unknown. Collect more.", "few-units"
        )
    return np.asarray(np.linalg.solve(without, score[:, :, None])[:, :, 0])


def _index(penalty: FloatArray, reward: FloatArray) -> FloatArray:
    total = reward - penalty
    out = np.divide(reward + penalty, total, out=np.full_like(total, np.nan), where=total > 0)
    return np.clip(out, -1, 1)


def _index_limits(b: FloatArray, V: FloatArray, low: int, high: int, t: float) -> tuple[float, float]:
    """Return Fieller's limits of (reward + penalty) / (reward - penalty), cut to -1 and 1."""
    C = np.zeros((2, len(b)))
    C[:, high], C[0, low], C[1, low] = 1, 1, -1
    top, bottom = C @ b
    W = C @ V @ C.T
    square, product = bottom**2 - t**2 * W[1, 1], top * bottom - t**2 * W[0, 1]
    if bottom <= 0 or square <= 0:  # total effect not above zero beyond doubt: any index is possible
        return -1.0, 1.0
    root = np.sqrt(max(product**2 - square * (top**2 - t**2 * W[0, 0]), 0.0))
    return float(np.clip((product - root) / square, -1, 1)), float(np.clip((product + root) / square, -1, 1))


def _contrast(rule: str, D: FloatArray, y: FloatArray, size: FloatArray) -> Contrast:
    """Fit one other rule; ``size`` turns coefficients into changes of y."""
    p = len(size) // 2
    try:
        change = _solved(D, y)[1:] * size
    except NotEstimableError:
        change = np.full(2 * p, np.nan)
    return Contrast(rule, change[:p], change[p:], _index(change[:p], change[p:]))


def _other_cuts(X: FloatArray, y: FloatArray, low: float, high: float) -> Contrast:
    cuts = [_cut_points(x, low, high) for x in X.T]
    return _contrast(f"{low:.2f}/{high:.2f}", _dummies(X, cuts), y, np.ones(2 * X.shape[1]))


def _spline(X: FloatArray, y: FloatArray) -> Contrast:
    """Two slopes per attribute that meet at its mean, times the mean distance of the scores on that side."""
    off = X - X.mean(axis=0)
    below, above = np.minimum(off, 0), np.maximum(off, 0)
    size = np.concatenate([below.sum(axis=0) / (below < 0).sum(axis=0), above.sum(axis=0) / (above > 0).sum(axis=0)])
    return _contrast("spline", np.column_stack([np.ones(len(X)), below, above]), y, size)
