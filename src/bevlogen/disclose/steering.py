"""Positions and first moves through the gate: only of units whose own figures are shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bevlogen.core.chain import SCALE_CONSTRUCTS, Text, parent_construct
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Move, Plan, Position
from bevlogen.disclose import rounding
from bevlogen.disclose.cells import Passed

NONE_SHOWN = Text(
    "The first moves concern teams that are too small to show.",
    "De eerste stappen gaan over teams die te klein zijn om te tonen.",
)
SOME_SHOWN = Text(
    "In order of expected gain. Moves of teams that are too small to show are left out.",
    "Op volgorde van verwachte winst. Stappen van teams die te klein zijn om te tonen, zijn weggelaten.",
)
_PLACES_SD = 1
_PLACES = 2

Steer = Callable[[Measurement], Plan]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a unit: whether it is shown, and if so on how many respondents (NaN where that is not known)."""

    period: str
    variable: str
    is_shown: bool
    n: float = math.nan


@dataclass(frozen=True, slots=True)
class _Figures:
    """All figures of each unit, shown and hidden, in time order; ``public`` variables were published before."""

    by_unit: Mapping[str, tuple[_Figure, ...]]
    public: frozenset[str]

    def people_say(self, unit: str) -> tuple[_Figure, ...]:
        """Return what people scored of a unit: all that an axis of the map may be made of."""
        return tuple(f for f in self.by_unit.get(unit, ()) if parent_construct(f.variable) in SCALE_CONSTRUCTS)

    def on(self, unit: str, variable: str) -> tuple[_Figure, ...]:
        """Return a unit's figures on one variable."""
        return tuple(f for f in self.by_unit.get(unit, ()) if f.variable == variable)


def guard_plan(plan: Plan, passed: Passed, periods: tuple[str, ...], k: int) -> Plan:
    """Return the plan, rounded, with only those positions and moves that rest on shown figures of their unit.

    Parameters
    ----------
    plan : positions and moves, made of figures as they are shown (``as_shown``), so that they tell nothing more.
    passed : which figures are shown and which are hidden.
    periods : labels in time order.
    k : fewest respondents.

    Notes
    -----
    A position needs the unit's last figure on everything that people score to be shown: else it would stand for
    something else than that of its neighbours. Its trend is that of the shown periods. A move needs the unit's last
    figures on lever and outcome, and all periods of the lever where its target is the unit's own past. Where a move
    falls, or none is listed, there is no chance that the first is the best of those listed: it becomes NaN.
    """
    figures = _figures(passed, periods)
    moves = tuple(
        _rounded_move(m) for m in plan.moves if _may_move(figures, m) and (not m.n < k or _is_public(figures, m))
    )
    some_fell = len(moves) < len(plan.moves)
    reason = Text(plan.reason, plan.reason_nl) if not some_fell else SOME_SHOWN if moves else NONE_SHOWN
    return replace(
        plan,
        positions=tuple(
            _rounded_position(p)
            for p in plan.positions
            if _may_place(figures, p.unit) and (not p.n < k or _all_public(figures, p.unit))
        ),
        moves=moves,
        certainty=math.nan if some_fell or not moves else rounding.decimals(plan.certainty, 2),
        reason=reason.en,
        reason_nl=reason.nl,
    )


def _figures(passed: Passed, periods: tuple[str, ...]) -> _Figures:
    found: dict[str, list[_Figure]] = {}
    for score in passed.scores:
        found.setdefault(score.unit, []).append(_Figure(score.period, score.construct, True, score.n))
    for result in passed.results:
        found.setdefault(result.unit, []).append(_Figure(result.period, result.measure, True))
    for hidden in passed.suppressed:
        found.setdefault(hidden.unit, []).append(_Figure(hidden.period, hidden.construct, False))
    rank = {period: i for i, period in enumerate(periods)}
    return _Figures(
        {unit: tuple(sorted(all_, key=lambda f: rank[f.period])) for unit, all_ in found.items()}, passed.public
    )


def _last(figures: tuple[_Figure, ...]) -> tuple[_Figure, ...]:
    """The last figure on each variable; the parts of a position are among them, for each axis stands at its last."""
    return tuple({f.variable: f for f in figures}.values())


def _may_place(figures: _Figures, unit: str) -> bool:
    last = _last(figures.people_say(unit))
    return bool(last) and all(f.is_shown for f in last)


def _may_move(figures: _Figures, move: Move) -> bool:
    lever, outcome = figures.on(move.unit, move.lever), figures.on(move.unit, move.outcome)
    past = lever if move.target_basis == "own past" else lever[-1:]
    return bool(lever and outcome) and all(f.is_shown for f in (*past, outcome[-1]))


def _is_public(figures: _Figures, move: Move) -> bool:
    return move.lever in figures.public and move.outcome in figures.public


def _all_public(figures: _Figures, unit: str) -> bool:
    return all(f.variable in figures.public for f in figures.people_say(unit))


def _rounded_position(position: Position) -> Position:
    return replace(
        position,
        service=rounding.interval(position.service, _PLACES_SD),
        employership=rounding.interval(position.employership, _PLACES_SD),
        trend_service=rounding.interval(position.trend_service, _PLACES_SD),
        trend_employership=rounding.interval(position.trend_employership, _PLACES_SD),
        against_norm=rounding.decimals(position.against_norm, 2),
    )


def _rounded_move(move: Move) -> Move:
    return replace(
        move,
        level=rounding.decimals(move.level, _PLACES),
        target=rounding.decimals(move.target, _PLACES),
        gap=rounding.decimals(move.gap, 1),
        gain=rounding.interval(move.gain, 2),
        probability=rounding.decimals(move.probability, 2),
    )
