"""The policy may be raised, never lowered; only what is public already is free of it."""

from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.chain import CONSTRUCTS
from bevlogen.core.tables import Instrument, Policy, ResultTable, ScoreTable
from bevlogen.disclose import PolicyError
from bevlogen.disclose.policy import (
    check,
    is_public_result,
    is_public_score,
    least_for_spread,
    least_respondents,
    protection_of,
)

ANSWERS = [[4.0, 3.0]]
CODES = np.zeros(1, dtype=np.int64)
ONE = np.ones(1)


def with_tables(small, **policy):
    made = small([None], [ANSWERS], policy=Policy(**policy)).workspace
    scores = ScoreTable(("loyalty",), CODES, CODES, CODES, ONE, ONE, ONE, ONE, ONE)
    results = ResultTable(("absence",), CODES, CODES, CODES, ONE, ONE)
    return replace(made, scores=scores, results=results)


def test_the_default_policy_passes():
    assert check(Policy()).k == 5


def test_a_raised_threshold_passes():
    assert check(Policy(k=8, k_comments=15)).k == 8


def test_a_threshold_below_five_is_refused_with_what_to_do():
    with pytest.raises(PolicyError, match=r"k = 4; it may be raised, never lowered. Set k to 5 or more."):
        check(Policy(k=4))


def test_a_comment_threshold_below_ten_is_refused():
    with pytest.raises(PolicyError, match="k_comments = 9"):
        check(Policy(k_comments=9))


def test_a_negative_response_share_is_refused():
    with pytest.raises(PolicyError, match="min_response"):
        check(Policy(min_response=-0.1))


def test_health_needs_ten_persons():
    assert least_respondents(CONSTRUCTS["absence"], Policy()) == 10


def test_health_never_needs_fewer_than_k():
    assert least_respondents(CONSTRUCTS["burnout"], Policy(k=12)) == 12


def test_other_constructs_need_k():
    assert least_respondents(CONSTRUCTS["engagement"], Policy(k=6)) == 6


def test_scores_are_public_only_when_declared(small):
    assert not is_public_score("loyalty", with_tables(small))
    assert is_public_score("loyalty", with_tables(small, already_public=frozenset({"scores"})))


def test_a_variable_that_is_measured_here_is_never_public(small):
    workspace = with_tables(small, already_public=frozenset({"scores"}))
    instrument = Instrument(
        "loyalty.return", ("q1",), frozenset(), 1, 5, 5, 1, "interactions", frozenset({"customers"})
    )
    organisation = replace(workspace.organisation, instruments=(instrument,))
    measured = replace(workspace, organisation=organisation)
    assert not is_public_score("loyalty", measured)
    assert not is_public_score("loyalty.return", measured)


def test_declaring_answers_public_opens_nothing(small):
    workspace = with_tables(small, already_public=frozenset({"answers", "interactions"}))
    assert not is_public_score("loyalty", workspace)
    assert not is_public_result("absence", workspace)


def test_results_are_public_only_when_declared(small):
    assert not is_public_result("absence", with_tables(small, already_public=frozenset({"scores"})))
    assert is_public_result("absence", with_tables(small, already_public=frozenset({"results"})))


OWN = Policy(
    k_by_construct={"engagement": 8, "employership.autonomy": 9},
    k_distributions_by_construct={"engagement": 20},
    protection_by_construct={"engagement": 0.5},
)


def test_each_instrument_may_have_thresholds_of_its_own():
    assert least_respondents(CONSTRUCTS["engagement"], OWN) == 8
    assert [least_for_spread(v, OWN) for v in ("engagement", "engagement.vigour", "loyalty")] == [20, 20, 10]
    assert [protection_of(v, OWN) for v in ("engagement", "engagement.vigour", "loyalty")] == [0.5, 0.5, 0.25]


def test_a_threshold_of_a_facet_holds_for_its_whole_that_would_tell_it():
    assert least_respondents(CONSTRUCTS["employership"], OWN) == 9


@pytest.mark.parametrize(
    ("lowered", "said"),
    [
        ({"k_by_construct": {"engagement": 4}}, "k for engagement = 4"),
        ({"k_distributions_by_construct": {"engagement": 9}}, "k_distributions for engagement = 9"),
        ({"protection_by_construct": {"engagement": 0.2}}, "protection for engagement = 0.2"),
    ],
)
def test_no_threshold_of_an_instrument_is_below_the_common_one(lowered, said):
    with pytest.raises(PolicyError, match=said):
        check(Policy(**lowered))
