"""What earlier releases told, laid on the tree of now, for the gate to attack together with what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale, Released
from bevlogen.core.tables import Unit
from bevlogen.disclose.collected import Column, columns_of, last_tree, tree_of
from bevlogen.disclose.complement import Tree
from bevlogen.disclose.exposure import Told, beside
from bevlogen.disclose.records import Recorded, nothing_recorded, with_rest

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


# People of whom one sum was told: units and how many of its own people each has.
Parts = frozenset[frozenset[tuple[str, float]]]
_SAME_COUNT = 0.5
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier columns.

    Attributes
    ----------
    keys : every unit of now and before, those of now first; empty where nothing was released.
    columns : by variable, what each earlier release told of each period, over these units.
    parts : by variable and period, into which people each earlier release parted those of whom it told.
    """

    keys: tuple[str, ...] = ()
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    parts: Mapping[tuple[str, str], tuple[Parts, ...]] = field(default_factory=dict)

    def places(self, units: Sequence[str]) -> NDArray[np.int64]:
        """Return where units of now stand in ``keys``; nothing released puts them anywhere."""
        where = {key: at for at, key in enumerate(self.keys)}
        return np.array([where.get(key, 0) for key in units], dtype=np.int64)

    def would_part(self, variable: str, period: str, keys: Sequence[str], units: Tree, n: FloatArray) -> BoolArray:
        """Say which units hold some, not all, of people of whom an earlier release told one sum, (u,).

        Parameters
        ----------
        variable, period : of the figures.
        keys, units : of now.
        n : (u,) respondents now; a part that counts others since is passed over.
        """
        out = np.zeros(len(keys), dtype=bool)
        earlier = self.parts.get((variable, period), ())
        if not earlier:
            return out
        own = n.copy()
        for unit, above in enumerate(units.parent):
            if above >= 0:
                own[above] -= n[unit]
        counted = dict(zip(keys, own.tolist(), strict=True))
        place = {key: at for at, key in enumerate(keys)}
        for part in {p for parts in earlier for p in parts if len(p) > 1}:
            if any(abs(counted.get(key, 0.0) - people) > _SAME_COUNT for key, people in part):
                continue
            seen: dict[int, int] = {}
            for key, _ in part:
                unit = place[key]
                while unit >= 0:
                    seen[unit] = seen.get(unit, 0) + 1
                    unit = units.parent[unit]
            for unit, many in seen.items():
                out[unit] |= many < len(part)
        return out

    def known(self, variable: str, periods: Sequence[str]) -> Told | None:
        """Return the limits that stand of each period of now, (units, periods); None if none were told.

        ``n`` is the number of people whom they are about: NaN where nothing was told.
        """
        return beside([self.standing(variable, period) for period in periods]) if variable in self.columns else None

    def standing(self, variable: str, period: str) -> Told:
        """Return what stands of all that was told of a period, (units, 1): the last, unless it tells less than before.

        Where answers changed, what was told before is false: laid over the last it would tell far more than both.
        """
        n, low, high = (np.full((len(self.keys), 1), of) for of in (np.nan, -np.inf, np.inf))
        for told in (column.told for column in self.columns[variable] if column.period == period):
            less = (n == told.n) & (told.low <= low + _SAME) & (told.high >= high - _SAME)
            stands = np.isfinite(told.low) & (told.n > 0) & ~less
            n, low, high = (
                np.where(stands, new, old) for new, old in ((told.n, n), (told.low, low), (told.high, high))
            )
        return Told(n, low, high)

    def counted(self, variable: str, period: str) -> FloatArray:
        """Return the people of each unit when a period was told last, (units,)."""
        return next(c.told.n[:, 0] for c in reversed(self.columns[variable]) if c.period == period)


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
    return Past(tuple(parents), columns, _parts_of(released))


def last_told(
    released: Sequence[Released], name: str, units: Sequence[str], periods: Sequence[str], tree: Tree, n: FloatArray
) -> tuple[Recorded, BoolArray]:
    """Return what was last told of a figure of record, over units and periods of now; NaN where nothing was.

    Also which units were not there when a period was told first, (units, periods): a team may have got another key.

    Parameters
    ----------
    released : oldest first.
    name : of the figure, as it is kept.
    units, periods : of now.
    tree, n : of these units; (units, periods) persons of each. A group with a new key holds what was told of the same
        teams together under another.
    """
    out, fresh = nothing_recorded(len(units), len(periods)), np.zeros((len(units), len(periods)), dtype=bool)
    place, when = ({key: at for at, key in enumerate(of)} for of in (units, periods))
    first = set[str]()
    for r in released:
        if name not in r.constructs:
            continue
        of_it = r.construct == r.constructs.index(name)
        tree_then = tree_of(dict(zip(r.units, r.parents, strict=True)))
        new = sorted(place.keys() - set(r.units))
        for period in np.unique(r.period[of_it & np.isfinite(r.mean)]).tolist():
            now = when.get(r.periods[period])
            if now is None:
                continue
            if r.periods[period] not in first:
                first.add(r.periods[period])
                fresh[[place[key] for key in new], now] = True
            rows = np.flatnonzero(of_it & (r.period == period))
            then = nothing_recorded(len(r.units), 1)
            then.n[r.unit[rows], 0], then.value[r.unit[rows], 0] = r.n[rows], r.mean[rows]
            then.exposure[r.unit[rows], 0] = np.nan if r.exposure is None else r.exposure[rows]
            heirs = _heirs(r.units, tree_then, then.n[:, 0], new, units, tree, n[:, now])
            then = with_rest(tree_then, then, np.isfinite(then.value))
            for unit in np.flatnonzero(np.isfinite(then.value[:, 0])).tolist():
                for own in heirs[unit]:
                    for part in fields(Recorded):
                        getattr(out, part.name)[own, now] = getattr(then, part.name)[unit, 0]
    return out, fresh & ~np.isfinite(out.value)


def _heirs(
    then: Sequence[str],
    tree_then: Tree,
    n_then: FloatArray,
    new: Sequence[str],
    units: Sequence[str],
    tree: Tree,
    n: FloatArray,
) -> list[list[int]]:
    """Return of each unit then the units of now that hold what was told of it: itself, or a new group of its teams."""
    place = {key: at for at, key in enumerate(units)}
    out = [[place[key]] if key in place else [] for key in then]
    around = _teams(units, tree, n) if new else []
    under = {around[place[key]]: place[key] for key in new if around[place[key]]}
    for unit, teams in enumerate(_teams(then, tree_then, n_then) if under else ()):
        if teams in under:
            out[unit].append(under[teams])
    return out


def _teams(keys: Sequence[str], units: Tree, n: FloatArray) -> list[frozenset[str]]:
    """Return of each unit the lowest units with people in it."""
    inside: list[frozenset[str]] = [frozenset() for _ in keys]
    for unit in units.order:
        if not inside[unit] and n[unit] > _SAME_COUNT:
            inside[unit] = frozenset({keys[unit]})
        if units.parent[unit] >= 0:
            inside[units.parent[unit]] |= inside[unit]
    return inside


def _parts_of(released: Sequence[Released]) -> dict[tuple[str, str], tuple[Parts, ...]]:
    out: dict[tuple[str, str], tuple[Parts, ...]] = {}
    for r in released:
        units = tree_of(dict(zip(r.units, r.parents, strict=True)))
        code = r.construct * len(r.periods) + r.period
        seen: dict[bytes, Parts] = {}
        for column in np.unique(code).tolist():
            rows = np.flatnonzero(code == column)
            n, shown = np.zeros(len(r.units)), np.zeros(len(r.units), dtype=bool)
            n[r.unit[rows]], shown[r.unit[rows]] = np.nan_to_num(r.n[rows]), np.isfinite(r.mean[rows])
            mark = n.tobytes() + shown.tobytes()
            if mark not in seen:
                seen[mark] = _parted(r.units, units, n, shown)
            key = r.constructs[column // len(r.periods)], r.periods[column % len(r.periods)]
            out[key] = tuple(dict.fromkeys((*out.get(key, ()), seen[mark])))
    return out


def _parted(keys: Sequence[str], units: Tree, n: FloatArray, shown: BoolArray) -> Parts:
    own, inside = n.copy(), [list[tuple[str, float]]() for _ in keys]
    for unit, above in enumerate(units.parent):
        if above >= 0:
            own[above] -= n[unit]
    parts = []
    for unit in units.order:
        if own[unit] > _SAME_COUNT:
            inside[unit].append((keys[unit], float(own[unit])))
        if shown[unit]:
            parts.append(frozenset(inside[unit]))
        elif units.parent[unit] >= 0:
            inside[units.parent[unit]] += inside[unit]
    return frozenset(parts)
