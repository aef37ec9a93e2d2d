"""What is true of a simulated organisation: every link on the scale of the estimates, and the true unit scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CLAIMS, PICTURE, Link
from bevlogen.sources.simulate_chain import (
    ENCOUNTER_NODES,
    FACET_NODES,
    INDEX,
    NODES,
    RECORD_NODES,
    Loading,
    Service,
    solve,
    true_link,
)
from bevlogen.sources.simulate_organisation import KINDS, Plan
from bevlogen.sources.simulate_people import EncounterKind, employee_scores, encounter_kind, encounter_scores, views
from bevlogen.sources.simulate_records import EXPECTED, Record
from bevlogen.sources.simulate_scale import ENCOUNTER_SCALES, HIGH, LOW

FloatArray = NDArray[np.float64]

_PROBES = 1500
_PAIRS = 60_000
_NOTES = (
    "Links are bivariate: paths through other constructs are included. Standardised by the SD over units in a period.",
    "A figure of record is its own truth: its SD holds the chance that made it.",
    "between: means of all waves. within: deviations from them. lagged: cause of the wave before, outcome of that wave "
    "held constant. lagged_within: the same over deviations from the lasting level.",
    "These come from the generator and leave out what was planted (traps); realised counts the units that came about.",
    "True scores of encounters are of a team's encounters with its own customers, employees and chance averaged out.",
)
_RATED = {s.construct: s for s in ENCOUNTER_SCALES if s.respondents == "customers"}


def truth_links() -> tuple[Link, ...]:
    """Every link of the picture and the claims, and from each facet of employership to engagement; each once."""
    claimed = [link for claim in CLAIMS.values() for link in claim.links]
    facets = [Link(facet, "engagement", -1 if "workload" in facet else 1) for facet in FACET_NODES]
    return tuple({(link.cause, link.outcome): link for link in (*PICTURE, *claimed, *facets)}.values())


def true_scores(plan: Plan, latent: FloatArray) -> dict[str, FloatArray]:
    """True unit scores on the answer scale by construct, (J, T) each; ``employership`` is the mean of its facets.

    Facets that count the other way (workload) are turned first.
    """
    scores = employee_scores(latent)
    for node in ENCOUNTER_NODES:
        scores[node] = np.empty(latent.shape[:2])
    for k in sorted(set(plan.kind.tolist())):
        units = np.flatnonzero(plan.kind == k)
        flat = encounter_scores(encounter_kind(plan.paths, k), latent[units].reshape(-1, len(NODES)))
        for node in ENCOUNTER_NODES:
            scores[node][units] = flat[node].reshape(len(units), -1)
    return {"employership": composite(scores), **scores}


def composite(scores: Mapping[str, FloatArray]) -> FloatArray:
    """Mean over the facets of employership, workload turned."""
    parts = [LOW + HIGH - scores[f] if "workload" in f else scores[f] for f in FACET_NODES]
    return np.asarray(np.mean(parts, axis=0))


def services(plan: Plan, facts: Sequence[Record]) -> tuple[Service, ...]:
    """The truth per service. Loadings are least-squares slopes of true scores on latent nodes over 1,500 probes.

    True scores bend a little at the ends of the scale; the straight line through them is what a linear link sees.
    """
    out = []
    noise = {r.measure: _chance(plan, r) for r in facts}
    for k in sorted(set(plan.kind.tolist())):
        system = solve(plan.paths, KINDS[k].co_creation, plan.lasting)
        probe = system.draw(_PROBES, 1, np.random.default_rng(20240102))[:, 0]
        units = plan.kind == k
        scores = {**employee_scores(probe), **encounter_scores(encounter_kind(plan.paths, k), probe)}
        scores["employership"] = composite(scores)
        used, margin = np.full(_PROBES, plan.used[units][0]), np.full(_PROBES, plan.margin[units][0])
        for measure in RECORD_NODES:
            scores[measure] = EXPECTED[measure](probe[:, INDEX[measure]], used, margin)
        loadings = {
            name: Loading(_slopes(probe, score, _rests_on(name)), noise.get(name, 0.0))
            for name, score in scores.items()
        }
        out.append(Service(float(units.mean()), system, loadings))
    return tuple(out)


def _rests_on(name: str) -> tuple[str, ...]:
    if name == "employership":
        return FACET_NODES
    return ENCOUNTER_NODES if name in ENCOUNTER_NODES else (name,)


def _slopes(probe: FloatArray, score: FloatArray, nodes: Sequence[str]) -> FloatArray:
    at = [INDEX[node] for node in nodes]
    design = np.column_stack([np.ones(len(probe)), probe[:, at]])
    out = np.zeros(len(NODES))
    out[at] = np.linalg.lstsq(design, score, rcond=None)[0][1:]
    return out


def _chance(plan: Plan, record: Record) -> float:
    """Variance of a figure of record around what was expected, mean over the cells that exist."""
    apart = (record.figure - record.expected)[plan.active]
    return float(np.nanmean(apart**2))


def variance_shares(plan: Plan) -> dict[str, Any]:
    """By service, shares of employee, customer and encounter in differences within a team and period.

    ``latent`` is what the generator uses; the others are those of scale scores as answered, where the noise of
    answers counts as encounter (from 60,000 simulated pairs of encounters that share one side).
    """
    rng = np.random.default_rng(20240103)
    out: dict[str, Any] = {}
    for k in sorted(set(plan.kind.tolist())):
        kind = encounter_kind(plan.paths, k)
        shared, own, other = (rng.standard_normal((_PAIRS, len(ENCOUNTER_NODES))) @ kind.mix.T for _ in range(3))
        entry: dict[str, Any] = {"latent": dict(zip(("employee", "customer", "encounter"), kind.shares, strict=True))}
        covariance = {
            side: _shared_variance(kind, share, shared, own, other)
            for side, share in (("employee", kind.shares[0]), ("customer", kind.shares[1]))
        }
        view = views(kind, np.zeros(len(ENCOUNTER_NODES)), own)
        for i, scale in enumerate(ENCOUNTER_SCALES):
            if scale.construct not in _RATED:
                continue
            given = scale.answers(view[:, i], rng).mean(axis=1)
            employee, customer = (float(covariance[side][i] / given.var()) for side in ("employee", "customer"))
            entry[scale.construct] = {
                "employee": employee,
                "customer": customer,
                "encounter": 1 - employee - customer,
            }
        out[KINDS[k].key] = entry
    return out


def _shared_variance(
    kind: EncounterKind, share: float, shared: FloatArray, own: FloatArray, other: FloatArray
) -> FloatArray:
    """Covariance of the scores of two encounters that have ``share`` of their deviation in common, (6,)."""
    middle = np.zeros(len(ENCOUNTER_NODES))
    one, two = (views(kind, middle, np.sqrt(share) * shared + np.sqrt(1 - share) * rest) for rest in (own, other))
    pairs = [(s.expected(one[:, i]), s.expected(two[:, i])) for i, s in enumerate(ENCOUNTER_SCALES)]
    return np.array([((a - a.mean()) * (b - b.mean())).mean() for a, b in pairs])


def realised(cause: FloatArray, outcome: FloatArray) -> dict[str, float | None]:
    """Slopes of the true unit scores (J, T) that came about, over units that exist in every wave, standardised.

    Period means are taken off. ``between``: over means of all waves. ``within``: over deviations from them.
    ``lagged``: of the wave before, the outcome of that wave held constant.
    """
    x, y = cause - cause.mean(axis=0), outcome - outcome.mean(axis=0)
    if len(x) < 3:
        return {"between": None, "within": None, "lagged": None}
    scale = np.sqrt(x.var(axis=0, ddof=1).mean() / y.var(axis=0, ddof=1).mean())
    x_mean, y_mean = x.mean(axis=1), y.mean(axis=1)
    x_dev, y_dev = x - x_mean[:, None], y - y_mean[:, None]
    between = float(scale * (x_mean @ y_mean) / (x_mean @ x_mean))
    within = lagged = None
    if x.shape[1] > 1:
        within = float(scale * (x_dev * y_dev).sum() / (x_dev**2).sum())
        before = np.column_stack([x[:, :-1].ravel(), y[:, :-1].ravel()])
        lagged = float(scale * np.linalg.lstsq(before, y[:, 1:].ravel(), rcond=None)[0][0])
    return {"between": between, "within": within, "lagged": lagged}


def truth(plan: Plan, scores: Mapping[str, FloatArray], facts: Sequence[Record]) -> dict[str, Any]:
    """Everything that truth.json says but the seed."""
    waves = plan.active.shape[1]
    parts = services(plan, facts)
    whole = plan.active.all(axis=1)
    seen = {**scores, **{r.measure: r.figure for r in facts}}
    links = []
    for link in truth_links():
        entry = asdict(true_link(link.cause, link.outcome, parts, waves))
        entry["realised"] = realised(seen[link.cause][whole], seen[link.outcome][whole])
        links.append({key: None if value != value else value for key, value in entry.items()})
    return {
        "notes": list(_NOTES),
        "links": links,
        "paths": [asdict(path) for path in plan.paths],
        "traps": dict(plan.traps),
        "co_creation": {
            KINDS[k].key: {
                "degree": KINDS[k].co_creation,
                "conduct_to_interaction_quality": _weight(plan, k, "conduct"),
                "craftsmanship_to_interaction_quality": _weight(plan, k, "craftsmanship"),
            }
            for k in sorted(set(plan.kind.tolist()))
        },
        "variance_shares": variance_shares(plan),
    }


def _weight(plan: Plan, kind: int, cause: str) -> float:
    """Weight of a side of the encounter in the quality of the interaction, in SD, at both levels."""
    path = next(p for p in plan.paths if (p.cause, p.outcome) == (cause, "interaction_quality"))
    return path.between + path.co_creation * (KINDS[kind].co_creation - 0.5)
