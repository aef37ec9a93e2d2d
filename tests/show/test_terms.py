"""Every word in two lines, in both languages."""

import pytest

from bevlogen.core.chain import CONSTRUCTS
from bevlogen.show.terms import TERMS
from bevlogen.show.wording import EFFECT_VERDICTS, VERDICTS

MOST = 170  # characters: two lines on a desktop
LONGEST_SENTENCE = 24  # words


def test_every_construct_and_verdict_is_explained():
    words = {word.en for word, _ in TERMS}
    assert {construct.label.en for construct in CONSTRUCTS.values()} <= words
    assert {word.en for word in VERDICTS.values()} <= words
    assert {EFFECT_VERDICTS[verdict].en for verdict in ("worked", "backfired")} <= words


@pytest.mark.parametrize(("word", "text"), TERMS, ids=[word.en for word, _ in TERMS])
def test_an_explanation_is_short_in_both_languages(word, text):
    for said in (text.en, text.nl):
        assert 20 < len(said) <= MOST
        assert max(len(sentence.split()) for sentence in said.replace("?", ".").split(".")) <= LONGEST_SENTENCE
