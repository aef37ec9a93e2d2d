"""What earlier releases told, laid on the tree of now, for the gate to attack together with what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale, Released
from bevlogen.core.tables import Unit
from bevlogen.disclose.collected import Column, closest, columns_of, last_tree, tree_of, with_closest
from bevlogen.disclose.complement import Tree
from bevlogen.disclose.exposure import Told, beside

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier columns.

    Attributes
    ----------
    keys, units : every unit of now and before, those of now first, and their tree; empty where nothing was released.
    columns : by variable, what each earlier release told of each period, over these units.
    """

    keys: tuple[str, ...] = ()
    units: Tree = field(default_factory=lambda: Tree((), ()))
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)

    def told(self, variable: str) -> Told | None:
        """Return all that was told of a variable, (units, columns); None if nothing was."""
        columns = self.columns.get(variable)
        return beside([c.told for c in with_closest(columns)]) if columns else None

    def known(self, variable: str, periods: Sequence[str]) -> Told | None:
        """Return the closest limits that were told of each period of now, (units, periods); None if none were.

        ``n`` is the number of people whom they are about: NaN where nothing was told.
        """
        columns = self.columns.get(variable)
        return beside([closest(columns, period, len(self.keys)) for period in periods]) if columns else None

    def withheld(self, variable: str, periods: Sequence[str], n: FloatArray) -> BoolArray | None:
        """Say which figures about as many people, ``n``, the last release about a period hid, (units, periods)."""
        columns = self.columns.get(variable)
        if not columns:
            return None
        out = np.zeros(n.shape, dtype=bool)
        for column in columns:
            if column.period in periods:
                t = periods.index(column.period)
                out[:, t] = (column.told.n[:, 0] == n[:, t]) & (n[:, t] > 0) & ~np.isfinite(column.told.low[:, 0])
        return out


NO_PAST = Past()


def past_of(released: Sequence[Released], units: Sequence[Unit], scales: Mapping[str, tuple[AnswerScale, ...]]) -> Past:
    """Lay all earlier releases on the units of now.

    Parameters
    ----------
    released : oldest first.
    units : of now.
    scales : by variable, what one answer may be.
    """
    if not released:
        return NO_PAST
    trees = [dict(zip(r.units, r.parents, strict=True)) for r in released]
    parents = last_tree([*trees, {u.key: u.parent or "" for u in units}])
    tree = tree_of(parents)
    columns = {v: tuple(columns_of(released, v, parents, tree, of[0])) for v, of in scales.items()}
    return Past(tuple(parents), tree, columns)
