"""Many claims are tested at once: some look sure by chance alone, so each p-value is adjusted for all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bevlogen.core.chain import Text
from bevlogen.core.results import ClaimVerdict, LinkVerdict
from bevlogen.steer import reasons

# Of the claims called supported or contradicted, at most this share is expected to be so by chance.
FALSE_DISCOVERY_RATE = 0.05


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return each p-value adjusted so that those below a level have at most that false discovery rate; NaN stays NaN.

    Notes
    -----
    Benjamini-Hochberg: ``q_(i) = min over j >= i of p_(j) m / j`` over the m p-values that are known. It holds for
    independent and for positively dependent tests.

    References
    ----------
    Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x. Benjamini & Yekutieli (2001),
    doi 10.1214/aos/1013699998, for dependence.

    Examples
    --------
    >>> [round(q, 3) for q in adjusted([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if math.isfinite(p))
    out = [math.nan] * len(p_values)
    least = 1.0
    for rank in range(len(known), 0, -1):
        p, place = known[rank - 1]
        least = min(least, p * len(known) / rank)
        out[place] = least
    return tuple(out)


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
