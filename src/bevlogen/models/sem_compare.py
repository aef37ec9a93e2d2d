"""Compare a fitted model with the unrestricted model and with the one in which nothing goes together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bevlogen.models import sem_columns, sem_fit, sem_incomplete, sem_measures, sem_start
from bevlogen.models.sem_fit import Optimum
from bevlogen.models.sem_incomplete import IncompleteMeasures
from bevlogen.models.sem_likelihood import Clustered, Independent
from bevlogen.models.sem_measures import FitMeasures
from bevlogen.models.sem_model import Model, independence, saturated

_UNTESTED = "The whole model cannot be tested: too few rows, or variables that repeat each other. Its fit is not given."


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The unrestricted model and the baseline at their optima; ``top`` is None where rows are too few for the first."""

    free: Model
    top: Optimum | None
    base: Model
    least: Optimum


@dataclass(frozen=True, slots=True)
class Compared:
    """Measures, those corrected for missing values if there are any, and what must be said."""

    measures: FitMeasures
    incomplete: IncompleteMeasures | None
    notes: tuple[str, ...]


def alternatives(
    model: Model, likelihood: Independent | Clustered, samples: Sequence[sem_start.Sample]
) -> Alternatives:
    """Fit both other models."""
    free, base = (sem_columns.filled(kind(model), samples) for kind in (saturated, independence))
    least = sem_fit.optimum(base, likelihood, sem_start.start(base, samples))
    if not sem_start.determines_covariances(likelihood):
        return Alternatives(free, None, base, least)
    top = sem_fit.optimum(free, likelihood, sem_start.start(free, samples, covariances=True))
    return Alternatives(free, top if top.converged else None, base, least)


def compare(
    model: Model,
    best: Optimum,
    others: Alternatives,
    likelihood: Independent | Clustered,
    samples: Sequence[sem_start.Sample],
) -> Compared:
    """Work out the measures of fit."""
    given = sem_start.given_deviance(model, likelihood, samples)
    comparison = sem_measures.Comparison(
        deviance=best.deviance - given,
        unrestricted=others.top.deviance - given if others.top else math.nan,
        baseline=others.least.deviance - given,
        n_par=model.n_free,
        n_par_unrestricted=others.free.n_free,
        n_par_baseline=others.base.n_free,
        n_obs=likelihood.n_obs,
        n_groups=1 if model.layout == "levels" else len(model.blocks),
        residuals=_residuals(model, best, others, likelihood),
        two_level=model.layout == "levels",
    )
    incomplete = None
    is_complete = isinstance(likelihood, Clustered) or all(g.is_complete for g in likelihood.groups)
    if isinstance(likelihood, Independent) and not is_complete and others.top and best.converged:
        incomplete = sem_incomplete.corrected(
            (model, best.theta), (others.free, others.top), (others.base, others.least.theta), likelihood
        )
    return Compared(sem_measures.measures(comparison), incomplete, () if others.top else (_UNTESTED,))


def _residuals(
    model: Model, best: Optimum, others: Alternatives, likelihood: Independent | Clustered
) -> tuple[tuple[float, float], ...]:
    """Weight and standardised root mean square residual of each block; NaN without an unrestricted model."""
    weights = [float(g.n) for g in likelihood.groups] if isinstance(likelihood, Independent) else [1.0, 1.0]
    if others.top is None:
        return tuple((w, math.nan) for w in weights)
    implied, observed = sem_fit.implied_at(model, best.theta), sem_fit.implied_at(others.free, others.top.theta)
    with_means = model.means and model.layout == "groups"
    out = []
    for weight, now, then in zip(weights, implied, observed, strict=True):
        (Sigma, mu), (cov, mean) = now.observed, then.observed
        out.append((weight, sem_measures.residual(cov, Sigma, mean, mu, with_means)))
    return tuple(out)
