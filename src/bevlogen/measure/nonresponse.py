"""Who did not answer? Respondents per head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CONSTRUCTS, parent_construct

if TYPE_CHECKING:
    from bevlogen.measure.levels import Level
    from bevlogen.measure.tree import Tree

FloatArray = NDArray[np.float64]

_STAFF = ("employer", "employee")


def response_rate(level: Level, tree: Tree) -> FloatArray:
    """Return the share of heads that answered, per cell, (m,), 0 to 1; NaN if unknown.

    Notes
    -----
    A headcount counts staff, so the rate exists for what staff say of their work and not for what is rated per
    encounter. It takes the headcount as given for every period. More respondents than heads means that the headcount
    does not count the people who were asked, and gives NaN.
    """
    nothing = np.full(len(level.n), np.nan)
    known = CONSTRUCTS.get(parent_construct(level.construct))
    if level.source == "interactions" or known is None or known.side not in _STAFF:
        return nothing
    heads = tree.headcount[level.unit]
    rate = np.divide(level.n, heads, out=nothing, where=heads > 0)
    return np.where(rate > 1, np.nan, rate)
