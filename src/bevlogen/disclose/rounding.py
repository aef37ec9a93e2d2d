"""How precisely a figure is shown. Precision is part of the disclosure rule, so rounding happens here and only here."""

from __future__ import annotations

import math
from dataclasses import fields, replace

from bevlogen.core.results import Combined, Estimate, Figure, Finding, Interval

# A scale is cut into thirty steps at least: 0.1 on a scale from 1 to 5, 0.01 on shares.
STEPS_PER_SCALE = 30
DIGITS_OF_RECORD = 3
_RAW = ("raw", "raw_low", "raw_high", "p_value")


def score_step(scale_range: float, n: float, *, public: bool = False) -> float:
    """Return the step to which a mean is rounded, in scale points; NaN where the range is unknown.

    The largest power of ten that is at most a thirtieth of the scale: 0.1 on scales 1 to 4, 1 to 5, 1 to 7 and 0 to
    10, 0.01 on shares, 1 on 0 to 100. One digit more where ``n`` times that finer step still covers the whole scale,
    so that the total is known no closer than what one respondent could have answered (1 to 5: from 400 respondents),
    and for figures that are public already.

    Notes
    -----
    Our own rule. It blunts subtraction; it does not by itself protect a small remainder, which ``complement`` does.
    """
    if not scale_range > 0:
        return math.nan
    coarse = 10.0 ** math.floor(math.log10(scale_range / STEPS_PER_SCALE) + 1e-9)
    fine = coarse / 10
    return fine if public or n * fine >= scale_range else coarse


def to_step(value: float, step: float) -> float:
    """Round to a multiple of ``step`` (a power of ten); to three significant digits where the step is NaN."""
    if math.isnan(step):
        return significant(value)
    return decimals(value, -round(math.log10(step)))


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
