"""Effects of actions through the gate: made of figures as they are shown, so that no number of actions tells more."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bevlogen.core.chain import Text
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.results import Interval
from bevlogen.disclose import rounding

Estimate = Callable[[Measurement], tuple[ActionEffect, ...]]

PARTLY = Text(
    "What rests on too few teams or people to show is left out.",
    "Wat op te weinig teams of mensen rust om te tonen, is weggelaten.",
)
WITHHELD = Text(
    "This rests on too few teams or people to show.",
    "Dit rust op te weinig teams of mensen om te tonen.",
)
# The sentences carry figures to a tenth.
_STEP_SD = 0.1
_PUBLIC_STEP_SD = 0.01
_DIGITS_RAW = 2


def guard_effects(
    exact: Sequence[ActionEffect], of_shown: Sequence[ActionEffect], public: Collection[str]
) -> tuple[ActionEffect, ...]:
    """Return the effects as they may be shown.

    Parameters
    ----------
    exact : of all actions, made of everything measured; only which outcomes can be estimated is taken from these.
    of_shown : of the same actions, made of figures as they are shown (``as_shown``).
    public : variables that were published before; told to 0.01 SD, all else to 0.1.

    Notes
    -----
    An effect is a sum of figures with weights that a reader can know, and anybody may register as many actions as he
    likes over the same ones. Of exact figures enough of them would tell each (``benchmarks/disclosure_effects.py``).
    What can be had of exact figures and not of those that are shown is withheld.
    """
    return tuple(_guarded(one, other, public) for one, other in zip(exact, of_shown, strict=True))


def _guarded(exact: ActionEffect, of_shown: ActionEffect, public: Collection[str]) -> ActionEffect:
    there = {effect.outcome for effect in exact.outcomes if effect.method != "none"}
    kept = [
        _rounded(effect, _PUBLIC_STEP_SD if effect.outcome in public else _STEP_SD)
        for effect in of_shown.outcomes
        if effect.method != "none" or effect.outcome not in there
    ]
    # Units that are hidden are measured all the same.
    return _kept(replace(of_shown, notes=exact.notes), kept)


def _kept(action: ActionEffect, kept: list[OutcomeEffect]) -> ActionEffect:
    """Return the action with these outcomes alone; its sentence and verdict then speak of them."""
    if len(kept) == len(action.outcomes):
        return replace(action, outcomes=tuple(kept))
    reason = PARTLY if kept else WITHHELD
    verdict = kept[0].verdict if kept else "undetermined"
    for strongest in ("worked", "backfired"):
        verdict = next((e.verdict for e in kept if e.verdict == strongest), verdict)
    return replace(action, outcomes=tuple(kept), verdict=verdict, reason=reason.en, reason_nl=reason.nl)


def _rounded(effect: OutcomeEffect, step: float) -> OutcomeEffect:
    return replace(
        effect,
        estimate=_to(effect.estimate, step),
        plain=_to(effect.plain, step),
        raw=Interval(*(rounding.significant(v, _DIGITS_RAW) for v in _parts(effect.raw))),
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
