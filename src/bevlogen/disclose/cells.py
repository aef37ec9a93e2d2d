"""Scores and figures of record through the gate: primary rules, then complement, then rounding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import parent_construct
from bevlogen.core.measured import Figures, Measurement, ScaleQuality
from bevlogen.core.released import RECORD, AnswerScale, Released
from bevlogen.core.shown import ShownResult, ShownScore, Suppressed
from bevlogen.core.tables import Unit, Workspace
from bevlogen.disclose import rounding
from bevlogen.disclose.complement import NOBODY, Protected, Tree, join, protect, tree
from bevlogen.disclose.exposure import Told
from bevlogen.disclose.ledger import Ledger
from bevlogen.disclose.narrowing import Block, rounded, says, shift_of
from bevlogen.disclose.past import Past, last_told, past_of
from bevlogen.disclose.policy import is_public_result, is_public_score, least_respondents, protection_of
from bevlogen.disclose.records import as_told, nothing_recorded
from bevlogen.disclose.scales import Total, answer_scales, shown_scales
from bevlogen.disclose.scores import Precision, shown_scores
from bevlogen.disclose.settled import settled
from bevlogen.disclose.threshold import SHOWN, primary_rules

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Rules = NDArray[np.object_]

# Decimals in which means agree in whatever order an engine adds: a tie must fall the same way each time.
_SAME = 9
_MOVED = 0.01  # of a figure of record: less is what rounding does
_EXACT = 1e6  # digits of a sum of answers and of a spread that every engine agrees on


@dataclass(frozen=True, slots=True)
class Passed:
    """What came through the gate, and what did not.

    ``public`` names the variables that were published before; ``stays`` says whether a figure of record has changed
    since it was told, and is shown as it was told; ``settled`` are the periods in which a score has and is.
    """

    scores: tuple[ShownScore, ...]
    results: tuple[ShownResult, ...]
    scales: tuple[ScaleQuality, ...]
    suppressed: tuple[Suppressed, ...]
    public: frozenset[str]
    stays: bool = False
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cells:
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
    all_equal: BoolArray
    response_rate: FloatArray
    least: IntArray
    public: BoolArray
    exposure: FloatArray
    kept_as: str = ""  # before a name in the ledger

    def key(self, row: int) -> tuple[str, str, str]:
        """Return unit, period and variable of a row."""
        return self.units[self.unit[row]], self.periods[self.period[row]], self.variables[self.variable[row]]


def judge(workspace: Workspace, measurement: Measurement, ledger: Ledger | None = None) -> Passed:
    """Say of every score and figure of record whether it may be shown, and round those that may.

    Rows without a figure (nobody answered) are neither shown nor suppressed. ``ledger`` is what was shown before and
    the key of this organisation; without one nothing was, and a key is drawn that nobody keeps.
    """
    ledger = ledger or Ledger()
    ranges = answer_scales(workspace.organisation, measurement.scales)
    past = past_of(ledger.released, workspace.units, ranges)
    stay = settled(workspace, measurement, ledger.released, past)
    measurement = replace(measurement, scores=stay.scores)
    scores, figures = _score_cells(workspace, measurement), figure_cells(workspace, measurement)
    score_rules, totals = _rules(scores, workspace, ranges, past)
    score_rules[stay.closed & (score_rules == SHOWN)] = "complement"
    figure_rules, _ = _rules(figures, workspace, {}, past)
    recorded, stays = _as_told(figures, figure_rules, workspace, ledger.released)
    mean, step, variance = _rounded(scores, score_rules, workspace, ranges, past, ledger.key)
    width = np.array([ranges[v][0].width if v in ranges else math.nan for v in scores.variables])
    shown, public = score_rules == SHOWN, scores.public[scores.variable]
    open_share = np.array([protection_of(v, workspace.organisation.policy) for v in scores.variables])
    precision = Precision(shown, mean, step, variance, width[scores.variable], open_share[scores.variable])
    passed = shown_scores(measurement.scores, precision, public)
    return Passed(
        passed,
        tuple(
            ShownResult(*figures.key(row), rounding.significant(float(recorded[row])))
            for row in _rows_shown(figure_rules)
        ),
        shown_scales(workspace, measurement.scales, totals, passed),
        (
            *_suppressed(scores, score_rules, workspace.units),
            *_suppressed(figures, figure_rules, workspace.units),
        ),
        frozenset(v for c in (scores, figures) for v, public in zip(c.variables, c.public, strict=True) if public),
        stays,
        stay.periods,
    )


def _score_cells(workspace: Workspace, measurement: Measurement) -> Cells:
    scores = measurement.scores
    return Cells(
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
        np.full(len(scores.n), np.nan),
    )


def figure_cells(workspace: Workspace, measurement: Measurement) -> Cells:
    """Figures of record as the rules see them."""
    figures = measurement.figures
    unknown = np.full(len(figures.value), np.nan)
    return Cells(
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
        _exposure_behind(workspace, figures),
        RECORD,
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


def _exposure_behind(workspace: Workspace, figures: Figures) -> FloatArray:
    """What a figure is counted over, of the unit with all below it that have one, (m,); NaN where there is nothing."""
    if workspace.results is None:
        return np.full(len(figures.value), np.nan)
    units, results = _tree(figures.units, workspace.units), workspace.results
    column = figures.measure * len(figures.periods) + figures.period
    exposure: FloatArray = np.full((len(figures.units), len(figures.measures) * len(figures.periods)), np.nan)
    rows = {
        (workspace.units[u].key, workspace.periods[t], results.variables[v]): row
        for row, (u, t, v) in enumerate(zip(results.unit, results.period, results.variable, strict=True))
    }
    for u, t, measure in _given(workspace, figures):
        row = rows[figures.units[u], figures.periods[t], figures.measures[measure]]
        exposure[u, measure * len(figures.periods) + t] = results.exposure[row]
    given, below = np.isfinite(exposure), np.full(exposure.shape, np.nan)
    for unit in units.order:
        exposure[unit] = np.where(given[unit], exposure[unit], below[unit])
        above = units.parent[unit]
        if above >= 0:
            some = np.isfinite(exposure[unit])
            below[above] = np.where(some, np.nan_to_num(below[above]) + exposure[unit], below[above])
    behind: FloatArray = exposure[figures.unit, column]
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
    cells: Cells, workspace: Workspace, ranges: Mapping[str, tuple[AnswerScale, ...]], past: Past
) -> tuple[Rules, dict[str, Total]]:
    """Name the rule that hides each row, ``""`` where shown and None without a figure; and the total by variable.

    Nothing but counts decides, where the scale is known: what is hidden tells nothing of the answers.
    """
    public = cells.public[cells.variable]
    policy = workspace.organisation.policy
    rules = primary_rules(
        cells.n,
        cells.least[cells.variable].astype(float),
        public,
        all_equal=cells.all_equal & ~np.isin(cells.variable, [c for c, v in enumerate(cells.variables) if v in ranges]),
        response_rate=cells.response_rate,
        min_response=policy.min_response,
    )
    rules[np.isnan(cells.mean)] = None
    for c, name in enumerate(cells.variables):
        if name in ranges and not cells.public[c]:
            rows = np.flatnonzero((cells.variable == c) & (rules == SHOWN))
            few = ~says(cells.n[rows], ranges[name][0], int(cells.least[c]), protection_of(name, policy))
            rules[rows[few]] = "threshold"
    units = _tree(cells.units, workspace.units)
    totals: dict[str, Total] = {}
    for rows in _families(cells, ~public & ~np.isnan(cells.mean)):
        for part, protected, n in _protect_family(cells, rows, rules, units, past):
            shown = protected.shown[cells.unit[part]]
            rules[part[(rules[part] == SHOWN) & ~shown]] = "complement"
            name, k = cells.variables[cells.variable[part[0]]], int(cells.least[cells.variable[part[0]]])
            before = totals.get(name, Total(0.0, NOBODY))
            tops = float(np.nansum(n[np.asarray(units.parent) < 0]))
            totals[name] = Total(before.n + tops, join(before.left, protected.left, k))
    return rules, totals


def _as_told(cells: Cells, rules: Rules, workspace: Workspace, released: Sequence[Released]) -> tuple[FloatArray, bool]:
    """Figures of record as they may be told, (m,), those on health as told before; and whether one differs.

    One on health of a unit that was not there when its period was told first is hidden: it may be a team that got
    another key, and what changed since would tell of whoever reported late.
    """
    out, units, shape = cells.mean.copy(), _tree(cells.units, workspace.units), (len(cells.units), len(cells.periods))
    differs = False
    for c, name in enumerate(cells.variables):
        if cells.public[c] or not workspace.organisation.construct(name).health:
            continue
        rows = np.flatnonzero(cells.variable == c)
        at = cells.unit[rows], cells.period[rows]
        now = nothing_recorded(*shape)
        may_show = np.zeros(shape, dtype=bool)
        now.n[at], now.value[at], now.exposure[at] = cells.n[rows], cells.mean[rows], cells.exposure[rows]
        may_show[at] = rules[rows] == SHOWN
        before, fresh = last_told(released, cells.kept_as + name, cells.units, cells.periods, units, now.n)
        kept = as_told(units, now, before, may_show, float(cells.least[c]), fresh)
        rules[rows[fresh[at] & may_show[at]]] = "complement"
        out[rows] = kept.value[at]
        moved = np.abs(kept.value - now.value) > np.abs(now.value) * _MOVED
        differs |= bool((kept.stays & moved).any())
    return out, differs


def _rounded(
    cells: Cells,
    rules: Rules,
    workspace: Workspace,
    ranges: Mapping[str, tuple[AnswerScale, ...]],
    past: Past,
    key: bytes,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Round what the rules let pass: mean as shown, step and the variance that this gives, of each row.

    Mean and step are NaN where the scale is unknown; the variance is 0 for what was public.
    """
    policy = workspace.organisation.policy
    units = _tree(cells.units, workspace.units)
    mean, step = np.full(len(cells.n), np.nan), np.full(len(cells.n), np.nan)
    variance = np.zeros(len(cells.n))
    place = past.places(cells.units)
    shifts = _shifts(cells, key)
    for whole in dict.fromkeys(parent_construct(v) for v in cells.variables):
        family = [c for c, v in enumerate(cells.variables) if parent_construct(v) == whole and v in ranges]
        private = [c for c in family if not cells.public[c]]
        parts = _facets(cells, private, workspace)
        blocks = [
            replace(
                _block(cells, rules, c, units, ranges[cells.variables[c]][0], past, place, shifts, parts.get(c, {})),
                protection=protection_of(cells.variables[c], policy),
            )
            for c in private
        ]
        found = rounded(units, blocks)
        for c in family:
            rows = np.flatnonzero(cells.variable == c)
            if c in private:
                at = cells.unit[rows], cells.period[rows]
                mean[rows], step[rows], variance[rows] = (of[at] for of in found[private.index(c)])
            else:
                step[rows] = rounding.ladder(ranges[cells.variables[c]][0].width)[0]
                mean[rows] = rounding.to_steps(cells.mean[rows], step[rows])
    return mean, step, variance


def _shifts(cells: Cells, key: bytes) -> FloatArray:
    """What nobody without the key knows of each row, from 0 to 1, (m,).

    The same wherever the same was answered: in each release, and whatever units are called and in whatever order.
    """
    sums = np.stack([cells.n, cells.mean * cells.n, cells.sd], axis=1)
    marks = np.rint(np.nan_to_num(sums) * _EXACT).astype(np.int64)
    out = np.full(len(cells.n), 0.5)
    rows = np.flatnonzero(np.isfinite(cells.mean))
    variables = [cells.variables[c] for c in cells.variable[rows].tolist()]
    out[rows] = [shift_of(key, v, marks[row].tobytes()) for v, row in zip(variables, rows.tolist(), strict=True)]
    return out


def _facets(cells: Cells, private: list[int], workspace: Workspace) -> dict[int, dict[int, int]]:
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
    cells: Cells,
    rules: Rules,
    variable: int,
    units: Tree,
    scale: AnswerScale,
    past: Past,
    place: IntArray,
    shifts: FloatArray,
    facets: Mapping[int, int],
) -> Block:
    rows = np.flatnonzero(cells.variable == variable)
    at = cells.unit[rows], cells.period[rows]
    shape = len(units.parent), len(cells.periods)
    n, mean, may_show = np.zeros(shape), np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    n[at], mean[at], may_show[at] = np.nan_to_num(cells.n[rows]), cells.mean[rows], rules[rows] == SHOWN
    below = np.zeros(shape)
    for unit in units.order:  # figures given for a group may count fewer than those below it: then they are hidden
        n[unit] = np.maximum(n[unit], below[unit])
        if units.parent[unit] >= 0:
            below[units.parent[unit]] += n[unit]
    name = cells.variables[variable]
    shift = np.full(shape, 0.5)
    shift[at] = shifts[rows]
    known = past.known(name, cells.periods)
    known = None if known is None else Told(known.n[place], known.low[place], known.high[place])
    return Block(n, mean, may_show, scale, int(cells.least[variable]), shift, known, facets)


def _protect_family(
    cells: Cells, rows: IntArray, rules: Rules, units: Tree, past: Past
) -> list[tuple[IntArray, Protected, FloatArray]]:
    """Protect a construct and its facets in one period together: rows, what may be shown, and n, of each variable.

    The whole is the mean of its facets, so a facet that is hidden to protect another unit would follow from the whole
    and the other facets. Such a unit is hidden for all of them, until nothing more is; so is one that would part people
    of whom an earlier release told together.
    """
    parts = [rows[cells.variable[rows] == code] for code in np.unique(cells.variable[rows])]
    parts.sort(key=lambda part: -float(np.nansum(cells.n[part])))
    barred = np.zeros(len(units.parent), dtype=bool)
    barred[cells.unit[rows[rules[rows] == "all-equal"]]] = True
    counts = [_counted(cells, part, units) for part in parts]
    for part, n in zip(parts, counts, strict=True):
        name, period = cells.variables[cells.variable[part[0]]], cells.periods[cells.period[part[0]]]
        parting = past.would_part(cells.kept_as + name, period, cells.units, units, np.nan_to_num(n))
        barred |= parting & _pass(rules, part, cells, units)
    while True:
        before, found = barred.copy(), []
        for part, n in zip(parts, counts, strict=True):
            may_show = _pass(rules, part, cells, units)
            protected = protect(units, n, may_show & ~barred, int(cells.least[cells.variable[part[0]]]))
            barred |= may_show & ~protected.shown
            found.append((part, protected, n))
        if len(parts) == 1 or (barred == before).all():
            return found


def _pass(rules: Rules, rows: IntArray, cells: Cells, units: Tree) -> BoolArray:
    """Units of which the rules so far let the figure pass, of one variable in one period, (u,)."""
    may_show = np.zeros(len(units.parent), dtype=bool)
    may_show[cells.unit[rows]] = rules[rows] == SHOWN
    return may_show


def _counted(cells: Cells, rows: IntArray, units: Tree) -> FloatArray:
    """Respondents of each unit, of one variable in one period, (u,)."""
    n = np.zeros(len(units.parent))
    n[cells.unit[rows]] = cells.n[rows]
    return n


def _families(cells: Cells, keep: BoolArray) -> list[IntArray]:
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


def _suppressed(cells: Cells, rules: Rules, units: tuple[Unit, ...]) -> list[Suppressed]:
    above = {unit.key: unit.parent for unit in units}
    shown = {cells.key(row) for row in _rows_shown(rules)}

    def instead(unit: str, period: str, variable: str) -> str:
        group = above[unit]
        while group is not None and (group, period, variable) not in shown:
            group = above[group]
        return group or ""

    hidden = [row for row, rule in enumerate(rules) if rule not in (None, SHOWN)]
    return [Suppressed(*cells.key(row), rule=rules[row], instead=instead(*cells.key(row))) for row in hidden]
