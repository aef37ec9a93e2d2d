import math
from dataclasses import replace

import pytest

from bevlogen import steer
from bevlogen.core.chain import CLAIMS, Text
from bevlogen.core.linked import Finding
from bevlogen.steer.findings import deciding_p, judge_finding

EXACT = 1e-6  # limits are written with seven digits


def finding(claim="craft-and-conduct", value=0.3, se=0.1, expects="above", **changes):
    z95, z90 = 1.959964 * se, 1.644854 * se
    base = Finding(
        claim, value, value - z95, value + z95, value - z90, value + z90, expects, 0.0, 0.1, math.nan,
        Text("share of what is explained", "deel van wat verklaard is"), (), "lagged", False, 400, 40, 8, Text("", ""),
    )  # fmt: skip
    return replace(base, **changes)


def test_above_is_supported_when_the_95_interval_lies_above_the_null():
    assert judge_finding(finding(value=0.7, null=0.5, se=0.05)).verdict == "supported"


def test_above_is_contradicted_when_the_95_interval_lies_below_the_null():
    assert judge_finding(finding(value=0.3, null=0.5, se=0.05)).verdict == "contradicted"


def test_above_zero_is_no_meaningful_effect_when_the_90_interval_lies_within_the_margin():
    assert judge_finding(finding(value=0.02, se=0.03)).verdict == "no meaningful effect"


def test_above_another_null_knows_no_meaningful_effect():
    assert judge_finding(finding(value=0.52, null=0.5, se=0.03)).verdict == "undetermined"


def test_above_is_undetermined_when_the_interval_holds_the_null():
    assert judge_finding(finding(value=0.1, se=0.1)).verdict == "undetermined"


def test_a_negligible_figure_may_contradict():
    assert judge_finding(finding(value=0.02, se=0.03, if_negligible="contradicted")).verdict == "contradicted"


def test_equal_is_supported_when_the_90_interval_lies_within_the_margin():
    assert judge_finding(finding(value=0.02, se=0.03, expects="equal")).verdict == "supported"


def test_equal_is_contradicted_when_the_95_interval_lies_beyond_the_margin():
    assert judge_finding(finding(value=-0.4, se=0.1, expects="equal")).verdict == "contradicted"


def test_equal_is_undetermined_when_the_interval_reaches_over_the_margin():
    assert judge_finding(finding(value=0.05, se=0.1, expects="equal")).verdict == "undetermined"


def test_no_limits_is_undetermined():
    nothing = dict.fromkeys(("low", "high", "low90", "high90"), math.nan)
    assert judge_finding(finding(**nothing)).verdict == "undetermined"


def test_no_figure_hands_on_its_reason():
    verdict = judge_finding(finding(value=math.nan, reason=Text("Only 2 units.", "Maar 2 teams.")))
    assert (verdict.verdict, verdict.reason, verdict.reason_nl) == ("undetermined", "Only 2 units.", "Maar 2 teams.")


def test_shared_mood_of_one_moment_does_not_support():
    shared = finding(same_source=True, design="cross-sectional")
    assert judge_finding(shared).verdict == "undetermined"


def test_shared_mood_does_not_touch_a_difference_of_slopes():
    shared = finding("co-creation-moderates", same_source=True, design="cross-sectional")
    assert judge_finding(shared).verdict == "supported"


def test_same_source_support_is_labelled():
    assert "Zelfde bron" in judge_finding(finding(same_source=True)).reason_nl


def test_undetermined_names_the_units_that_would_settle_it():
    # (1.960 + 0.842) 0.10 = 0.280 over a target of 0.20: 40 (0.280 / 0.20)² = 78.5.
    assert "about 79 units are needed (now 40)" in judge_finding(finding(value=0.1)).reason


def test_dutch_reason_has_decimal_commas():
    assert judge_finding(finding(value=0.1)).reason_nl.startswith(
        "Nog niet te zeggen. Deel van wat verklaard is: 0,10 (95%-interval −0,10 tot 0,30)"
    )


@pytest.mark.parametrize("value", [-0.4, 0.02, 0.1, 0.4])
@pytest.mark.parametrize("expects", ["above", "equal"])
def test_reasons_never_hold_nan(value, expects):
    verdict = judge_finding(finding(value=value, expects=expects, se=0.05))
    assert "nan" not in (verdict.reason + verdict.reason_nl).lower().split()


def test_deciding_p_is_the_methods_own():
    assert deciding_p(finding(p_value=0.012)) == 0.012


def test_deciding_p_is_worked_back_from_the_limits():
    assert deciding_p(finding(value=1.959964, se=1.0)) == pytest.approx(0.05, abs=EXACT)


def test_deciding_p_of_equality_is_that_of_two_one_sided_tests():
    # The 90% limit touches the margin: 0.1 - 0.05 = 1.644854 se.
    assert deciding_p(finding(value=0.05, se=0.05 / 1.644854, expects="equal")) == pytest.approx(0.05, abs=EXACT)


def test_deciding_p_of_inequality_is_that_of_lying_beyond_the_margin():
    # The 95% limit touches the margin: 0.3 - 0.1 = 1.959964 se.
    assert deciding_p(finding(value=0.3, se=0.2 / 1.959964, expects="equal")) == pytest.approx(0.05, abs=EXACT)


def test_judge_gives_a_finding_to_its_claim(make):
    chain = steer.judge((), make.organisation(), make.provenance, (finding("hygiene", p_value=0.001),))
    claim = next(c for c in chain.claims if c.claim.id == "hygiene")
    assert (claim.verdict, claim.finding.estimate, claim.q_value) == ("supported", 0.3, 0.001)


def test_a_claim_that_is_sure_only_by_itself_is_undetermined(make):
    others = tuple(finding(c, value=0.1, p_value=0.5) for c in ("reciprocity", "co-creation", "whole-chain"))
    chain = steer.judge((), make.organisation(), make.provenance, (finding("hygiene", p_value=0.03), *others))
    claim = next(c for c in chain.claims if c.claim.id == "hygiene")
    assert (claim.verdict, claim.q_value, "4 things were tested together" in claim.reason) == (
        "undetermined", pytest.approx(0.12), True,
    )  # fmt: skip


def test_links_and_findings_are_adjusted_together(make):
    # Two p-values, .027 of the link and .5 of the finding: .027 x 2 / 1.
    link = make.link(make.estimate(value=0.2212, se=0.1))
    chain = steer.judge((link,), make.organisation(), make.provenance, (finding("hygiene", value=0.1, p_value=0.5),))
    claim = next(c for c in chain.claims if c.claim.id == "engaged-customers")
    assert (claim.verdict, claim.q_value) == ("undetermined", pytest.approx(2 * math.erfc(2.212 / math.sqrt(2))))


def test_the_picture_shows_the_same_verdict_as_the_claim(make):
    link = make.link(make.estimate(value=0.2212, se=0.1))
    chain = steer.judge((link,), make.organisation(), make.provenance, (finding("hygiene", value=0.1, p_value=0.5),))
    drawn = next(v for v in chain.picture if v.estimate.link == link.link)
    assert drawn.verdict == "undetermined"


def test_every_claim_without_data_says_what_it_needs(make):
    chain = steer.judge((), make.organisation(), make.provenance)
    assert all(c.reason == f"This needs {CLAIMS[c.claim.id].needs.en}." for c in chain.claims if not c.links)
