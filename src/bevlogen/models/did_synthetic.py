"""Synthetic difference in differences: a few units acted upon at one moment, against a weighted mix of the others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ErrorMethod = Literal["placebo", "jackknife"]

_LEAST_BEFORE = 3  # periods before action: two differences per unit for the noise level
_PERIOD_RIDGE = 1e-6  # the paper's infinitesimal penalty on period weights, in noise levels


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Effect on the treated units, averaged over the periods after action.

    Attributes
    ----------
    att, se : effect in units of y, and its error by ``error``.
    p_value : placebo only: share of placebo effects (and the effect itself) at least as large; NaN for the jackknife.
    unit_weights : (n_comparison,) weights of the comparison units, in their order; sum 1.
    period_weights : (start,) weights of the periods before action; sum 1.
    effect : (T - start,) effect per period after the start.
    gap : (T,) treated mean minus synthetic mean, the weighted gap before action subtracted.
    before_rmse : root mean square of ``gap`` before action, its own mean removed: how well the mix follows.
    placebo : (R,) placebo effects; empty for the jackknife.
    error : "placebo" or "jackknife".
    df : degrees of freedom of the t limits: placebos (or units), less one.
    n_treated, n_comparison : units.
    notes : what a reader must know, in sentences.
    """

    att: float
    se: float
    p_value: float
    unit_weights: FloatArray
    period_weights: FloatArray
    effect: FloatArray
    gap: FloatArray
    before_rmse: float
    placebo: FloatArray
    error: ErrorMethod
    df: int
    n_treated: int
    n_comparison: int
    notes: tuple[str, ...]

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (2,) limits of ``att`` from t with ``df``."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.array([self.att - half, self.att + half])


def synthetic(
    y: ArrayLike,
    treated: ArrayLike,
    start: int,
    *,
    error: ErrorMethod | None = None,
    replications: int = 200,
    rng: np.random.Generator | None = None,
) -> Synthetic:
    """Estimate the effect of an action on a few units that began at one moment.

    Parameters
    ----------
    y : (J, T) outcomes, oldest period first, none missing.
    treated : (J,) whether the unit was acted upon.
    start : position (from 0) of the first period with action.
    error : "placebo" (the action is laid on comparison units; needs more of them than treated ones) or "jackknife"
        (weights held; needs two treated units). Default: placebo where it can be.
    replications : random placebo sets, where there are more sets than this; otherwise all sets are used.
    rng : for random placebo sets; default a fixed seed, so that the same data give the same answer.

    Returns
    -------
    Synthetic

    Raises
    ------
    ChoiceError, ShapeError
        Unknown option; arrays that do not fit, missing values.
    NotEstimableError
        Nobody or everybody treated, fewer than three periods before the action or none after, or too few units for the
        error asked for.

    Notes
    -----
    Unit weights make the weighted comparison units run parallel to the treated mean before action (ridge penalty
    ``(N1 T1)^(1/4)`` noise levels, noise = standard deviation of first differences of comparison units before action);
    period weights make the periods before resemble those after, for comparison units. Both lie on the simplex and are
    exact (non-negative least squares), not the sparse early-stopped ones of the authors' package. Placebo errors assume
    that treated and comparison units vary alike.

    References
    ----------
    Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), doi 10.1257/aer.20190159, algorithms 1, 3 and 4.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> treated = np.arange(20) < 3
    >>> y = rng.normal(size=(20, 1)) + rng.normal(0, 0.3, (20, 12)) + 1.0 * treated[:, None] * (np.arange(12) >= 8)
    >>> result = synthetic(y, treated, 8)
    >>> bool(abs(result.att - 1) < 3 * result.se)
    True
    """
    if error is not None and error not in get_args(ErrorMethod):
        raise ChoiceError("error", error, get_args(ErrorMethod))
    y_, treated_ = _checked(y, treated, start)
    n_treated, n_comparison = int(treated_.sum()), int((~treated_).sum())
    chosen: ErrorMethod = error or ("placebo" if n_comparison > n_treated else "jackknife")
    if chosen == "placebo" and n_comparison <= n_treated:
        raise NotEstimableError(
            f"Placebo errors need more comparison units than treated ones. Found: {n_comparison} and {n_treated}. "
            'Use error="jackknife".'
        )
    if chosen == "jackknife" and n_treated < 2:
        raise NotEstimableError('The jackknife needs two treated units. Found: 1. Use error="placebo".', "few-units")
    inside, others = y_[treated_], y_[~treated_]
    omega, lam = _weights(inside, others, start)
    att = _effect(inside, others, omega, lam, start)
    placebo = np.empty(0)
    if chosen == "placebo":
        placebo = _placebos(others, n_treated, start, replications, rng or np.random.default_rng(0))
        se = float(placebo.std())
        p_value = float((1 + (np.abs(placebo) >= abs(att)).sum()) / (1 + len(placebo)))
        df = min(len(placebo), n_comparison) - 1
    else:
        se, p_value, df = _jackknife(inside, others, omega, lam, start), float("nan"), n_treated - 1
    difference = inside.mean(axis=0) - omega @ others
    gap = difference - difference[:start] @ lam
    return Synthetic(
        att=att,
        se=se,
        p_value=p_value,
        unit_weights=omega,
        period_weights=lam,
        effect=gap[start:],
        gap=gap,
        before_rmse=float(gap[:start].std()),
        placebo=placebo,
        error=chosen,
        df=df,
        n_treated=n_treated,
        n_comparison=n_comparison,
        notes=_notes(omega, n_comparison, chosen),
    )


def _checked(y: ArrayLike, treated: ArrayLike, start: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    y_, treated_ = np.asarray(y, dtype=float), np.asarray(treated)
    if y_.ndim != 2 or treated_.shape != y_.shape[:1]:
        raise ShapeError("y has a row per unit and a column per period, and treated one value per unit.")
    if not np.isfinite(y_).all():
        raise ShapeError("y holds missing values. Leave out units or periods with gaps, or use imputation.")
    treated_ = treated_.astype(bool)
    if not treated_.any():
        raise NotEstimableError("No unit was acted upon. There is no effect to estimate.")
    if treated_.all():
        raise NotEstimableError("Every unit was acted upon. There is no unit to compare with.")
    if (~treated_).sum() < 2:
        raise NotEstimableError("A synthetic comparison needs at least two units without the action.", "few-units")
    if start < _LEAST_BEFORE or start >= y_.shape[1]:
        raise NotEstimableError(
            f"Weights need {_LEAST_BEFORE} periods before the action and one after. "
            f"Found: {max(start, 0)} and {max(y_.shape[1] - start, 0)}."
        )
    return y_, treated_


def _weights(inside: FloatArray, others: FloatArray, start: int) -> tuple[FloatArray, FloatArray]:
    """Unit weights (N0,) and period weights (start,)."""
    noise = float(np.diff(others[:, :start], axis=1).std(ddof=1))
    after = others.shape[1] - start
    ridge = (len(inside) * after) ** 0.25 * noise
    omega = _simplex(others[:, :start].T, inside[:, :start].mean(axis=0), ridge)
    lam = _simplex(others[:, :start], others[:, start:].mean(axis=1), _PERIOD_RIDGE * noise)
    return omega, lam


def _simplex(A: FloatArray, b: FloatArray, ridge: float) -> FloatArray:
    """Minimise ``|A w + c - b|^2 / n + ridge^2 |w|^2`` over c and w >= 0 with sum 1, exactly.

    With ``B = A - b 1'`` it is the shortest point of a polytope. Non-negative least squares of ``[B; s 1'] u`` on
    ``[0; s]`` has its solution along the same ray, whatever s > 0 (our own derivation), so w = u / sum(u).
    """
    A, b = A - A.mean(axis=0), b - b.mean()
    B = np.vstack([A - b[:, None], np.sqrt(len(A)) * ridge * np.eye(A.shape[1])])
    scale = float(np.sqrt((B**2).sum(axis=0)).mean()) or 1.0
    u, _ = optimize.nnls(np.vstack([B / scale, np.ones(A.shape[1])]), np.append(np.zeros(len(B)), 1.0))
    return np.asarray(u / u.sum())


def _effect(inside: FloatArray, others: FloatArray, omega: FloatArray, lam: FloatArray, start: int) -> float:
    difference = inside.mean(axis=0) - omega @ others
    return float(difference[start:].mean() - lam @ difference[:start])


def _placebos(others: FloatArray, size: int, start: int, replications: int, rng: np.random.Generator) -> FloatArray:
    """Effects when the action is laid on comparison units: all sets, or random ones where there are too many."""
    N0 = len(others)
    if comb(N0, size) <= max(replications, N0 if size == 1 else 0):
        sets = [np.array(s) for s in combinations(range(N0), size)]
    else:
        sets = [rng.permutation(N0)[:size] for _ in range(replications)]
    out = np.empty(len(sets))
    for i, chosen in enumerate(sets):
        rest = np.delete(others, chosen, axis=0)
        out[i] = _effect(others[chosen], rest, *_weights(others[chosen], rest, start), start)
    return out


def _jackknife(inside: FloatArray, others: FloatArray, omega: FloatArray, lam: FloatArray, start: int) -> float:
    """Leave out each unit with the weights held (renormalised over comparison units)."""
    if (omega > 1 - 1e-12).any():
        raise NotEstimableError("One comparison unit carries all weight, so it cannot be left out. Add units.")
    leave = [_effect(np.delete(inside, i, axis=0), others, omega, lam, start) for i in range(len(inside))]
    for j in range(len(others)):
        rest = np.delete(omega, j)
        leave.append(_effect(inside, np.delete(others, j, axis=0), rest / rest.sum(), lam, start))
    values, n = np.array(leave), len(leave)
    return float(np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()))


def _notes(omega: FloatArray, n_comparison: int, error: ErrorMethod) -> tuple[str, ...]:
    said = []
    if omega.max() > 0.5:
        said.append("One comparison unit carries more than half of the weight: the answer leans on it.")
    if error == "placebo" and n_comparison < 20:
        said.append(
            f"Placebos come from {n_comparison} comparison units: a p-value below {1 / (n_comparison + 1):.2f} "
            "should not be expected."
        )
    return tuple(said)
