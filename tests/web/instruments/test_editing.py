"""Changing a definition gives a changed copy."""

import copy

from own_questions import DEFINITION

from bevlogen_web.instruments import editing


def keys(definition):
    return [[question["key"] for question in page["questions"]] for page in definition["pages"]]


def test_a_new_question_comes_last_on_its_page():
    assert keys(editing.with_question(DEFINITION, 0, {"key": "q9"})) == [["q1", "q2", "q9"], ["q3"]]


def test_a_known_question_is_replaced_in_its_place():
    changed = editing.with_question(DEFINITION, 1, {"key": "q1", "kind": "open"})
    assert keys(changed) == keys(DEFINITION)
    assert editing.find(changed, "q1") == {"key": "q1", "kind": "open"}


def test_a_question_moves_one_place():
    assert keys(editing.moved(DEFINITION, "q2", "up")) == [["q2", "q1"], ["q3"]]


def test_a_question_moves_over_the_edge_of_its_page():
    assert keys(editing.moved(DEFINITION, "q2", "down")) == [["q1"], ["q2", "q3"]]
    assert keys(editing.moved(DEFINITION, "q3", "up")) == [["q1", "q2", "q3"], []]


def test_the_first_and_last_question_stay():
    assert editing.moved(DEFINITION, "q1", "up") == DEFINITION
    assert editing.moved(DEFINITION, "q3", "down") == DEFINITION


def test_a_question_and_a_page_are_taken_away():
    assert keys(editing.without_question(DEFINITION, "q1")) == [["q2"], ["q3"]]
    assert keys(editing.without_page(DEFINITION, 0)) == [["q3"]]


def test_the_only_page_is_emptied():
    assert keys(editing.without_page(editing.without_page(DEFINITION, 0), 0)) == [[]]


def test_a_key_is_never_given_out_twice():
    earlier = editing.without_question(DEFINITION, "q1")
    assert editing.free_key([earlier, DEFINITION]) == "q4"


def test_an_option_keeps_its_key_while_its_words_stay_in_one_language():
    before = [{"key": "o1", "text": {"nl": "Dag", "en": "Day"}}, {"key": "o2", "text": {"nl": "Nacht", "en": "Night"}}]
    texts = [{"nl": "Avond", "en": "Evening"}, {"nl": "Nacht", "en": "Late"}, {"nl": "Dag", "en": "Day"}]
    assert [option["key"] for option in editing.option_keys(texts, before)] == ["o3", "o2", "o1"]


def test_the_original_stays_as_it_was():
    before = copy.deepcopy(DEFINITION)
    editing.with_question(DEFINITION, 0, {"key": "q1"})
    editing.moved(DEFINITION, "q2", "down")
    editing.with_page(DEFINITION)
    editing.with_page_title(DEFINITION, 0, {"nl": "Anders"})
    editing.with_heading(DEFINITION, {}, {})
    assert before == DEFINITION
