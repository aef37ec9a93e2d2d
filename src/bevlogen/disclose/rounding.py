"""How precisely a figure is shown. Precision is part of the disclosure rule, so rounding happens here and only here."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.judged import Combined
from bevlogen.core.linked import Estimate, Figure, Finding
from bevlogen.core.results import Interval

FloatArray = NDArray[np.float64]

# The usual step cuts a scale into thirty at least: 0.1 on a scale from 1 to 5, 0.01 on shares.
STEPS_PER_SCALE = 30
_MULTIPLES = (0.1, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
DIGITS_OF_RECORD = 3
_RAW = ("raw", "raw_low", "raw_high", "p_value")


def ladder(scale_range: float) -> FloatArray:
    """Return the steps to which means on a scale may be rounded, from fine to coarse; empty where it is unknown.

    ``STEPS_PER_SCALE`` sets the usual one: the largest power of ten that is at most a thirtieth of the scale (0.1 on 1
    to 4, 1 to 5, 1 to 7 and 0 to 10, 0.01 on shares, 1 on 0 to 100). One finer step, a tenth of it, and coarser ones
    (2, 5, 10, 20 and 50 times it) stand beside it, up to half the scale.
    """
    if not scale_range > 0:
        return np.zeros(0)
    usual = 10.0 ** math.floor(math.log10(scale_range / STEPS_PER_SCALE) + 1e-9)
    steps = usual * np.array(_MULTIPLES)
    return steps[steps <= scale_range / 2 * (1 + 1e-9)]


def rungs(scale_range: float, n: FloatArray, protection: float, *, public: bool = False) -> NDArray[np.int64]:
    """Return which step of the ladder fits means of n respondents: the finest that keeps one answer out of sight.

    Parameters
    ----------
    scale_range : length of the scale; above 0.
    n : (m,) respondents.
    protection : share of the scale that must stay open about one person.
    public : figures that were published before get the finest step.

    Notes
    -----
    A mean rounded to a step tells the sum of n answers within n times that step. Between two waves of a team that one
    person left, that person's answer is known within the sum of both; so n times the step must be at least the
    protected width. On 1 to 5 with a quarter protected: 0.2 for 5 to 9 respondents, 0.1 from 10, 0.01 from 100. Our own
    rule. It blunts subtraction; that nothing narrow follows is found by attack (``narrowing``).
    """
    if public:
        return np.zeros(len(n), dtype=np.int64)
    wide = n[:, None] * ladder(scale_range) >= protection * scale_range * (1 - 1e-9)
    found: NDArray[np.int64] = np.where(wide.any(axis=1), np.argmax(wide, axis=1), wide.shape[1] - 1)
    return found


def score_step(scale_range: float, n: float, protection: float, *, public: bool = False) -> float:
    """Return the step to which a mean of n respondents is rounded, in scale points; NaN where the range is unknown."""
    if not scale_range > 0:
        return math.nan
    return float(ladder(scale_range)[rungs(scale_range, np.array([n]), protection, public=public)[0]])


def to_step(value: float, step: float) -> float:
    """Round to a multiple of ``step``; to three significant digits where the step is NaN."""
    if math.isnan(step):
        return significant(value)
    return float(to_steps(np.array([value]), np.array([step]))[0])


def to_steps(values: FloatArray, steps: FloatArray) -> FloatArray:
    """Round each value to a multiple of its step (one of a ladder); NaN stays NaN."""
    out = np.full(values.shape, np.nan)
    for step in np.unique(steps[np.isfinite(steps)]):
        rows = steps == step
        places = max(0, math.ceil(-math.log10(step) - 1e-9))
        out[rows] = np.round(np.round(values[rows] / step) * step, places) + 0.0
    return out


def significant(value: float, digits: int = DIGITS_OF_RECORD) -> float:
    """Round to significant digits; zero, NaN and infinity stay as they are."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def decimals(value: float, places: int) -> float:
    """Round to decimals; NaN and infinity stay as they are, and there is no minus zero."""
    return round(value, places) + 0.0 if math.isfinite(value) else value


def interval(value: Interval, places: int) -> Interval:
    """Round an estimate and its limits to decimals."""
    return Interval(*(decimals(part, places) for part in (value.estimate, value.low, value.high)))


def estimate(value: Estimate) -> Estimate:
    """Round standardised figures to 3 decimals; raw slopes and p-values to 3 significant digits."""
    rounded = {
        field.name: significant(part) if field.name in _RAW else decimals(part, 3)
        for field in fields(value)
        if isinstance(part := getattr(value, field.name), float)
    }
    return replace(value, **rounded)  # type: ignore[arg-type]  # only the float fields, by their own names


def finding(value: Finding) -> Finding:
    """Round the figures of a finding to 3 decimals, those below 0.1 to 3 significant digits, as p-values are."""
    rounded = {
        field.name: significant(part) if field.name == "p_value" else _fine(part)
        for field in fields(value)
        if isinstance(part := getattr(value, field.name), float)
    }
    figures = tuple(
        Figure(f.name, Interval(*map(_fine, (f.value.estimate, f.value.low, f.value.high)))) for f in value.figures
    )
    return replace(value, **rounded, figures=figures)  # type: ignore[arg-type]  # only the float fields, by their own names


def _fine(value: float) -> float:
    return significant(value) if abs(value) < 0.1 else decimals(value, 3)


def combined(value: Combined) -> Combined:
    """Round to 3 decimals; the conflict p-value to 3 significant digits."""
    rounded = {field.name: decimals(getattr(value, field.name), 3) for field in fields(value)}
    return replace(value, **{**rounded, "conflict": significant(value.conflict)})
