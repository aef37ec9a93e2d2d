import csv
import gzip

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import ceiling
from bevlogen.testing import reference, shared_folder

SAME = 1e-8  # relative, as the README of the reference values says
ONE_DECIMAL = 0.05 + 1e-9  # bottleneck tables are text, rounded so
THREE_DECIMALS = 0.0005 + 1e-9
FLOAT = 1e-12  # identities, up to rounding of doubles

X7, Y7 = np.array([1.0, 2, 3, 4, 5, 2, 5]), np.array([2.0, 3, 3, 5, 6, 1, 4])

MODELS = reference("nca")
OFFERED = ("ce_fdh", "cr_fdh")
LEFT_OUT = {
    "ols": "a trend line, no ceiling",
    "ce_vrs": "convex ceiling: not offered",
    "cr_vrs": "line through convex peers: not offered",
    "c_lp": "linear programming ceiling: not offered",
    "qr": "quantile regression: not offered",
    "Accuracy nof": "n less '# above', which is tested",
    "Noise": "rounded purity measure of the package's version 5, without published definition",
    "Noise nof": "as Noise",
    "Exceptions": "as Noise",
    "Exceptions nof": "as Noise",
    "Support": "as Noise",
    "Support nof": "as Noise",
    "Spread": "as Noise",
    "Sharpness": "as Noise",
    "p-accuracy": "Monte Carlo margin of another number of orders; the p-value itself is compared",
    " ": "blank line of the print",
    "  ": "blank line of the print",
}
CASES = [(m, x, c) for m in MODELS for x in m["x"] for c in m["ceilings"] if c in OFFERED]
TESTED_CASES = [(m, x, c) for m, x, c in CASES if m["permutation_replicates"]]
NAMES = [f"{m['id']}-{x}-{c}" for m, x, c in CASES]
needs_reference = pytest.mark.skipif(not MODELS, reason="reference values lie beside the checkout; they are not here")


def columns(model, x):
    with gzip.open(shared_folder() / model["data_file"], "rt") as handle:
        rows = list(csv.DictReader(handle))
    return [np.array([float(row[name]) for row in rows]) for name in (x, model["y"])]


def run(case, **more):
    model, x, c = case
    return ceiling.nca(*columns(model, x), ceiling=c, corner=model["corner"], **more)


def said(case, name):
    """A number of the reference summary; None where it holds none."""
    model, x, c = case
    summary = model["summaries"][x]
    if name in summary["global"]["names"]:
        return summary["global"]["values"][summary["global"]["names"].index(name)][0]
    values = summary["values"][summary["parameters"].index(name)]
    return values[summary["ceilings"].index(c)][0]


def near(found, expected):
    return np.isnan(found) if expected is None else found == pytest.approx(expected, rel=SAME, abs=SAME)


@needs_reference
@pytest.mark.parametrize("case", CASES, ids=NAMES)
class TestAgainstNca:
    def test_scope(self, case):
        found = run(case)
        assert found.n_obs == said(case, "Number of observations")
        assert found.scope.area == pytest.approx(said(case, "Scope"), rel=SAME)
        ends = [said(case, name) for name in ("Xmin", "Xmax", "Ymin", "Ymax")]
        assert [found.scope.x_low, found.scope.x_high, found.scope.y_low, found.scope.y_high] == ends

    def test_effect_size(self, case):
        found = run(case)
        assert near(found.zone, said(case, "Ceiling zone"))
        assert near(found.effect_size, said(case, "Effect size"))

    def test_line(self, case):
        found = run(case)
        assert near(found.slope, said(case, "Slope"))
        assert near(found.intercept, said(case, "Intercept"))

    def test_accuracy_and_fit(self, case):
        found = run(case)
        assert found.n_above == said(case, "# above")
        assert near(100 * found.accuracy, said(case, "Ceiling accuracy"))
        assert near(100 * found.fit, said(case, "Fit"))
        assert found.complexity == said(case, "Complexity")

    def test_inefficiencies(self, case):
        found = run(case)
        x, y = found.condition_inefficiency, found.outcome_inefficiency
        assert near(100 * x, said(case, "Condition ineff."))
        assert near(100 * y, said(case, "Outcome ineff."))
        assert near(100 * (x + y - x * y), said(case, "Rel. ineff."))
        assert near((x + y - x * y) * found.scope.area, said(case, "Abs. ineff."))

    def test_peers(self, case):
        model, x, c = case
        expected = np.array(model["peers"][c][x], dtype=float).reshape(-1, 2)
        np.testing.assert_array_equal(run(case).peers, expected)

    def test_bottleneck(self, case):
        model, x, c = case
        how = model["bottleneck"]
        found = ceiling.bottleneck(*columns(model, x), ceiling=c, corner=model["corner"], steps=how["steps"])
        rows = how["tables"][c]
        asked = np.array([r[x] != "NN" for r in rows])
        expected = np.array([float(r[x]) if r[x] != "NN" else np.nan for r in rows])
        targets = np.array([float(r[model["y"]]) for r in rows])
        as_printed = {
            "actual": (found.target, found.level, THREE_DECIMALS),
            "percentage.range": (100 * found.target_share, 100 * found.level_share, ONE_DECIMAL),
            "percentile": (100 * found.target_share, 100 * found.short, ONE_DECIMAL),
        }
        np.testing.assert_allclose(as_printed[how["y"]][0], targets, rtol=SAME)
        _, shown, rounding = as_printed[how["x"]]
        np.testing.assert_array_less(np.abs(shown - expected)[asked], rounding)
        assert not found.necessary[~asked].any()


@needs_reference
@pytest.mark.parametrize("case", TESTED_CASES, ids=lambda c: f"{c[0]['id']}-{c[1]}-{c[2]}")
def test_p_value_agrees_within_monte_carlo_error(case):
    found = run(case, permutations=10_000, rng=np.random.default_rng(1))
    p = said(case, "p-value")
    error = np.sqrt(p * (1 - p) * (1 / case[0]["permutation_replicates"] + 1 / 10_000))
    assert abs(found.p_value - p) < 4 * error


@needs_reference
def test_every_entry_is_tested_or_named():
    tested = {"Ceiling zone", "Effect size", "# above", "Slope", "Intercept", "p-value", "Complexity", "Fit"}
    tested |= {"Ceiling accuracy", "Abs. ineff.", "Rel. ineff.", "Condition ineff.", "Outcome ineff."}
    parameters = {p for m in MODELS for s in m["summaries"].values() for p in s["parameters"]}
    ceilings = {c for m in MODELS for c in m["ceilings"]}
    assert parameters | ceilings == tested | set(OFFERED) | set(LEFT_OUT)


def test_worked_example_of_ce_fdh():
    found = ceiling.nca(X7, Y7)
    np.testing.assert_array_equal(found.peers, [[1, 2], [2, 3], [4, 5], [5, 6]])
    np.testing.assert_array_equal(found.peer_rows, [0, 1, 3, 4])
    assert found.scope.area == 20
    assert found.effect_size == pytest.approx(0.55, abs=FLOAT)


def test_worked_example_of_cr_fdh():
    found = ceiling.nca(X7, Y7, ceiling="cr_fdh")
    assert (found.intercept, found.slope) == pytest.approx((1, 1), abs=FLOAT)
    assert found.effect_size == pytest.approx(0.40, abs=FLOAT)
    assert found.accuracy == 1


def test_all_orders_give_the_exact_p_value():
    found = ceiling.nca(X7, Y7, permutations=10_000)
    assert found.exact
    assert found.permutations == 5040
    assert found.p_value == pytest.approx(144 / 5040, abs=FLOAT)
    assert found.p_margin == 0


def test_random_orders_agree_with_all_orders():
    found = ceiling.nca(X7, Y7, permutations=5_000, rng=np.random.default_rng(3))
    assert not found.exact
    assert abs(found.p_value - 144 / 5040) < 4 * np.sqrt(0.0286 * 0.9714 / 5000)


def test_without_permutations_there_is_no_p_value():
    assert np.isnan(ceiling.nca(X7, Y7).p_value)


def test_a_p_value_is_never_zero():
    x = np.arange(40.0)
    assert ceiling.nca(x, x, permutations=99, rng=np.random.default_rng(1)).p_value == pytest.approx(0.01)


@pytest.mark.parametrize("kind", OFFERED)
def test_permuted_effect_sizes_are_those_of_each_order(kind):
    """The test works on all orders at once; one at a time must count the same."""
    x, y = np.array([1.0, 1, 2, 3, 3]), np.array([1.0, 2, 2, 3, 3])
    found = ceiling.nca(x, y, ceiling=kind, permutations=120)
    orders = np.array(np.meshgrid(*[range(5)] * 5)).reshape(5, -1).T
    orders = orders[[len(set(o)) == 5 for o in orders]]
    sizes = np.array([ceiling.nca(x, y[o], ceiling=kind).effect_size for o in orders])
    assert found.p_value == pytest.approx(np.mean(sizes >= found.effect_size - FLOAT), abs=FLOAT)


def test_of_equal_x_the_highest_is_the_peer():
    np.testing.assert_array_equal(ceiling.nca([1, 2, 2, 3], [1, 2, 3, 3]).peers, [[1, 1], [2, 3]])


def test_exact_duplicates_are_all_peers_and_count_once_as_steps():
    found = ceiling.nca([1, 2, 2, 3], [1, 2, 2, 4])
    np.testing.assert_array_equal(found.peers, [[1, 1], [2, 2], [2, 2], [3, 4]])
    assert found.complexity == 3


def test_exact_duplicates_weigh_in_the_line():
    found = ceiling.nca([1, 2, 2, 3], [1, 2, 2, 4], ceiling="cr_fdh")
    slope, intercept = np.polyfit([1, 2, 2, 3], [1, 2, 2, 4], 1)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), abs=SAME)


def test_values_equal_up_to_rounding_are_ties():
    found = ceiling.nca([1, 0.1 + 0.2, 0.3, 2], [1, 2, 3, 4])
    np.testing.assert_allclose(found.peers, [[0.3, 3], [2, 4]])


def test_one_peer_leaves_no_ceiling():
    found = ceiling.nca([1, 2, 3], [3, 2, 1], ceiling="cr_fdh", permutations=6)
    assert (found.effect_size, found.accuracy, found.p_value) == (0, 1, 1)
    assert np.isnan(found.slope)
    assert len(found.peers) == 0


def test_points_on_a_line_leave_half_the_scope_empty():
    x = np.linspace(0, 1, 6)
    assert ceiling.nca(x, 3 * x, ceiling="cr_fdh").effect_size == pytest.approx(0.5, abs=FLOAT)
    assert ceiling.nca(x, 3 * x).effect_size == pytest.approx(0.6, abs=FLOAT)


def test_two_points_are_enough():
    assert ceiling.nca([1, 2], [1, 2]).effect_size == 1


def test_a_theoretical_scope_adds_its_empty_edges():
    found = ceiling.nca(X7, Y7, scope=(0, 6, 0, 7))
    assert found.zone == pytest.approx(11 + 1 * 7 + 6 * 1 - 1, abs=FLOAT)  # left strip, top strip, their corner once
    assert found.scope.area == 42


def test_a_line_is_clipped_to_the_scope():
    found = ceiling.nca([0, 1, 2, 4], [0, 3, 4, 4], ceiling="cr_fdh")
    slope, intercept = np.polyfit([0, 1, 2], [0, 3, 4], 1)
    at = np.linspace(0, 4, 400_001)
    above = np.clip(4 - intercept - slope * at, 0, 4)
    assert found.zone == pytest.approx(np.trapezoid(above, at), rel=1e-6)  # step of the sum


recodings = settings(max_examples=40, deadline=None)
points = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=3, max_size=25)


def varied(pairs):
    x, y = np.array(pairs, float).T
    assume(np.ptp(x) > 0 and np.ptp(y) > 0)
    return x, y


@recodings
@given(pairs=points, kind=st.sampled_from(OFFERED), a=st.integers(-100, 100), b=st.floats(0.01, 100))
def test_linear_recoding_leaves_the_effect_size(pairs, kind, a, b):
    x, y = varied(pairs)
    d = ceiling.nca(x, y, ceiling=kind).effect_size
    assert ceiling.nca(a + b * x, y, ceiling=kind).effect_size == pytest.approx(d, abs=1e-9)
    assert ceiling.nca(x, a + b * y, ceiling=kind).effect_size == pytest.approx(d, abs=1e-9)


@recodings
@given(pairs=points, kind=st.sampled_from(OFFERED), seed=st.integers(0, 99))
def test_order_of_rows_does_not_matter(pairs, kind, seed):
    x, y = varied(pairs)
    order = np.random.default_rng(seed).permutation(len(x))
    a, b = ceiling.nca(x, y, ceiling=kind), ceiling.nca(x[order], y[order], ceiling=kind)
    np.testing.assert_array_equal(a.peers, b.peers)
    assert a.effect_size == pytest.approx(b.effect_size, abs=FLOAT)


@recodings
@given(pairs=points, at=st.integers(0, 24), depth=st.floats(0.01, 0.99))
def test_a_point_below_the_ceiling_changes_nothing(pairs, at, depth):
    x, y = varied(pairs)
    below = x[at % len(x)], y.min() + depth * (y[at % len(x)] - y.min())
    assume(below[1] < y[at % len(x)])
    a, b = ceiling.nca(x, y), ceiling.nca(np.append(x, below[0]), np.append(y, below[1]))
    np.testing.assert_array_equal(a.peers, b.peers)
    assert a.effect_size == pytest.approx(b.effect_size, abs=FLOAT)


@recodings
@given(pairs=points, kind=st.sampled_from(OFFERED))
def test_corners_are_mirrors(pairs, kind):
    x, y = varied(pairs)
    d = ceiling.nca(x, y, ceiling=kind).effect_size
    assert ceiling.nca(-x, y, ceiling=kind, corner=2).effect_size == pytest.approx(d, abs=FLOAT)
    assert ceiling.nca(x, -y, ceiling=kind, corner=3).effect_size == pytest.approx(d, abs=FLOAT)
    assert ceiling.nca(-x, -y, ceiling=kind, corner=4).effect_size == pytest.approx(d, abs=FLOAT)


def test_a_line_in_another_corner_is_told_in_the_units_of_the_data():
    found = ceiling.nca(-X7, Y7, ceiling="cr_fdh", corner=2)
    assert (found.intercept, found.slope) == pytest.approx((1, -1), abs=FLOAT)


def test_bottleneck_names_the_first_peer_that_reaches_the_target():
    found = ceiling.bottleneck(X7, Y7, targets=[1, 2, 2.5, 6])
    np.testing.assert_array_equal(found.level, [1, 1, 2, 5])
    np.testing.assert_array_equal(found.necessary, [False, False, True, True])
    np.testing.assert_allclose(found.short, [0, 0, 1 / 7, 5 / 7])


def test_bottleneck_says_what_no_x_can_reach():
    found = ceiling.bottleneck(X7, Y7, scope=(1, 5, 1, 7), targets=[6, 7])
    np.testing.assert_array_equal(found.reachable, [True, False])
    assert np.isnan(found.level[1])
    assert found.short[1] == 1


def test_bottleneck_without_a_ceiling_needs_nothing():
    found = ceiling.bottleneck([1, 2, 3], [3, 2, 1], ceiling="cr_fdh")
    assert not found.necessary.any()
    assert found.reachable.all()


def test_bottleneck_in_a_lower_corner_runs_down():
    found = ceiling.bottleneck(X7, -Y7, corner=3, steps=2)
    np.testing.assert_allclose(found.target, [-1, -3.5, -6])
    np.testing.assert_array_equal(found.level, [1, 4, 5])


@pytest.mark.parametrize("kind", OFFERED)
def test_removal_equals_an_analysis_without_the_row(kind):
    found = ceiling.peer_removal(X7, Y7, ceiling=kind)
    expected = [ceiling.nca(np.delete(X7, k), np.delete(Y7, k), ceiling=kind).effect_size for k in (0, 1, 3, 4, 5)]
    np.testing.assert_array_equal(found.rows, [0, 1, 3, 4, 5])
    np.testing.assert_allclose(found.without, expected, atol=FLOAT)
    assert (found.least, found.greatest) == (min(expected), max(expected))


def test_removal_tells_peers_from_edges_of_the_scope():
    found = ceiling.peer_removal(X7, Y7)
    np.testing.assert_array_equal(found.is_peer, [True, True, True, True, False])
    np.testing.assert_array_equal(found.scope_changes, [True, False, False, True, True])


def test_removing_one_of_two_equal_peers_changes_nothing():
    x, y = np.append(X7, 4), np.append(Y7, 5)
    found = ceiling.peer_removal(x, y)
    twins = np.isin(found.rows, [3, 7])
    np.testing.assert_array_equal(found.copies[twins], [2, 2])
    np.testing.assert_allclose(found.without[twins], found.effect_size, atol=FLOAT)


def test_removal_that_leaves_no_variation_counts_as_nothing_left():
    found = ceiling.peer_removal([1, 1, 2], [1, 2, 3])
    assert np.isnan(found.without[found.rows == 2])[0]
    assert found.least == 0


def test_inputs_stay_as_they_are():
    x, y = X7.copy(), Y7.copy()
    ceiling.nca(x, y, permutations=500, rng=np.random.default_rng(1))
    ceiling.bottleneck(x, y)
    ceiling.peer_removal(x, y)
    np.testing.assert_array_equal(x, X7)
    np.testing.assert_array_equal(y, Y7)


@pytest.mark.parametrize(
    ("x", "y", "how", "error", "says"),
    [
        ([1, 2, 3], [1, 2], {}, ShapeError, "of one length"),
        ([1, np.nan, 3], [1, 2, 3], {}, ShapeError, "missing"),
        ([1], [1], {}, NotEstimableError, "at least two points"),
        ([2, 2, 2], [1, 2, 3], {}, NotEstimableError, "x does not vary"),
        ([1, 2, 3], [2, 2, 2], {}, NotEstimableError, "y does not vary"),
        ([1, 2, 3], [1, 2, 3], {"scope": (1, 2, 1, 3)}, ShapeError, "outside the theoretical scope"),
        ([1, 2, 3], [1, 2, 3], {"scope": (1, 3, 1)}, ShapeError, "A scope is"),
        ([1, 2, 3], [1, 2, 3], {"ceiling": "ols"}, ChoiceError, "ce_fdh, cr_fdh"),
        ([1, 2, 3], [1, 2, 3], {"corner": 5}, ChoiceError, "1, 2, 3, 4"),
    ],
)
def test_what_has_no_ceiling_is_said_in_a_sentence(x, y, how, error, says):
    with pytest.raises(error, match=says):
        ceiling.nca(x, y, **how)


@pytest.mark.slow
def test_the_test_keeps_its_level_without_a_limit():
    """400 samples without relation: rejections at 5 % stay within 4 Monte Carlo standard errors."""
    rng = np.random.default_rng(7)
    p = [ceiling.nca(*rng.normal(size=(2, 40)), permutations=199, rng=rng).p_value for _ in range(400)]
    assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400)
