import csv
import gzip
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import mediation, sem
from bevlogen.testing import reference, shared_folder

EXACT = 1e-9  # least squares against least squares
OF_WIDTH = 0.02  # of the interval: Monte Carlo error of 10,000 resamples, as the reference says
KINDS = {"perc": "percentile", "bca.simple": "bias-corrected"}  # lavaan's bca.simple has no acceleration
BOOTSTRAPPED = [case for case in reference("sem_mediation") if "bootstrap" in case]
CHAINS = {  # id: the three variables and what is held constant
    "tal_or_simple_delta": ("cond", "pmi", "reaction"),
}


def columns(path, names):
    with gzip.open(shared_folder() / path, "rt") as handle:
        rows = list(csv.DictReader(handle))
    return [np.array([float(r[name]) for r in rows]) for name in names]


def three(n, seed, a=0.5, b=0.4):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    m = a * x + rng.normal(size=n)
    return x, m, b * m + 0.2 * x + rng.normal(size=n)


@pytest.mark.skipif(not BOOTSTRAPPED, reason="reference values lie beside the checkout; they are not here")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", BOOTSTRAPPED, ids=lambda c: c["id"])
def test_bootstrap_limits_equal_lavaan(case, kind):
    variables = columns(case["data_file"], CHAINS[case["id"]])
    ours = mediation.bootstrap(variables, kind=KINDS[kind], draws=40_000, rng=np.random.default_rng(7))
    theirs = case["bootstrap"][kind]
    at = theirs["label"].index("indirect")
    width = theirs["upper"][at] - theirs["lower"][at]
    assert ours.estimate == pytest.approx(theirs["est"][at], abs=EXACT)
    assert ours.low == pytest.approx(theirs["lower"][at], abs=OF_WIDTH * width)
    assert ours.high == pytest.approx(theirs["upper"][at], abs=OF_WIDTH * width)


def test_paths_equal_those_of_the_structural_model():
    x, m, y = three(120, 3)
    ours = mediation.chain([x, m, y], rng=np.random.default_rng(1))
    theirs = sem.fit("m ~ a*x; y ~ b*m + c*x; ab := a*b", {"x": x, "m": m, "y": y})
    np.testing.assert_allclose(ours.paths, theirs.paths(["a", "b"])[0], rtol=EXACT)
    assert ours.direct == pytest.approx(theirs.labelled("c").estimate, rel=EXACT)
    assert ours.indirect.estimate == pytest.approx(theirs.labelled("ab").estimate, rel=EXACT)


def test_one_path_has_the_normal_interval():
    found = mediation.monte_carlo([1.0], [[4.0]], draws=400_000, rng=np.random.default_rng(1))
    assert found.low == pytest.approx(1 - 1.96 * 2, abs=0.03)  # five Monte Carlo errors
    assert found.high == pytest.approx(1 + 1.96 * 2, abs=0.03)
    assert found.std_error == pytest.approx(2, abs=0.02)


def test_a_product_of_two_paths_has_its_known_variance():
    found = mediation.monte_carlo([0.5, 0.4], np.diag([0.04, 0.09]), draws=400_000, rng=np.random.default_rng(2))
    assert found.std_error**2 == pytest.approx(0.25 * 0.09 + 0.16 * 0.04 + 0.04 * 0.09, rel=0.02)


def test_few_degrees_of_freedom_widen_the_interval():
    draw = {"rng": np.random.default_rng(3), "draws": 50_000}
    normal = mediation.monte_carlo([0.5, 0.5], np.diag([0.02, 0.02]), **draw)
    t = mediation.monte_carlo([0.5, 0.5], np.diag([0.02, 0.02]), df=[5, 5], **draw)
    assert t.high - t.low > 1.1 * (normal.high - normal.low)


def test_sensitivity_is_the_partial_correlation_of_mediator_and_outcome():
    x, m, y = three(300, 5)
    X = np.column_stack([np.ones(300), x])
    rest = [v - X @ np.linalg.lstsq(X, v, rcond=None)[0] for v in (m, y)]
    found = mediation.chain([x, m, y], rng=np.random.default_rng(1)).sensitivity[0]
    # The step's two residual variances have n - 2 and n - 3 as denominators; the correlation has one.
    assert found == pytest.approx(np.corrcoef(*rest)[0, 1], rel=1 / 297)


def test_an_unmeasured_cause_as_strong_as_the_sensitivity_makes_a_step_of_nothing():
    rng = np.random.default_rng(6)
    rho, n = 0.6, 200_000
    errors = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n)
    x = rng.normal(size=n)
    m, y = x + errors[:, 0], x + errors[:, 1]
    found = mediation.chain([x, m, y], rng=rng, draws=100).sensitivity[0]
    assert found == pytest.approx(rho, abs=0.01)  # four sampling errors


def test_a_step_that_may_be_nothing_has_no_robustness():
    x, m, y = three(40, 8, b=0.0)
    assert mediation.chain([x, m, y], rng=np.random.default_rng(1)).sensitivity_limit[0] == 0


def test_a_baseline_is_held_constant_in_its_step_only():
    x, m, y = three(150, 9)
    before = np.random.default_rng(4).normal(size=150)
    with_it = mediation.chain([x, m, y + before], baselines=[None, before], rng=np.random.default_rng(1))
    without = mediation.chain([x, m, y + before], rng=np.random.default_rng(1))
    assert with_it.paths[0] == without.paths[0]
    assert with_it.se[1] < without.se[1]


def test_drawing_whole_groups_of_copies_equals_drawing_the_rows_they_copy():
    x, m, y = three(60, 4)
    rows = mediation.bootstrap([x, m, y], draws=4000, rng=np.random.default_rng(1))
    copies = [v.repeat(5) for v in (x, m, y)]
    groups = mediation.bootstrap(copies, group=np.arange(60).repeat(5), draws=4000, rng=np.random.default_rng(1))
    assert groups.low == pytest.approx(rows.low, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(factor=st.floats(0.01, 100), seed=st.integers(0, 500))
def test_recoding_a_variable_recodes_the_effect_and_not_its_sensitivity(factor, seed):
    x, m, y = three(50, seed)
    a = mediation.chain([x, m, y], rng=np.random.default_rng(1))
    b = mediation.chain([x, factor * m, 3 - factor * y], rng=np.random.default_rng(1))
    assert b.indirect.estimate == pytest.approx(-factor * a.indirect.estimate, rel=1e-7)
    np.testing.assert_allclose(b.sensitivity, -a.sensitivity, rtol=1e-7)


@pytest.mark.slow
def test_the_interval_covers_the_truth_as_often_as_it_says():
    covered = [
        r.low < 0.2 < r.high
        for seed in range(1000)
        for r in [mediation.chain(three(60, seed), draws=2000, rng=np.random.default_rng(seed)).indirect]
    ]
    assert abs(np.mean(covered) - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 1000)


def test_rows_with_a_missing_value_are_left_out_and_inputs_stay():
    x, m, y = three(30, 2)
    m[3] = math.nan
    copies = [v.copy() for v in (x, m, y)]
    assert mediation.chain([x, m, y], rng=np.random.default_rng(1)).n_obs == 29
    np.testing.assert_array_equal([x, m, y], copies)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda r: mediation.chain([[1], [2]], rng=r), ShapeError, "at least three"),
        (lambda r: mediation.chain([[1.0], [2.0], [1.0, 2.0]], rng=r), ShapeError, "differ in length"),
        (lambda r: mediation.chain([v[:3] for v in three(9, 1)], rng=r), NotEstimableError, "rows"),
        (lambda r: mediation.monte_carlo([1.0], np.eye(2), rng=r), ShapeError, "vcov has shape"),
        (lambda r: mediation.monte_carlo([math.nan], [[1.0]], rng=r), NotEstimableError, "missing"),
        (lambda r: mediation.bootstrap(three(9, 1), kind="bca", rng=r), ChoiceError, "bca"),
        (lambda r: mediation.bootstrap(three(9, 1), group=[1], rng=r), ShapeError, "labels"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(call, error, says):
    with pytest.raises(error, match=says):
        call(np.random.default_rng(1))
