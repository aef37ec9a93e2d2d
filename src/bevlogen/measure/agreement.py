"""Do the people of a unit agree? Median rwg(j) over units and periods, from the item moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bevlogen.models import agreement

if TYPE_CHECKING:
    from bevlogen.core.moments import ItemMoments
    from bevlogen.core.tables import Instrument


def median_rwg_j(items: ItemMoments, instrument: Instrument) -> float:
    """Return the median rwg(j) over cells (unit x period) with two complete respondents or more.

    NaN without such a cell, and for a continuous scale (no ``options``). The variance of no agreement is that of
    ``options`` steps spread evenly from end to end, ``step^2 (options^2 - 1) / 12``.
    """
    if instrument.options is None or instrument.options < 2:
        return float("nan")
    step = (instrument.high - instrument.low) / (instrument.options - 1)
    enough = items.n >= 2
    if not enough.any():
        return float("nan")
    squares = items.squares_within()[enough]
    variance = np.clip(squares, 0.0, None).mean(axis=1) / (items.n[enough] - 1)
    null = step**2 * agreement.null_variance(instrument.options)
    return float(np.median(agreement.rwg_j_from_variance(variance, len(instrument.items), null)))
