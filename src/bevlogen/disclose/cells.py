"""Scores and figures of record through the gate: primary rules, then complement, then rounding."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import parent_construct
from bevlogen.core.results import Figures, Measurement, ScaleQuality, ShownResult, ShownScore, Suppressed
from bevlogen.core.tables import Unit, Workspace
from bevlogen.disclose import rounding
from bevlogen.disclose.complement import NOBODY, Protected, Tree, join, protect, tree
from bevlogen.disclose.policy import is_public_result, is_public_score, least_respondents
from bevlogen.disclose.scales import Total, shown_scales
from bevlogen.disclose.threshold import SHOWN, primary_rules

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Rules = NDArray[np.object_]


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


def judge(workspace: Workspace, measurement: Measurement) -> Passed:
    """Say of every score and figure of record whether it may be shown, and round those that may.

    Rows without a figure (nobody answered) are neither shown nor suppressed.
    """
    scores, figures = _score_cells(workspace, measurement), _figure_cells(workspace, measurement)
    score_rules, totals = _rules(scores, workspace)
    figure_rules, _ = _rules(figures, workspace)
    return Passed(
        _shown_scores(measurement, scores, score_rules),
        tuple(
            ShownResult(*figures.key(row), rounding.significant(float(figures.mean[row])))
            for row in _rows_shown(figure_rules)
        ),
        shown_scales(workspace, measurement.scales, totals),
        (*_suppressed(scores, score_rules), *_suppressed(figures, figure_rules)),
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
        scores.mean,
        np.where(scores.all_equal, 0.0, scores.sd),
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


def _rules(cells: _Cells, workspace: Workspace) -> tuple[Rules, dict[str, Total]]:
    """Name the rule that hides each row, ``""`` where shown and None without a figure; and the total by variable."""
    public = cells.public[cells.variable]
    rules = primary_rules(
        cells.n,
        cells.least[cells.variable].astype(float),
        public,
        all_equal=cells.all_equal,
        response_rate=cells.response_rate,
        min_response=workspace.organisation.policy.min_response,
    )
    rules[np.isnan(cells.mean)] = None
    units = _tree(cells.units, workspace.units)
    totals: dict[str, Total] = {}
    for rows in _families(cells, ~public & ~np.isnan(cells.mean)):
        for part, protected, n in _protect_family(cells, rows, rules, units):
            shown = protected.shown[cells.unit[part]]
            rules[part[(rules[part] == SHOWN) & ~shown]] = "complement"
            name, k = cells.variables[cells.variable[part[0]]], int(cells.least[cells.variable[part[0]]])
            before = totals.get(name, Total(0.0, NOBODY))
            tops = float(np.nansum(n[np.asarray(units.parent) < 0]))
            totals[name] = Total(before.n + tops, join(before.left, protected.left, k))
    return rules, totals


def _protect_family(
    cells: _Cells, rows: IntArray, rules: Rules, units: Tree
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
            protected, n = _protect(cells, part, rules, units, barred)
            barred[cells.unit[part[(rules[part] == SHOWN) & ~protected.shown[cells.unit[part]]]]] = True
            found.append((part, protected, n))
        if len(parts) == 1 or (barred == before).all():
            return found


def _protect(
    cells: _Cells, rows: IntArray, rules: Rules, units: Tree, barred: NDArray[np.bool_]
) -> tuple[Protected, FloatArray]:
    unit = cells.unit[rows]
    n, mean, sd = np.zeros(len(units.parent)), np.full(len(units.parent), np.nan), np.full(len(units.parent), np.nan)
    n[unit], mean[unit], sd[unit] = cells.n[rows], cells.mean[rows], cells.sd[rows]
    may_show = np.zeros(len(units.parent), dtype=bool)
    may_show[unit] = (rules[rows] == SHOWN) & ~barred[unit]
    return protect(units, n, mean, sd, may_show, int(cells.least[cells.variable[rows[0]]])), n


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


def _shown_scores(measurement: Measurement, cells: _Cells, rules: Rules) -> tuple[ShownScore, ...]:
    scores = measurement.scores
    ranges = {scale.construct: scale.scale_high - scale.scale_low for scale in measurement.scales}
    out = []
    for row in _rows_shown(rules):
        key = cells.key(row)
        n, public = float(cells.n[row]), bool(cells.public[cells.variable[row]])
        step = rounding.score_step(ranges.get(key[2], math.nan), n, public=public)
        mean, shrunken, low, high = (
            rounding.to_step(float(values[row]), step)
            for values in (scores.mean, scores.shrunken, scores.shrunken_low, scores.shrunken_high)
        )
        reliability = rounding.decimals(float(scores.reliability[row]), 2)
        out.append(ShownScore(*key, n, mean, shrunken, low, high, reliability))
    return tuple(out)


def _rows_shown(rules: Rules) -> list[int]:
    return [row for row, rule in enumerate(rules) if rule == SHOWN]


def _suppressed(cells: _Cells, rules: Rules) -> list[Suppressed]:
    hidden = [row for row, rule in enumerate(rules) if rule not in (None, SHOWN)]
    return [Suppressed(*cells.key(row), rule=rules[row]) for row in hidden]
