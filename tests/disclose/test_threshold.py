"""Each figure by itself: enough respondents, who differ, and enough of those asked."""

import numpy as np

from bevlogen.disclose.threshold import primary_rules

FIVE = np.array([5.0])
YES, NO = np.array([True]), np.array([False])


def test_a_group_of_k_is_shown():
    assert primary_rules(np.array([5.0]), FIVE, NO).tolist() == [""]


def test_a_group_below_k_is_hidden():
    assert primary_rules(np.array([4.0]), FIVE, NO).tolist() == ["threshold"]


def test_an_unknown_number_is_hidden():
    assert primary_rules(np.array([np.nan]), FIVE, NO).tolist() == ["unknown-n"]


def test_what_is_public_already_is_shown_whatever_its_size():
    assert primary_rules(np.array([2.0]), FIVE, YES, all_equal=YES).tolist() == [""]


def test_a_group_that_agrees_is_hidden():
    assert primary_rules(np.array([9.0]), FIVE, NO, all_equal=YES).tolist() == ["all-equal"]


def test_a_small_group_does_not_tell_that_it_agrees():
    assert primary_rules(np.array([3.0]), FIVE, NO, all_equal=YES).tolist() == ["threshold"]


def test_a_poor_response_is_hidden():
    hidden = primary_rules(np.array([9.0]), FIVE, NO, response_rate=np.array([0.2]), min_response=0.3)
    assert hidden.tolist() == ["response"]


def test_a_response_that_cannot_be_known_is_not_judged():
    shown = primary_rules(np.array([9.0]), FIVE, NO, response_rate=np.array([np.nan]), min_response=0.3)
    assert shown.tolist() == [""]
