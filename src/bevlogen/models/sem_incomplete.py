"""Fit indices that missing values do not flatter.

The chi-square of full information sees only the misfit that the answers at hand could show, so the more is missing, the
better CFI and RMSEA look. Here misfit is measured as it would be in complete data with the moments of the unrestricted
model, and its expected size under a true model is taken off (Zhang & Savalei 2022, doi 10.1037/met0000445, FIML-C, V6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.models import sem_fit
from bevlogen.models.sem_likelihood import Independent
from bevlogen.models.sem_measures import comparative_fit, tucker_lewis
from bevlogen.models.sem_model import Model
from bevlogen.models.sem_moments import Moments, Pattern

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IncompleteMeasures:
    """Indices corrected for missing values: comparative fit, Tucker-Lewis and root mean square error."""

    cfi: float
    tli: float
    rmsea: float


@dataclass(frozen=True, slots=True)
class _Lack:
    """Misfit in complete data and its expectation under a true model."""

    chisq: float
    expected: float
    df: int


def corrected(
    fitted: tuple[Model, FloatArray],
    free: tuple[Model, sem_fit.Optimum],
    base: tuple[Model, FloatArray],
    likelihood: Independent,
) -> IncompleteMeasures:
    """Return the corrected indices; ``free`` is the unrestricted model at its optimum, ``base`` the baseline."""
    unrestricted, top = free
    complete = _completed(unrestricted, top.theta, likelihood)
    weight = sem_fit.expected_information(unrestricted, complete, top.theta)
    model, null = (_lack(*case, free, complete, weight) for case in (fitted, base))
    if model.df == 0:
        return IncompleteMeasures(1.0, 1.0, 0.0)
    if math.isnan(model.expected + null.expected):
        return IncompleteMeasures(math.nan, math.nan, math.nan)
    scale = model.expected / model.df, null.expected / null.df
    shared = (model.chisq, model.df, null.chisq, null.df, *scale)
    beyond = (model.chisq - model.expected) * len(likelihood.groups) / (likelihood.n_obs * model.df)
    return IncompleteMeasures(comparative_fit(*shared), tucker_lewis(*shared), math.sqrt(max(beyond, 0.0)))


def _completed(unrestricted: Model, theta: FloatArray, likelihood: Independent) -> Independent:
    """Return as many complete rows as there are, with the moments of the unrestricted model."""
    groups = []
    for group, at in zip(likelihood.groups, sem_fit.implied_at(unrestricted, theta), strict=True):
        cov, mean = at.observed
        groups.append(Moments(group.names, (Pattern(np.arange(len(mean)), group.n, mean, cov),)))
    return Independent(tuple(groups))


def _lack(
    model: Model, theta: FloatArray, free: tuple[Model, sem_fit.Optimum], complete: Independent, weight: FloatArray
) -> _Lack:
    unrestricted, top = free
    chisq = sem_fit.deviance_at(model, complete, theta) - sem_fit.deviance_at(unrestricted, complete, top.theta)
    D = _slopes(model, theta, unrestricted)
    left = sem_fit.inverse_information(top.observed) - D @ sem_fit.inverse_information(D.T @ top.observed @ D) @ D.T
    return _Lack(chisq, float(np.sum(weight * left)), unrestricted.n_free - model.n_free)


def _slopes(model: Model, theta: FloatArray, unrestricted: Model) -> FloatArray:
    """Return (S, q) derivatives of the S unrestricted moments with respect to the model's parameters."""
    jacobians = sem_fit.jacobians(model, theta)
    D = np.zeros((unrestricted.n_free, model.n_free))
    for p in unrestricted.parameters:
        if p.index >= 0:
            dS, dm = jacobians[p.block]
            order = model.blocks[p.block].observed
            i = order.index(p.lhs)
            D[p.index] = dm[:, i] if p.op == "~1" else dS[:, i, order.index(p.rhs)]
    return D
