"""Positions and first moves through the gate: only of units whose own figures are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

from bevlogen.core.chain import SCALE_CONSTRUCTS, Text, parent_construct
from bevlogen.core.results import Interval, Move, Plan, Position, Scores
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
_UNKNOWN = Interval(math.nan, math.nan, math.nan)
_FINEST_SD = 0.1
_WIDTH_90 = 2 * NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a unit: whether it is shown, and if so on how many respondents (NaN where that is not known)."""

    period: str
    variable: str
    is_shown: bool
    n: float = math.nan


@dataclass(frozen=True, slots=True)
class _Told:
    """What rounding did to a score: mean and level (drawn mean, else the mean) moved by so much; level and step."""

    mean_moved: float
    level_moved: float
    level: float
    step: float


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


def guard_plan(plan: Plan, passed: Passed, scores: Scores, periods: tuple[str, ...], k: int) -> Plan:
    """Return the plan, rounded, with only those positions and moves that rest on shown figures of their unit.

    Parameters
    ----------
    plan : positions and moves of all units.
    passed : which figures are shown and which are hidden.
    scores : as measured, from which the plan was made.
    periods : labels in time order.
    k : fewest respondents.

    Notes
    -----
    A position needs the unit's last figure on everything that people score to be shown (a map with a hidden axis would
    tell of it); its trend needs those of all periods. A move needs the unit's last figures on lever and outcome, and
    all periods of the lever where its target is the unit's own past. Where a move falls, or none is listed, there is
    no chance that the first is the best of those listed: it becomes NaN.

    What is private is moved along with the rounding of its parts, exactly where it is a sum of them and to first order
    for probabilities, so that it tells of the same rounded figures and not anew of the exact ones. It has no finer a
    step than its parts have.
    """
    figures = _figures(passed, periods)
    told = _told(passed, scores)
    positions = (_guard_past(p, figures) for p in plan.positions if _may_place(figures, p.unit))
    moves = tuple(
        _rounded_move(_moved_along(m, told, figures), told, figures)
        for m in plan.moves
        if _may_move(figures, m) and (not m.n < k or _is_public(figures, m))
    )
    some_fell = len(moves) < len(plan.moves)
    reason = Text(plan.reason, plan.reason_nl) if not some_fell else SOME_SHOWN if moves else NONE_SHOWN
    return replace(
        plan,
        positions=tuple(
            _shown_position(p, told, figures) for p in positions if not p.n < k or _all_public(figures, p.unit)
        ),
        moves=moves,
        certainty=math.nan if some_fell or not moves else rounding.decimals(plan.certainty, 2),
        reason=reason.en,
        reason_nl=reason.nl,
    )


def _told(passed: Passed, scores: Scores) -> dict[tuple[str, str, str], _Told]:
    """By unit, period and construct: how far mean and drawn mean were moved by rounding, the step, what is shown."""
    shown = {(s.unit, s.period, s.construct): s for s in passed.scores}
    names = zip(scores.unit.tolist(), scores.period.tolist(), scores.construct.tolist(), strict=True)
    out: dict[tuple[str, str, str], _Told] = {}
    for row, (u, t, c) in enumerate(names):
        key = scores.units[u], scores.periods[t], scores.constructs[c]
        score = shown.get(key)
        if score is not None:
            drawn = float(scores.shrunken[row])
            level = score.shrunken if math.isfinite(score.shrunken) else score.mean
            exact = drawn if math.isfinite(drawn) else float(scores.mean[row])
            out[key] = _Told(score.mean - float(scores.mean[row]), level - exact, level, score.step)
    return out


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


def _guard_past(position: Position, figures: _Figures) -> Position:
    """Take the trend away where it rests on a hidden period; the count is then that of the last figures."""
    every = figures.people_say(position.unit)
    if all(f.is_shown for f in every):
        return position
    n = min(f.n for f in _last(every))
    return replace(position, trend_service=_UNKNOWN, trend_employership=_UNKNOWN, n=n)


def _may_move(figures: _Figures, move: Move) -> bool:
    lever, outcome = figures.on(move.unit, move.lever), figures.on(move.unit, move.outcome)
    past = lever if move.target_basis == "own past" else lever[-1:]
    return bool(lever and outcome) and all(f.is_shown for f in (*past, outcome[-1]))


def _is_public(figures: _Figures, move: Move) -> bool:
    return move.lever in figures.public and move.outcome in figures.public


def _all_public(figures: _Figures, unit: str) -> bool:
    return all(f.variable in figures.public for f in figures.people_say(unit))


def _shown_position(position: Position, told: Mapping[tuple[str, str, str], _Told], figures: _Figures) -> Position:
    public = _all_public(figures, position.unit)
    shown = {}
    for name in ("service", "employership", "trend_service", "trend_employership"):
        value: Interval = getattr(position, name)
        parts = [] if public else [p for p in position.parts if p.figure == name]
        moved, step = 0.0, _FINEST_SD
        for part in parts:
            score = told.get((position.unit, part.period, part.construct))
            if score is not None:
                moved += part.weight * (score.mean_moved if name.startswith("trend") else score.level_moved)
                step = max(step, abs(part.weight) * score.step)
        shown[name] = _moved(value, moved, _up(step), is_trend=bool(parts) and name.startswith("trend"))
    return replace(
        position,
        service=shown["service"],
        employership=shown["employership"],
        trend_service=shown["trend_service"],
        trend_employership=shown["trend_employership"],
        against_norm=rounding.decimals(position.against_norm, 2),
        parts=(),
    )


def _moved(value: Interval, moved: float, step: float, *, is_trend: bool) -> Interval:
    """Move an estimate and its limits along, and round them; half the interval of a trend goes up to a round number.

    That half tells how far a unit's waves lie from a straight line, which with three waves is one more exact figure.
    """
    estimate, low, high = (rounding.to_step(part + moved, step) for part in (value.estimate, value.low, value.high))
    if not is_trend or not math.isfinite(value.high):
        return Interval(estimate, low, high)
    half = _up((value.high - value.low) / 2)
    return Interval(estimate, rounding.to_step(estimate - half, step), rounding.to_step(estimate + half, step))


def _up(value: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten; 0 stays 0."""
    if not value > 0:
        return value
    power = 10.0 ** math.floor(math.log10(value))
    return float(next((m * power for m in (1.0, 2.0, 5.0) if m * power >= value * (1 - 1e-9)), 10 * power))


def _moved_along(move: Move, told: Mapping[tuple[str, str, str], _Told], figures: _Figures) -> Move:
    """Return the move as it follows from the shown level: gap, gain and probability with it."""
    score = _lever_score(move, told, figures)
    if score is None or _is_public(figures, move) or move.target == move.level:
        return move
    target = rounding.to_step(move.target, score.step)
    share = max((target - score.level) / (move.target - move.level), 0.0)
    gain = Interval(*(share * part for part in (move.gain.estimate, move.gain.low, move.gain.high)))
    spread = (move.gain.high - move.gain.low) / _WIDTH_90
    shift = (gain.estimate - move.gain.estimate) / spread if spread > 0 else 0.0
    inside = min(max(move.probability, 1e-6), 1 - 1e-6)
    probability = NormalDist().cdf(NormalDist().inv_cdf(inside) + shift) if math.isfinite(shift) else move.probability
    return replace(move, level=score.level, target=target, gap=share * move.gap, gain=gain, probability=probability)


def _lever_score(move: Move, told: Mapping[tuple[str, str, str], _Told], figures: _Figures) -> _Told | None:
    last = figures.on(move.unit, move.lever)[-1]
    return told.get((move.unit, last.period, last.variable))


def _rounded_move(move: Move, told: Mapping[tuple[str, str, str], _Told], figures: _Figures) -> Move:
    score = _lever_score(move, told, figures)
    step = score.step if score is not None else math.nan
    return replace(
        move,
        level=rounding.to_step(move.level, step),
        target=rounding.to_step(move.target, step),
        gap=rounding.decimals(move.gap, 1),
        gain=rounding.interval(move.gain, 2),
        probability=rounding.decimals(move.probability, 2),
    )
