"""Fit a structural equation model by maximum likelihood and report estimates, errors and fit.

Fisher scoring with Levenberg-Marquardt damping, finished with Newton steps. The observed information comes exact from
the analytic gradient by a complex step.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bevlogen.errors import ShapeError
from bevlogen.models import sem_implied as ram
from bevlogen.models.sem_model import Model, Op

FloatArray = NDArray[np.float64]
AnyArray = NDArray[Any]  # real, or complex for a complex step

Information = Literal["expected", "observed"]

_DECREMENT = 1e-16  # squared distance to the optimum in standard errors at which the search stops
_MOST_STEPS = 200
_LEAST_DAMPING = 1e-12  # not zero, so that it can grow again
_STEP = 1e-30  # complex step: no subtraction, so it may be as small as one likes
_NO_START = (
    "The model gives no proper covariances to start from; variances or too many covariances are missing from it."
)
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


@dataclass(frozen=True, slots=True)
class Estimate:
    """One parameter or defined quantity.

    Attributes
    ----------
    lhs, op, rhs, label, block : as in the model; ``op`` is ":=" for a defined quantity, with block -1.
    estimate, std_error : in units of the data; error 0 where fixed, NaN where none can be given.
    statistic, p_value : z and its two-sided normal p; NaN where fixed.
    low, high : normal limits at 95 %.
    standardised, standardised_se : on the scale of implied SDs, with delta-method error.
    """

    lhs: str
    op: Op | Literal[":="]
    rhs: str
    label: str
    block: int
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    low: float
    high: float
    standardised: float
    standardised_se: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The average of a few parameters, such as one lagged effect over the waves.

    Attributes
    ----------
    estimate, std_error, low, high : in units of the data; normal limits at 95 %.
    statistic, p_value : z of ``estimate`` and its two-sided normal p.
    standardised, standardised_se : average of the standardised parameters, with delta-method error.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    low: float
    high: float
    standardised: float
    standardised_se: float


def effect(model: Model, theta: FloatArray, vcov: FloatArray, names: Sequence[tuple[str, Op, str]]) -> Effect:
    """Average parameters of the first block, named (lhs, op, rhs)."""
    chosen = [k for k, q in enumerate(model.parameters) if (q.lhs, q.op, q.rhs) in names and q.block == 0]
    weight = np.zeros(len(theta))
    for k in chosen:
        weight[model.parameters[k].index] += 1 / len(chosen)
    with np.errstate(invalid="ignore", divide="ignore"):
        every = ram.standardised(model, np.vstack([theta.astype(complex), theta + 1j * _STEP * np.eye(len(theta))]))
    average = every[:, chosen].mean(axis=1)
    value, error = float(weight @ theta), _delta(weight, vcov)
    e = _estimate("", "~", "", "", 0, value, error, average[0].real, _delta(average[1:].imag / _STEP, vcov))
    return Effect(value, error, e.statistic, e.p_value, e.low, e.high, e.standardised, e.standardised_se)


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
    H = 0.5 * gradient(model, likelihood, theta + 1j * _STEP * np.eye(len(theta))).imag / _STEP
    return np.asarray((H + H.T) / 2)


def jacobians(model: Model, theta: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Return (dSigma, dmu) of every block."""
    return [ram.jacobian(r, ram.imply(r, theta), model.n_free) for r in ram.rams(model)]


def optimum(model: Model, likelihood: Likelihood, start: FloatArray) -> Optimum:
    """Maximise the likelihood from a start; an end without a proper optimum is noted, not raised."""
    theta, damping, converged = start.copy(), 1e-3, False
    here = _deviance(model, likelihood, theta)
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
            there = _deviance(model, likelihood, theta + step)
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


def _deviance(model: Model, likelihood: Likelihood, theta: FloatArray) -> float:
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
    implied = [i.observed for i in implied_at(model, theta)]
    H = 2 * likelihood.information(implied, jacobians(model, theta))
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
    implied = [i.observed for i in implied_at(model, theta)]
    notes = []
    expected = likelihood.information(implied, jacobians(model, theta))
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


def estimates(model: Model, theta: FloatArray, vcov: FloatArray) -> tuple[Estimate, ...]:
    """Tabulate all parameters and defined quantities."""
    batch = np.vstack([theta.astype(complex), theta + 1j * _STEP * np.eye(len(theta))])
    with np.errstate(invalid="ignore", divide="ignore"):
        every = ram.standardised(model, batch)
    standard, slopes = every[0].real, every[1:].imag / _STEP
    out = []
    for k, q in enumerate(model.parameters):
        value = float(theta[q.index]) if q.index >= 0 else q.value
        error = math.sqrt(vcov[q.index, q.index]) if q.index >= 0 else 0.0
        out.append(
            _estimate(q.lhs, q.op, q.rhs, q.label, q.block, value, error, standard[k], _delta(slopes[:, k], vcov))
        )
    named = {q.label: (q.index, k) for k, q in reversed(list(enumerate(model.parameters))) if q.label}
    for name, expression in model.defined:
        raw = _defined(expression, {label: batch[:, i] for label, (i, _) in named.items()})
        scaled = _defined(expression, {label: every[:, k] for label, (_, k) in named.items()})
        error = _delta(raw[1:].imag / _STEP, vcov)
        scaled_error = _delta(scaled[1:].imag / _STEP, vcov)
        value = float(raw[0].real)
        out.append(_estimate(name, ":=", expression, name, -1, value, error, scaled[0].real, scaled_error))
    return tuple(out)


def _estimate(
    lhs: str,
    op: Op | Literal[":="],
    rhs: str,
    label: str,
    block: int,
    value: float,
    error: float,
    standard: float,
    standard_error: float,
) -> Estimate:
    z = value / error if error > 0 else math.nan
    half = float(stats.norm.ppf(0.975)) * error
    p = float(2 * stats.norm.sf(abs(z)))
    return Estimate(
        lhs, op, rhs, label, block, value, error, z, p, value - half, value + half, float(standard), standard_error
    )


def _delta(slope: FloatArray, vcov: FloatArray) -> float:
    """Delta-method standard error."""
    used = slope != 0
    variance = float(slope[used] @ vcov[np.ix_(used, used)] @ slope[used])
    return math.sqrt(variance) if variance >= 0 else math.nan


_ARITHMETIC: dict[type[ast.operator], Callable[[AnyArray, AnyArray], AnyArray]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def _defined(expression: str, values: Mapping[str, AnyArray]) -> AnyArray:
    """Work out a defined quantity: names of parameters, numbers, + - * / ** and brackets."""

    def value(node: ast.AST) -> AnyArray:
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return _ARITHMETIC[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return np.asarray(node.value)
        if isinstance(node, ast.Name) and node.id in values:
            return values[node.id]
        raise ShapeError(
            f'The defined quantity "{expression}" cannot be worked out. Labels in the model: {", ".join(values)}.'
        )

    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError as error:
        raise ShapeError(f'The defined quantity "{expression}" cannot be read. Write like "a*b + c".') from error
    return value(tree.body)
