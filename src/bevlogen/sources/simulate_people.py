"""Who works in which simulated team when, what they answer, and how encounters with customers go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.sources.simulate_chain import EMPLOYEE_NODES, ENCOUNTER_NODES, INDEX, Arrow, correlation, solve
from bevlogen.sources.simulate_organisation import KINDS, Plan
from bevlogen.sources.simulate_scale import ANSWER_SCALES, ENCOUNTER_SCALES, UNIT_SHARE

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

RESPONSE = 0.70
ITEM_MISSING = 0.04
CONDUCT_MISSING = 0.20  # employees rate fewer encounters than customers do
FILL = 0.85  # chance that a vacancy is filled by the next wave
CEILING = 0.9  # an interaction is never seen as better than craftsmanship plus this, in SD of views
_BLOCK_ROWS = 200_000
_AWAY = 0.2  # share of encounters of a team that are with a customer of another team of the service
_DRAWS = 256


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works where: per wave the persons (codes) sorted by team, and who left at its end.

    ``person[t]``, ``unit[t]`` are (n_t,) codes; ``leavers``, ``present`` are (J, T) counts.
    ``persons`` counts all who were ever there.
    """

    person: tuple[IntArray, ...]
    unit: tuple[IntArray, ...]
    leavers: IntArray
    present: IntArray
    persons: int


def staff(plan: Plan, leave_chance: FloatArray, rng: np.random.Generator) -> Staff:
    """Let people leave (chance (J, T) per wave), be replaced, and move along when their team is merged."""
    teams, waves = leave_chance.shape
    unit = np.zeros(0, dtype=np.int64)
    person = np.zeros(0, dtype=np.int64)
    hired = 0
    persons, units = [], []
    leavers, present = np.zeros((teams, waves), dtype=np.int64), np.zeros((teams, waves), dtype=np.int64)
    for wave in range(waves):
        moved = np.where(plan.active[unit, wave], unit, plan.successor[unit])
        vacancy = np.clip(plan.size.astype(np.int64) - np.bincount(moved, minlength=teams), 0, None)
        first = np.zeros(teams, dtype=bool) if wave else np.ones(teams, dtype=bool)
        joiners = np.where(first, vacancy, rng.binomial(vacancy, FILL)) * plan.active[:, wave]
        unit = np.concatenate([moved, np.repeat(np.arange(teams), joiners)])
        person = np.concatenate([person, hired + np.arange(joiners.sum())])
        hired += int(joiners.sum())
        order = np.argsort(unit, kind="stable")
        unit, person = unit[order], person[order]
        units.append(unit)
        persons.append(person)
        present[:, wave] = np.bincount(unit, minlength=teams)
        leaves = rng.random(len(unit)) < leave_chance[unit, wave]
        leavers[:, wave] = np.bincount(unit[leaves], minlength=teams)
        unit, person = unit[~leaves], person[~leaves]
    return Staff(tuple(persons), tuple(units), leavers, present, hired)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows to be written: team and wave of each, day within the wave (0 to 1), and answers with what is missing.

    ``employee`` and ``customer`` are codes, None on the answers of employees: those carry no pseudonym.
    """

    wave: int
    unit: IntArray
    day: FloatArray
    answers: dict[str, NDArray[np.int8]]
    missing: dict[str, NDArray[np.bool_]]
    employee: IntArray | None = None
    customer: IntArray | None = None


def answer_blocks(
    plan: Plan, people: Staff, latent: FloatArray, stability: float, rng: np.random.Generator
) -> Iterator[Block]:
    """Yield the employees' forms, block by block.

    Parameters
    ----------
    latent : (J, T, K) true unit scores.
    stability : share of a person's deviation from the team that is the same in every wave, 0 to 1.
    """
    waves = latent.shape[1]
    mix = np.linalg.cholesky(correlation(plan.person_paths, 0.5, EMPLOYEE_NODES)).T.astype(np.float32)
    share = np.sqrt(UNIT_SHARE["answers"])
    rate = rng.beta(28 * RESPONSE, 28 * (1 - RESPONSE), latent.shape[:2])
    stable = None
    if stability > 0:
        stable = rng.standard_normal((people.persons, len(EMPLOYEE_NODES)), dtype=np.float32) @ mix
    for wave in range(waves):
        unit, person = people.unit[wave], people.person[wave]
        answered = np.flatnonzero(rng.random(len(unit)) < rate[unit, wave])
        lasting = None if stable is None else _within_team(stable[person], unit, len(plan.teams))
        survey_day = rng.uniform(0.35, 0.6, len(plan.teams))
        for start in range(0, max(len(answered), 1), _BLOCK_ROWS):  # an empty block still makes the file
            rows = answered[start : start + _BLOCK_ROWS]
            deviation = rng.standard_normal((len(rows), len(EMPLOYEE_NODES)), dtype=np.float32) @ mix
            if lasting is not None:
                deviation = np.sqrt(1 - stability) * deviation + np.sqrt(stability) * lasting[rows]
            answers: dict[str, NDArray[np.int8]] = {}
            missing: dict[str, NDArray[np.bool_]] = {}
            for k, scale in enumerate(ANSWER_SCALES):
                team = latent[unit[rows], wave, INDEX[scale.construct]]
                view = share * team + np.sqrt(1 - share**2) * deviation[:, k]
                given = scale.answers(view, rng)
                for j, column in enumerate(scale.columns):
                    answers[column] = given[:, j]
                    missing[column] = rng.random(len(rows), dtype=np.float32) < ITEM_MISSING
            day = np.clip(survey_day[unit[rows]] + rng.uniform(0, 0.15, len(rows)), 0, 1)
            yield Block(wave, unit[rows], day, answers, missing)


def _within_team(effect: NDArray[np.float32], unit: IntArray, teams: int) -> NDArray[np.float32]:
    """Take the mean of the team off, so that the true unit score is not changed by who happens to be in."""
    count = np.maximum(np.bincount(unit, minlength=teams), 1)
    mean = np.stack([np.bincount(unit, effect[:, k], teams) / count for k in range(effect.shape[1])], axis=1)
    return np.asarray(effect - mean[unit], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class EncounterKind:
    """How encounters of one service hang together; views have variance 1 within a team.

    ``mix`` (6, 6) turns independent parts into deviations; ``carried`` (6,) is what one point of interaction quality
    lost to the ceiling costs each construct.
    """

    mix: FloatArray
    carried: FloatArray
    shares: tuple[float, float, float]


def encounter_kind(paths: tuple[Arrow, ...], kind: int) -> EncounterKind:
    """Work out the encounters of a service from the arrows among encounter constructs."""
    inner = [p for p in paths if p.cause in ENCOUNTER_NODES and p.outcome in ENCOUNTER_NODES]
    service = KINDS[kind]
    system = solve(inner, service.co_creation)
    at = [INDEX[node] for node in ENCOUNTER_NODES]
    mix = system.mix_between[np.ix_(at, at)]
    effect = mix / np.diag(mix)
    own = ENCOUNTER_NODES.index("interaction_quality")
    carried = effect[:, own]
    return EncounterKind(mix / np.sqrt((mix**2).sum(axis=1, keepdims=True)), carried, service.shares)


def views(kind: EncounterKind, team: FloatArray, deviation: FloatArray) -> FloatArray:
    """Views of encounters, (..., 6), from team scores and deviations; craftsmanship is a ceiling on the interaction."""
    share = UNIT_SHARE["interactions"]
    view = np.sqrt(share) * team + np.sqrt(1 - share) * deviation
    craft, inter = ENCOUNTER_NODES.index("craftsmanship"), ENCOUNTER_NODES.index("interaction_quality")
    excess = np.clip(view[..., inter] - view[..., craft] - CEILING, 0, None)
    return np.asarray(view - excess[..., None] * kind.carried)


def encounter_blocks(plan: Plan, people: Staff, latent: FloatArray, rng: np.random.Generator) -> Iterator[Block]:
    """Yield the encounters, a block per wave and service; employees and customers keep their code across waves."""
    teams, waves = latent.shape[:2]
    at = [INDEX[node] for node in ENCOUNTER_NODES]
    expected = np.clip(12 + plan.size, 15, 40)
    pool = np.maximum(6, np.round(expected * np.array([KINDS[k].pool for k in plan.kind]))).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(pool)])
    employee_effect = rng.standard_normal((people.persons, len(at)), dtype=np.float32)
    customer_effect = _within_team(
        rng.standard_normal((int(pool.sum()), len(at)), dtype=np.float32), np.repeat(np.arange(teams), pool), teams
    )
    kinds = {k: encounter_kind(plan.paths, k) for k in sorted(set(plan.kind.tolist()))}
    for wave in range(waves):
        staffed = people.unit[wave]
        effect = _within_team(employee_effect[people.person[wave]], staffed, teams)
        present = np.bincount(staffed, minlength=teams)
        offset = np.concatenate([[0], np.cumsum(present)])
        for k, kind in kinds.items():
            own = np.flatnonzero((plan.kind == k) & plan.active[:, wave] & (present > 0))
            unit = np.repeat(own, rng.poisson(expected[own]))
            slot = offset[unit] + (rng.random(len(unit)) * present[unit]).astype(np.int64)
            home = np.where(rng.random(len(unit)) < _AWAY, rng.choice(own, len(unit)), unit) if len(own) else unit
            customer = first[home] + (rng.random(len(unit)) * pool[home]).astype(np.int64)
            parts = (effect[slot], customer_effect[customer], rng.standard_normal((len(unit), len(at))))
            deviation = sum(np.sqrt(s) * part for s, part in zip(kind.shares, parts, strict=True)) @ kind.mix.T
            view = views(kind, latent[unit, wave][:, at], deviation)
            answers: dict[str, NDArray[np.int8]] = {}
            missing: dict[str, NDArray[np.bool_]] = {}
            for i, scale in enumerate(ENCOUNTER_SCALES):
                given = scale.answers(view[:, i], rng)
                left_out = CONDUCT_MISSING if scale.construct == "customer_conduct" else ITEM_MISSING
                for j, column in enumerate(scale.columns):
                    answers[column] = given[:, j]
                    missing[column] = rng.random(len(unit)) < left_out
            yield Block(wave, unit, rng.random(len(unit)), answers, missing, people.person[wave][slot], customer)


def employee_scores(latent: FloatArray) -> dict[str, FloatArray]:
    """True unit scores on the answer scale from latent ones (..., K): the mean over all who might work there; exact."""
    share = UNIT_SHARE["answers"]
    return {
        scale.construct: scale.expected(np.sqrt(share) * latent[..., INDEX[scale.construct]], 1 - share)
        for scale in ANSWER_SCALES
    }


def encounter_scores(kind: EncounterKind, latent: FloatArray) -> dict[str, FloatArray]:
    """True unit scores on the answer scale from latent ones (n, K): the mean over a fixed set of 256 deviations.

    The same deviations serve every unit, so what little error they leave is the same in all.
    """
    half = np.random.default_rng(20240101).standard_normal((_DRAWS // 2, len(ENCOUNTER_NODES)))
    deviation = np.concatenate([half, -half]) @ kind.mix.T
    team = latent[:, [INDEX[node] for node in ENCOUNTER_NODES]]
    out = np.empty((len(team), len(ENCOUNTER_NODES)))
    for start in range(0, len(team), 500):
        view = views(kind, team[start : start + 500, None, :], deviation)
        for i, scale in enumerate(ENCOUNTER_SCALES):
            out[start : start + 500, i] = scale.expected(view[..., i]).mean(axis=1)
    return {node: out[:, i] for i, node in enumerate(ENCOUNTER_NODES)}
