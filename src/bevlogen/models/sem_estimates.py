"""Parameters, averages and defined quantities of a fitted model, raw and standardised, with delta-method errors."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.errors import ShapeError
from bevlogen.models import sem_implied as ram
from bevlogen.models.sem_fit import STEP
from bevlogen.models.sem_model import Model, Op

FloatArray = NDArray[np.float64]
AnyArray = NDArray[Any]  # real, or complex for a complex step


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
    estimate, std_error, low, high : in units of the data; limits at 95 % from t with ``df``.
    statistic, p_value : ``estimate`` over its error, and its two-sided p from t with ``df``.
    standardised, standardised_se : average of the standardised parameters, with delta-method error.
    df : degrees of freedom; infinite for the normal distribution.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    low: float
    high: float
    standardised: float
    standardised_se: float
    df: float


def effect(
    model: Model, theta: FloatArray, vcov: FloatArray, names: Sequence[tuple[str, Op, str]], df: float
) -> Effect:
    """Average parameters of the first block, named (lhs, op, rhs)."""
    chosen = [k for k, q in enumerate(model.parameters) if (q.lhs, q.op, q.rhs) in names and q.block == 0]
    weight = np.zeros(len(theta))
    for k in chosen:
        weight[model.parameters[k].index] += 1 / len(chosen)
    with np.errstate(invalid="ignore", divide="ignore"):
        every = ram.standardised(model, np.vstack([theta.astype(complex), theta + 1j * STEP * np.eye(len(theta))]))
    average = every[:, chosen].mean(axis=1)
    value, error = float(weight @ theta), _delta(weight, vcov)
    z = value / error if error > 0 else math.nan
    half = float(special.stdtrit(df, 0.975)) * error
    return Effect(
        estimate=value,
        std_error=error,
        statistic=z,
        p_value=float(2 * special.stdtr(df, -abs(z))),
        low=value - half,
        high=value + half,
        standardised=float(average[0].real),
        standardised_se=_delta(average[1:].imag / STEP, vcov),
        df=df,
    )


def estimates(model: Model, theta: FloatArray, vcov: FloatArray) -> tuple[Estimate, ...]:
    """Tabulate all parameters and defined quantities."""
    batch = np.vstack([theta.astype(complex), theta + 1j * STEP * np.eye(len(theta))])
    with np.errstate(invalid="ignore", divide="ignore"):
        every = ram.standardised(model, batch)
    standard, slopes = every[0].real, every[1:].imag / STEP
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
        error = _delta(raw[1:].imag / STEP, vcov)
        scaled_error = _delta(scaled[1:].imag / STEP, vcov)
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
    half = float(special.ndtri(0.975)) * error
    p = float(2 * special.ndtr(-abs(z)))
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
