"""Effects of actions through the gate: made of shown figures, and no more precise than those."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import Text
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.released import AnswerScale
from bevlogen.core.results import Interval
from bevlogen.core.tables import Policy
from bevlogen.disclose import rounding
from bevlogen.disclose.cells import Passed
from bevlogen.disclose.policy import protection_of
from bevlogen.disclose.verdicts import LEAST_UNITS, TIMES_K

Estimate = Callable[[Measurement], tuple[ActionEffect, ...]]

PARTLY = Text(
    "What rests on too few teams or people to show is left out.",
    "Wat op te weinig teams of mensen rust om te tonen, is weggelaten.",
)
WITHHELD = Text(
    "This rests on too few teams or people to show.",
    "Dit rust op te weinig teams of mensen om te tonen.",
)
COARSE = Text(
    "Few people are behind it, so the figures are shown coarsely.",
    "Er zitten weinig mensen achter, dus de cijfers zijn grof getoond.",
)
_STEPS_SD = (0.1, 0.2, 0.5, 1.0)
_PUBLIC_STEP_SD = 0.01


def guard_effects(
    effects: tuple[ActionEffect, ...],
    passed: Passed,
    measurement: Measurement,
    policy: Policy,
    scales: Mapping[str, tuple[AnswerScale, ...]],
    again: Estimate | None,
) -> tuple[ActionEffect, ...]:
    """Return the effects as they may be shown.

    Parameters
    ----------
    effects : of all actions, made of everything measured.
    passed : which figures are shown and which are hidden.
    measurement : what they were made of.
    policy : for its threshold and the share of a scale that stays open.
    scales : scale of one answer by variable.
    again : estimates the effects from another measurement; None where that cannot be done, and then an effect that
        rests on a hidden figure is withheld.

    Notes
    -----
    An effect is a mean over the units acted upon, and whoever knows the shown ones could subtract them. So hidden
    figures of those units count as not measured, and the effects are made again. Comparison units enter through their
    means and a regression; five of them and ``2 k`` respondents per period must be behind these, or nothing of them be
    hidden. Steps are the finest of 0.1, 0.2, 0.5 and 1 SD with which the sum of all answers after the start stays
    open by the protected width (0.01 for figures that were public). ``raw`` is made from the rounded effect.
    Our own rule.
    """
    acted = {u for a in effects for u in a.units}
    hidden = hidden_figures(passed, measurement)
    mine = hidden & np.array([u in acted for u in measurement.panel.units], dtype=bool)[:, None, None]
    if mine.any():
        if again is None:
            effects = tuple(_without(a, mine, measurement) for a in effects)
        else:
            panel = measurement.panel
            effects = again(replace(measurement, panel=replace(panel, value=np.where(mine, np.nan, panel.value))))
    return tuple(_guarded(a, hidden, passed, measurement, policy, scales) for a in effects)


def hidden_figures(passed: Passed, measurement: Measurement) -> NDArray[np.bool_]:
    """Return (J, T, p) which figures of the panel are hidden."""
    panel = measurement.panel
    unit, period, variable = ({k: i for i, k in enumerate(of)} for of in (panel.units, panel.periods, panel.variables))
    out = np.zeros(panel.value.shape, dtype=bool)
    for s in passed.suppressed:
        if s.unit in unit and s.construct in variable:
            out[unit[s.unit], period[s.period], variable[s.construct]] = True
    return out


def _without(action: ActionEffect, hidden: NDArray[np.bool_], measurement: Measurement) -> ActionEffect:
    panel = measurement.panel
    rows = [panel.units.index(u) for u in action.units if u in panel.units]
    kept = [e for e in action.outcomes if not hidden[rows, :, panel.variables.index(e.outcome)].any()]
    return _kept(action, kept)


def _kept(action: ActionEffect, kept: list[OutcomeEffect]) -> ActionEffect:
    """Return the action with these outcomes alone; its sentence and verdict then speak of them."""
    if len(kept) == len(action.outcomes):
        return replace(action, outcomes=tuple(kept))
    reason = PARTLY if kept else WITHHELD
    verdict = kept[0].verdict if kept else "undetermined"
    for strongest in ("worked", "backfired"):
        verdict = next((e.verdict for e in kept if e.verdict == strongest), verdict)
    return replace(action, outcomes=tuple(kept), verdict=verdict, reason=reason.en, reason_nl=reason.nl)


def _guarded(
    action: ActionEffect,
    hidden: NDArray[np.bool_],
    passed: Passed,
    measurement: Measurement,
    policy: Policy,
    scales: Mapping[str, tuple[AnswerScale, ...]],
) -> ActionEffect:
    kept = []
    for effect in action.outcomes:
        if effect.outcome in passed.public:
            kept.append(_rounded(effect, _PUBLIC_STEP_SD))
            continue
        step = _step(effect, scales.get(effect.outcome), policy)
        if step is not None and _may_compare(action, effect, hidden, measurement, policy.k):
            kept.append(_rounded(effect, step))
    return _kept(action, kept)


def _may_compare(
    action: ActionEffect, effect: OutcomeEffect, hidden: NDArray[np.bool_], measurement: Measurement, k: int
) -> bool:
    panel = measurement.panel
    v = panel.variables.index(effect.outcome)
    others = np.array([u not in action.units for u in panel.units])
    if not effect.n_compared or not hidden[others, :, v].any():
        return True
    people = np.nansum(panel.n[others, :, v], axis=0)
    return effect.n_compared >= LEAST_UNITS and bool(
        (people[people > 0] >= TIMES_K * k).all() or not (people > 0).any()
    )


def _step(effect: OutcomeEffect, scales: tuple[AnswerScale, ...] | None, policy: Policy) -> float | None:
    """Return the step in SD; None where even the coarsest tells too much."""
    own = effect.estimate.estimate
    if not scales or not math.isfinite(effect.n) or not math.isfinite(own) or own == 0:
        return _STEPS_SD[0]
    answers = effect.n_acted * effect.n_after * effect.n
    per_sd = abs(effect.raw.estimate / own)
    wanted = protection_of(effect.outcome, policy) * max(s.width for s in scales)
    return next((step for step in _STEPS_SD if answers * step * per_sd >= wanted), None)


def _rounded(effect: OutcomeEffect, step: float) -> OutcomeEffect:
    estimate = _to(effect.estimate, step)
    # The sentences carry figures to a tenth.
    words = COARSE if step > _STEPS_SD[0] else Text(effect.reason, effect.reason_nl)
    return replace(
        effect,
        reason=words.en,
        reason_nl=words.nl,
        estimate=estimate,
        plain=_to(effect.plain, step),
        raw=_raw(effect, estimate),
        naive=rounding.to_step(effect.naive, step),
        chance=rounding.to_step(effect.chance, step),
        placebo=_to(effect.placebo, step),
        pretrend_p=rounding.significant(effect.pretrend_p, 1),
        p_value=rounding.significant(effect.p_value, 1),
        mde=rounding.to_step(effect.mde, step),
    )


def _to(value: Interval, step: float) -> Interval:
    return Interval(*(rounding.to_step(v, step) if math.isfinite(v) else v for v in _parts(value)))


def _parts(value: Interval) -> tuple[float, float, float]:
    return value.estimate, value.low, value.high


def _raw(effect: OutcomeEffect, shown: Interval) -> Interval:
    """The effect in its own units, made from the rounded one, so that it tells no more."""
    own = effect.estimate.estimate
    if not math.isfinite(own) or own == 0:
        return Interval(effect.raw.estimate)
    per_sd = effect.raw.estimate / own
    low, high = sorted((per_sd * shown.low, per_sd * shown.high))
    return Interval(*(rounding.significant(v, 2) for v in (per_sd * shown.estimate, low, high)))
