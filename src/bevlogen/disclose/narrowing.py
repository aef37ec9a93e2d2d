"""How precisely each mean may be shown, so that nothing about one person follows from all of them together.

Each figure is shown so coarsely that it would still be true if anyone had answered the protected width higher or lower,
whoever that is: this alone keeps every answer open, in whatever way waves, groups, filters and releases overlap and
whoever came, left or took another's place. Only the first wave ever may be finer: there the tree is known, and that
somebody else in the same remainder may have said what this person did not is enough.

Then all figures of a construct are attacked together, as the audit does: all units, all waves, and what was released
before. A figure that tells too much gets the next coarser step; one that does so with the coarsest is hidden.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale
from bevlogen.disclose import rounding
from bevlogen.disclose.attack import Exposure, Sheet, attack, near_an_end, shown
from bevlogen.disclose.complement import Tree
from bevlogen.disclose.exposure import Told, beside, within

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_EXACT = 1e6  # digits of a sum of answers and of a spread that every engine agrees on
_ROOM = 4.0  # protected widths that a step covers of the sum of the answers, in every wave but the first


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
    withheld : (u, t) figures that the last release about them hid; None without any.
    sd : (u, t) of the answers, as measured: what nobody outside knows; None where it is not known.
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
    withheld: BoolArray | None = None
    sd: FloatArray | None = None
    facets: Mapping[int, int] = field(default_factory=dict)

    @property
    def width(self) -> float:
        """Length of the scale."""
        return self.scales[0].width


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What came of it: of each variable the (u, t) means as shown and their steps; and what is hidden of all."""

    means: tuple[FloatArray, ...]
    steps: tuple[FloatArray, ...]
    hidden: BoolArray


@dataclass(frozen=True, slots=True)
class _Choice:
    """On which grids each figure of a variable may be shown, (g, u, t), from fine to coarse.

    ``room`` (u, t) is how far inside a step its sum lies, for all who know the rule; ``told`` (g, u, t) on which grid a
    figure was told before, of as many people and with the same number.
    """

    grids: rounding.Grids
    may_be: BoolArray
    room: FloatArray
    told: BoolArray

    def is_told(self, grid: IntArray) -> BoolArray:
        """Say which figures were told before just so, (u, t): to take them back now protects nobody."""
        out: BoolArray = np.take_along_axis(self.told, grid[np.newaxis], axis=0)[0]
        return out

    def next(self, grid: int, cell: tuple[int, int]) -> int:
        """Return the next coarser grid of a cell; -1 where there is none."""
        at = np.flatnonzero(self.may_be[(slice(grid + 1, None), *cell)])
        at = at[self.grids.step[grid + 1 + at] > self.grids.step[grid] * (1 + 1e-9)]
        return int(grid + 1 + at[0]) if len(at) else -1


@dataclass(slots=True)
class _State:
    """The grid of each figure, by variable (v, u, t), and what is hidden (u, t), while the family gives way."""

    grid: IntArray
    hidden: BoolArray


def withstand(units: Tree, family: Sequence[Block], protection: float) -> Narrowed:
    """Coarsen or hide the figures of a construct and its facets until nothing about one person follows from them.

    Parameters
    ----------
    units : the u units.
    family : the construct and its facets, over the same units and periods. A unit that must be hidden for one of them
        in a period is hidden for all, for the whole is the mean of its facets.
    protection : share of the scale that must stay open about one person, and about fewer than k together.

    Notes
    -----
    Let every sum shown keep room for one answer more and one less, each by the protected width w. Take any person and
    move that answer by w, up or down as the scale allows: all figures stay true, of any wave and set of people. In the
    first wave figures may be finer; there another person of the same remainder moves the other way, which the
    complement made possible, and the two together move no other sum by more than w. No sum is told to lie so near
    an end of the scale that the mean of any k - 1 of its people is known within w. A figure told before stays as it was
    told, as long as it is about as many people and says the same.

    The attack is greedy: of the figures compared, the one that tells the sum closest gives way first. A coarser step is
    another grid and may by chance tell more, so all are attacked again until all withstand it. What follows from
    earlier releases alone cannot be undone and is passed over.

    References
    ----------
    Own derivation. METHODS §3.11 for what it replaces: thresholds on who differs between two figures.
    """
    first = _first_wave(family)
    choices = [_choice(block, protection, first) for block in family]
    hidden = np.zeros(family[0].n.shape, dtype=bool)
    for block, choice in zip(family, choices, strict=True):
        hidden |= block.may_show & ~choice.may_be.any(axis=0)
        if block.withheld is not None:
            hidden |= block.withheld
    state = _State(np.stack([np.argmax(choice.may_be, axis=0) for choice in choices]), hidden)
    pending = True
    while pending:
        # Tightened limits may contradict the guess that all stayed the same where each figure alone does not.
        alone = [_told(block, choices[at], state, at) for at, block in enumerate(family)]
        together = _all_told(family, alone)
        pending = False
        for at, block in enumerate(family):
            inside = _to_who_knows_the_rule(alone[at], choices[at])
            pending |= _give_way(units, block, choices[at], at, [inside], state, protection)
            own = [alone[at], *([together[at]] if together[at] is not alone[at] else [])]
            pending |= _give_way(units, block, choices[at], at, own, state, protection)
    shown_as = [_as_shown(block, choices[at], state.grid[at]) for at, block in enumerate(family)]
    return Narrowed(tuple(mean for mean, _ in shown_as), tuple(step for _, step in shown_as), state.hidden)


def _first_wave(family: Sequence[Block]) -> int:
    """The first wave with any figure, if nothing was told before; else -1."""
    if any(block.earlier is not None for block in family):
        return -1
    some = np.any([block.n > 0 for block in family], axis=0).any(axis=0)
    return int(np.argmax(some)) if some.any() else -1


def _choice(block: Block, protection: float, first: int) -> _Choice:
    least = protection * block.width
    found = rounding.grids(block.width)
    may_be = found.stands(block.mean, block.n, least) & found.covers(block.n, _ROOM * least)
    may_be = _either(block, found, may_be)
    if first >= 0:
        may_be[:, :, first] = found.covers(block.n[:, first], least)
    may_be &= found.is_off(block.mean, block.n, (block.scales[0].low, block.scales[0].high), (block.k - 1) * least)
    same = _as_told(block, found)
    if block.known is not None:
        may_be = np.where(same.any(axis=0), same | (may_be & (np.cumsum(same, axis=0) > 0)), may_be)
    room = np.full(block.n.shape, least)
    if first >= 0 or block.earlier is not None:
        room[:, max(first, 0)] = 0.0  # the first wave ever has a step by its number of people alone
    return _Choice(found, may_be, room, same)


def _either(block: Block, found: rounding.Grids, may_be: BoolArray) -> BoolArray:
    """Choose between two grids of one step by what only the answers tell, where a mean may stand on both.

    Were the first always taken, whoever knows this programme would know that a mean on the second stands there alone.
    A digest of mean and spread is the same at each run, and cannot be worked out without all answers.
    """
    spread = np.zeros(block.n.shape) if block.sd is None else np.nan_to_num(block.sd)
    parts = [np.rint(np.nan_to_num(part) * _EXACT).astype(np.int64) for part in (block.mean * block.n, spread)]
    digest = [hashlib.sha256(bytes(pair)).digest()[0] & 1 for pair in np.stack([p.ravel() for p in parts], axis=1)]
    second = np.array(digest, dtype=bool).reshape(block.n.shape)
    out = may_be.copy()
    for g in np.flatnonzero(np.isclose(found.step[:-1], found.step[1:])):
        out[g] &= ~(may_be[g + 1] & second)
    return out


def _as_told(block: Block, found: rounding.Grids) -> BoolArray:
    """On which grid each figure was told before, of as many people and with the same number, (g, u, t)."""
    out = np.zeros((len(found.step), *block.n.shape), dtype=bool)
    if block.known is None:
        return out
    same = block.may_show & (block.known.n == block.n)
    for g, step in enumerate(found.step.tolist()):
        told = shown(block.n, found.nearest(block.mean, np.full(block.n.shape, g)), np.full(block.n.shape, step))
        out[g] = same & np.isclose(told.low, block.known.low) & np.isclose(told.high, block.known.high)
    return out


def _as_shown(block: Block, choice: _Choice, grid: IntArray) -> tuple[FloatArray, FloatArray]:
    return choice.grids.nearest(block.mean, grid), choice.grids.step[grid]


def _told(block: Block, choice: _Choice, state: _State, at: int) -> Told:
    mean, step = _as_shown(block, choice, state.grid[at])
    return shown(block.n, np.where(block.may_show & ~state.hidden, mean, np.nan), step)


def _to_who_knows_the_rule(told: Told, choice: _Choice) -> Told:
    """What is told to somebody who knows that each sum lies inside its step by the room of the rule."""
    return Told(told.n, told.low + choice.room, told.high - choice.room)


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


def _give_way(
    units: Tree, block: Block, choice: _Choice, at: int, own: Sequence[Told], state: _State, protection: float
) -> bool:
    """Attack one variable once; coarsen or hide, in place, what tells too much. False where nothing does.

    ``own`` are the figures of now, by themselves and with all that tightens them, each over the same periods.
    """
    n_periods = block.n.shape[1]
    told, period_of = _columns(block.earlier, own)
    new = int(np.flatnonzero(period_of >= 0)[0]) if (period_of >= 0).any() else len(period_of)
    if new == len(period_of):
        return False
    found = [
        e
        for scale in block.scales
        for look in (attack, near_an_end)
        for e in look(Sheet(units, told, scale), k=block.k, protection=protection, new=new)
    ]
    visible = block.may_show & ~state.hidden & ~choice.is_told(state.grid[at])
    within_sum = block.n * choice.grids.step[state.grid[at]]
    gave_way = np.zeros((len(units.parent), n_periods), dtype=bool)
    any_gave_way = False
    for e in found:
        waves = _waves(e, period_of, n_periods)
        cells = _culprits(units, e.unit, waves, visible)
        if any(gave_way[cell] for cell in cells):
            continue
        if cells:
            cell = min(cells, key=lambda c: (choice.next(int(state.grid[(at, *c)]), c) < 0, within_sum[c], -c[1]))
            coarser = choice.next(int(state.grid[(at, *cell)]), cell)
            if coarser < 0:
                state.hidden[cell] = True
            else:
                state.grid[(at, *cell)] = coarser
            gave_way[cell] = any_gave_way = True
    return any_gave_way


def _columns(earlier: Told | None, own: Sequence[Told]) -> tuple[Told, IntArray]:
    """Lay everything side by side, each column once: old columns (-1), then those of now by their period."""
    n_periods = own[0].n.shape[1]
    parts = ([earlier] if earlier is not None else []) + list(own)
    told = beside(parts)
    before = told.n.shape[1] - len(own) * n_periods
    period = np.array([-1] * before + [t for _ in own for t in range(n_periods)], dtype=np.int64)
    marks = [tuple(getattr(told, name)[:, c].tobytes() for name in ("n", "low", "high")) for c in range(len(period))]
    first = {mark: c for c, mark in reversed(list(enumerate(marks)))}
    keep = np.array(sorted(first.values()), dtype=np.int64)
    return Told(told.n[:, keep], told.low[:, keep], told.high[:, keep]), period[keep]


def _waves(e: Exposure, period_of: IntArray, n_periods: int) -> list[int]:
    """Periods of now whose figures may tell this; all of them where only other waves can have told it."""
    if e.kind == "mean":
        return list(range(n_periods))
    return sorted({int(period_of[wave]) for wave in (e.wave, e.since) if wave >= 0 and period_of[wave] >= 0})


def _culprits(units: Tree, unit: int, waves: Sequence[int], visible: BoolArray) -> list[tuple[int, int]]:
    """The figures of which one must give way: of the nearest group around that has any visible.

    Where none has (its figure is known from before), those of the units in the smallest group that has any.
    """
    group = unit
    while group >= 0:
        if found := [(group, wave) for wave in waves if visible[group, wave]]:
            return found
        group = units.parent[group]
    group = unit
    while group >= 0:
        group = units.parent[group]
        inside = [u for u in range(len(units.parent)) if _is_inside(units, u, group)]
        if found := [(u, wave) for wave in waves for u in inside if visible[u, wave]]:
            return found
    return []


def _is_inside(units: Tree, unit: int, group: int) -> bool:
    """Whether a unit lies in a group or is it; -1 is the group of all."""
    while unit >= 0 and unit != group:
        unit = units.parent[unit]
    return unit == group
