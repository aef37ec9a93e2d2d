"""The form of a respondent: routing, what is taken, what is kept."""

import copy

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from bevlogen_web.instruments import forms


def scale(key, construct="engagement", **more):
    ends = {"nl": ["nooit", "altijd"], "en": ["never", "always"]}
    text = {"nl": f"Vraag {key}", "en": f"Question {key}"}
    return {
        "key": key,
        "kind": "scale",
        "construct": construct,
        "text": text,
        "low": 1,
        "high": 5,
        "ends": ends,
        **more,
    }


COLOURS = [{"key": "red", "text": {"nl": "rood", "en": "red"}}, {"key": "blue", "text": {"nl": "blauw", "en": "blue"}}]
DEFINITION = {
    "title": {"nl": "Proef", "en": "Trial"},
    "intro": {"nl": "Kort", "en": "Short"},
    "pages": [
        {"questions": [scale("e1"), scale("e2", reverse=True)]},
        {
            "questions": [
                {
                    "key": "why",
                    "kind": "open",
                    "text": {"nl": "Waarom?", "en": "Why?"},
                    "show_if": {"key": "e1", "op": "le", "value": 2},
                }
            ]
        },
        {
            "questions": [
                {"key": "colour", "kind": "choice", "text": {"nl": "Kleur", "en": "Colour"}, "options": COLOURS}
            ]
        },
    ],
}


def keys(page, answers):
    return [question.key for question in forms.questions_of(DEFINITION, page, answers)]


def test_a_page_gives_its_questions_in_order():
    assert keys(0, {}) == ["e1", "e2"]


def test_a_rule_shows_its_question_only_when_it_holds():
    assert keys(1, {"e1": 2}) == ["why"]
    assert keys(1, {"e1": 3}) == []
    assert keys(1, {}) == []


def test_a_page_without_questions_for_this_respondent_is_passed_over():
    assert forms.next_page(DEFINITION, 0, {"e1": 5}) == 2
    assert forms.next_page(DEFINITION, 0, {"e1": 1}) == 1
    assert forms.previous_page(DEFINITION, 2, {"e1": 5}) == 0


def test_first_and_last_page_have_none_before_and_after():
    assert forms.next_page(DEFINITION, -1, {}) == 0
    assert forms.next_page(DEFINITION, 2, {}) is None
    assert forms.previous_page(DEFINITION, 0, {}) is None


def test_texts_come_in_the_language_asked_for():
    assert forms.questions_of(DEFINITION, 0, {}, language="nl")[0].text == "Vraag e1"
    with translation.override("en-gb"):
        assert forms.questions_of(DEFINITION, 0, {})[0].text == "Question e1"


def test_a_text_without_translation_falls_back_to_the_other_language():
    assert forms.said({"nl": "Alleen dit", "en": " "}, "en") == "Alleen dit"


def test_answers_are_taken_as_numbers_keys_and_texts():
    assert forms.clean(DEFINITION, 0, {"e1": "4", "other": "x"}) == ({"e1": 4}, {})
    assert forms.clean(DEFINITION, 2, {"colour": "blue"}) == ({"colour": "blue"}, {})
    assert forms.clean(DEFINITION, 1, {"why": " a\r\nb\x00 "}, {"e1": 1}) == ({"why": "a\nb"}, {})


@pytest.mark.parametrize("sent", ["0", "6", "4.0", "٤", "x", "-1", "1e0", " 4", "04"])
def test_what_is_no_point_of_the_scale_is_refused(sent):
    answers, errors = forms.clean(DEFINITION, 0, {"e1": sent})
    assert answers == {}
    assert list(errors) == ["e1"]


def test_an_option_that_is_not_there_is_refused():
    assert list(forms.clean(DEFINITION, 2, {"colour": "green"})[1]) == ["colour"]


def test_a_message_never_repeats_the_answer():
    assert "secret" not in forms.clean(DEFINITION, 2, {"colour": "secret"})[1]["colour"]


TELLING = "Vraag het Sanne Visser"


def test_words_that_tell_of_a_person_are_said_to_before_they_are_sent():
    taken, errors = forms.clean(DEFINITION, 1, {"why": TELLING}, {"e1": 1})
    assert taken == {"why": TELLING}
    assert "“Sanne Visser”" in errors["why"]


def test_the_same_words_pass_when_they_are_sent_again():
    taken, errors = forms.clean(DEFINITION, 1, {"why": TELLING}, {"e1": 1})
    (asked,) = forms.questions_of(DEFINITION, 1, {"e1": 1} | taken, errors=errors)
    again = {"why": TELLING, "seen.why": asked.seen}
    assert asked.seen in render_to_string(asked.template, {"question": asked})
    assert forms.clean(DEFINITION, 1, again, {"e1": 1}) == ({"why": TELLING}, {})
    assert list(forms.clean(DEFINITION, 1, again | {"why": f"{TELLING}, 06-12345678"}, {"e1": 1})[1]) == ["why"]


def test_words_that_tell_of_nobody_get_no_note():
    assert forms.clean(DEFINITION, 1, {"why": "De koffie is goed."}, {"e1": 1}) == ({"why": "De koffie is goed."}, {})


def test_nothing_is_required():
    assert forms.clean(DEFINITION, 0, {"e1": "", "e2": " "}) == ({}, {})


def test_an_answer_to_a_question_that_was_not_asked_is_left_out():
    assert forms.clean(DEFINITION, 1, {"why": "because"}, {"e1": 5}) == ({}, {})


def test_a_long_text_is_cut():
    answers, _errors = forms.clean(DEFINITION, 1, {"why": "a" * 3000}, {"e1": 1})
    assert len(answers["why"]) == forms.LONGEST_TEXT


def test_settling_drops_what_the_other_answers_no_longer_lead_to():
    assert forms.settled(DEFINITION, {"e1": 5, "why": "because", "gone": 1, "e2": 9}) == {"e1": 5}


def test_settling_keeps_what_was_asked():
    answers = {"e1": 1, "why": "because", "colour": "red"}
    assert forms.settled(DEFINITION, answers) == answers


def test_scales_gather_the_questions_of_a_construct():
    assert forms.scales(DEFINITION) == [
        forms.Scale("engagement", ("e1", "e2"), frozenset({"e2"}), 1, 5, 2),
    ]


def test_the_definition_may_say_how_many_answers_make_a_score():
    assert forms.scales({**DEFINITION, "min_answered": {"engagement": 1}})[0].min_answered == 1


def test_a_score_never_needs_more_answers_than_there_are_questions():
    fewer = {**DEFINITION, "pages": [{"questions": [scale("e1")]}], "min_answered": {"engagement": 2}}
    assert forms.scales(fewer)[0].min_answered == 1


def test_of_two_scales_for_one_construct_the_larger_counts():
    asked = [scale("e1", high=7), scale("e2"), scale("e3")]
    found = forms.scales({"pages": [{"questions": asked}]})
    assert [one.items for one in found] == [("e2", "e3")]


def test_open_keys_are_those_of_comments():
    assert forms.open_keys(DEFINITION) == ["why"]


def test_a_scale_with_words_for_each_point_shows_them():
    words = ["a", "b", "c", "d", "e"]
    page = {"questions": [scale("e1", ends={"nl": words, "en": words})]}
    question = forms.questions_of({"pages": [page]}, 0, {"e1": 2})[0]
    assert [option.text for option in question.options] == words
    assert question.ends is None


@pytest.mark.parametrize(
    ("page", "found"), [(0, 'value="4" checked'), (1, "because</textarea>"), (2, 'value="red" checked')]
)
def test_the_partials_show_what_was_answered(page, found):
    answers = {"e1": 4, "why": "because", "colour": "red"}
    definition = {
        **DEFINITION,
        "pages": [{"questions": [dict(q, show_if=None) for q in DEFINITION["pages"][page]["questions"]]}],
    }
    html = render_to_string(
        "instruments/parts/questions.html", {"questions": forms.questions_of(definition, 0, answers)}
    )
    assert found in html


def test_a_partial_escapes_what_was_typed():
    answers = {"e1": 1, "why": "</textarea><script>"}
    html = render_to_string(
        "instruments/parts/questions.html", {"questions": forms.questions_of(DEFINITION, 1, answers)}
    )
    assert "<script>" not in html


def test_a_definition_stays_as_it_was():
    before = copy.deepcopy(DEFINITION)
    forms.clean(DEFINITION, 0, {"e1": "4"})
    forms.questions_of(DEFINITION, 1, {"e1": 1})
    forms.settled(DEFINITION, {"e1": 1})
    assert before == DEFINITION
