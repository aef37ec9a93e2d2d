import csv
import gzip

import numpy as np
import pytest

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models import agreement
from bevlogen.testing import reference, shared_folder

EXACT = 1e-10  # closed forms, as the README of the reference values says
HAND = 5e-7  # METHODS gives six decimals

CASES = [m for m in reference("icc_agreement") if m["id"].startswith("agree_")]
LOW, HIGH, OPTIONS = 1, 5, 5


@pytest.fixture(scope="module", params=CASES, ids=lambda c: c["id"])
def case(request):
    expected = request.param
    with gzip.open(shared_folder() / expected["data_file"], "rt") as handle:
        rows = list(csv.DictReader(handle))
    names = np.atleast_1d(expected["items"])
    return (
        expected,
        np.array([[float(r[n]) for n in names] for r in rows]),
        np.array([r[expected["group"]] for r in rows]),
    )


def as_reference(result, expected):
    by_group = dict(zip(result.groups.tolist(), result.value, strict=True))
    return [by_group[str(g)] for g in expected["grpid"]]


def test_rwg_of_every_group_equals_the_reference(case):
    expected, items, group = case
    wanted = expected["rwg"]
    r = agreement.rwg_j(items, group, OPTIONS)
    assert as_reference(r, wanted) == pytest.approx(wanted[wanted["function_used"]], abs=EXACT)
    assert (r.mean, r.median) == pytest.approx((wanted["mean"], wanted["median"]), abs=EXACT)
    assert dict(zip(r.groups.tolist(), r.n, strict=True)) == dict(zip(wanted["grpid"], wanted["gsize"], strict=True))


def test_average_deviation_about_the_mean_equals_the_reference(case):
    expected, items, group = case
    r = agreement.average_deviation(items, group)
    assert as_reference(r, expected["ad_mean"]) == pytest.approx(expected["ad_mean"]["AD.M"], abs=EXACT)
    assert r.mean == pytest.approx(expected["ad_mean"]["mean"], abs=EXACT)


def test_average_deviation_about_the_median_equals_the_reference(case):
    expected, items, group = case
    r = agreement.average_deviation(items, group, about="median")
    assert as_reference(r, expected["ad_median"]) == pytest.approx(expected["ad_median"]["AD.M"], abs=EXACT)
    assert r.mean == pytest.approx(expected["ad_median"]["mean"], abs=EXACT)


def test_awg_equals_the_reference(case):
    expected, items, group = case
    r = agreement.awg(items, group, LOW, HIGH)
    assert as_reference(r, expected["awg"]) == pytest.approx(expected["awg"]["a.wg"], abs=EXACT)
    assert r.mean == pytest.approx(expected["awg"]["mean"], abs=EXACT)


def test_the_null_variance_equals_the_reference(case):
    expected, _, _ = case
    assert agreement.null_variance(expected["categories"]) == expected["uniform_null_variance"]


def test_rwg_of_one_item_by_hand():
    assert agreement.rwg([3, 4, 5], ["a"] * 3, 7).value[0] == pytest.approx(0.75)


def test_rwg_j_of_nine_items_by_hand():
    items = np.tile([[3.0], [4], [5]], 9)
    assert agreement.rwg_j(items, ["a"] * 3, 7).value[0] == pytest.approx(0.964286, abs=HAND)


def test_awg_by_hand():
    assert agreement.awg([4, 5, 5, 6, 4], ["a"] * 5, 0, 6).value[0] == pytest.approx(0.805556, abs=HAND)


def test_more_spread_than_at_random_is_no_agreement():
    assert agreement.rwg([1, 5, 1, 5], ["a"] * 4, 5).value[0] == 0.0


def test_a_skewed_null_asks_for_more_agreement():
    even = agreement.rwg([3, 4, 4], ["a"] * 3, 5)
    skewed = agreement.rwg([3, 4, 4], ["a"] * 3, 5, variance=0.9)
    assert skewed.value[0] < even.value[0]


def test_a_unit_of_one_respondent_has_no_agreement():
    r = agreement.rwg([3, 4, 4], ["a", "b", "b"], 5)
    assert np.isnan(r.value[0])
    assert r.mean == r.value[1]


@pytest.mark.parametrize("value", [agreement.awg([3], ["a"], 1, 5), agreement.average_deviation([3], ["a"])])
def test_a_lone_respondent_gives_no_value_elsewhere(value):
    assert np.isnan(value.value[0])
    assert np.isnan(value.median)


def test_awg_is_unknown_where_the_mean_leaves_no_room():
    assert np.isnan(agreement.awg([5, 5, 5, 4.9], ["a"] * 4, 1, 5).value[0])


def test_equal_answers_agree_fully():
    answers, group = [5, 5, 5], ["a"] * 3
    assert agreement.rwg(answers, group, 5).value[0] == 1.0
    assert agreement.awg(answers, group, 1, 5).value[0] == 1.0
    assert agreement.average_deviation(answers, group).value[0] == 0.0


def test_rows_with_a_gap_are_left_out():
    r = agreement.rwg_j([[3, 4], [4, 4], [np.nan, 1]], ["a"] * 3, 5)
    assert r.n.tolist() == [2.0]


def test_no_complete_row_is_refused():
    with pytest.raises(NotEstimableError, match="answered every item"):
        agreement.rwg_j([[np.nan, 1]], ["a"], 5)


def test_a_single_option_is_refused():
    with pytest.raises(ShapeError, match="two answer options"):
        agreement.rwg([1, 1], ["a", "a"], 1)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="do not fit"):
        agreement.rwg([1, 2], ["a"], 5)


def test_an_unknown_centre_is_refused():
    with pytest.raises(ChoiceError, match="Choose one of: mean, median"):
        agreement.average_deviation([1, 2], ["a", "a"], about="mode")


def test_inputs_stay_unchanged():
    items, group = np.array([[3.0, 4], [5, np.nan]]), np.array(["a", "b"])
    before = items.copy()
    agreement.rwg_j(items, group, 5)
    agreement.awg(items, group, 1, 5)
    np.testing.assert_array_equal(items, before)
