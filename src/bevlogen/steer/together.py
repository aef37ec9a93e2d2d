"""Many claims are tested at once: some look sure by chance alone, so each p-value is adjusted for all of them."""

from __future__ import annotations

from dataclasses import replace

from bevlogen.core.chain import Text
from bevlogen.core.judged import ClaimVerdict, LinkVerdict
from bevlogen.steer import reasons

# Of the claims called supported or contradicted, at most this share is expected to be so by chance.
FALSE_DISCOVERY_RATE = 0.05


def hold_link(verdict: LinkVerdict, q_value: float, n_tests: int) -> LinkVerdict:
    """Return the verdict with its adjusted p-value; undetermined where it is only sure without the adjustment."""
    if verdict.headline is None:
        return verdict
    if verdict.verdict not in ("supported", "contradicted") or not q_value >= FALSE_DISCOVERY_RATE:
        return replace(verdict, q_value=q_value)
    reason = _held(Text(verdict.reason, verdict.reason_nl), q_value, n_tests)
    return replace(verdict, q_value=q_value, verdict="undetermined", reason=reason.en, reason_nl=reason.nl)


def hold_claim(verdict: ClaimVerdict, q_value: float, n_tests: int) -> ClaimVerdict:
    """Return the verdict of a finding with its adjusted p-value; undetermined where it is only sure without it."""
    if verdict.verdict not in ("supported", "contradicted") or not q_value >= FALSE_DISCOVERY_RATE:
        return replace(verdict, q_value=q_value)
    reason = _held(Text(verdict.reason, verdict.reason_nl), q_value, n_tests)
    return replace(verdict, q_value=q_value, verdict="undetermined", reason=reason.en, reason_nl=reason.nl)


def _held(reason: Text, q_value: float, n_tests: int) -> Text:
    q = reasons.number(q_value, 3)
    chance = Text(
        f"By itself that would be sure enough, but {n_tests} things were tested together and some then look sure by "
        f"chance. Adjusted for that, p is {q.en}; less than 0.05 is asked.",
        f"Op zichzelf zou dat zeker genoeg zijn, maar {n_tests} dingen zijn samen getoetst en dan lijken er altijd wel "
        f"een paar zeker door toeval. Als dat is meegerekend, is p {q.nl}; minder dan 0,05 is nodig.",
    )
    return reasons.join(reason, chance)
