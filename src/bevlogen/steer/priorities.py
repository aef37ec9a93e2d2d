"""Where first, and what may it bring: gap times effect, with the uncertainty of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import Text, parent_construct
from bevlogen.core.judged import Chain, LinkVerdict
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Move
from bevlogen.core.results import Basis, Design, Interval
from bevlogen.core.tables import Organisation
from bevlogen.steer import evidence, reasons
from bevlogen.steer.levels import FEWEST_PEERS, Levels, levels

FloatArray = NDArray[np.float64]

MOST_MOVES = 10
_DRAWS = 20_000
# Draws are made for the largest expected gains only; far more than can be listed.
_MOST_CANDIDATES = 200
_LEAST_PROBABILITY = 0.5
_LOYALTY_OR_NEXT = ("loyalty", "interaction_quality", "service_quality")
_ENCOUNTER = ("conduct", "craftsmanship")


_ONE_MOVE = Text(
    "One move is more likely than not to bring an effect that matters.",
    "Van één stap is het waarschijnlijker dan niet dat hij een effect heeft dat ertoe doet.",
)
_BORROWED = Text(
    "Where the own data compare units at one moment, the gain rests on published effects of a change, "
    "which are far smaller than such a link.",
    "Waar de eigen gegevens teams op één moment vergelijken, rust de winst op bekende effecten van een verandering. "
    "Die zijn veel kleiner dan zo'n verband.",
)
_UNKNOWN = Text(
    "No first move can be given: how exact the unit levels are is not known, so a low level may be chance. "
    "Add the number of respondents and the spread behind each score.",
    "Er is geen eerste stap te geven: hoe precies de niveaus van teams zijn is niet bekend, dus een laag niveau kan "
    "toeval zijn. Voeg bij elke score het aantal antwoorden en de spreiding toe.",
)
_NO_GAP = Text(
    "No unit lies below a target, or there are too few units to set a target from.",
    "Geen enkel team ligt onder een doel, of er zijn te weinig teams om een doel uit af te leiden.",
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """First moves, best first; the chance that the first is the best of them; and why there are none or how sure."""

    moves: tuple[Move, ...]
    certainty: float
    reason: Text


@dataclass(frozen=True, slots=True)
class _Effect:
    """What one SD of lever does to the outcome, both in the wanted direction: draws shared by all units."""

    verdict: LinkVerdict
    lever: str
    design: Design
    mean: float
    draws: FloatArray


@dataclass(frozen=True, slots=True)
class _Candidate:
    unit: int
    effect: _Effect
    level: float
    target: float
    basis: Basis
    gap: float
    gap_sd: float
    n: float


def first_moves(measurement: Measurement, chain: Chain, organisation: Organisation, seed: int) -> Ranking:
    """Which unit should raise which lever first, and what may that bring?

    Notes
    -----
    *Levers*: the facets of employership on engagement, or employership as a whole where no facet qualifies; engagement
    on loyalty (else interaction quality, else service quality); conduct and craftsmanship on interaction quality and
    loyalty; as far as the chain has them. A facet's link is estimated by itself and carries along what moves with it.

    *Gap*: from the unit's shrunken level in its last period to the upper quartile of its peers' shrunken levels then
    (units that already exceed it have no gap); with fewer than 5 peers to the far end of the norm band, where there is
    one. In SD of true unit scores. A unit whose level has no known error gives no move: its low score may be chance,
    and picking the lowest of such scores picks the unluckiest (regression to the mean).

    *Effect*: a link counts only if its verdict is ``supported``, or if it is ``undetermined`` and the combined
    interval excludes 0 on the expected side without being same-source. The effect is the combined estimate, or the
    own one where nothing is published. From a **cross-sectional** link the gain is taken through the *causal*
    published prior alone (about a fifth to a quarter of the correlation): such a link may say that the arrow is
    there, but not what a change brings; without a causal prior it gives no move.

    *Gain* is gap times effect, independent, by 20,000 draws from the seed of the provenance; all units share the
    draws of an effect. ``gain`` holds the product of the means with the 5% and 95% quantiles; ``probability`` is the
    share of draws above the smallest effect that matters, in SD of unit scores of the outcome. Only moves with a
    probability of .5 or more are listed, at most 10, by expected gain; ties by unit and lever. ``certainty`` is the
    share of draws in which the first has the largest gain of those listed.

    References
    ----------
    Riketta (2008), doi 10.1037/0021-9010.93.2.472. The product of gap and effect is our own derivation.
    """
    block = levels(measurement, organisation)
    rng = np.random.default_rng(seed)
    considered = _lever_links(chain, block)
    effects, candidates = _found(considered, block, organisation, rng)
    candidates = candidates[:_MOST_CANDIDATES]
    gains = [(c.gap + c.gap_sd * rng.standard_normal(_DRAWS)) * c.effect.draws for c in candidates]
    moves = [_move(block, c, g, organisation.smallest_effect) for c, g in zip(candidates, gains, strict=True)]
    listed = [i for i, m in enumerate(moves) if m.probability >= _LEAST_PROBABILITY][:MOST_MOVES]
    if not listed:
        return Ranking((), 0.0, _why_none(block, considered, effects, moves, organisation))
    certainty = float(np.mean(np.argmax([gains[i] for i in listed], axis=0) == 0))
    return Ranking(tuple(moves[i] for i in listed), certainty, _how_sure([candidates[i] for i in listed], certainty))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A move that could be made: gap and effect in the wanted direction, as draws that share effects between units."""

    unit: str
    lever: str
    outcome: str
    gap: float
    gap_sd: float
    effect: FloatArray


def candidates_of(
    measurement: Measurement, chain: Chain, organisation: Organisation, seed: int
) -> tuple[Candidate, ...]:
    """Return every move below its target, largest expected gain first, each unit and lever once."""
    block = levels(measurement, organisation)
    rng = np.random.default_rng(seed)
    _, found = _found(_lever_links(chain, block), block, organisation, rng)
    once: dict[tuple[int, str], Candidate] = {}
    for c in found:
        outcome = c.effect.verdict.estimate.link.outcome
        move = Candidate(block.units[c.unit], c.effect.lever, outcome, c.gap, c.gap_sd, c.effect.draws)
        once.setdefault((c.unit, c.effect.lever), move)
    return tuple(once.values())


def _found(
    considered: Sequence[LinkVerdict], block: Levels, organisation: Organisation, rng: np.random.Generator
) -> tuple[list[_Effect], list[_Candidate]]:
    """Return the effects that count and every unit below its target on their levers, by expected gain."""
    effects = _concrete([e for v in considered if (e := _effect(v, organisation, rng)) is not None])
    candidates = sorted(
        (c for e in effects for c in _candidates(block, e, organisation)),
        key=lambda c: (
            -c.gap * c.effect.mean,
            block.units[c.unit],
            c.effect.lever,
            c.effect.verdict.estimate.link.outcome,
        ),
    )
    return effects, candidates


def _lever_links(chain: Chain, block: Levels) -> list[LinkVerdict]:
    """Return the arrows from a lever that units can move to an outcome that matters for it, in reading order."""
    known = {(v.estimate.link.cause, v.estimate.link.outcome): v for v in chain.picture}
    for links in (chain.facets, *(claim.links for claim in chain.claims)):
        known.update({(v.estimate.link.cause, v.estimate.link.outcome): v for v in links})
    outcome = next((o for o in _LOYALTY_OR_NEXT if _estimated(known.get(("engagement", o)))), _LOYALTY_OR_NEXT[0])
    wanted = {("engagement", outcome)}
    wanted |= {(cause, o) for cause in _ENCOUNTER for o in ("interaction_quality", "loyalty")}
    wanted |= {key for key in known if parent_construct(key[0]) == "employership" and key[1] == "engagement"}
    return [v for key, v in known.items() if key in wanted and (block.has(key[0]) or v.headline is None)]


def _estimated(verdict: LinkVerdict | None) -> bool:
    return verdict is not None and verdict.headline is not None


def qualifies(verdict: LinkVerdict) -> bool:
    """Whether a link is sure enough to base a move on."""
    if verdict.verdict == "supported":
        return True
    combined = verdict.combined
    if verdict.verdict != "undetermined" or combined is None or verdict.estimate.same_source:
        return False
    return combined.low > 0 if verdict.estimate.sign > 0 else combined.high < 0


def _effect(verdict: LinkVerdict, organisation: Organisation, rng: np.random.Generator) -> _Effect | None:
    own = verdict.headline
    if own is None or not qualifies(verdict):
        return None
    link = verdict.estimate.link
    wanted = [1 if organisation.construct(key).higher_is_better else -1 for key in (link.cause, link.outcome)]
    turn = wanted[0] * wanted[1]
    if own.design == "cross-sectional":
        causal = evidence.published(verdict.estimate, "within")
        if causal is None:
            return None
        mean, draws = causal.mean, causal.mean + causal.tau * rng.standard_normal(_DRAWS)
    elif verdict.combined is not None:
        # The posterior mixture is near normal once a link qualifies; its mean and SD are exact.
        mean, draws = verdict.combined.mean, verdict.combined.mean + verdict.combined.sd * rng.standard_normal(_DRAWS)
    else:
        noise = rng.standard_t(own.df, _DRAWS) if np.isfinite(own.df) else rng.standard_normal(_DRAWS)
        mean, draws = own.estimate, own.estimate + own.std_error * noise
    return _Effect(verdict, link.cause, own.design, turn * mean, turn * draws) if turn * mean > 0 else None


def _concrete(effects: list[_Effect]) -> list[_Effect]:
    """Leave out employership as a whole where a facet of it can be named."""
    named = any("." in e.lever and parent_construct(e.lever) == "employership" for e in effects)
    return [e for e in effects if not (named and e.lever == "employership")]


def _candidates(block: Levels, effect: _Effect, organisation: Organisation) -> list[_Candidate]:
    """Return the units below their target on the lever of this effect."""
    c = block.constructs.index(effect.lever)
    targets: dict[tuple[str, int], tuple[float, Basis] | None] = {}
    out = []
    for unit in range(len(block.units)):
        measured = np.flatnonzero(np.isfinite(block.level[unit, :, c]))
        if not len(measured) or not np.isfinite(block.error[unit, measured[-1], c]):
            continue
        t = int(measured[-1])
        key = block.peers[unit], t
        if key not in targets:
            targets[key] = _target(
                block.level[block.of_group(key[0]), t, c], block.wanted[c], organisation, effect.lever
            )
        found = targets[key]
        if found is None:
            continue
        target, basis = found
        level = float(block.level[unit, t, c])
        gap = float(block.wanted[c] * (target - level) / block.spread[c])
        if gap > 0:
            sd = float(block.error[unit, t, c] / block.spread[c])
            out.append(_Candidate(unit, effect, level, target, basis, gap, sd, float(block.n[unit, t, c])))
    return out


def _target(peers: FloatArray, wanted: float, organisation: Organisation, lever: str) -> tuple[float, Basis] | None:
    """Return the upper quartile of enough peers, else the far end of the norm band, in the wanted direction."""
    known = peers[np.isfinite(peers)]
    if len(known) >= FEWEST_PEERS:
        return float(np.quantile(known, 0.75 if wanted > 0 else 0.25)), "peers"
    norm = organisation.norms.get(lever)
    if norm is not None:
        return (norm[1] if wanted > 0 else norm[0]), "norm"
    return None


def _move(block: Levels, c: _Candidate, gains: FloatArray, smallest: float) -> Move:
    low, high = np.quantile(gains, (0.05, 0.95))
    return Move(
        unit=block.units[c.unit],
        lever=c.effect.lever,
        outcome=c.effect.verdict.estimate.link.outcome,
        level=c.level,
        target=c.target,
        target_basis=c.basis,
        gap=c.gap,
        gain=Interval(c.gap * c.effect.mean, float(low), float(high)),
        probability=float(np.mean(gains > smallest)),
        design=c.effect.design,
        n=c.n,
    )


def _how_sure(listed: Sequence[_Candidate], certainty: float) -> Text:
    share = reasons.number(100 * certainty, 0)
    count = len(listed)
    order = Text(
        f"In order of expected gain. The chance that the first is really the best of these {count} is {share.en}%.",
        f"Op volgorde van verwachte winst. De kans dat de eerste echt de beste van deze {count} is, is {share.nl}%.",
    )
    borrowed = any(c.effect.design == "cross-sectional" for c in listed)
    return reasons.join(_ONE_MOVE if count == 1 else order, _BORROWED if borrowed else None)


def _why_none(
    block: Levels,
    considered: Sequence[LinkVerdict],
    effects: Sequence[_Effect],
    moves: Sequence[Move],
    organisation: Organisation,
) -> Text:
    """Say why there is no first move to give, and what must be measured to know."""
    if moves:
        return _too_small(moves, organisation.smallest_effect)
    if effects:
        levers = [block.constructs.index(e.lever) for e in effects]
        return _NO_GAP if np.isfinite(block.error[:, :, levers]).any() else _UNKNOWN
    with_data = [v for v in considered if v.headline is not None]
    if not with_data:
        return Text(
            "No first move can be given: no link from employership, engagement or conduct to what customers experience "
            "could be estimated. Measure both sides for the same units and periods.",
            "Er is geen eerste stap te geven: geen verband van werkgeverschap, bevlogenheid of houding met wat klanten "
            "ervaren was te schatten. Meet beide kanten voor dezelfde teams en perioden.",
        )
    if any(qualifies(v) for v in with_data):
        return Text(
            "The links that hold here compare units at one moment, and nothing usable is published on what a change "
            "brings. Measure the same units at least three times.",
            "De verbanden die hier gelden vergelijken teams op één moment, en er is niets bruikbaars bekend over wat "
            "een verandering brengt. Meet dezelfde teams minstens drie keer.",
        )
    head = Text(
        "No first move can be given: no link from a lever to what it should bring is sure enough.",
        "Er is geen eerste stap te geven: geen verband van een knop met wat die moet brengen is zeker genoeg.",
    )
    return reasons.join(head, reasons.each_link(with_data, organisation))


def _too_small(moves: Sequence[Move], smallest: float) -> Text:
    bound = reasons.number(smallest)
    out = Text(
        f"No move is more likely than not to bring an effect that matters, which is more than {bound.en} SD.",
        f"Van geen enkele stap is het waarschijnlijk dat hij een effect heeft dat ertoe doet: meer dan {bound.nl} SD.",
    )
    if any(m.design != "cross-sectional" for m in moves):
        return out
    return reasons.join(
        out,
        Text(
            "The links compare units at one moment; published effects of a change are about a fifth of such a link. "
            "Measure the same units at least three times to know the effect here.",
            "De verbanden vergelijken teams op één moment; bekende effecten van een verandering zijn ongeveer een "
            "vijfde van zo'n verband. Meet dezelfde teams minstens drie keer om het effect hier te kennen.",
        ),
    )
