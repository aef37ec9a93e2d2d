import math
from dataclasses import replace

import pytest

from bevlogen.core.chain import CONSTRUCTS, FACETS
from bevlogen.steer import evidence

# The oracle (prior times likelihood, integrated numerically) is given to six decimals; the standard error that it uses
# comes back from a rounded 95% interval.
ORACLE = 1e-6
N_EFFECTS, N_SIGN = 183, 75


def test_every_published_row_is_in_the_package():
    assert len(evidence.effects()) == N_EFFECTS


def test_sign_rows_are_never_numbers():
    signs = [e for e in evidence.effects().values() if e.note.startswith("SIGN:")]
    assert (len(signs), {e.use for e in signs}, all(math.isnan(e.estimate) for e in signs)) == (N_SIGN, {"sign"}, True)


def test_low_confidence_rows_may_not_carry_a_prior():
    low = {e.use for e in evidence.effects().values() if "low confidence" in e.note.lower()}
    assert "number" not in low


def test_quartile_contrasts_may_not_carry_a_prior():
    assert {e.use for e in evidence.effects().values() if "quartile" in e.cause} == {"contrast"}


@pytest.mark.parametrize("kind", ["cross-sectional", "causal"])
def test_every_prior_rests_on_usable_numbers_only(kind):
    used = {evidence.effects()[s].use for p in evidence.priors(kind).values() for s in p.sources}
    assert used == {"number"}


@pytest.mark.parametrize("kind", ["cross-sectional", "causal"])
def test_every_prior_is_about_constructs_of_the_chain(kind):
    assert {key for link in evidence.priors(kind) for key in link} <= set(CONSTRUCTS)


def test_mapped_rows_name_constructs_of_the_chain():
    keys = {k for e in evidence.effects().values() for k in (e.cause_key, e.outcome_key)}
    assert keys - {""} <= set(CONSTRUCTS) | set(FACETS)


def test_causal_priors_are_a_fifth_to_two_sevenths_of_the_correlation():
    # .08 / .28 = .286 is the least sceptical of the published proposal, .03 / .14 = .214 the most.
    cross = evidence.priors("cross-sectional")
    ratios = [prior.mean / cross[link].mean for link, prior in evidence.priors("causal").items()]
    assert 0.2 <= min(ratios) <= max(ratios) <= 0.3


def test_a_correlation_meets_the_cross_sectional_prior(make):
    found = evidence.published(make.link(), "cross-sectional")
    assert (found.mean, found.tau, found.kind) == (0.28, 0.12, "cross-sectional")


@pytest.mark.parametrize("design", ["within", "lagged", "experiment"])
def test_change_over_time_meets_the_causal_prior(make, design):
    found = evidence.published(make.link(), design)
    assert (found.mean, found.tau, found.kind) == (0.07, 0.08, "causal")


def test_prior_turns_where_the_measure_counts_the_other_way(make):
    attendance = replace(make.link(outcome="absence", sign=-1), sign=1)
    assert evidence.published(attendance, "cross-sectional").mean == 0.17


def test_an_uncorrected_estimate_meets_an_attenuated_prior(make):
    own = make.estimate("cross-sectional", value=0.2, uncorrected=0.2)
    link = make.link(own, reliability_cause=0.64, reliability_outcome=1.0)
    assert evidence.published(link, "cross-sectional").mean == pytest.approx(0.28 * 0.8)


def test_no_prior_where_nothing_is_published(make):
    assert evidence.published(make.link(outcome="control"), "lagged") is None


def test_a_job_resource_borrows_the_prior_of_employership(make):
    found = evidence.published(make.link(cause="employership.support", outcome="engagement"), "lagged")
    assert found.mean == 0.08


def test_a_job_demand_has_no_prior(make):
    demand = replace(make.link(cause="employership.workload", outcome="engagement"), sign=-1)
    assert evidence.published(demand, "lagged") is None


def test_combine_equals_the_oracle(make):
    prior = evidence.Published(0.25, 0.12, 0, 0, "causal", "", ())
    out = evidence.combine(prior, make.estimate(value=-0.10, se=0.15))
    found = (out.mean, out.sd, out.weight)
    assert found == pytest.approx((-0.067887, 0.153584, 0.116282), abs=ORACLE)


@pytest.mark.parametrize("se", [0.04, 0.08, 0.12, 0.17, 0.3])
def test_literature_four_tau_off_moves_own_data_by_less_than_half_an_error(make, se):
    prior = evidence.Published(0.7, 0.1, 0, 0, "cross-sectional", "", ())
    assert abs(evidence.combine(prior, make.estimate(value=0.3, se=se)).mean - 0.3) < se / 2


def test_combine_reports_conflict(make):
    prior = evidence.Published(0.25, 0.05, 0, 0, "causal", "", ())
    assert evidence.combine(prior, make.estimate(value=-0.4, se=0.05)).conflict < 0.001


def test_few_degrees_of_freedom_leave_more_to_the_literature(make):
    prior = evidence.Published(0.0, 0.1, 0, 0, "causal", "", ())
    wide = make.estimate(value=0.3, se=0.1, df=4, low=0.3 - 0.2776, high=0.3 + 0.2776)
    assert evidence.combine(prior, wide).mean < evidence.combine(prior, make.estimate(value=0.3, se=0.1)).mean


def test_no_combination_without_a_standard_error(make):
    prior = evidence.Published(0.25, 0.12, 0, 0, "causal", "", ())
    assert evidence.combine(prior, make.estimate(low=math.nan)) is None


def test_literature_counts_as_few_units_where_own_units_are_precise(make):
    prior = evidence.Published(0.25, 0.12, 0, 0, "causal", "", ())
    precise, vague = (evidence.combine(prior, make.estimate(se=se)).effective_units for se in (0.02, 0.2))
    assert precise < vague
