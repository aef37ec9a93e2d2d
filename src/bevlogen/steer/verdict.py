"""What each link and claim comes to: supported, contradicted, no meaningful effect, or undetermined and why."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bevlogen.core.chain import CLAIMS, PICTURE, Claim, Link, Text
from bevlogen.core.results import (
    Chain,
    ClaimVerdict,
    Design,
    Estimate,
    Finding,
    LinkEstimate,
    LinkVerdict,
    Provenance,
    Verdict,
)
from bevlogen.core.tables import Organisation
from bevlogen.models import discovery
from bevlogen.steer import evidence, reasons, together
from bevlogen.steer.findings import deciding_p, judge_finding

# A design that could not have seen an effect of this size (SD) does not get to decide.
LARGEST_MDE = 0.30
_ORDER: tuple[Design, ...] = ("experiment", "within", "lagged", "cross-sectional")
_SAME_SOURCE_ORDER: tuple[Design, ...] = ("experiment", "lagged", "within", "cross-sectional")
_TESTED = ("link", "use")

LinkVerdicts = Mapping[tuple[str, str], LinkVerdict]


def judge(
    links: tuple[LinkEstimate, ...],
    organisation: Organisation,
    provenance: Provenance,
    findings: tuple[Finding, ...] = (),
) -> Chain:
    """Does the chain hold here? One verdict per claim of the theory and per arrow of the picture.

    Parameters
    ----------
    links : one per distinct (cause, outcome) among claims and picture, in any order; a missing one counts as no data.
        Links beyond these are those of facets of employership.
    organisation : names, the smallest effect that matters, and who was asked what.
    provenance : of the measurement; handed on.
    findings : of the claims that another method answers, at most one per claim; a missing one counts as no data.

    Returns
    -------
    Chain
        Claims and arrows in the order of ``core.chain``.

    Notes
    -----
    The false discovery rate is held at 5% over the arrows of all claims that links answer and the findings of all other
    claims, together; and by itself over the other arrows of the picture and the facets. *Supported* and *contradicted*
    need an adjusted p below .05 as well.

    References
    ----------
    Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x.
    """
    found = {(e.link.cause, e.link.outcome): e for e in links}
    claimed = {(a.cause, a.outcome): a for c in CLAIMS.values() if c.method in _TESTED for a in c.links}
    drawn = {(a.cause, a.outcome): a for a in PICTURE} | claimed
    facets = {key: e.link for key, e in sorted(found.items()) if key not in drawn and "." in key[0]}
    raw = {k: judge_link(found.get(k) or _nothing(a), organisation) for k, a in (drawn | facets).items()}
    answers = {f.claim: f for f in findings}
    sure, answered = _held({k: raw[k] for k in claimed}, answers)
    others, _ = _held({k: v for k, v in raw.items() if k not in claimed}, {})
    verdicts = sure | others
    return Chain(
        tuple(answered.get(c.id) or _judge_claim(c, verdicts, organisation) for c in CLAIMS.values()),
        tuple(verdicts[arrow.cause, arrow.outcome] for arrow in PICTURE),
        provenance,
        tuple(verdicts[key] for key in facets),
    )


def _held(
    links: LinkVerdicts, findings: Mapping[str, Finding]
) -> tuple[dict[tuple[str, str], LinkVerdict], dict[str, ClaimVerdict]]:
    """Judge findings and hold links and findings to the false discovery rate over both."""
    p_links = [math.nan if v.headline is None else v.headline.p_value for v in links.values()]
    p_values = [*p_links, *(deciding_p(f) for f in findings.values())]
    q_values, n_tests = discovery.adjusted(p_values), sum(map(math.isfinite, p_values))
    held = {key: together.hold_link(v, q, n_tests) for (key, v), q in zip(links.items(), q_values, strict=False)}
    answers = {
        key: together.hold_claim(judge_finding(f), q, n_tests)
        for (key, f), q in zip(findings.items(), q_values[len(links) :], strict=True)
    }
    return held, answers


def _nothing(link: Link) -> LinkEstimate:
    return LinkEstimate(link, link.sign, (), False, math.nan, math.nan)


def headline(estimates: tuple[Estimate, ...], *, same_source: bool = False) -> Estimate | None:
    """Which estimate decides? None without a usable one.

    Notes
    -----
    The rule is fixed beforehand: the first design in this order whose minimum detectable effect is at most 0.30 SD;
    where there is none, the design with the smallest. Experiment; within units over time, which leaves out all that
    units always were; lagged, which adds the order of time but keeps stable differences and rests on a guess of the
    lag; cross-sectional. Where the same people answered both sides, figures of one moment carry their shared mood, so
    lagged comes before within. A design that could not have seen the effect must not overrule one that could: its
    "nothing found" would be no finding. ``mde`` depends on the standard error alone, so the choice cannot lean towards
    a wished-for outcome.
    """
    order = _SAME_SOURCE_ORDER if same_source else _ORDER
    usable = [e for e in estimates if math.isfinite(e.estimate) and math.isfinite(e.low) and math.isfinite(e.high)]
    ranked = sorted(usable, key=lambda e: order.index(e.design))
    able = [e for e in ranked if e.mde <= LARGEST_MDE]
    if able:
        return able[0]
    return min(ranked, key=lambda e: e.mde if math.isfinite(e.mde) else math.inf, default=None)


def judge_link(link: LinkEstimate, organisation: Organisation) -> LinkVerdict:
    """Does this arrow hold here? The verdict rests on own data; the literature stands beside it.

    Notes
    -----
    With s the expected sign and d the smallest effect that matters: *no meaningful effect* if the 90% interval lies
    within (-d, d) (two one-sided tests at 5%); else *supported* if the 95% interval lies on the side of s;
    *contradicted* if it lies on the other side; else *undetermined*. That nothing is seen one period later is no proof
    of no effect where both surely move together within a period, by d or more: the effect may be quicker than the lag,
    and the verdict is *undetermined*. A link whose two sides the same people answered is
    not *supported* by figures of one moment (cross-sectional, within), as shared mood cannot be told from an effect
    there; by a lagged estimate it may be, with the label. *Contradicted* and *no meaningful effect* stand, as shared
    mood works towards the theory.

    References
    ----------
    Schuirmann (1987), doi 10.1007/BF01068419 (equivalence). Podsakoff et al. (2003), doi 10.1037/0021-9010.88.5.879.
    """
    decides = headline(link.estimates, same_source=link.same_source)
    if decides is None:
        reason = _why_no_estimate(link, organisation)
        literature = evidence.published(link, "cross-sectional")
        return LinkVerdict(link, None, literature, None, "undetermined", reason.en, reason.nl)
    verdict, reason = _decide(link, decides, organisation)
    reason = reasons.join(reason, reasons.contrast(link, organisation))
    if not evidence.reliability_known(link) and verdict in ("undetermined", "no meaningful effect"):
        reason = reasons.join(reason, reasons.UNCORRECTED)
    literature = evidence.published(link, decides.design)
    combined = evidence.combine(literature, decides)
    return LinkVerdict(link, decides, literature, combined, verdict, reason.en, reason.nl)


def _why_no_estimate(link: LinkEstimate, organisation: Organisation) -> Text:
    if link.reason:
        return Text(link.reason, link.reason_nl or link.reason)
    return reasons.no_data(*reasons.labels(link, organisation))


def _decide(link: LinkEstimate, e: Estimate, organisation: Organisation) -> tuple[Verdict, Text]:
    smallest = organisation.smallest_effect
    label = reasons.SAME_SOURCE_LABEL if link.same_source else None
    if -smallest < e.low90 and e.high90 < smallest:
        negligible = reasons.join(reasons.negligible(link, e, smallest), label)
        within = _moves_at_once(link, e, smallest)
        if within is not None:
            return "undetermined", reasons.join(negligible, reasons.together_now(link, within, organisation))
        return "no meaningful effect", negligible
    expected, opposite = (e.low > 0, e.high < 0) if link.sign > 0 else (e.high < 0, e.low > 0)
    if opposite:
        return "contradicted", reasons.join(reasons.other_way(link, e, organisation), label)
    if not expected:
        return "undetermined", reasons.join(reasons.open_question(link, e, organisation), label)
    size = reasons.size(link, e, organisation)
    if link.same_source and e.design in ("cross-sectional", "within"):
        return "undetermined", reasons.join(size, reasons.shared_mood(link))
    return "supported", reasons.join(size, label)


def _moves_at_once(link: LinkEstimate, decides: Estimate, smallest: float) -> Estimate | None:
    """Return the within estimate if a lagged one decides and both yet surely move together in the same period."""
    within = link.by("within")
    if decides.design != "lagged" or within is None or abs(within.estimate) < smallest:
        return None
    return within if within.low > 0 or within.high < 0 else None


def _judge_claim(claim: Claim, verdicts: LinkVerdicts, organisation: Organisation) -> ClaimVerdict:
    if claim.method not in _TESTED:
        reason = reasons.needs(claim)
        return ClaimVerdict(claim, "undetermined", reason.en, reason.nl, ())
    links = tuple(verdicts[a.cause, a.outcome] for a in claim.links)
    with_data = tuple(v for v in links if v.headline is not None)
    silent = not with_data and not any(v.estimate.reason for v in links)
    if silent:
        reason = reasons.needs(claim)
    elif len(links) == 1:
        reason = Text(links[0].reason, links[0].reason_nl)
    else:
        reason = reasons.each_link(links, organisation)
    q_value = links[0].q_value if len(links) == 1 else math.nan
    return ClaimVerdict(claim, _overall(with_data), reason.en, reason.nl, links, None, q_value)


def _overall(links: tuple[LinkVerdict, ...]) -> Verdict:
    """Contradicted if any link is; supported or no meaningful effect if all are; else undetermined."""
    found = {v.verdict for v in links}
    if "contradicted" in found:
        return "contradicted"
    if len(found) == 1:
        return links[0].verdict
    return "undetermined"
