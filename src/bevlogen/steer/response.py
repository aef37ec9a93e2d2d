"""How the chain of this organisation moves: which figure follows which, how far and how soon, with all uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import FACETS, SCALE_CONSTRUCTS, parent_construct
from bevlogen.core.measured import Measurement, Panel
from bevlogen.core.tables import Organisation
from bevlogen.errors import BevlogenError, ChoiceError, NotEstimableError
from bevlogen.models.dynamics import Dynamics, dynamics
from bevlogen.steer import calendar, evidence
from bevlogen.steer.levels import true_spread

FloatArray = NDArray[np.float64]
Basis = Literal["own", "published", "combined"]

DRAWS = 1000
# Where nothing is published: a sceptical prior for what 1 SD brings in the long run, and for what carries over.
UNKNOWN_SD = 0.15
CARRY, CARRY_SD, CARRY_PERIODS = 0.4, 0.15, 4
_LARGEST_CARRY = 0.95
# Own estimates less sure than this say nothing, and neither do draws of a chain that would run away.
_VAGUEST = 0.5
_SPARE = 3
_CUSTOMERS = ("loyalty", "service_quality")
_RESULTS = ("retention", "acquisition", "use", "return")


@dataclass(frozen=True, slots=True)
class Arrow:
    """One cause of an outcome, by index of the nodes; ``now`` where it also works within the period."""

    cause: int
    outcome: int
    now: bool


@dataclass(frozen=True, slots=True)
class Response:
    """The moving chain, in SD of unit scores in the wanted direction.

    Attributes
    ----------
    nodes : (p,) variables, the lever first, causes before outcomes.
    spread, turn : (p,) SD of true unit scores, and +1 or -1 for the wanted direction.
    arrows : what follows what.
    carry : (draws, p) part of a change that is still there one period later.
    now, lagged : (draws, p, p) effect of 1 SD of cause (last index) in the same period, and one later.
    basis : what the effects rest on.
    own : nodes whose dynamics the own data could tell.
    n_units : units behind them; 0 for published effects alone.
    """

    nodes: tuple[str, ...]
    spread: FloatArray
    turn: FloatArray
    arrows: tuple[Arrow, ...]
    carry: FloatArray
    now: FloatArray
    lagged: FloatArray
    basis: Basis
    own: tuple[str, ...]
    n_units: int


def lever_of(name: str, panel: Panel) -> str:
    """Return the variable that a lever's name means: a key, or the name of a facet of employership.

    Raises
    ------
    BevlogenError
        If it is not measured.
    """
    known = {v: v for v in panel.variables} | {v.split(".", 1)[1]: v for v in panel.variables if v in FACETS}
    if name not in known or parent_construct(known[name]) not in SCALE_CONSTRUCTS:
        found = ", ".join(v for v in panel.variables if parent_construct(v) in SCALE_CONSTRUCTS)
        raise BevlogenError(f'No lever "{name}" is measured here. Found: {found}.')
    return known[name]


def respond(
    measurement: Measurement, organisation: Organisation, lever: str, *, basis: Basis = "combined", seed: int = 0
) -> Response:
    """Estimate how the chain moves when ``lever`` does.

    Parameters
    ----------
    measurement : its panel.
    organisation : directions and grain.
    lever : variable that is moved.
    basis : ``own`` data, ``published`` effects of a change, or both ``combined``.
    seed : of the draws.

    Notes
    -----
    Own data: ``models.dynamics`` per outcome, within units, corrected for sampling error and for short series.
    Published: the causal priors (a fifth to a quarter of a correlation), taken as what 1 SD brings in the long run;
    where nothing is published N(0, 0.15²). Combined: the own estimate (normal) with a prior that is such a published
    effect with weight 0.2 and N(0, 0.5²) with weight 0.8, as in ``evidence.combine``; the weights follow the marginal
    likelihood. A figure whose own dynamics cannot be told (a standard error above 0.5 SD) takes the published effects.
    Draws of a chain that would run away are left out: these organisations did not.

    References
    ----------
    Riketta (2008), doi 10.1037/0021-9010.93.2.472. Schmidli et al. (2014), doi 10.1111/biom.12242.
    """
    if basis not in ("own", "published", "combined"):
        raise ChoiceError("basis", basis, ("own", "published", "combined"))
    panel = measurement.panel
    nodes, spread = _nodes(lever_of(lever, panel), panel)
    turn = np.array([1.0 if organisation.construct(v).higher_is_better else -1.0 for v in nodes])
    arrows = _arrows(nodes)
    rng = np.random.default_rng(seed)
    p = len(nodes)
    drawn_ = _SPARE * DRAWS
    carry, now, lagged = np.zeros((drawn_, p)), np.zeros((drawn_, p, p)), np.zeros((drawn_, p, p))
    own, n_units = [], 0
    y, error = _standardised(panel, nodes, spread, turn)
    for outcome in range(1, p):
        mine = [a for a in arrows if a.outcome == outcome]
        found = _found(y, error, outcome, mine) if basis != "published" else None
        if found is None:
            drawn = _published(nodes, outcome, mine, organisation, rng)
        else:
            own.append(nodes[outcome])
            n_units = max(n_units, found.n_units)
            drawn = _drawn(found, nodes, mine, organisation, basis, rng)
        carry[:, outcome] = np.clip(drawn[:, 0], 0.0, _LARGEST_CARRY)
        at = 1
        for block, chosen in ((now, [a for a in mine if a.now]), (lagged, mine)):
            for arrow in chosen:
                block[:, outcome, arrow.cause] = drawn[:, at]
                at += 1
    kept = _settling(carry, now, lagged)
    return Response(nodes, spread, turn, arrows, carry[kept], now[kept], lagged[kept], basis, tuple(own), n_units)


def _settling(carry: FloatArray, now: FloatArray, lagged: FloatArray) -> NDArray[np.int64]:
    """Return which draws to keep: those of a chain that comes to rest, 1,000 at most."""
    free = slice(1, None)  # the lever is held where it is moved to
    still = np.eye(carry.shape[1] - 1)
    later = lagged[:, free, free] + carry[:, free, None] * still
    step = np.linalg.solve(still - now[:, free, free], later)
    settles = np.abs(np.linalg.eigvals(step)).max(axis=1) < 1
    if settles.sum() < DRAWS // 10:
        raise NotEstimableError(
            "These figures do not tell how the chain moves. Add units or periods, or take published."
        )
    return np.flatnonzero(settles)[:DRAWS]


def _nodes(lever: str, panel: Panel) -> tuple[tuple[str, ...], FloatArray]:
    customers = next((c for c in _CUSTOMERS if c in panel.variables), "")
    wanted = dict.fromkeys((lever, "engagement", "interaction_quality", customers, "absence", *_RESULTS))
    kept, spread = [], []
    for v in wanted:
        sd = true_spread(panel.column(v), panel.error_variance(v), panel.services) if v in panel.variables else 0.0
        if sd > 0:
            kept.append(v)
            spread.append(sd)
    if lever not in kept:
        raise NotEstimableError(f'Units do not differ in "{lever}" beyond chance, so 1 SD of it means nothing here.')
    if len(kept) < 2:
        raise NotEstimableError(f'Nothing that "{lever}" could move is measured.')
    return tuple(kept), np.array(spread)


def _arrows(nodes: Sequence[str]) -> tuple[Arrow, ...]:
    place = {v: i for i, v in enumerate(nodes)}
    customers = next((c for c in _CUSTOMERS if c in place), "")
    drawn = [
        (nodes[0], "engagement", True),
        ("engagement", "interaction_quality", True),
        ("engagement", customers, True),
        ("interaction_quality", customers, True),
        (customers, "engagement", False),  # back from customers to employees, later
        ("engagement", "absence", True),
        *((customers, result, True) for result in _RESULTS),
        ("use", "return", True),
    ]
    if nodes[0] not in ("engagement", "interaction_quality", customers, "absence"):
        drawn.append((nodes[0], "interaction_quality" if parent_construct(nodes[0]) != "employership" else "", True))
    found = dict.fromkeys((a, b, n) for a, b, n in drawn if a in place and b in place and a != b and place[b] > 0)
    return tuple(Arrow(place[a], place[b], n) for a, b, n in found)


def _standardised(
    panel: Panel, nodes: Sequence[str], spread: FloatArray, turn: FloatArray
) -> tuple[FloatArray, FloatArray]:
    scale = turn / spread
    y = np.stack([panel.column(v) for v in nodes], axis=2) * scale
    error = np.zeros((*y.shape, len(nodes)))
    for i, a in enumerate(nodes):
        for j, b in enumerate(nodes):
            error[:, :, i, j] = np.nan_to_num(panel.error_covariance(a, b)) * scale[i] * scale[j]
    return y, error


def _found(y: FloatArray, error: FloatArray, outcome: int, arrows: Sequence[Arrow]) -> Dynamics | None:
    now, lagged = [a.cause for a in arrows if a.now], [a.cause for a in arrows]
    try:
        found = dynamics(y, error, outcome, now, lagged)
    except NotEstimableError:
        return None
    errors = np.sqrt(np.diag(found.covariance))
    return found if (errors < _VAGUEST).all() else None


def _prior(nodes: Sequence[str], arrow: Arrow, organisation: Organisation) -> tuple[float, float]:
    """Mean and spread of what 1 SD of the cause brings in the long run, both in the wanted direction."""
    cause, outcome = nodes[arrow.cause], nodes[arrow.outcome]
    known = evidence.priors("causal")
    wanted = [1 if organisation.construct(v).higher_is_better else -1 for v in (cause, outcome)]
    prior = known.get((cause, outcome))
    if prior is None and wanted[0] > 0:
        prior = known.get((parent_construct(cause), outcome))
    if prior is None:
        return 0.0, UNKNOWN_SD
    return prior.mean * wanted[0] * wanted[1], prior.tau


def _published(
    nodes: Sequence[str], outcome: int, arrows: Sequence[Arrow], organisation: Organisation, rng: np.random.Generator
) -> FloatArray:
    """Draws of carry-over and effects from the literature alone: everything works one period later."""
    power = CARRY_PERIODS / calendar.PER_YEAR[organisation.grain]
    carry = np.clip(CARRY + CARRY_SD * rng.standard_normal(_SPARE * DRAWS), 0.05, 0.9) ** power
    out = [carry, *(np.zeros(_SPARE * DRAWS) for a in arrows if a.now)]
    for arrow in arrows:
        mean, sd = _prior(nodes, arrow, organisation)
        out.append((mean + sd * rng.standard_normal(_SPARE * DRAWS)) * (1 - carry))
    return np.column_stack(out)


def _drawn(
    found: Dynamics,
    nodes: Sequence[str],
    arrows: Sequence[Arrow],
    organisation: Organisation,
    basis: Basis,
    rng: np.random.Generator,
) -> FloatArray:
    """Draws of carry-over and effects: own data alone, or with the literature as a prior for the long run."""
    mean, covariance = found.coefficient, found.covariance
    if basis == "own":
        return _normal(mean, covariance, _SPARE * DRAWS, rng)
    still = 1 - min(max(float(mean[0]), 0.0), _LARGEST_CARRY)
    H = np.zeros((len(arrows) + len(mean), len(mean)))
    H[len(arrows) :] = np.eye(len(mean))
    n_now = sum(a.now for a in arrows)
    at = 1
    for row, arrow in enumerate(arrows):
        H[row, 1 + n_now + row] = 1
        if arrow.now:
            H[row, at] = 1
            at += 1
    known = np.array([_prior(nodes, a, organisation) for a in arrows])
    # Beside the long run, each coefficient has a vague prior of its own, so that no two large ones cancel out.
    wide = np.full(len(mean), evidence.VAGUE_SD**2)
    nothing = np.zeros(len(mean))
    informed = np.append(known[:, 0] * still, nothing), np.append((known[:, 1] * still) ** 2, wide)
    vague = (
        np.append(np.zeros(len(arrows)), nothing),
        np.append(np.full(len(arrows), (evidence.VAGUE_SD * still) ** 2), wide),
    )
    parts = [_posterior(mean, covariance, H, m, v) for m, v in (informed, vague)]
    fit = np.array([part[2] for part in parts]) + np.log([evidence.PRIOR_WEIGHT, 1 - evidence.PRIOR_WEIGHT])
    share = 1 / (1 + math.exp(min(float(fit[1] - fit[0]), 700.0)))
    count = int(rng.binomial(_SPARE * DRAWS, share))
    drawn = [
        _normal(parts[0][0], parts[0][1], count, rng),
        _normal(parts[1][0], parts[1][1], _SPARE * DRAWS - count, rng),
    ]
    return rng.permutation(np.vstack(drawn))


def _posterior(
    mean: FloatArray, covariance: FloatArray, H: FloatArray, prior: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Normal estimate with a normal prior on ``H theta``; mean, covariance and log marginal likelihood."""
    S = H @ covariance @ H.T + np.diag(variance)
    gain = np.linalg.solve(S, H @ covariance).T
    apart = prior - H @ mean
    fit = -0.5 * float(apart @ np.linalg.solve(S, apart)) - 0.5 * float(np.linalg.slogdet(S)[1])
    return mean + gain @ apart, covariance - gain @ H @ covariance, fit


def _normal(mean: FloatArray, covariance: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0))
    return np.asarray(mean + rng.standard_normal((count, len(mean))) @ root.T)
