"""Comments: enough writers together, each once, in chance order, masked."""

import numpy as np
import pytest

import bevlogen as bv
from bevlogen.core.tables import Unit
from bevlogen.disclose import PolicyError
from bevlogen.disclose.comments import Comment, shown_comments, themes
from bevlogen.disclose.keyness import keyness

UNITS = (Unit("top", "Top"), Unit("a", "A", "top"), Unit("b", "B", "top"), Unit("c", "C", "top"))
K = 10


def said(unit, count, period="2024-Q1"):
    return [Comment(unit, period, f"{unit}{i}", f"Opmerking {unit}{i}") for i in range(count)]


def shown(comments, **kw):
    return shown_comments(comments, UNITS, K, np.random.default_rng(1), **kw)


def test_a_team_with_enough_writers_is_read_by_itself():
    assert [(s.unit, len(s.texts)) for s in shown(said("a", 10))] == [("a", 10)]


def test_small_teams_are_read_together_with_their_group():
    assert [(s.unit, len(s.texts)) for s in shown([*said("a", 4), *said("b", 6)])] == [("top", 10)]


def test_no_comment_is_shown_twice_so_nothing_follows_by_taking_away():
    texts = [t for s in shown([*said("a", 12), *said("b", 5), *said("c", 6)]) for t in s.texts]
    assert len(texts) == len(set(texts)) == 23


def test_a_remainder_of_too_few_is_not_shown():
    assert [s.unit for s in shown([*said("a", 12), *said("b", 9)])] == ["a"]


def test_one_writer_with_many_comments_counts_for_one():
    assert shown([Comment("a", "2024-Q1", "one", f"{i}") for i in range(20)]) == ()


def test_periods_are_read_apart():
    assert shown([*said("a", 6), *said("a", 6, "2024-Q2")]) == ()


def test_the_order_is_not_that_of_writing():
    found = shown(said("a", 12))[0].texts
    assert list(found) != sorted(found, key=lambda t: int(t.removeprefix("Opmerking a")))


def test_comments_are_masked():
    found = shown([*said("a", 9), Comment("a", "2024-Q1", "x", "Vraag Sanne")])[0].texts
    assert "Vraag [name]" in found


def writers(count, text, start=0):
    return [(f"w{start + i}", text) for i in range(count)]


def test_a_word_that_a_group_uses_more_is_key():
    group = [*writers(12, "het rooster is slecht"), *writers(3, "prima hier", 12)]
    rest = [*writers(2, "het rooster", 100), *writers(40, "het gaat goed", 102)]
    assert keyness(group, rest, K)[0].word in ("rooster", "slecht")


def test_too_small_a_group_has_no_key_words():
    assert keyness(writers(9, "rooster"), writers(50, "goed", 100), K) == ()


def test_a_word_of_few_people_is_never_key():
    group = [*writers(4, "zeldzaam"), *writers(20, "goed", 10)]
    assert [w.word for w in keyness(group, writers(200, "goed", 100), K)] == []


def test_the_log_likelihood_is_that_of_the_two_by_two_table():
    """12 of 15 against 2 of 42: G2 = 2 (12 ln 12/3.684 + 3 ln 3/11.316 + 2 ln 2/10.316 + 40 ln 40/31.684)."""
    group = [*writers(12, "rooster"), *writers(3, "anders", 12)]
    rest = [*writers(2, "rooster", 100), *writers(40, "anders", 102)]
    assert abs(keyness(group, rest, K)[0].log_likelihood - 32.45) < 0.1


def test_a_word_that_names_no_subject_is_no_theme():
    group = [*writers(12, "omdat het rooster nooit klopt because of them"), *writers(3, "goed", 12)]
    assert {w.word for w in keyness(group, writers(50, "goed", 100), K)} == {"rooster", "klopt"}


def about(unit, count, text):
    return [Comment(unit, "2024-Q1", f"{unit}{i}", text) for i in range(count)]


def test_themes_are_those_of_the_groups_that_may_be_read():
    said_here = [
        *about("a", 15, "het rooster is slecht"),
        *about("b", 15, "de koffie is goed"),
        *about("c", 3, "zeldzaam"),
        *(Comment(unit, "2024-Q1", f"{unit}, quiet", "prima") for unit in "ab"),  # all of a group use none
    ]
    found = themes(said_here, UNITS, K)
    assert [(t.unit, t.words[0].word) for t in found] == [("a", "rooster"), ("b", "goed")]
    assert "zeldzaam" not in {w.word for t in found for w in t.words}


def test_one_group_alone_has_no_themes():
    assert [t.words for t in themes(about("a", 15, "het rooster"), UNITS, K)] == [()]


def test_a_lower_threshold_for_comments_is_refused():
    with pytest.raises(PolicyError, match="k_comments"):
        shown_comments(said("a", 10), UNITS, 9, np.random.default_rng(1))


def test_comments_have_a_public_door():
    assert bv.comments.masked("Vraag Sanne") == "Vraag [name]"
