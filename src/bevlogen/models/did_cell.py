"""One comparison of two groups over two periods: the effect on the treated, and each unit's influence on it.

Sant'Anna & Zhao (2020, doi 10.1016/j.jeconom.2020.06.003), their equations 2.4 to 2.6, panel data: the traditional
doubly robust estimator (logit by maximum likelihood, outcome change by least squares among the comparison units),
outcome regression alone, and inverse probability weights normalised to one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Method = Literal["dr", "reg", "ipw"]

_OVERLAP = 0.999  # a chance of treatment above this has no counterpart among the comparison units


@dataclass(frozen=True, slots=True)
class Contrast:
    """Effect on the treated and (n,) influence of each unit, whose mean square over n is the squared error."""

    att: float
    influence: FloatArray


@dataclass(frozen=True, slots=True)
class _Logit:
    p: FloatArray
    covariance: FloatArray


def _logit(X: FloatArray, d: FloatArray) -> _Logit | None:
    """Chance of treatment by maximum likelihood; None where the covariates separate the groups."""
    beta = np.zeros(X.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(X @ beta, -30, 30)))
        information = X.T @ ((p * (1 - p))[:, None] * X)
        if np.linalg.cond(information) > 1e14:
            return None
        step = np.linalg.solve(information, X.T @ (d - p))
        beta = beta + step
        if np.abs(X @ step).max() < 1e-12:
            break
    p = 1 / (1 + np.exp(-np.clip(X @ beta, -30, 30)))
    if p.max() > _OVERLAP:
        return None
    return _Logit(p, np.asarray(np.linalg.inv(X.T @ ((p * (1 - p))[:, None] * X))))


def _outcome(change: FloatArray, X: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Predicted change without treatment (n,) and influence on its coefficients (n, k); None where not identified."""
    n, k = X.shape
    others = X[d == 0]
    if len(others) <= k - (k == 1) or np.linalg.matrix_rank(others) < k:
        return None
    beta = np.linalg.lstsq(others, change[d == 0], rcond=None)[0]
    residual = (1 - d) * (change - X @ beta)
    return X @ beta, residual[:, None] * X @ np.linalg.inv(others.T @ others / n)


def _doubly_robust(change: FloatArray, X: FloatArray, d: FloatArray) -> Contrast | None:
    logit, outcome = _logit(X, d), _outcome(change, X, d)
    if logit is None or outcome is None:
        return None
    n = len(d)
    excess = change - outcome[0]
    w = logit.p * (1 - d) / (1 - logit.p)
    treated, others = float(d @ excess / d.sum()), float(w @ excess / w.sum())
    by_logit = (d - logit.p)[:, None] * X @ (logit.covariance * n)
    of_treated = d * (excess - treated) - outcome[1] @ (d @ X / n)
    of_others = w * (excess - others) + by_logit @ ((w * (excess - others)) @ X / n) - outcome[1] @ (w @ X / n)
    return Contrast(treated - others, of_treated / d.mean() - of_others / w.mean())


def _regression(change: FloatArray, X: FloatArray, d: FloatArray) -> Contrast | None:
    outcome = _outcome(change, X, d)
    if outcome is None:
        return None
    att = float(d @ (change - outcome[0]) / d.sum())
    influence = d * (change - outcome[0] - att) - outcome[1] @ (d @ X / len(d))
    return Contrast(att, influence / d.mean())


def _weighted(change: FloatArray, X: FloatArray, d: FloatArray) -> Contrast | None:
    logit = _logit(X, d)
    if logit is None:
        return None
    n = len(d)
    w = logit.p * (1 - d) / (1 - logit.p)
    treated, others = float(d @ change / d.sum()), float(w @ change / w.sum())
    by_logit = (d - logit.p)[:, None] * X @ (logit.covariance * n)
    of_others = w * (change - others) + by_logit @ ((w * (change - others)) @ X / n)
    return Contrast(treated - others, d * (change - treated) / d.mean() - of_others / w.mean())


CONTRASTS: dict[str, Callable[[FloatArray, FloatArray, FloatArray], Contrast | None]] = {
    "dr": _doubly_robust,
    "reg": _regression,
    "ipw": _weighted,
}
