"""What becomes of each claim: own data, published and combined estimates, and a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from bevlogen.core.chain import Claim
from bevlogen.core.linked import Estimate, Finding, LinkEstimate
from bevlogen.core.results import Provenance, Verdict, html_table, table


@dataclass(frozen=True, slots=True)
class Published:
    """What the literature says of a link, on the scale of the own estimate: mean, spread between organisations, basis.

    ``mean`` and ``tau`` are a normal prior for the true effect in a new organisation; ``sources`` are ids in
    effects.csv.
    ``kind`` says whether it is a correlation between units or an effect over time.
    """

    mean: float
    tau: float
    low: float
    high: float
    kind: Literal["cross-sectional", "causal"]
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combined:
    """Own data and literature together (robust MAP): posterior mean and 95% interval.

    ``conflict`` is the two-sided prior-data conflict p (small = they disagree), ``weight`` the posterior weight of the
    informative part, ``effective_units`` how many units of own data the literature is worth.
    """

    mean: float
    sd: float
    low: float
    high: float
    conflict: float
    weight: float
    effective_units: float


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """A link, the estimate that decides, the literature, both together, and the verdict with its reason.

    Where several designs were tested together, the limit of ``headline`` on the side of 0 takes that into account; its
    estimate, other limit and p-value are those of the design by itself. ``q_value`` is the p-value of the link over its
    designs, adjusted for all else that was tested together (false discovery rate); NaN without one.
    """

    estimate: LinkEstimate
    headline: Estimate | None
    published: Published | None
    combined: Combined | None
    verdict: Verdict
    reason: str
    reason_nl: str
    q_value: float = math.nan

    def decided_by(self, estimate: Estimate) -> bool:
        """Tell whether this estimate of the link is the one that decides."""
        return self.headline is not None and self.headline.design == estimate.design


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """A claim with its verdict and what it rests on: its links, or the finding of another method (then no links).

    ``q_value`` is the adjusted p-value of the finding, or of the link where there is one; NaN without one and for a
    claim of several links, each of which has its own.
    """

    claim: Claim
    verdict: Verdict
    reason: str
    reason_nl: str
    links: tuple[LinkVerdict, ...]
    finding: Finding | None = None
    q_value: float = math.nan


@dataclass(frozen=True, slots=True)
class Chain:
    """What ``study.link()`` answers: a verdict per claim and per arrow of the picture.

    ``facets`` holds the links of single facets of employership with engagement, where facets are measured.
    """

    claims: tuple[ClaimVerdict, ...]
    picture: tuple[LinkVerdict, ...]
    provenance: Provenance
    facets: tuple[LinkVerdict, ...] = ()

    def tidy(self) -> pa.Table:
        """One row per claim, link and design."""
        rows = [
            (c.claim.id, link.estimate.link, e, link if link.decided_by(e) else None)
            for c in self.claims
            for link in c.links
            for e in link.estimate.estimates
        ]
        return table(
            {
                "claim": [r[0] for r in rows],
                "cause": [r[1].cause for r in rows],
                "outcome": [r[1].outcome for r in rows],
                "design": [r[2].design for r in rows],
                "estimate": [r[2].estimate for r in rows],
                "std_error": [r[2].std_error for r in rows],
                "df": [r[2].df for r in rows],
                "conf_low": [r[2].low for r in rows],
                "conf_high": [r[2].high for r in rows],
                "raw": [r[2].raw for r in rows],
                "p_value": [r[2].p_value for r in rows],
                "mde": [r[2].mde for r in rows],
                "n_obs": [r[2].n_obs for r in rows],
                "n_units": [r[2].n_units for r in rows],
                "n_waves": [r[2].n_waves for r in rows],
                "q_value": [None if r[3] is None else r[3].q_value for r in rows],
                "verdict": [None if r[3] is None else r[3].verdict for r in rows],
            }
        )

    def findings(self) -> pa.Table:
        """One row per claim that a method other than a link answers."""
        found = [(c, c.finding) for c in self.claims if c.finding is not None]
        return table(
            {
                "claim": [c.claim.id for c, _ in found],
                "design": [f.design for _, f in found],
                "estimate": [f.estimate for _, f in found],
                "conf_low": [f.low for _, f in found],
                "conf_high": [f.high for _, f in found],
                "p_value": [f.p_value for _, f in found],
                "q_value": [c.q_value for c, _ in found],
                "n_obs": [f.n_obs for _, f in found],
                "n_units": [f.n_units for _, f in found],
                "n_waves": [f.n_waves for _, f in found],
                "verdict": [c.verdict for c, _ in found],
            }
        )

    def glance(self) -> pa.Table:
        """One row per claim."""
        return table(
            {
                "claim": [c.claim.id for c in self.claims],
                "verdict": [c.verdict for c in self.claims],
                "q_value": [c.q_value for c in self.claims],
                "reason": [c.reason for c in self.claims],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.glance())
