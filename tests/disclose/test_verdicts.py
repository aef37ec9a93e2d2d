"""Estimates over very few teams or people are withheld, and the verdict says so."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.chain import CLAIMS, Link, Text
from bevlogen.core.judged import ClaimVerdict, Combined, LinkVerdict, Published
from bevlogen.core.linked import Estimate, Figure, Finding, LinkEstimate
from bevlogen.core.measured import Panel
from bevlogen.core.results import Interval
from bevlogen.disclose.verdicts import TOO_FEW, guard_claim, guard_link

K = 5
LINK = Link("engagement", "loyalty")
PUBLISHED = Published(0.2, 0.1, 0.0, 0.4, "causal", "a basis", ("x1",))


def estimate(n_units=20, design="within"):
    return Estimate(
        design, 0.12345, 0.05, 30.0, 0.02, 0.22, 0.04, 0.2, 1.2345, 0.2, 2.2, 0.1, 0.2, 0.01234567, 40, n_units, 2
    )


def verdict(*estimates):
    found = LinkEstimate(LINK, 1, estimates, False, 0.777, 0.888)
    combined = Combined(0.15, 0.04, 0.07, 0.23, 0.5, 0.9, 12.0)
    return LinkVerdict(found, estimates[-1] if estimates else None, PUBLISHED, combined, "supported", "Why.", "Waarom.")


def answered(claim="reciprocity", n_units=20, n_obs=400):
    finding = Finding(
        claim, 0.12345, 0.0212345, 0.22, 0.04, 0.2, "above", 0.0, 0.1, 0.0123456, Text("share", "deel"),
        (Figure(Text("a", "b"), Interval(0.98765, math.nan, math.nan)),), "lagged", False, n_obs, n_units, 4,
        Text("Mind.", "Let op."),
    )  # fmt: skip
    return ClaimVerdict(CLAIMS[claim], "supported", "Why.", "Waarom.", (), finding, 0.0456789)


def panel(n_employees=100.0, n_customers=200.0):
    n = np.stack([np.full((10, 1), n_employees / 10), np.full((10, 1), n_customers / 10)], axis=2)
    units = tuple("abcdefghij")
    return Panel(units, ("",) * 10, ("2022",), ("engagement", "loyalty"), n * 0 + 3, n, n * 0)


def test_an_estimate_over_enough_units_stays_rounded():
    found = guard_link(verdict(estimate()), panel(), K)
    assert (found.verdict, found.headline.estimate, found.estimate.estimates[0].raw) == ("supported", 0.123, 1.23)


def test_an_estimate_over_four_units_is_withheld():
    found = guard_link(verdict(estimate(n_units=4)), panel(), K)
    assert (found.verdict, found.headline, found.combined, found.reason) == ("undetermined", None, None, TOO_FEW.en)
    assert found.estimate.estimates == ()
    assert math.isnan(found.estimate.reliability_cause)


def test_the_literature_stays_where_the_own_estimate_falls():
    assert guard_link(verdict(estimate(n_units=4)), panel(), K).published == PUBLISHED


def test_an_estimate_over_fewer_people_than_twice_k_is_withheld():
    assert guard_link(verdict(estimate()), panel(n_employees=9.0), K).verdict == "undetermined"


def test_people_who_are_not_counted_are_not_judged():
    assert guard_link(verdict(estimate()), panel(math.nan, math.nan), K).verdict == "supported"


def test_only_the_design_with_too_few_units_falls():
    found = guard_link(verdict(estimate(4, "lagged"), estimate()), panel(), K)
    assert [e.design for e in found.estimate.estimates] == ["within"]
    assert found.verdict == "supported"


def test_a_link_without_data_keeps_its_own_reason():
    assert guard_link(replace(verdict(), verdict="undetermined"), panel(), K).reason == "Why."


@pytest.mark.parametrize(("units", "expected"), [(20, "supported"), (4, "undetermined")])
def test_a_claim_falls_with_any_of_its_links(units, expected):
    claim = ClaimVerdict(
        CLAIMS["engaged-customers"], "supported", "Why.", "Waarom.", (verdict(estimate()), verdict(estimate(units)))
    )
    assert guard_claim(claim, panel(), K).verdict == expected


def test_the_input_stays_unchanged():
    given = verdict(estimate(n_units=4))
    guard_link(given, panel(), K)
    assert given == verdict(estimate(n_units=4))


def test_a_finding_over_enough_units_stays_rounded():
    found = guard_claim(answered(), panel(), K)
    assert (found.verdict, found.finding.estimate, found.finding.low, found.q_value) == (
        "supported", 0.123, 0.0212, 0.0457,
    )  # fmt: skip


def test_the_figures_of_a_finding_are_rounded():
    assert guard_claim(answered(), panel(), K).finding.figures[0].value.estimate == 0.988


def test_a_finding_over_four_units_goes_as_a_whole():
    found = guard_claim(answered(n_units=4), panel(), K)
    assert (found.verdict, found.finding, found.reason_nl) == ("undetermined", None, TOO_FEW.nl)
    assert math.isnan(found.q_value)


def test_a_finding_over_fewer_people_than_twice_k_is_withheld():
    assert guard_claim(answered(), panel(n_employees=9.0), K).finding is None


def test_variance_shares_over_fewer_ratings_than_twice_k_are_withheld():
    assert guard_claim(answered("co-creation", n_obs=9), panel(), K).finding is None


def test_a_finding_without_a_figure_keeps_its_reason():
    bare = answered()
    nothing = replace(bare.finding, estimate=math.nan, figures=(), n_units=2)
    assert guard_claim(replace(bare, finding=nothing, verdict="undetermined"), panel(), K).reason == "Why."
