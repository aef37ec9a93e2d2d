"""A release that was stored as JSON, opened again: what passed the gate once is shown, and nothing is added."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bevlogen.core.chain import CLAIMS, Construct, Link, Text
from bevlogen.core.foreseen import Alarm, Backtest, Outlook, Warnings
from bevlogen.core.judged import ClaimVerdict, Combined, LinkVerdict, Published
from bevlogen.core.linked import Estimate, Figure, Finding, LinkEstimate
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.planned import ActionEffect, Move, OutcomeEffect, Position
from bevlogen.core.results import Interval, Provenance, SimilarBy
from bevlogen.core.shown import Release, ShownResult, ShownScore, ShownUnit, Suppressed, Voice

Stored = Mapping[str, Any]


def reopen(document: Stored, *, root: str | None = None) -> Release:
    """Open a release that was stored in the documented JSON schema.

    Parameters
    ----------
    document : of schema ``bevlogen-steering/1``, or a part of it: units that are left out are simply not there.
    root : key of the unit whose figures stand for the whole; by default the one that the document names.

    Notes
    -----
    What the schema leaves out (standard errors, 90% limits, degrees of freedom) is NaN, and of comments empty. A claim
    that this version does not know is left out. ``suppressed`` may be left out of a part.
    """
    organisation, policy, source = document["organisation"], document["policy"], document["provenance"]
    named = list(document["constructs"])
    units = document["units"]
    return Release(
        title=organisation["name"],
        language=organisation["language"],
        note=organisation["note"],
        simulated=organisation["simulated"],
        periods=tuple(document["periods"]),
        units=tuple(
            ShownUnit(u["key"], u["name"], u["parent"], u["service"], u["co_creation"], u["level"]) for u in units
        ),
        constructs={c["key"]: _construct(c) for c in named},
        measures_share=frozenset(c["key"] for c in named if c["is_share"]),
        unit_of_measure={c["key"]: c["unit_of_measure"] for c in named if c["unit_of_measure"] is not None},
        scores=tuple(_score(u["key"], s) for u in units for s in u["scores"]),
        results=tuple(
            ShownResult(u["key"], r["period"], r["measure"], _number(r["value"])) for u in units for r in u["results"]
        ),
        suppressed=tuple(
            Suppressed(s["unit"], s["period"], s["construct"], s["rule"], s.get("instead") or "", *_similar(s))
            for s in document.get("suppressed", ())
        ),
        scales=tuple(_scale(scale) for scale in document["scales"]),
        claims=tuple(_claim(claim) for claim in document["claims"] if claim["id"] in CLAIMS),
        picture=tuple(_link(link) for link in document["picture"]),
        positions=tuple(_position(u["key"], u["position"]) for u in units if u["position"] is not None),
        moves=tuple(_move(move) for move in document["priorities"]),
        effects=tuple(_action(action) for action in document.get("actions", ())),
        outlooks=tuple(_outlook(one) for one in document.get("outlooks", ())),
        warnings=tuple(_warnings(one) for one in document.get("warnings", ())),
        voices=tuple(_voice(one) for one in document.get("voices", ())),
        norms={c["key"]: (band[0], band[1]) for c in named if (band := c.get("norm"))},
        moves_reason=document["priorities_reason"]["en"],
        moves_reason_nl=document["priorities_reason"]["nl"],
        certainty=_number(document["priorities_certainty"]),
        smallest_effect=_number(document["smallest_effect"]),
        k=policy["k"],
        k_comments=policy["k_comments"],
        root=(organisation["root"] or "") if root is None else root,
        provenance=Provenance(source["version"], source["fingerprint"], source["seed"]),
        notes=_texts(document["notes"]),
        ways={way["rule"]: Text(way["text"]["en"], way["text"]["nl"]) for way in document.get("ways", ())},
    )


def _voice(stored: Stored) -> Voice:
    question = Text(stored["question"]["en"], stored["question"]["nl"])
    return Voice(stored["unit"], stored["period"], question, tuple(stored["words"]), ())


def _similar(gone: Stored) -> tuple[float, int, SimilarBy]:
    found = gone.get("similar")
    return (found["mean"], found["units"], found["by"]) if found else (math.nan, 0, "")


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _texts(notes: Sequence[Stored]) -> tuple[Text, ...]:
    return tuple(Text(note["en"], note["nl"]) for note in notes)


def _interval(value: Stored) -> Interval:
    return Interval(_number(value["estimate"]), _number(value["low"]), _number(value["high"]))


def _construct(stored: Stored) -> Construct:
    label = Text(stored["label"]["en"], stored["label"]["nl"])
    return Construct(stored["key"], label, stored["side"], stored["higher_is_better"], stored["health"])


def _score(unit: str, stored: Stored) -> ShownScore:
    return ShownScore(
        unit,
        stored["period"],
        stored["construct"],
        _number(stored["n"]),
        _number(stored["mean"]),
        _number(stored["shrunken"]),
        _number(stored["low"]),
        _number(stored["high"]),
        _number(stored["reliability"]),
        _number(stored.get("step")),
    )


def _scale(stored: Stored) -> ScaleQuality:
    return ScaleQuality(
        stored["construct"],
        stored["n_items"],
        _number(stored["n_obs"]),
        stored["n_units"],
        stored["n_waves"],
        _number(stored["mean"]),
        _number(stored["sd"]),
        _number(stored["scale_low"]),
        _number(stored["scale_high"]),
        _interval(stored["alpha"]),
        _interval(stored["omega"]),
        _interval(stored["icc1"]),
        _interval(stored["icc2"]),
        _number(stored["rwg_j"]),
        _texts(stored["notes"]),
    )


def _claim(stored: Stored) -> ClaimVerdict:
    return ClaimVerdict(
        CLAIMS[stored["id"]],
        stored["verdict"],
        stored["reason"]["en"],
        stored["reason"]["nl"],
        tuple(_link(link) for link in stored["links"]),
        None if stored["finding"] is None else _finding(stored["id"], stored["finding"]),
        _number(stored["q_value"]),
    )


def _finding(claim: str, stored: Stored) -> Finding:
    figures = tuple(Figure(Text(one["name"]["en"], one["name"]["nl"]), _interval(one)) for one in stored["figures"])
    return Finding(
        claim=claim,
        estimate=_number(stored["estimate"]),
        low=_number(stored["low"]),
        high=_number(stored["high"]),
        low90=_number(stored["low90"]),
        high90=_number(stored["high90"]),
        null=_number(stored["null"]),
        margin=_number(stored["margin"]),
        expects=stored["expects"],
        p_value=_number(stored["p_value"]),
        scale=Text(stored["scale"]["en"], stored["scale"]["nl"]),
        figures=figures,
        design=stored["design"],
        same_source=stored["same_source"],
        n_obs=stored["n_obs"],
        n_units=stored["n_units"],
        n_waves=stored["n_waves"],
        reason=Text(stored["reason"]["en"], stored["reason"]["nl"]),
        notes=_texts(stored["notes"]),
    )


def _link(stored: Stored) -> LinkVerdict:
    estimates = tuple(_estimate(one) for one in stored["designs"])
    link = Link(stored["cause"], stored["outcome"], stored["sign"])
    own = (_estimate({**one, **stored["own"]}) for one in stored["designs"] if one["design"] == stored["design"])
    headline = next(own, None)
    found = LinkEstimate(link, stored["sign"], estimates, stored["same_source"], math.nan, math.nan)
    published, combined = stored["evidence"], stored["combined"]
    return LinkVerdict(
        found,
        headline,
        None if published is None else _published(published),
        None if combined is None else _combined(combined),
        stored["verdict"],
        stored["reason"]["en"],
        stored["reason"]["nl"],
        _number(stored["q_value"]),
    )


def _estimate(stored: Stored) -> Estimate:
    return Estimate(
        design=stored["design"],
        std_error=math.nan,
        df=math.nan,
        low90=math.nan,
        high90=math.nan,
        estimate=_number(stored["estimate"]),
        low=_number(stored["low"]),
        high=_number(stored["high"]),
        raw=_number(stored["raw"]),
        raw_low=_number(stored["raw_low"]),
        raw_high=_number(stored["raw_high"]),
        uncorrected=_number(stored["uncorrected"]),
        mde=_number(stored["mde"]),
        p_value=_number(stored["p_value"]),
        n_obs=0,
        n_units=stored["n_units"],
        n_waves=stored["n_waves"],
        notes=_texts(stored["notes"]),
    )


def _published(stored: Stored) -> Published:
    return Published(
        _number(stored["mean"]),
        _number(stored["tau"]),
        _number(stored["low"]),
        _number(stored["high"]),
        stored["kind"],
        stored["basis"],
        tuple(stored["sources"]),
    )


def _combined(stored: Stored) -> Combined:
    return Combined(
        _number(stored["mean"]),
        math.nan,
        _number(stored["low"]),
        _number(stored["high"]),
        _number(stored["conflict"]),
        _number(stored["weight"]),
        _number(stored["effective_units"]),
    )


def _position(unit: str, stored: Stored) -> Position:
    return Position(
        unit,
        stored["period"],
        stored["peers"],
        _interval(stored["service"]),
        _interval(stored["employership"]),
        _interval(stored["trend_service"]),
        _interval(stored["trend_employership"]),
        _number(stored["against_norm"]),
        _number(stored["n"]),
    )


def _move(stored: Stored) -> Move:
    return Move(
        unit=stored["unit"],
        lever=stored["lever"],
        outcome=stored["outcome"],
        level=_number(stored["level"]),
        target=_number(stored["target"]),
        target_basis=stored["target_basis"],
        gap=_number(stored["gap"]),
        gain=_interval(stored["gain"]),
        probability=_number(stored["probability"]),
        design=stored["design"],
        n=_number(stored["n"]),
    )


def _action(stored: Stored) -> ActionEffect:
    return ActionEffect(
        stored["key"],
        stored["lever"],
        stored["what"],
        stored["start"],
        tuple(stored["units"]),
        tuple(_outcome(o) for o in stored["outcomes"]),
        stored["verdict"],
        stored["reason"]["en"],
        stored["reason"]["nl"],
        tuple(Text(n["en"], n["nl"]) for n in stored["notes"]),
    )


def _outcome(stored: Stored) -> OutcomeEffect:
    return OutcomeEffect(
        outcome=stored["outcome"],
        method=stored["method"],
        estimate=_interval(stored["effect"]),
        plain=_interval(stored["parallel"]),
        raw=_interval(stored["raw"]),
        naive=_number(stored["naive"]),
        chance=_number(stored["chance"]),
        placebo=_interval(stored["placebo"]),
        pretrend_p=_number(stored["pretrend_p"]),
        p_value=_number(stored["p_value"]),
        mde=_number(stored["mde"]),
        n_acted=stored["n_acted"],
        n_compared=stored["n_compared"],
        n_before=stored["n_before"],
        n_after=stored["n_after"],
        n=math.nan,
        verdict=stored["verdict"],
        say_from=stored["say_from"] or "",
        reason=stored["reason"]["en"],
        reason_nl=stored["reason"]["nl"],
    )


def _outlook(stored: Stored) -> Outlook:
    ahead, tested = stored["ahead"], stored["tested"]
    return Outlook(
        stored["measure"],
        tuple(a["period"] for a in ahead),
        tuple(tuple(_number(a[q]) for a in ahead) for q in ("q10", "q25", "q50", "q75", "q90")),
        _number(stored["target"]),
        _number(stored["chance"]),
        Backtest(
            _number(tested["model"]),
            _number(tested["chain"]),
            _number(tested["naive"]),
            _number(tested["seasonal"]),
            _number(tested["inside"]),
            tested["n"],
            tested["use_chain"],
        ),
        stored["n_units"],
        Text(stored["reason"]["en"], stored["reason"]["nl"]),
        _number(stored["now"]),
    )


def _warnings(stored: Stored) -> Warnings:
    return Warnings(
        stored["outcome"],
        stored["is_on"],
        _number(stored["hits"]),
        _number(stored["false_alarms"]),
        _number(stored["came_true"]),
        _number(stored["base"]),
        _number(stored["past_hits"]),
        _number(stored["gain"]),
        stored["n_forecasts"],
        stored["n_units"],
        stored["since"],
        stored["period"],
        tuple(Alarm(a["unit"], tuple(a["signals"])) for a in stored["alarms"]),
        Text(stored["reason"]["en"], stored["reason"]["nl"]),
    )
