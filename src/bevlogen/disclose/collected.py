"""Everything ever released, laid side by side as an attacker would: one sheet per construct, a column per wave shown.

An organisation changes: units come, go and move. Columns of an earlier tree are laid on the last one: what followed
there about each unit's own people is added up along the new lines, and where a unit still holds the same people as
one of then, what was known of that one is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core import thresholds
from bevlogen.core.released import AnswerScale, Inference, Released
from bevlogen.disclose.attack import Sheet, attack, shown
from bevlogen.disclose.complement import Tree, tree
from bevlogen.disclose.exposure import Told, beside, limits, whole, within

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Column:
    """What one release told of one construct in one period, over the u units of the last tree."""

    release: str
    period: str
    told: Told


def audit(
    released: Sequence[Released], *, k: int = thresholds.K, protection: float = thresholds.PROTECTION
) -> tuple[Inference, ...]:
    """Attack all releases of one organisation together: what can be inferred, about people of which units?

    Parameters
    ----------
    released : oldest first; figures of other products count as well as ours.
    k : the mean of fewer people than this is nobody's business.
    protection : share of the scale that must stay open about one person's answer, and about such a mean.

    Returns
    -------
    One inference per unit, construct and pair of figures, closest first. Empty where nothing follows.

    Notes
    -----
    See ``attack``. A unit whose count is unknown is taken together with the other such units of its parent. What two
    waves tell of a construct if those who stayed answered the same is passed over where a facet of it shows that they
    did not. Where other units show that, it is in doubt, and says so.

    References
    ----------
    METHODS §3.11; Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.
    """
    found: list[Inference] = []
    facets: dict[str, dict[str, Told]] = {}  # by name, what was last told of each period
    parents = last_tree(dict(zip(r.units, r.parents, strict=True)) for r in released)
    keys = list(parents)
    units = tree_of(parents)
    scales = {name: scale for r in released for name, scale in r.scales.items()}
    names = dict.fromkeys(name for r in released for name in r.constructs)
    for construct in sorted(names, key=lambda name: "." not in name):
        if construct not in scales:  # a figure of record
            continue
        scale = scales[construct]
        columns = sorted(with_closest(columns_of(released, construct, parents, units, scale)), key=_in_time)
        if not columns:
            continue
        told = beside([c.told for c in columns])
        if "." in construct:
            facets[construct] = {c.period: _to_whole(c.told, scale) for c in columns}
        otherwise: dict[tuple[int, int], int] = {}  # by pair of columns, units that show that people answered otherwise
        of_it = [(facets[name], scales[name]) for name in facets if name.startswith(f"{construct}.")]
        for e in attack(Sheet(units, told, scale), k=k, protection=protection):
            now, then = columns[e.wave], columns[e.since] if e.since >= 0 else None
            if then and not all(_agrees(e.unit, then.period, now.period, *facet) for facet in of_it):
                continue
            since = (then.period, then.release) if then else ("", "")
            pair = e.since, e.wave
            if then and pair not in otherwise:
                before, after = (_to_whole(column.told, scale) for column in (then, now))
                otherwise[pair] = int(_refuted(before, after, scale).sum())
            of = keys[e.unit], construct, now.period, now.release, *since
            found.append(Inference(*of, e.kind, e.people, e.low, e.high, e.swapped, otherwise.get(pair, 0)))
    return tuple(sorted(found, key=lambda i: (i.high - i.low, i.people)))


def _to_whole(told: Told, scale: AnswerScale) -> Told:
    return Told(told.n, *whole(told.low, told.high, told.n, scale))


def _agrees(unit: int, then: str, now: str, told: Mapping[str, Told], scale: AnswerScale) -> bool:
    """Whether in a facet, too, those who stayed between two periods can have answered the same."""
    if then not in told or now not in told:
        return True
    return not _refuted(told[then], told[now], scale)[unit, 0]


def _refuted(before: Told, after: Told, scale: AnswerScale) -> BoolArray:
    """Say where those who stayed between two waves cannot all have answered the same, by the counts, (u, 1)."""
    more = after.n - before.n
    low, high = after.low - before.high, after.high - before.low
    refuted: BoolArray = (low > np.where(more > 0, more * scale.high, more * scale.low) + _SAME) | (
        high < np.where(more > 0, more * scale.low, more * scale.high) - _SAME
    )
    return refuted


def last_tree(trees: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Every unit ever, with its last known parent, "" at a top: units of now first. Trees come oldest first."""
    parents: dict[str, str] = {}
    for here in trees:
        parents = dict(here) | {key: above for key, above in parents.items() if key not in here}
    for start in list(parents):  # an old unit may lie below one that now lies below it
        seen, key = {start}, parents[start]
        while key:
            if key in seen or key not in parents:
                parents[start] = ""
                break
            seen.add(key)
            key = parents[key]
    return parents


def tree_of(parents: Mapping[str, str]) -> Tree:
    """Return the tree of units given by the key of the one above, "" at a top."""
    place = {key: at for at, key in enumerate(parents)}
    return tree([place[above] if above else -1 for above in parents.values()])


def columns_of(
    released: Sequence[Released], construct: str, parents: Mapping[str, str], units: Tree, scale: AnswerScale
) -> list[Column]:
    """Lay every column of a construct on the tree of now, each once, where it was told last; oldest release first."""
    keys = list(parents)
    place = {key: i for i, key in enumerate(keys)}
    out: list[Column] = []
    for r in released:
        if construct not in r.constructs:
            continue
        rows = np.flatnonzero(r.construct == r.constructs.index(construct))
        at = np.array([place[key] for key in r.units])
        same = all(parents[key] == above for key, above in zip(r.units, r.parents, strict=True))
        then = tree_of(dict(zip(r.units, r.parents, strict=True)))
        for period in np.unique(r.period[rows]).tolist():
            part = rows[r.period[rows] == period]
            n, mean, step = (np.full(len(r.units), np.nan) for _ in range(3))
            n[:], n[r.unit[part]] = 0.0, r.n[part]
            mean[r.unit[part]], step[r.unit[part]] = r.mean[part], r.step[part]
            told = shown(_counted(n, then), mean, np.nan_to_num(step))
            told = _placed(told, at, len(keys)) if same else _relaid(told, then, at, units, scale)
            column = Column(r.name, r.periods[period], Told(*(a[:, None] for a in (told.n, told.low, told.high))))
            out = [*(earlier for earlier in out if not _alike(column, earlier)), column]
    return out


def with_closest(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Add, for each period that was told more than once, what all these tell together of its people as last counted."""
    last = {column.period: at for at, column in enumerate(columns)}
    out = list(columns)
    for period, at in last.items():
        together = within(columns[at].told, closest(columns[:at], period, len(columns[at].told.n)))
        if together is not columns[at].told:
            out.append(Column(columns[at].release, period, together))
    return tuple(out)


def closest(columns: Sequence[Column], period: str, size: int) -> Told:
    """Return the closest limits that were told of a period, (size, 1), and of how many people: NaN if nothing was.

    Where the people were counted anew since, the last count stands.
    """
    n, low, high = np.full((size, 1), np.nan), np.full((size, 1), -np.inf), np.full((size, 1), np.inf)
    for told in (column.told for column in columns if column.period == period):
        here = np.isfinite(told.low) & (told.n > 0)
        anew = here & (n != told.n)
        low = np.where(anew, told.low, np.where(here, np.maximum(low, told.low), low))
        high = np.where(anew, told.high, np.where(here, np.minimum(high, told.high), high))
        n = np.where(here, told.n, n)
    return Told(n, low, high)


def _counted(n: FloatArray, units: Tree) -> FloatArray:
    """Fill in counts that follow from the others; where two or more are unknown, leave those people to their parent."""
    if np.isfinite(n).all():
        return n
    out = n.copy()
    children: dict[int, list[int]] = {}
    for unit, above in enumerate(units.parent):
        children.setdefault(above, []).append(unit)
    for unit in reversed(units.order):
        below = children.get(unit, [])
        unknown = [c for c in below if np.isnan(out[c])]
        if len(unknown) == 1 and np.isfinite(out[unit]):
            out[unknown[0]] = out[unit] - np.nansum(out[below])
    return np.nan_to_num(out)


def _placed(told: Told, at: NDArray[np.int64], size: int) -> Told:
    n, low, high = np.zeros(size), np.full(size, -np.inf), np.full(size, np.inf)
    n[at], low[at], high[at] = told.n, told.low, told.high
    return Told(n, low, high)


def _relaid(told: Told, then: Tree, at: NDArray[np.int64], now: Tree, scale: AnswerScale) -> Told:
    """Lay what an earlier tree told on the tree of now."""
    known = limits(then, Told(*(a[:, None] for a in (told.n, told.low, told.high))), scale)
    size = len(now.parent)
    n, low, high = np.zeros(size), np.zeros(size), np.zeros(size)
    n[at], low[at], high[at] = known.own[:, 0], known.own_low[:, 0], known.own_high[:, 0]
    inside: list[set[int]] = [{u} if n[u] else set() for u in range(size)]
    for unit in now.order:
        above = now.parent[unit]
        if above >= 0:
            n[above] += n[unit]
            low[above] += low[unit]
            high[above] += high[unit]
            inside[above] |= inside[unit]
    before: list[set[int]] = [{int(at[u])} if known.own[u, 0] else set() for u in range(len(at))]
    for unit in then.order:
        if then.parent[unit] >= 0:
            before[then.parent[unit]] |= before[unit]
    same = {frozenset(people): u for u, people in enumerate(before) if people}
    as_whole = whole(told.low, told.high, told.n, scale)
    for unit, people in enumerate(inside):
        match = same.get(frozenset(people))
        if match is not None:
            low[unit], high[unit] = max(low[unit], known.low[match, 0]), min(high[unit], known.high[match, 0])
            if as_whole[0][match] >= low[unit] - _SAME:  # nothing else tells more: as it was shown, to stay so
                low[unit] = told.low[match]
            if as_whole[1][match] <= high[unit] + _SAME:
                high[unit] = told.high[match]
    return Told(n, low, high)


def _in_time(column: Column) -> list[str | int]:
    """Order periods by their labels, and what stands in these as a number by its size."""
    return [int(part) if at % 2 else part for at, part in enumerate(re.split(r"(\d+)", column.period))]


def _alike(a: Column, b: Column) -> bool:
    same = all((getattr(a.told, name) == getattr(b.told, name)).all() for name in ("n", "low", "high"))
    return same and a.period == b.period
