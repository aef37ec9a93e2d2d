"""What must be true of a definition before anyone is asked."""

import copy

import pytest
from own_questions import DEFINITION

from bevlogen_web.instruments import definition, editing


def changed(key, **values):
    question = {**editing.find(DEFINITION, key), **values}
    return editing.with_question(DEFINITION, 0, question)


def flawed(some):
    return [flaw.question for flaw in definition.flaws(some)]


def test_a_whole_definition_has_no_flaw():
    assert definition.flaws(DEFINITION) == []


def test_without_questions_it_cannot_be_asked():
    assert flawed(editing.EMPTY) == [""]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("q1", {"high": 1}),
        ("q1", {"low": 0, "high": 11}),
        ("q2", {"options": [{"key": "o2", "text": {"nl": "Nacht", "en": "Night"}}]}),
        ("q3", {"show_if": {"key": "gone", "op": "eq", "value": 1}}),
        ("q3", {"show_if": {"key": "q3", "op": "eq", "value": 1}}),
        ("q3", {"show_if": {"key": "q2", "op": "eq", "value": "o9"}}),
        ("q3", {"show_if": {"key": "q2", "op": "le", "value": "o1"}}),
        ("q3", {"show_if": {"key": "q1", "op": "ge", "value": 6}}),
    ],
)
def test_a_flaw_stands_with_its_question(key, values):
    assert flawed(changed(key, **values)) == [key]


def test_a_rule_on_a_question_of_the_same_page_is_a_flaw():
    rule = {"key": "q1", "op": "eq", "value": 1}
    assert flawed(changed("q2", show_if=rule)) == ["q2"]


def test_the_same_key_twice_is_a_flaw():
    twice = {**DEFINITION, "pages": [*DEFINITION["pages"], DEFINITION["pages"][1]]}
    assert "q3" in flawed(twice)


def test_a_missing_text_is_a_gap_in_its_language():
    some = changed("q1", text={"nl": "Alleen dit", "en": " "})
    assert definition.gaps(some, "nl") == []
    assert [gap.question for gap in definition.gaps(some, "en")] == ["q1"]
    assert definition.languages(some) == ["nl"]


def test_an_option_or_an_end_without_words_is_a_gap():
    assert definition.gaps(changed("q1", ends={"nl": ["nee", "ja"]}), "en") != []
    assert definition.gaps(changed("q2", options=[{"key": "o1", "text": {"nl": "Dag"}}]), "en") != []


def test_no_complete_language_is_a_flaw():
    assert flawed(changed("q1", text={"nl": "", "en": ""})) == [""]


def test_looking_changes_nothing():
    before = copy.deepcopy(DEFINITION)
    definition.flaws(DEFINITION)
    definition.gaps(DEFINITION, "nl")
    assert before == DEFINITION
