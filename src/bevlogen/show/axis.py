"""An axis in round steps that holds every figure: office programs look at bars and points alone, not at limits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bevlogen.show.palette import decimals_format

_ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """Where an axis begins and ends, its step, and the decimals that its steps need."""

    low: float
    high: float
    step: float
    decimals: int

    def written(self, *, share: bool = False, signed: bool = False) -> str:
        """Give the number format of its steps."""
        decimals = max(0, self.decimals - 2) if share else self.decimals
        return decimals_format(decimals, share=share, signed=signed)


def axis(values: Iterable[float], *, most: int) -> Axis | None:
    """Lay an axis that holds all values, in some ``most`` round steps; None where there is nothing to lay it by.

    Values that are not known do not count.
    """
    known = [value for value in values if math.isfinite(value)]
    span = max(known, default=0.0) - min(known, default=0.0)
    if span == 0:
        return None
    power = math.floor(math.log10(span / most))
    step = next(times * 10.0**power for times in _ROUND if times * 10.0**power >= span / most)
    # A limit that lies on a step needs no other: 0.3 / 0.1 is a little less than 3.
    below, above = math.floor(min(known) / step + 1e-9), math.ceil(max(known) / step - 1e-9)
    return Axis(step * below, step * above, step, max(0, -math.floor(math.log10(step) + 1e-9)))
