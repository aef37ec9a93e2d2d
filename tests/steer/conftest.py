"""Organisations, estimates and measurements made by hand, so that each claim of a test shows its own numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from bevlogen.core.chain import Link
from bevlogen.core.linked import Estimate, LinkEstimate, shares
from bevlogen.core.measured import Figures, Measurement, Panel, Scores
from bevlogen.core.results import Provenance
from bevlogen.core.tables import Organisation, Policy, Workspace

PROVENANCE = Provenance("0", "abc", 1)


def organisation(**changes):
    base = Organisation("Test", "en", "quarter", False, "", Policy(), (), {}, (), 0.10, {})
    return replace(base, **changes)


def estimate(design="within", value=0.3, se=0.1, n_units=40, n_waves=4, **changes):
    z95, z90 = 1.959964 * se, 1.644854 * se
    p_value = math.erfc(abs(value) / se / math.sqrt(2))
    base = Estimate(
        design, value, se, math.inf, value - z95, value + z95, value - z90, value + z90,
        value, value - z95, value + z95, 0.8 * value, 2.801585 * se, p_value, n_units * n_waves, n_units, n_waves,
    )  # fmt: skip
    return replace(base, **changes)


def link(*estimates, cause="engagement", outcome="loyalty", sign=1, same_source=False, **changes):
    share = shares([e.design for e in estimates])
    z = [NormalDist().inv_cdf(1 - 0.025 * share[e.design]) * e.std_error for e in estimates]
    estimates = tuple(
        replace(e, low_joint=e.estimate - far, high_joint=e.estimate + far) for e, far in zip(estimates, z, strict=True)
    )
    base = LinkEstimate(Link(cause, outcome, sign), sign, estimates, same_source, 0.8, 0.8)
    return replace(base, **changes)


def measurement(values, services=None, half=0.2, error=0.01, n=20.0, periods=None):
    """Build one from {construct: (J, T) means}; the shrunken level is the mean itself, its 95% half-width ``half``."""
    constructs = tuple(values)
    cube = np.stack([np.asarray(values[c], dtype=float) for c in constructs], axis=2)
    j, t, c = (a.ravel() for a in np.indices(cube.shape))
    units = tuple(f"u{i:02d}" for i in range(cube.shape[0]))
    labels = periods or tuple(f"{2023 + i // 4}-Q{i % 4 + 1}" for i in range(cube.shape[1]))
    mean = cube.ravel()
    there = np.isfinite(mean)
    j, t, c, mean = j[there], t[there], c[there], mean[there]
    flat = np.full(len(mean), 1.0)
    scores = Scores(
        units, labels, constructs, j, t, c, n * flat, mean, flat, 0.1 * flat, 0.8 * flat,
        mean, mean - half, mean + half, flat, np.zeros(len(mean), dtype=bool),
    )  # fmt: skip
    panel = Panel(
        units, tuple(services or [""] * len(units)), labels, constructs, cube, np.full(cube.shape, n),
        np.where(np.isfinite(cube), error, np.nan),
    )  # fmt: skip
    empty, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    figures = Figures((), (), (), empty, empty, empty, nothing, nothing)
    return Measurement(scores, figures, (), panel, PROVENANCE)


def workspace(org):
    return Workspace(org, (), (), (), None, None, (), "abc")


@pytest.fixture
def make():
    """Give the builders under one name."""

    class Make:
        organisation = staticmethod(organisation)
        estimate = staticmethod(estimate)
        link = staticmethod(link)
        measurement = staticmethod(measurement)
        workspace = staticmethod(workspace)
        provenance = PROVENANCE

    return Make
