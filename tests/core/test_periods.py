"""Periods as they are said in a sentence."""

import pytest

from bevlogen.core.periods import in_words


@pytest.mark.parametrize(
    ("label", "en", "nl"),
    [
        ("2027-Q4", "the fourth quarter of 2027", "het vierde kwartaal van 2027"),
        ("2027-03", "March 2027", "maart 2027"),
        ("2027-03-09", "9 March 2027", "9 maart 2027"),
        ("2027", "2027", "2027"),
        ("2027-13", "2027-13", "2027-13"),
        ("spring", "spring", "spring"),
    ],
)
def test_a_period_is_said_in_both_languages_and_what_is_none_stays(label, en, nl):
    assert (in_words(label).en, in_words(label).nl) == (en, nl)
