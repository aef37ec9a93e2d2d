"""How precisely each mean may be shown, so that an attack on all of them together finds nothing.

Every figure starts with the step of its number of respondents. Then all figures of a construct are attacked together:
all units, all waves, and what was released before. A figure that tells too much about somebody gets the next coarser
step; one that does so with the coarsest step is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale
from bevlogen.disclose import rounding
from bevlogen.disclose.attack import Exposure, Sheet, attack, shown
from bevlogen.disclose.complement import Tree
from bevlogen.disclose.exposure import Told, beside, of_one, whole, within

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """All figures of one variable, on u units over t periods, and what was told of it before.

    Attributes
    ----------
    n, mean : (u, t) respondents (0 where there are none) and exact means (NaN there).
    may_show : (u, t) figures that threshold and complement let pass.
    scales : what one answer may be; every one of these is assumed in turn.
    k : fewest respondents of a figure.
    earlier : (u, e) what e earlier columns told; None without any.
    known : (u, t) what they told of these same figures; None without any.
    facets : where this is the mean of others, as measured: their places in the family, and +1, or -1 where less of it
        is better.
    """

    n: FloatArray
    mean: FloatArray
    may_show: BoolArray
    scales: tuple[AnswerScale, ...]
    k: int
    earlier: Told | None = None
    known: Told | None = None
    facets: Mapping[int, int] = field(default_factory=dict)

    @property
    def width(self) -> float:
        """Length of the scale."""
        return self.scales[0].width


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What came of it: of each variable the (u, t) steps; and for all of them together what is hidden after all."""

    steps: tuple[FloatArray, ...]
    hidden: BoolArray


@dataclass(slots=True)
class _State:
    """Rungs of each variable (v, u, t), and what is hidden (u, t), while the family gives way."""

    rungs: IntArray
    hidden: BoolArray


def withstand(units: Tree, family: Sequence[Block], protection: float) -> Narrowed:
    """Coarsen or hide the figures of a construct and its facets until an attack on them finds nothing.

    Parameters
    ----------
    units : the u units.
    family : the construct and its facets, over the same units and periods. A unit that must be hidden for one of them
        in a period is hidden for all, for the whole is the mean of its facets.
    protection : share of the scale that must stay open about one person, and about fewer than k together.

    Notes
    -----
    Greedy: of the two figures that are compared, the one that tells the sum closer gives way first. First each leaf is
    compared with its own earlier waves, which finds most; then the whole tree is attacked. Hiding only takes away. A
    coarser step is another grid and may by chance tell more, so all are attacked again until all withstand it. What
    follows from earlier releases alone cannot be undone and is passed over.
    """
    first = [rounding.rungs(b.width, b.n.ravel(), protection).reshape(b.n.shape) for b in family]
    state = _State(np.stack(first), np.zeros(family[0].n.shape, dtype=bool))
    leaves = np.setdiff1d(np.arange(len(units.parent)), units.parent)
    for at, block in enumerate(family):
        _compare_leaves(block, at, state, leaves, protection)
    pending = True
    while pending:
        # Tightened limits may contradict the guess that all stayed the same where each figure alone does not.
        alone = [_told(block, state.rungs[at], state.hidden) for at, block in enumerate(family)]
        together = _all_told(family, alone)
        pending = False
        for at, block in enumerate(family):
            own = [alone[at], *([together[at]] if together[at] is not alone[at] else [])]
            pending |= _give_way(units, block, at, own, state, protection)
    return Narrowed(tuple(_steps(b, state.rungs[at]) for at, b in enumerate(family)), state.hidden)


def _steps(block: Block, rungs: IntArray) -> FloatArray:
    return rounding.ladder(block.width)[rungs]


def _told(block: Block, rungs: IntArray, hidden: BoolArray) -> Told:
    step = _steps(block, rungs)
    return shown(block.n, np.where(block.may_show & ~hidden, rounding.to_steps(block.mean, step), np.nan), step)


def _compare_leaves(block: Block, at: int, state: _State, leaves: IntArray, protection: float) -> None:
    """Compare each leaf's waves two by two; coarsen, in place, a figure a time until none tells of who came or left."""
    pairs = np.array(list(combinations(range(block.n.shape[1]), 2)), dtype=np.int64).reshape(-1, 2)
    top = len(rounding.ladder(block.width)) - 1
    rows = leaves if len(pairs) else leaves[:0]
    while len(rows):
        rungs, n = state.rungs[at][rows], block.n[rows]
        part = Block(n, block.mean[rows], block.may_show[rows], block.scales, block.k)
        exposed = _exposed(part, _told(part, rungs, state.hidden[rows]), pairs, protection)
        known_within = np.where(rungs < top, n * _steps(part, rungs), np.inf)
        chosen = np.zeros(n.shape)
        for (first, then), told_too_much in zip(pairs.tolist(), exposed.T, strict=True):
            gives = known_within[:, first] < known_within[:, then]
            can = told_too_much & np.isfinite(np.minimum(known_within[:, first], known_within[:, then]))
            chosen[:, first] += can & gives
            chosen[:, then] += can & ~gives
        moving = chosen.any(axis=1)
        rows, worst = rows[moving], np.argmax(chosen[moving], axis=1)
        state.rungs[at][rows, worst] += 1


def _exposed(block: Block, told: Told, pairs: IntArray, protection: float) -> BoolArray:
    """Say of each unit and pair of waves whether one person who came or left is known too closely, (u, pairs)."""
    first, then = pairs[:, 0], pairs[:, 1]
    more = block.n[:, then] - block.n[:, first]
    both = np.isfinite(told.low[:, first]) & np.isfinite(told.low[:, then])
    with np.errstate(invalid="ignore"):
        low, high = told.low[:, then] - told.high[:, first], told.high[:, then] - told.low[:, first]
    exposed = np.zeros(more.shape, dtype=bool)
    for scale in block.scales:
        inner_low, inner_high = whole(np.where(both, low, 0.0), np.where(both, high, 0.0), more, scale)
        ends = np.sort(np.stack([more * scale.low, more * scale.high]), axis=0)
        fits = np.maximum(inner_low, ends[0]) <= np.minimum(inner_high, ends[1])  # else not all stayed the same
        one_low, one_high = of_one(more, inner_low, inner_high, scale)
        exposed |= both & fits & (one_high - one_low < protection * scale.width - 1e-9)
    return exposed


def _all_told(family: Sequence[Block], alone: Sequence[Told]) -> list[Told]:
    """What the figures tell with what was told before of the same people, and a whole with its facets."""
    told = [own if b.known is None else within(own, b.known) for b, own in zip(family, alone, strict=True)]
    for at, block in enumerate(family):
        if block.facets:
            _tell_each_other(family, told, at)
    return told


def _tell_each_other(family: Sequence[Block], told: list[Told], at: int) -> None:
    """Tighten, in place, the limits of a whole and its facets by each other, where the same people answered all.

    Sums are brought to shares of their scale, 0 at the side where it is worst; the whole is then the plain mean.
    """
    members = family[at].facets
    same = np.all([family[m].n == family[at].n for m in members] + [np.isfinite(told[m].low) for m in members], axis=0)
    same &= np.isfinite(told[at].low)
    turned = {at: 1, **members}
    shares = {m: _shares(told[m], family[m].scales[0], turn, same) for m, turn in turned.items()}
    low_of_parts, high_of_parts = (np.sum([shares[m][end] for m in members], axis=0) for end in (0, 1))
    for m, turn in turned.items():
        if m == at:
            low, high = low_of_parts / len(members), high_of_parts / len(members)
        else:
            low = len(members) * shares[at][0] - (high_of_parts - shares[m][1])
            high = len(members) * shares[at][1] - (low_of_parts - shares[m][0])
        scale, n = family[m].scales[0], told[m].n
        if turn < 0:
            low, high = n * scale.high - high * scale.width, n * scale.high - low * scale.width
        else:
            low, high = n * scale.low + low * scale.width, n * scale.low + high * scale.width
        told[m] = Told(
            n,
            np.where(same, np.maximum(told[m].low, low), told[m].low),
            np.where(same, np.minimum(told[m].high, high), told[m].high),
        )


def _shares(told: Told, scale: AnswerScale, turn: int, same: BoolArray) -> tuple[FloatArray, FloatArray]:
    low, high = (np.where(same, end - told.n * scale.low, 0.0) / scale.width for end in (told.low, told.high))
    return (low, high) if turn > 0 else (told.n - high, told.n - low)


def _give_way(units: Tree, block: Block, at: int, own: Sequence[Told], state: _State, protection: float) -> bool:
    """Attack one variable once; coarsen or hide, in place, what tells too much. False where nothing does.

    ``own`` are the figures of now, by themselves and with all that tightens them, each over the same periods.
    """
    n_periods = block.n.shape[1]
    told = beside(([block.earlier] if block.earlier is not None else []) + list(own))
    before = told.n.shape[1] - len(own) * n_periods
    found = (e for s in block.scales for e in attack(Sheet(units, told, s), k=block.k, protection=protection))
    visible = block.may_show & ~state.hidden
    culprits = {c for e in found if (c := _culprits(units, e, visible, before))}
    step = _steps(block, state.rungs[at])
    coarsest = rounding.ladder(block.width)[-1]
    gave_way: set[tuple[int, int]] = set()
    for choice in sorted(culprits):
        if gave_way.isdisjoint(choice):
            cell = min(choice, key=lambda c: (step[c] >= coarsest, block.n[c] * step[c], -c[1]))
            if step[cell] >= coarsest:
                state.hidden[cell] = True
            else:
                state.rungs[at][cell] += 1
            gave_way.add(cell)
    return bool(culprits)


def _culprits(units: Tree, e: Exposure, visible: BoolArray, before: int) -> tuple[tuple[int, int], ...]:
    """The figures of which one must give way, in the waves of now: of the nearest group around that is visible.

    Where none is (its figure is known from before), those of the units in the smallest group that has any.
    """
    waves = {(wave - before) % visible.shape[1] for wave in (e.wave, e.since) if wave >= before}
    unit = e.unit
    while unit >= 0:
        if found := tuple((unit, wave) for wave in sorted(waves) if visible[unit, wave]):
            return found
        unit = units.parent[unit]
    unit = e.unit
    while unit >= 0:
        unit = units.parent[unit]
        inside = np.array([_is_inside(units, u, unit) for u in range(len(units.parent))])
        if found := tuple((int(u), w) for w in sorted(waves) for u in np.flatnonzero(inside & visible[:, w])):
            return found
    return ()


def _is_inside(units: Tree, unit: int, group: int) -> bool:
    """Whether a unit lies in a group or is it; -1 is the group of all."""
    while unit >= 0 and unit != group:
        unit = units.parent[unit]
    return unit == group
