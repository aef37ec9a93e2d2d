"""Positions and first moves through the gate: only of units whose own figures are shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bevlogen.core.chain import CONSTRUCTS, Text
from bevlogen.core.results import Interval, Move, Plan, Position
from bevlogen.disclose import rounding
from bevlogen.disclose.cells import Passed

NONE_SHOWN = Text(
    "The first moves concern teams that are too small to show.",
    "De eerste stappen gaan over teams die te klein zijn om te tonen.",
)
_UNKNOWN = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class _Open:
    """By unit, period and variable: whether the figure is shown (True) or hidden (False)."""

    by_unit: Mapping[str, Mapping[tuple[str, str], bool]]
    periods: tuple[str, ...]

    def of(self, unit: str, variables: Collection[str]) -> dict[tuple[str, str], bool]:
        """Return the figures of a unit on some variables, by period and variable."""
        return {key: shown for key, shown in self.by_unit.get(unit, {}).items() if key[1] in variables}

    def last(self, unit: str, variable: str) -> bool:
        """Say whether a unit's last figure on a variable is shown."""
        found = self.of(unit, (variable,))
        return bool(found) and found[max(found, key=lambda key: self.periods.index(key[0]))]


def guard_plan(plan: Plan, passed: Passed, periods: tuple[str, ...], ranges: Mapping[str, float], k: int) -> Plan:
    """Return the plan, rounded, with only those positions and moves that rest on shown figures of their unit.

    A position needs every score of the unit in that period to be shown (a map with a hidden axis would tell of it); its
    trend also those of the unit's other periods. A move needs the unit's last figures on lever and outcome, and all
    periods of the lever where its target is the unit's own past. Positions are rounded to 0.1 SD, so that they tell
    no more than the rounded scores do. If the first move falls, nothing is left of the certainty that it is the best.
    """
    figures = _figures(passed, periods)
    positions = tuple(
        _rounded_position(_without_hidden_past(p, figures))
        for p in plan.positions
        if not p.n < k and _all_shown(figures, p.unit, p.period)
    )
    moves = tuple(_rounded_move(m, ranges) for m in plan.moves if not m.n < k and _may_move(figures, m))
    same_first = bool(moves) and moves[0].unit == plan.moves[0].unit and moves[0].lever == plan.moves[0].lever
    all_fell = bool(plan.moves) and not moves
    return replace(
        plan,
        positions=positions,
        moves=moves,
        certainty=rounding.decimals(plan.certainty, 2) if same_first else math.nan,
        reason=NONE_SHOWN.en if all_fell else plan.reason,
        reason_nl=NONE_SHOWN.nl if all_fell else plan.reason_nl,
    )


def _figures(passed: Passed, periods: tuple[str, ...]) -> _Open:
    by_unit: dict[str, dict[tuple[str, str], bool]] = {}
    for score in passed.scores:
        by_unit.setdefault(score.unit, {})[score.period, score.construct] = True
    for result in passed.results:
        by_unit.setdefault(result.unit, {})[result.period, result.measure] = True
    for hidden in passed.suppressed:
        by_unit.setdefault(hidden.unit, {})[hidden.period, hidden.construct] = False
    return _Open(by_unit, periods)


# What an axis of the map may be made of: every construct that people score; facets are parts of those.
_AXES = tuple(key for key, construct in CONSTRUCTS.items() if construct.side != "result")


def _all_shown(figures: _Open, unit: str, period: str) -> bool:
    found = [shown for (when, _), shown in figures.of(unit, _AXES).items() if when == period]
    return bool(found) and all(found)


def _without_hidden_past(position: Position, figures: _Open) -> Position:
    if all(figures.of(position.unit, _AXES).values()):
        return position
    return replace(position, trend_service=_UNKNOWN, trend_employership=_UNKNOWN)


def _may_move(figures: _Open, move: Move) -> bool:
    past = move.target_basis != "own past" or all(figures.of(move.unit, (move.lever,)).values())
    return past and figures.last(move.unit, move.lever) and figures.last(move.unit, move.outcome)


def _rounded_position(position: Position) -> Position:
    return replace(
        position,
        service=rounding.interval(position.service, 1),
        employership=rounding.interval(position.employership, 1),
        trend_service=rounding.interval(position.trend_service, 1),
        trend_employership=rounding.interval(position.trend_employership, 1),
        against_norm=rounding.decimals(position.against_norm, 2),
    )


def _rounded_move(move: Move, ranges: Mapping[str, float]) -> Move:
    step = rounding.score_step(ranges.get(move.lever, math.nan), move.n, public=math.isnan(move.n))
    return replace(
        move,
        level=rounding.to_step(move.level, step),
        target=rounding.to_step(move.target, step),
        gap=rounding.decimals(move.gap, 1),
        gain=rounding.interval(move.gain, 2),
        probability=rounding.decimals(move.probability, 2),
    )
