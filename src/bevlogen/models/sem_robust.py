"""Standard errors and tests that do not lean on normal answers or independent rows.

Huber-White sandwich from the scores of the rows (summed per cluster, with factor J / (J - 1)), and the test scaled by
the mean of its eigenvalues (Yuan & Bentler 2000, doi 10.1111/0081-1750.00078; Asparouhov & Muthén 2005).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.models import sem_fit
from bevlogen.models.sem_measures import FitMeasures, comparative_fit, tucker_lewis
from bevlogen.models.sem_model import Model

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RobustMeasures:
    """Fit under non-normal or dependent rows.

    Attributes
    ----------
    chisq, df, p_value : scaled test.
    scaling : the factor by which the normal-theory statistic is too large.
    baseline_scaling : the same for the baseline model.
    cfi, tli, rmsea : robust indices (Brosseau-Liard & Savalei 2014, doi 10.1080/00273171.2014.933697).
    """

    chisq: float
    df: int
    p_value: float
    scaling: float
    baseline_scaling: float
    cfi: float
    tli: float
    rmsea: float


@dataclass(frozen=True, slots=True)
class Case:
    """A model at its optimum with the inverse of its observed information."""

    model: Model
    theta: FloatArray
    inverse: FloatArray


def scores(model: Model, theta: FloatArray, rows: Sequence[FloatArray]) -> list[FloatArray]:
    """Return per group the (n, q) derivative of each row's log-likelihood; NaN in rows is missing."""
    out = []
    implied = [i.observed for i in sem_fit.implied_at(model, theta)]
    for (Sigma, mu), (dS, dm), X in zip(implied, sem_fit.jacobians(model, theta), rows, strict=True):
        block = np.zeros((len(X), model.n_free))
        kinds, which = np.unique(np.isfinite(X), axis=0, return_inverse=True)
        for k, kind in enumerate(kinds):
            index, mine = np.flatnonzero(kind), which.ravel() == k
            cells = np.ix_(index, index)
            inverse = np.linalg.inv(Sigma[cells])
            z = (X[mine][:, index] - mu[index]) @ inverse
            part = dS[:, cells[0], cells[1]]
            square = np.einsum("ni,qij,nj->nq", z, part, z, optimize=True)
            block[mine] = 0.5 * (square - np.einsum("ij,qji->q", inverse, part)) + z @ dm[:, index].T
        out.append(block)
    return out


def _meat(case: Case, rows: Sequence[FloatArray], clusters: Sequence[NDArray[np.generic]] | None) -> FloatArray:
    """Sum of squared scores, by cluster if there are any."""
    total = np.zeros((case.model.n_free,) * 2)
    for g, s in enumerate(scores(case.model, case.theta, rows)):
        if clusters is not None:
            _, code = np.unique(clusters[g], return_inverse=True)
            J = int(code.max()) + 1
            summed = np.zeros((J, s.shape[1]))
            np.add.at(summed, code, s)
            s = summed * math.sqrt(J / (J - 1))
        total += s.T @ s
    return total


def sandwich(fitted: Case, rows: Sequence[FloatArray], clusters: Sequence[NDArray[np.generic]] | None) -> FloatArray:
    """Return the robust covariance of the estimates; rows in the order of the model, per group."""
    return np.asarray(fitted.inverse @ _meat(fitted, rows, clusters) @ fitted.inverse)


def scaled(
    fitted: Case,
    free: Case,
    base: Case,
    rows: Sequence[FloatArray],
    clusters: Sequence[NDArray[np.generic]] | None,
    plain: FitMeasures,
) -> RobustMeasures:
    """Return the scaled test and robust indices; ``free`` and ``base`` are the unrestricted and the baseline model."""
    own, most, least = (float(np.sum(_meat(c, rows, clusters) * c.inverse)) for c in (fitted, free, base))
    scale = (most - own) / plain.df if plain.df else 1.0
    base_scale = (most - least) / plain.baseline_df if plain.baseline_df else 1.0
    chisq = plain.chisq / scale
    lack = (plain.chisq - scale * plain.df) * len(rows) / (sum(map(len, rows)) * plain.df) if plain.df else 0.0
    shared = (plain.chisq, plain.df, plain.baseline_chisq, plain.baseline_df, scale, base_scale)
    return RobustMeasures(
        chisq=chisq,
        df=plain.df,
        p_value=float(special.chdtrc(plain.df, chisq)) if plain.df else math.nan,
        scaling=scale,
        baseline_scaling=base_scale,
        cfi=comparative_fit(*shared),
        tli=tucker_lewis(*shared),
        rmsea=math.sqrt(max(lack, 0.0)),
    )
