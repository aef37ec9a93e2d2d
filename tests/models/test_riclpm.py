import csv
import gzip
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import riclpm
from bevlogen.testing import reference, shared_folder

LOGLIK = 1e-6  # absolute: README of the reference values
OF_SE = 1e-4  # share of the standard error: same README
RUNS = 100  # finds a mean that is off by half a standard error of one run
CASES = {case["id"]: case for case in reference("sem_riclpm")}
OPTIONS = {  # id: variables of the file, and our call
    "riclpm_jobsat_commit_fiml": ("JOBSAT", "COMMIT", {"lags": "free", "residuals": "free"}),
    "riclpm_jobsat_commit_eq_fiml": ("JOBSAT", "COMMIT", {"residuals": "free"}),
    "riclpm_jobsat_commit_listwise": ("JOBSAT", "COMMIT", {"lags": "free", "residuals": "free", "missing": "listwise"}),
    "clpm_jobsat_commit_fiml": ("JOBSAT", "COMMIT", {"lags": "free", "residuals": "free", "intercepts": False}),
    "clpm_jobsat_ready_fiml": ("JOBSAT", "READY", {"lags": "free", "residuals": "free", "intercepts": False}),
}


def panel(path, name):
    with gzip.open(shared_folder() / path, "rt") as handle:
        rows = list(csv.DictReader(handle))
    number = [
        [float(r[f"{name}{t}"]) if r[f"{name}{t}"] not in ("", "NA") else math.nan for t in (1, 2, 3)] for r in rows
    ]
    return np.array(number)


def simulated(J, T, seed, xy=0.2, yx=0.0):
    rng = np.random.default_rng(seed)
    stable = rng.normal(size=(J, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
    p, q, X, Y = rng.normal(size=J), rng.normal(size=J), [], []
    for _ in range(T):
        X.append(stable[:, 0] + p)
        Y.append(stable[:, 1] + q)
        p, q = 0.3 * p + yx * q + rng.normal(size=J), 0.3 * q + xy * p + rng.normal(size=J)
    return np.array(X).T, np.array(Y).T


def theirs(case, outcome, cause):
    """Average effect in the reference, over rows like wy3 ~ wx2 or COMMIT3 ~ JOBSAT2."""
    rows = [e for e in case["estimates"] if e["op"] == "~" and e["lhs"][:-1] == outcome and e["rhs"][:-1] == cause]
    return np.mean([[e["est"], e["std.all"]] for e in rows], axis=0)


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("ident", CASES)
def test_effects_and_fit_equal_lavaan(ident):
    case, (x, y, options) = CASES[ident], OPTIONS[ident]
    fit = riclpm.fit(panel(case["data_file"], x), panel(case["data_file"], y), **options)
    names = ("wx", "wy") if ident.startswith("ri") else (x, y)
    assert fit.fit.loglik == pytest.approx(case["fit"]["logl"], abs=LOGLIK, rel=0)
    assert fit.fit.df == case["fit"]["df"]
    for ours, (outcome, cause) in {"xy": (1, 0), "yx": (0, 1), "xx": (0, 0), "yy": (1, 1)}.items():
        effect = getattr(fit, ours)
        estimate, standardised = theirs(case, names[outcome], names[cause])
        assert effect.estimate == pytest.approx(estimate, abs=OF_SE * effect.std_error)
        assert effect.standardised == pytest.approx(standardised, abs=OF_SE * effect.standardised_se)


@pytest.mark.skipif(not CASES, reason="reference values lie beside the checkout; they are not here")
def test_correlation_and_errors_of_equal_lags_equal_lavaan():
    case = CASES["riclpm_jobsat_commit_eq_fiml"]
    x, y, options = OPTIONS[case["id"]]
    fit = riclpm.fit(panel(case["data_file"], x), panel(case["data_file"], y), **options)
    rows = {(e["lhs"], e["op"], e["rhs"]): e for e in case["estimates"]}
    assert fit.intercepts.standardised == pytest.approx(rows["RIx", "~~", "RIy"]["std.all"], abs=1e-5)
    assert fit.xy.std_error == pytest.approx(rows["wy2", "~", "wx1"]["se"], rel=OF_SE)
    assert fit.yx.statistic == pytest.approx(rows["wx2", "~", "wy1"]["z"], abs=OF_SE)


def test_limits_and_p_come_from_t_with_one_less_than_the_units():
    effect = riclpm.fit(*simulated(40, 4, 2)).xy
    assert effect.df == 39
    assert effect.high - effect.estimate == pytest.approx(stats.t.ppf(0.975, 39) * effect.std_error)
    assert effect.p_value == pytest.approx(2 * stats.t.sf(abs(effect.statistic), 39))


def test_swapping_the_variables_swaps_the_directions():
    x, y = simulated(120, 4, 1)
    a, b = riclpm.fit(x, y), riclpm.fit(y, x)
    assert a.xy.estimate == pytest.approx(b.yx.estimate, abs=1e-7)
    assert a.xx.std_error == pytest.approx(b.yy.std_error, rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(factor=st.floats(0.05, 20), shift=st.floats(-20, 20), seed=st.integers(0, 200))
def test_order_of_units_and_scale_leave_the_standardised_effects(factor, shift, seed):
    x, y = simulated(100, 4, seed)
    order = np.random.default_rng(seed).permutation(100)
    a, b = riclpm.fit(x, y), riclpm.fit(shift + factor * x[order], y[order])
    assert b.xy.standardised == pytest.approx(a.xy.standardised, abs=1e-6)
    assert b.xy.estimate * factor == pytest.approx(a.xy.estimate, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("residuals", ["free", "equal"])
def test_effects_are_recovered_and_their_errors_are_right(residuals):
    fits = [riclpm.fit(*simulated(200, 5, seed), residuals=residuals) for seed in range(RUNS)]
    xy = np.array([[f.xy.estimate, f.xy.std_error] for f in fits])
    yx = np.array([f.yx.estimate for f in fits])
    spread = xy[:, 0].std()
    assert abs(xy[:, 0].mean() - 0.2) < 4 * spread / math.sqrt(RUNS)
    assert abs(yx.mean()) < 4 * yx.std() / math.sqrt(RUNS)
    assert xy[:, 1].mean() == pytest.approx(spread, rel=4 / math.sqrt(2 * RUNS))


def test_holes_in_the_panel_are_used_and_inputs_stay():
    x, y = simulated(80, 4, 3)
    x[::7, 2] = math.nan
    y[::5, 1] = math.nan
    copies = x.copy(), y.copy()
    fit = riclpm.fit(x, y)
    assert (fit.n_units, fit.n_waves, fit.converged) == (80, 4, True)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(y, copies[1])


def test_few_units_are_said():
    assert "may be too narrow" in riclpm.fit(*simulated(20, 8, 1)).notes[-1]


def test_fewer_units_than_variables_give_effects_without_a_test():
    fit = riclpm.fit(*simulated(15, 8, 1))
    assert fit.converged
    assert math.isnan(fit.fit.chisq)
    assert any("too few rows" in note for note in fit.notes)


@pytest.mark.parametrize("seed", range(8))
def test_eight_units_end_calmly(seed):
    fit = riclpm.fit(*simulated(8, 4, seed))
    assert fit.converged == bool(np.isfinite(fit.xy.std_error))
    assert fit.notes


def test_without_a_usable_optimum_there_is_no_error_to_quote():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(9, 1)) + np.zeros((9, 4)) + 1e-9 * rng.normal(size=(9, 4))
    fit = riclpm.fit(x, rng.normal(size=(9, 4)))
    assert fit.converged == bool(np.isfinite(fit.xy.std_error))


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "says"),
    [
        (np.zeros((5, 3)), np.zeros((5, 4)), {}, ShapeError, "units by waves"),
        (np.zeros((50, 2)), np.zeros((50, 2)), {}, NotEstimableError, "at least 3 waves"),
        (np.zeros((4, 3)), np.zeros((4, 3)), {}, NotEstimableError, "24 values for 19 parameters"),
        (np.zeros((40, 3)), np.ones((40, 3)), {}, NotEstimableError, "does not vary"),
        (np.zeros((8, 4)), np.zeros((8, 4)), {"residuals": "free"}, NotEstimableError, "Hold residuals equal"),
        (np.zeros((40, 3)), np.ones((40, 3)), {"lags": "same"}, ChoiceError, "same"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(x, y, options, error, says):
    with pytest.raises(error, match=says):
        riclpm.fit(x, y, **options)


def test_known_errors_of_zero_change_nothing():
    x, y = simulated(60, 4, 3)
    assert riclpm.fit(x, y, error=np.zeros((4, 3))).xy.estimate == pytest.approx(riclpm.fit(x, y).xy.estimate, abs=1e-6)


def test_known_errors_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"Give \(4, 3\)"):
        riclpm.fit(*simulated(60, 4, 3), error=np.zeros((3, 3)))


@pytest.mark.slow
def test_known_errors_give_the_effect_of_true_scores():
    # x carries 0.5 of error variance that it shares in part with y; the effect of true scores is 0.2, of y on x 0.
    found = []
    for seed in range(60):
        x, y = simulated(150, 5, seed)
        shared, own = np.random.default_rng(1000 + seed).normal(size=(2, *x.shape))
        error = np.column_stack([np.full(5, 0.5), np.full(5, 0.25 + 0.125), np.full(5, 0.25 * math.sqrt(2))])
        x, y = x + math.sqrt(0.5) * shared, y + 0.5 * shared + math.sqrt(0.125) * own
        fit = riclpm.fit(x, y, error=error)
        found.append((fit.xy.estimate, fit.yx.estimate))
    mean, error_of_mean = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(60)
    assert (np.abs(mean - [0.2, 0.0]) < 3 * error_of_mean).all()
