"""How answers from different sources to the same thing are put together."""

from dataclasses import replace

from bevlogen_web.analyses.asking import Form, Way, flattened, score, together

OLD = Way("engagement", "answers", ("a", "b"), frozenset({"b"}), 1.0, 5.0, 2, frozenset({"employees"}))
NEW = replace(OLD, items=("c",), reverse=frozenset(), min_answered=1)
SEVEN = replace(NEW, low=1.0, high=7.0)


def test_one_way_of_asking_keeps_its_items():
    asked = together([OLD, OLD])["answers", "engagement"]
    assert asked.instrument() == {
        "construct": "engagement",
        "table": "answers",
        "respondents": ["employees"],
        "range": [1.0, 5.0],
        "items": ["a", "-b"],
        "min_answered": 2,
    }


def test_other_questions_on_one_scale_become_a_score_on_it():
    asked = together([OLD, NEW])["answers", "engagement"]
    assert asked.mixed
    assert asked.instrument()["items"] == ["score of engagement"]
    assert asked.instrument()["range"] == [1.0, 5.0]


def test_another_scale_becomes_a_score_from_0_to_10():
    asked = together([OLD, SEVEN])["answers", "engagement"]
    assert (asked.low, asked.high) == (0, 10)
    assert score({"c": 4}, SEVEN, asked) == 5


def test_a_score_turns_reversed_items():
    asked = together([OLD, NEW])["answers", "engagement"]
    assert score({"a": 5, "b": 2}, OLD, asked) == 4.5


def test_too_few_items_give_no_score():
    asked = together([OLD, NEW])["answers", "engagement"]
    assert score({"a": 5}, OLD, asked) is None


def test_a_form_is_written_with_the_columns_it_has():
    rows = [{"unit": "u", "date": "2025-01-01", "c": 3, "service": "tram"}]
    columns, written = flattened(Form("answers", (NEW,), rows), together([OLD, NEW]))
    assert columns == ["unit", "date", "service", "score of engagement"]
    assert written[0]["score of engagement"] == 3
    assert "score of engagement" not in rows[0]
