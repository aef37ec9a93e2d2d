"""What is to be expected: forecasts, warnings, and what a move may bring."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from bevlogen.core.chain import Text
from bevlogen.core.results import Provenance, html_table, table


@dataclass(frozen=True, slots=True)
class Backtest:
    """Mean absolute errors of forecasts made with what was known at the time, on the same ``n`` figures; NaN unknown.

    ``model``; ``chain``, with what customers said before; ``naive``, the last figure; ``seasonal``, that of a year
    before. ``inside`` is the share of figures inside the 80% band of the model; ``use_chain`` that ``chain`` was
    better.
    """

    model: float
    chain: float
    naive: float
    seasonal: float
    inside: float
    n: int
    use_chain: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where the mean over units of one measure goes.

    ``bands`` are the 10%, 25%, 50%, 75% and 90% quantiles, a value per period; ``chance`` that it passes ``target``
    in any of these periods, NaN without one. ``n_units`` is what it rests on, ``now`` the mean over those that have a
    figure in the last period.
    """

    measure: str
    periods: tuple[str, ...]
    bands: tuple[tuple[float, ...], ...]
    target: float
    chance: float
    tested: Backtest
    n_units: int
    reason: Text
    now: float = math.nan


@dataclass(frozen=True, slots=True)
class Alarm:
    """A unit that is warned of, and the signals that push most, strongest first."""

    unit: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warnings:
    """Early warning of one outcome: how good it was looking back, and the units it warns of now. Never of persons.

    Attributes
    ----------
    outcome : what would worsen.
    is_on : warnings beat what is known without signals; where not, there are no alarms.
    hits, false_alarms : share of worsenings, and of all else, that a warning came before.
    came_true, base : share of warnings after which it did worsen, and of all figures that were a worsening.
    past_hits : hits of warnings from the unit's own past alone.
    gain : share by which forecasts with signals were less off (squared) than the best without.
    n, n_units : forecasts looked back on, and of how many units; 0 where there are too few to look back.
    since, period : label of the last figures, and of the period that is warned of.
    alarms : worst expectation first.
    reason : why it is on or off.
    """

    outcome: str
    is_on: bool
    hits: float
    false_alarms: float
    came_true: float
    base: float
    past_hits: float
    gain: float
    n: int
    n_units: int
    since: str
    period: str
    alarms: tuple[Alarm, ...]
    reason: Text

    def tidy(self) -> pa.Table:
        """One row per unit that is warned of."""
        return table({"unit": [a.unit for a in self.alarms], "period": [self.period] * len(self.alarms)})

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Fan:
    """What a move may do to one construct, against doing nothing, in SD of unit scores in the wanted direction.

    Attributes
    ----------
    construct : variable.
    bands : 10%, 25%, 50%, 75% and 90% quantiles, a value per period each.
    raw : units of the construct per SD, negative where less is better: ``bands`` times it is the change as measured.
    better, worse : chance that the last period is better, or worse, by more than the smallest effect that matters.
    same : neither chance is one half: about the same as doing nothing.
    own : the own data tell how it moves; else published effects alone.
    text : the same in one plain sentence.
    """

    construct: str
    bands: tuple[tuple[float, ...], ...]
    raw: float
    better: float
    worse: float
    same: bool
    own: bool
    text: Text


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What moving ``lever`` by ``by`` points of its scale in ``units`` may bring in each of the coming ``periods``.

    ``own`` names the constructs whose dynamics the own data could tell, from ``n_units`` units.
    """

    lever: str
    by: float
    units: tuple[str, ...]
    periods: tuple[str, ...]
    fans: tuple[Fan, ...]
    basis: Literal["own", "published", "combined"]
    own: tuple[str, ...]
    n_units: int
    notes: tuple[Text, ...]
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per construct and period, limits at 80%."""
        rows = [(fan, t) for fan in self.fans for t in range(len(self.periods))]
        return table(
            {
                "construct": [fan.construct for fan, _ in rows],
                "period": [self.periods[t] for _, t in rows],
                "estimate": [fan.bands[2][t] for fan, t in rows],
                "conf_low": [fan.bands[0][t] for fan, t in rows],
                "conf_high": [fan.bands[4][t] for fan, t in rows],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.tidy())
