"""The log speaks the language of its reader."""

import pytest
from django.utils.translation import override

from bevlogen_web.accounts.wording import in_words


@pytest.mark.parametrize(
    ("what", "dutch"),
    [
        ("channel 3, link, unit 38", "manier van vragen 3, link, onderdeel 38"),
        ("membership 5, role works_council", "collega 5, rol ondernemingsraad"),
        ("unit 4 below the top, from 2026-01-31", "onderdeel 4 onder de top, vanaf 2026-01-31"),
        ("action 3", "actie 3"),
        ("choice 1", "keuze 1"),
        ("round 1, k 5", "ronde 1, kleinste groep voor scores: 5"),
        ("round 1, 2 letters could not be opened", "ronde 1, 2 brieven konden niet open"),
    ],
)
def test_fixed_words_are_said_in_dutch(what, dutch):
    with override("nl"):
        assert in_words(what) == dutch


def test_part_of_a_word_or_code_stays():
    with override("nl"):
        assert in_words("employee-pulse, unit-9, rolex") == "employee-pulse, unit-9, rolex"
