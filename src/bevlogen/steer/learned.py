"""What own actions brought so far, by lever: the organisation's own library of what works."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from bevlogen.core.planned import ActionEffect, Learned, OutcomeEffect
from bevlogen.core.results import Interval
from bevlogen.models import meta
from bevlogen.steer.effect import is_stirred

# How far true effects of interventions on engagement differ from each other, in SD: standard error .041 and I2 .737 of
# 54 studies (Virga et al. 2019, E149 of effects.csv) come to .26.
SPREAD = 0.26
# That spread counts as much as five own actions would in telling how far effects differ; few own ones cannot tell it.
SPREAD_DF = 4
# Before any own action: half bring nothing or less. Sceptical, as in ``evidence``.
SCEPTICAL_SD = 0.5
# Released effects are rounded; the largest of these of which all figures are a multiple is what they were rounded to.
_STEPS = (1.0, 0.5, 0.2, 0.1, 0.01)
_Z975 = float(special.ndtri(0.975))


def learned(effects: Sequence[ActionEffect]) -> tuple[Learned, ...]:
    """What did own actions bring, by lever and outcome, and what may the next one?

    Parameters
    ----------
    effects : of all actions, as a release shows them.

    Returns
    -------
    One row per lever and outcome of which at least one action was judged, levers and outcomes in the order of the
    actions; empty where none was.

    Notes
    -----
    An action counts for an outcome when its effect is shown, there were units to compare with, its units were not on
    another course before, and it is no longer too early; whether it worked plays no part, so that successes are not
    picked. Each effect has the variance that gives its 95% interval its width, plus that of rounding (step² / 12).
    Together: random effects by REML (``models.meta``). Its variance between actions is averaged with the published one,
    0.26², weighted by their degrees of freedom (actions less one, and four), and limits are t with the sum of these.
    The mean is shrunk towards nothing by N(0, 0.5²); ``next`` adds the spread between actions. Averaging the variances
    is our own rule, tried on simulated actions.

    References
    ----------
    Viechtbauer (2010), doi 10.18637/jss.v036.i03. Higgins, Thompson & Spiegelhalter (2009), doi
    10.1111/j.1467-985X.2008.00552.x (prediction of a next effect).
    """
    found: dict[tuple[str, str], list[OutcomeEffect]] = {}
    for action in effects:
        for one in action.outcomes:
            if _counts(one):
                found.setdefault((action.lever, one.outcome), []).append(one)
    return tuple(_together(lever, outcome, known) for (lever, outcome), known in found.items())


def _counts(effect: OutcomeEffect) -> bool:
    shown = all(math.isfinite(v) for v in _figures(effect)) and effect.estimate.high > effect.estimate.low
    return shown and effect.n_compared > 0 and effect.verdict != "too early" and not is_stirred(effect)


def _figures(effect: OutcomeEffect) -> tuple[float, float, float]:
    return effect.estimate.estimate, effect.estimate.low, effect.estimate.high


def _variance(effect: OutcomeEffect) -> float:
    step = next((s for s in _STEPS if all(abs(v / s - round(v / s)) < 1e-6 for v in _figures(effect))), 0.0)
    return ((effect.estimate.high - effect.estimate.low) / (2 * _Z975)) ** 2 + step**2 / 12


def _together(lever: str, outcome: str, effects: Sequence[OutcomeEffect]) -> Learned:
    y = np.array([e.estimate.estimate for e in effects])
    v = np.array([_variance(e) for e in effects])
    apart = meta.random_effects(y, v).tau2 if len(y) > 1 else 0.0
    df = SPREAD_DF + len(y) - 1
    spread = (SPREAD_DF * SPREAD**2 + (len(y) - 1) * apart) / df
    weight = 1 / (v + spread)
    variance = 1 / (float(weight.sum()) + 1 / SCEPTICAL_SD**2)
    mean = variance * float(weight @ y)
    return Learned(
        lever,
        outcome,
        len(y),
        _limits(mean, math.sqrt(variance), df),
        _limits(mean, math.sqrt(variance + spread), df),
        tuple(sum(e.verdict == said for e in effects) for said in ("worked", "no meaningful effect", "backfired")),
    )


def _limits(mean: float, sd: float, df: int) -> Interval:
    half = float(special.stdtrit(df, 0.975)) * sd
    return Interval(mean, mean - half, mean + half)
