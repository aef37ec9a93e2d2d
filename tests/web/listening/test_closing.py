"""Closing opens all letters at once; what is small is kept with the unit above it."""

from collections import Counter

import pytest
from listening.rounds import answer, code_for_each, code_of

from bevlogen_web.accounts.models import AuditEntry
from bevlogen_web.listening import answering, closing, seal
from bevlogen_web.listening.closing import fold
from bevlogen_web.listening.models import Answer, Comment, Draft, Letter, Turnout

TREE = {1: None, 2: 1, 3: 1, 4: 2, 5: 2}


def test_large_units_keep_their_own():
    assert fold({4: 5, 5: 6}, TREE, 5) == {4: 4, 5: 5}


def test_a_small_unit_goes_to_the_one_above():
    assert fold({2: 5, 4: 4, 5: 6}, TREE, 5) == {2: 2, 4: 2, 5: 5}


def test_small_units_that_are_enough_together_stay_at_the_unit_above():
    assert fold({4: 2, 5: 3}, TREE, 5) == {4: 2, 5: 2}


def test_those_that_are_still_too_few_at_the_top_take_the_smallest_other_in():
    assert fold({4: 2, 5: 1, 3: 9}, TREE, 5) == {4: 1, 5: 1, 3: 1}
    assert fold({1: 1, 2: 9, 3: 8}, TREE, 5) == {1: 1, 2: 2, 3: 1}


def test_too_few_altogether_are_not_kept():
    assert fold({1: 1}, TREE, 5) == {}
    assert fold({4: 2, 5: 2}, TREE, 5) == {}


def test_two_trees_do_not_take_each_other_in():
    assert fold({1: 2, 6: 9}, TREE | {6: None}, 5) == {6: 6}


def test_a_unit_above_with_people_of_its_own_takes_them_in():
    assert fold({2: 4, 4: 1}, TREE, 5) == {2: 2, 4: 2}


def test_nobody_invited_is_nothing_to_keep():
    assert fold({}, TREE, 5) == {}


def test_a_circle_of_units_ends():
    assert fold({1: 1}, {1: 2, 2: 1}, 5) == {}


@pytest.mark.django_db(transaction=True)
class TestClose:
    """The closing of a round in which some have answered."""

    @pytest.fixture
    def closed(self, opened):
        codes = code_for_each(opened)
        for number in range(6):
            answer(opened, codes[f"noord-{number}"], e1=number % 5 + 1, more=f"Tekst {number}")
        answer(opened, codes["klein-0"], e1=2)
        for number in range(5):
            answer(opened, codes[f"zuid-{number}"], e1=3)
        closing.close(opened, None)
        opened.refresh_from_db()
        return opened

    def test_every_form_is_there_once(self, closed):
        given = sorted(values["e1"] for values in Answer.objects.values_list("values", flat=True))
        assert given == [1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 4, 5]

    def test_comments_are_apart_with_their_question_and_unit(self, closed):
        assert set(Comment.objects.values_list("question", "unit__key")) == {("more", "noord")}
        assert not any("more" in values for values in Answer.objects.values_list("values", flat=True))

    def test_one_answer_of_a_team_is_kept_under_the_division_with_the_smallest_other_team(self, closed):
        kept = Counter(Answer.objects.values_list("unit__key", flat=True))
        assert kept == {"noord": 6, "div": 6}

    def test_counts_of_a_team_in_which_few_were_asked_are_kept_likewise(self, closed):
        rows = set(Turnout.objects.values_list("unit__key", "invited", "used"))
        assert rows == {("noord", 8, 6), ("div", 8, 6)}

    def test_too_few_answers_altogether_are_not_kept_and_the_log_says_so(self, opened):
        answer(opened, code_of(opened, "noord-0"), e1=1, more="Tekst")
        closing.close(opened, None)
        assert (Answer.objects.count(), Comment.objects.count(), Letter.objects.count()) == (0, 0, 0)
        assert "too few answers to keep them" in AuditEntry.objects.get(verb="round closed").what

    def test_it_is_logged_without_names(self, closed):
        entry = AuditEntry.objects.get(verb="round closed")
        assert entry.what == f"round {closed.pk}"

    def test_the_key_is_gone(self, closed):
        assert closed.key_name == ""
        assert seal.keys_except([]) == []

    def test_closing_again_does_nothing(self, closed):
        assert not closing.close(closed, None)
        assert Answer.objects.count() == 12

    def test_answers_that_were_not_handed_in_are_not_kept(self, opened):
        answering.save(code_of(opened, "noord-0"), opened, {"e1": 1})
        closing.close(opened, None)
        assert (Answer.objects.count(), Draft.objects.count()) == (0, 0)

    def test_a_letter_that_was_tampered_with_does_not_hold_up_the_others(self, opened):
        codes = code_for_each(opened)
        for number in range(6):
            answer(opened, codes[f"noord-{number}"], e1=2)
        Letter.objects.filter(pk=Letter.objects.first().pk).update(sealed=b"x" * 99)
        closing.close(opened, None)
        assert Answer.objects.count() == 5
        assert "1 letters could not be opened" in AuditEntry.objects.get(verb="round closed").what

    def test_without_the_key_nothing_changes(self, opened, settings):
        answer(opened, code_of(opened, "noord-0"), e1=1)
        (settings.DATA / "keys" / "rounds" / opened.key_name).unlink()
        with pytest.raises(seal.KeyGoneError):
            closing.close(opened, None)
        opened.refresh_from_db()
        assert (opened.state, Letter.objects.count()) == ("open", 1)

    def test_letters_can_be_given_up_when_the_key_is_lost(self, opened, settings):
        answer(opened, code_of(opened, "noord-0"), e1=1)
        (settings.DATA / "keys" / "rounds" / opened.key_name).unlink()
        closing.close(opened, None, without_letters=True)
        assert (Answer.objects.count(), Letter.objects.count()) == (0, 0)

    def test_a_stray_key_is_destroyed_once_it_is_old(self, opened, monkeypatch):
        stray = seal.make_key()
        assert closing.destroy_stray_keys() == []
        monkeypatch.setattr(seal, "age_of", lambda name, now: closing.KEY_MAY_BE_NEW + 1)
        assert closing.destroy_stray_keys() == [stray]
        assert seal.has_key(opened.key_name)
