"""A code opens one invitation: answers can be kept and taken up again, and handed in once."""

from datetime import timedelta

import pytest
from listening.rounds import code_of

from bevlogen_web.listening import answering, codes, sending
from bevlogen_web.listening.answering import Outcome, Standing
from bevlogen_web.listening.models import Draft, Invitation, Letter

ANSWERS = {"e1": 4, "e2": 2, "more": "Fijn team"}


@pytest.fixture
def code(opened):
    return code_of(opened, "noord-0")


def test_a_code_opens_its_round(opened, code):
    visit = answering.find(code)
    assert (visit.standing, visit.round, visit.language) == (Standing.OPEN, opened, "nl")


def test_another_code_opens_nothing(opened):
    assert answering.find(codes.make()).standing == Standing.UNKNOWN


def test_a_draft_is_taken_up_with_the_same_code(opened, code):
    answering.save(code, opened, ANSWERS)
    assert answering.load(code, opened) == ANSWERS


def test_saving_again_keeps_one_draft(opened, code):
    answering.save(code, opened, {"e1": 1})
    answering.save(code, opened, ANSWERS)
    assert Draft.objects.count() == 1


def test_a_second_code_of_the_same_person_opens_no_draft(opened, code):
    answering.save(code, opened, ANSWERS)
    assert answering.load(code_of(opened, "noord-0"), opened) == {}


def test_a_draft_that_was_changed_by_hand_is_as_if_not_there(opened, code):
    answering.save(code, opened, ANSWERS)
    Draft.objects.update(sealed=bytes(100))
    assert answering.load(code, opened) == {}


def test_handing_in_leaves_a_letter_and_no_draft(opened, code):
    answering.save(code, opened, ANSWERS)
    assert answering.hand_in(code, opened) == Outcome.RECEIVED
    assert (Letter.objects.count(), Draft.objects.count()) == (1, 0)
    assert answering.find(code).standing == Standing.USED


def test_handing_in_twice_counts_once(opened, code):
    answering.save(code, opened, ANSWERS)
    answering.hand_in(code, opened)
    answering.save(code, opened, ANSWERS)
    assert answering.hand_in(code, opened) == Outcome.USED
    assert Letter.objects.count() == 1


def test_the_code_of_a_reminder_opens_the_same_invitation(opened, code):
    second = code_of(opened, "noord-0")
    answering.save(second, opened, ANSWERS)
    assert answering.hand_in(second, opened) == Outcome.RECEIVED
    answering.save(code, opened, ANSWERS)
    assert answering.hand_in(code, opened) == Outcome.USED


def test_nothing_answered_is_not_handed_in(opened, code):
    assert answering.hand_in(code, opened) == Outcome.EMPTY
    assert not Invitation.objects.filter(used=True).exists()


def test_without_the_key_nothing_is_lost(opened, code, settings):
    answering.save(code, opened, ANSWERS)
    (settings.DATA / "keys" / "rounds" / opened.key_name).unlink()
    assert answering.hand_in(code, opened) == Outcome.LATER
    assert answering.load(code, opened) == ANSWERS
    assert answering.find(code).standing == Standing.OPEN


def test_after_the_last_day_nothing_is_taken(opened, code, monkeypatch):
    answering.save(code, opened, ANSWERS)
    monkeypatch.setattr(answering, "today", lambda: opened.closes + timedelta(days=1))
    assert answering.find(code).standing == Standing.CLOSED
    assert answering.hand_in(code, opened) == Outcome.CLOSED
    assert answering.load(code, opened) == ANSWERS


def test_on_the_last_day_answers_are_taken(opened, code, monkeypatch):
    answering.save(code, opened, ANSWERS)
    monkeypatch.setattr(answering, "today", lambda: opened.closes)
    assert answering.hand_in(code, opened) == Outcome.RECEIVED


def test_each_code_is_new(opened):
    invitation = Invitation.objects.first()
    assert sending.new_code(invitation) != sending.new_code(invitation)
