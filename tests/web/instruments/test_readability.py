"""Advice on how easy a text reads."""

import pytest

from bevlogen_web.instruments import ours, readability

# By hand: 5 sentences of 6 words of one syllable; 206.835 - 0.93 * 6 - 77 * 1 and 206.835 - 1.015 * 6 - 84.6 * 1.
SHORT_NL = ["De kat zit op de mat."] * 5
SHORT_EN = ["The cat sat on the mat."] * 5
ROUNDING = 1e-9


def test_dutch_follows_douma():
    assert abs(readability.ease_of(SHORT_NL, "nl").score - 124.255) < ROUNDING


def test_english_follows_flesch():
    assert abs(readability.ease_of(SHORT_EN, "en").score - 116.145) < ROUNDING


def test_a_few_words_say_too_little():
    assert readability.ease_of(["Een korte zin."], "nl") is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_our_own_pulse_reads_easily(language):
    assert readability.ease(ours.definition_of("employee-pulse"), language).easy


@pytest.mark.parametrize("key", ["employee-pulse", "customer-encounter", "encounter-tap"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_our_own_questions_are_not_too_long(key, language):
    texts = [q["text"][language] for page in ours.definition_of(key)["pages"] for q in page["questions"]]
    assert [text for text in texts if len(text.split()) > readability.MOST_WORDS] == []


def test_a_good_question_gets_no_advice():
    assert readability.advice("Ik heb plezier in mijn werk.", "nl") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien", "nl"),
        ("Het medezeggenschapsreglement is goed.", "nl"),
        ("Mijn chef is eerlijk en helpt mij.", "nl"),
        ("Ik ben niet bang dat het nooit lukt.", "nl"),
        ("I don't think nothing works.", "en"),
    ],
)
def test_a_hard_question_gets_one_advice(text, language):
    assert len(readability.advice(text, language)) == 1
