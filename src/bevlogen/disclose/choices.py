"""A set of moves through the gate: of shown units only, and no finer than their levels."""

from __future__ import annotations

from dataclasses import replace

from bevlogen.core.planned import Portfolio
from bevlogen.core.results import Interval
from bevlogen.core.shown import Release
from bevlogen.disclose import rounding

_STEP_SD = 0.05


def may_choose(release: Release) -> frozenset[tuple[str, str]]:
    """Return the (unit, variable) whose last figure is shown: only of these a move may be named."""
    rank = {period: i for i, period in enumerate(release.periods)}
    last: dict[tuple[str, str], tuple[int, bool]] = {}
    cells = [
        *((s.unit, s.construct, s.period, True) for s in release.scores),
        *((r.unit, r.measure, r.period, True) for r in release.results),
        *((h.unit, h.construct, h.period, False) for h in release.suppressed),
    ]
    for unit, variable, period, is_shown in cells:
        key = unit, variable
        if key not in last or rank[period] > last[key][0]:
            last[key] = rank[period], is_shown
    return frozenset(key for key, (_, is_shown) in last.items() if is_shown)


def guard_choices(portfolio: Portfolio) -> Portfolio:
    """Return the set rounded: gains in steps of 0.05 SD, so that they tell a level no finer than it is shown."""
    return replace(
        portfolio,
        choices=tuple(
            replace(c, gain=_to(c.gain), sureness=rounding.decimals(c.sureness, 2)) for c in portfolio.choices
        ),
        gain=_to(portfolio.gain),
        reached=rounding.decimals(portfolio.reached, 2),
        knowing=tuple(replace(k, worth=rounding.to_step(k.worth, _STEP_SD)) for k in portfolio.knowing),
    )


def _to(gain: Interval) -> Interval:
    return Interval(*(rounding.to_step(v, _STEP_SD) for v in (gain.estimate, gain.low, gain.high)))
