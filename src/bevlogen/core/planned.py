"""Where to act, what acting brought, and how to learn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from bevlogen.core.chain import Text
from bevlogen.core.results import Basis, Design, EffectMethod, EffectVerdict, Interval, Provenance, html_table, table


@dataclass(frozen=True, slots=True)
class Position:
    """Where one unit stands in the last period it was measured, in SD of units from the middle of its peers.

    ``service`` and ``employership`` are the two axes of the map (an index over customer-side and one over employer-side
    constructs), each with 95% limits. ``trend_service`` and ``trend_employership`` compare with its own past (SD per
    year, NaN if one wave). ``against_norm`` is the share of its constructs above their norm band, NaN without norms.
    ``n`` is the smallest number of respondents behind any part, NaN if unknown.
    """

    unit: str
    period: str
    peers: str
    service: Interval
    employership: Interval
    trend_service: Interval
    trend_employership: Interval
    against_norm: float
    n: float


@dataclass(frozen=True, slots=True)
class Move:
    """One possible first move: raise ``lever`` in ``unit`` from its level to ``target``.

    ``gap`` is in SD of unit scores and always positive; ``gain`` is the expected change of ``outcome`` in the direction
    the organisation wants, in SD of unit scores with 90% limits; ``probability`` is the chance that it exceeds the
    smallest effect that matters. ``n`` is the smallest number of respondents behind it.
    """

    unit: str
    lever: str
    outcome: str
    level: float
    target: float
    target_basis: Basis
    gap: float
    gain: Interval
    probability: float
    design: Design
    n: float


@dataclass(frozen=True, slots=True)
class OutcomeEffect:
    """What an action did to one thing, in SD of unit scores in the wanted direction unless it says otherwise.

    Attributes
    ----------
    outcome : key of the construct or measure.
    method : ``staggered``: against units that had the same scores before; ``synthetic``: few units against a weighted
        mix of others; ``interrupted``: one series, nothing to compare with; ``none``: no estimate.
    estimate : effect with 95% limits; NaN without one.
    plain : the same by difference in differences that asks for parallel courses only; the truth lies between the two
        where units were chosen for how they stood. NaN for ``interrupted``.
    raw : ``estimate`` in units of the outcome, in its own direction.
    naive : after less just before, of the units acted upon: what a simple comparison would show.
    chance : the part of ``naive`` that regression to the mean alone would bring.
    placebo : effect at a pretended earlier start, where nothing was done, with 95% limits; NaN with too short a past.
    pretrend_p : joint test of other courses before the start; NaN where it cannot be had.
    p_value : two-sided, the larger of ``estimate`` and ``plain``, adjusted for all outcomes of the action (Holm).
    mde : effect that could be found with 80% chance; NaN if unknown.
    n_acted, n_compared : units used. n_before, n_after : periods (``n_after`` the most that a unit has).
    n : fewest respondents of a unit acted upon in a period; NaN if unknown or figures of record.
    verdict : what can be said.
    say_from : label of the first period after which it can be said where it is too early; "" elsewhere.
    reason, reason_nl : why, in plain words.
    """

    outcome: str
    method: EffectMethod
    estimate: Interval
    plain: Interval
    raw: Interval
    naive: float
    chance: float
    placebo: Interval
    pretrend_p: float
    p_value: float
    mde: float
    n_acted: int
    n_compared: int
    n_before: int
    n_after: int
    n: float
    verdict: EffectVerdict
    say_from: str
    reason: str
    reason_nl: str


@dataclass(frozen=True, slots=True)
class ActionEffect:
    """An action (same lever, same words) over all units where it was done, and what it did.

    ``key`` is a fingerprint of lever and words, ``start`` the label of the first period, ``units`` those of the table.
    The first of ``outcomes`` is the lever where it is measured. ``notes`` are cautions.
    """

    key: str
    lever: str
    what: str
    start: str
    units: tuple[str, ...]
    outcomes: tuple[OutcomeEffect, ...]
    verdict: EffectVerdict
    reason: str
    reason_nl: str
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """What own actions on one lever brought to one outcome, in SD of unit scores in the wanted direction.

    Attributes
    ----------
    lever, outcome : keys.
    n_actions : actions behind it.
    effect : mean effect, shrunk towards nothing, with 95% limits.
    next : the same for the next action of this kind, which may bring more or less than the mean.
    verdicts : how many of them worked, had no meaningful effect, and backfired; of the rest it could not be said.
    """

    lever: str
    outcome: str
    n_actions: int
    effect: Interval
    next: Interval
    verdicts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``study.steer()`` answers: positions, first moves in order, and why there are none where there are none.

    ``certainty`` is the chance that the first move really is the best of those listed. ``effects`` are those of every
    action of the table, in order of start.
    """

    positions: tuple[Position, ...]
    moves: tuple[Move, ...]
    certainty: float
    reason: str
    reason_nl: str
    provenance: Provenance
    effects: tuple[ActionEffect, ...] = ()

    def tidy(self) -> pa.Table:
        """One row per first move, best first."""
        return table(
            {
                "unit": [m.unit for m in self.moves],
                "lever": [m.lever for m in self.moves],
                "outcome": [m.outcome for m in self.moves],
                "gain": [m.gain.estimate for m in self.moves],
                "conf_low": [m.gain.low for m in self.moves],
                "conf_high": [m.gain.high for m in self.moves],
                "probability": [m.probability for m in self.moves],
                "design": [m.design for m in self.moves],
            }
        )

    def glance(self) -> pa.Table:
        """One row: how many moves and why."""
        return table({"n_obs": [len(self.moves)], "probability": [self.certainty], "reason": [self.reason]})

    def actions(self) -> pa.Table:
        """One row per action and outcome: did it work?"""
        rows = [(action, effect) for action in self.effects for effect in action.outcomes]
        return table(
            {
                "lever": [a.lever for a, _ in rows],
                "outcome": [e.outcome for _, e in rows],
                "estimate": [e.estimate.estimate for _, e in rows],
                "conf_low": [e.estimate.low for _, e in rows],
                "conf_high": [e.estimate.high for _, e in rows],
                "p_value": [e.p_value for _, e in rows],
                "mde": [e.mde for _, e in rows],
                "n_units": [e.n_acted for _, e in rows],
                "verdict": [e.verdict for _, e in rows],
                "reason": [e.reason for _, e in rows],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Begin:
    """A unit and the period in which it begins; "" for a comparison unit that does not."""

    unit: str
    period: str


@dataclass(frozen=True, slots=True)
class LearnPlan:
    """How to begin an action so that it will show whether it worked. Written down before the start.

    Attributes
    ----------
    design : ``randomised`` (part begins, the rest at the end), ``stepped`` (groups begin one after another) or
        ``matched`` (all begin at once, held against units alike).
    lever, outcome : what is moved, and what is looked at.
    begins : every unit with its start, in order of start; comparison units last.
    detectable : effect in SD found with 80% chance after 1, 2, ... periods from the first start.
    target, periods_needed : the effect that must be found, and after how many periods it is; 0 where never.
    difference : SD by which beginners and others differ on the outcome before.
    seed : of the lot.
    digest : fingerprint of all above; whoever has it can tell that nothing was moved afterwards.
    reason : why this design, and what it can show.
    """

    design: Literal["randomised", "stepped", "matched"]
    lever: str
    outcome: str
    begins: tuple[Begin, ...]
    detectable: tuple[float, ...]
    target: float
    periods_needed: int
    difference: float
    seed: int
    digest: str
    reason: Text
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per unit with its start."""
        return table({"unit": [b.unit for b in self.begins], "period": [b.period or None for b in self.begins]})

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Cost:
    """What one move costs: money (in the organisation's own unit) and hours; both 0 or more."""

    money: float = 0.0
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What moves must keep to. None, or nothing, is no limit.

    Attributes
    ----------
    money, hours : to spend in all.
    at_once : most moves.
    per_unit : most moves in one unit.
    per_group, each_group : most, and least, moves in the units under one parent: fairness.
    must, never : units where something must, or must not, be done.
    cost : by lever; a lever that is not named costs nothing.
    """

    money: float | None = None
    hours: float | None = None
    at_once: int | None = None
    per_unit: int = 1
    per_group: int | None = None
    each_group: int | None = None
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    cost: Mapping[str, Cost] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One move of the best set: expected gain with 90% limits, and the chance that it belongs to the best set."""

    unit: str
    lever: str
    outcome: str
    gain: Interval
    cost: Cost
    sureness: float


@dataclass(frozen=True, slots=True)
class Knowing:
    """What it would be worth to know something exactly before choosing: more expected gain, in SD over all moves."""

    about: Text
    worth: float


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The best set of moves within limits.

    Attributes
    ----------
    choices : largest expected gain first.
    gain : of all together, SD added up over units, with 90% limits.
    reached : chance that the whole reaches the target; NaN without one.
    spent : money and hours.
    knowing : what measuring more would be worth, most first; the first is the whole uncertainty.
    reason : why there is none, or how sure the set is.
    proven : the solver proved that no set is better.
    """

    choices: tuple[Choice, ...]
    gain: Interval
    reached: float
    spent: Cost
    knowing: tuple[Knowing, ...]
    reason: Text
    proven: bool
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per move."""
        return table(
            {
                "unit": [c.unit for c in self.choices],
                "lever": [c.lever for c in self.choices],
                "outcome": [c.outcome for c in self.choices],
                "gain": [c.gain.estimate for c in self.choices],
                "conf_low": [c.gain.low for c in self.choices],
                "conf_high": [c.gain.high for c in self.choices],
                "probability": [c.sureness for c in self.choices],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.tidy())
