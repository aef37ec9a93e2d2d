"""The primary rules: which figures may be shown if each is looked at by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SHOWN = ""


def primary_rules(
    n: FloatArray,
    least: FloatArray,
    public: BoolArray,
    *,
    all_equal: BoolArray | None = None,
    response_rate: FloatArray | None = None,
    min_response: float = 0.0,
) -> NDArray[np.object_]:
    """Name the rule that hides each figure, ``""`` where it may be shown.

    Parameters
    ----------
    n : (m,) respondents (or persons) behind each figure; NaN if unknown.
    least : (m,) fewest that a figure needs.
    public : (m,) figures that are public already; no rule hides these.
    all_equal : (m,) True where everyone gave the same answer, so that the mean tells what each one said.
    response_rate : (m,) share of those counted who answered; NaN (no headcount) is not judged.
    min_response : least share.

    Returns
    -------
    (m,) ``"unknown-n"``, ``"threshold"``, ``"all-equal"``, ``"response"`` or ``""``. The first of these that applies is
    named, so that a hidden small group does not also tell that its members agreed.
    """
    same = np.zeros(len(n), dtype=bool) if all_equal is None else all_equal
    poor = np.zeros(len(n), dtype=bool) if response_rate is None else response_rate < min_response
    rules = np.select(
        [public, np.isnan(n), ~(n >= least), same, poor],
        [SHOWN, "unknown-n", "threshold", "all-equal", "response"],
        default=SHOWN,
    )
    return rules.astype(object)
