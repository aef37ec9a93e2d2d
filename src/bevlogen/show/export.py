"""The release as JSON, in the schema that docs/steering.schema.json describes. A number that is not known is null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from bevlogen.core.chain import Text
from bevlogen.core.foreseen import Outlook, Warnings
from bevlogen.core.judged import ClaimVerdict, Combined, LinkVerdict, Published
from bevlogen.core.linked import Estimate, Finding
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.planned import ActionEffect, Move, OutcomeEffect, Position
from bevlogen.core.results import Interval
from bevlogen.core.shown import Release, ShownResult, ShownScore, ShownUnit, Suppressed

SCHEMA = "bevlogen-steering/1"

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Object = dict[str, Json]


def write_json(release: Release, path: Path) -> Path:
    """Write a release as one JSON document and return its path; folders on the way are made.

    Parameters
    ----------
    release : what may be shown, already rounded.
    path : file to write, UTF-8; an existing file is replaced.

    Notes
    -----
    The schema is ``bevlogen-steering/1``. Fields may be added to it; a field that changes meaning gets a new number.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A line per part: without indent the encoder runs in C, and the file stays a third of the size.
    parts = (f"{json.dumps(key)}: {_dumped(value)}" for key, value in document(release).items())
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")
    return path


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def document(release: Release) -> Object:
    """Return the release as plain JSON values."""
    return {
        "schema": SCHEMA,
        "organisation": {
            "name": release.title,
            "language": release.language,
            "simulated": release.simulated,
            "note": release.note,
            "root": release.root or None,
        },
        "periods": list(release.periods),
        "constructs": _constructs(release),
        "claims": [_claim(claim) for claim in release.claims],
        "picture": [_link(link) for link in release.picture],
        "units": _units(release),
        "scales": [_scale(scale) for scale in release.scales],
        "priorities": [_move(rank, move) for rank, move in enumerate(release.moves, start=1)],
        "priorities_reason": _text(release.moves_reason, release.moves_reason_nl),
        "priorities_certainty": _number(release.certainty),
        "actions": [_action(action) for action in release.effects],
        "outlooks": [_outlook(one) for one in release.outlooks],
        "warnings": [_warnings(one) for one in release.warnings],
        "voices": [
            {
                "unit": v.unit,
                "period": v.period,
                "question": _text(v.question.en, v.question.nl),
                "words": list(v.words),
            }
            for v in release.voices
        ],
        "smallest_effect": _number(release.smallest_effect),
        "suppressed": [
            {
                "unit": s.unit,
                "period": s.period,
                "construct": s.construct,
                "rule": s.rule,
                "instead": s.instead or None,
                "similar": _similar(s),
            }
            for s in release.suppressed
        ],
        "ways": [{"rule": rule, "text": {"en": text.en, "nl": text.nl}} for rule, text in release.ways.items()],
        "policy": {"k": release.k, "k_comments": release.k_comments},
        "provenance": {
            "version": release.provenance.version,
            "fingerprint": release.provenance.fingerprint,
            "seed": release.provenance.seed,
        },
        "notes": _notes(release.notes),
    }


def _similar(gone: Suppressed) -> Json:
    if not gone.similar_by:
        return None
    return {"mean": gone.similar, "units": gone.similar_units, "by": gone.similar_by}


def _notes(notes: Sequence[Text]) -> Json:
    return [{"en": note.en, "nl": note.nl} for note in notes]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _count(value: float) -> float | None:
    """Persons: a whole number where it is one (weighted sources may count in fractions)."""
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else float(value)


def _text(en: str, nl: str) -> Object:
    return {"en": en, "nl": nl}


def _interval(value: Interval) -> Object:
    return {"estimate": _number(value.estimate), "low": _number(value.low), "high": _number(value.high)}


def _constructs(release: Release) -> list[Json]:
    return [
        {
            "key": key,
            "label": _text(construct.label.en, construct.label.nl),
            "side": construct.side,
            "higher_is_better": construct.higher_is_better,
            "health": construct.health,
            "is_share": key in release.measures_share,
            "unit_of_measure": release.unit_of_measure.get(key),
            "norm": list(release.norms[key]) if key in release.norms else None,
        }
        for key, construct in release.constructs.items()
    ]


def _claim(claim: ClaimVerdict) -> Object:
    """A claim; its own, published and combined estimates are those of its link where it rests on exactly one."""
    only = claim.links[0] if len(claim.links) == 1 else None
    text: Text = claim.claim.text
    return {
        "id": claim.claim.id,
        "text": _text(text.en, text.nl),
        "verdict": claim.verdict,
        "design": None if only is None or only.headline is None else only.headline.design,
        "own": None if only is None else _own(only.headline),
        "evidence": None if only is None else _evidence(only.published),
        "combined": None if only is None else _combined(only.combined),
        "reason": _text(claim.reason, claim.reason_nl),
        "links": [_link(link) for link in claim.links],
        "finding": None if claim.finding is None else _finding(claim.finding),
        "q_value": _number(claim.q_value),
    }


def _finding(finding: Finding) -> Object:
    """What another method than a link found; its estimate is null where it found no figure."""
    return {
        "estimate": _number(finding.estimate),
        "low": _number(finding.low),
        "high": _number(finding.high),
        "low90": _number(finding.low90),
        "high90": _number(finding.high90),
        "expects": finding.expects,
        "null": _number(finding.null),
        "margin": _number(finding.margin),
        "p_value": _number(finding.p_value),
        "scale": _text(finding.scale.en, finding.scale.nl),
        "design": finding.design,
        "same_source": finding.same_source,
        "n_obs": finding.n_obs,
        "n_units": finding.n_units,
        "n_waves": finding.n_waves,
        "figures": [{"name": _text(f.name.en, f.name.nl), **_interval(f.value)} for f in finding.figures],
        "reason": _text(finding.reason.en, finding.reason.nl),
        "notes": _notes(finding.notes),
    }


def _link(link: LinkVerdict) -> Object:
    return {
        "cause": link.estimate.link.cause,
        "outcome": link.estimate.link.outcome,
        "sign": link.estimate.sign,
        "same_source": link.estimate.same_source,
        "verdict": link.verdict,
        "design": None if link.headline is None else link.headline.design,
        "own": _own(link.headline),
        "evidence": _evidence(link.published),
        "combined": _combined(link.combined),
        "reason": _text(link.reason, link.reason_nl),
        "q_value": _number(link.q_value),
        "designs": [{"design": e.design, **_figures(e), "notes": _notes(e.notes)} for e in link.estimate.estimates],
    }


def _own(estimate: Estimate | None) -> Object | None:
    return None if estimate is None else _figures(estimate)


def _figures(estimate: Estimate) -> Object:
    return {
        "estimate": _number(estimate.estimate),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
        "raw": _number(estimate.raw),
        "raw_low": _number(estimate.raw_low),
        "raw_high": _number(estimate.raw_high),
        "uncorrected": _number(estimate.uncorrected),
        "n_units": estimate.n_units,
        "n_waves": estimate.n_waves,
        "mde": _number(estimate.mde),
        "p_value": _number(estimate.p_value),
    }


def _evidence(published: Published | None) -> Object | None:
    if published is None:
        return None
    return {
        "mean": _number(published.mean),
        "low": _number(published.low),
        "high": _number(published.high),
        "tau": _number(published.tau),
        "kind": published.kind,
        "basis": published.basis,
        "sources": list(published.sources),
    }


def _combined(combined: Combined | None) -> Object | None:
    if combined is None:
        return None
    return {
        "mean": _number(combined.mean),
        "low": _number(combined.low),
        "high": _number(combined.high),
        "conflict": _number(combined.conflict),
        "weight": _number(combined.weight),
        "effective_units": _number(combined.effective_units),
    }


def _units(release: Release) -> list[Json]:
    scores: dict[str, list[Json]] = {}
    results: dict[str, list[Json]] = {}
    for score in release.scores:
        scores.setdefault(score.unit, []).append(_score(score))
    for result in release.results:
        results.setdefault(result.unit, []).append(_result(result))
    positions = {position.unit: position for position in release.positions}
    return [
        _unit(unit, scores.get(unit.key, []), results.get(unit.key, []), positions.get(unit.key))
        for unit in release.units
    ]


def _unit(unit: ShownUnit, scores: list[Json], results: list[Json], position: Position | None) -> Object:
    return {
        "key": unit.key,
        "name": unit.name,
        "parent": unit.parent,
        "service": unit.service,
        "co_creation": None if unit.co_creation is None else _number(unit.co_creation),
        "level": unit.level,
        "scores": scores,
        "results": results,
        "position": None if position is None else _position(position),
    }


def _score(score: ShownScore) -> Object:
    return {
        "period": score.period,
        "construct": score.construct,
        "n": _count(score.n),
        "mean": _number(score.mean),
        "shrunken": _number(score.shrunken),
        "low": _number(score.shrunken_low),
        "high": _number(score.shrunken_high),
        "reliability": _number(score.reliability),
        "step": _number(score.step),
    }


def _result(result: ShownResult) -> Object:
    return {"period": result.period, "measure": result.measure, "value": _number(result.value)}


def _position(position: Position) -> Object:
    return {
        "period": position.period,
        "peers": position.peers,
        "service": _interval(position.service),
        "employership": _interval(position.employership),
        "trend_service": _interval(position.trend_service),
        "trend_employership": _interval(position.trend_employership),
        "against_norm": _number(position.against_norm),
        "n": _count(position.n),
    }


def _scale(scale: ScaleQuality) -> Object:
    return {
        "construct": scale.construct,
        "n_items": scale.n_items,
        "n_obs": _count(scale.n_obs),
        "n_units": scale.n_units,
        "n_waves": scale.n_waves,
        "mean": _number(scale.mean),
        "sd": _number(scale.sd),
        "scale_low": _number(scale.scale_low),
        "scale_high": _number(scale.scale_high),
        "alpha": _interval(scale.alpha),
        "omega": _interval(scale.omega),
        "icc1": _interval(scale.icc1),
        "icc2": _interval(scale.icc2),
        "rwg_j": _number(scale.rwg_j),
        "notes": _notes(scale.notes),
    }


def _move(rank: int, move: Move) -> Object:
    return {
        "rank": rank,
        "unit": move.unit,
        "lever": move.lever,
        "outcome": move.outcome,
        "level": _number(move.level),
        "target": _number(move.target),
        "target_basis": move.target_basis,
        "gap": _number(move.gap),
        "gain": _interval(move.gain),
        "probability": _number(move.probability),
        "design": move.design,
        "n": _count(move.n),
    }


def _action(action: ActionEffect) -> Object:
    return {
        "key": action.key,
        "lever": action.lever,
        "what": action.what,
        "start": action.start,
        "units": list(action.units),
        "verdict": action.verdict,
        "reason": _text(action.reason, action.reason_nl),
        "outcomes": [_outcome(effect) for effect in action.outcomes],
        "notes": _notes(action.notes),
    }


def _outcome(effect: OutcomeEffect) -> Object:
    return {
        "outcome": effect.outcome,
        "method": effect.method,
        "verdict": effect.verdict,
        "say_from": effect.say_from or None,
        "reason": _text(effect.reason, effect.reason_nl),
        "effect": _interval(effect.estimate),
        "parallel": _interval(effect.plain),
        "raw": _interval(effect.raw),
        "naive": _number(effect.naive),
        "chance": _number(effect.chance),
        "placebo": _interval(effect.placebo),
        "pretrend_p": _number(effect.pretrend_p),
        "p_value": _number(effect.p_value),
        "mde": _number(effect.mde),
        "n_acted": effect.n_acted,
        "n_compared": effect.n_compared,
        "n_before": effect.n_before,
        "n_after": effect.n_after,
    }


def _outlook(outlook: Outlook) -> Object:
    names, tested = ("q10", "q25", "q50", "q75", "q90"), outlook.tested
    return {
        "measure": outlook.measure,
        "now": _number(outlook.now),
        "ahead": [
            {"period": period, **{name: _number(v) for name, v in zip(names, at, strict=True)}}
            for period, at in zip(outlook.periods, zip(*outlook.bands, strict=True), strict=True)
        ],
        "target": _number(outlook.target),
        "chance": _number(outlook.chance),
        "tested": {
            "model": _number(tested.model),
            "chain": _number(tested.chain),
            "naive": _number(tested.naive),
            "seasonal": _number(tested.seasonal),
            "inside": _number(tested.inside),
            "n": tested.n,
            "use_chain": tested.use_chain,
        },
        "n_units": outlook.n_units,
        "reason": _text(outlook.reason.en, outlook.reason.nl),
    }


def _warnings(found: Warnings) -> Object:
    return {
        "outcome": found.outcome,
        "is_on": found.is_on,
        "hits": _number(found.hits),
        "false_alarms": _number(found.false_alarms),
        "came_true": _number(found.came_true),
        "base": _number(found.base),
        "past_hits": _number(found.past_hits),
        "gain": _number(found.gain),
        "n_forecasts": found.n,
        "n_units": found.n_units,
        "since": found.since,
        "period": found.period,
        "alarms": [{"unit": alarm.unit, "signals": list(alarm.signals)} for alarm in found.alarms],
        "reason": _text(found.reason.en, found.reason.nl),
    }
