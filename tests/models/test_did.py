import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import did
from bevlogen.testing import reference, shared_folder

ESTIMATE = 1e-8  # as the README of the reference values says
LOGIT_ERROR = 1e-7  # standard errors with a logit: R's glm stops at 1e-8 and reports the covariance one step behind
P_ROUNDED = 1e-5  # the reference gives this p-value to five decimals

NEVER = np.inf
GROUP_TIME = [m for m in reference("did") if m["kind"].startswith("group-time")]
TWO_WAY = [m for m in [*reference("did"), *reference("did_twfe")] if not m["kind"].startswith("group-time")]
# did 2.1.2 takes the wrong groups in the influence of the weights of this one number (its pull request 223 mends it).
WRONG_IN_DID_2_1_2 = "overall_se of the group aggregation"
without_reference = pytest.mark.skipif(not GROUP_TIME, reason="reference values lie beside the checkout; not here")


def table(path):
    with gzip.open(shared_folder() / path, "rt") as handle:
        return list(csv.DictReader(handle))


def numbers(rows, name):
    return np.array([float(r[name]) for r in rows])


def mpdta():
    rows = table("data/mpdta/mpdta.csv.gz")
    first = numbers(rows, "first.treat")
    first[first == 0] = NEVER
    return numbers(rows, "lemp"), first, numbers(rows, "countyreal"), numbers(rows, "year"), numbers(rows, "lpop")


@pytest.fixture(scope="module")
def fits():
    kept = {}

    def fitted(case):
        if case["id"] not in kept:
            y, first, unit, time, lpop = mpdta()
            covariates = lpop if case["settings"]["xformla"] == "~lpop" else None
            method = case["settings"]["est_method"]
            kept[case["id"]] = did.group_time(
                y, first, unit=unit, time=time, covariates=covariates, method=method, control="never"
            )
        return kept[case["id"]]

    return fitted


@without_reference
@pytest.mark.parametrize("case", GROUP_TIME, ids=lambda c: c["id"])
class TestAgainstDid:
    def test_cells(self, case, fits):
        fit = fits(case)
        np.testing.assert_array_equal(fit.group, case["group"])
        np.testing.assert_array_equal(fit.time, case["time"])
        np.testing.assert_allclose(fit.att, case["att"], rtol=0, atol=ESTIMATE)
        np.testing.assert_allclose(fit.se, case["se"], rtol=0, atol=LOGIT_ERROR if "dr" in case["id"] else ESTIMATE)

    @pytest.mark.parametrize("kind", ["simple", "event", "group", "calendar"])
    def test_averages(self, case, fits, kind):
        stored = next(a for a in case["aggregates"] if a["type"] == {"event": "dynamic"}.get(kind, kind))
        found = fits(case).aggregate(kind)
        error = LOGIT_ERROR if "dr" in case["id"] else ESTIMATE
        np.testing.assert_array_equal(found.by, stored["by"] or [])
        np.testing.assert_allclose(found.estimate, stored["att"] or [], rtol=0, atol=ESTIMATE)
        np.testing.assert_allclose(found.se, stored["se"] or [], rtol=0, atol=error)
        assert found.overall == pytest.approx(stored["overall_att"], abs=ESTIMATE)
        if kind != "group":  # WRONG_IN_DID_2_1_2: the next test
            assert found.overall_se == pytest.approx(stored["overall_se"], abs=error)

    def test_overall_group_error_is_that_of_did_once_its_slip_is_repeated(self, case, fits):
        fit = fits(case)
        found = fit.aggregate("group")
        share = (fit.first[:, None] == found.by).mean(axis=0)
        slip = fit.first[:, None] == fit.group[:3]  # cells 1 to 3 instead of groups 1 to 3
        of_share = (slip - share) / share.sum() - (slip - share).sum(axis=1)[:, None] * share / share.sum() ** 2
        influence = found.influence[:, :-1] @ share / share.sum() + of_share @ found.estimate
        stored = next(a for a in case["aggregates"] if a["type"] == "group")["overall_se"]
        assert np.sqrt((influence**2).mean() / 500) == pytest.approx(stored, abs=LOGIT_ERROR)
        assert abs(influence.mean()) > 1e-6 > abs(found.influence[:, -1].mean())  # an influence has mean zero

    def test_pretest(self, case, fits):
        fit = fits(case)
        assert fit.pretest == pytest.approx(case["W_pretest"][0][0], abs=1e-6)
        assert stats.chi2.sf(fit.pretest, fit.pretest_df) == pytest.approx(case["W_p"][0][0], abs=P_ROUNDED)
        assert 0 < fit.pretest_p - case["W_p"][0][0] < 0.1  # Hotelling: 40 units behind one group, not infinitely many
        assert fit.n_units == case["n_units"]


def demeaned(values, units, periods=None):
    """Residuals of least squares on unit (and, balanced, period) effects."""
    out = values - (np.bincount(units, values) / np.bincount(units))[units]
    if periods is not None:
        out = out - (np.bincount(periods, out) / np.bincount(periods))[periods]
    return out


def sandwich(X, y, factor, clusters=None, leverage=False):
    """Coefficients and robust covariance; clusters None for rows."""
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ X.T @ y
    scores = X * (y - X @ beta)[:, None]
    if leverage:
        scores = scores / (1 - np.einsum("ij,jk,ik->i", X, bread, X))[:, None]
    if clusters is not None:
        scores = np.stack([np.bincount(clusters, s) for s in scores.T], axis=1)
    return beta, factor * bread @ scores.T @ scores @ bread


def plain_two_way(case):
    """Private peer: the regressions of the reference that no public function gives (never an answer)."""
    ident, rows = case["id"], table(case["data_file"])
    if ident.startswith("bh"):
        _, group = np.unique([r["GRP"] for r in rows], return_inverse=True)
        y, X = numbers(rows, "WBEING"), np.column_stack([numbers(rows, name) for name in ("LEAD", "HRS", "COHES")])
        n, G = len(y), group.max() + 1
        if ident == "bh_fe":
            X = np.column_stack([demeaned(x, group) for x in X[:, :2].T])
            return sandwich(X, demeaned(y, group), (n - 1) / (n - 3) * G / (G - 1), group)  # two slopes and a constant
        X = np.column_stack([np.ones(n), X])
        if ident == "bh_ols_cluster":
            return sandwich(X, y, (n - 1) / (n - 4) * G / (G - 1), group)
        return sandwich(X, y, n / (n - 4), leverage=ident == "bh_ols_hc3")
    y, first, unit, time, _ = mpdta()
    if ident == "mpdta_2x2":
        kept = (time >= 2006) & np.isin(first, [2007, NEVER])
        y, first, unit, time = y[kept], first[kept], unit[kept], time[kept]
        treated, post = (first == 2007).astype(float), (time == 2007).astype(float)
        _, cluster = np.unique(unit, return_inverse=True)
        X = np.column_stack([np.ones(len(y)), treated, post, treated * post])
        G, n = cluster.max() + 1, len(y)
        return sandwich(X, y, (n - 1) / (n - 4) * G / (G - 1), cluster)
    _, unit = np.unique(unit, return_inverse=True)
    _, period = np.unique(time, return_inverse=True)
    after = np.where(np.isinf(first), -1, time - first)
    wanted = [(after == k) for k in (-4, -3, -2, 0, 1, 2, 3)] if "event" in ident else [after >= 0]
    X = np.column_stack([demeaned(w.astype(float), unit, period) for w in wanted])
    n, G, k = len(y), unit.max() + 1, X.shape[1]
    target = demeaned(y, unit, period)
    if ident == "mpdta_twfe_iid":
        beta, _ = sandwich(X, target, 1.0)
        rss = ((target - X @ beta) ** 2).sum()
        return beta, rss / (n - k - G - 4) * np.linalg.inv(X.T @ X)
    if case["package"] == "plm":
        return sandwich(X, target, 1.0, unit)
    return sandwich(X, target, (n - 1) / (n - k - 5) * G / (G - 1), unit)  # constant and 4 periods count


@pytest.mark.skipif(not TWO_WAY, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", TWO_WAY, ids=lambda c: f"{c['package']}-{c['id']}")
def test_regressions_of_the_reference_are_understood(case):
    stored = case.get("result", case)
    beta, vcov = plain_two_way(case)
    np.testing.assert_allclose(beta, stored["estimate"], rtol=0, atol=ESTIMATE)
    errors = stored.get("se", stored.get("se_cluster_hc0_no_small_sample"))
    np.testing.assert_allclose(np.sqrt(np.diag(vcov)), errors, rtol=0, atol=ESTIMATE)


@without_reference
def test_two_groups_and_periods_give_the_interaction_of_the_reference():
    y, first, unit, time, _ = mpdta()
    kept = (time >= 2006) & np.isin(first, [2007, NEVER])
    arrays = {"unit": unit[kept], "time": time[kept]}
    stored = next(m for m in TWO_WAY if m["id"] == "mpdta_2x2")["estimate"][3]
    assert did.group_time(y[kept], first[kept], **arrays).att[0] == pytest.approx(stored, abs=ESTIMATE)
    assert did.imputation(y[kept], first[kept], **arrays).att == pytest.approx(stored, abs=ESTIMATE)


def staggered(rng, sizes=((2, 6), (4, 8), (NEVER, 10)), periods=7, effect=0.5, rho=0.0):
    """A panel with unit and period effects, autocorrelated errors and one effect from the start on."""
    first = np.concatenate([np.full(size, start) for start, size in sizes])
    noise = rng.normal(size=(len(first), periods))
    for t in range(1, periods):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    acted = np.arange(periods) >= first[:, None]
    return rng.normal(size=(len(first), 1)) + rng.normal(size=periods) + noise + effect * acted, first


def test_one_start_is_the_difference_of_differences_by_hand():
    y = np.array([[1.0, 2.0, 6.0], [3.0, 4.0, 8.0], [1.0, 1.0, 2.0], [2.0, 2.0, 3.0]])
    fit = did.group_time(y, [2, 2, NEVER, NEVER])
    np.testing.assert_allclose(fit.att, [1.0, 3.0], atol=1e-12)  # placebo 1 - 0, effect 4 - 1


def test_methods_agree_without_covariates():
    y, first = staggered(np.random.default_rng(1))
    fits = [did.group_time(y, first, method=method) for method in ("dr", "reg", "ipw")]
    np.testing.assert_allclose(fits[1].att, fits[0].att, atol=1e-10)
    np.testing.assert_allclose(fits[2].att, fits[0].att, atol=1e-10)
    np.testing.assert_allclose(fits[2].se, fits[0].se, rtol=1e-8)


def test_not_yet_acted_upon_units_serve_where_no_unit_is_never():
    y, first = staggered(np.random.default_rng(1), sizes=((2, 6), (4, 8), (6, 5)))
    fit = did.group_time(y, first, control="not_yet")
    assert fit.time[fit.time >= fit.group].max() == 5
    assert np.isfinite(fit.aggregate("simple").overall_se)


def test_small_sample_errors_are_welchs():
    y, first = staggered(np.random.default_rng(4), sizes=((1, 5), (NEVER, 7)), periods=2)
    fit = did.group_time(y, first)
    change = y[:, 1] - y[:, 0]
    welch = stats.ttest_ind(change[:5], change[5:], equal_var=False)
    assert fit.limits.df[0] == pytest.approx(welch.df, rel=1e-9)
    np.testing.assert_allclose(fit.confint()[0], tuple(welch.confidence_interval()), rtol=1e-9)


def test_a_group_of_one_has_an_effect_but_no_error():
    y, first = staggered(np.random.default_rng(4), sizes=((3, 1), (NEVER, 7)))
    fit = did.group_time(y, first)
    assert np.isnan(fit.se).all()
    assert np.isfinite(fit.att).all()
    assert "group of one" in fit.notes[0]


def test_band_is_wider_than_single_limits():
    y, first = staggered(np.random.default_rng(2), sizes=((2, 30), (4, 30), (NEVER, 60)))
    event = did.group_time(y, first).aggregate("event")
    band = event.band(np.random.default_rng(1))
    assert band.critical > 2.2
    np.testing.assert_allclose(band.se, event.se, rtol=0.15)


def test_missing_outcomes_leave_only_their_comparisons():
    y, first = staggered(np.random.default_rng(2))
    y[0, 5] = np.nan
    fit = did.group_time(y, first)
    whole = did.group_time(np.delete(y, 0, axis=0), first[1:])
    hit = (fit.group == 2) & (fit.time == 5)
    np.testing.assert_allclose(fit.att[hit], whole.att[hit], atol=1e-12)
    assert any("missing" in note for note in fit.notes)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), shift=st.floats(-1e3, 1e3), factor=st.floats(0.01, 100))
def test_recoding_and_reordering_change_nothing(seed, shift, factor):
    rng = np.random.default_rng(seed)
    y, first = staggered(rng)
    order = rng.permutation(len(first))
    a, b = did.group_time(y, first), did.group_time(shift + factor * y[order], first[order])
    c, d = did.imputation(y, first), did.imputation(shift + factor * y[order], first[order])
    np.testing.assert_allclose(b.att, factor * a.att, atol=1e-9 * (abs(shift) + factor))
    np.testing.assert_allclose(b.se, factor * a.se, rtol=1e-6)
    assert d.att == pytest.approx(factor * c.att, abs=1e-9 * (abs(shift) + factor))
    assert d.se == pytest.approx(factor * c.se, rel=1e-6)


def test_wide_and_long_tables_agree():
    y, first = staggered(np.random.default_rng(3))
    J, T = y.shape
    unit, time = np.repeat([f"team {j}" for j in range(J)], T), np.tile(np.arange(T), J)
    order = np.random.default_rng(1).permutation(J * T)
    long = did.imputation(y.ravel()[order], np.repeat(first, T)[order], unit=unit[order], time=time[order])
    assert long.att == pytest.approx(did.imputation(y, first).att, abs=1e-12)


def test_imputation_equals_the_extended_two_way_regression():
    y, first = staggered(np.random.default_rng(7), periods=6)
    J, T = y.shape
    unit, period = np.repeat(np.arange(J), T), np.tile(np.arange(T), J)
    cells = [(g, t) for g in (2, 4) for t in range(g, T)]
    dummies = [((first[unit] == g) & (period == t)).astype(float) for g, t in cells]
    X = np.column_stack([demeaned(d, unit, period) for d in dummies])
    beta, _ = sandwich(X, demeaned(y.ravel(), unit, period), 1.0)
    effects = did.imputation(y, first).effects
    by_cell = [effects[first == g, t].mean() for g, t in cells]
    np.testing.assert_allclose(by_cell, beta, atol=1e-10)


def test_imputation_of_one_start_is_the_mean_difference_of_differences():
    y, first = staggered(np.random.default_rng(7), sizes=((3, 4), (NEVER, 6)))
    change = y[:, 3:].mean(axis=1) - y[:, :3].mean(axis=1)
    assert did.imputation(y, first).att == pytest.approx(change[:4].mean() - change[4:].mean(), abs=1e-12)


def test_imputation_pools_groups_of_one():
    y, first = staggered(np.random.default_rng(7), sizes=((2, 1), (3, 1), (4, 1), (5, 1), (NEVER, 8)))
    fit = did.imputation(y, first)
    assert 0 < fit.se < 2
    assert fit.n_treated == 4


def test_imputation_of_one_unit_has_no_error():
    y, first = staggered(np.random.default_rng(7), sizes=((3, 1), (NEVER, 8)))
    fit = did.imputation(y, first)
    assert np.isnan(fit.se)
    assert any("synthetic" in note for note in fit.notes)


def test_pretrend_test_sees_a_different_trend():
    y, first = staggered(np.random.default_rng(7), sizes=((5, 15), (NEVER, 15)), periods=8)
    drifting = y + 1.5 * np.arange(8) * np.isfinite(first)[:, None]
    assert did.imputation(drifting, first).pretest_p < 0.001
    assert did.group_time(drifting, first).pretest_p < 0.001


def test_simplex_weights_are_the_best_ones():
    rng = np.random.default_rng(3)
    y = rng.normal(size=(6, 1)) + 0.5 * rng.normal(size=(6, 9)).cumsum(axis=1)
    fit = did.synthetic(y, [True, *[False] * 5], 7)
    noise = np.diff(y[1:, :7], axis=1).std(ddof=1)

    def loss(w):
        gap = w @ y[1:, :7] - y[0, :7]
        return ((gap - gap.mean()) ** 2).mean() + np.sqrt(2) * noise**2 * (w**2).sum()

    others = rng.dirichlet(np.ones(5), 2000)
    near = 0.999 * fit.unit_weights + 0.001 * others
    assert fit.unit_weights.sum() == pytest.approx(1)
    assert all(loss(fit.unit_weights) <= loss(w) for w in [*others, *near])


def test_equal_units_and_periods_give_the_plain_difference_of_differences():
    rng = np.random.default_rng(3)
    y = np.add.outer(rng.normal(size=8), np.zeros(6))
    y[:2, 4:] += 1.0
    fit = did.synthetic(y, np.arange(8) < 2, 4)
    assert fit.att == pytest.approx(1.0, abs=1e-10)


def test_synthetic_places_one_unit_among_all_placebos():
    rng = np.random.default_rng(5)
    y = rng.normal(size=(20, 1)) + rng.normal(0, 0.2, (20, 12))
    y[3, 8:] += 2.0
    fit = did.synthetic(y, np.arange(20) == 3, 8)
    assert len(fit.placebo) == 19
    assert fit.p_value == pytest.approx(1 / 20)


def test_levels_of_units_do_not_matter_to_the_synthetic_comparison():
    rng = np.random.default_rng(5)
    y, treated = rng.normal(size=(15, 10)), np.arange(15) < 3
    a = did.synthetic(y, treated, 6, error="jackknife")
    b = did.synthetic(y + 100 * rng.normal(size=(15, 1)), treated, 6, error="jackknife")
    c = did.synthetic(y + 100, treated, 6, error="jackknife")
    assert b.unit_weights == pytest.approx(a.unit_weights, abs=1e-7)
    assert c.att == pytest.approx(a.att, abs=1e-7)
    assert c.se == pytest.approx(a.se, abs=1e-7)


def test_interrupted_finds_exact_lines_under_little_noise():
    t = np.arange(24)
    y = 5 + 0.2 * t - 3 * (t >= 12) + 0.1 * (t - 12) * (t >= 12) + 1e-6 * np.random.default_rng(1).normal(size=24)
    fit = did.interrupted(y, 12)
    np.testing.assert_allclose(fit.beta, [5, 0.2, -3, 0.1], atol=1e-5)
    np.testing.assert_allclose(fit.effect, -3 + 0.1 * np.arange(12), atol=1e-5)


def test_interrupted_without_lags_has_the_robust_errors():
    rng = np.random.default_rng(2)
    t, y = np.arange(30.0), rng.normal(size=30)
    after = (t >= 14).astype(float)
    X = np.column_stack([np.ones(30), t, after, (t - 14) * after])
    beta, vcov = sandwich(X, y, 30 / 26)
    fit = did.interrupted(y, 14, lags=0)
    np.testing.assert_allclose(fit.beta, beta, atol=1e-10)
    np.testing.assert_allclose(fit.vcov, vcov, rtol=1e-8, atol=1e-12)


def test_interrupted_season_is_taken_out():
    t = np.arange(48)
    wave = 3 * np.sin(2 * np.pi * t / 12)
    y = wave - 2 * (t >= 24) + 0.01 * np.random.default_rng(1).normal(size=48)
    assert did.interrupted(y, 24, 12).beta[2] == pytest.approx(-2, abs=0.05)


def test_interrupted_against_a_control_series_is_the_difference():
    rng = np.random.default_rng(1)
    y, control = rng.normal(size=30), rng.normal(size=30)
    a, b = did.interrupted(y, 15, control=control), did.interrupted(y - control, 15)
    np.testing.assert_allclose(a.beta, b.beta)
    assert not any("control" in note for note in a.notes)


def test_interrupted_says_that_neighbours_are_alike():
    noise = np.convolve(np.random.default_rng(1).normal(size=70), np.ones(8), mode="valid")
    assert any("too small" in note for note in did.interrupted(noise, 30).notes)


def test_regression_to_the_mean_of_the_bottom_quarter():
    found = did.regression_to_mean(0.6, did.extreme_mean(0.25))
    assert found.expected_change_sd == pytest.approx(0.508443, abs=5e-7)


def test_regression_to_the_mean_in_units_of_the_score():
    found = did.regression_to_mean(0.8, selected_mean=6.0, mean=7.0, sd=0.5)
    assert found.expected_change == pytest.approx(0.2)
    assert found.expected_change_sd == pytest.approx(0.4)
    assert found.expected_mean == pytest.approx(6.2)
    assert did.extreme_mean(0.1, 7, 0.5, lowest=False) == pytest.approx(14 - did.extreme_mean(0.1, 7, 0.5))


def test_inputs_stay_as_they_are():
    y, first = staggered(np.random.default_rng(1))
    y_copy, first_copy = y.copy(), first.copy()
    did.group_time(y, first)
    did.imputation(y, first)
    did.synthetic(y, first == 4, 4)
    did.interrupted(np.tile(y[0], 3), 10)
    np.testing.assert_array_equal(y, y_copy)
    np.testing.assert_array_equal(first, first_copy)


Y = np.random.default_rng(0).normal(size=(4, 5))
BOTH = [did.group_time, did.imputation]


@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize(
    ("y", "first", "more", "error", "says"),
    [
        (Y, [NEVER] * 4, {}, NotEstimableError, "No unit was acted upon"),
        (Y, [9, 9, NEVER, NEVER], {}, NotEstimableError, "No unit was acted upon"),
        (Y, [2, 2, 2, 2], {}, NotEstimableError, "same moment"),
        (Y, [0, 0, NEVER, NEVER], {}, NotEstimableError, "before the second period"),
        (Y, [2, NEVER], {}, ShapeError, "4 units and 5 periods"),
        (Y[0], [2] * 5, {"unit": [1] * 5, "time": [1, 1, 2, 3, 4]}, ShapeError, "twice in one period"),
        (Y[0], [2, 3, 3, 3, 3], {"unit": [1] * 5, "time": range(5)}, ShapeError, "two different first"),
        (Y[0], [2] * 5, {}, ShapeError, "row per unit"),
        (Y, [2, 2, NEVER, NEVER], {"time": [1, 2, 2, 3, 4]}, ShapeError, "rising"),
    ],
)
def test_panels_that_cannot_answer_say_so(estimator, y, first, more, error, says):
    with pytest.raises(error, match=says):
        estimator(y, first, **more)


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"control": "all"}, ChoiceError, "never, not_yet"),
        ({"method": "ols"}, ChoiceError, "dr, reg, ipw"),
        ({"covariates": np.ones((3, 1))}, ShapeError, "complete row"),
        ({"covariates": np.ones((4, 1))}, NotEstimableError, "covariates repeat"),
    ],
)
def test_options_of_group_time_are_checked(more, error, says):
    with pytest.raises(error, match=says):
        did.group_time(Y, [2, 2, NEVER, NEVER], **more)


def test_never_control_needs_a_never_group():
    with pytest.raises(NotEstimableError, match="not_yet"):
        did.group_time(Y, [2, 2, 3, 3])


@pytest.mark.parametrize(
    ("treated", "start", "more", "error", "says"),
    [
        ([0, 0, 0, 0], 3, {}, NotEstimableError, "No unit"),
        ([1, 1, 1, 1], 3, {}, NotEstimableError, "Every unit"),
        ([1, 0, 0, 0], 0, {}, NotEstimableError, "periods before the action"),
        ([1, 0, 0, 0], 5, {}, NotEstimableError, "periods before the action"),
        ([1, 0, 0, 0], 3, {"error": "jackknife"}, NotEstimableError, "two treated units"),
        ([1, 1, 0, 0], 3, {"error": "placebo"}, NotEstimableError, "more comparison units"),
        ([1, 0, 0, 0], 3, {"error": "bootstrap"}, ChoiceError, "placebo, jackknife"),
        ([1, 0, 0], 3, {}, ShapeError, "row per unit"),
    ],
)
def test_synthetic_says_what_is_wrong(treated, start, more, error, says):
    with pytest.raises(error, match=says):
        did.synthetic(Y, treated, start, **more)


@pytest.mark.parametrize(
    ("y", "start", "more", "error", "says"),
    [
        (np.arange(20.0), 0, {}, NotEstimableError, "8 points before"),
        (np.arange(20.0), 15, {}, NotEstimableError, "Found: 15 and 5"),
        (np.arange(20.0), 10, {}, NotEstimableError, "exactly on its lines"),
        (np.random.default_rng(0).normal(size=20), 10, {"season": 12}, NotEstimableError, "full cycle"),
        (np.append(np.arange(19.0), np.nan), 10, {}, ShapeError, "without gaps"),
        (np.arange(20.0), 10, {"control": np.arange(19.0)}, ShapeError, "same periods"),
    ],
)
def test_interrupted_says_what_is_wrong(y, start, more, error, says):
    with pytest.raises(error, match=says):
        did.interrupted(y, start, **more)


@pytest.mark.parametrize(("r", "sd"), [(1.5, 1.0), (0.5, 0.0)])
def test_impossible_correlations_and_spreads_are_refused(r, sd):
    with pytest.raises(ShapeError):
        did.regression_to_mean(r, 1.0, 0.0, sd)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [((2, 3), (4, 3), (NEVER, 6)), ((2, 5), (4, 5), (NEVER, 10))])
def test_limits_hold_as_often_as_they_say(sizes):
    hit = np.zeros((400, 2))
    for run in range(400):
        y, first = staggered(np.random.default_rng(run), sizes, periods=8, rho=0.4)
        low, high = did.group_time(y, first).aggregate("simple").confint()[-1]
        below, above = did.imputation(y, first).confint()
        hit[run] = low < 0.5 < high, below < 0.5 < above
    np.testing.assert_array_less(0.95 - 3 * np.sqrt(0.95 * 0.05 / 400), hit.mean(axis=0))


@pytest.mark.slow
def test_synthetic_placebo_rejects_no_more_than_it_says():
    p = np.empty(200)
    for run in range(200):
        y, _ = staggered(np.random.default_rng(run), ((NEVER, 25),), periods=12, rho=0.4)
        p[run] = did.synthetic(y, np.arange(25) < 1, 8).p_value
    assert (p <= 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
