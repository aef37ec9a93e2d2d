"""How much of what is explained belongs to each predictor, from correlations alone.

Notation: R correlates the predictors, r correlates them with the outcome y. Intervals come from ``cluster_bootstrap``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.models.coalitions import (
    MOST_PREDICTORS,
    gains,
    members_of,
    order_weights,
    quotient,
    shapley_values,
    sizes,
    subset_r2,
    unions,
)
from bevlogen.models.correlations import TINY, checked
from bevlogen.models.correlations import disattenuate as disattenuate
from bevlogen.models.shapley_bootstrap import ShareBootstrap as ShareBootstrap
from bevlogen.models.shapley_bootstrap import ShareDifference as ShareDifference
from bevlogen.models.shapley_bootstrap import cluster_bootstrap as cluster_bootstrap
from bevlogen.models.shapley_bootstrap import compare as compare

FloatArray = NDArray[np.float64]


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
    R_, r_ = checked(R, r, MOST_PREDICTORS)
    table = subset_r2(R_, r_)
    return Shares(shapley_values(table), float(table[-1]))


def johnson(R: ArrayLike, r: ArrayLike) -> Shares:
    """Divide R2 over predictors by Johnson's relative weights; close to ``lmg`` and without limit on p.

    Parameters
    ----------
    R, r : as in ``lmg``, for any number of predictors.

    Returns
    -------
    Shares

    Raises
    ------
    ShapeError, NotEstimableError
        As ``lmg``, but for the number of predictors.

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
    R_, r_ = checked(R, r, None)
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
    R_, r_ = checked(R, r, MOST_PREDICTORS)
    labels, members = members_of(groups, len(r_))
    table = subset_r2(R_, r_)
    shares = np.empty(len(r_))
    for g, inside in enumerate(members):
        outside = unions([sum(1 << j for j in m) for k, m in enumerate(members) if k != g])
        within = unions([1 << j for j in inside])
        game = order_weights(len(members) - 1) @ table[outside[:, None] + within[None, :]]
        shares[list(inside)] = shapley_values(game)
    return GroupedShares(shares, shapley_values(quotient(table, members)), labels, float(table[-1]))


def dominance(R: ArrayLike, r: ArrayLike) -> Dominance:
    """Compare predictors over all subsets: which one adds more, in general, at each size, and always.

    Parameters
    ----------
    R, r : as in ``lmg``.

    Returns
    -------
    Dominance

    Raises
    ------
    ShapeError, NotEstimableError
        As ``lmg``.

    References
    ----------
    Budescu (1993), doi 10.1037/0033-2909.114.3.542. Azen & Budescu (2003), doi 10.1037/1082-989X.8.2.129.
    """
    R_, r_ = checked(R, r, MOST_PREDICTORS)
    p = len(r_)
    table = subset_r2(R_, r_)
    size = sizes(p - 1)
    conditional = np.empty((p, p))
    complete = np.full((p, p), np.nan)
    for j in range(p):
        conditional[:, j] = np.bincount(size, weights=gains(table, j)) / np.bincount(size)
        for i in range(j):
            rest = unions([1 << k for k in range(p) if k not in (i, j)])
            ahead = table[rest + (1 << i)] - table[rest + (1 << j)]
            wins, loses = bool((ahead >= -TINY).all()), bool((ahead <= TINY).all())
            complete[i, j] = 0.5 if wins == loses else float(wins)
            complete[j, i] = 1 - complete[i, j]
    return Dominance(conditional.mean(axis=0), conditional, complete, table)
