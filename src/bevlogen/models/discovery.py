"""P-values adjusted for how many things were tested together."""

from __future__ import annotations

import math
from collections.abc import Sequence


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return each p-value adjusted so that those below a level have at most that false discovery rate; NaN stays NaN.

    Notes
    -----
    Benjamini-Hochberg: ``q_(i) = min over j >= i of p_(j) m / j`` over the m p-values that are known. It holds for
    independent and for positively dependent tests.

    References
    ----------
    Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x. Benjamini & Yekutieli (2001),
    doi 10.1214/aos/1013699998, for dependence.

    Examples
    --------
    >>> [round(q, 3) for q in adjusted([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if math.isfinite(p))
    out = [math.nan] * len(p_values)
    least = 1.0
    for rank in range(len(known), 0, -1):
        p, place = known[rank - 1]
        least = min(least, p * len(known) / rank)
        out[place] = least
    return tuple(out)
