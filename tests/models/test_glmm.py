import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import glmm
from bevlogen.models.glmm_laplace import Problem, laplace
from bevlogen.testing import reference, shared_folder

PARAMETER = 1e-4  # as the README of the reference values says
ERROR = 1e-3  # relative; lme4 takes its Hessian by differences
CRITERION = 1e-6  # absolute: what lme4 and this agree to when both run their inner loop to the end
DIFFERENCES = 1e-5  # relative error of central differences

FILES = ("glmm_contraception", "glmm_verbagg")
CASES = [m for name in FILES for m in reference(name)]
ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "glmm_tight.json").read_text())
TIGHT = {m["id"]: m for m in ORACLE["models"]}


def column(rows, name):
    """One column of the model matrix as lme4 names it."""
    if name == "(Intercept)":
        return np.ones(len(rows))
    if name in {"age", "I(age^2)"}:
        return np.array([float(r["age"]) for r in rows]) ** (2 if "^2" in name else 1)
    if name == "Anger":
        return np.array([float(r["Anger"]) for r in rows])
    factor = next(f for f in ("urban", "livch", "Gender", "btype", "situ", "mode") if name.startswith(f))
    return np.array([r[factor] == name.removeprefix(factor) for r in rows], float)


@pytest.fixture(scope="module")
def fits():
    kept = {}

    def fitted(case):
        if case["id"] not in kept:
            with gzip.open(shared_folder() / case["data_file"], "rt") as handle:
                rows = list(csv.DictReader(handle))
            X = np.column_stack([column(rows, name) for name in case["fixed"]["names"]])
            outcome = "use" if "use" in rows[0] else "r2"
            y = np.array([r[outcome] == "Y" for r in rows], float)
            kept[case["id"]] = glmm.fit(y, X, {name: np.array([r[name] for r in rows]) for name in case["n_groups"]})
        return kept[case["id"]]

    return fitted


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
class TestAgainstLme4:
    """Against lme4 run to the end at the README's tolerances, and against the stored values within lme4's own error.

    lme4's default ends the search for the modes at a relative change of 1e-7 and takes log|A| one step before. How far
    that moves its answer is known here: stored value minus the same fit of lme4 with the search run to the end.
    """

    def test_criterion(self, case, fits):
        tight = TIGHT[case["id"]]["criterion"]
        assert fits(case).criterion == pytest.approx(tight, abs=CRITERION, rel=0)
        known_error = abs(case["deviance_minus2ll"] - tight)
        assert abs(fits(case).criterion - case["deviance_minus2ll"]) < CRITERION + known_error

    def test_fixed_effects(self, case, fits):
        tight, stored = np.array(TIGHT[case["id"]]["beta"]), np.array(case["fixed"]["estimate"])
        np.testing.assert_allclose(fits(case).beta, tight, atol=PARAMETER, rtol=0)
        np.testing.assert_array_less(np.abs(fits(case).beta - stored), PARAMETER + np.abs(stored - tight))

    def test_errors(self, case, fits):
        tight, stored = np.array(TIGHT[case["id"]]["se"]), np.array(case["fixed"]["se"])
        np.testing.assert_allclose(fits(case).se, tight, rtol=ERROR)
        np.testing.assert_array_less(np.abs(fits(case).se - stored), ERROR * stored + np.abs(stored - tight))

    def test_variances(self, case, fits):
        tight = np.array([TIGHT[case["id"]]["variance"][r["group"]] for r in case["random"]])
        stored = np.array([r["vcov"] for r in case["random"]])
        found = np.array([fits(case).variance[r["group"]] for r in case["random"]])
        np.testing.assert_allclose(found, tight, rtol=PARAMETER)
        np.testing.assert_array_less(np.abs(found - stored), PARAMETER * stored + np.abs(stored - tight))

    def test_numbers_and_information_criterion(self, case, fits):
        fit = fits(case)
        assert (fit.n_obs, fit.n_groups) == (case["n_obs"], case["n_groups"])
        assert fit.aic - fit.criterion == pytest.approx(case["AIC"] - case["deviance_minus2ll"], abs=1e-8)
        assert fit.converged
        assert not fit.is_singular


def cbpp():
    """Cattle disease per herd and period (lme4's cbpp): cases, animals, design and herd."""
    d = {name: np.array(values) for name, values in ORACLE["cbpp"].items()}
    X = np.column_stack([np.ones(56), *(d["period"] == k for k in (2, 3, 4))])
    return d["incidence"].astype(float), d["size"].astype(float), X, d["herd"]


@pytest.mark.parametrize("ident", ["cbpp_share", "cbpp_count"])
def test_trials_and_exposure_equal_lme4(ident):
    cases, animals, X, herd = cbpp()
    if ident == "cbpp_share":
        fit = glmm.fit(cases / animals, X, herd, weights=animals)
    else:
        fit = glmm.fit(cases, X, herd, family="poisson", exposure=animals)
    assert fit.criterion == pytest.approx(TIGHT[ident]["criterion"], abs=CRITERION)
    np.testing.assert_allclose(fit.beta, TIGHT[ident]["beta"], atol=PARAMETER)
    np.testing.assert_allclose(fit.se, TIGHT[ident]["se"], rtol=ERROR)
    assert fit.variance["group"] == pytest.approx(TIGHT[ident]["variance"]["herd"], rel=PARAMETER)


def test_laplace_of_one_unit_is_the_formula_worked_by_hand():
    # One unit, count 3, eta = u: mode solves 3 - exp(u) = u, A = 1 + exp(u).
    problem = Problem("poisson", np.array([3.0]), np.ones((1, 1)), np.ones(1), np.zeros(1), (np.array([0]),), (1,))
    u = optimize.brentq(lambda x: 3 - np.exp(x) - x, 0, 3)
    by_hand = u**2 - 2 * (3 * u - np.exp(u) - np.log(6)) + np.log(1 + np.exp(u))
    assert laplace(problem, np.ones(1), np.zeros(1), 0.0).criterion == pytest.approx(by_hand, abs=1e-9)


def test_laplace_is_near_the_integral_where_units_have_much_data():
    rng = np.random.default_rng(4)
    y = rng.poisson(20, 30).astype(float)
    group = np.repeat(np.arange(3), 10)
    problem = Problem("poisson", y, np.ones((30, 1)), np.ones(30), np.zeros(30), (group,), (3,))

    def density(u, rows):
        return stats.norm.pdf(u) * np.exp(np.sum(stats.poisson.logpmf(rows, np.exp(3.0 + 0.2 * u))) + 30)

    exact = sum(-2 * (np.log(integrate.quad(density, -6, 6, args=(y[group == j],))[0]) - 30) for j in range(3))
    assert laplace(problem, np.array([0.2]), np.array([3.0]), 0.0).criterion == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("family", ["binomial", "poisson", "negative_binomial"])
@pytest.mark.parametrize("n_factors", [1, 2])
def test_gradient_is_that_of_the_criterion(family, n_factors):
    rng = np.random.default_rng(0)
    codes, sizes = (rng.integers(0, 12, 200), rng.integers(0, 5, 200))[:n_factors], (12, 5)[:n_factors]
    y = rng.integers(0, 4, 200) / 3.0 if family == "binomial" else rng.poisson(2, 200).astype(float)
    X = np.column_stack([np.ones(200), rng.normal(size=200)])
    problem = Problem(family, y, X, np.full(200, 3.0), np.zeros(200), codes, sizes)

    def at(x):
        return laplace(problem, x[:n_factors], x[n_factors:-1], x[-1])

    x = np.array([*(0.6, 0.4)[:n_factors], 0.2, 0.3, 0.5])
    steps = 1e-4 * np.eye(len(x))
    by_differences = np.array([(at(x + e).criterion - at(x - e).criterion) / 2e-4 for e in steps])
    gradient = at(x).gradient
    np.testing.assert_allclose(gradient, by_differences, rtol=0, atol=DIFFERENCES * np.abs(gradient).max())


def spells(rng, n_units=40, per_unit=6, sd=0.4, size=None):
    """Absence spells with exposure, one covariate, rate ratio exp(-0.3)."""
    unit = np.repeat(np.arange(n_units), per_unit)
    n = len(unit)
    x, years = rng.normal(size=n), rng.uniform(3, 10, n)
    mu = years * np.exp(0.2 - 0.3 * x + rng.normal(0, sd, n_units)[unit])
    y = rng.poisson(mu if size is None else rng.gamma(size, mu / size))
    return y.astype(float), np.column_stack([np.ones(n), x]), unit, years


def test_without_difference_between_units_it_is_the_ordinary_poisson_model():
    y = np.array([1.0, 3.0, 2.0, 2.0] * 5)
    fit = glmm.fit(y, np.ones((20, 1)), np.repeat(np.arange(5), 4), family="poisson")
    assert fit.is_singular
    assert fit.variance["group"] == 0
    assert fit.beta[0] == pytest.approx(np.log(2), abs=1e-6)
    assert fit.se[0] == pytest.approx(1 / np.sqrt(40), rel=1e-4)
    assert "variance between units is zero" in fit.notes[0]


def test_poisson_counts_need_no_negative_binomial():
    y, X, unit, years = spells(np.random.default_rng(3))
    poisson = glmm.fit(y, X, unit, family="poisson", exposure=years)
    wide = glmm.fit(np.full(40, 2.0), np.ones((40, 1)), np.repeat(np.arange(8), 5), family="negative_binomial")
    free = glmm.fit(y, X, unit, family="negative_binomial", exposure=years)
    assert free.criterion <= poisson.criterion + 1e-4
    assert any("no more than a Poisson" in note for note in wide.notes)


def test_overdispersed_counts_find_their_size():
    y, X, unit, years = spells(np.random.default_rng(6), n_units=150, size=2.0)
    fit = glmm.fit(y, X, unit, family="negative_binomial", exposure=years)
    assert fit.size == pytest.approx(2.0, rel=0.3)
    assert fit.converged


def test_exposure_scales_the_rate_and_nothing_else():
    y, X, unit, years = spells(np.random.default_rng(8))
    a = glmm.fit(y, X, unit, family="poisson", exposure=years)
    b = glmm.fit(y, X, unit, family="poisson", exposure=12 * years)
    assert b.beta[0] == pytest.approx(a.beta[0] - np.log(12), abs=1e-5)
    assert b.beta[1] == pytest.approx(a.beta[1], abs=1e-5)
    assert b.variance["group"] == pytest.approx(a.variance["group"], rel=1e-4)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100))
def test_order_labels_and_units_of_x_do_not_matter(seed, factor):
    rng = np.random.default_rng(seed)
    y, X, unit, years = spells(rng, n_units=12)
    order = rng.permutation(len(y))
    names = np.array([f"team {u}" for u in 11 - unit])
    a = glmm.fit(y, X, unit, family="poisson", exposure=years)
    b = glmm.fit(y[order], (X * [1, factor])[order], names[order], family="poisson", exposure=years[order])
    np.testing.assert_allclose(b.beta * [1, factor], a.beta, atol=1e-5)
    np.testing.assert_allclose(b.se * [1, factor], a.se, rtol=1e-3)


def test_order_of_factors_does_not_matter():
    rng = np.random.default_rng(2)
    first, second = rng.integers(0, 20, 300), rng.integers(0, 6, 300)
    y = (rng.normal(size=20)[first] + rng.normal(size=6)[second] + rng.logistic(size=300) > 0).astype(float)
    X = np.ones((300, 1))
    a, b = glmm.fit(y, X, {"s": first, "d": second}), glmm.fit(y, X, {"d": second, "s": first})
    assert a.variance["s"] == pytest.approx(b.variance["s"], rel=1e-6)
    assert list(b.variance) == ["d", "s"]


def test_shares_equal_their_yes_and_no_rows():
    cases, animals, X, herd = cbpp()
    rows = np.repeat(np.arange(56), animals.astype(int))
    yes = np.concatenate([np.arange(int(n)) < c for n, c in zip(animals, cases, strict=True)]).astype(float)
    a, b = glmm.fit(cases / animals, X, herd, weights=animals), glmm.fit(yes, X[rows], herd[rows])
    np.testing.assert_allclose(a.beta, b.beta, atol=1e-5)
    assert a.variance["group"] == pytest.approx(b.variance["group"], rel=1e-4)


def test_separation_is_said_calmly():
    x = np.repeat([0.0, 1.0], 30)
    y = np.where(x == 1, 1.0, np.tile([0.0, 1.0], 30))
    fit = glmm.fit(y, np.column_stack([np.ones(60), x]), np.tile(np.arange(6), 10))
    assert not fit.converged
    assert any("separates" in note for note in fit.notes)


def test_units_without_variation_inside_have_no_errors():
    fit = glmm.fit(np.repeat([1.0, 0.0], 50), np.ones((100, 1)), np.repeat(np.arange(10), 10))
    assert not fit.converged
    assert np.isnan(fit.se[0])
    assert "flat at its top" in fit.notes[0]


def test_effects_of_units_lie_around_zero_and_are_shrunk():
    y, X, unit, years = spells(np.random.default_rng(5))
    fit = glmm.fit(y, X, unit, family="poisson", exposure=years)
    assert abs(fit.effects["group"].mean()) < 0.1
    assert fit.effects["group"].std() < np.sqrt(fit.variance["group"])
    assert fit.effects_se["group"].shape == fit.levels["group"].shape == (40,)


def test_limits_are_the_normal_ones():
    y, X, unit, years = spells(np.random.default_rng(5))
    fit = glmm.fit(y, X, unit, family="poisson", exposure=years)
    np.testing.assert_allclose(fit.confint(0.95)[:, 1], fit.beta + 1.959964 * fit.se, rtol=1e-6)


def test_duration_without_units_and_stretches_is_ends_over_time():
    days = np.array([2.0, 4.0, 6.0, 8.0] * 5)
    ended = np.array([True, True, True, False] * 5)
    fit = glmm.duration(days, ended, np.empty((20, 0)), np.repeat(np.arange(5), 4), breaks=())
    assert fit.beta[0] == pytest.approx(np.log(15 / 100), abs=1e-6)


def test_duration_joins_stretches_without_an_end():
    rng = np.random.default_rng(1)
    days = rng.exponential(5, 60).clip(max=20)
    x = rng.normal(size=60)
    unit = np.repeat(np.arange(6), 10)
    a = glmm.duration(days, np.ones(60), x, unit, breaks=(7, 42, 365))
    b = glmm.duration(days, np.ones(60), x, unit, breaks=(7,))
    np.testing.assert_allclose(a.beta, b.beta, atol=1e-6)
    assert len(a.beta) == 3


def test_inputs_stay_as_they_are():
    y, X, unit, years = spells(np.random.default_rng(1))
    copies = y.copy(), X.copy(), unit.copy(), years.copy()
    glmm.fit(y, X, unit, family="poisson", exposure=years)
    np.testing.assert_array_equal(y, copies[0])
    np.testing.assert_array_equal(X, copies[1])
    np.testing.assert_array_equal(unit, copies[2])
    np.testing.assert_array_equal(years, copies[3])


ONE, PAIRS = np.ones((4, 1)), np.array([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("y", "X", "group", "more", "error", "says"),
    [
        (np.arange(4.0), ONE, PAIRS, {"family": "gamma"}, ChoiceError, "binomial, poisson, negative_binomial"),
        (np.arange(4.0), np.ones((3, 1)), PAIRS, {"family": "poisson"}, ShapeError, "differ in length"),
        (np.array([0, 1, np.nan, 1]), ONE, PAIRS, {}, ShapeError, "missing"),
        (np.array([0.0, 1, 0, 1]), ONE, np.array([1, 1, np.nan, 2]), {}, ShapeError, "without a level"),
        (np.arange(4.0), ONE, PAIRS, {}, ShapeError, "between 0 and 1"),
        (np.array([0.5, 1, 2, 3]), ONE, PAIRS, {"family": "poisson"}, ShapeError, "whole numbers"),
        (np.arange(4.0), ONE, PAIRS, {"family": "poisson", "exposure": [0, 1, 1, 1]}, ShapeError, "above 0"),
        (np.array([0.0, 1, 0, 1]), ONE, PAIRS, {"exposure": np.ones(4)}, ShapeError, "trials, not exposure"),
        (np.array([0.0, 1, 0, 1]), ONE, np.zeros(4), {}, NotEstimableError, "at least two groups"),
        (np.array([0.0, 1, 0, 1]), np.ones((4, 2)), PAIRS, {}, NotEstimableError, "collinear"),
        (np.zeros(4), ONE, PAIRS, {}, NotEstimableError, "same in every row"),
        (np.array([0.0, 1, 0, 1]), ONE, np.arange(4), {}, NotEstimableError, "its own level"),
        (np.array([0.0, 1]), np.eye(2), np.arange(2), {}, NotEstimableError, "more than 2 rows"),
        (np.array([0.0, 1, 0, 1]), ONE, dict.fromkeys("abc", PAIRS), {}, NotEstimableError, "One or two"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(y, X, group, more, error, says):
    with pytest.raises(error, match=says):
        glmm.fit(y, X, group, **more)


@pytest.mark.parametrize(
    ("length", "ended", "breaks", "error", "says"),
    [
        ([1.0, 2, 0, 4], [1, 1, 1, 1], (7,), ShapeError, "above 0"),
        ([1.0, 2, 3, 4], [1, 1, 1, 1], (7, 7), ShapeError, "rise"),
        ([1.0, 2, 3, 4], [0, 0, 0, 0], (7,), NotEstimableError, "No spell has ended"),
        ([1.0, 2, 3], [1, 1, 1], (7,), ShapeError, "differ in length"),
    ],
)
def test_durations_that_cannot_be_are_refused(length, ended, breaks, error, says):
    with pytest.raises(error, match=says):
        glmm.duration(length, ended, np.arange(4.0), PAIRS, breaks=breaks)


@pytest.mark.slow
def test_coverage_of_the_rate_ratio():
    covered = np.zeros(300)
    for run in range(300):
        y, X, unit, years = spells(np.random.default_rng(run), n_units=30)
        low, high = glmm.fit(y, X, unit, family="poisson", exposure=years).confint()[1]
        covered[run] = low < -0.3 < high
    assert abs(covered.mean() - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 300)


@pytest.mark.slow
def test_duration_recovers_hazard_ratio_and_variance_under_censoring():
    found = np.empty((100, 2))
    for run in range(100):
        rng = np.random.default_rng(run)
        unit, x = np.repeat(np.arange(40), 10), rng.normal(size=400)
        days = rng.exponential(10 / np.exp(0.4 * x + rng.normal(0, 0.5, 40)[unit]))
        fit = glmm.duration(np.minimum(days, 30), days < 30, x, unit, breaks=(3, 10))
        found[run] = fit.beta[0], fit.variance["group"]
    error = found.std(axis=0) / 10
    np.testing.assert_array_less(np.abs(found.mean(axis=0) - [0.4, 0.25]), 3 * error + [0, 0.015])  # ML: 1/J too small


def test_linear_predictor_and_fitted_shares_agree():
    cases, animals, X, herd = cbpp()
    fit = glmm.fit(cases / animals, X, herd, weights=animals)
    place = np.searchsorted(fit.levels["group"], herd)
    np.testing.assert_allclose(fit.fitted, special.expit(X @ fit.beta + fit.effects["group"][place]), rtol=1e-8)
