"""Where the search starts, and what is taken from the sample as given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.models.sem_likelihood import Clustered, Independent, deviance
from bevlogen.models.sem_model import Model, Parameter
from bevlogen.models.sem_moments import Pattern

FloatArray = NDArray[np.float64]

_FULL_RANK = 1e-10  # smallest eigenvalue of a correlation matrix that is not singular
_LEAST_BETWEEN = 0.05  # share of the pooled variance with which a between variance starts at least


@dataclass(frozen=True, slots=True)
class Sample:
    """Rough moments of one block, in the model's order.

    Attributes
    ----------
    mean, cov : to start from; covariances are 0 where rows are incomplete.
    given_mean, given_cov : what exogenous variables are fixed at; NaN where they are incomplete.
    n : number of independent values behind the given moments.
    """

    mean: FloatArray
    cov: FloatArray
    given_mean: FloatArray
    given_cov: FloatArray
    n: float


def pooled(patterns: Sequence[Pattern], k: int) -> tuple[float, float, int]:
    """Return mean, variance (denominator n) and n of variable k over patterns; NaN if nobody answered."""
    n, total, square = 0, 0.0, 0.0
    for p in patterns:
        if k in p.index:
            i = int(np.flatnonzero(p.index == k)[0])
            n += p.n
            total += p.n * float(p.mean[i])
            square += p.n * float(p.cov[i, i])
    if n == 0:
        return math.nan, math.nan, 0
    mean = total / n
    for p in patterns:
        if k in p.index:
            i = int(np.flatnonzero(p.index == k)[0])
            square += p.n * (float(p.mean[i]) - mean) ** 2
    return mean, square / n, n


def samples(likelihood: Independent | Clustered) -> list[Sample]:
    """Return rough moments of every block."""
    if isinstance(likelihood, Clustered):
        return _levels(likelihood)
    out = []
    for g in likelihood.groups:
        if g.is_complete:
            p = g.patterns[0]
            out.append(Sample(p.mean, p.cov, p.mean, p.cov, p.n))
            continue
        rough = [pooled(g.patterns, k) for k in range(len(g.names))]
        mean, variance = np.array([r[0] for r in rough]), np.array([r[1] for r in rough])
        full = np.array([r[2] == g.n for r in rough])
        given = np.full((len(rough),) * 2, np.nan)
        given[np.diag_indices(len(rough))] = np.where(full, variance, np.nan)
        out.append(Sample(mean, np.diag(variance), np.where(full, mean, np.nan), given, g.n))
    return out


def _levels(likelihood: Clustered) -> list[Sample]:
    m, p = likelihood.moments, len(likelihood.moments.within)
    average = m.counts @ m.mean / m.n_clusters
    d = m.mean - average
    spread = np.einsum("k,kij->ij", m.counts, m.cov + d[:, :, None] * d[:, None, :]) / m.n_clusters
    between = np.diag(spread).copy()
    size = m.n_rows / m.n_clusters
    floor = _LEAST_BETWEEN * np.diag(m.pooled)
    between[:p] = np.maximum(between[:p] - np.diag(m.pooled) / size, floor)
    w, b = likelihood.w, likelihood.b
    only = np.isin(w, b, invert=True)
    start = np.diag(np.where(only, np.diag(m.total_cov)[w], np.diag(m.pooled)[w]))
    within_mean = np.where(only, m.total_mean[w], 0.0)
    return [
        Sample(within_mean, start, m.total_mean[w], m.total_cov[np.ix_(w, w)], m.n_rows),
        Sample(average[b], np.diag(between[b]), average[b], spread[np.ix_(b, b)], m.n_clusters),
    ]


def determines_covariances(likelihood: Independent | Clustered) -> bool:
    """Whether there are enough rows for free covariances of all variables, so that a model can be tested."""
    if isinstance(likelihood, Clustered):
        m = likelihood.moments
        r = len(m.within) + len(m.between)
        return m.n_clusters > r and m.n_rows - m.n_clusters > len(m.within) and _has_full_rank(m.pooled)
    for g in likelihood.groups:
        p = len(g.names)
        together = np.zeros((p, p))
        for part in g.patterns:
            together[np.ix_(part.index, part.index)] += part.n
        if g.n <= p or together.min() < 3:
            return False
        if g.is_complete and not _has_full_rank(g.patterns[0].cov):
            return False
    return True


def _has_full_rank(cov: FloatArray) -> bool:
    sd = np.sqrt(np.diag(cov))
    return bool((sd > 0).all() and np.linalg.eigvalsh(cov / np.outer(sd, sd))[0] > _FULL_RANK)


def start(model: Model, found: Sequence[Sample], *, covariances: bool = False) -> FloatArray:
    """Return starting values: half the variance to each factor, loadings by sign and scale, no other relations.

    With ``covariances`` those of observed variables start at their sample values (for the unrestricted model).
    """
    theta = np.zeros(model.n_free)
    for q in model.parameters:
        if q.index < 0:
            continue
        s = found[q.block]
        place = {name: k for k, name in enumerate(model.blocks[q.block].observed)}
        loadings = [p for p in model.parameters if p.block == q.block and p.op == "=~"]
        if q.op == "=~":
            theta[q.index] = _loading(q, loadings, s, place)
        elif q.op == "~1" and q.lhs in place:
            theta[q.index] = s.mean[place[q.lhs]]
        elif q.op == "~~" and q.lhs == q.rhs and q.lhs in place:
            share = 0.5 if any(p.rhs == q.lhs for p in loadings) else 1.0
            theta[q.index] = share * s.cov[place[q.lhs], place[q.lhs]]
        elif q.op == "~~" and q.lhs == q.rhs:
            theta[q.index] = _factor_variance(q.lhs, loadings, s, place)
        elif q.op == "~~" and covariances:
            theta[q.index] = s.cov[place[q.lhs], place[q.rhs]]
    return theta


def _marker(factor: str, loadings: Sequence[Parameter], place: dict[str, int]) -> tuple[int, float] | None:
    """Return the place of the first observed indicator with a fixed loading other than zero, and that loading."""
    for p in loadings:
        if p.lhs == factor and p.index < 0 and p.value != 0 and p.rhs in place:
            return place[p.rhs], p.value
    return None


def _loading(q: Parameter, loadings: Sequence[Parameter], s: Sample, place: dict[str, int]) -> float:
    if q.rhs not in place:
        return 1.0
    i = place[q.rhs]
    marker = _marker(q.lhs, loadings, place)
    k = marker[0] if marker else place.get(next(p.rhs for p in loadings if p.lhs == q.lhs), i)
    sign = -1.0 if s.cov[i, k] < 0 else 1.0
    size = marker[1] / np.sqrt(s.cov[k, k]) if marker else 0.7
    return float(sign * size * np.sqrt(s.cov[i, i]))


def _factor_variance(factor: str, loadings: Sequence[Parameter], s: Sample, place: dict[str, int]) -> float:
    marker = _marker(factor, loadings, place)
    return 1.0 if marker is None else float(0.5 * s.cov[marker[0], marker[0]] / marker[1] ** 2)


def given_deviance(model: Model, likelihood: Independent | Clustered, found: Sequence[Sample]) -> float:
    """Return -2 log-likelihood of the exogenous variables that are taken as given; it is no part of the model's."""
    total = 0.0
    for number, (block, s) in enumerate(zip(model.blocks, found, strict=True)):
        if not block.exogenous:
            continue
        k = [block.observed.index(n) for n in block.exogenous]
        cov, mean = s.given_cov[np.ix_(k, k)], s.given_mean[k]
        n = likelihood.groups[number].n if isinstance(likelihood, Independent) else s.n
        total += deviance(cov, mean, n, mean, cov)
    return total
