"""What each link and claim comes to: supported, contradicted, no meaningful effect, or undetermined and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bevlogen.core.chain import CLAIMS, PICTURE, Claim, Link, Text
from bevlogen.core.judged import Chain, ClaimVerdict, LinkVerdict
from bevlogen.core.linked import Estimate, Finding, LinkEstimate, shares
from bevlogen.core.results import OVER_TIME, Design, Provenance, Verdict
from bevlogen.core.tables import Organisation
from bevlogen.models import discovery
from bevlogen.steer import evidence, reasons, together
from bevlogen.steer.findings import deciding_p, judge_finding

# Which comes first of those that are sure: what leaves out most other explanations. Which is shown where none is sure,
# or where the same people answered both sides: what keeps the order of time.
_STRONGEST: tuple[Design, ...] = ("experiment", "within", "lagged", "cross-sectional")
_LATER_FIRST: tuple[Design, ...] = ("experiment", "lagged", "within", "cross-sectional")
_TESTED = ("link", "use")
_TWO_ERRORS = 1.96
_CLEAR = 2.0  # an estimate so many times as far from 0 as its joint limit reaches is beyond being picked by chance

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
    p_links = [math.nan if v.headline is None else joint_p(v.estimate, v.headline) for v in links.values()]
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


def tested(link: LinkEstimate) -> tuple[Estimate, ...]:
    """Which designs are tested together, each with its share of the 5%, the strongest first? Empty without any.

    Notes
    -----
    All of them, whatever they say: an effect at once is not seen one period later, nor a delayed one in the same
    period, and which of the two it is nobody knows beforehand. An experiment is tested alone. So is, where the same
    people answered both sides, the first of lagged, within and cross-sectional: figures of one moment carry their
    shared mood. Nothing here depends on an estimate or its standard error.
    """
    order = _LATER_FIRST if link.same_source else _STRONGEST
    usable = [e for e in link.estimates if all(map(math.isfinite, (e.estimate, e.low, e.high)))]
    ranked = tuple(sorted(usable, key=lambda e: order.index(e.design)))
    alone = link.same_source or any(e.design == "experiment" for e in ranked)
    return ranked[:1] if alone else ranked


def joint_p(link: LinkEstimate, decides: Estimate) -> float:
    """Return the p-value of no effect of a link, on the side where the estimate that decides lies (Bonferroni).

    The least of the designs on that side, each over its share of the 5%; not below that of the one that decides, which
    stands beside it.
    """
    designs = tested(link)
    same_side = [e for e in designs if e.design == decides.design or e.estimate * decides.estimate > 0]
    least = min(e.p_value / _share(designs, e) for e in same_side)
    return min(1.0, max(least, decides.p_value))


def headline(designs: Sequence[Estimate], smallest: float) -> Estimate | None:
    """Which of the designs that were tested together decides? None without any.

    Notes
    -----
    Where all that count find any effect smaller than what matters, the strongest of them. Else the strongest that is
    sure of an effect that is not. Else, as nothing is sure, the first of lagged, within and cross-sectional that does
    not already say that any effect is too small. Between units does not count beside within units, which leaves out
    all that units always were; it decides only where no design over time is sure.
    """
    agreed = counting(designs)
    if not agreed or all(is_negligible(e, smallest) for e in agreed):
        return next(iter(agreed), None)
    open_ = [e for e in designs if not is_negligible(e, smallest)]
    sure = [e for e in open_ if is_sure(designs, e)]
    return sure[0] if sure else min(open_, key=lambda e: _LATER_FIRST.index(e.design))


def counting(designs: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return the designs that must agree before there is no meaningful effect: at once and later, as far as seen."""
    within = any(e.design == "within" for e in designs)
    return tuple(e for e in designs if not (within and e.design == "cross-sectional"))


def is_negligible(e: Estimate, smallest: float) -> bool:
    """Tell whether any effect is smaller than what matters: two one-sided tests at 5%."""
    return -smallest < e.low90 and e.high90 < smallest


def is_sure(designs: Sequence[Estimate], e: Estimate) -> bool:
    """Tell whether 0 is out of the limits of one design at its share of the 5%."""
    low, high = (e.low, e.high) if _share(designs, e) == 1 else (e.low_joint, e.high_joint)
    return low > 0 or high < 0


def _share(designs: Sequence[Estimate], e: Estimate) -> float:
    return shares([d.design for d in designs])[e.design]


def limited(designs: Sequence[Estimate], e: Estimate) -> Estimate:
    """Return the estimate that decides with 95% limits that allow for its having been picked.

    Notes
    -----
    The limit on the side of 0 is the joint one, at the share of the design, as long as that does not leave out 0: the
    interval leaves out 0 only where the test does. The further the estimate lies beyond, the less its being picked
    matters: from twice as far on it is the plain limit, in between in proportion. The other limit is the plain one, as
    no estimate is picked because it came out too close to 0. With normal estimates of three designs such an interval
    covers .931 to .973 whatever the truths are (median .960), without effect .951; the plain one of the surest .86
    (own proposal, after Weinstein, Fithian & Benjamini 2013, doi 10.1080/01621459.2012.737740; measured:
    docs/calibration.md). Where the joint limit has no end the plain one is kept, and such a design is not sure.
    """
    plain, joint = (e.low, e.low_joint) if e.estimate > 0 else (e.high, e.high_joint)
    if _share(designs, e) == 1 or not math.isfinite(joint) or joint == e.estimate:
        return e
    beyond = e.estimate / (e.estimate - joint)  # 1 where the joint limit is 0
    inner = plain + min(max(_CLEAR - beyond, 0.0), 1.0) * (joint - plain)
    raw = inner * e.raw / e.estimate if e.estimate else 0.0
    if e.estimate > 0:
        return replace(e, low=inner, raw_low=raw)
    return replace(e, high=inner, raw_high=raw)


def judge_link(link: LinkEstimate, organisation: Organisation) -> LinkVerdict:
    """Does this arrow hold here? The verdict rests on own data; the literature stands beside it.

    Notes
    -----
    With s the expected sign and d the smallest effect that matters: *no meaningful effect* if the 90% interval of every
    design that counts lies within (-d, d) (two one-sided tests at 5% each); else *supported* if the design that decides
    (``headline``) is sure of an effect on the side of s; *contradicted* if on the other side; else *undetermined*. It
    is *undetermined* as well where one design over time is sure of the one and the other of the opposite; and where
    only differences between units are sure and a change within them surely brings less, at once and later together, by
    d or more (two standard errors, taken as independent; after Mundlak 1978): then units differ for another reason too.

    A link whose two sides the same people answered is not *supported* by figures of one moment (cross-sectional,
    within), as shared mood cannot be told from an effect there; by a lagged estimate it may be, with the label.
    *Contradicted* and *no meaningful effect* stand, as shared mood works towards the theory; but that nothing is seen
    one period later is no proof of no effect where both surely move together within a period, by d or more.

    References
    ----------
    Schuirmann (1987), doi 10.1007/BF01068419 (equivalence). Podsakoff et al. (2003), doi 10.1037/0021-9010.88.5.879.
    Mundlak (1978), doi 10.2307/1913646.
    """
    designs = tested(link)
    decides = headline(designs, organisation.smallest_effect)
    if decides is None:
        reason = _why_no_estimate(link, organisation)
        literature = evidence.published(link, "cross-sectional")
        return LinkVerdict(link, None, literature, None, "undetermined", reason.en, reason.nl)
    shown = limited(designs, decides)
    verdict, reason = _decide(link, designs, shown, organisation)
    reason = reasons.join(reason, reasons.contrast(link, organisation))
    if not evidence.reliability_known(link) and verdict in ("undetermined", "no meaningful effect"):
        reason = reasons.join(reason, reasons.UNCORRECTED)
    literature = evidence.published(link, decides.design)
    combined = evidence.combine(literature, decides)
    return LinkVerdict(link, shown, literature, combined, verdict, reason.en, reason.nl)


def _why_no_estimate(link: LinkEstimate, organisation: Organisation) -> Text:
    if link.reason:
        return Text(link.reason, link.reason_nl or link.reason)
    return reasons.no_data(*reasons.labels(link, organisation))


def _decide(
    link: LinkEstimate, designs: Sequence[Estimate], e: Estimate, organisation: Organisation
) -> tuple[Verdict, Text]:
    smallest = organisation.smallest_effect
    label = reasons.SAME_SOURCE_LABEL if link.same_source else None
    small = [reasons.negligible(link, d, smallest) for d in counting(designs) if is_negligible(d, smallest)]
    if is_negligible(e, smallest):
        within = _moves_at_once(link, e, smallest)
        if within is not None:
            return "undetermined", reasons.join(*small, label, reasons.together_now(link, within, organisation))
        return "no meaningful effect", reasons.join(*small, label)
    if not is_sure(designs, e):
        none_sure = reasons.none_sure(designs)
        return "undetermined", reasons.join(reasons.open_question(link, e, organisation), none_sure, *small, label)
    size = reasons.size(link, e, organisation)
    expected = (e.estimate > 0) == (link.sign > 0)
    if link.same_source and e.design in ("cross-sectional", "within") and expected:
        return "undetermined", reasons.join(size, reasons.shared_mood(link))
    other = _other_way(designs, e, smallest)
    if other is not None:
        return "undetermined", reasons.join(size, reasons.but(link, limited(designs, other), organisation))
    if e.design == "cross-sectional" and _for_another_reason(e, designs, smallest):
        return "undetermined", reasons.join(size, reasons.ANOTHER_REASON)
    why = reasons.decides(designs, e)
    if expected:
        return "supported", reasons.join(size, why, *small, label)
    return "contradicted", reasons.join(reasons.other_way(link, e, organisation), why, *small, label)


def _other_way(designs: Sequence[Estimate], e: Estimate, smallest: float) -> Estimate | None:
    """Return the design over time that is sure of the opposite of what another is sure of."""
    if e.design == "cross-sectional":
        return None
    return next(
        (
            d
            for d in counting(designs)
            if d.estimate * e.estimate < 0 and is_sure(designs, d) and not is_negligible(d, smallest)
        ),
        None,
    )


def _for_another_reason(between: Estimate, designs: Sequence[Estimate], smallest: float) -> bool:
    """Whether a change within units surely brings less, at once and later together, than units differ."""
    change = [d for d in designs if d.design in OVER_TIME]
    if all(d.design != "within" for d in change):
        return False
    more = math.copysign(1.0, between.estimate) * (between.estimate - sum(d.estimate for d in change))
    error = math.hypot(between.std_error, *(d.std_error for d in change))
    return more >= smallest and more > _TWO_ERRORS * error


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
