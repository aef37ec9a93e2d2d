"""Which moves together, within money, hours and fairness; how sure that is, and what is worth knowing first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CONSTRUCTS, FACETS, Text
from bevlogen.core.judged import Chain
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Choice, Cost, Knowing, Limits, Portfolio
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation, Workspace
from bevlogen.errors import BevlogenError
from bevlogen.steer.priorities import Candidate, candidates_of
from bevlogen.steer.reasons import number

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST = 60  # candidates, by expected gain; the rest cannot be in a set that is worth its place
SCENARIOS = 100
_SECONDS = 5.0
_NOTHING = Text(
    "No move is likely to bring anything: see first moves for why.",
    "Van geen enkele stap is winst te verwachten: zie bij eerste stappen waarom.",
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One limit: ``low <= coefficients @ x <= high``, and what to call it."""

    name: str
    coefficients: FloatArray
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Solved:
    chosen: BoolArray
    value: float
    proven: bool


def choose(
    measurement: Measurement,
    chain: Chain,
    workspace: Workspace,
    limits: Limits,
    *,
    target: float | None = None,
    shown: frozenset[tuple[str, str]] | None = None,
) -> Portfolio:
    """Which moves together bring most within limits?

    Parameters
    ----------
    measurement, chain, workspace : as for first moves.
    limits : money, hours, numbers and fairness.
    target : SD over all moves to reach; then the chance of that is made as large as can be, else the expected gain.
    shown : (unit, variable) that may be shown; others are not considered. None considers all.

    Returns
    -------
    Portfolio

    Raises
    ------
    BevlogenError
        A negative limit or cost, a target not above 0, an unknown unit, or limits that contradict each other: the
        message names the fewest that do.

    Notes
    -----
    A mixed-integer programme (HiGHS): a move is made or not. Gains are added up in SD, each of its own outcome.
    Expected gain is linear. For a target, 100 draws of gaps and effects stand for all; a draw counts where the gains of
    the set add up to the target (sample average approximation).

    *Sureness* of a move: share of 100 draws in whose own best set it is. *Knowing everything* is worth the mean of the
    best values of those draws less the value of the best set (EVPI); *knowing the effect of one lever*, or *where the
    units really stand*, the same with all else at its mean (EVPPI, exact here as gap and effect are independent and
    gains their product).

    References
    ----------
    Huangfu & Hall (2018), doi 10.1007/s12532-017-0130-5 (HiGHS). Raiffa & Schlaifer (1961), Applied Statistical
    Decision Theory (value of information). Kleywegt et al. (2002), doi 10.1137/S1052623499363220. Irreducible sets of
    constraints: Chinneck & Dravnieks (1991), doi 10.1287/ijoc.3.2.157.
    """
    _check(limits, target, workspace)
    organisation, seed = workspace.organisation, measurement.provenance.seed
    found = candidates_of(measurement, chain, organisation, seed)
    found = tuple(
        c
        for c in found
        if c.unit not in limits.never and (shown is None or {(c.unit, c.lever), (c.unit, c.outcome)} <= shown)
    )[:MOST]
    if not found:
        return _empty(measurement, _NOTHING)
    rows = _rows(found, limits, workspace)
    rng = np.random.default_rng(seed)
    gap = np.array([c.gap + c.gap_sd * rng.standard_normal(SCENARIOS) for c in found])
    effect = np.array([c.effect[:SCENARIOS] for c in found])
    gains, mean = gap * effect, np.array([c.gap * float(c.effect.mean()) for c in found])
    _check_feasible(rows, len(found))
    best = _best(mean, rows) if target is None else _likeliest(gains, rows, target)
    return _answer(found, best, gap, gains, mean, rows, limits, target, organisation, measurement)


def _empty(measurement: Measurement, reason: Text) -> Portfolio:
    return Portfolio((), Interval(0.0), math.nan, Cost(), (), reason, True, measurement.provenance)


def _check(limits: Limits, target: float | None, workspace: Workspace) -> None:
    for name in ("money", "hours", "at_once", "per_unit", "per_group", "each_group"):
        value = getattr(limits, name)
        if value is not None and not value >= 0:
            raise BevlogenError(f"Found {value:g} for {name.replace('_', ' ')}. Give 0 or more, or leave it out.")
    for lever, cost in limits.cost.items():
        if lever not in FACETS and lever not in CONSTRUCTS:
            raise BevlogenError(
                f'The cost of "{lever}" is of no lever. Name one such as engagement or employership.tools.'
            )
        if not (cost.money >= 0 and cost.hours >= 0):
            raise BevlogenError(f'The cost of "{lever}" is below 0. Give 0 or more.')
    if target is not None and not target > 0:
        raise BevlogenError(f"Found a target of {target:g}. Give what all moves together must bring in SD, above 0.")
    unknown = sorted((limits.must | limits.never) - {u.key for u in workspace.units})
    if workspace.units and unknown:
        raise BevlogenError(f"No such units: {', '.join(unknown)}. Name units of this organisation.")
    both = sorted(limits.must & limits.never)
    if both:
        raise BevlogenError(f"Something must and must not be done in {', '.join(both)}. Take one of the two away.")


def _rows(found: Sequence[Candidate], limits: Limits, workspace: Workspace) -> list[_Row]:
    ones = np.ones(len(found))
    costs = [limits.cost.get(c.lever, Cost()) for c in found]
    rows = []
    for name, spent, most in (
        ("money", np.array([c.money for c in costs]), limits.money),
        ("hours", np.array([c.hours for c in costs]), limits.hours),
        ("at once", ones, limits.at_once),
    ):
        if most is not None:
            rows.append(_Row(f"{name} (at most {most:g})", spent, -np.inf, float(most)))
    parents = {u.key: u.parent or "" for u in workspace.units}
    for unit in dict.fromkeys(c.unit for c in found):
        inside = np.array([c.unit == unit for c in found], dtype=float)
        rows.append(_Row(f"per unit (at most {limits.per_unit})", inside, -np.inf, float(limits.per_unit)))
    for unit in sorted(limits.must):
        inside = np.array([c.unit == unit for c in found], dtype=float)
        if not inside.any():
            raise BevlogenError(
                f"Something must be done in {unit}, but no move there is likely to bring anything. "
                "Take it away from must."
            )
        rows.append(_Row(f"must in {unit}", inside, 1.0, np.inf))
    for group in dict.fromkeys(parents.get(c.unit, "") for c in found):
        inside = np.array([parents.get(c.unit, "") == group for c in found], dtype=float)
        if limits.per_group is not None:
            rows.append(_Row(f"per group (at most {limits.per_group})", inside, -np.inf, float(limits.per_group)))
        if limits.each_group:
            rows.append(
                _Row(f"each group (at least {limits.each_group} in {group})", inside, limits.each_group, np.inf)
            )
    return rows


def _check_feasible(rows: list[_Row], n: int) -> None:
    """Refuse limits that cannot all hold, and name the fewest that contradict each other (deletion filter)."""
    if _best(np.zeros(n), rows, quiet=True) is not None:
        return
    core = list(rows)
    for row in rows:
        left = [r for r in core if r is not row]
        if _best(np.zeros(n), left, quiet=True) is None:
            core = left
    names = list(dict.fromkeys(r.name for r in core))
    raise BevlogenError(f"These limits contradict each other: {'; '.join(names)}. Loosen one of them.")


def _best(gain: FloatArray, rows: Sequence[_Row], *, quiet: bool = False) -> _Solved | None:
    from scipy import optimize

    if not rows:
        return _Solved(gain > 0, float(gain[gain > 0].sum()), True)
    A = np.array([r.coefficients for r in rows])
    limits = optimize.LinearConstraint(A, [r.low for r in rows], [r.high for r in rows])
    found = optimize.milp(
        -gain,
        constraints=limits,
        integrality=np.ones(len(gain)),
        bounds=optimize.Bounds(0, 1),
        options={"time_limit": _SECONDS},
    )
    if found.x is None:
        if quiet:
            return None
        raise BevlogenError("The solver found no set within the limits. Loosen one of them.")
    chosen = found.x > 0.5
    return _Solved(chosen, float(gain[chosen].sum()), found.status == 0)


def _likeliest(gains: FloatArray, rows: Sequence[_Row], target: float) -> _Solved:
    """The set that reaches the target in the most draws; of such sets the one that a solver meets first."""
    from scipy import optimize

    n, S = gains.shape
    # Within a draw the set must reach the target, or give the draw up: M is what it can lack at most.
    lack = target - np.minimum(gains, 0).sum(axis=0)
    reach = np.hstack([gains.T, -np.diag(lack)])
    A = np.vstack(
        [np.hstack([np.array([r.coefficients for r in rows]).reshape(-1, n), np.zeros((len(rows), S))]), reach]
    )
    low = [*(r.low for r in rows), *(target - lack)]
    high = [*(r.high for r in rows), *([np.inf] * S)]
    # A small reward for expected gain, so that draws beyond reach do not leave the choice open.
    objective = np.append(
        -1e-4 * gains.mean(axis=1) / max(float(np.abs(gains.mean(axis=1)).sum()), 1e-9), -np.ones(S) / S
    )
    found = optimize.milp(
        objective,
        constraints=optimize.LinearConstraint(A, low, high),
        integrality=np.ones(n + S),
        bounds=optimize.Bounds(0, 1),
        options={"time_limit": _SECONDS},
    )
    if found.x is None:
        raise BevlogenError(
            "The solver found no set within the limits in time. Loosen one of them, or leave the target out."
        )
    chosen = found.x[:n] > 0.5
    return _Solved(chosen, float(gains[chosen].sum(axis=0).mean()), found.status == 0)


def _answer(
    found: Sequence[Candidate],
    best: _Solved | None,
    gap: FloatArray,
    gains: FloatArray,
    mean: FloatArray,
    rows: Sequence[_Row],
    limits: Limits,
    target: float | None,
    organisation: Organisation,
    measurement: Measurement,
) -> Portfolio:
    if best is None or not best.chosen.any():
        return _empty(measurement, _NOTHING)
    own_best = [s for k in range(SCENARIOS) if (s := _best(gains[:, k], rows)) is not None]
    sure = np.mean([s.chosen for s in own_best], axis=0)
    picked = np.flatnonzero(best.chosen)
    order = picked[np.argsort(-mean[picked], kind="stable")]
    total = gains[picked].sum(axis=0)
    spent = [limits.cost.get(found[i].lever, Cost()) for i in order]
    value = float(mean[picked].sum())
    choices = tuple(
        Choice(
            found[i].unit,
            found[i].lever,
            found[i].outcome,
            _spread(gains[i], float(mean[i])),
            cost,
            float(sure[i]),
        )
        for i, cost in zip(order, spent, strict=True)
    )
    return Portfolio(
        choices,
        _spread(total, value),
        math.nan if target is None else float(np.mean(total >= target)),
        Cost(sum(c.money for c in spent), sum(c.hours for c in spent)),
        _knowing(found, gap, gains, mean, rows, own_best, organisation),
        _how_sure(choices),
        best.proven,
        measurement.provenance,
    )


def _spread(draws: FloatArray, mean: float) -> Interval:
    low, high = np.quantile(draws, (0.05, 0.95))
    return Interval(mean, float(low), float(high))


def _knowing(
    found: Sequence[Candidate],
    gap: FloatArray,
    gains: FloatArray,
    mean: FloatArray,
    rows: Sequence[_Row],
    own_best: Sequence[_Solved],
    organisation: Organisation,
) -> tuple[Knowing, ...]:
    """What it is worth to know everything, and parts of it, before choosing."""
    # The same draws on both sides: else the luck of the draw would count as worth.
    everything = _worth(np.array([s.value for s in own_best]), gains.mean(axis=1), rows)
    effects = np.array([float(c.effect.mean()) for c in found])
    stand = gap * effects[:, None]
    out = [
        Knowing(
            Text("where the units really stand", "hoe de teams er echt voor staan"),
            _worth(_values(stand, rows), stand.mean(axis=1), rows),
        )
    ]
    for lever in dict.fromkeys(c.lever for c in found):
        of = np.array([c.lever == lever for c in found])
        known = np.array(
            [
                c.gap * c.effect[:SCENARIOS] if mine else np.full(SCENARIOS, m)
                for c, mine, m in zip(found, of, mean, strict=True)
            ]
        )
        label = organisation.construct(lever).label
        about = Text(f"the effect of {label.en}", f"het effect van {label.nl}")
        out.append(Knowing(about, _worth(_values(known, rows), known.mean(axis=1), rows)))
    whole = Knowing(Text("everything that is uncertain", "alles wat onzeker is"), everything)
    return (whole, *sorted(out, key=lambda k: -k.worth))


def _values(gains: FloatArray, rows: Sequence[_Row]) -> FloatArray:
    """Value of the best set of each draw."""
    return np.array([s.value for k in range(gains.shape[1]) if (s := _best(gains[:, k], rows)) is not None])


def _worth(known: FloatArray, mean: FloatArray, rows: Sequence[_Row]) -> float:
    """Mean value with knowledge less that of the best set without; never below 0."""
    now = _best(mean, rows)
    return max(float(known.mean()) - (now.value if now is not None else 0.0), 0.0)


def _how_sure(choices: Sequence[Choice]) -> Text:
    least = number(100 * min(c.sureness for c in choices), 0)
    return Text(
        f"How sure this is: each of these moves belongs to the best set in at least {least.en} of 100 ways in which "
        "things may really stand.",
        f"Hoe zeker dit is: elk van deze stappen hoort in minstens {least.nl} van 100 manieren waarop het er echt voor "
        "kan staan, bij de beste keus.",
    )
