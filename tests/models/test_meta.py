"""Meta-analysis against metafor (every stored entry), identities and refusals."""

import csv
import gzip
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import meta

SHARED = Path(os.environ.get("BEVLOGEN_SHARED", Path(__file__).resolve().parents[3] / "shared"))
REFERENCE = SHARED / "reference" / "meta_analysis.json"

# Of the reference README; relative beyond 1, as Q and I² in percent are large numbers.
TOLERANCE = 1e-6
TAU2_LIMITS = 1e-4
# metafor finds the tau² limits to about 3e-5; near the lower one I² moves 13 times as fast as tau².
I2_LIMITS = 4e-4
# metafor 3.8 solves Paule-Mandel by uniroot at its default tolerance, .Machine$double.eps^0.25.
UNIROOT = 1.23e-4
EXACT = 1e-12


def stored():
    return json.loads(REFERENCE.read_text())["models"] if REFERENCE.exists() else []


def moderator(model):
    with gzip.open(SHARED / model["data_file"], "rt") as file:
        values = [float(row[model["moderators"]]) for row in csv.DictReader(file)]
    return np.column_stack([np.ones(len(values)), values])


def correlations(model):
    with gzip.open(SHARED / model["data_file"], "rt") as file:
        return np.array([(float(r["ri"]), float(r["ni"])) for r in csv.DictReader(file)]).T


MODELS = {m["id"]: m for m in stored()}
FITS = {
    (m["id"], f["method"], f["test"]): (m, f) for m in MODELS.values() for f in m.get("fits", [])
}  # fmt: skip
# Paule-Mandel and empirical Bayes solve the same equation, so the EB entry is the exact reference for PM.
EXACT_ENTRY = {key: (key[0], "EB" if key[1] == "PM" else key[1], key[2]) for key in FITS}
WITH_LIMITS = [k for k, (_, f) in FITS.items() if "tau2_qprofile_ci" in f]
DETAILED = [k for k, (_, f) in FITS.items() if "blup" in f]
PREDICTING = [k for k, (_, f) in FITS.items() if f.get("prediction_interval", {}).get("lower") is not None]

needs_reference = pytest.mark.skipif(not MODELS, reason="the reference values are not beside the repository")


def fit(key):
    model = FITS[key][0]
    X = moderator(model) if model["moderators"] else None
    return meta.random_effects(model["yi"], model["vi"], X, tau2=key[1], test=key[2])


def close(value):
    return pytest.approx(np.nan if value is None else value, rel=TOLERANCE, abs=TOLERANCE, nan_ok=True)


@needs_reference
def test_every_stored_entry_is_walked():
    kinds = {m["kind"] for m in MODELS.values() if m["id"] not in {k[0] for k in FITS}}
    assert kinds == {"Hunter-Schmidt bare-bones"}


@pytest.mark.parametrize("key", FITS, ids="-".join)
def test_coefficients_equal_metafor(key):
    ours, b = fit(key), FITS[EXACT_ENTRY[key]][1]["b"]
    found = [ours.beta, ours.std_error, ours.statistic, ours.p_values, ours.beta_low, ours.beta_high]
    stored_rows = [np.atleast_1d(b[k]) for k in ("estimate", "se", "stat", "p", "lower", "upper")]
    assert np.array(found) == close(np.array(stored_rows))


@pytest.mark.parametrize("key", FITS, ids="-".join)
def test_heterogeneity_equals_metafor(key):
    ours, f = fit(key), FITS[EXACT_ENTRY[key]][1]
    found = [ours.tau2, ours.tau2_se, 100 * ours.i2, ours.h2, ours.q, ours.df, ours.q_p]
    names = ("tau2", "se_tau2", "I2", "H2", "QE", "QE_df", "QE_p")
    assert np.array(found, dtype=float) == close(np.array([f[k] for k in names], dtype=float))


@pytest.mark.parametrize("key", FITS, ids="-".join)
def test_model_test_equals_metafor(key):
    ours, f = fit(key), FITS[EXACT_ENTRY[key]][1]
    found = [ours.qm, ours.qm_p, 100 * ours.r2, ours.log_likelihood]
    assert np.array(found) == close(np.array([f[k] for k in ("QM", "QM_p", "R2", "logLik")], dtype=float))


@pytest.mark.parametrize("key", [k for k in FITS if k[1] == "PM"], ids="-".join)
def test_paule_mandel_equals_metafor_within_the_tolerance_of_its_own_solver(key):
    assert fit(key).tau2 == pytest.approx(FITS[key][1]["tau2"], abs=UNIROOT)


@pytest.mark.parametrize("key", PREDICTING, ids="-".join)
def test_prediction_interval_equals_metafor(key):
    stored_limits = FITS[EXACT_ENTRY[key]][1]["prediction_interval"]
    assert fit(key).prediction == close((stored_limits["lower"], stored_limits["upper"]))


@pytest.mark.parametrize("key", WITH_LIMITS, ids="-".join)
def test_tau2_limits_equal_metafor(key):
    ours, f = fit(key), FITS[key][1]
    assert (ours.tau2_low, ours.tau2_high) == pytest.approx(tuple(f["tau2_qprofile_ci"].values()), abs=TAU2_LIMITS)


@pytest.mark.parametrize("key", WITH_LIMITS, ids="-".join)
def test_i2_limits_equal_metafor(key):
    ours, f = fit(key), FITS[key][1]
    assert (ours.i2_low, ours.i2_high) == pytest.approx(tuple(v / 100 for v in f["I2_ci"].values()), abs=I2_LIMITS)


@pytest.mark.parametrize("key", DETAILED, ids="-".join)
def test_each_study_drawn_to_the_mean_equals_metafor(key):
    ours, f = fit(key), FITS[key][1]["blup"]
    assert np.array([ours.blup, ours.blup_se]) == close(np.array([f["pred"], f["se"]]))


@pytest.mark.parametrize("key", DETAILED, ids="-".join)
def test_leaving_out_each_study_equals_metafor(key):
    (model, f), k = FITS[key], FITS[key][0]["k"]
    y, v = np.array(model["yi"]), np.array(model["vi"])
    left = [meta.random_effects(np.delete(y, i), np.delete(v, i)) for i in range(k)]
    expected = [f["leave_one_out"]["estimate"], f["leave_one_out"]["tau2"]]
    assert np.array([[m.mu for m in left], [m.tau2 for m in left]]) == close(np.array(expected))


@pytest.mark.parametrize("key", DETAILED, ids="-".join)
def test_small_study_regression_equals_metafor(key):
    model, f = FITS[key]
    X = np.column_stack([np.ones(model["k"]), np.sqrt(model["vi"])])
    ours = meta.random_effects(model["yi"], model["vi"], X)
    assert (ours.statistic[1], ours.p_values[1]) == close((f["egger_mixed"]["z"], f["egger_mixed"]["p"]))


@needs_reference
def test_hunter_schmidt_equals_its_stored_values():
    model = MODELS["mcdaniel_hunter_schmidt"]
    ours = meta.hunter_schmidt(*correlations(model))
    found = (ours.mean, ours.variance, ours.error_variance, ours.true_variance, ours.low, ours.high)
    names = ("rbar", "var_r", "var_error", "var_rho")
    assert found == close((*(model[n] for n in names), *model["credibility80"]))


@needs_reference
def test_hunter_schmidt_equals_metafor():
    model = MODELS["mcdaniel_hunter_schmidt"]
    ours = meta.hunter_schmidt(*correlations(model))
    assert (ours.mean, ours.std_error, ours.tau2) == close(tuple(model["metafor"][n] for n in ("b", "se", "tau2")))


def test_mean_and_tau2_of_three_equal_studies_by_hand():
    # Q = 8, df 2, sum w - sum w² / sum w = 200: tau² = 6 / 200 = .03, se = sqrt((.01 + .03) / 3).
    ours = meta.random_effects([0.1, 0.3, 0.5], [0.01, 0.01, 0.01], tau2="DL")
    assert (ours.mu, ours.tau2, ours.se) == pytest.approx((0.3, 0.03, math.sqrt(0.04 / 3)), abs=EXACT)


def test_paule_mandel_makes_q_equal_its_expectation():
    y, v = np.array([0.1, 0.5, 0.9, 0.2]), np.array([0.01, 0.02, 0.03, 0.04])
    ours = meta.random_effects(y, v, tau2="PM")
    w = 1 / (v + ours.tau2)
    assert np.sum(w * (y - ours.mu) ** 2) == pytest.approx(3, abs=1e-9)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "EB", "SJ", "HE", "FE"])
def test_order_of_studies_does_not_matter(method):
    y, v = np.array([0.1, 0.5, 0.9, 0.2]), np.array([0.01, 0.02, 0.03, 0.04])
    one, other = (meta.random_effects(a, b, tau2=method) for a, b in ((y, v), (y[::-1], v[::-1])))
    assert (other.mu, other.tau2) == pytest.approx((one.mu, one.tau2), abs=1e-10)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "EB", "SJ", "HE"])
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_tau2_follows_the_unit_of_the_effects(method, unit):
    y, v = np.array([0.1, 0.5, 0.9, 0.2]), np.array([0.01, 0.02, 0.03, 0.04])
    plain, scaled = meta.random_effects(y, v, tau2=method), meta.random_effects(unit * y, unit**2 * v, tau2=method)
    assert scaled.tau2 / unit**2 == pytest.approx(plain.tau2, rel=1e-8)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "EB", "HE", "FE"])
def test_studies_that_agree_have_no_heterogeneity(method):
    assert meta.random_effects([0.3, 0.3, 0.3], [0.01, 0.02, 0.03], tau2=method).tau2 == 0


def test_fixed_effect_predicts_no_new_study():
    assert np.isnan(meta.random_effects([0.1, 0.5], [0.01, 0.02], tau2="FE").prediction).all()


def test_input_is_unchanged():
    y, v = np.array([0.1, 0.5, 0.9]), np.array([0.01, 0.02, 0.03])
    meta.random_effects(y, v)
    assert (y.tolist(), v.tolist()) == ([0.1, 0.5, 0.9], [0.01, 0.02, 0.03])


def test_an_unknown_estimator_is_refused():
    with pytest.raises(ChoiceError, match='Unknown tau2 "XX"'):
        meta.random_effects([0.1, 0.2], [0.01, 0.01], tau2="XX")


def test_an_unknown_test_is_refused():
    with pytest.raises(ChoiceError, match='Unknown test "t"'):
        meta.random_effects([0.1, 0.2], [0.01, 0.01], test="t")


def test_one_study_is_refused():
    with pytest.raises(NotEstimableError, match="1 studies cannot carry 1"):
        meta.random_effects([0.1], [0.01])


def test_moderators_that_depend_on_each_other_are_refused():
    with pytest.raises(NotEstimableError, match="depend on each other"):
        meta.random_effects([0.1, 0.2, 0.3], [0.01, 0.01, 0.01], np.ones((3, 2)))


@pytest.mark.parametrize(
    ("y", "v", "message"),
    [
        ([0.1, 0.2], [0.01], "one length"),
        ([0.1, math.nan], [0.01, 0.01], "finite"),
        ([0.1, 0.2], [0.01, 0.0], "positive"),
    ],
)
def test_unusable_studies_are_refused(y, v, message):
    with pytest.raises(ShapeError, match=message):
        meta.random_effects(y, v)


def test_hunter_schmidt_without_true_variance_reports_zero():
    assert meta.hunter_schmidt([0.2, 0.2, 0.2], [50, 60, 70]).true_variance == 0


def test_hunter_schmidt_refuses_a_correlation_above_one():
    with pytest.raises(ShapeError, match="between -1 and 1"):
        meta.hunter_schmidt([1.2], [50])


def test_reml_settles_where_scoring_steps_would_cycle():
    y = np.array([0.21242, 0.37014, 0.35141, 0.36390, 0.43048, 0.51078, 0.53304, 0.50827])
    v = np.array([0.0065296, 0.00045997, 0.0129227, 0.0068681, 0.0072429, 0.0128198, 0.0059050, 0.0071189])
    X = np.column_stack([np.ones(8), np.linspace(0.1, 0.9, 8)])
    found = meta.random_effects(y, v, X)
    w = 1 / (v + found.tau2)
    P = np.diag(w) - np.outer(w, w) * (X @ np.linalg.solve((X.T * w) @ X, X.T))
    assert (P @ y) @ (P @ y) <= np.trace(P) + 1e-6  # the score is 0, or tau2 is 0 and it points below
