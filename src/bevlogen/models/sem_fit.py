"""Fit a structural equation model by maximum likelihood.

Fisher scoring with Levenberg-Marquardt damping, finished with Newton steps. The observed information comes exact from
the analytic gradient by a complex step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bevlogen.models import sem_implied as ram
from bevlogen.models.sem_model import Model

FloatArray = NDArray[np.float64]
AnyArray = NDArray[Any]  # real, or complex for a complex step

Information = Literal["expected", "observed"]

_DECREMENT = 1e-16  # squared distance to the optimum in standard errors at which the search stops
_MOST_STEPS = 200
_LEAST_DAMPING = 1e-12  # not zero, so that it can grow again
STEP = 1e-30  # complex step: no subtraction, so it may be as small as one likes
_NO_START = "There is no place to start from: one variable is wholly explained by others, or variances are missing."
_RANK = 1e-10  # smallest eigenvalue of the scaled information that counts as information


class Likelihood(Protocol):
    """What a fit needs of the data."""

    @property
    def n_obs(self) -> int:
        """Rows."""

    def deviance(self, implied: list[tuple[FloatArray, FloatArray]]) -> float:
        """Return -2 log-likelihood."""

    def slopes(self, implied: list[tuple[AnyArray, AnyArray]]) -> list[tuple[AnyArray, AnyArray]]:
        """Return its derivatives by block."""

    def information(
        self, implied: list[tuple[FloatArray, FloatArray]], jacobian: list[tuple[FloatArray, FloatArray]]
    ) -> FloatArray:
        """Return the expected information."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    theta : (q,) free parameters.
    deviance : -2 log-likelihood there.
    expected, observed : (q, q) information matrices there.
    converged : the gradient is zero within tolerance and the model is identified.
    notes : what a reader must know.
    """

    theta: FloatArray
    deviance: float
    expected: FloatArray
    observed: FloatArray
    converged: bool
    notes: tuple[str, ...]


def implied_at(model: Model, theta: AnyArray) -> list[ram.Implied]:
    """Implied moments of every block."""
    return [ram.imply(r, theta) for r in ram.rams(model)]


def gradient(model: Model, likelihood: Likelihood, theta: AnyArray) -> AnyArray:
    """Return (..., q) derivative of -2 log-likelihood; batches and complex numbers allowed."""
    matrices = ram.rams(model)
    at = [ram.imply(r, theta) for r in matrices]
    slopes = likelihood.slopes([i.observed for i in at])
    parts = [ram.gradient(r, i, G, g, model.n_free) for r, i, (G, g) in zip(matrices, at, slopes, strict=True)]
    return np.asarray(sum(parts))


def observed_information(model: Model, likelihood: Likelihood, theta: FloatArray) -> FloatArray:
    """Return (q, q) minus the Hessian of the log-likelihood, exact by a complex step."""
    H = 0.5 * gradient(model, likelihood, theta + 1j * STEP * np.eye(len(theta))).imag / STEP
    return np.asarray((H + H.T) / 2)


def expected_information(model: Model, likelihood: Likelihood, theta: FloatArray) -> FloatArray:
    """Return (q, q) expected information."""
    return likelihood.information([i.observed for i in implied_at(model, theta)], jacobians(model, theta))


def jacobians(model: Model, theta: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Return (dSigma, dmu) of every block."""
    return [ram.jacobian(r, ram.imply(r, theta), model.n_free) for r in ram.rams(model)]


def optimum(model: Model, likelihood: Likelihood, start: FloatArray) -> Optimum:
    """Maximise the likelihood from a start; an end without a proper optimum is noted, not raised."""
    theta, damping, converged = start.copy(), 1e-3, False
    here = deviance_at(model, likelihood, theta)
    if not math.isfinite(here):
        nothing = np.full((model.n_free,) * 2, np.nan)
        return Optimum(theta, math.nan, nothing, nothing, False, (_NO_START,))
    for _ in range(_MOST_STEPS if model.n_free else 0):
        slope = np.asarray(gradient(model, likelihood, theta), float)
        H, decrement = _curvature(model, likelihood, theta, slope)
        if decrement < _DECREMENT * 4:
            converged = True
            break
        moved = False
        while damping < 1e12:
            step = -_solved(H, slope, damping)
            there = deviance_at(model, likelihood, theta + step)
            if there <= here + 1e-13 * abs(here):
                moved = True
                break
            damping *= 10
        if not moved:
            break
        flat = here - there < 1e-13 * abs(here) and decrement < 1e-10
        theta, here, damping = theta + step, there, max(damping / 10, _LEAST_DAMPING)
        if flat:
            converged = True
            break
    return _ended(model, likelihood, theta, here, converged or model.n_free == 0)


def deviance_at(model: Model, likelihood: Likelihood, theta: FloatArray) -> float:
    """Return -2 log-likelihood at theta; infinite where the implied covariances are none."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            implied = [i.observed for i in implied_at(model, theta)]
    except np.linalg.LinAlgError:
        return float("inf")
    if not all(np.isfinite(S).all() and np.isfinite(m).all() for S, m in implied):
        return float("inf")
    return likelihood.deviance(implied)


def _curvature(model: Model, likelihood: Likelihood, theta: FloatArray, slope: FloatArray) -> tuple[FloatArray, float]:
    """Return twice the information for the step and the squared distance to the optimum in standard errors."""
    H = 2 * expected_information(model, likelihood, theta)
    decrement = float(slope @ _solved(H, slope))
    if decrement < 1e-2:
        newton = 2 * observed_information(model, likelihood, theta)
        if _is_positive(newton):
            return newton, float(slope @ _solved(newton, slope))
    return H, decrement


def _solved(H: FloatArray, slope: FloatArray, damping: float = 0.0) -> FloatArray:
    """Solve H x = slope on the scale of unit diagonal, with the diagonal raised by the damping."""
    diagonal = np.diag(H)
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = H * scale[:, None] * scale + damping * np.eye(len(H))
    return np.asarray(scale * np.linalg.lstsq(scaled, scale * slope, rcond=None)[0])


def _is_positive(H: FloatArray) -> bool:
    """Whether the information, scaled to unit diagonal, has full rank."""
    diagonal = np.diag(H)
    if not np.isfinite(H).all() or (diagonal <= 0).any():
        return False
    scale = 1 / np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(H * scale[:, None] * scale)[0] > _RANK)


def _ended(model: Model, likelihood: Likelihood, theta: FloatArray, here: float, converged: bool) -> Optimum:
    notes = []
    expected = expected_information(model, likelihood, theta)
    observed = observed_information(model, likelihood, theta)
    if not converged:
        notes.append("The search for the best fit did not end; take no number from this model.")
    if model.n_free and not _is_positive(expected):
        notes.append("The data do not determine every parameter of this model; simplify it or collect more units.")
        converged = False
    notes += [
        f"The variance of {q.lhs} is estimated below zero: it is too small to tell from zero."
        for q in model.parameters
        if q.op == "~~" and q.lhs == q.rhs and q.index >= 0 and theta[q.index] < 0
    ]
    return Optimum(theta, here, expected, observed, converged, tuple(notes))


def inverse_information(information: FloatArray) -> FloatArray:
    """Return the covariance of the estimates; all NaN where the information is not of full rank."""
    if not _is_positive(information):
        return np.full_like(information, np.nan)
    scale = 1 / np.sqrt(np.diag(information))
    return np.asarray(np.linalg.inv(information * scale[:, None] * scale) * scale[:, None] * scale)
