import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import crossed, lmm
from bevlogen.testing import reference, shared_folder

DEVIANCE = 1e-7  # absolute, as the README of the reference values says
FIXED = 1e-6  # of the standard error
VARIANCE = 1e-5  # relative: the reference comes from a derivative-free search
DF = 2e-6  # relative: lmerTest differentiates numerically
SPLINE = 1e-4  # relative: lme4's confint reads a spline through about sixteen points
ADJUSTED = 1e-6  # relative: the reference's variances, from a derivative-free search, enter

FILES = ("lmm_bh1996", "lmm_exam", "lmm_hsb82", "lmm_sleepstudy", "lmm_other_data")
LEFT_OUT = {
    "egsingle_growth_3level_ml": "children in schools: two factors, see test_levels_within_levels_are_several_factors",
}
ALL = [m for name in FILES for m in reference(name)]
CASES = [m for m in ALL if m["id"] not in LEFT_OUT]
NESTED = [m for m in ALL if m["id"] in LEFT_OUT]


def table(path):
    with gzip.open(shared_folder() / path, "rt") as handle:
        return list(csv.DictReader(handle))


def numbers(rows, name):
    return np.array([float(r[name]) for r in rows])


def group_mean(x, group):
    _, codes = np.unique(group, return_inverse=True)
    return (np.bincount(codes, x) / np.bincount(codes))[codes]


def dummies(rows, name):
    labels = [r[name] for r in rows]
    levels = sorted(set(labels))
    return np.column_stack([np.array([label == level for label in labels], float) for level in levels[1:]])


def treatment_coded(rows):
    """Model matrix of cake: recipe (treatment) x temperature (treatment); the fit does not depend on the coding."""
    recipe, temperature = dummies(rows, "recipe"), dummies(rows, "temperature")
    crossed = np.column_stack([a * b for a in recipe.T for b in temperature.T])
    return np.column_stack([np.ones(len(rows)), recipe, temperature, crossed])


def columns(case, rows):
    """Return y, X, group, Z, names as the formula of the case says."""
    ident = case["id"]
    one = np.ones(len(rows))
    if ident.startswith("bh"):
        group = [r["GRP"] for r in rows]
        lead, hrs = numbers(rows, "LEAD"), numbers(rows, "HRS")
        known = {"(Intercept)": one, "HRS": hrs}
        for name, x in (("LEAD", lead), ("HRS", hrs)):
            known |= {f"{name}_m": group_mean(x, group), f"{name}_w": x - group_mean(x, group)}
        y = numbers(rows, "WBEING")
    elif ident.startswith("exam"):
        group = [r["school"] for r in rows]
        lrt = numbers(rows, "standLRT")
        known = {"(Intercept)": one, "standLRT": lrt, "lrt_mean": group_mean(lrt, group)}
        known["lrt_within"] = lrt - known["lrt_mean"]
        for name in ("sex", "type"):
            known |= {
                f"{name}{level}": np.array([r[name] == level for r in rows], float) for level in {r[name] for r in rows}
            }
        y = numbers(rows, "normexam")
    elif ident.startswith("hsb"):
        group = [r["school"] for r in rows]
        ses, sector = numbers(rows, "ses"), np.array([r["sector"] == "Catholic" for r in rows], float)
        mean = group_mean(ses, group)
        known = {"(Intercept)": one, "ses": ses, "ses_mean": mean, "ses_within": ses - mean, "sectorCatholic": sector}
        y = numbers(rows, "mAch")
    elif ident.startswith("sleepstudy"):
        group = [r["Subject"] for r in rows]
        known = {"(Intercept)": one, "Days": numbers(rows, "Days")}
        y = numbers(rows, "Reaction")
    elif ident.startswith("klein"):
        group = [r["GRPID"] for r in rows]
        known = {"(Intercept)": one, "COHES": numbers(rows, "COHES"), "POSAFF": numbers(rows, "POSAFF")}
        y = numbers(rows, "JOBSAT")
    else:
        group = [f"{r['recipe']}:{r['replicate']}" for r in rows]
        return numbers(rows, "angle"), treatment_coded(rows), np.array(group), None, None
    names = case["fixed"]["names"]
    names = [names] if isinstance(names, str) else names
    X = np.column_stack([np.prod([known[part] for part in n.split(":")], axis=0) for n in names])
    slopes = [r["var1"] for r in case["random"] if r["var2"] is None and r["group"] != "Residual"]
    Z = np.column_stack([known[s] for s in slopes])
    return y, X, np.array(group), Z, names


@pytest.fixture(scope="module")
def fits():
    kept = {}

    def fitted(case):
        if case["id"] not in kept:
            rows = table(case["data_file"])
            y, X, group, Z, names = columns(case, rows)
            correlated = "uncorr" not in case["id"]
            kept[case["id"]] = lmm.fit(y, X, group, Z=Z, reml=case["estimator"] == "REML", correlated=correlated), names
        return kept[case["id"]]

    return fitted


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
class TestAgainstLme4:
    def test_criterion(self, case, fits):
        fit, _ = fits(case)
        assert fit.criterion == pytest.approx(case["minus2_logLik"], abs=DEVIANCE, rel=0)

    def test_fixed_effects(self, case, fits):
        fit, names = fits(case)
        if names is None:
            assert len(fit.beta) == len(case["fixed"]["estimate"])  # other coding: the criterion test compares the fit
            return
        se = np.atleast_1d(case["fixed"]["se"])
        np.testing.assert_array_less(np.abs(fit.beta - case["fixed"]["estimate"]) / se, FIXED)
        np.testing.assert_allclose(fit.se, se, rtol=VARIANCE)

    def test_variances(self, case, fits):
        fit, _ = fits(case)
        variances = np.array([r["vcov"] for r in case["random"] if r["var2"] is None])
        # The reference's two optimisers differ by this much in theta = sd / sigma; a variance near 0 feels it most.
        known_error = 2 * np.sqrt(variances * fit.sigma2) * case["optimizer"]["max_abs_theta_difference"]
        found = np.array([*np.diag(fit.tau), fit.sigma2])
        np.testing.assert_array_less(np.abs(found - variances), VARIANCE * variances + known_error + 1e-300)

    def test_singularity_is_seen(self, case, fits):
        fit, _ = fits(case)
        assert fit.is_singular == case["singular"]


def holding(key):
    """Parameters of a test: the cases that hold more than estimates."""
    return [pytest.param(m, id=m["id"]) for m in CASES if key in m]


@pytest.mark.parametrize("case", holding("satterthwaite"))
def test_degrees_of_freedom_equal_lmertest(case, fits):
    np.testing.assert_allclose(fits(case)[0].df, case["satterthwaite"]["df"], rtol=DF)


@pytest.mark.parametrize("case", holding("kenward_roger"))
def test_kenward_roger_equals_pbkrtest(case):
    y, X, group, Z, _ = columns(case, table(case["data_file"]))
    fit = lmm.fit(y, X, group, Z=Z, df="kenward-roger")
    np.testing.assert_allclose(fit.df, case["kenward_roger"]["df"], rtol=ADJUSTED)
    np.testing.assert_allclose(fit.se, case["kenward_roger"]["se"], rtol=ADJUSTED)


@pytest.mark.parametrize("case", holding("profile_ci"))
def test_limits_of_variances_equal_confint(case):
    y, X, group, Z, _ = columns(case, table(case["data_file"]))
    found = lmm.variance_limits(lmm.group_moments(y, X, group, Z), reml=False)
    said = case["profile_ci"]
    random = np.column_stack([said["lower"], said["upper"]])[: -X.shape[1]]
    mine = [found.sd_limits[0], *found.correlation_limits[0, 1:], *found.sd_limits[1:], found.sigma_limits]
    np.testing.assert_allclose(mine, random, rtol=SPLINE)


@pytest.mark.skipif(not NESTED, reason="reference values lie beside the checkout; they are not here")
def test_levels_within_levels_are_several_factors():
    case = NESTED[0]
    rows = table(case["data_file"])
    X = np.column_stack([np.ones(len(rows)), numbers(rows, "year")])
    child, school = (np.array([r[name] for r in rows]) for name in ("childid", "schoolid"))
    factors = {"child": child, "school": school}
    fit = crossed.fit(numbers(rows, "math"), X, factors, Z={"child": X}, reml=False)
    se = np.array(case["fixed"]["se"])
    np.testing.assert_array_less(np.abs(fit.beta - case["fixed"]["estimate"]) / se, FIXED)
    assert fit.criterion == pytest.approx(case["minus2_logLik"], abs=DEVIANCE, rel=0)


def test_several_groups_at_once_are_pointed_to_crossed():
    with pytest.raises(ShapeError, match="give them by name to crossed"):
        lmm.fit(np.arange(4.0), np.ones(4), [[0, 0], [0, 1], [1, 2], [1, 3]])


def test_moments_give_the_same_answer_as_rows():
    rng = np.random.default_rng(5)
    group = rng.integers(0, 30, 400)
    X = np.column_stack([np.ones(400), 5 + rng.normal(size=(400, 2))])
    y = X @ [1, 0.5, 0] + rng.normal(size=30)[group] + rng.normal(size=400)
    a, b = lmm.fit(y, X, group), lmm.fit_moments(lmm.group_moments(y, X, group))
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-9)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-7)
    np.testing.assert_allclose(a.df, b.df, rtol=1e-3)
    assert a.criterion == pytest.approx(b.criterion, rel=1e-10)


def test_one_grouped_query_gives_the_same_answer_as_rows():
    rng = np.random.default_rng(6)
    group = rng.integers(0, 12, 200)
    values = 4 + rng.normal(size=(200, 3)) + rng.normal(size=(12, 3))[group]
    near = values - [3, 4, 5]
    member = (group[:, None] == np.arange(12)).astype(float)
    products = np.einsum("nj,na,nb->jab", member, near, near)
    moments = lmm.scanned_moments(member.sum(axis=0), member.T @ near, products)
    a = lmm.fit(values[:, 2], np.column_stack([np.ones(200), values[:, :2]]), group)
    b = lmm.fit_moments(moments, centre=[0, 3, 4, 5])
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-9)
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-9)
    np.testing.assert_allclose(a.df, b.df, rtol=1e-7)
    assert a.criterion == pytest.approx(b.criterion, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"centre": [0, 1]}, "Give 3 values"),
        ({"centre": [1, 1, 1]}, "column of ones first"),
        ({"df": "residual"}, 'Unknown df "residual"'),
        ({"df": "kenward-roger", "reml": False}, "rests on REML"),
    ],
)
def test_what_moments_cannot_be_asked_is_said_in_a_sentence(change, says):
    X = np.column_stack([np.ones(6), np.arange(6)])
    moments = lmm.group_moments(np.array([1.0, 3, 2, 5, 4, 7]), X, [0, 0, 0, 1, 1, 1])
    with pytest.raises((ShapeError, ChoiceError, NotEstimableError), match=says):
        lmm.fit_moments(moments, **change)


@pytest.mark.parametrize(
    ("n", "s", "q", "says"),
    [
        (np.ones(2), np.ones((3, 2)), np.ones((3, 2, 2)), "do not fit together"),
        (np.ones(2), np.ones((2, 1)), np.full((2, 1, 1), np.nan), "missing"),
    ],
)
def test_sums_that_do_not_fit_are_refused(n, s, q, says):
    with pytest.raises(ShapeError, match=says):
        lmm.scanned_moments(n, s, q)


def test_far_from_zero_keeps_its_digits():
    rng = np.random.default_rng(8)
    group = np.repeat(np.arange(10), 8)
    x, y = rng.normal(size=80), rng.normal(size=10)[group] + rng.normal(size=80)
    a = lmm.fit(y, np.column_stack([np.ones(80), x]), group)
    b = lmm.fit(y + 2.0**20, np.column_stack([np.ones(80), x + 2.0**20]), group)
    assert b.criterion == pytest.approx(a.criterion, rel=1e-10)
    assert b.beta[1] == pytest.approx(a.beta[1], rel=1e-7)


def test_a_table_longer_than_a_block_is_summed_whole():
    rng = np.random.default_rng(10)
    group = rng.integers(0, 3, 150_001)
    X = np.column_stack([np.ones(len(group)), rng.normal(size=len(group))])
    moments = lmm.group_moments(X[:, 1], X, group)
    one = group == 2
    np.testing.assert_array_equal(moments.n, np.bincount(group))
    np.testing.assert_allclose(moments.cross[2, 2], [X[one, 1].sum(), *(X[one].T @ X[one, 1]), X[one, 1] @ X[one, 1]])


def test_balanced_random_intercept_equals_the_anova_estimator():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(12), 5)
    y = rng.normal(size=12)[group] + rng.normal(size=60)
    fit = lmm.fit(y, np.ones((60, 1)), group)
    means = y.reshape(12, 5).mean(axis=1)
    msb, msw = 5 * means.var(ddof=1), y.reshape(12, 5).var(axis=1, ddof=1).mean()
    assert fit.sigma2 == pytest.approx(msw, rel=1e-9)
    assert fit.tau[0, 0] == pytest.approx((msb - msw) / 5, rel=1e-9)
    assert fit.df[0] == pytest.approx(11, rel=1e-4)


def test_no_difference_between_groups_is_an_answer():
    y = np.tile([1.0, 2.0, 3.0], 6)
    fit = lmm.fit(y, np.ones((18, 1)), np.repeat(np.arange(6), 3))
    assert fit.is_singular
    assert fit.tau[0, 0] == 0


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1e3, 1e3), factor=st.floats(0.01, 100), seed=st.integers(0, 1000))
def test_recoding_the_outcome_recodes_the_answer(shift, factor, seed):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(10), 6)
    X = np.column_stack([np.ones(60), rng.normal(size=60)])
    y = rng.normal(size=10)[group] + rng.normal(size=60)
    a, b = lmm.fit(y, X, group), lmm.fit(shift + factor * y, X, group)
    np.testing.assert_allclose(b.beta[1], factor * a.beta[1], rtol=1e-5, atol=1e-7 * factor)
    np.testing.assert_allclose(b.sigma2, factor**2 * a.sigma2, rtol=1e-5)


def test_order_and_labels_of_rows_do_not_matter():
    rng = np.random.default_rng(9)
    group = rng.integers(0, 8, 80)
    X = np.column_stack([np.ones(80), rng.normal(size=80)])
    y = rng.normal(size=8)[group] + rng.normal(size=80)
    order = rng.permutation(80)
    names = np.array([f"team {g}" for g in group])
    a, b = lmm.fit(y, X, group), lmm.fit(y[order], X[order], names[order])
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-9)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-6)


def test_inputs_stay_as_they_are():
    rng = np.random.default_rng(1)
    y, X, group = rng.normal(size=20), np.column_stack([np.ones(20), rng.normal(size=20)]), np.repeat([0, 1, 2, 3], 5)
    copies = y.copy(), X.copy(), group.copy()
    lmm.fit(y, X, group)
    np.testing.assert_array_equal(y, copies[0])
    np.testing.assert_array_equal(X, copies[1])
    np.testing.assert_array_equal(group, copies[2])


@pytest.mark.parametrize(
    ("y", "X", "group", "error", "says"),
    [
        (np.arange(4.0), np.ones((3, 1)), [0, 0, 1, 1], ShapeError, "differ in length"),
        (np.array([1, 2, np.nan, 4]), np.ones((4, 1)), [0, 0, 1, 1], ShapeError, "missing"),
        (np.arange(4.0), np.ones((4, 1)), [0, 0, 0, 0], NotEstimableError, "at least two groups"),
        (np.arange(4.0), np.ones((4, 2)), [0, 0, 1, 1], NotEstimableError, "collinear"),
        (np.ones(4), np.ones((4, 1)), [0, 0, 1, 1], NotEstimableError, "does not vary"),
        (np.arange(2.0), np.eye(2), [0, 1], NotEstimableError, "more than 2 rows"),
        (np.arange(4.0), np.ones((4, 1)), [0.0, 0, np.nan, 1], ShapeError, "1 rows without a level"),
        (np.ones((4, 1)), np.ones((4, 1)), [0, 0, 1, 1], ShapeError, "y must be a single column"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(y, X, group, error, says):
    with pytest.raises(error, match=says):
        lmm.fit(y, X, np.array(group))
