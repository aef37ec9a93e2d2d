"""Claims and arrows through the gate: an estimate over very few units or people is withheld."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from bevlogen.core.chain import Link, Text
from bevlogen.core.judged import ClaimVerdict, LinkVerdict
from bevlogen.core.linked import Estimate, Finding, LinkEstimate
from bevlogen.core.measured import Panel
from bevlogen.disclose import rounding

# A slope over fewer units would tell on a unit; over fewer people than twice k, on a person.
LEAST_UNITS = 5
TIMES_K = 2

TOO_FEW = Text(
    "This rests on too few teams or people to show without telling on them. "
    f"At least {LEAST_UNITS} teams with data on both sides are needed.",
    "Dit rust op te weinig teams of mensen om te tonen zonder iets over hen te verraden. "
    f"Er zijn ten minste {LEAST_UNITS} teams met gegevens van beide kanten nodig.",
)


def guard_link(verdict: LinkVerdict, panel: Panel, k: int) -> LinkVerdict:
    """Return the verdict rounded, without estimates over fewer than five units or ``2 k`` respondents in all.

    Where the estimate that decides falls, the verdict becomes undetermined and the combination with the literature
    (from which the own estimate could be worked back) falls too. Respondents that are not known are not judged: such
    scores are shown only where they are public already.
    """
    people = _respondents(verdict.estimate.link, panel)
    kept = tuple(
        rounding.estimate(e)
        for e in verdict.estimate.estimates
        if e.n_units >= LEAST_UNITS and not people < TIMES_K * k
    )
    headline = verdict.headline
    guarded = _guard_estimate(verdict.estimate, kept)
    if headline is not None and not _is_kept(headline, kept):
        return replace(
            verdict,
            estimate=guarded,
            headline=None,
            combined=None,
            verdict="undetermined",
            reason=TOO_FEW.en,
            reason_nl=TOO_FEW.nl,
            q_value=math.nan,
        )
    return replace(
        verdict,
        estimate=guarded,
        q_value=rounding.significant(verdict.q_value),
        headline=None if headline is None else rounding.estimate(headline),
        combined=None if verdict.combined is None else rounding.combined(verdict.combined),
    )


def guard_claim(claim: ClaimVerdict, panel: Panel, k: int) -> ClaimVerdict:
    """Return the claim with guarded links and finding; undetermined as soon as one of these had to be withheld.

    A finding that is withheld goes as a whole: its other figures tell as much as the one that decides.
    """
    if claim.finding is not None:
        return _guard_finding(claim, claim.finding, panel, k)
    links = tuple(guard_link(link, panel, k) for link in claim.links)
    if any(
        after.headline is None and before.headline is not None for before, after in zip(claim.links, links, strict=True)
    ):
        return _withheld(replace(claim, links=links))
    return replace(claim, links=links, q_value=rounding.significant(claim.q_value))


def _guard_finding(claim: ClaimVerdict, finding: Finding, panel: Panel, k: int) -> ClaimVerdict:
    if not math.isfinite(finding.estimate) and not finding.figures:
        return claim
    # Variance shares concern no link: there the ratings themselves are what is counted.
    people = min((_respondents(link, panel) for link in claim.claim.links), default=finding.n_obs)
    if finding.n_units < LEAST_UNITS or people < TIMES_K * k:
        return _withheld(claim)
    return replace(claim, finding=rounding.finding(finding), q_value=rounding.significant(claim.q_value))


def _withheld(claim: ClaimVerdict) -> ClaimVerdict:
    return replace(
        claim,
        verdict="undetermined",
        reason=TOO_FEW.en,
        reason_nl=TOO_FEW.nl,
        finding=None,
        q_value=math.nan,
    )


def _respondents(link: Link, panel: Panel) -> float:
    """Respondents over all cells on the side that has the fewest; infinity where no side counts them."""
    sides = [panel.n[:, :, panel.variables.index(v)] for v in (link.cause, link.outcome) if v in panel.variables]
    return min((float(np.nansum(side)) for side in sides if np.isfinite(side).any()), default=math.inf)


def _is_kept(headline: Estimate, kept: tuple[Estimate, ...]) -> bool:
    return any(e.design == headline.design for e in kept)


def _guard_estimate(estimate: LinkEstimate, kept: tuple[Estimate, ...]) -> LinkEstimate:
    if estimate.estimates and not kept:
        return replace(
            estimate,
            estimates=(),
            reliability_cause=math.nan,
            reliability_outcome=math.nan,
            reason=TOO_FEW.en,
            reason_nl=TOO_FEW.nl,
        )
    return replace(
        estimate,
        estimates=kept,
        reliability_cause=rounding.decimals(estimate.reliability_cause, 2),
        reliability_outcome=rounding.decimals(estimate.reliability_outcome, 2),
    )
