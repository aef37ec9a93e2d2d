"""The tree of units as arrays: who stands above whom, and how many heads each unit and group counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bevlogen.core.tables import Unit

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """Units by code, in the order of the workspace.

    Attributes
    ----------
    parent : (J,) code of the parent, -1 at the top.
    depth : (J,) steps from the top, 0 at the top.
    headcount : (J,) persons: as given, else the sum over the children if every one is known; NaN if unknown.
    service : (J,) service, of the nearest unit above where a unit has none; "" if unknown.
    kind : (J,) place of the service among all, in the order of the alphabet.
    """

    parent: IntArray
    depth: IntArray
    headcount: FloatArray
    service: tuple[str, ...]
    kind: IntArray

    def above(self, codes: IntArray) -> IntArray:
        """Return the parents of ``codes``; -1 stays -1."""
        out = np.full(len(codes), -1, dtype=np.int64)
        inside = codes >= 0
        out[inside] = self.parent[codes[inside]]
        return out

    def rolled_up(self, own: FloatArray) -> FloatArray:
        """Add to each unit's sums ``own`` (J, ...) those of all units below it, in place; returns them."""
        for depth in range(int(self.depth.max(initial=0)), 0, -1):
            here = np.flatnonzero(self.depth == depth)
            here = here[np.argsort(self.parent[here], kind="stable")]
            above, first = np.unique(self.parent[here], return_index=True)
            own[above] += np.add.reduceat(own[here], first, axis=0)
        return own


def tree_of(units: Sequence[Unit]) -> Tree:
    """Return the tree of the units; a parent that is not among them counts as none."""
    place = {u.key: i for i, u in enumerate(units)}
    parent = np.array([place.get(u.parent, -1) if u.parent else -1 for u in units], dtype=np.int64)
    depth = np.zeros(len(units), dtype=np.int64)
    current = parent.copy()
    while (current >= 0).any():
        depth[current >= 0] += 1
        current = np.where(current >= 0, parent[current], -1)
    headcount = np.array([np.nan if u.headcount is None else float(u.headcount) for u in units])
    service = [u.service or "" for u in units]
    order = np.argsort(depth, kind="stable")
    for j in order:
        if not service[j] and parent[j] >= 0:
            service[j] = service[parent[j]]
    children: dict[int, list[int]] = {}
    for j in order[::-1]:
        if np.isnan(headcount[j]) and int(j) in children:
            headcount[j] = headcount[children[int(j)]].sum()
        if parent[j] >= 0:
            children.setdefault(int(parent[j]), []).append(int(j))
    kind = np.unique(np.array(service, dtype=str), return_inverse=True)[1].ravel()
    return Tree(parent, depth, headcount, tuple(service), kind)
