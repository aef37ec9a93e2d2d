import csv
import gzip
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import crossed, lmm
from bevlogen.models.crossed_exact import chain
from bevlogen.models.crossed_inputs import levels_of
from bevlogen.models.crossed_profile import gradient, profile
from bevlogen.models.crossed_tables import cross_tables
from bevlogen.testing import reference, shared_folder

DEVIANCE = 1e-7  # absolute, as the README of the reference values says
FIXED = 1e-6  # of the standard error
VARIANCE = 1e-5  # relative: the reference comes from a derivative-free search
SAME_POINT = 1e-8  # same variances, so arithmetic alone: far below the error of any search
SIGNS = 0.02  # 32 sign vectors on 80 levels: sqrt(2 / (32 * 80)) on a variance is 0.028, half of it on its root
EFFECT = 1e-5  # of the effects' standard deviation: they inherit the error of the variances

FILES = ("lmm_insteval", "lmm_penicillin", "lmm_chem97", "lmm_star", "lmm_other_data")
CASES = [m for name in FILES for m in reference(name)]
SLOPES = {"egsingle_growth_3level_ml": ("childid", "year"), "klein_jobsat_rs_ml": ("GRPID", "COHES")}
FACTORS = ("service", "gender", "gr", "cltype", "recipe", "temperature")


def table(path):
    with gzip.open(shared_folder() / path, "rt") as handle:
        return list(csv.DictReader(handle))


def numbers(rows, name):
    return np.array([float(r[name]) for r in rows])


def columns(case, rows):
    """Return y, X and the slopes per factor as the formula of the case says."""
    response = case["formula"].split("~")[0].strip()
    rows = [r for r in rows if r[response] not in ("", "NA")]
    names = np.atleast_1d(case["fixed"]["names"])
    X = np.column_stack([np.prod([fixed_column(rows, part) for part in str(n).split(":")], axis=0) for n in names])
    groups = {
        name: np.array([":".join(r[part] for part in name.split(":")) for r in rows]) for name in case["n_groups"]
    }
    factor, slope = SLOPES.get(case["id"], (None, None))
    Z = {factor: np.column_stack([np.ones(len(rows)), numbers(rows, slope)])} if factor else None
    return numbers(rows, response), X, groups, Z


def fixed_column(rows, name):
    """A number by its own name, or an indicator: factor name followed by its level."""
    factors = [f for f in FACTORS if name.startswith(f) and name not in rows[0]]
    if factors:
        return np.array([r[factors[0]] == name.removeprefix(factors[0]) for r in rows], float)
    return np.ones(len(rows)) if name == "(Intercept)" else numbers(rows, name)


@pytest.fixture(scope="module")
def fits():
    kept = {}

    def fitted(case):
        if case["id"] not in kept:
            y, X, groups, Z = columns(case, table(case["data_file"]))
            kept[case["id"]] = crossed.fit(y, X, groups, Z=Z, reml=case["estimator"] == "REML")
        return kept[case["id"]]

    return fitted


def at_reference(case, y, X, groups, Z):
    """Solve the fixed effects at the covariance factors that the reference stopped at."""
    factors = [replace(levels_of(k, v), Z=None if Z is None else Z.get(k)) for k, v in groups.items()]
    theta, blocks = np.atleast_1d(case["theta"]).tolist(), []
    for f in factors:
        block = np.zeros((f.r, f.r))
        block.T[np.triu_indices(f.r)] = [theta.pop(0) for _ in range(f.r * (f.r + 1) // 2)]
        blocks.append(block)
    order = sorted(range(len(factors)), key=lambda k: -factors[k].n_levels)
    tables = cross_tables(y, X, tuple(factors[k] for k in order))
    fixed = profile(tables, tuple(blocks[k] for k in order), case["estimator"] == "REML").fixed
    dof = len(y) - X.shape[1] * (case["estimator"] == "REML")
    return fixed.beta, np.sqrt(np.diag(fixed.inverse) * fixed.rss / dof)


def variances(fit):
    return np.array([*np.concatenate([np.diag(c) for c in fit.covariance.values()]), fit.sigma2])


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
class TestAgainstLme4:
    def test_criterion(self, case, fits):
        assert fits(case).criterion == pytest.approx(case["minus2_logLik"], abs=DEVIANCE, rel=0)

    def test_fixed_effects(self, case, fits):
        se = np.atleast_1d(case["fixed"]["se"])
        # The reference's two optimisers differ by this much in the fixed effects; the next test has no such allowance.
        known = case["optimizer"]["max_abs_fixef_difference"]
        np.testing.assert_array_less(np.abs(fits(case).beta - case["fixed"]["estimate"]), FIXED * se + known)
        np.testing.assert_allclose(fits(case).se, se, rtol=VARIANCE)

    def test_fixed_effects_at_the_variances_of_the_reference(self, case, fits):
        y, X, groups, Z = columns(case, table(case["data_file"]))
        beta, se = at_reference(case, y, X, groups, Z)
        np.testing.assert_array_less(np.abs(beta - case["fixed"]["estimate"]) / se, SAME_POINT)
        np.testing.assert_allclose(se, case["fixed"]["se"], rtol=SAME_POINT)

    def test_variances(self, case, fits):
        expected = np.array([r["vcov"] for r in case["random"] if r["var2"] is None])
        # The reference's two optimisers differ by this much in theta = sd / sigma; a small variance feels it most.
        known = 2 * np.sqrt(expected * fits(case).sigma2) * case["optimizer"]["max_abs_theta_difference"]
        np.testing.assert_array_less(np.abs(variances(fits(case)) - expected), VARIANCE * expected + known)

    def test_predicted_effects(self, case, fits):
        # An effect is sigma theta u with u of size 1: it moves with the reference's known error in theta.
        known = np.sqrt(fits(case).sigma2) * case["optimizer"]["max_abs_theta_difference"]
        for part in case["ranef"]:
            found = fits(case).ranef(part["group"])
            places = [found.labels.tolist().index(str(label)) for label in part["levels"]]
            values = np.array(part["values"])
            spread = np.sqrt(np.diag(fits(case).covariance[part["group"]]))
            np.testing.assert_array_less(np.abs(found.values[places] - values) / (EFFECT * spread + known), 1.0)

    def test_search_has_converged(self, case, fits):
        assert fits(case).converged
        assert fits(case).is_singular == case["singular"]


def simulated(seed, n=600, employees=15, customers=60, sd=(0.7, 0.5, 1.0)):
    rng = np.random.default_rng(seed)
    s, d = rng.integers(0, employees, n), rng.integers(0, customers, n)
    X = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = X @ [3.0, 0.4] + sd[0] * rng.normal(size=employees)[s] + sd[1] * rng.normal(size=customers)[d]
    return y + sd[2] * rng.normal(size=n), X, {"s": s, "d": d}


@pytest.mark.parametrize("reml", [True, False])
def test_one_factor_is_the_ordinary_mixed_model(reml):
    y, X, groups = simulated(1)
    a, b = crossed.fit(y, X, {"s": groups["s"]}, reml=reml), lmm.fit(y, X, groups["s"], reml=reml)
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-8)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-6)
    assert a.variance["s"] == pytest.approx(b.tau[0, 0], rel=1e-6)
    assert a.criterion == pytest.approx(b.criterion, abs=1e-8)


def test_moments_of_one_factor_are_the_anova_estimator():
    y, _, groups = simulated(1)
    fit = crossed.fit(y, np.ones((600, 1)), {"d": groups["d"]}, method="moments")
    n, sums = np.bincount(groups["d"]), np.bincount(groups["d"], y)
    msw = (np.sum(y**2) - np.sum(sums**2 / n)) / (600 - 60)
    msb = (np.sum(sums**2 / n) - y.sum() ** 2 / 600) / 59
    k = (600 - np.sum(n**2) / 600) / 59
    assert fit.sigma2 == pytest.approx(msw, rel=1e-9)
    assert fit.variance["d"] == pytest.approx((msb - msw) / k, rel=1e-9)


def test_slopes_of_one_factor_are_those_of_the_ordinary_mixed_model():
    y, X, groups = simulated(2)
    y = y + 0.5 * np.random.default_rng(3).normal(size=15)[groups["s"]] * X[:, 1]
    a, b = crossed.fit(y, X, {"s": groups["s"]}, Z={"s": X}), lmm.fit(y, X, groups["s"], Z=X)
    np.testing.assert_allclose(a.covariance["s"], b.tau, rtol=1e-5)
    assert a.criterion == pytest.approx(b.criterion, abs=1e-8)


def test_balanced_two_way_layout_equals_the_analysis_of_variance():
    rng = np.random.default_rng(4)
    table_ = rng.normal(size=8)[:, None] * 2 + rng.normal(size=6) + rng.normal(size=(8, 6))
    s, d = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    fit = crossed.fit(table_.ravel(), np.ones((48, 1)), {"s": s, "d": d})
    rows, cols = table_.mean(axis=1), table_.mean(axis=0)
    mse = np.sum((table_ - rows[:, None] - cols + table_.mean()) ** 2) / 35
    assert fit.sigma2 == pytest.approx(mse, rel=1e-7)
    assert fit.variance["s"] == pytest.approx((6 * rows.var(ddof=1) - mse) / 6, rel=1e-6)
    assert fit.variance["d"] == pytest.approx((8 * cols.var(ddof=1) - mse) / 8, rel=1e-6)


def test_balanced_two_way_moments_equal_the_exact_answer():
    rng = np.random.default_rng(4)
    s, d = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    y = 2 * rng.normal(size=8)[s] + rng.normal(size=6)[d] + rng.normal(size=48)
    a = crossed.fit(y, np.ones((48, 1)), {"s": s, "d": d})
    b = crossed.fit(y, np.ones((48, 1)), {"s": s, "d": d}, method="moments")
    np.testing.assert_allclose(list(a.variance.values()), list(b.variance.values()), rtol=1e-5)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-5)
    np.testing.assert_allclose(a.variance_cov, b.variance_cov, rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(a.df, b.df, rtol=1e-4)


def with_slopes(seed):
    y, X, groups = simulated(seed, n=200, employees=8, customers=20)
    rng = np.random.default_rng(seed + 1)
    for k, J in (("s", 8), ("d", 20)):
        y = y + 0.6 * rng.normal(size=J)[groups[k]] * X[:, 1]
    return y, X, groups


def full_criterion(y, X, V, reml):
    """-2 log-likelihood from the (n, n) covariance matrix of the rows."""
    inverse = np.linalg.inv(V)
    XVX = X.T @ inverse @ X
    rest = y - X @ np.linalg.solve(XVX, X.T @ inverse @ y)
    dof = len(y) - reml * X.shape[1]
    return np.linalg.slogdet(V)[1] + reml * np.linalg.slogdet(XVX)[1] + rest @ inverse @ rest + dof * np.log(2 * np.pi)


def full_covariance(fit, X, groups):
    V = fit.sigma2 * np.eye(len(X))
    for k, codes in groups.items():
        V += (X @ fit.covariance[k] @ X.T) * (codes[:, None] == codes)
    return V


@pytest.mark.parametrize("reml", [True, False])
def test_slopes_on_both_factors_have_the_likelihood_of_the_full_covariance_matrix(reml):
    y, X, groups = with_slopes(20)
    fit = crossed.fit(y, X, groups, Z={"s": X, "d": X}, reml=reml)
    assert fit.criterion == pytest.approx(full_criterion(y, X, full_covariance(fit, X, groups), reml), abs=1e-7)
    assert fit.converged


@pytest.mark.parametrize("name", ["s", "d"])
@pytest.mark.parametrize("element", [(0, 0), (1, 0), (1, 1)])
def test_no_other_covariance_of_slopes_is_more_likely(name, element):
    y, X, groups = with_slopes(20)
    fit = crossed.fit(y, X, groups, Z={"s": X, "d": X})
    change = np.zeros((2, 2))
    change[element] = change[element[::-1]] = 0.02
    for sign in (1, -1):
        moved = replace(fit, covariance=fit.covariance | {name: fit.covariance[name] + sign * change})
        assert full_criterion(y, X, full_covariance(moved, X, groups), True) > fit.criterion


@pytest.mark.parametrize("slopes", [None, "both"])
def test_gradient_equals_the_difference_of_the_criterion(slopes):
    y, X, groups = with_slopes(21)
    factors = tuple(replace(levels_of(k, groups[k]), Z=X if slopes else None) for k in ("d", "s"))
    tables = cross_tables(y, X, factors)
    Lambda = tuple(np.tril(np.full((f.r, f.r), 0.3)) + 0.2 * np.eye(f.r) for f in factors)
    _, analytic, _ = chain(Lambda, gradient(tables, profile(tables, Lambda, True), True))
    numeric = []
    for k, block in enumerate(Lambda):
        for a, b in zip(*np.tril_indices(len(block)), strict=True):
            step = np.zeros_like(block)
            step[a, b] = 1e-5
            ends = [(*Lambda[:k], block + sign * step, *Lambda[k + 1 :]) for sign in (1, -1)]
            up, down = (profile(tables, end, True).criterion for end in ends)
            numeric.append((up - down) / 2e-5)
    np.testing.assert_allclose(analytic, numeric, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("theta", [0.0, 2e-5])
def test_gradient_holds_at_a_variance_of_zero(theta):
    y, X, groups = simulated(22)
    tables = cross_tables(y, X, tuple(levels_of(k, groups[k]) for k in ("d", "s")))
    at = [profile(tables, (np.eye(1), np.eye(1) * np.sqrt(theta**2 + h)), True) for h in (0.0, 1e-7)]
    numeric = (at[1].criterion - at[0].criterion) / 1e-7
    assert gradient(tables, at[0], True)[1][0, 0] == pytest.approx(numeric, rel=1e-3)


def test_covariance_of_the_variances_is_the_curvature_of_the_likelihood():
    y, X, groups = simulated(23, n=4000, employees=200, customers=300)
    fit = crossed.fit(y, X, groups)
    k = np.array([0.02, -0.01, 0.01])  # a direction in (s, d, sigma2)
    found = k @ np.linalg.inv(fit.variance_cov) @ k

    def criterion(step):
        return at_variances(y, X, groups, np.array([fit.variance["s"], fit.variance["d"], fit.sigma2]) + step * k)

    observed = (criterion(1) - 2 * criterion(0) + criterion(-1)) / 2
    assert found == pytest.approx(observed, rel=0.05)  # average for observed information: equal for many levels only


def at_variances(y, X, groups, variances):
    """-2 restricted log-likelihood at given variances of s, d and the residual."""
    tables = cross_tables(y, X, tuple(levels_of(k, groups[k]) for k in ("d", "s")))
    s, d, sigma2 = variances
    at = profile(tables, tuple(np.eye(1) * np.sqrt(v / sigma2) for v in (d, s)), True)
    dof = len(y) - X.shape[1]
    return at.criterion - dof * (1 + np.log(at.fixed.rss / dof)) + dof * np.log(sigma2) + at.fixed.rss / sigma2


@pytest.mark.parametrize("method", ["exact", "moments"])
def test_order_and_labels_do_not_matter(method):
    y, X, groups = simulated(5)
    order = np.random.default_rng(6).permutation(len(y))
    names = {k: np.array([f"{k} {c}" for c in v])[order] for k, v in reversed(groups.items())}
    a, b = crossed.fit(y, X, groups, method=method), crossed.fit(y[order], X[order], names, method=method)
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-8)
    np.testing.assert_allclose([a.variance[k] for k in "sd"], [b.variance[k] for k in "sd"], rtol=1e-6)


@pytest.mark.parametrize("method", ["exact", "moments"])
def test_recoding_the_outcome_recodes_the_answer(method):
    y, X, groups = simulated(7)
    a, b = crossed.fit(y, X, groups, method=method), crossed.fit(100 + 10 * y, X, groups, method=method)
    assert b.beta[0] == pytest.approx(100 + 10 * a.beta[0], rel=1e-8)
    assert b.beta[1] == pytest.approx(10 * a.beta[1], rel=1e-7)
    assert b.variance["s"] == pytest.approx(100 * a.variance["s"], rel=1e-6)


def test_predicted_effects_and_fixed_effects_solve_the_mixed_model_equations():
    y, X, groups = simulated(8)
    for method in ("exact", "moments"):
        fit = crossed.fit(y, X, groups, method=method)
        rest = y - X @ fit.beta - sum(fit.ranef(k).values[groups[k], 0] for k in groups)
        np.testing.assert_allclose(X.T @ rest, 0, atol=1e-6)
        for k in groups:
            balance = np.bincount(groups[k], rest) / fit.sigma2 - fit.ranef(k).values[:, 0] / fit.variance[k]
            np.testing.assert_allclose(balance, 0, atol=1e-6)


@pytest.mark.parametrize("method", ["exact", "moments"])
def test_a_factor_without_effect_has_variance_zero(method):
    y, X, groups = simulated(9, sd=(1.0, 0.0, 1.0))
    level = np.bincount(groups["d"], y - X @ [3.0, 0.4]) / np.bincount(groups["d"])
    fit = crossed.fit(y - level[groups["d"]], X, groups, method=method)
    assert fit.variance["d"] == 0
    assert fit.is_singular
    assert fit.converged


def test_the_share_of_connected_rows_is_told():
    y, X, groups = simulated(10)
    apart = {"s": groups["s"] + 15 * (np.arange(600) < 150), "d": groups["d"] + 60 * (np.arange(600) < 150)}
    fit = crossed.fit(y, X, apart)
    assert fit.connected == 0.75
    assert "2 unconnected parts; the largest holds 75.0 %" in " ".join(fit.notes)


def test_connected_factors_need_no_note():
    y, X, groups = simulated(10)
    fit = crossed.fit(y, X, groups)
    assert fit.connected == 1.0
    assert fit.notes == ()


@pytest.mark.parametrize("method", ["exact", "moments"])
def test_customers_with_one_employee_each_are_said_to_be_nested(method):
    y, X, groups = simulated(11)
    fit = crossed.fit(y, X, {"s": groups["d"] % 15, "d": groups["d"]}, method=method)
    assert 'Every level of "d" meets one level of "s" only: nested' in fit.notes[0]
    assert "merges with that of their encounter" in fit.notes[0]


@pytest.mark.parametrize("method", ["exact", "moments"])
def test_a_factor_with_one_row_per_level_is_left_out_and_said(method):
    y, X, groups = simulated(12)
    fit = crossed.fit(y, X, groups | {"row": np.arange(600)}, method=method)
    plain = crossed.fit(y, X, groups, method=method)
    assert np.isnan(fit.variance["row"])
    assert fit.sigma2 == pytest.approx(plain.sigma2, rel=1e-12)
    assert 'Every level of "row" has one row' in fit.notes[0]


def test_moments_of_three_factors_agree_with_the_exact_answer_within_their_error():
    y, X, groups = simulated(13, n=6000, employees=40, customers=300)
    groups = groups | {"unit": np.random.default_rng(14).integers(0, 25, 6000)}
    y = y + 0.4 * np.random.default_rng(15).normal(size=25)[groups["unit"]]
    a, b = crossed.fit(y, X, groups), crossed.fit(y, X, groups, method="moments")
    gap = np.array(list(a.variance.values())) - list(b.variance.values())
    np.testing.assert_array_less(np.abs(gap), 2 * np.sqrt(np.diag(b.variance_cov))[:3])
    np.testing.assert_array_less(np.abs(a.beta - b.beta), 0.5 * b.se)


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", [c for c in CASES if c["id"].startswith("insteval")], ids=lambda c: c["id"])
def test_moments_agree_with_lme4_within_their_own_error(case):
    y, X, groups, _ = columns(case, table(case["data_file"]))
    fit = crossed.fit(y, X, groups, method="moments")
    expected = np.array([r["vcov"] for r in case["random"]])
    found = np.array([*fit.variance.values(), fit.sigma2])
    np.testing.assert_array_less(np.abs(found - expected), 2 * np.sqrt(np.diag(fit.variance_cov)))
    np.testing.assert_array_less(np.abs(fit.beta - case["fixed"]["estimate"]), 0.5 * fit.se)


def test_sign_vectors_give_the_standard_errors_of_exact_traces(monkeypatch):
    y, X, groups = simulated(24, n=6000, employees=80, customers=1600)
    signs = crossed.fit(y, X, groups, method="moments").variance_cov
    monkeypatch.setattr("bevlogen.models.crossed_moments._EXACT", 2000)
    exact = crossed.fit(y, X, groups, method="moments").variance_cov
    np.testing.assert_allclose(np.sqrt(np.diag(signs)), np.sqrt(np.diag(exact)), rtol=SIGNS)


def test_inputs_stay_as_they_are():
    y, X, groups = simulated(16)
    copies = y.copy(), X.copy(), {k: v.copy() for k, v in groups.items()}
    crossed.fit(y, X, groups)
    crossed.fit(y, X, groups, method="moments")
    np.testing.assert_array_equal(y, copies[0])
    np.testing.assert_array_equal(X, copies[1])
    np.testing.assert_array_equal(groups["s"], copies[2]["s"])


ONE = np.ones((6, 1))
Y = np.array([1.0, 2.0, 4.0, 3.0, 7.0, 5.0])
S, D = np.array([0, 0, 0, 1, 1, 1]), np.array(["a", "b", "c", "a", "b", "c"])


@pytest.mark.parametrize(
    ("y", "X", "groups", "error", "says"),
    [
        (Y[:5], ONE, {"s": S, "d": D}, ShapeError, "differ in length. Found: y 5, X 6"),
        (np.where(Y > 6, np.nan, Y), ONE, {"s": S, "d": D}, ShapeError, "missing or infinite"),
        (Y, ONE, {"s": S, "d": np.array(["a", None, "b", "a", "b", None])}, ShapeError, '"d" has 2 rows without'),
        (Y, ONE, {"s": np.where(S == 0, np.nan, 1.0)}, ShapeError, '"s" has 3 rows without a level'),
        (
            Y,
            ONE,
            {"s": np.where(S == 0, np.datetime64("2026-01-01"), np.datetime64("NaT"))},
            ShapeError,
            "3 rows without",
        ),
        (Y, ONE, {"s": np.array(["a", "b", 1, 1, "a", "b"], object)}, ShapeError, "mixes kinds of labels"),
        (Y[:, None], ONE, {"s": S, "d": D}, ShapeError, "must be a single column"),
        (Y, ONE, {}, ShapeError, "No grouping factor"),
        (Y, ONE, {"s": S * 0, "d": D}, NotEstimableError, 'at least two levels. Found: 1 for "s"'),
        (Y, ONE, {"row": np.arange(6)}, NotEstimableError, "Every level of every factor has one row"),
        (Y, ONE, {"s": S, "t": 1 - S}, NotEstimableError, 'Factors "s" and "t" divide the rows alike'),
        (Y, np.ones((6, 2)), {"s": S, "d": D}, NotEstimableError, "collinear"),
        (Y, np.eye(6), {"s": S, "d": D}, NotEstimableError, "more than 6 rows"),
        (np.ones(6), ONE, {"s": S, "d": D}, NotEstimableError, "does not vary"),
        (S * 2.0, ONE, {"s": S, "d": D}, NotEstimableError, "does not vary"),
        (Y, np.column_stack([ONE, S]), {"s": S, "d": D}, NotEstimableError, "cannot be told from X"),
    ],
)
@pytest.mark.parametrize("method", ["exact", "moments"])
def test_what_cannot_be_fitted_is_said_in_a_sentence(y, X, groups, error, says, method):
    with pytest.raises(error, match=says):
        crossed.fit(y, X, groups, method=method)


def test_unknown_choices_are_said():
    with pytest.raises(ChoiceError, match=r'Unknown method "best"\. Choose one of: exact, moments\.'):
        crossed.fit(Y, ONE, {"s": S}, method="best")
    with pytest.raises(ChoiceError, match=r'Unknown factor in Z "t"\. Choose one of: s, d\.'):
        crossed.fit(Y, ONE, {"s": S, "d": D}, Z={"t": ONE})
    with pytest.raises(NotEstimableError, match="random intercepts only"):
        crossed.fit(Y, ONE, {"s": S, "d": D}, Z={"s": ONE}, method="moments")
    with pytest.raises(ChoiceError, match=r'Unknown factor "t"\. Choose one of: s, d\.'):
        crossed.fit(Y, ONE, {"s": S, "d": D}).ranef("t")


RUNS = 300
MC = 3.5  # Monte Carlo standard errors: a false alarm about once in 2,000 claims


@pytest.fixture(scope="module", params=["exact", "moments"])
def study(request):
    """Estimates and standard errors over simulated data: uneven employees, few encounters per customer, covariates."""
    kept = {"estimate": [], "se": [], "inside": []}
    truth = np.array([3.0, 0.4, 0.49, 0.25, 1.0])
    for seed in range(RUNS):
        rng = np.random.default_rng([77, seed])
        s, d = np.minimum(rng.geometric(0.03, 3000), 60), rng.integers(0, 500, 3000)
        tenure = rng.normal(size=61)[s]  # varies between employees only
        X = np.column_stack([np.ones(3000), tenure])
        y = X @ truth[:2] + 0.7 * rng.normal(size=61)[s] + 0.5 * rng.normal(size=500)[d] + rng.normal(size=3000)
        fit = crossed.fit(y, X, {"s": s, "d": d}, method=request.param)
        limits = fit.confint()
        kept["estimate"].append([*fit.beta, *fit.variance.values(), fit.sigma2])
        kept["se"].append([*fit.se, *np.sqrt(np.diag(fit.variance_cov))])
        kept["inside"].append((limits[:, 0] < truth[:2]) & (truth[:2] < limits[:, 1]))
    return {k: np.array(v) for k, v in kept.items()} | {"truth": truth}


@pytest.mark.slow
def test_estimates_are_right_on_average(study):
    error = study["estimate"].mean(axis=0) - study["truth"]
    np.testing.assert_array_less(np.abs(error), MC * study["estimate"].std(axis=0) / np.sqrt(RUNS))


@pytest.mark.slow
def test_standard_errors_match_the_spread_of_the_estimates(study):
    ratio = np.sqrt(np.mean(study["se"] ** 2, axis=0)) / study["estimate"].std(axis=0)
    np.testing.assert_array_less(np.abs(ratio - 1), MC / np.sqrt(2 * RUNS))


@pytest.mark.slow
def test_intervals_of_the_fixed_effects_cover(study):
    coverage = study["inside"].mean(axis=0)
    np.testing.assert_array_less(np.abs(coverage - 0.95), MC * np.sqrt(0.95 * 0.05 / RUNS))


def test_moments_that_leave_no_residual_refer_to_the_exact_method():
    s, d = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 0])
    y = np.array([0.3, 0.8, 0.3, -1.3, 0.9])
    with pytest.raises(NotEstimableError, match="below zero: too few rows"):
        crossed.fit(y, np.ones((5, 1)), {"s": s, "d": d}, method="moments")
    assert crossed.fit(y, np.ones((5, 1)), {"s": s, "d": d}).sigma2 > 0
