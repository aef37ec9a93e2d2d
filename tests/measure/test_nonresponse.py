import numpy as np

from bevlogen.measure import measure


def rates(make, construct, table="answers", headcount=4.0, n=2):
    one = make.instrument(construct, ("x",), min_answered=1, table=table)
    rows = make.rows([("t0", "2024-Q1", 3.0)] * n, ("x",), table)
    return measure(make.workspace(make.teams(1, headcount=headcount), [one], [rows])).scores.response_rate


def test_the_rate_is_respondents_per_head(make):
    assert rates(make, "engagement").tolist() == [0.5, 0.5]


def test_the_rate_of_a_group_counts_heads_that_did_not_answer(make):
    one = make.instrument(items=("x",), min_answered=1)
    rows = make.rows([("t0", "2024-Q1", 3.0)] * 2, ("x",))
    scores = measure(make.workspace(make.teams(2, headcount=4.0), [one], [rows])).scores
    assert scores.response_rate.tolist() == [0.25, 0.5]


def test_customers_are_not_counted_per_head_of_staff(make):
    assert np.isnan(rates(make, "loyalty")).all()


def test_encounters_are_not_counted_per_head(make):
    assert np.isnan(rates(make, "engagement", "interactions")).all()


def test_an_unknown_headcount_gives_no_rate(make):
    assert np.isnan(rates(make, "engagement", headcount=None)).all()


def test_more_answers_than_heads_give_no_rate(make):
    assert np.isnan(rates(make, "engagement", n=5)).all()
