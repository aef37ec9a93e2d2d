"""Scores that were told often enough: they stay as told last, until far more people answered or the period is over.

Each telling of a period draws new places for the cells of the sums that changed. Who knows all answers but one, as he
sent them himself or as all others told him theirs, can take out what he knows and lay many tellings over each other. So
a period is told anew a few times only, as long as about as many people answered.

Only counts decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import parent_construct
from bevlogen.core.measured import Measurement, Scores
from bevlogen.core.released import AnswerScale, Released
from bevlogen.core.tables import Workspace
from bevlogen.disclose.past import Past, past_of
from bevlogen.disclose.scales import answer_scales

BoolArray = NDArray[np.bool_]

MOST_TOLD = 4  # times, of about as many people; and as often again when the period is over
MORE = 1.5  # times as many people, or as few: no longer about as many
_NOBODY = 0.5
_SAME = 1e-6

Column = tuple[str, str]  # a construct, and a period


@dataclass(frozen=True, slots=True)
class Settled:
    """Scores as they may be told.

    Attributes
    ----------
    scores : m scores; respondents and means of settled periods as they were told last.
    closed : (m,) those that stay hidden, as they were when their period was told last.
    periods : in which something stays as it was told, though it is otherwise now.
    """

    scores: Scores
    closed: BoolArray
    periods: tuple[str, ...] = ()


def settled(
    workspace: Workspace, measurement: Measurement, released: Sequence[Released], past: Past | None = None
) -> Settled:
    """Put the scores of periods that were told often enough back to what was told last.

    Parameters
    ----------
    workspace : the tree of units, and scales.
    measurement : as measured now.
    released : oldest first.
    past : the same on the units of now, where it is known already.
    """
    scores = measurement.scores
    closed = np.zeros(len(scores.n), dtype=bool)
    ranges = answer_scales(workspace.organisation, measurement.scales)
    columns = _told_enough(workspace, scores, released, {name: of[0] for name, of in ranges.items()})
    if not columns:
        return Settled(scores, closed)
    past = past or past_of(released, workspace.units, ranges)
    place = past.places(scores.units)
    n, mean, otherwise = scores.n.copy(), scores.mean.copy(), set[str]()
    for construct, period in columns:
        c, t = scores.constructs.index(construct), scores.periods.index(period)
        rows = np.flatnonzero((scores.construct == c) & (scores.period == t))
        at = place[scores.unit[rows]]
        known, people = past.standing(construct, period), past.counted(construct, period)[at]
        low, high = (of[at, 0] for of in (known.low, known.high))
        shown = np.isfinite(low) & (known.n[at, 0] == people)
        total = n[rows] * mean[rows]
        moved = shown & ((total < low - _SAME) | (total > high + _SAME))
        if (moved | (np.abs(n[rows] - people) > _NOBODY)).any():
            otherwise.add(period)
        n[rows], closed[rows] = people, ~shown
        mean[rows[shown]] = ((low + high) / 2)[shown] / people[shown]
    periods = tuple(p for p in scores.periods if p in otherwise)
    return Settled(replace(scores, n=n, mean=mean), closed, periods)


def _told_enough(
    workspace: Workspace, scores: Scores, released: Sequence[Released], scales: Mapping[str, AnswerScale]
) -> list[Column]:
    """Construct and period of what is not told anew; a construct and its facets go together."""
    told: dict[Column, list[tuple[float, bool]]] = {}
    for r in released:
        for column, people in _people(r, dict(zip(r.units, r.parents, strict=True))).items():
            if r.scales.get(column[0]) == scales.get(column[0], ()):
                told.setdefault(column, []).append((people, column[1] == r.periods[-1]))
    here = _people(scores, {unit.key: unit.parent or "" for unit in workspace.units})
    enough = set()
    for column in here.keys() & told.keys():
        goes_on = column[1] == scores.periods[-1]
        alike = [1 for n, went_on in told[column] if goes_on >= went_on and 1 / MORE < n / here[column] < MORE]
        if len(alike) >= MOST_TOLD:
            enough.add((parent_construct(column[0]), column[1]))
    return [c for c in here if c in told and (parent_construct(c[0]), c[1]) in enough]


def _people(figures: Scores | Released, parents: Mapping[str, str]) -> dict[Column, float]:
    """Respondents of all tops together, by construct and period."""
    has_figures = {figures.units[u] for u in np.unique(figures.unit).tolist()}
    is_top = np.array([parents[key] not in has_figures for key in figures.units], dtype=bool)[figures.unit]
    code = figures.construct * len(figures.periods) + figures.period
    people = np.bincount(code, np.where(is_top, np.nan_to_num(figures.n), 0.0))
    found = divmod(np.flatnonzero(people), len(figures.periods))
    return {
        (figures.constructs[c], figures.periods[t]): float(people[c * len(figures.periods) + t])
        for c, t in zip(*(of.tolist() for of in found), strict=True)
    }
