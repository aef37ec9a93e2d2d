"""The rules that are attacked: what they show of an organisation. Ours is the library's own gate."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.disclosure_organisations import (
    HIGH,
    LOW,
    BoolArray,
    FloatArray,
    IntArray,
    K,
    Organisation,
    rolled_up,
)
from bevlogen.core.judged import Chain
from bevlogen.core.measured import Figures, Measurement, Panel, ScaleQuality, Scores
from bevlogen.core.planned import Plan
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.shown import Release
from bevlogen.core.tables import Instrument, Policy, Unit, Workspace
from bevlogen.core.tables import Organisation as Settings
from bevlogen.disclose import ledger
from bevlogen.disclose.gate import release, told

CONSTRUCT = "engagement"
_NOWHERE = Provenance("benchmark", "0" * 64, 0)
_UNKNOWN = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Told:
    """Means shown in one release, on the units of a tree, each (u, t).

    Attributes
    ----------
    n, mean, step : respondents, the mean as shown (NaN: hidden), and the step to which it was rounded.
    variance : that rounding gives the mean, where the rule tells it.
    of_rest : these are about what is left of each unit after the largest units inside it that are shown.
    """

    parent: IntArray
    n: FloatArray
    mean: FloatArray
    step: FloatArray
    of_rest: bool = False
    variance: FloatArray | None = None


def by_threshold(org: Organisation, k: int, suppression: int) -> tuple[Told, ...]:
    """Show from k respondents; hide a group in which so many or fewer, but some, stay hidden below."""
    n, total, _ = rolled_up(org, org.parent)
    hidden = n < k
    for unit in reversed(range(len(org.parent))):
        below = np.flatnonzero(org.parent == unit)
        if len(below):
            left = n[unit] - np.where(hidden[below], 0, n[below]).sum(axis=0)
            hidden[unit] |= (left > 0) & (left <= suppression)
    return _rounded(org, n, total, hidden)


def by_siblings(org: Organisation) -> tuple[Told, ...]:
    """Show from five respondents; where one unit of a group is hidden alone, hide its smallest sibling too."""
    n, total, _ = rolled_up(org, org.parent)
    hidden = n < K
    for unit in range(len(org.parent)):
        below = np.flatnonzero(org.parent == unit)
        for wave in range(n.shape[1]):
            alone = hidden[below, wave] & (n[below, wave] > 0)
            others = below[~hidden[below, wave]]
            if alone.sum() == 1 and len(others):
                hidden[others[np.argmin(n[others, wave])], wave] = True
    return _rounded(org, n, total, hidden)


def _rounded(org: Organisation, n: FloatArray, total: FloatArray, hidden: BoolArray) -> tuple[Told, ...]:
    exact = total / np.maximum(n, 1)
    mean = np.where(hidden | (n == 0), np.nan, np.round((exact - LOW) / org.step) * org.step + LOW)
    return (Told(org.parent, n, mean, np.full(n.shape, org.step)),)


def by_us(org: Organisation) -> tuple[Told, ...]:
    """Show what the library releases: at once, or the first waves before the others, with a ledger in between."""
    waves = org.team.shape[1]
    kept = ledger.Ledger(key=hashlib.sha256(org.answer.tobytes()).digest())
    out = []
    if org.first:
        made = _measured(org, org.before, org.first)
        shown = release(*made, _NO_CHAIN, _NO_PLAN, ledger=kept)
        told_now = told(*made, shown, "2026-01-01T00:00:00+00:00")
        kept = ledger.entered(kept, told_now, ledger.Rules(K, made[0].organisation.policy.protection))
        out.append(_seen(org, org.before, shown, org.first))
    made = _measured(org, org.parent, waves)
    out.append(_seen(org, org.parent, release(*made, _NO_CHAIN, _NO_PLAN, ledger=kept), waves))
    return tuple(out)


_NO_CHAIN = Chain((), (), _NOWHERE)
_NO_PLAN = Plan((), (), math.nan, "No moves.", "Geen stappen.", _NOWHERE)


def _seen(org: Organisation, parent: IntArray, shown: Release, waves: int) -> Told:
    n = rolled_up(org, parent)[0][:, :waves]
    mean, step, variance = (np.full(n.shape, np.nan) for _ in range(3))
    for score in shown.scores:
        at = int(score.unit[1:]), int(score.period) - 2001
        mean[at], step[at], variance[at] = score.mean, score.step, score.rounded
    return Told(parent, n, mean, step, variance=variance)


def by_us_known(org: Organisation) -> tuple[Told, ...]:
    """Show the same to one who knows the rule: the figure of a group is a sum of parts, each rounded by itself.

    The shifts of the cells are a secret of the organisation; all else of the rule follows from counts, which he knows.
    """
    return tuple(part for told in by_us(org) for part in (told, _of_rest(told)))


def _of_rest(told: Told) -> Told:
    """What is known of the rest of each group: its middle and width are those of the group less those of its parts."""
    shown = np.isfinite(told.mean)
    sums, wide = np.where(shown, told.n * told.mean, 0.0), np.where(shown, told.n * told.step, 0.0)
    left = [told.n.copy(), sums.copy(), wide.copy()]
    for unit in range(len(told.parent)):
        for wave in np.flatnonzero(shown[unit]).tolist():
            above = int(told.parent[unit])
            while above >= 0 and not shown[above, wave]:
                above = int(told.parent[above])
            if above >= 0:
                for part, whole in zip(left, (told.n, sums, wide), strict=True):
                    part[above, wave] -= whole[unit, wave]
    n = np.where(shown, left[0], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Told(told.parent, n, np.where(n > 0, left[1] / n, np.nan), np.where(n > 0, left[2] / n, np.nan), True)


def _measured(org: Organisation, parent: IntArray, waves: int) -> tuple[Workspace, Measurement]:
    """What the rooms before the gate make of these answers to one question."""
    n, total, squares = (a[:, :waves] for a in rolled_up(org, parent))
    unit, period = np.nonzero(n)
    count = n[unit, period]
    mean = total[unit, period] / count
    inner = np.maximum(squares[unit, period] - count * mean**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.where(count > 1, np.sqrt(inner / (count - 1)), np.nan)
    keys, periods = tuple(f"u{i}" for i in range(len(parent))), tuple(str(2001 + t) for t in range(waves))
    blank = np.full(len(unit), np.nan)
    scores = Scores(
        keys, periods, (CONSTRUCT,), unit, period, np.zeros(len(unit), dtype=np.int64), count, mean, sd,
        blank, blank, mean, mean - 0.2, mean + 0.2, blank, inner < 1e-9,
    )  # fmt: skip
    everyone = float(n[0].sum()), float(total[0].sum())
    spread = math.sqrt(max(squares[0].sum() / everyone[0] - (everyone[1] / everyone[0]) ** 2, 0.0))
    quality = ScaleQuality(
        CONSTRUCT, 1, everyone[0], len(keys), waves, everyone[1] / everyone[0], spread, LOW, HIGH,
        _UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN, math.nan,
    )  # fmt: skip
    asked = Instrument(CONSTRUCT, ("q1",), frozenset(), LOW, HIGH, HIGH - LOW + 1, 1, "answers", "employees")
    sides = {CONSTRUCT: frozenset({"employees"})}
    settings = Settings("Random", "en", "year", True, "", Policy(), (asked,), {}, (), 0.1, sides)
    units = tuple(Unit(k, k, None if p < 0 else f"u{p}") for k, p in zip(keys, parent.tolist(), strict=True))
    none = np.zeros(0, dtype=np.int64)
    figures = Figures((), (), (), none, none, none, np.zeros(0), np.zeros(0))
    panel = Panel(keys, ("",) * len(keys), periods, (), *(np.zeros((len(keys), waves, 0)),) * 3)
    workspace = Workspace(settings, units, periods, (), None, None, (), "0" * 64)
    return workspace, Measurement(scores, figures, (quality,), panel, _NOWHERE)


RULES: dict[str, Callable[[Organisation], tuple[Told, ...]]] = {
    "ours": by_us,
    "ours, to one who knows the rule": by_us_known,
    "from 5": lambda org: by_threshold(org, K, 0),
    "from 5, suppression 1": lambda org: by_threshold(org, K, 1),
    "from 5, suppression 2": lambda org: by_threshold(org, K, 2),
    "from 5, one sibling": by_siblings,
    "from 10": lambda org: by_threshold(org, 10, 0),
}
