"""Correlations of predictors and outcome: checked, computed from moments, corrected for unreliability.

Notation: R correlates the predictors, r correlates them with the outcome y.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

TINY = 1e-10  # smallest eigenvalue of a correlation matrix that counts as positive


class Correlations(NamedTuple):
    """Correlations of predictors (R, (p, p)) and of predictors with the outcome (r, (p,))."""

    R: FloatArray
    r: FloatArray


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
    rel_x, rel_y = reliabilities(reliability_x, reliability_y, len(r_))
    C = corrected(joint_matrix(R_, r_), rel_x, rel_y)
    if not proper(C):
        raise NotEstimableError(
            "The correlations corrected for unreliability cannot occur together (their matrix is not positive "
            "definite). The reliabilities are too low for correlations this high, or two predictors measure the same: "
            "check the reliabilities, or merge predictors.",
            why="noise-cause",
        )
    return Correlations(C[:-1, :-1], C[:-1, -1])


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


def checked(R: ArrayLike, r: ArrayLike, most: int | None) -> Correlations:
    """Return R and r as arrays, or say why nothing can be divided; ``most`` predictors, None for any number."""
    R_, r_ = _shaped(R, r)
    if most is not None and len(r_) > most:
        raise NotEstimableError(
            f"Shares over all subsets are computed for at most {most} predictors. Found: {len(r_)}. "
            "Merge predictors into scales, or use johnson, which has no limit."
        )
    if np.linalg.eigvalsh(R_)[0] <= TINY:
        raise NotEstimableError("The predictors are collinear. Leave out a predictor that the others explain.")
    if r_ @ np.linalg.solve(R_, r_) > 1 + 1e-8:
        raise NotEstimableError(
            "These correlations cannot occur together: they would explain more than all variance. "
            "Compute all of them on the same rows."
        )
    return Correlations(R_, r_)


def reliabilities(reliability_x: ArrayLike, reliability_y: float, p: int) -> tuple[FloatArray, float]:
    """Return one reliability per predictor and that of the outcome."""
    rel = np.asarray(reliability_x, dtype=float)
    if rel.ndim > 1 or (rel.ndim == 1 and len(rel) != p):
        raise ShapeError(f"Give one reliability per predictor. Found: {rel.shape} for {p} predictors.")
    rel = np.broadcast_to(rel, (p,)).copy()
    if not (((rel > 0) & (rel <= 1)).all() and 0 < reliability_y <= 1):
        raise ShapeError("A reliability is above 0 and at most 1. Leave out scales without reliability.")
    return rel, float(reliability_y)


def joint_matrix(R: FloatArray, r: FloatArray) -> FloatArray:
    """Put y last: (p + 1, p + 1)."""
    return np.block([[R, r[:, None]], [r[None, :], np.ones((1, 1))]])


def from_moments(total: FloatArray) -> FloatArray:
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


def corrected(joint: FloatArray, rel_x: FloatArray, rel_y: float) -> FloatArray:
    """Return (..., p + 1, p + 1) correlations over the roots of the reliabilities, ones on the diagonal."""
    root = np.sqrt(np.append(rel_x, rel_y))
    out = joint / (root[:, None] * root)
    diagonal = np.arange(len(root))
    out[..., diagonal, diagonal] = 1.0
    return np.asarray(out)


def proper(joint: FloatArray) -> BoolArray:
    """Return (...,) whether the predictors are linearly independent and y can correlate with them so."""
    independent = np.linalg.eigvalsh(joint[..., :-1, :-1])[..., 0] > TINY
    return np.asarray(independent & (np.linalg.eigvalsh(joint)[..., 0] > -TINY))
