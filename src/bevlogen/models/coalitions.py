"""A game among predictors: the worth of every subset is its R2, and a share is the mean gain over orders of entry.

A table of worths has 2^p entries; bit j of an index says whether predictor j is in that subset. All R2 come from one
sweep: predictor by predictor, each branch either drops it or partials it out of what is left, so that 2^15 subsets
take milliseconds and a whole bootstrap is one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

from bevlogen.errors import ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_PREDICTORS = 15  # 2^15 subsets; each further predictor doubles time and memory


def subset_r2(R: FloatArray, r: FloatArray) -> FloatArray:
    """Return (..., 2^p) R2 of every subset: bit j of the last index says whether predictor j is in it."""
    p = r.shape[-1]
    lead = r.shape[:-1]
    A = np.empty((*lead, 1, p + 1, p + 1))  # what is left of the predictors still to come, and of y
    A[..., 0, :p, :p] = R
    A[..., 0, :p, p] = A[..., 0, p, :p] = r
    A[..., 0, p, p] = 1.0
    for _ in range(p):
        rest, row = A[..., 1:, 1:], A[..., 0, 1:]
        without = row[..., :, None] * (row / A[..., 0, 0, None])[..., None, :]
        A = np.concatenate([rest, rest - without], axis=-3)
    return np.asarray(1 - A[..., 0, 0])


def shapley_values(table: FloatArray) -> FloatArray:
    """Return (..., p) Shapley values of a game given by the worth of its 2^p coalitions."""
    p = table.shape[-1].bit_length() - 1
    weight = order_weights(p - 1)
    return np.stack([gains(table, j) @ weight for j in range(p)], axis=-1)


def gains(table: FloatArray, j: int) -> FloatArray:
    """Return (..., 2^(p-1)) what predictor j adds to each subset of the others."""
    split = table.reshape(*table.shape[:-1], -1, 2, 1 << j)
    return np.asarray((split[..., 1, :] - split[..., 0, :]).reshape(*table.shape[:-1], -1))


def order_weights(k: int) -> FloatArray:
    """Return (2^k,) chance that exactly this subset of k others comes earlier, in a random order of k + 1."""
    per_size = np.array([1 / ((k + 1) * comb(k, s)) for s in range(k + 1)])
    return np.asarray(per_size[sizes(k)])


def sizes(k: int) -> IntArray:
    """Return (2^k,) number of members of each subset of k."""
    return np.asarray(unions([1] * k), dtype=np.int64)


def unions(parts: Sequence[int]) -> IntArray:
    """Return (2^k,) sum of each subset of the parts; bit i of the index says whether part i is in it."""
    out = np.zeros(1, dtype=np.int64)
    for part in parts:
        out = np.concatenate([out, out + part])
    return out


def members_of(groups: Sequence[object], p: int) -> tuple[tuple[str, ...], list[tuple[int, ...]]]:
    """Return the labels in order of first appearance, and the predictors of each."""
    if len(groups) != p:
        raise ShapeError(f"Give one group label per predictor. Found: {len(groups)} labels for {p} predictors.")
    labels = list(dict.fromkeys(groups))
    members = [tuple(k for k, g in enumerate(groups) if g == label) for label in labels]
    return tuple(str(label) for label in labels), members


def quotient(table: FloatArray, members: Sequence[tuple[int, ...]]) -> FloatArray:
    """Return (..., 2^m) worth of each union of groups."""
    return np.asarray(table[..., unions([sum(1 << j for j in m) for m in members])])
