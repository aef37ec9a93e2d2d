"""Scores and figures of record through the gate: primary rules, then complement, then rounding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import parent_construct
from bevlogen.core.released import AnswerScale, Released
from bevlogen.core.results import Figures, Measurement, ScaleQuality, ShownResult, ShownScore, Suppressed
from bevlogen.core.tables import Unit, Workspace
from bevlogen.disclose import rounding
from bevlogen.disclose.complement import NOBODY, SAME_ANSWER, Ends, Protected, Tree, join, protect, tree
from bevlogen.disclose.narrowing import Block, withstand
from bevlogen.disclose.past import Past, past_of
from bevlogen.disclose.policy import is_public_result, is_public_score, least_respondents
from bevlogen.disclose.scales import Total, answer_scales, shown_scales
from bevlogen.disclose.scores import Precision, shown_scores
from bevlogen.disclose.threshold import SHOWN, primary_rules

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Rules = NDArray[np.object_]

# Decimals in which means agree in whatever order an engine adds: a tie must fall the same way each time.
_SAME = 9


@dataclass(frozen=True, slots=True)
class Passed:
    """What came through the gate, and what did not; ``public`` names the variables that were published before."""

    scores: tuple[ShownScore, ...]
    results: tuple[ShownResult, ...]
    scales: tuple[ScaleQuality, ...]
    suppressed: tuple[Suppressed, ...]
    public: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Figures of one kind, as the rules see them: labels that the codes index, and arrays of length m.

    By variable (p,): ``least``, the fewest respondents of a figure, and ``public``, whether it was published before.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    variables: tuple[str, ...]
    unit: IntArray
    period: IntArray
    variable: IntArray
    n: FloatArray
    mean: FloatArray
    sd: FloatArray
    all_equal: NDArray[np.bool_]
    response_rate: FloatArray
    least: IntArray
    public: NDArray[np.bool_]

    def key(self, row: int) -> tuple[str, str, str]:
        """Return unit, period and variable of a row."""
        return self.units[self.unit[row]], self.periods[self.period[row]], self.variables[self.variable[row]]


def judge(workspace: Workspace, measurement: Measurement, released: Sequence[Released] = ()) -> Passed:
    """Say of every score and figure of record whether it may be shown, and round those that may.

    Rows without a figure (nobody answered) are neither shown nor suppressed. ``released`` is what was shown before.
    """
    scores, figures = _score_cells(workspace, measurement), _figure_cells(workspace, measurement)
    ranges = answer_scales(workspace.organisation, measurement.scales)
    score_rules, totals = _rules(scores, workspace, ranges)
    figure_rules, _ = _rules(figures, workspace, {})
    protection = workspace.organisation.policy.protection
    past = past_of(released, workspace.units, ranges)
    mean, step = _withstand(scores, score_rules, workspace, ranges, past)
    width = np.array([ranges[v][0].width if v in ranges else math.nan for v in scores.variables])
    shown, public = score_rules == SHOWN, scores.public[scores.variable]
    passed = shown_scores(measurement.scores, Precision(shown, mean, step, width[scores.variable]), public, protection)
    return Passed(
        passed,
        tuple(
            ShownResult(*figures.key(row), rounding.significant(float(figures.mean[row])))
            for row in _rows_shown(figure_rules)
        ),
        shown_scales(workspace, measurement.scales, totals, passed),
        (
            *_suppressed(scores, score_rules, workspace.units),
            *_suppressed(figures, figure_rules, workspace.units),
        ),
        frozenset(v for c in (scores, figures) for v, public in zip(c.variables, c.public, strict=True) if public),
    )


def _score_cells(workspace: Workspace, measurement: Measurement) -> _Cells:
    scores = measurement.scores
    return _Cells(
        scores.units,
        scores.periods,
        scores.constructs,
        scores.unit,
        scores.period,
        scores.construct,
        scores.n,
        np.round(scores.mean, _SAME),
        np.where(scores.all_equal, 0.0, np.round(scores.sd, _SAME)),
        scores.all_equal,
        scores.response_rate,
        _least(scores.constructs, workspace),
        np.array([is_public_score(v, workspace) for v in scores.constructs], dtype=bool),
    )


def _figure_cells(workspace: Workspace, measurement: Measurement) -> _Cells:
    figures = measurement.figures
    unknown = np.full(len(figures.value), np.nan)
    return _Cells(
        figures.units,
        figures.periods,
        figures.measures,
        figures.unit,
        figures.period,
        figures.measure,
        _persons_behind(workspace, measurement.figures),
        figures.value,
        unknown,
        np.zeros(len(unknown), dtype=bool),
        unknown,
        _least(figures.measures, workspace),
        np.array([is_public_result(v, workspace) for v in figures.measures], dtype=bool),
    )


def _persons_behind(workspace: Workspace, figures: Figures) -> FloatArray:
    """Persons of the units that a figure really covers, (m,).

    A group's figure that was rolled up covers only the units below it that have one; to count the heads of the others
    too would make a remainder look larger than it is. A figure that was given for the group itself covers all of it.
    """
    units = _tree(figures.units, workspace.units)
    n_periods = len(figures.periods)
    column = figures.measure * n_periods + figures.period
    persons: FloatArray = np.full((len(figures.units), len(figures.measures) * n_periods), np.nan)
    persons[figures.unit, column] = figures.persons
    rolled_up = np.zeros(persons.shape, dtype=bool)
    rolled_up[figures.unit, column] = True
    for unit, period, measure in _given(workspace, figures):
        rolled_up[unit, measure * n_periods + period] = False
    has_figure = np.zeros(persons.shape, dtype=bool)
    has_figure[figures.unit, column] = True
    below = np.zeros(persons.shape)
    for unit in units.order:
        persons[unit] = np.where(rolled_up[unit], below[unit], persons[unit])
        if units.parent[unit] >= 0:
            below[units.parent[unit]] += np.where(has_figure[unit], persons[unit], 0.0)
    behind: FloatArray = persons[figures.unit, column]
    return behind


def _given(workspace: Workspace, figures: Figures) -> list[tuple[int, int, int]]:
    """Codes (unit, period, measure) in ``figures`` of the figures of record that came in as such."""
    if workspace.results is None:
        return []
    results = workspace.results
    rows = np.flatnonzero(~np.isnan(results.value) & ~(results.exposure <= 0))
    unit = {key: code for code, key in enumerate(figures.units)}
    period = {label: code for code, label in enumerate(figures.periods)}
    measure = {key: code for code, key in enumerate(figures.measures)}
    names = (
        (workspace.units[u].key, workspace.periods[t], results.variables[v])
        for u, t, v in zip(results.unit[rows], results.period[rows], results.variable[rows], strict=True)
    )
    return [(unit[u], period[t], measure[v]) for u, t, v in names if u in unit and t in period and v in measure]


def _least(variables: tuple[str, ...], workspace: Workspace) -> IntArray:
    organisation = workspace.organisation
    return np.array(
        [least_respondents(organisation.construct(v), organisation.policy) for v in variables], dtype=np.int64
    )


def _rules(
    cells: _Cells, workspace: Workspace, ranges: Mapping[str, tuple[AnswerScale, ...]]
) -> tuple[Rules, dict[str, Total]]:
    """Name the rule that hides each row, ``""`` where shown and None without a figure; and the total by variable."""
    public = cells.public[cells.variable]
    policy = workspace.organisation.policy
    ends = [_ends(ranges.get(v), policy.protection) for v in cells.variables]
    rules = primary_rules(
        cells.n,
        cells.least[cells.variable].astype(float),
        public,
        all_equal=cells.all_equal | _at_an_end(cells, ends),
        response_rate=cells.response_rate,
        min_response=policy.min_response,
    )
    rules[np.isnan(cells.mean)] = None
    units = _tree(cells.units, workspace.units)
    totals: dict[str, Total] = {}
    for rows in _families(cells, ~public & ~np.isnan(cells.mean)):
        for part, protected, n in _protect_family(cells, rows, rules, units, ends):
            shown = protected.shown[cells.unit[part]]
            rules[part[(rules[part] == SHOWN) & ~shown]] = "complement"
            name, k = cells.variables[cells.variable[part[0]]], int(cells.least[cells.variable[part[0]]])
            before = totals.get(name, Total(0.0, NOBODY))
            tops = float(np.nansum(n[np.asarray(units.parent) < 0]))
            totals[name] = Total(before.n + tops, join(before.left, protected.left, k))
    return rules, totals


def _ends(scales: tuple[AnswerScale, ...] | None, protection: float) -> Ends | None:
    return None if scales is None else Ends(scales[0].low, scales[0].high, protection * scales[0].width)


def _at_an_end(cells: _Cells, ends: list[Ends | None]) -> NDArray[np.bool_]:
    """Figures so near an end of the scale that each answer is known closer than the policy allows, (m,)."""
    low = np.array([-math.inf if e is None else e.low for e in ends])[cells.variable]
    high = np.array([math.inf if e is None else e.high for e in ends])[cells.variable]
    least = np.array([0.0 if e is None else e.least for e in ends])[cells.variable] * (1 - SAME_ANSWER)
    with np.errstate(invalid="ignore"):  # nobody, of a figure that has no ends
        below: NDArray[np.bool_] = cells.n * np.minimum(cells.mean - low, high - cells.mean) < least
    return below


def _withstand(
    cells: _Cells, rules: Rules, workspace: Workspace, ranges: Mapping[str, tuple[AnswerScale, ...]], past: Past
) -> tuple[FloatArray, FloatArray]:
    """Attack what the rules let pass; return mean as shown and step of each row, and name in ``rules`` what is hidden.

    Both are NaN where the scale is unknown.
    """
    protection = workspace.organisation.policy.protection
    units, keys = _tree(cells.units, workspace.units), cells.units
    mean, step = np.full(len(cells.n), np.nan), np.full(len(cells.n), np.nan)
    if past.keys:
        keys, units = past.keys, past.units
    where = {key: i for i, key in enumerate(keys)}
    place = np.array([where[key] for key in cells.units], dtype=np.int64)
    for whole in dict.fromkeys(parent_construct(v) for v in cells.variables):
        family = [c for c, v in enumerate(cells.variables) if parent_construct(v) == whole and v in ranges]
        private = [c for c in family if not cells.public[c]]
        parts = _facets(cells, private, workspace)
        blocks = [
            _block(cells, rules, c, place, units, ranges[cells.variables[c]], past, parts.get(c, {})) for c in private
        ]
        narrowed = withstand(units, blocks, protection) if blocks else None
        for c in family:
            rows = np.flatnonzero(cells.variable == c)
            if narrowed is not None and c in private:
                at = place[cells.unit[rows]], cells.period[rows]
                own = private.index(c)
                mean[rows], step[rows] = narrowed.means[own][at], narrowed.steps[own][at]
                rules[rows[narrowed.hidden[at] & (rules[rows] == SHOWN)]] = "complement"
            else:
                step[rows] = rounding.ladder(ranges[cells.variables[c]][0].width)[0]
                mean[rows] = rounding.to_steps(cells.mean[rows], step[rows])
    return mean, step


def _facets(cells: _Cells, private: list[int], workspace: Workspace) -> dict[int, dict[int, int]]:
    """Of a whole that is nothing but the mean of its facets, where these stand in ``private`` and which way they count.

    A whole with questions or given figures of its own is no such mean.
    """
    organisation = workspace.organisation
    asked = {i.construct for i in organisation.instruments}
    asked |= set(workspace.scores.variables) if workspace.scores is not None else set()
    turns = {
        place: 1 if organisation.construct(cells.variables[c]).higher_is_better else -1
        for place, c in enumerate(private)
        if "." in cells.variables[c]
    }
    return {c: turns for c in private if "." not in cells.variables[c] and cells.variables[c] not in asked and turns}


def _block(
    cells: _Cells,
    rules: Rules,
    variable: int,
    place: IntArray,
    units: Tree,
    scales: tuple[AnswerScale, ...],
    past: Past,
    facets: Mapping[int, int],
) -> Block:
    rows = np.flatnonzero(cells.variable == variable)
    at = place[cells.unit[rows]], cells.period[rows]
    shape = len(units.parent), len(cells.periods)
    n, mean, may_show, sd = np.zeros(shape), np.full(shape, np.nan), np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    sd[at] = cells.sd[rows]
    n[at], mean[at], may_show[at] = np.nan_to_num(cells.n[rows]), cells.mean[rows], rules[rows] == SHOWN
    below = np.zeros(shape)
    for unit in units.order:  # figures given for a group may count fewer than those below it: then they are hidden
        n[unit] = np.maximum(n[unit], below[unit])
        if units.parent[unit] >= 0:
            below[units.parent[unit]] += n[unit]
    name = cells.variables[variable]
    least, known, withheld = (
        int(cells.least[variable]),
        past.known(name, cells.periods),
        past.withheld(name, cells.periods, n),
    )
    return Block(n, mean, may_show, scales, least, past.told(name), known, withheld, sd, facets)


def _protect_family(
    cells: _Cells, rows: IntArray, rules: Rules, units: Tree, ends: list[Ends | None]
) -> list[tuple[IntArray, Protected, FloatArray]]:
    """Protect a construct and its facets in one period together: rows, what may be shown, and n, of each variable.

    The whole is the mean of its facets, so a facet that is hidden to protect another unit, or because all agree, would
    follow from the whole and the other facets. Such a unit is hidden for all of them, until nothing more is.
    """
    parts = [rows[cells.variable[rows] == code] for code in np.unique(cells.variable[rows])]
    parts.sort(key=lambda part: -float(np.nansum(cells.n[part])))
    barred = np.zeros(len(units.parent), dtype=bool)
    barred[cells.unit[rows[rules[rows] == "all-equal"]]] = True
    while True:
        before, found = barred.copy(), []
        for part in parts:
            protected, n = _protect(cells, part, rules, units, barred, ends)
            barred[cells.unit[part[(rules[part] == SHOWN) & ~protected.shown[cells.unit[part]]]]] = True
            found.append((part, protected, n))
        if len(parts) == 1 or (barred == before).all():
            return found


def _protect(
    cells: _Cells,
    rows: IntArray,
    rules: Rules,
    units: Tree,
    barred: NDArray[np.bool_],
    ends: list[Ends | None],
) -> tuple[Protected, FloatArray]:
    unit = cells.unit[rows]
    n, mean, sd = np.zeros(len(units.parent)), np.full(len(units.parent), np.nan), np.full(len(units.parent), np.nan)
    n[unit], mean[unit], sd[unit] = cells.n[rows], cells.mean[rows], cells.sd[rows]
    may_show = np.zeros(len(units.parent), dtype=bool)
    may_show[unit] = (rules[rows] == SHOWN) & ~barred[unit]
    variable = cells.variable[rows[0]]
    return protect(units, n, mean, sd, may_show, int(cells.least[variable]), ends[variable]), n


def _families(cells: _Cells, keep: NDArray[np.bool_]) -> list[IntArray]:
    """Rows of a construct and its facets in one period, for each such pair."""
    rows = np.flatnonzero(keep)
    if not len(rows):
        return []
    wholes = [parent_construct(v) for v in cells.variables]
    family = np.array([wholes.index(whole) for whole in wholes], dtype=np.int64)
    group = family[cells.variable[rows]] * len(cells.periods) + cells.period[rows]
    order = np.argsort(group, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(group[order])) + 1)


def _tree(labels: tuple[str, ...], units: tuple[Unit, ...]) -> Tree:
    above = {unit.key: unit.parent for unit in units}
    code = {label: i for i, label in enumerate(labels)}

    def nearest(parent: str | None) -> int:
        while parent is not None and parent not in code:
            parent = above[parent]
        return -1 if parent is None else code[parent]

    return tree([nearest(above[label]) for label in labels])


def _rows_shown(rules: Rules) -> list[int]:
    return [row for row, rule in enumerate(rules) if rule == SHOWN]


def _suppressed(cells: _Cells, rules: Rules, units: tuple[Unit, ...]) -> list[Suppressed]:
    above = {unit.key: unit.parent for unit in units}
    shown = {cells.key(row) for row in _rows_shown(rules)}

    def instead(unit: str, period: str, variable: str) -> str:
        group = above[unit]
        while group is not None and (group, period, variable) not in shown:
            group = above[group]
        return group or ""

    hidden = [row for row, rule in enumerate(rules) if rule not in (None, SHOWN)]
    return [Suppressed(*cells.key(row), rule=rules[row], instead=instead(*cells.key(row))) for row in hidden]
