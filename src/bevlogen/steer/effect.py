"""Did it work? For every action: its lever, engagement, customers and results, against what would have been."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import RIGHT_TO_EXIST, Text
from bevlogen.core.measured import Measurement, Panel
from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.results import EffectVerdict, Interval
from bevlogen.core.tables import Action, Organisation, Workspace
from bevlogen.steer import calendar, effect_words
from bevlogen.steer.compare import Contrast, Limits, contrast, periods_needed
from bevlogen.steer.levels import true_spread
from bevlogen.steer.reasons import TARGET_EFFECT

FloatArray = NDArray[np.float64]

LEVEL = 0.05
_CUSTOMERS = ("loyalty", "service_quality", "interaction_quality")
_RESULTS = (*RIGHT_TO_EXIST, "absence", "turnover")


@dataclass(frozen=True, slots=True)
class _Done:
    """An action over all units where it was done: by unit the position of its first period (may lie outside)."""

    lever: str
    what: str
    start: str
    first: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Judged:
    effect: OutcomeEffect
    found: Contrast
    sd: float
    needed: float


def effects(measurement: Measurement, workspace: Workspace) -> tuple[ActionEffect, ...]:
    """Did it work? Return what every action did, in order of start.

    Parameters
    ----------
    measurement : its panel of unit means and figures of record.
    workspace : actions, and the organisation for direction, grain and the smallest effect that matters.

    Notes
    -----
    Rows with the same lever and the same words are one action. Outcomes: the lever; engagement; loyalty (else service
    quality, else interaction quality); use, retention, acquisition, return, absence and turnover; those measured. All
    in SD of true unit scores (within period and service), turned to the wanted direction.

    Comparison units are those not acted upon by this action; from the start of any other action on they count no
    more, and neither do units acted upon from the start of a later other action on.

    Outcomes are tested along the chain: lever, engagement, customers, then results together. A step counts only if the
    one before it does, which keeps the chance of any false "worked" at 5% (fixed sequence; Holm among results).

    *Worked* needs both estimates (see ``compare.contrast``) on the good side with p < .05, and a placebo that is quiet;
    *backfired* the same on the other side; *no meaningful effect* 90% limits of both within the smallest effect that
    matters; *too early* that fewer periods passed than would show 0.2 SD with 80% chance. Else *undetermined*; so is
    one unit with a short series, where whatever else happened would count. The verdict on the action is the strongest
    of its outcomes.

    References
    ----------
    METHODS §3.9. Dmitrienko & Tamhane (2007), doi 10.1002/pst.291 (gatekeeping).
    """
    done = _grouped(workspace, measurement.panel.periods)
    return tuple(_action_effect(d, done, measurement.panel, workspace.organisation) for d in done)


def _grouped(workspace: Workspace, periods: tuple[str, ...]) -> list[_Done]:
    grain = workspace.organisation.grain
    groups: dict[tuple[str, str], list[Action]] = {}
    for action in workspace.actions:
        groups.setdefault((action.lever, " ".join(action.what.casefold().split())), []).append(action)
    out = []
    for (lever, _), rows in groups.items():
        first: dict[str, float] = {}
        for row in rows:
            label = calendar.label_of(row.start, grain)
            first[row.unit] = min(first.get(row.unit, math.inf), _place(label, periods))
        start = min(calendar.label_of(row.start, grain) for row in rows)
        out.append(_Done(lever, rows[0].what, start, first))
    return sorted(out, key=lambda d: (d.start, d.lever, d.what))


def _place(label: str, periods: tuple[str, ...]) -> float:
    """Position of the first measured period from ``label`` on; -1 before the first, the number of periods beyond."""
    if periods and label < periods[0]:
        return -1.0
    return float(sum(p < label for p in periods))


def _action_effect(done: _Done, others: Sequence[_Done], panel: Panel, organisation: Organisation) -> ActionEffect:
    first, notes = _starts(done, others, panel)
    judged = [_outcome(v, done, first, panel, organisation) for v in _outcomes(done.lever, panel)]
    settled = tuple(j.effect for j in _settle(judged, done, organisation))
    verdict = _overall(settled)
    reason = effect_words.action(verdict, settled, organisation)
    fingerprint = hashlib.sha256(f"{done.lever}\n{' '.join(done.what.casefold().split())}".encode()).hexdigest()[:12]
    return ActionEffect(
        fingerprint,
        done.lever,
        done.what,
        done.start,
        tuple(done.first),
        settled,
        verdict,
        reason.en,
        reason.nl,
        notes,
    )


def _outcomes(lever: str, panel: Panel) -> list[str]:
    customers = next((c for c in _CUSTOMERS if c in panel.variables), None)
    wanted = (lever, "engagement", customers, *_RESULTS)
    return [v for v in dict.fromkeys(wanted) if v is not None and v in panel.variables]


def _starts(done: _Done, others: Sequence[_Done], panel: Panel) -> tuple[FloatArray, tuple[Text, ...]]:
    """Return (J, 2): where this action starts (inf for none, NaN to leave out), and from where another one counts."""
    J, T = len(panel.units), len(panel.periods)
    first, other = np.full(J, np.inf), np.full(J, np.inf)
    begun_before = mixed = 0
    for j, unit in enumerate(panel.units):
        mine = done.first.get(unit, math.inf)
        rest = min((o.first[unit] for o in others if o is not done and unit in o.first), default=math.inf)
        other[j] = rest
        if math.isfinite(mine):
            first[j] = mine if 0 <= mine < T else (math.nan if mine < 0 else math.inf)
            begun_before += mine < 0
            # Another action at or before the start cannot be told from this one.
            mixed += rest <= mine < T
            other[j] = rest if rest > mine else math.inf
        if 0 <= mine < T and not _is_measured_around(panel, j, int(mine)):
            first[j] = math.nan
    gone = sum(
        1
        for u, p in done.first.items()
        if 0 <= p < T and (u not in panel.units or np.isnan(first[panel.units.index(u)]))
    )
    return np.column_stack([first, other]), effect_words.notes(int(begun_before), gone, int(mixed))


def _is_measured_around(panel: Panel, unit: int, start: int) -> bool:
    there = np.isfinite(panel.value[unit]).any(axis=1)
    return bool(start > 0 and there[:start].any() and there[start:].any())


def _outcome(variable: str, done: _Done, starts: FloatArray, panel: Panel, organisation: Organisation) -> _Judged:
    turn = 1.0 if organisation.construct(variable).higher_is_better else -1.0
    value = panel.column(variable)
    y = np.where(np.arange(value.shape[1]) < starts[:, 1][:, None], turn * value, np.nan)
    season = calendar.PER_YEAR[organisation.grain] if organisation.grain in ("month", "quarter") else None
    found = contrast(y, starts[:, 0], season=season)
    found = _told_why(found, done, starts[:, 0], len(panel.periods))
    sd = true_spread(value, panel.error_variance(variable), panel.services)
    if not sd > 0:
        known = value[np.isfinite(value)]
        sd = (float(known.std()) if len(known) else 0.0) or 1.0
    needed = periods_needed(y, np.where(_acted(done, panel), 0.0, np.inf), TARGET_EFFECT * sd)
    respondents = panel.n[:, :, panel.variables.index(variable)][_acted(done, panel)]
    counted = respondents[np.isfinite(respondents)]
    shown = found.given_history
    effect = OutcomeEffect(
        outcome=variable,
        method=found.method,
        estimate=_scaled(shown, 1 / sd),
        plain=_scaled(found.parallel, 1 / sd),
        raw=_turned(shown, turn),
        naive=found.naive / sd,
        chance=found.chance / sd,
        placebo=_scaled(found.placebo, 1 / sd),
        pretrend_p=found.pretrend_p,
        p_value=_p(found),
        mde=shown.mde / sd,
        n_acted=found.n_acted,
        n_compared=found.n_compared,
        n_before=found.n_before,
        n_after=found.n_after,
        n=float(counted.min()) if len(counted) else math.nan,
        verdict="undetermined",
        say_from="",
        reason="",
        reason_nl="",
    )
    return _Judged(effect, found, sd, needed)


def _acted(done: _Done, panel: Panel) -> NDArray[np.bool_]:
    return np.array([u in done.first for u in panel.units], dtype=bool)


def _told_why(found: Contrast, done: _Done, first: FloatArray, n_periods: int) -> Contrast:
    """Say why there is no estimate, where that lies in the action: begun outside the data, or in units not there then.

    An action whose units all began before the data has no before, whatever is measured later.
    """
    if all(p < 0 for p in done.first.values()):
        return replace(found, why="no-before")
    if all(p >= n_periods for p in done.first.values()):
        return replace(found, why="no-after")
    if found.method == "none" and not np.isfinite(first).any() and all(p < n_periods for p in done.first.values()):
        return replace(found, why="reorganised")
    return found


def _scaled(limits: Limits, by: float) -> Interval:
    return Interval(limits.estimate * by, limits.low * by, limits.high * by)


def _turned(limits: Limits, turn: float) -> Interval:
    low, high = sorted((turn * limits.low, turn * limits.high))
    return Interval(turn * limits.estimate, low, high)


def _p(found: Contrast) -> float:
    """Two-sided p: the larger of both estimates, 1 where they point to different sides; NaN without one."""
    own, plain = found.given_history, found.parallel
    if math.isnan(own.p_value) or (found.method == "interrupted" and not found.n_compared):
        return own.p_value
    if not own.estimate * plain.estimate > 0:
        return 1.0
    return max(own.p_value, plain.p_value) if math.isfinite(plain.p_value) else math.nan


def _settle(judged: Sequence[_Judged], done: _Done, organisation: Organisation) -> list[_Judged]:
    """Correct the p-values for all outcomes of the action and give each its verdict."""
    out = []
    for j, p_value in zip(judged, _adjusted([(j.effect.outcome, j.effect.p_value) for j in judged]), strict=True):
        effect = replace(j.effect, p_value=p_value)
        verdict, say_from = _verdict(effect, j, done, organisation)
        reason = effect_words.outcome(effect, verdict, say_from, j.found, organisation, j.needed)
        out.append(
            replace(
                j,
                effect=replace(effect, verdict=verdict, say_from=say_from, reason=reason.en, reason_nl=reason.nl),
            )
        )
    return out


def _adjusted(tested: Sequence[tuple[str, float]]) -> list[float]:
    """Return p-values adjusted along the chain: each step at most as sure as the one before; Holm among results."""
    results = [i for i, (variable, p) in enumerate(tested) if variable in _RESULTS and i and math.isfinite(p)]
    out, gate = [p for _, p in tested], 0.0
    for i, (_, p) in enumerate(tested):
        if i not in results and math.isfinite(p):
            gate = max(gate, p)
            out[i] = gate
    for rank, i in enumerate(sorted(results, key=lambda i: tested[i][1])):
        gate = max(gate, min(1.0, (len(results) - rank) * tested[i][1]))
        out[i] = gate
    return out


def _verdict(
    effect: OutcomeEffect, judged: _Judged, done: _Done, organisation: Organisation
) -> tuple[EffectVerdict, str]:
    found = judged.found
    say_from = _say_from(done, judged.needed, organisation)
    if found.method == "none":
        return ("too early", say_from) if found.why == "no-after" else ("undetermined", "")
    if effect.p_value < LEVEL and not is_stirred(effect) and not is_alone(effect):
        return ("worked" if effect.estimate.estimate > 0 else "backfired"), ""
    if _is_small(found, judged.sd * organisation.smallest_effect):
        return "no meaningful effect", ""
    if found.n_after < judged.needed < math.inf:
        return "too early", say_from
    return "undetermined", ""


def is_stirred(effect: OutcomeEffect) -> bool:
    """Whether these units were on another course already before the start."""
    return effect.placebo.low > 0 or effect.placebo.high < 0


def is_alone(effect: OutcomeEffect) -> bool:
    """Whether it rests on one unit and a short series, so that whatever else happened there counts as effect."""
    return effect.n_acted == 1 and effect.method != "interrupted"


def _is_small(found: Contrast, bound: float) -> bool:
    both = [found.given_history, *([found.parallel] if found.n_compared else [])]
    return all(limit.low90 > -bound and limit.high90 < bound for limit in both)


def _say_from(done: _Done, needed: float, organisation: Organisation) -> str:
    """The last of the periods needed, counted from the start."""
    return calendar.later(done.start, organisation.grain, int(needed if math.isfinite(needed) else 1) - 1)


def _overall(outcomes: Sequence[OutcomeEffect]) -> EffectVerdict:
    """One verdict on the action: the strongest that any outcome carries."""
    found = [e.verdict for e in outcomes]
    order: tuple[EffectVerdict, ...] = ("worked", "backfired", "too early", "undetermined", "no meaningful effect")
    return next((v for v in order if v in found), "undetermined")
