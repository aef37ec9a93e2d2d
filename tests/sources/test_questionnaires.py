"""The questionnaires that come with Bevlogen: whole, in both languages, and without words of others."""

import pytest

import bevlogen
from bevlogen.core.chain import CONSTRUCTS, FACETS
from bevlogen.errors import WorkspaceError

OURS = ("customer-encounter", "employee-pulse", "encounter-tap")
LONGEST_SENTENCE = 14  # words; B1 asks for short sentences

UNITS = "unit,name\na,A\nb,B\n"
TOML = """
[organisation]
name = "Proef"
period = "quarter"
[tables.units]
file = "units.csv"
[tables.answers]
file = "answers.csv"
[[instruments]]
use = "{key}"
"""


@pytest.fixture
def by_key():
    return {one.key: one for one in bevlogen.instruments()}


@pytest.fixture
def workspace(tmp_path):
    def write(key, header, rows):
        (tmp_path / "organisation.toml").write_text(TOML.format(key=key))
        (tmp_path / "units.csv").write_text(UNITS)
        (tmp_path / "answers.csv").write_text("\n".join([header, *rows]) + "\n")
        return tmp_path

    return write


def test_ours_and_the_structures_of_uwes_are_there(by_key):
    assert set(by_key) == {*OURS, "uwes-3", "uwes-9", "uwes-17"}


@pytest.mark.parametrize("key", OURS)
def test_ours_have_every_text_in_both_languages(by_key, key):
    one = by_key[key]
    texts = [one.title, one.intro, *one.ends, *(question.text for question in one.questions)]
    assert all(text.nl and text.en and text.nl != text.en for text in texts)


@pytest.mark.parametrize("key", OURS)
def test_our_questions_are_short(by_key, key):
    texts = [text for question in by_key[key].questions for text in (question.text.nl, question.text.en)]
    assert max(len(text.split()) for text in texts) <= LONGEST_SENTENCE


@pytest.mark.parametrize("key", ["uwes-3", "uwes-9", "uwes-17"])
def test_a_published_instrument_comes_without_a_word(by_key, key):
    one = by_key[key]
    assert [one.own_wording, one.ends, one.intro] == [False, None, None]
    assert {question.text for question in one.questions} == {None}


def test_a_longer_uwes_has_the_items_of_a_shorter_one(by_key):
    three, nine, all_of_them = ({q.key for q in by_key[f"uwes-{n}"].questions} for n in (3, 9, 17))
    assert three < nine < all_of_them
    assert (len(three), len(nine), len(all_of_them)) == (3, 9, 17)


def test_uwes_17_has_six_five_and_six_items(by_key):
    parts = [question.part for question in by_key["uwes-17"].questions]
    assert [parts.count(part) for part in ("vigour", "dedication", "absorption")] == [6, 5, 6]


def test_norms_of_uwes_9_are_those_of_the_table(by_key):
    total = next(norm for norm in by_key["uwes-9"].norms if norm.scale == "total (9 items)" and norm.country == "NL")
    assert (total.mean, total.sd, total.n, total.verified) == (3.74, 1.17, 9679, False)


def test_every_question_measures_something_of_the_vocabulary(by_key):
    measured = {i.construct for one in by_key.values() for i in one.instruments}
    assert measured <= {*CONSTRUCTS, *FACETS}


def test_the_pulse_measures_every_facet_of_employership(by_key):
    measured = {i.construct for i in by_key["employee-pulse"].instruments}
    assert {facet for facet in FACETS if facet.startswith("employership.")} < measured
    assert {"engagement", "control", "initiative"} < measured


def test_a_score_needs_more_than_half_of_its_questions(by_key):
    control = next(i for i in by_key["employee-pulse"].instruments if i.construct == "control")
    assert (len(control.items), control.min_answered, control.reverse) == (3, 2, frozenset({"ctl_helpless"}))


def test_columns_never_clash_between_ours(by_key):
    keys = [question.key for key in OURS for question in by_key[key].questions]
    assert len(set(keys)) == len(keys)


def test_use_takes_the_instruments_of_a_questionnaire(workspace):
    folder = workspace("uwes-3", "unit,period,uwes_vi1,uwes_de2,uwes_ab4", ["a,2024-Q1,4,5,6"] * 6)
    study = bevlogen.open(folder)
    assert [i.construct for i in study.workspace.organisation.instruments] == ["engagement"]


def test_an_unknown_questionnaire_is_a_fault_with_the_nearest(workspace):
    folder = workspace("employee-pulze", "unit,period,x", ["a,2024-Q1,4"])
    with pytest.raises(WorkspaceError) as caught:
        bevlogen.open(folder)
    assert 'unknown questionnaire "employee-pulze"' in str(caught.value)
    assert "employee-pulse" in str(caught.value)
