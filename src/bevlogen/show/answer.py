"""The answer in one to three sentences: does the chain hold here, on what to steer first, what is still needed."""

from __future__ import annotations

from dataclasses import dataclass

from bevlogen.core.judged import ClaimVerdict
from bevlogen.core.results import Verdict
from bevlogen.show.view import View
from bevlogen.show.wording import VERDICTS

# The claims that carry the answer, in the order in which a director would want them settled.
_CENTRAL = ("engaged-customers", "employership-engages", "customers-carry", "interaction-is-quality", "whole-chain")
_MOST_NEEDED = 320  # characters: a finding, why it does not settle the claim, and what would
_CLEAR_LEAD = 0.8  # chance of being the best below which the answer calls a lead uncertain


@dataclass(frozen=True, slots=True)
class Count:
    """How many claims have a verdict."""

    verdict: Verdict
    word: str
    n: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A claim that the figures decide, and the first sentences of why."""

    ident: str
    text: str
    verdict: Verdict
    said: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The top of the page."""

    sentences: tuple[str, ...]
    needed: str
    caution: str
    counts: tuple[Count, ...]
    settled: tuple[Settled, ...]


def answer(view: View) -> Answer:
    """Choose the sentences that fit the verdicts and the plan."""
    claims = view.release.claims
    counts = tuple(
        Count(verdict, word.in_(view.language), sum(c.verdict == verdict for c in claims))
        for verdict, word in VERDICTS.items()
    )
    return Answer(
        (_chain_sentence(view), _steer_sentence(view)),
        _needed_sentence(view),
        view.say("association") if _only_association(view) else "",
        counts if claims else (),
        tuple(
            Settled(
                f"claim-{c.claim.id}",
                c.claim.text.in_(view.language),
                c.verdict,
                opening(reason_of(view, c), _MOST_NEEDED),
            )
            for verdict in VERDICTS
            for c in claims
            if c.verdict == verdict != "undetermined"
        ),
    )


def _chain_sentence(view: View) -> str:
    """Say whether the chain holds here."""
    claims = view.release.claims
    n = {verdict: sum(c.verdict == verdict for c in claims) for verdict in VERDICTS}
    supported, contradicted, nothing = n["supported"], n["contradicted"], n["no meaningful effect"]
    unknown = n["undetermined"]
    parts = {
        "n": len(claims),
        "supported": supported,
        "contradicted": contradicted,
        "nothing": nothing,
        "unknown": unknown,
    }
    if not claims:
        return view.say("chain_none")
    if any(c.claim.id == "whole-chain" and c.verdict == "supported" for c in claims) and not contradicted:
        return view.say("chain_whole")
    if supported and contradicted:
        return view.say("chain_mixed", **parts)
    if supported:
        return view.say("chain_part", **parts)
    if contradicted:
        return view.say("chain_against", **parts)
    return view.say("chain_small" if nothing else "chain_unknown", **parts)


def _steer_sentence(view: View) -> str:
    """Say where to start, or why that cannot be said."""
    release = view.release
    if release.moves:
        move = release.moves[0]
        first = view.say(
            "steer_first",
            lever=view.label(move.lever),
            unit=view.name(move.unit),
            outcome=view.label(move.outcome),
            chance=view.chance(move.probability),
        )
        return f"{first} {view.say('steer_close')}" if release.certainty < _CLEAR_LEAD else first
    return opening(moves_reason(view)) or view.say("steer_none_bare")


def opening(text: str, most: int = 175) -> str:
    """Return the first sentences of a reason, as many as fit in a short paragraph; the whole stands in its section."""
    kept, *rest = text.split(". ")
    for sentence in rest:
        if len(kept) + len(sentence) > most:
            return f"{kept}."
        kept = f"{kept}. {sentence}"
    return kept


def moves_reason(view: View) -> str:
    """Reason of the plan in the reader's language."""
    return view.release.moves_reason_nl if view.language == "nl" else view.release.moves_reason


def reason_parts(text: str) -> list[str]:
    """Split a long reason where it turns to another link, so that it can be read as a list."""
    parts: list[str] = []
    for sentence in text.split(". "):
        if not parts or " → " in sentence:
            parts.append(sentence)
        else:
            parts[-1] = f"{parts[-1]}. {sentence}"
    return [part if part.endswith(".") else f"{part}." for part in parts if part]


def reason_of(view: View, verdict: ClaimVerdict) -> str:
    """Reason of a claim's verdict in the reader's language."""
    return verdict.reason_nl if view.language == "nl" else verdict.reason


def open_claims(view: View) -> tuple[ClaimVerdict, ...]:
    """Every claim that is still open, the most central first."""
    found = [c for c in view.release.claims if c.verdict == "undetermined"]
    rank = {key: i for i, key in enumerate(_CENTRAL)}
    return tuple(sorted(found, key=lambda c: rank.get(c.claim.id, len(rank))))


def _needed_sentence(view: View) -> str:
    """Name the most central claim that is still open, and what would settle it; "" if none is."""
    first = next((c for c in open_claims(view) if c.claim.id in _CENTRAL), None)
    if first is None:
        return ""
    return f"“{first.claim.text.in_(view.language)}” {opening(open_part(view, first), _MOST_NEEDED)}"


def open_part(view: View, verdict: ClaimVerdict) -> str:
    """Give of a claim that rests on several links: the reason of the first that is open, not of one that is settled."""
    reason = reason_of(view, verdict)
    arrows = tuple(
        f"{view.label(link.estimate.link.cause)} → {view.label(link.estimate.link.outcome)}"
        for link in verdict.links
        if link.verdict == "undetermined"
    )
    return next((part for part in reason_parts(reason) if part.startswith(arrows)), reason)


def _only_association(view: View) -> bool:
    """Whether something was estimated and nothing of it by experiment."""
    headlines = [link.headline for claim in view.release.claims for link in claim.links if link.headline is not None]
    return bool(headlines) and all(h.design != "experiment" for h in headlines)
