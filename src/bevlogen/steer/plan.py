"""Begin so that it shows whether it works: by lot, in steps, or against units alike; written down before the start."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import Text
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Begin, LearnPlan
from bevlogen.core.tables import PeriodGrain, Workspace
from bevlogen.errors import BevlogenError, NotEstimableError
from bevlogen.models import did
from bevlogen.steer import calendar
from bevlogen.steer.levels import true_spread
from bevlogen.steer.power import detectable_effect
from bevlogen.steer.reasons import number

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LONGEST = 12
EXPECTED = 0.24  # SD: what interventions bring on average (Virga et al. 2019, E149 of effects.csv)
_FEWEST = 4
_MATCHES = 2


def plan_start(
    measurement: Measurement,
    workspace: Workspace,
    lever: str,
    units: Sequence[str],
    *,
    outcome: str = "engagement",
    steps: int = 2,
    at_once: bool = False,
    target: float = EXPECTED,
    seed: int = 0,
    not_before: str = "",
) -> LearnPlan:
    """How should an action begin in these units so that it shows whether it worked?

    Parameters
    ----------
    measurement, workspace : what is known, and the organisation.
    lever : what is moved.
    units : keys of the units where it will be done.
    outcome : what it should bring; a construct or measure of the panel.
    steps : groups that begin one after another; 2 means half now and half at the end.
    at_once : all must begin at once; then units alike are sought to compare with.
    target : effect in SD that must be found.
    seed : of the lot; the same seed gives the same plan.
    not_before : day (2026-11-28) before which nobody can begin any more; the first start is in its period where that
        lies after the last that was measured, else in the period after the last.

    Returns
    -------
    LearnPlan

    Raises
    ------
    BevlogenError
        Unknown units or outcome, fewer than four units, more steps than units, or a target not above 0.
    NotEstimableError
        If units do not differ in the outcome beyond chance, or (at once) nobody is left to compare with.

    Notes
    -----
    *By lot*: units are sorted by service and last score and cut in blocks of one per step; within a block the lot
    decides. *Matched*: for each unit the two of the same service nearest in last score and mean of earlier ones, each
    used once at most.

    Detectable effect: ``(t(.975) + t(.80)) se`` with the variance of Hussey & Hughes (2007) for this pattern of starts,
    the periods measured before (eight at most) and m after; lasting and moving variance from the panel by analysis of
    variance. It takes what moves as independent between periods, so it is a little hopeful where things move slowly.

    References
    ----------
    Hussey & Hughes (2007), doi 10.1016/j.cct.2006.05.007. Bloom (1995), doi 10.1177/0193841X9501900504.
    """
    panel = measurement.panel
    chosen = _checked(units, measurement, outcome, steps, target)
    sd = true_spread(panel.column(outcome), panel.error_variance(outcome), panel.services)
    if not sd > 0:
        raise NotEstimableError(f'Units do not differ in "{outcome}" beyond chance, so an effect has no measure.')
    y = panel.column(outcome) / sd
    last, earlier = _past(y)
    grain = workspace.organisation.grain
    first = _first(panel.periods[-1], grain, not_before)
    rng = np.random.default_rng(seed)
    group = np.zeros(len(chosen), dtype=np.int64)
    others = np.zeros(0, dtype=np.int64)
    if at_once:
        others = _alike(chosen, last, earlier, panel.services)
    else:
        group = _by_lot(chosen, last, panel.services, steps, rng)
    # With two steps the second begins when the answer is in; with more, one group each period.
    wait = [0, LONGEST] if steps == 2 and not at_once else list(range(max(steps, 1)))
    begins = [*((int(chosen[i]), wait[group[i]]) for i in range(len(chosen))), *((int(j), -1) for j in others)]
    lasting, moving = _variances(y)
    offsets = np.array([w if w >= 0 else LONGEST for _, w in begins])
    before = min(len(panel.periods), 8)
    detectable = tuple(_detectable(offsets, before, m, lasting, moving) for m in range(1, LONGEST + 1))
    needed = next((m for m, effect in enumerate(detectable, start=1) if effect <= target), 0)
    if steps == 2 and not at_once:
        # Half waits until it can be said, and no longer.
        begins = [(j, 0 if w == 0 else needed or LONGEST) for j, w in begins]
    now = np.array([j for j, w in begins if w == 0])
    rest = np.array([j for j, w in begins if w != 0])
    apart = float(np.nanmean(last[now]) - np.nanmean(last[rest])) if len(rest) else math.nan
    found = LearnPlan(
        "matched" if at_once else "randomised" if steps == 2 else "stepped",
        lever,
        outcome,
        tuple(
            Begin(panel.units[j], calendar.later(first, grain, w) if w >= 0 else "")
            for j, w in sorted(begins, key=lambda b: (b[1] < 0, b[1], panel.units[b[0]]))
        ),
        tuple(round(d, 3) for d in detectable),
        target,
        needed,
        round(apart, 3),
        seed,
        "",
        _reason(needed, target, detectable, at_once=at_once),
        measurement.provenance,
    )
    return replace(found, digest=digest(found))


def digest(plan: LearnPlan) -> str:
    """Return the SHA-256 of everything that a plan promises, so that it can be told whether it was changed."""
    told = {
        "design": plan.design,
        "lever": plan.lever,
        "outcome": plan.outcome,
        "begins": [[b.unit, b.period] for b in plan.begins],
        "target": plan.target,
        "periods_needed": plan.periods_needed,
        "seed": plan.seed,
        "data": plan.provenance.fingerprint,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _first(last: str, grain: PeriodGrain, not_before: str) -> str:
    """First period in which a unit can begin: after the last that was measured, and not in the past."""
    ahead = calendar.later(last, grain, 1)
    wanted = calendar.label_of(not_before, grain) if not_before else ahead
    return max(ahead, wanted, key=lambda period: calendar.between(last, period, grain))


def _checked(units: Sequence[str], measurement: Measurement, outcome: str, steps: int, target: float) -> IntArray:
    panel = measurement.panel
    missing = [u for u in units if u not in panel.units]
    if missing:
        raise BevlogenError(f"No figures of these units: {', '.join(missing)}. Name units with data of their own.")
    if outcome not in panel.variables:
        raise BevlogenError(f'"{outcome}" is not measured. Found: {", ".join(panel.variables)}.')
    chosen = np.array([panel.units.index(u) for u in dict.fromkeys(units)], dtype=np.int64)
    if len(chosen) < _FEWEST:
        raise BevlogenError(f"Found {len(chosen)} units. A fair start needs {_FEWEST} or more.")
    if not 2 <= steps <= len(chosen):
        raise BevlogenError(
            f"Found {steps} steps for {len(chosen)} units. Give 2 steps or more, and no more than units."
        )
    if not target > 0:
        raise BevlogenError(f"Found a target of {target:g}. Give the effect in SD that must be found, above 0.")
    return chosen


def _past(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Last score and mean of the earlier ones, (J,) each, period means taken off; NaN where there is none."""
    there = np.isfinite(y)
    centre = np.array([np.nanmean(c) if np.isfinite(c).any() else 0.0 for c in y.T])
    apart = y - centre
    place = np.where(there, np.arange(y.shape[1]), -1).max(axis=1)
    last = np.where(place >= 0, apart[np.arange(len(y)), place], np.nan)
    kept = np.where(there & (np.arange(y.shape[1]) < place[:, None]), apart, 0.0)
    count = (there & (np.arange(y.shape[1]) < place[:, None])).sum(axis=1)
    return last, np.divide(kept.sum(axis=1), count, out=np.array(last), where=count > 0)


def _by_lot(
    chosen: IntArray, last: FloatArray, services: Sequence[str], steps: int, rng: np.random.Generator
) -> IntArray:
    """Group of each chosen unit: one of each block of similar units goes to each step, by lot."""
    key = [(services[int(j)], float(np.nan_to_num(last[j])), int(j)) for j in chosen]
    order = sorted(range(len(chosen)), key=lambda i: key[i])
    group = np.zeros(len(chosen), dtype=np.int64)
    for at in range(0, len(order), steps):
        block = order[at : at + steps]
        group[np.array(block)] = rng.permutation(steps)[: len(block)]
    return group


def _alike(chosen: IntArray, last: FloatArray, earlier: FloatArray, services: Sequence[str]) -> IntArray:
    """Comparison units: the nearest by history within the same service, each once."""
    free = [j for j in range(len(last)) if j not in set(chosen.tolist()) and math.isfinite(last[j])]
    picked: list[int] = []
    for _ in range(_MATCHES):
        for i in chosen:
            near = [j for j in free if services[j] == services[i] and j not in picked and math.isfinite(last[i])]
            if near:
                picked.append(min(near, key=lambda j: ((last[i] - last[j]) ** 2 + (earlier[i] - earlier[j]) ** 2, j)))
    if len(picked) < did.FEWEST_COMPARED:
        raise NotEstimableError(
            "All units begin at once and none is left to compare with. Let a part begin later, or keep some out; else "
            f"only the series can tell, from {did.LEAST_POINTS} periods before and {did.LEAST_POINTS} after the start."
        )
    return np.array(picked, dtype=np.int64)


def _variances(y: FloatArray) -> tuple[float, float]:
    """Lasting variance between units and moving variance within, from unit and period effects (ANOVA)."""
    apart = y - np.array([np.nanmean(c) if np.isfinite(c).any() else 0.0 for c in y.T])
    whole = apart[np.isfinite(apart).sum(axis=1) > 1]
    count = np.isfinite(whole).sum(axis=1)
    mean = np.nanmean(whole, axis=1)
    within = float(np.nansum((whole - mean[:, None]) ** 2)) / max(float((count - 1).sum()), 1.0)
    between = float(mean.var(ddof=1)) - within * float((1 / count).mean())
    return max(between, 0.0), max(within, 1e-9)


def _detectable(offsets: IntArray, before: int, after: int, lasting: float, moving: float) -> float:
    """Detectable effect of a pattern of starts by Hussey & Hughes (2007), eq. 8."""
    acted = np.hstack([np.zeros((len(offsets), before)), np.arange(after) >= offsets[:, None]])
    n, T = acted.shape
    U, W = acted.sum(), (acted.sum(axis=0) ** 2).sum()
    V = (acted.sum(axis=1) ** 2).sum()
    below = (n * U - W) * moving + (U**2 + n * T * U - T * W - n * V) * lasting
    if not below > 0:
        return math.inf
    variance = n * moving * (moving + T * lasting) / below
    return detectable_effect(math.sqrt(variance), n - 2)


def _reason(needed: int, target: float, detectable: Sequence[float], *, at_once: bool) -> Text:
    size = number(target)
    if needed:
        shows = Text(
            f"An effect of {size.en} SD shows after {needed} periods with 80% chance.",
            f"Een effect van {size.nl} SD is na {needed} perioden met 80% kans te zien.",
        )
    else:
        best = number(detectable[-1])
        shows = Text(
            f"Even after {LONGEST} periods only an effect of {best.en} SD shows with 80% chance. Take more units.",
            f"Zelfs na {LONGEST} perioden is pas een effect van {best.nl} SD met 80% kans te zien. Neem meer teams.",
        )
    how = (
        Text(
            "All begin at once; units alike serve to compare with. Who begins was not decided by lot, so other "
            "differences may count as effect.",
            "Alle beginnen tegelijk; vergelijkbare teams dienen als vergelijking. Wie begint, is niet geloot: andere "
            "verschillen kunnen meetellen als effect.",
        )
        if at_once
        else Text(
            "The lot decides who begins first, so what differs later is due to the action.",
            "Het lot bepaalt wie het eerst begint. Wat later verschilt, komt dus door de actie.",
        )
    )
    return Text(f"{how.en} {shows.en}", f"{how.nl} {shows.nl}")
