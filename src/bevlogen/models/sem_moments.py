"""What structural equations need of the rows: means and covariances per pattern of missing values, or per cluster size.

All covariances here have denominator n (maximum likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rows that answered the same variables.

    Attributes
    ----------
    index : (k,) positions of the answered variables.
    n : rows.
    mean, cov : (k,) and (k, k); covariance with denominator n.
    """

    index: IntArray
    n: int
    mean: FloatArray
    cov: FloatArray


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of one group of independent rows: one pattern if complete, several with missing values."""

    names: tuple[str, ...]
    patterns: tuple[Pattern, ...]

    @property
    def n(self) -> int:
        """Rows with at least one answer."""
        return sum(p.n for p in self.patterns)

    @property
    def is_complete(self) -> bool:
        """Whether every row answered every variable."""
        return all(len(p.index) == len(self.names) for p in self.patterns)


@dataclass(frozen=True, slots=True)
class ClusterMoments:
    """Moments of rows in clusters, per cluster size; enough for the two-level likelihood.

    Attributes
    ----------
    within, between : names of the variables that vary between rows, and of those known per cluster only.
    n_rows : N.  n_clusters : J.
    pooled : (p, p) cross-products of deviations from cluster means, divided by N - J.
    sizes, counts : (K,) distinct cluster sizes and how many clusters have each.
    mean : (K, p + q) averages over those clusters of [cluster means, cluster values].
    cov : (K, p + q, p + q) their covariances, denominator ``counts``.
    total_mean, total_cov : (p,), (p, p) over all rows.
    """

    within: tuple[str, ...]
    between: tuple[str, ...]
    n_rows: int
    n_clusters: int
    pooled: FloatArray
    sizes: FloatArray
    counts: FloatArray
    mean: FloatArray
    cov: FloatArray
    total_mean: FloatArray
    total_cov: FloatArray


def moments(mean: ArrayLike, cov: ArrayLike, n: int, names: tuple[str, ...], *, unbiased: bool = False) -> Moments:
    """Wrap known moments.

    Parameters
    ----------
    mean : (p,).  cov : (p, p), denominator n; with ``unbiased`` denominator n - 1.  n : rows behind them.

    Raises
    ------
    ShapeError
        Lengths differ, or a value is missing.
    """
    m, S = np.asarray(mean, dtype=float), np.asarray(cov, dtype=float)
    if m.shape != (len(names),) or S.shape != (len(names), len(names)):
        raise ShapeError(f"{len(names)} names, but mean has shape {m.shape} and cov {S.shape}. Give p, (p,), (p, p).")
    if not (np.isfinite(m).all() and np.isfinite(S).all()):
        raise ShapeError("mean or cov holds missing values. Leave those variables out, or give rows.")
    return Moments(tuple(names), (Pattern(np.arange(len(m)), int(n), m, S * ((n - 1) / n if unbiased else 1.0)),))


def moments_of_rows(X: ArrayLike, names: tuple[str, ...], *, missing: str = "listwise") -> Moments:
    """Sum rows into moments.

    Parameters
    ----------
    X : (n, p), NaN where missing.
    missing : ``listwise`` uses complete rows; ``ml`` keeps every row with an answer, grouped by what it answered.

    Raises
    ------
    ShapeError
        X has another number of columns than names.
    NotEstimableError
        Fewer than two rows are left.
    """
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise ShapeError(f"{len(names)} names, but X has shape {rows.shape}. Give one column per name.")
    there = np.isfinite(rows)
    keep = there.all(axis=1) if missing == "listwise" else there.any(axis=1)
    rows, there = rows[keep], there[keep]
    if len(rows) < 2:
        raise NotEstimableError(f"{len(rows)} rows are left after missing values. At least 2 are needed.", "few-units")
    kinds, which = np.unique(there, axis=0, return_inverse=True)
    which = which.ravel()
    patterns = []
    for k, kind in enumerate(kinds):
        index = np.flatnonzero(kind)
        part = rows[which == k][:, index]
        centred = part - part.mean(axis=0)
        patterns.append(Pattern(index, len(part), part.mean(axis=0), centred.T @ centred / len(part)))
    return Moments(tuple(names), tuple(patterns))


def cluster_moments(
    X: ArrayLike, cluster: ArrayLike, within: tuple[str, ...], Z: ArrayLike | None = None, between: tuple[str, ...] = ()
) -> ClusterMoments:
    """Sum rows in clusters into moments per cluster size.

    Parameters
    ----------
    X : (N, p) variables that vary between rows.  cluster : (N,) labels, any order.
    within, between : names of the columns of X and Z.
    Z : (N, q) variables with one value per cluster, repeated on its rows.

    Raises
    ------
    ShapeError
        Shapes differ, a value is missing, or a column of Z varies within a cluster.
    NotEstimableError
        Fewer than two clusters, or no cluster with two rows.
    """
    x = np.asarray(X, dtype=float)
    z = np.empty((len(x), 0)) if Z is None else np.asarray(Z, dtype=float)
    labels = np.asarray(cluster)
    if x.shape != (len(labels), len(within)) or z.shape != (len(labels), len(between)):
        raise ShapeError(f"X {x.shape}, Z {z.shape} and cluster {labels.shape} do not fit together or with the names.")
    if not (np.isfinite(x).all() and np.isfinite(z).all()):
        raise ShapeError("X or Z holds missing values. Leave those rows out first.")
    _, code = np.unique(labels, return_inverse=True)
    size = np.bincount(code).astype(float)
    J, N = len(size), len(x)
    if J < 2 or J == N:
        raise NotEstimableError(f"Two levels need two clusters and rows within them. Found: {J} in {N}.", "few-units")
    both = np.column_stack([x, z])
    means = np.column_stack([np.bincount(code, column) / size for column in both.T])
    if z.size and np.ptp(z - means[code, len(within) :], axis=0).max() > 1e-9 * (1 + np.abs(z).max()):
        raise ShapeError(
            "A variable of the between level varies within clusters. Give one value per cluster, or its mean."
        )
    deviations = x - means[code, : len(within)]
    sizes, which = np.unique(size, return_inverse=True)
    counts = np.bincount(which).astype(float)
    mean = np.stack([means[which == k].mean(axis=0) for k in range(len(sizes))])
    d = means - mean[which]
    cov = np.stack([d[which == k].T @ d[which == k] / counts[k] for k in range(len(sizes))])
    return ClusterMoments(
        within,
        between,
        N,
        J,
        deviations.T @ deviations / (N - J),
        sizes,
        counts,
        mean,
        cov,
        x.mean(axis=0),
        np.cov(x.T, bias=True).reshape(len(within), len(within)),
    )
