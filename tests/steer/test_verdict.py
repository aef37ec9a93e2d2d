import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.core.chain import CLAIMS, PICTURE, Text
from bevlogen.core.linked import shares
from bevlogen.core.tables import Measure
from bevlogen.steer.verdict import judge_link


def test_supported_when_the_95_interval_lies_on_the_expected_side(make):
    assert judge_link(make.link(make.estimate(value=0.3, se=0.1)), make.organisation()).verdict == "supported"


def test_expected_side_follows_the_sign_of_the_link(make):
    link = make.link(make.estimate(value=-0.3, se=0.1), outcome="absence", sign=-1)
    assert judge_link(link, make.organisation()).verdict == "supported"


def test_contradicted_when_the_95_interval_lies_on_the_other_side(make):
    assert judge_link(make.link(make.estimate(value=-0.3, se=0.1)), make.organisation()).verdict == "contradicted"


def test_no_meaningful_effect_when_the_90_interval_lies_within_the_smallest(make):
    link = make.link(make.estimate(value=0.02, se=0.03))
    assert judge_link(link, make.organisation()).verdict == "no meaningful effect"


def test_a_sure_but_tiny_effect_is_no_meaningful_effect(make):
    link = make.link(make.estimate(value=0.05, se=0.01))
    assert judge_link(link, make.organisation()).verdict == "no meaningful effect"


def test_nothing_later_is_no_proof_where_both_move_at_once(make):
    estimates = make.estimate("within", value=0.4, se=0.05), make.estimate("lagged", value=0.0, se=0.03)
    link = make.link(*estimates, same_source=True)
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, "measure more often" in verdict.reason) == ("undetermined", True)


def test_undetermined_when_the_interval_holds_both_zero_and_more_than_the_smallest(make):
    assert judge_link(make.link(make.estimate(value=0.1, se=0.1)), make.organisation()).verdict == "undetermined"


def test_undetermined_names_the_units_that_would_settle_it(make):
    # mde 0.42016 with 40 units, target 0.20: 40 (0.42016 / 0.20)² = 176.5, at two digits 180.
    verdict = judge_link(make.link(make.estimate(value=0.1, se=0.14997, n_units=40)), make.organisation())
    assert "about 180 units (now 40)" in verdict.reason


def test_undetermined_within_units_names_waves_as_well(make):
    verdict = judge_link(make.link(make.estimate(value=0.1, se=0.14997, n_waves=4)), make.organisation())
    assert "or about 15 waves (now 4)" in verdict.reason


def test_undetermined_between_units_does_not_offer_waves(make):
    verdict = judge_link(make.link(make.estimate("cross-sectional", value=0.1, se=0.15)), make.organisation())
    assert "waves" not in verdict.reason


def test_undetermined_names_answers_per_unit_where_scores_are_unreliable(make):
    # Spearman-Brown: .70 (1 - .35) / (.35 (1 - .70)) = 4.33 times as many.
    link = make.link(make.estimate(value=0.1, se=0.15), reliability_outcome=0.35)
    assert "about 4 times as many answers" in judge_link(link, make.organisation()).reason


def test_reason_is_dutch_as_well_with_decimal_commas(make):
    assert "0,10 SD" in judge_link(make.link(make.estimate(value=0.1, se=0.1)), make.organisation()).reason_nl


def test_same_source_within_one_moment_is_undetermined(make):
    link = make.link(make.estimate("within", value=0.3, se=0.1), same_source=True)
    assert judge_link(link, make.organisation()).verdict == "undetermined"


def test_same_source_reason_names_the_shared_mood(make):
    link = make.link(make.estimate("within", value=0.3, se=0.1), same_source=True)
    assert "shared mood" in judge_link(link, make.organisation()).reason


def test_same_source_lagged_may_be_supported(make):
    link = make.link(make.estimate("lagged", value=0.3, se=0.1), same_source=True)
    assert judge_link(link, make.organisation()).verdict == "supported"


def test_same_source_lagged_support_is_labelled(make):
    link = make.link(make.estimate("lagged", value=0.3, se=0.1), same_source=True)
    assert "Same source" in judge_link(link, make.organisation()).reason


def test_no_estimate_hands_on_its_reason(make):
    verdict = judge_link(make.link(reason="Only 2 units.", reason_nl="Maar 2 teams."), make.organisation())
    assert (verdict.verdict, verdict.reason, verdict.reason_nl) == ("undetermined", "Only 2 units.", "Maar 2 teams.")


def test_an_effect_at_once_is_supported_though_nothing_is_seen_later(make):
    link = make.link(
        make.estimate("cross-sectional", value=0.3, se=0.13),
        make.estimate("within", value=0.3, se=0.08),
        make.estimate("lagged", value=0.0, se=0.05),
    )
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design) == ("supported", "within")


def test_a_delayed_effect_is_supported_though_nothing_is_seen_at_once(make):
    link = make.link(
        make.estimate("cross-sectional", value=0.1, se=0.13),
        make.estimate("within", value=0.0, se=0.08),
        make.estimate("lagged", value=0.3, se=0.08),
    )
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design) == ("supported", "lagged")


def test_the_reason_says_which_design_decides_and_why(make):
    link = make.link(make.estimate("within", value=0.3, se=0.08), make.estimate("lagged", value=0.0, se=0.2))
    verdict = judge_link(link, make.organisation())
    assert "(within units, later), tested together at 5%, it is the strongest that is sure" in verdict.reason
    assert "(binnen onderdelen, later), samen getoetst op 5%, is dit de sterkste die zeker is" in verdict.reason_nl


def test_what_is_sure_by_itself_alone_is_not_sure_among_three(make):
    # p = .03 each: below .05, above half of it.
    link = make.link(*(make.estimate(d, value=0.217, se=0.1) for d in ("cross-sectional", "within", "lagged")))
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, "not one is sure" in verdict.reason) == ("undetermined", True)


@pytest.mark.parametrize(
    ("value", "inner"),
    [
        (-0.2, 0.22414),  # z(1 - .025 / 2) = 2.2414: not sure, so the joint limit
        (-0.33621, (0.195996 + 0.22414) / 2),  # one and a half times as far: halfway
        (-0.5, 0.195996),  # more than twice as far: the plain limit
    ],
)
def test_the_limit_on_the_side_of_zero_allows_for_the_pick(make, value, inner):
    link = make.link(make.estimate("lagged", value=value), make.estimate("within", value=0.0, se=0.2))
    shown = judge_link(link, make.organisation()).headline
    assert (shown.low, shown.high) == pytest.approx((value - 0.195996, value + inner), abs=1e-5)


@pytest.mark.parametrize(
    ("designs", "expected"),
    [
        (("cross-sectional",), (1.0,)),
        (("cross-sectional", "lagged"), (0.5, 0.5)),
        (("within", "lagged"), (0.5, 0.5)),
        (("cross-sectional", "within", "lagged"), (0.5, 0.25, 0.25)),
    ],
)
def test_half_of_the_five_percent_is_for_change_over_time(designs, expected):
    assert tuple(shares(designs).values()) == expected


@pytest.mark.parametrize("se", [0.02, 0.2, 2.0])
def test_where_nothing_is_sure_standard_errors_do_not_pick(make, se):
    link = make.link(
        make.estimate("cross-sectional", value=0.0, se=0.1), make.estimate("lagged", value=se, se=se, low90=-1.0)
    )
    assert judge_link(link, make.organisation()).headline.design == "lagged"


def test_nothing_later_is_no_proof_while_at_once_is_open(make):
    link = make.link(make.estimate("within", value=0.0, se=0.2), make.estimate("lagged", value=0.0, se=0.03))
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design) == ("undetermined", "within")


def test_no_meaningful_effect_when_at_once_and_later_agree_whatever_lies_between_units(make):
    link = make.link(
        make.estimate("cross-sectional", value=0.4, se=0.05),
        make.estimate("within", value=0.0, se=0.03),
        make.estimate("lagged", value=0.0, se=0.03),
    )
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design) == ("no meaningful effect", "within")


def test_without_change_within_units_differences_between_them_must_agree_too(make):
    link = make.link(make.estimate("cross-sectional", value=0.3, se=0.05), make.estimate("lagged", value=0.0, se=0.03))
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design) == ("supported", "cross-sectional")
    assert "Whether a change within a unit brings it too, is not sure yet." in verdict.reason


def test_units_that_differ_for_another_reason_support_nothing(make):
    # 0.4 against 0.1: apart by 0.3, with an error of 0.11.
    link = make.link(make.estimate("cross-sectional", value=0.4), make.estimate("within", value=0.1, se=0.05))
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, "for another reason" in verdict.reason) == ("undetermined", True)


def test_designs_over_time_that_are_sure_of_the_opposite_settle_nothing(make):
    link = make.link(make.estimate("within", value=0.4), make.estimate("lagged", value=-0.4))
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, "it is the opposite" in verdict.reason) == ("undetermined", True)


def test_a_same_source_link_is_judged_by_figures_of_different_moments_alone(make):
    link = make.link(
        make.estimate("within", value=0.4, se=0.02), make.estimate("lagged", value=0.25, se=0.12), same_source=True
    )
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design, verdict.headline.low) == (
        "supported",
        "lagged",
        0.25 - 1.959964 * 0.12,
    )


def test_an_experiment_is_tested_alone(make):
    link = make.link(make.estimate("experiment", value=0.21), make.estimate("within", value=-0.4))
    verdict = judge_link(link, make.organisation())
    assert (verdict.verdict, verdict.headline.design) == ("supported", "experiment")


def test_an_estimate_without_an_interval_is_left_out(make):
    assert judge_link(make.link(make.estimate(low=math.nan)), make.organisation()).headline is None


def test_a_design_whose_joint_limit_has_no_end_is_not_sure(make):
    link = make.link(make.estimate("within", value=0.4), make.estimate("lagged", value=0.0, se=0.2))
    within = replace(link.estimates[0], low_joint=-math.inf)
    verdict = judge_link(replace(link, estimates=(within, link.estimates[1])), make.organisation())
    assert verdict.verdict == "undetermined"


def test_p_is_the_least_of_designs_that_agree_but_not_below_that_of_the_one_that_decides(make):
    within, lagged = make.estimate("within", value=0.3), make.estimate("lagged", value=0.3, se=0.05)
    chain = steer.judge((make.link(within, lagged),), make.organisation(), make.provenance)
    found = next(c for c in chain.claims if c.claim.id == "engaged-customers")
    assert (found.links[0].headline.design, found.q_value) == ("within", pytest.approx(within.p_value))


def test_p_is_adjusted_for_the_designs_tested_together(make):
    link = make.link(make.estimate("within", value=0.3), make.estimate("lagged", value=0.0, se=0.2))
    chain = steer.judge((link,), make.organisation(), make.provenance)
    assert next(c for c in chain.claims if c.claim.id == "engaged-customers").q_value == pytest.approx(
        2 * link.estimates[0].p_value
    )


def test_between_and_within_that_differ_are_told_in_plain_words(make):
    mortality = {"performance": Measure("performance", Text("mortality", "sterfte"), False)}
    link = make.link(
        make.estimate("cross-sectional", value=-0.16, se=0.06),
        make.estimate("within", value=0.0, se=0.04),
        outcome="performance",
        sign=-1,
    )
    told = (
        "Units with higher engagement have lower mortality (−0.16), but when engagement rises within a unit, "
        "mortality does not move along (0.00)."
    )
    assert told in judge_link(link, make.organisation(measures=mortality)).reason


def test_a_weaker_change_within_units_is_told_as_less(make):
    link = make.link(make.estimate("cross-sectional", value=0.9, se=0.05), make.estimate("within", value=0.4, se=0.05))
    assert "moves along less (0.40)" in judge_link(link, make.organisation()).reason


def test_a_limit_near_zero_shows_its_side(make):
    link = make.link(make.estimate(value=0.2, se=0.1, low=0.002))
    assert "interval 0.002 to 0.40" in judge_link(link, make.organisation()).reason


def test_between_and_within_that_agree_are_not_contrasted(make):
    link = make.link(make.estimate("cross-sectional", value=0.32), make.estimate("within", value=0.3))
    assert "but when" not in judge_link(link, make.organisation()).reason


def test_judge_answers_every_claim_and_every_arrow(make):
    chain = steer.judge((), make.organisation(), make.provenance)
    assert ([c.claim.id for c in chain.claims], len(chain.picture)) == (list(CLAIMS), len(PICTURE))


def test_judge_without_links_is_undetermined_with_a_reason_everywhere(make):
    chain = steer.judge((), make.organisation(), make.provenance)
    assert all(v.verdict == "undetermined" and v.reason and v.reason_nl for v in (*chain.claims, *chain.picture))


def test_a_claim_of_three_links_is_contradicted_by_one(make):
    links = (
        make.link(make.estimate(value=0.3), cause="loyalty", outcome="retention"),
        make.link(make.estimate(value=-0.3), cause="loyalty", outcome="return"),
    )
    chain = steer.judge(links, make.organisation(), make.provenance)
    assert chain.claims[0].verdict == "contradicted"


def test_a_claim_is_supported_when_every_link_with_data_is(make):
    links = (make.link(make.estimate(value=0.3), cause="loyalty", outcome="retention"),)
    chain = steer.judge(links, make.organisation(), make.provenance)
    assert chain.claims[0].verdict == "supported"


def test_a_mixed_claim_is_undetermined_and_names_its_links(make):
    links = (
        make.link(make.estimate(value=0.3), cause="loyalty", outcome="retention"),
        make.link(make.estimate(value=0.0, se=0.02), cause="loyalty", outcome="return"),
    )
    claim = steer.judge(links, make.organisation(), make.provenance).claims[0]
    assert (claim.verdict, "→ customers who stay:" in claim.reason) == ("undetermined", True)


def test_a_claim_of_another_method_says_what_it_needs(make):
    claims = {c.claim.id: c for c in steer.judge((), make.organisation(), make.provenance).claims}
    assert claims["hygiene"].reason == "This needs ratings per interaction, with craftsmanship and conduct asked apart."


def test_order_of_links_does_not_matter(make):
    links = (
        make.link(make.estimate(value=0.3), outcome="loyalty"),
        make.link(make.estimate(value=-0.2), outcome="absence", sign=-1),
    )
    org = make.organisation()
    assert steer.judge(links, org, make.provenance) == steer.judge(links[::-1], org, make.provenance)


def test_reasons_never_hold_nan(make):
    link = make.link(make.estimate(value=0.1, se=0.2, mde=math.nan), reliability_cause=math.nan)
    verdict = judge_link(link, make.organisation())
    assert "nan" not in (verdict.reason + verdict.reason_nl).lower()


def test_zero_reliability_gives_no_factor(make):
    link = make.link(make.estimate(value=0.1, se=0.2), reliability_cause=0.0)
    assert "times as many" not in judge_link(link, make.organisation()).reason


def test_a_larger_smallest_effect_can_only_move_towards_no_meaningful_effect(make):
    link = make.link(make.estimate(value=0.05, se=0.05))
    found = [judge_link(link, make.organisation(smallest_effect=d)).verdict for d in np.array([0.1, 0.2])]
    assert found == ["undetermined", "no meaningful effect"]
