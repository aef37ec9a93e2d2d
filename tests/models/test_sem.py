import csv
import gzip
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import sem
from bevlogen.testing import reference, shared_folder

LOGLIK = 1e-6  # absolute, one level: README of the reference values
LOGLIK_TWO_LEVEL = 1e-4  # absolute, two levels: same README
OF_SE = 1e-4  # estimates and errors: this share of the standard error ...
LEAST = 1e-5  # ... or this, absolute: same README
INDEX = 1e-6  # fit indices are functions of the log-likelihoods, divided by at least one
SCALED = 1e-5  # relative: the reference takes the observed information behind it by finite differences

FILES = ("sem_cfa", "sem_invariance", "sem_mediation", "sem_twolevel", "sem_riclpm")
CASES = [case for name in FILES for case in reference(name)]
ROBUST = [case for case in CASES if (case["options"] or {}).get("estimator") == "MLR"]
INCOMPLETE = [case for case in CASES if (case["options"] or {}).get("missing") == "ml"]
MEASURES = {  # ours: theirs
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower",
    "rmsea_high": "rmsea.ci.upper",
    "p_value": "pvalue",
    "srmr": "srmr",
}


def columns(path):
    with gzip.open(shared_folder() / path, "rt") as handle:
        rows = list(csv.DictReader(handle))
    return {name: column([r[name] for r in rows]) for name in rows[0]}


def column(values):
    try:
        return np.array([math.nan if v in ("", "NA") else float(v) for v in values])
    except ValueError:
        return np.array(values)


def model_of(case):
    options = case["options"] or {}
    equal = options.get("group.equal") or []
    return sem.model(
        case["model"],
        groups=2 if "group" in options else 1,
        equal=[e for e in ([equal] if isinstance(equal, str) else equal) if e],
        means=any(e["op"] == "~1" for e in case["estimates"]),
        fixed_x=options.get("fixed.x", True),
        std_lv=options.get("std.lv", False),
        auto=case["call_function"] != "lavaan",
    )


def fitted(case):
    options, data = case["options"] or {}, columns(case["data_file"])
    return sem.fit(
        model_of(case),
        data,
        group=data[options["group"]] if "group" in options else None,
        cluster=data[options["cluster"]] if "cluster" in options else None,
        missing=options.get("missing", "listwise"),
        errors="robust" if options.get("estimator") == "MLR" else "normal",
    )


def ours(fit, row):
    block = (row.get("block") or 1) - 1
    return fit.labelled(row["label"]) if row["op"] == ":=" else fit.get(row["lhs"], row["op"], row["rhs"], block)


def stated(case):
    """Rows of the reference that are parameters of the model: lavaan also lists latent intercepts that are just 0."""
    named = {(p.lhs, p.op, p.rhs) for p in model_of(case).parameters}
    named |= {(p.rhs, p.op, p.lhs) for p in model_of(case).parameters}
    return [e for e in case["estimates"] if e["op"] == ":=" or (e["lhs"], e["op"], e["rhs"]) in named]


def own_distance(case, fit):
    """How far, in standard errors, the reference itself stopped from the optimum: its log-likelihood is lower by half
    the squared distance (in the metric of the information, so at least per parameter)."""
    return math.sqrt(2 * max(0.0, fit.measures.loglik - case["fit"]["logl"]))


def early_stop(case, fit):
    """What the reference's unrestricted log-likelihood, found by EM for two levels, lacks of the optimum."""
    return fit.measures.unrestricted_loglik - case["fit"]["unrestricted.logl"]


@pytest.fixture(scope="module")
def fits():
    kept = {}

    def of(case):
        if case["id"] not in kept:
            kept[case["id"]] = fitted(case)
        return kept[case["id"]]

    return of


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
class TestAgainstLavaan:
    def test_it_converges_as_the_reference_did(self, case, fits):
        assert fits(case).converged == case["converged"]
        assert fits(case).notes == ()

    def test_sizes(self, case, fits):
        fit = fits(case)
        assert (fit.n_obs, fit.measures.n_par, fit.measures.df) == (
            case["n_obs"],
            case["fit"]["npar"],
            case["fit"]["df"],
        )

    def test_log_likelihood(self, case, fits):
        tolerance = LOGLIK_TWO_LEVEL if "level:" in case["model"] else LOGLIK
        assert fits(case).measures.loglik == pytest.approx(case["fit"]["logl"], abs=tolerance, rel=0)
        assert fits(case).measures.aic == pytest.approx(case["fit"]["aic"], abs=2 * tolerance, rel=0)
        assert fits(case).measures.bic == pytest.approx(case["fit"]["bic"], abs=2 * tolerance, rel=0)
        assert fits(case).measures.bic_adjusted == pytest.approx(case["fit"]["bic2"], abs=2 * tolerance, rel=0)

    def test_unrestricted_log_likelihood(self, case, fits):
        # Without degrees of freedom the model is the unrestricted one, and the reference fitted that more exactly.
        best = case["fit"]["logl"] if case["fit"]["df"] == 0 else case["fit"]["unrestricted.logl"]
        tolerance = LOGLIK_TWO_LEVEL if "level:" in case["model"] else LOGLIK
        assert fits(case).measures.unrestricted_loglik == pytest.approx(best, abs=tolerance, rel=0)

    def test_test_statistics(self, case, fits):
        fit, theirs = fits(case), case["fit"]
        tolerance = 2 * (LOGLIK_TWO_LEVEL if "level:" in case["model"] else LOGLIK)
        lacking = 2 * early_stop(case, fit) if theirs["df"] else 0.0
        assert fit.measures.chisq == pytest.approx(theirs["chisq"] + lacking, abs=tolerance, rel=0)
        if theirs["baseline.chisq"] is not None:  # the reference's baseline fit failed for one case
            assert fit.measures.baseline_df == theirs["baseline.df"]
            expected = theirs["baseline.chisq"] + 2 * early_stop(case, fit)
            assert fit.measures.baseline_chisq == pytest.approx(expected, abs=tolerance, rel=0)

    @pytest.mark.parametrize("name", MEASURES)
    def test_fit_index(self, case, fits, name):
        theirs = case["fit"].get(MEASURES[name])
        if theirs is None:
            assert name == "p_value" or case["fit"]["baseline.chisq"] is None
            return
        # Early stopping of the reference's EM moves its chi-square, and leaves residuals of its root in the moments.
        lacking = max(0.0, early_stop(case, fits(case)))
        tolerance = INDEX + lacking + (math.sqrt(lacking / case["n_clusters"]) if name == "srmr" else 0.0)
        assert getattr(fits(case).measures, name) == pytest.approx(theirs, abs=tolerance, rel=0)

    def test_estimates(self, case, fits):
        rows = stated(case)
        found = np.array([ours(fits(case), e).estimate for e in rows])
        se = np.array([e["se"] for e in rows])
        allowed = np.maximum(LEAST, (OF_SE + own_distance(case, fits(case))) * se)
        np.testing.assert_array_less(np.abs(found - [e["est"] for e in rows]), allowed)

    def test_standard_errors(self, case, fits):
        rows = stated(case)
        found = np.array([ours(fits(case), e).std_error for e in rows])
        se = np.array([e["se"] for e in rows])
        np.testing.assert_array_less(np.abs(found - se), np.maximum(LEAST, OF_SE * se))

    def test_standardised(self, case, fits):
        rows = stated(case)
        e = [ours(fits(case), row) for row in rows]
        se = np.array([x.standardised_se for x in e])
        allowed = np.maximum(LEAST, (OF_SE + own_distance(case, fits(case))) * se)
        np.testing.assert_array_less(
            np.abs(np.array([x.standardised for x in e]) - [row["std.all"] for row in rows]), allowed
        )

    def test_what_is_not_compared_is_just_zero(self, case, fits):
        named = [id(e) for e in stated(case)]
        rest = [e for e in case["estimates"] if id(e) not in named]
        assert all(e["est"] == 0 and e["se"] == 0 for e in rest)


@pytest.mark.skipif(not ROBUST, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", ROBUST, ids=lambda c: c["id"])
def test_scaled_test_and_robust_indices(case, fits):
    robust, theirs = fits(case).robust, case["fit"]
    assert robust.scaling == pytest.approx(theirs["chisq.scaling.factor"], rel=SCALED)
    assert robust.chisq == pytest.approx(theirs["chisq.scaled"], rel=SCALED)
    assert robust.p_value == pytest.approx(theirs["pvalue.scaled"], rel=1e-3)  # steep in chisq far in the tail
    assert robust.cfi == pytest.approx(theirs["cfi.robust"], abs=SCALED)
    assert robust.tli == pytest.approx(theirs["tli.robust"], abs=SCALED)
    assert robust.rmsea == pytest.approx(theirs["rmsea.robust"], abs=SCALED)


@pytest.mark.skipif(not INCOMPLETE, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("case", INCOMPLETE, ids=lambda c: c["id"])
def test_indices_corrected_for_missing_values(case, fits):
    found, theirs = fits(case).incomplete, case["fit"]
    assert found.rmsea == pytest.approx(theirs["rmsea.robust"], abs=SCALED)
    if theirs["cfi.robust"] is not None:  # the reference's baseline fit failed for one case
        assert found.cfi == pytest.approx(theirs["cfi.robust"], abs=SCALED)
        assert found.tli == pytest.approx(theirs["tli.robust"], abs=SCALED)


def three(n, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    m = 0.5 * x + rng.normal(size=n)
    return {"x": x, "m": m, "y": 0.4 * m + 0.2 * x + rng.normal(size=n)}


MEDIATION = "m ~ a*x; y ~ b*m + c*x; ab := a*b"
TWO_LEVEL = "level: 1; m ~ aw*x; y ~ bw*m + cw*x; level: 2; m ~ ab*x; y ~ bb*m + cb*x; ind := ab*bb"


def teams(J=30, seed=1):
    rng = np.random.default_rng(seed)
    size = rng.integers(3, 12, J)
    team = np.repeat(np.arange(J), size)
    x = rng.normal(size=J)[team] + rng.normal(size=len(team))
    m = 0.4 * x + rng.normal(size=J)[team] + rng.normal(size=len(team))
    y = 0.3 * m + rng.normal(size=J)[team] + rng.normal(size=len(team))
    return {"x": x, "m": m, "y": y}, team


def test_regression_equals_least_squares():
    data = three(200)
    X = np.column_stack([np.ones(200), data["m"], data["x"]])
    beta, rss = np.linalg.lstsq(X, data["y"], rcond=None)[:2]
    fit = sem.fit(MEDIATION, data)
    assert fit.labelled("b").estimate == pytest.approx(beta[1], abs=1e-9)
    assert fit.labelled("c").estimate == pytest.approx(beta[2], abs=1e-9)
    assert fit.get("y", "~~", "y").estimate == pytest.approx(rss[0] / 200, abs=1e-9)


def test_moments_give_the_same_answer_as_rows():
    data = three(150)
    rows = np.column_stack(list(data.values()))
    a = sem.fit(MEDIATION, data)
    b = sem.fit_moments(MEDIATION, sem.moments(rows.mean(axis=0), np.cov(rows.T), 150, ("x", "m", "y"), unbiased=True))
    np.testing.assert_allclose(a.theta, b.theta, rtol=1e-9)
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-8, atol=1e-15)
    assert a.measures.loglik == pytest.approx(b.measures.loglik, abs=1e-8)


def test_cluster_moments_give_the_same_answer_as_rows():
    data, team = teams()
    X = np.column_stack([data["x"], data["m"], data["y"]])
    a = sem.fit(sem.model(TWO_LEVEL, fixed_x=False), data, cluster=team)
    b = sem.fit_moments(sem.model(TWO_LEVEL, fixed_x=False), sem.cluster_moments(X, team, ("x", "m", "y")))
    np.testing.assert_allclose(a.theta, b.theta, rtol=1e-7)


def test_two_level_likelihood_equals_the_joint_normal_density_of_every_cluster():
    data, team = teams(J=6)
    fit = sem.fit(sem.model("level: 1; y ~ x; level: 2; y ~ x", fixed_x=False), data, cluster=team)
    W, B = (np.array([[fit_cov(fit, a, b, k) for b in ("y", "x")] for a in ("y", "x")]) for k in (0, 1))
    mu = np.array(
        [fit.get("y", "~1", block=1).estimate + fit.get("y", "~", "x", 1).estimate * mean_x(fit), mean_x(fit)]
    )
    total = 0.0
    for j in range(6):
        rows = np.column_stack([data["y"], data["x"]])[team == j]
        V = np.kron(np.eye(len(rows)), W) + np.kron(np.ones((len(rows),) * 2), B)
        d = (rows - mu).ravel()
        total -= 0.5 * (len(d) * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + d @ np.linalg.solve(V, d))
    assert fit.measures.loglik == pytest.approx(total, abs=1e-8)


def mean_x(fit):
    return fit.get("x", "~1", block=1).estimate


def fit_cov(fit, a, b, block):
    slope, x = fit.get("y", "~", "x", block).estimate, fit.get("x", "~~", "x", block).estimate
    residual = fit.get("y", "~~", "y", block).estimate
    return {"yy": slope**2 * x + residual, "xx": x}.get(a + b, slope * x)


def test_full_information_equals_complete_data_when_nothing_is_missing():
    a, b = (sem.fit(MEDIATION, three(90), missing=how) for how in ("listwise", "ml"))
    np.testing.assert_allclose(a.theta, b.theta, rtol=1e-9)
    assert a.measures.chisq == pytest.approx(b.measures.chisq, abs=1e-9)


def test_full_information_uses_rows_with_one_answer():
    data = three(120)
    data["m"][:40] = math.nan
    data["y"][30:50] = math.nan
    kept = sem.fit(sem.model(MEDIATION, fixed_x=False), data, missing="ml")
    assert kept.n_obs == 120
    assert kept.converged


def test_robust_errors_of_independent_normal_rows_are_near_the_normal_ones():
    data = three(20_000)
    plain, robust = sem.fit(MEDIATION, data), sem.fit(MEDIATION, data, errors="robust")
    np.testing.assert_allclose(np.diag(robust.vcov), np.diag(plain.vcov), rtol=0.1)  # kurtosis of 20,000 rows


def test_robust_errors_of_copied_rows_in_clusters_are_those_of_the_rows():
    data = three(80)
    once = sem.fit(MEDIATION, data, errors="robust")
    copies = {k: v.repeat(4) for k, v in data.items()}
    clustered = sem.fit(MEDIATION, copies, cluster=np.arange(80).repeat(4), errors="robust")
    np.testing.assert_allclose(clustered.vcov, once.vcov * 80 / 79, rtol=1e-7, atol=1e-12)


def test_rows_without_any_answer_are_ignored():
    data = three(60)
    empty = {k: np.append(v, math.nan) for k, v in data.items()}
    a, b = (sem.fit(sem.model(MEDIATION, fixed_x=False), d, missing="ml", errors="robust") for d in (data, empty))
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-9)


def test_two_groups_with_nothing_equal_are_two_fits():
    data = three(160)
    group = np.tile(["north", "south"], 80)
    both = sem.fit(sem.model("m ~ x; y ~ m", groups=2), data, group=group)
    south = sem.fit("m ~ x; y ~ m", {k: v[group == "south"] for k, v in data.items()})
    assert both.groups == ("north", "south")
    assert both.get("y", "~", "m", 1).estimate == pytest.approx(south.get("y", "~", "m").estimate, abs=1e-9)


def test_one_label_makes_two_coefficients_equal():
    fit = sem.fit("y ~ a*m + a*x", three(100))
    assert fit.get("y", "~", "m").estimate == fit.get("y", "~", "x").estimate


def test_two_two_one_mediation_is_recovered():
    rng = np.random.default_rng(8)
    J, n = 400, 8
    team = np.repeat(np.arange(J), n)
    x = rng.normal(size=J)
    m = 0.5 * x + rng.normal(size=J)
    y = (0.4 * m + 0.3 * rng.normal(size=J))[team] + rng.normal(size=J * n)
    text = "level: 1; y ~~ y; level: 2; m ~ a*x; y ~ b*m + x; ind := a*b"
    ind = sem.fit(text, {"x": x[team], "m": m[team], "y": y}, cluster=team).labelled("ind")
    assert abs(ind.estimate - 0.2) < 4 * ind.std_error


FIVE_TEAMS = np.arange(5).repeat(4)


def two_level(x=None, cluster=FIVE_TEAMS, missing="listwise"):
    data = three(20) | ({} if x is None else {"x": x})
    return sem.fit("level: 1; y ~ x; level: 2; y ~ x", data, cluster=cluster, missing=missing)


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50), seed=st.integers(0, 100))
def test_recoding_a_scale_leaves_standardised_estimates(scale, shift, seed):
    data = three(80, seed)
    a, b = sem.fit(MEDIATION, data), sem.fit(MEDIATION, data | {"m": shift + scale * data["m"]})
    standard = [[e.standardised for e in f.estimates if e.op != "~1"] for f in (a, b)]
    np.testing.assert_allclose(standard[0], standard[1], atol=1e-7)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_order_of_rows_and_names_of_clusters_do_not_matter(seed):
    data, team = teams(seed=seed)
    order = np.random.default_rng(seed).permutation(len(team))
    names = np.array([f"team {t}" for t in team])
    spec = sem.model(TWO_LEVEL, fixed_x=False)
    a = sem.fit(spec, data, cluster=team)
    b = sem.fit(spec, {k: v[order] for k, v in data.items()}, cluster=names[order])
    np.testing.assert_allclose(a.theta, b.theta, rtol=1e-6, atol=1e-8)


def test_inputs_stay_as_they_are():
    data, team = teams()
    copies = {k: v.copy() for k, v in data.items()}
    sem.fit(sem.model(TWO_LEVEL, fixed_x=False), data, cluster=team)
    for name, values in data.items():
        np.testing.assert_array_equal(values, copies[name])


def test_what_the_data_do_not_determine_is_noted_calmly():
    fit = sem.fit("f =~ m + y", three(60))
    assert not fit.converged
    assert "do not determine" in fit.notes[0]
    assert math.isnan(fit.get("f", "=~", "y").std_error)


@pytest.mark.parametrize("spec", ["y ~ x + z", "z ~ x; y ~ z + x", "z ~ x"])
def test_variables_that_repeat_each_other_end_calmly(spec):
    data = three(40) | {"z": 2 * three(40)["x"]}
    fit = sem.fit(spec, data)
    assert not fit.converged
    assert fit.notes
    assert all(math.isnan(e.std_error) or e.std_error == 0 for e in fit.estimates)


def test_a_between_variance_below_zero_is_noted():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 40))
    y -= y.reshape(10, 4).mean(axis=1).repeat(4)
    spec = sem.model("level: 1; y ~ x; level: 2; y ~ x", fixed_x=False)
    assert "below zero" in " ".join(sem.fit(spec, {"x": x, "y": y}, cluster=np.arange(10).repeat(4)).notes)


def test_fewer_rows_than_variables_give_estimates_without_a_test():
    rng = np.random.default_rng(4)
    data = {f"v{k}": rng.normal(size=6) for k in range(8)}
    fit = sem.fit(sem.model("; ".join(f"v{k} ~~ v{k}" for k in range(8)), fixed_x=False, auto=False), data)
    assert "too few rows" in fit.notes[0]
    assert math.isnan(fit.measures.chisq)
    assert fit.get("v0", "~~", "v0").estimate == pytest.approx(np.mean(data["v0"] ** 2), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: sem.model("y is x"), ShapeError, "cannot be read"),
        (lambda: sem.model("y ~ 2x"), ShapeError, "cannot be read"),
        (lambda: sem.model(""), ShapeError, "empty"),
        (lambda: sem.model("y ~ x", groups=2, equal=["slopes"]), ChoiceError, "slopes"),
        (lambda: sem.fit("y ~ z", three(20)), ShapeError, "names z"),
        (lambda: sem.fit("y ~ x", three(20), missing="pairwise"), ChoiceError, "pairwise"),
        (lambda: sem.fit("y ~ x", {"y": np.zeros(4), "x": np.zeros(3)}), ShapeError, "differ in length"),
        (lambda: sem.fit("y ~ x", {"y": np.zeros(4), "x": np.arange(4.0)}), NotEstimableError, "does not vary"),
        (lambda: sem.fit("y ~ a*x; k := a*q", three(20)), ShapeError, "cannot be worked out"),
        (lambda: sem.fit("y ~ x", three(20), group=np.repeat([1, 2], 10)), ShapeError, "groups"),
        (lambda: sem.fit("level: 1; y ~ x; level: 2; y ~ x", three(20)), ShapeError, "cluster"),
        (lambda: sem.fit("y ~ x", three(1)), NotEstimableError, "rows are left"),
        (lambda: sem.model("level: 1; y ~ x; level: 2; y ~ x", means=False), ShapeError, "has means"),
        (lambda: two_level(x=np.ones(20)), NotEstimableError, "does not vary within"),
        (lambda: two_level(cluster=np.zeros(20)), NotEstimableError, "two clusters"),
        (lambda: two_level(missing="ml"), ShapeError, "complete rows"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(call, error, says):
    with pytest.raises(error, match=says):
        call()
