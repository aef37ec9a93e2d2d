"""Whatever is sent: no error, and nothing is kept that the definition does not know."""

from hypothesis import given, settings
from hypothesis import strategies as st
from own_questions import DEFINITION

from bevlogen_web.instruments import definition, forms, ours, wording

CASES = 300  # enough to reach every branch; the benchmark of all forms runs many more
KEYS = st.sampled_from(["q1", "q2", "q3", "q9", ""])
SENT = st.one_of(st.text(max_size=40), st.sampled_from(["1", "5", "6", "o1", "o2", "o9"]))
KEPT = st.dictionaries(KEYS, st.one_of(st.integers(), st.text(max_size=20), st.sampled_from(["o1", "o2"])))
STRUCTURE = ours.definition_of("uwes-3")


@settings(max_examples=CASES, deadline=None)
@given(data=st.dictionaries(KEYS, SENT), answers=KEPT, page=st.integers(0, 1))
def test_only_answers_that_the_definition_knows_are_taken(data, answers, page):
    taken, errors = forms.clean(DEFINITION, page, data, answers)
    assert set(taken) | set(errors) <= {"q1", "q2", "q3"}
    assert taken.get("q1", 1) in range(1, 6)
    assert taken.get("q2", "o1") in ("o1", "o2")


@settings(max_examples=CASES, deadline=None)
@given(answers=KEPT)
def test_what_is_settled_stays_settled(answers):
    kept = forms.settled(DEFINITION, answers)
    assert forms.settled(DEFINITION, kept) == kept
    assert set(kept.items()) <= set(answers.items())


def outcome(content):
    """``whole``: taken and without a flaw. ``refused``: with its faults. Anything else is half."""
    try:
        return "half" if definition.flaws(wording.fill(STRUCTURE, content)) else "whole"
    except wording.WordingError as error:
        return "refused" if error.faults else "half"


@settings(max_examples=CASES, deadline=None)
@given(content=st.binary(max_size=400))
def test_a_file_is_taken_whole_or_refused_with_faults(content):
    assert outcome(content) in ("whole", "refused")


@settings(max_examples=CASES, deadline=None)
@given(rows=st.lists(st.text(max_size=30), max_size=8), head=st.sampled_from(["key;nl;en", "key,nl", "nl;key", "key"]))
def test_a_table_is_taken_whole_or_refused_with_faults(rows, head):
    assert outcome("\n".join([head, *rows]).encode("utf-8", "surrogatepass")) in ("whole", "refused")
