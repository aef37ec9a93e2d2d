import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import reliability
from bevlogen.testing import reference, shared_folder

EXACT = 1e-8  # closed forms, as the README of the reference values says
CFA = 1e-5  # estimates of lavaan, likewise
LOG_LIKELIHOOD = 1e-6  # one level, likewise
TWO_LEVEL_LOG_LIKELIHOOD = 1e-4  # likewise
ROUNDING = 1e-7  # two roads to the same optimum

# lavaan stopped 2.9e-7 (first) below the highest log-likelihood, where it is flat: its loadings and uniquenesses are
# up to 8e-4 standard errors off. test_no_likelihood_is_below_lavaan shows which of the two is nearer the maximum.
TWO_LEVEL_PARAMETERS = {"demo_twolevel_y123": 3e-5, "demo_twolevel_y456": 1e-5}

# psych's omega_total and omega_h (the entry psych_omega of every case) come from two factors by minres, oblimin and
# Schmid-Leiman: another model than the one-factor omega that Bevlogen reports. Their alpha and G6 are compared.
LEFT_OUT = ("omega_total", "omega_h")

CASES = reference("reliability")
TWO_LEVEL = reference("reliability_twolevel")


def table(path, names):
    with gzip.open(shared_folder() / path, "rt") as handle:
        rows = list(csv.DictReader(handle))
    return rows, np.array([[float(r[n]) if r[n] not in ("", "NA") else np.nan for n in names] for r in rows])


@pytest.fixture(scope="module", params=CASES, ids=lambda c: c["id"])
def case(request):
    expected = request.param
    _, items = table(expected["data_file"], expected["items"])
    turned = np.isin(expected["items"], np.atleast_1d(expected["reversed"] or []))
    return expected, np.where(turned, 7 - items, items)


@pytest.fixture(scope="module", params=TWO_LEVEL, ids=lambda c: c["id"])
def two_level(request):
    expected = request.param
    rows, items = table(expected["data_file"], expected["items"])
    return expected, reliability.omega_by_level(items, [r[expected["cluster"]] for r in rows])


def factor_scores(rng, n=200, p=4):
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, p))


def test_alpha_equals_the_reference(case):
    expected, items = case
    r = reliability.alpha(items)
    assert r.n_obs == expected["n_complete"]
    assert r.alpha == pytest.approx(expected["alpha_raw_complete_cases"], abs=EXACT)
    assert r.standardised == pytest.approx(expected["alpha_std_complete_cases"], abs=EXACT)
    assert r.average_r == pytest.approx(expected["average_r"], abs=EXACT)
    assert r.lambda6 == pytest.approx(expected["guttman_lambda6"], abs=EXACT)
    assert (r.mean, r.sd) == pytest.approx((expected["mean"], expected["sd"]), abs=EXACT)


def test_the_uncertainty_of_alpha_equals_the_reference(case):
    expected, items = case
    r, limits = reliability.alpha(items), expected["alpha_feldt_ci"]
    assert (r.low, r.high) == pytest.approx((limits["lower"], limits["upper"]), abs=EXACT)
    assert r.std_error == pytest.approx(expected["alpha_ase"], abs=EXACT)


def test_pairwise_alpha_equals_the_reference(case):
    expected, items = case
    r = reliability.alpha(items, missing="pairwise")
    wanted = (expected["alpha_raw_pairwise"], expected["alpha_std_pairwise"])
    assert (r.alpha, r.standardised) == pytest.approx(wanted, abs=EXACT)


def test_item_statistics_equal_the_reference(case):
    expected, items = case
    r, wanted, dropped = reliability.alpha(items), expected["item_total"], expected["alpha_if_dropped"]
    found = [r.raw_r, r.r_drop, r.r_cor, r.item_mean, r.item_sd, r.alpha_if_dropped, r.standardised_if_dropped]
    keys = [wanted[k] for k in ("raw_r", "r_drop", "r_cor", "mean", "sd")] + [
        dropped["raw_alpha"],
        dropped["std_alpha"],
    ]
    np.testing.assert_allclose(found, keys, rtol=0, atol=EXACT)


def test_the_one_factor_model_equals_lavaan(case):
    expected, items = case
    r, wanted = reliability.omega(items), expected["single_factor_cfa_ml"]
    assert r.converged
    np.testing.assert_allclose(r.loadings, wanted["loadings"], rtol=0, atol=CFA)
    np.testing.assert_allclose(r.uniquenesses, wanted["residual_variances"], rtol=0, atol=CFA)
    assert r.log_likelihood == pytest.approx(wanted["logLik"], abs=LOG_LIKELIHOOD)


def test_fit_measures_equal_lavaan(case):
    expected, items = case
    r, fit = reliability.omega(items), expected["single_factor_cfa_ml"]["fit"]
    found = (r.chi2, r.df, r.p_value, r.cfi, r.tli, r.rmsea, r.srmr)
    wanted = tuple(fit[k] for k in ("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr"))
    assert found == pytest.approx(wanted, abs=CFA)


def test_omega_equals_lavaan_and_semtools(case):
    expected, items = case
    r = reliability.omega(items)
    assert r.omega == pytest.approx(expected["omega_single_factor_model_implied"], abs=CFA)
    assert r.omega_observed == pytest.approx(expected["omega_single_factor_observed_cov"], abs=CFA)
    assert r.omega_observed == pytest.approx(expected["omega_semTools_compRelSEM"], abs=CFA)
    assert r.low < r.omega < r.high


def test_alpha_and_lambda6_that_psych_gives_beside_its_omega(case):
    expected, items = case
    wanted = expected["psych_omega"]
    r = reliability.alpha(items)
    assert {"alpha", "G6"} <= set(wanted) - set(LEFT_OUT)
    assert (r.standardised, r.lambda6) == pytest.approx((wanted["alpha"], wanted["G6"]), abs=EXACT)


def test_omega_of_each_level_equals_lavaan(two_level):
    expected, r = two_level
    assert r.converged
    assert (r.within, r.between) == pytest.approx((expected["within"]["omega"], expected["between"]["omega"]), abs=CFA)
    assert r.log_likelihood == pytest.approx(expected["logLik"], abs=TWO_LEVEL_LOG_LIKELIHOOD)


def test_loadings_of_each_level_equal_lavaan(two_level):
    expected, r = two_level
    found = [r.loadings_within, r.uniquenesses_within, r.loadings_between, r.uniquenesses_between]
    wanted = [expected[level][k] for level in ("within", "between") for k in ("loadings", "theta")]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TWO_LEVEL_PARAMETERS[expected["id"]])


def test_no_likelihood_is_below_lavaan(two_level):
    expected, r = two_level
    assert r.log_likelihood > expected["logLik"]


def test_alpha_of_two_parallel_items_is_spearman_brown():
    assert reliability.alpha_from_covariance([[1, 0.5], [0.5, 1]], 100).alpha == pytest.approx(2 / 3)


def test_omega_of_a_perfect_factor_pattern_by_hand():
    loadings, unique = np.array([1.0, 0.8, 0.6]), np.array([0.5, 0.4, 0.7])
    r = reliability.omega_from_covariance(np.outer(loadings, loadings) + np.diag(unique), 500)
    assert r.omega == pytest.approx(2.4**2 / (2.4**2 + 1.6), abs=ROUNDING)


def test_equal_loadings_make_alpha_and_omega_the_same():
    c = np.full((4, 4), 0.5) + np.eye(4)
    omega = reliability.omega_from_covariance(c, 300).omega
    assert omega == pytest.approx(reliability.alpha_from_covariance(c, 300).alpha, abs=ROUNDING)


def test_the_interval_of_omega_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(20240102)
    draws = [reliability.omega(factor_scores(rng)) for _ in range(400)]
    covered = np.mean([d.low <= 0.8 <= d.high for d in draws])
    assert abs(covered - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 400)


def test_three_items_leave_no_fit_to_judge():
    r = reliability.omega(factor_scores(np.random.default_rng(1), p=3))
    assert r.df == 0
    assert np.isnan([r.p_value, r.cfi, r.rmsea]).all()


def test_uncorrelated_items_give_no_warning_and_a_small_omega():
    assert reliability.omega_from_covariance(np.eye(3) + 1e-4, 10_000).omega < 0.1


def test_a_heywood_case_is_noted_and_has_no_interval():
    r = reliability.omega_from_covariance([[1, 0.7, 0.7], [0.7, 1, 0.4], [0.7, 0.4, 1]], 100)
    assert "Heywood" in r.notes[0]
    assert np.isnan([r.low, r.high]).all()


def test_equal_totals_leave_alpha_unknown():
    r = reliability.alpha([[3, 3], [3, 3], [3, 3]])
    assert np.isnan([r.alpha, r.low, r.high, r.standardised]).all()


def test_items_that_do_not_vary_leave_omega_refused():
    with pytest.raises(NotEstimableError, match="same answer from everyone"):
        reliability.omega([[3, 3, 1], [3, 2, 2], [3, 1, 4], [3, 4, 4], [3, 2, 1]])


def test_items_that_repeat_each_other_are_refused():
    x = factor_scores(np.random.default_rng(2), p=3)
    with pytest.raises(NotEstimableError, match="repeat each other"):
        reliability.omega(np.column_stack([x, x[:, 0]]))


def test_too_few_respondents_are_refused():
    with pytest.raises(NotEstimableError, match="more respondents than items"):
        reliability.omega([[1, 2, 3], [2, 3, 4]])
    with pytest.raises(NotEstimableError, match="three respondents"):
        reliability.alpha([[1, 2], [2, 3]])


def test_one_item_is_refused():
    with pytest.raises(ShapeError, match="two items or more"):
        reliability.alpha([[1], [2], [3]])


def test_two_items_are_refused_for_omega():
    with pytest.raises(ShapeError, match="of 3 items or more"):
        reliability.omega([[1, 2], [2, 3], [3, 5], [1, 1]])


def test_an_unknown_way_with_gaps_is_refused():
    with pytest.raises(ChoiceError, match="complete, pairwise"):
        reliability.alpha([[1, 2]], missing="mean")


def test_one_unit_is_refused_for_omega_by_level():
    with pytest.raises(NotEstimableError, match="more units than items"):
        reliability.omega_by_level(factor_scores(np.random.default_rng(3)), np.zeros(200))


def test_inputs_stay_unchanged():
    items = factor_scores(np.random.default_rng(4))
    before = items.copy()
    reliability.alpha(items)
    reliability.omega(items)
    reliability.omega_by_level(items, np.arange(200) % 20)
    np.testing.assert_array_equal(items, before)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-10, 10), st.floats(0.1, 20))
def test_order_and_linear_recoding_change_no_reliability(seed, shift, factor):
    rng = np.random.default_rng(seed)
    items = factor_scores(rng, 60)
    recoded = rng.permutation(items) * factor + shift
    assert reliability.alpha(recoded).alpha == pytest.approx(reliability.alpha(items).alpha, abs=ROUNDING)
    assert reliability.omega(recoded).omega == pytest.approx(reliability.omega(items).omega, abs=ROUNDING)
