"""Encounters made by hand, with a truth that each test states itself."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bevlogen.core.measured import Encounters
from bevlogen.core.tables import Organisation, Policy

CUSTOMERS, EMPLOYEES = frozenset({"customers"}), frozenset({"employees"})


def organisation(**respondents):
    return Organisation("Test", "en", "quarter", True, "", Policy(), (), {}, (), 0.1, respondents)


def encounters(
    scores, unit, *, period=None, employee=None, customer=None, service=None, co_creation=(), reliability=1.0
):
    """Encounters with the columns of ``scores`` (a dictionary); who is not given is unknown."""
    nobody = np.full(len(unit), -1, dtype=np.int64)
    p = len(scores)
    return Encounters(
        variables=tuple(scores),
        unit=np.asarray(unit, dtype=np.int64),
        period=np.zeros(len(unit), dtype=np.int64) if period is None else period,
        employee=nobody if employee is None else employee,
        customer=nobody if customer is None else customer,
        service=nobody if service is None else service,
        scores=np.column_stack(list(scores.values())),
        low=np.ones(p),
        high=np.full(p, 5.0),
        reliability=np.broadcast_to(np.asarray(reliability, dtype=float), (p,)).copy(),
        services=tuple(f"service {i}" for i in range(len(co_creation))),
        co_creation=np.asarray(co_creation, dtype=float),
    )


def judged(rng, n_units=20, per_unit=80, weights=(0.5, 0.5), noise=0.7, correlation=0.4):
    """True scores: craftsmanship and conduct with variance 1, and the interaction that they make; and the units."""
    unit = np.repeat(np.arange(n_units), per_unit)
    X = rng.normal(size=(len(unit), 2)) @ np.linalg.cholesky([[1, correlation], [correlation, 1]]).T
    y = X @ np.array(weights) + noise * rng.normal(size=len(unit))
    return {"craftsmanship": X[:, 0], "conduct": X[:, 1], "interaction_quality": y}, unit


def with_error(rng, scores, variances):
    """Scores as observed, and the reliability of each."""
    seen = {k: v + np.sqrt(e) * rng.normal(size=len(v)) for (k, v), e in zip(scores.items(), variances, strict=True)}
    return seen, [1 - e / seen[k].var(ddof=1) for k, e in zip(scores, variances, strict=True)]


@pytest.fixture(scope="session")
def make():
    return SimpleNamespace(
        organisation=organisation,
        encounters=encounters,
        judged=judged,
        with_error=with_error,
        customers=CUSTOMERS,
        employees=EMPLOYEES,
    )
