"""Figures of units as rows: the map's table, the right to exist, the first moves and the levels of all units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core import numerals
from bevlogen.core.chain import CONSTRUCTS, RIGHT_TO_EXIST, parent_construct
from bevlogen.core.foreseen import Outlook
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.periods import in_words
from bevlogen.core.planned import Move, Position
from bevlogen.core.results import Interval, Rule
from bevlogen.core.shown import ShownUnit
from bevlogen.show.charts import gain_bar, line_chart
from bevlogen.show.figure import sparkline, symmetric_reach, tag
from bevlogen.show.unitmap import placed
from bevlogen.show.view import View
from bevlogen.show.wording import BASES, DESIGNS, RULE_SIGNS, RULES, joined

MOST_ROWS = 40
MOST_NAMES = 8
_CORNERS = {
    (True, True): "both_strong",
    (False, True): "service_strong",
    (True, False): "employership_strong",
    (False, False): "both_lag",
}
_GOOD_ICC2, _LEAST_ICC2 = 0.70, 0.50  # METHODS §4: refuse below .50


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A unit of the map as text."""

    key: str
    unit: str
    employership: str
    employership_span: str
    service: str
    service_span: str
    trend_employership: str
    trend_service: str
    norm: str
    peers: str
    n: str


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A part of the organisation with one figure of record."""

    name: str
    spark: Markup
    latest: str
    change: str


@dataclass(frozen=True, slots=True)
class ExistCard:
    """One figure of the right to exist; ``ahead`` is period, 10%, 50% and 90% of its outlook.

    ``is_apart``: the outlook begins far from the course, as where large teams weigh more in the figure of the whole
    than in the mean over teams.
    """

    key: str
    name: str
    latest: str
    unit: str
    period: str
    change: str
    change_in: str
    lower_is_better: bool
    chart: Markup
    branches: tuple[BranchRow, ...]
    course: tuple[tuple[str, str], ...]
    outlook: str
    ahead: tuple[tuple[str, str, str, str], ...]
    is_apart: bool


@dataclass(frozen=True, slots=True)
class MoveCard:
    """One first move."""

    unit: str
    lever: str
    outcome: str
    level: str
    target: str
    basis: str
    gain: str
    span: str
    chance: str
    design: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of the levels table: text, respondents, sign against the whole, or the rule that hides it.

    ``value`` is the figure that the text writes; NaN where there is none to see.
    """

    kind: str
    text: str
    n: str = ""
    spoken: str = ""
    value: float = math.nan


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One unit of the levels table."""

    name: str
    depth: int
    is_group: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LevelTable:
    """The levels of a branch; ``title`` is "" for the table that stands open."""

    title: str
    rows: tuple[LevelRow, ...]


@dataclass(frozen=True, slots=True)
class QualityRow:
    """Quality of one scale as text."""

    name: str
    items: str
    alpha: str
    omega: str
    icc1: str
    icc2: str
    icc2_span: str
    rwg_j: str
    fit: str


def position_rows(view: View) -> tuple[PositionRow, ...]:
    """Every position, the strongest service first."""
    ordered = sorted(
        view.release.positions, key=lambda p: -p.service.estimate if math.isfinite(p.service.estimate) else math.inf
    )
    return tuple(_position(view, p) for p in ordered)


def _position(view: View, position: Position) -> PositionRow:
    norm = position.against_norm
    return PositionRow(
        position.unit,
        view.name(position.unit),
        *_place(view, position.employership),
        *_place(view, position.service),
        _trend(view, position.trend_employership),
        _trend(view, position.trend_service),
        f"{view.number(norm * 100, 0)}%" if math.isfinite(norm) else "–",
        view.name(position.peers) if position.peers else view.say("all_peers"),
        view.number(position.n, 0),
    )


def _place(view: View, axis: Interval) -> tuple[str, str]:
    """A place on one axis and its interval; positions are released to 0.1 SD at most, so no second decimal."""
    return view.number(axis.estimate, 1, signed=True), view.span(axis.low, axis.high, 1)


def _trend(view: View, trend: Interval) -> str:
    """Change per year with its interval; a dash where there is one wave."""
    if not math.isfinite(trend.estimate):
        return "–"
    change, span = _place(view, trend)
    return f"{change} ({span})" if math.isfinite(trend.low) else change


def clear_corners(view: View) -> tuple[tuple[str, str], ...]:
    """Per corner of the map the units that lie in it beyond doubt on both sides, the farthest first."""
    if not has_intervals(view):
        return ()
    corners: dict[str, list[tuple[float, str]]] = {key: [] for key in _CORNERS.values()}
    for p in placed(view):
        right, high = _side(p.employership), _side(p.service)
        if right and high:
            far = abs(p.employership.estimate) + abs(p.service.estimate)
            corners[_CORNERS[right > 0, high > 0]].append((-far, view.name(p.unit)))
    return tuple((view.say(key), _named(view, [name for _, name in sorted(found)])) for key, found in corners.items())


def has_intervals(view: View) -> bool:
    """Whether any position on the map says how exact it is."""
    return any(math.isfinite(p.service.low) or math.isfinite(p.employership.low) for p in placed(view))


def _side(interval: Interval) -> int:
    """1 or -1 for an interval wholly above or below zero, else 0."""
    return int(interval.low > 0) - int(interval.high < 0)


def _named(view: View, names: list[str]) -> str:
    """Write names, at most a handful of them."""
    if len(names) > MOST_NAMES:
        names = [*names[:MOST_NAMES], view.say("more_units", n=len(names) - MOST_NAMES)]
    return joined(names, view.language) or view.say("none_clear")


def off_the_map(view: View) -> tuple[str, ...]:
    """Units at the ends of the tree without a place on the map, each with the rule that hides it."""
    shown = {p.unit for p in placed(view)}
    rules: dict[str, Rule] = {}
    for (key, _), by_period in view.hidden.items():
        rules.setdefault(key, list(by_period.values())[-1])
    ends = [u for u in view.release.units if u.key not in shown | view.children.keys() | {view.release.root}]
    return tuple(_off_the_map(view, unit, rules.get(unit.key)) for unit in ends)


def _off_the_map(view: View, unit: ShownUnit, rule: Rule | None) -> str:
    if rule is None:
        return view.say("hidden_plain", unit=unit.name, rule=view.say("incomplete"))
    if unit.parent is None:
        return view.say("hidden_plain", unit=unit.name, rule=rule_text(view, rule))
    return view.say("hidden_see_group", unit=unit.name, rule=rule_text(view, rule), group=view.name(unit.parent))


def rule_text(view: View, rule: Rule) -> str:
    """A disclosure rule in words."""
    return RULES[rule].in_(view.language).format(k=view.release.k)


def exist_cards(view: View) -> tuple[ExistCard, ...]:
    """One card per figure of the right to exist, in the order of the theory; then what else has a target."""
    variables = dict.fromkeys(v for key in RIGHT_TO_EXIST for v in view.variables_of(key))
    variables |= dict.fromkeys(o.measure for o in view.release.outlooks)
    return tuple(_exist(view, variable, i) for i, variable in enumerate(variables))


def exist_absent(view: View) -> list[str]:
    """Names of the parts of the right to exist without any figure."""
    return [CONSTRUCTS[key].label.in_(view.language) for key in RIGHT_TO_EXIST if not view.variables_of(key)]


def _exist(view: View, variable: str, index: int) -> ExistCard:
    root = view.release.root
    latest = view.latest(root, variable)
    construct = view.release.constructs.get(variable) or CONSTRUCTS[parent_construct(variable)]
    branches = [u for u in view.release.units if u.level == 1 and view.latest(u.key, variable) is not None]
    course = zip(view.release.periods, view.series(root, variable), strict=True)
    outlook = next((o for o in view.release.outlooks if o.measure == variable), None)
    return ExistCard(
        variable,
        view.label(variable),
        "" if latest is None else view.figure(variable, latest[1]),
        view.unit_of(variable),
        "" if latest is None else view.period(latest[0]),
        _change_sentence(view, root, variable),
        view.change_in(variable),
        not construct.higher_is_better,
        line_chart(view, variable, f"exist-{index}"),
        tuple(_branch(view, u.key, variable) for u in branches) if len(branches) <= MOST_ROWS else (),
        tuple((view.period(p), view.figure(variable, v)) for p, v in course if math.isfinite(v)),
        "" if outlook is None else _outlook_sentence(view, outlook),
        () if outlook is None else _ahead(view, outlook),
        outlook is not None and latest is not None and _is_apart(outlook, latest[1]),
    )


def _is_apart(outlook: Outlook, latest: float) -> bool:
    """Whether an outlook begins further from the latest figure of the whole than it is uncertain itself."""
    low, _, middle, _, high = outlook.bands
    begins = outlook.now if math.isfinite(outlook.now) else middle[0]
    return 2 * abs(begins - latest) > high[0] - low[0]


def _ahead(view: View, outlook: Outlook) -> tuple[tuple[str, str, str, str], ...]:
    def said(value: float) -> str:
        return view.figure(outlook.measure, value)

    low, _, middle, _, high = outlook.bands
    return tuple(
        (view.period(p), said(a), said(b), said(c))
        for p, a, b, c in zip(outlook.periods, low, middle, high, strict=True)
    )


def _outlook_sentence(view: View, outlook: Outlook) -> str:
    """Where it will lie a year from now, and what the outlook says of its target and of itself."""
    _, low, _, high = _ahead(view, outlook)[-1]
    period = in_words(outlook.periods[-1]).in_(view.language)
    now = view.figure(outlook.measure, outlook.now)
    said = view.say("outlook_band", period=period, low=low, high=high, n=outlook.n_units, now=now)
    return f"{said} {outlook.reason.in_(view.language)}"


def _change_sentence(view: View, unit: str, variable: str) -> str:
    before = view.year_before(unit, variable)
    if before is None:
        return view.say("no_year_before")
    return view.say(
        "change_year",
        change=f"{view.change(unit, variable)} {view.change_in(variable)}".strip(),
        period=view.period(before[0]),
    )


def _branch(view: View, unit: str, variable: str) -> BranchRow:
    latest = view.latest(unit, variable)
    spark = sparkline(view.series(unit, variable)[-12:], 70, 20)
    drawn = tag("svg", spark, viewBox="0 0 70 20", width=70, height=20, aria_hidden="true", class_="sparkline")
    return BranchRow(
        view.name(unit),
        drawn if spark else Markup(""),
        "–" if latest is None else view.figure(variable, latest[1]),
        view.change(unit, variable) or "–",
    )


def move_cards(view: View) -> tuple[MoveCard, ...]:
    """First moves in the order of the plan."""
    moves = view.release.moves
    reach = symmetric_reach(
        [v for m in moves for v in (m.gain.estimate, m.gain.high)], 3 * view.release.smallest_effect, 3.0
    )
    return tuple(move_card(view, move, reach, f"gain-{i}") for i, move in enumerate(moves))


def move_card(view: View, move: Move, reach: float, ident: str) -> MoveCard:
    """One first move, its bar drawn on an axis that goes up to ``reach`` SD."""
    return MoveCard(
        view.name(move.unit),
        view.label(move.lever),
        view.label(move.outcome),
        _level(view, move.lever, move.level),
        _level(view, move.lever, move.target),
        BASES[move.target_basis].in_(view.language),
        view.effect(move.gain.estimate),
        view.span(move.gain.low, move.gain.high),
        view.chance(move.probability),
        DESIGNS[move.design].in_(view.language),
        gain_bar(view, move, reach, ident),
    )


def _level(view: View, variable: str, value: float) -> str:
    """A level of a lever; a target is no released figure, so it is written with at most two decimals."""
    if variable in view.release.measures_share:
        return view.figure(variable, value)
    return view.number(value, min(2, max(1, numerals.decimals_of((value,)))))


def level_columns(view: View) -> list[str]:
    """Variables of the levels table: scores in the order of the theory, then figures of record."""
    order = list(CONSTRUCTS)
    known = [v for v in view.decimals if v in view.release.constructs or parent_construct(v) in CONSTRUCTS]
    return sorted(
        known, key=lambda v: (order.index(p) if (p := parent_construct(v)) in order else len(order), "." in v, v)
    )


def level_tables(view: View, columns: list[str]) -> tuple[LevelTable, ...]:
    """Levels by the tree: one open table, and closed ones per branch where there are many units."""
    keys = _tree_order(view)
    if len(keys) <= MOST_ROWS:
        return (LevelTable("", _level_rows(view, keys, columns)),)
    tops = [key for key in keys if view.units[key].level <= 1]
    if len(tops) <= MOST_ROWS:
        branches = [key for key in tops if view.units[key].level == 1 and key in view.children]
        return (LevelTable("", _level_rows(view, tops, columns)), *(_branch_table(view, b, columns) for b in branches))
    whole = [key for key in keys if key == view.release.root]
    rest = [key for key in keys if key != view.release.root]
    below = LevelTable(view.say("all_units", n=len(rest)), _level_rows(view, rest, columns))
    return (LevelTable("", _level_rows(view, whole, columns)), below) if whole else (below,)


def level_rows(view: View, columns: list[str]) -> tuple[LevelRow, ...]:
    """Every unit in one table, by the tree."""
    return _level_rows(view, _tree_order(view), columns)


def _branch_table(view: View, branch: str, columns: list[str]) -> LevelTable:
    keys = _tree_order(view, branch)
    title = view.say("group_of", name=view.name(branch), n=len(keys) - 1)
    return LevelTable(title, _level_rows(view, keys, columns))


def _tree_order(view: View, top: str | None = None) -> list[str]:
    """Keys from the top down, each group followed by its own units."""
    waiting = [top] if top is not None else [u.key for u in reversed(view.release.units) if u.parent not in view.units]
    out = []
    while waiting:
        key = waiting.pop()
        out.append(key)
        waiting.extend(reversed(view.children.get(key, [])))
    return out


def _level_rows(view: View, keys: list[str], columns: list[str]) -> tuple[LevelRow, ...]:
    return tuple(
        LevelRow(view.name(k), view.units[k].level, k in view.children, tuple(_cell(view, k, c) for c in columns))
        for k in keys
    )


def _cell(view: View, unit: str, variable: str) -> Cell:
    """Latest figure of a unit: hidden wins over older shown ones, so that nothing stale stands in its place."""
    hidden = view.hidden.get((unit, variable), {})
    scores, results = view.scores.get((unit, variable), {}), view.results.get((unit, variable), {})
    last = next((p for p in reversed(view.release.periods) if p in hidden or p in scores or p in results), None)
    if last is None:
        return Cell("empty", "")
    if last in hidden:
        return Cell("hidden", RULE_SIGNS[hidden[last]], spoken=rule_text(view, hidden[last]))
    if last in results:
        return Cell("plain", view.figure(variable, results[last]), value=results[last])
    score = scores[last]
    value = score.shrunken if math.isfinite(score.shrunken) else score.mean
    kind, spoken = against_whole(view, unit, variable, last)
    n = view.number(score.n, 0) if math.isfinite(score.n) else ""
    share = variable in view.release.measures_share
    text = view.figure(variable, value) if share else view.number(value, view.decimals[variable])
    return Cell(kind, text, n, spoken, value)


def against_whole(view: View, unit: str, variable: str, period: str) -> tuple[str, str]:
    """Whether a unit's interval lies wholly above or below the level of the organisation in that period."""
    score = view.scores[unit, variable][period]
    whole = view.scores.get((view.release.root, variable), {}).get(period)
    if whole is None or unit == view.release.root or not math.isfinite(score.shrunken_low):
        return "plain", ""
    above, below = score.shrunken_low > whole.mean, score.shrunken_high < whole.mean
    if not (above or below):
        return "plain", ""
    construct = view.release.constructs.get(variable) or CONSTRUCTS[parent_construct(variable)]
    side = "above" if above else "below"
    return f"{side} {'good' if above == construct.higher_is_better else 'poor'}", view.say(f"clearly_{side}")


def mark(kind: str) -> str:
    """Return the sign beside a level that lies clearly above or below the whole; "" for another."""
    return "▲" if "above" in kind else "▼" if "below" in kind else ""


def rules_in_force(view: View) -> list[tuple[str, str]]:
    """Signs and words of the rules that hide something here."""
    used = {gone.rule for gone in view.release.suppressed}
    return [(RULE_SIGNS[rule], rule_text(view, rule)) for rule in RULES if rule in used]


def ways_forward(view: View) -> list[tuple[str, str]]:
    """Signs of the rules that hide something here, and what can be done about it."""
    ways = view.release.ways
    return [(RULE_SIGNS[rule], ways[rule].in_(view.language)) for rule in RULES if rule in ways]


def quality_rows(view: View) -> tuple[QualityRow, ...]:
    """Quality of the scales."""
    return tuple(_quality(view, scale) for scale in view.release.scales)


def scale_notes(view: View) -> list[tuple[str, str]]:
    """Each caution on the scales once, with the scales that it is about."""
    notes: dict[str, list[str]] = {}
    for scale in view.release.scales:
        for note in scale.notes:
            notes.setdefault(note.in_(view.language), []).append(view.label(scale.construct))
    return [(joined(names, view.language), note) for note, names in notes.items()]


def _quality(view: View, scale: ScaleQuality) -> QualityRow:
    icc2 = scale.icc2.estimate
    fit = (
        "–"
        if not math.isfinite(icc2)
        else view.say(
            "comparable_yes" if icc2 >= _GOOD_ICC2 else "comparable_care" if icc2 >= _LEAST_ICC2 else "comparable_no"
        )
    )
    return QualityRow(
        view.label(scale.construct),
        view.number(scale.n_items, 0) if scale.n_items else "–",
        view.number(scale.alpha.estimate),
        view.number(scale.omega.estimate),
        view.number(scale.icc1.estimate),
        view.number(icc2),
        view.span(scale.icc2.low, scale.icc2.high, signed=False),
        view.number(scale.rwg_j),
        fit,
    )
