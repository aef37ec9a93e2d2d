"""From people to group: an outcome of the group explained by what its members answered, without the bias of means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models.ols import LeastSquares, least_squares

FloatArray = NDArray[np.float64]

_MOST_FAILURES = 0.1  # share of bootstrap samples without an answer above which their interval is not given


@dataclass(frozen=True, slots=True)
class PeopleMoments:
    """What the model needs of people's answers.

    Attributes
    ----------
    n : (G,) people per group.
    mean : (G, k) group means.
    ssw : (G, k, k) cross-products of deviations from the group mean.
    """

    n: FloatArray
    mean: FloatArray
    ssw: FloatArray


@dataclass(frozen=True, slots=True)
class MicroMacroFit:
    """A regression of a group outcome on adjusted group means.

    Attributes
    ----------
    beta, se, p_value : (1 + k + q,) intercept, the k causes measured on people, the q of the group; HC3 errors that
        take the adjustment as known, t distribution with ``df``.
    df : G - 1 - k - q.
    unadjusted : (1 + k + q,) the same regression on plain group means: biased towards zero.
    adjusted : (G, k) best predictions of the true group means.
    reliability : (k,) share of the variance of group means that is not chance, at the average group size.
    bootstrap_se, low, high : (1 + k + q,) from resampled groups, adjustment included; NaN without bootstrap.
    n_groups : G.
    notes : what a reader must know.
    """

    beta: FloatArray
    se: FloatArray
    p_value: FloatArray
    df: int
    unadjusted: FloatArray
    adjusted: FloatArray
    reliability: FloatArray
    bootstrap_se: FloatArray
    low: FloatArray
    high: FloatArray
    n_groups: int
    notes: tuple[str, ...]


def people_moments(x: ArrayLike, group: ArrayLike) -> PeopleMoments:
    """Sum people into moments; groups in sorted order of their labels.

    Parameters
    ----------
    x : (N, k) answers, complete.  group : (N,) labels.

    Raises
    ------
    ShapeError
        Lengths differ or answers are missing.
    """
    rows, labels = np.asarray(x, dtype=float), np.asarray(group)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if len(rows) != len(labels) or not np.isfinite(rows).all():
        raise ShapeError(
            f"{len(rows)} rows, {len(labels)} labels, or a missing value. Give complete rows with a label."
        )
    _, code = np.unique(labels, return_inverse=True)
    n = np.bincount(code).astype(float)
    mean = np.column_stack([np.bincount(code, c) for c in rows.T]) / n[:, None]
    deviation = rows - mean[code]
    ssw = np.zeros((len(n), rows.shape[1], rows.shape[1]))
    np.add.at(ssw, code, deviation[:, :, None] * deviation[:, None, :])
    return PeopleMoments(n, mean, ssw)


def fit(
    people: PeopleMoments,
    y: ArrayLike,
    z: ArrayLike | None = None,
    *,
    bootstrap: int = 0,
    level: float = 0.95,
    rng: np.random.Generator | None = None,
) -> MicroMacroFit:
    """Regress a group outcome on causes measured on people, and on causes of the group.

    Parameters
    ----------
    people : moments of k causes in G groups.
    y : (G,) outcome.  z : (G, q) causes of the group.  Same order of groups as in ``people``.
    bootstrap : number of resamples of groups (0 for none; 1,000 or more for limits), drawn from ``rng``.
    level : of the bootstrap interval.

    Raises
    ------
    ShapeError
        Numbers of groups differ, values are missing, or a bootstrap has no rng.
    NotEstimableError
        Too few groups, nobody beside another person in any group, or means that differ by no more than chance
        (``why`` is ``noise-cause``).

    Notes
    -----
    Group means are replaced by their best predictions ``mu + [S_xi S_xi,z] V^-1 [mean - mu; z - mu_z]``, with V the
    covariance of (mean, z) in a group of that size; S_v = within mean square, S_xi = (between mean square - S_v) / c,
    c = (N - sum n^2 / N) / (G - 1), covariances with z over groups with denominator G - 1. Then least squares.
    With groups of one size this is exactly the errors-in-variables slope.

    References
    ----------
    Croon & van Veldhoven (2007), doi 10.1037/1082-989X.12.1.45.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> true = rng.normal(size=100)
    >>> x = true.repeat(6) + 2 * rng.normal(size=600)
    >>> y = 0.5 * true + 0.5 * rng.normal(size=100)
    >>> result = fit(people_moments(x, np.arange(100).repeat(6)), y)
    >>> bool(result.unadjusted[1] < result.beta[1])
    True
    """
    outcome = np.asarray(y, dtype=float)
    G = len(people.n)
    Z = np.empty((G, 0)) if z is None else np.asarray(z, dtype=float)
    Z = Z[:, None] if Z.ndim == 1 else Z
    if outcome.shape != (G,) or len(Z) != G or not (np.isfinite(outcome).all() and np.isfinite(Z).all()):
        raise ShapeError(f"Moments of {G} groups, y {outcome.shape}, z {Z.shape}: they differ, or a value is missing.")
    if bootstrap and rng is None:
        raise ShapeError("A bootstrap needs rng=numpy.random.default_rng(seed).")
    adjusted, reliability = _adjusted(people, Z)
    main = _regression(adjusted, Z, outcome)
    plain = _regression(people.mean, Z, outcome)
    draws = _resampled(people, Z, outcome, bootstrap, rng) if rng is not None else np.empty((0, len(main.beta)))
    enough = bootstrap > 0 and len(draws) >= (1 - _MOST_FAILURES) * bootstrap
    empty = np.full(len(main.beta), np.nan)
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0) if enough else (empty, empty)
    notes = ("In too many resamples the groups differ by no more than chance; no bootstrap interval is given.",)
    return MicroMacroFit(
        beta=main.beta,
        se=main.se,
        p_value=np.asarray(2 * special.stdtr(main.df, -np.abs(main.beta / main.se))),
        df=main.df,
        unadjusted=plain.beta,
        adjusted=adjusted,
        reliability=reliability,
        bootstrap_se=draws.std(axis=0, ddof=1) if enough else empty,
        low=low,
        high=high,
        n_groups=G,
        notes=notes if bootstrap and not enough else (),
    )


def _regression(x: FloatArray, Z: FloatArray, y: FloatArray) -> LeastSquares:
    return least_squares(np.column_stack([np.ones(len(y)), x, Z]), y)


def _adjusted(people: PeopleMoments, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (G, k) predictions of the true group means, and (k,) reliabilities at the average size."""
    n, G = people.n, len(people.n)
    k, N = people.mean.shape[1], float(n.sum())
    if G < k + Z.shape[1] + 3 or N <= G:
        raise NotEstimableError(f"{G} groups of {N:.0f} people are too few for this regression.", "few-units")
    within = people.ssw.sum(axis=0) / (N - G)
    mu = n @ people.mean / N
    d = people.mean - mu
    between = (n[:, None] * d).T @ d / (G - 1)
    c = (N - float(n @ n) / N) / (G - 1)
    true = (between - within) / c
    if np.linalg.eigvalsh(true)[0] <= 0:
        raise NotEstimableError("The groups differ by no more than chance on a cause.", "noise-cause")
    e = Z - Z.mean(axis=0)
    cross = (people.mean - people.mean.mean(axis=0)).T @ e / (G - 1)
    top = np.hstack([true, cross])
    V = np.zeros((G, k + Z.shape[1], k + Z.shape[1]))
    V[:] = np.vstack([top, np.hstack([cross.T, e.T @ e / (G - 1)])])
    V[:, :k, :k] += within / n[:, None, None]
    parts = np.linalg.solve(V, np.hstack([d, e])[:, :, None])[:, :, 0]
    return mu + parts @ top.T, np.diag(true) / (np.diag(true) + np.diag(within) / c)


def _resampled(people: PeopleMoments, Z: FloatArray, y: FloatArray, times: int, rng: np.random.Generator) -> FloatArray:
    """Return (at most times, p) coefficients from groups drawn with replacement; samples without an answer drop out."""
    out = []
    for _ in range(times):
        g = rng.integers(0, len(y), len(y))
        try:
            x, _reliability = _adjusted(PeopleMoments(people.n[g], people.mean[g], people.ssw[g]), Z[g])
            out.append(_regression(x, Z[g], y[g]).beta)
        except (NotEstimableError, np.linalg.LinAlgError):
            continue
    return np.array(out).reshape(len(out), -1)
