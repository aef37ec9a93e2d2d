"""What employees wrote in closed rounds goes into the picture: by question, from ten writers on, texts if decided."""

import pytest
from django.utils import timezone

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation, Role
from bevlogen_web.analyses import workspace, written
from bevlogen_web.analyses.models import Picture, Sheet
from bevlogen_web.listening.models import Comment
from bevlogen_web.privacy import services

OPEN = {"key": "o1", "kind": "open", "text": {"nl": "Wat helpt?", "en": "What helps?"}}


@pytest.fixture
def heard(cast, hold, teams, tmp_path):
    """``heard(n)``: what is read once ``tram-01`` wrote n comments more, on a study of its closed round."""
    closed_round = hold("closed", [OPEN, {**OPEN, "key": "o2"}])

    def sheets(n, question="o1"):
        for i in range(n):
            text = f"Het rooster van Sietske klopt niet {chr(97 + i)}"
            Comment.objects.create(round=closed_round, unit=teams["tram-01"], question=question, text=text)
        folder = tmp_path / f"{n}{question}"
        folder.mkdir()
        workspace.write(cast.organisation, folder, closed_round.closes)
        organisation = Organisation.objects.get(pk=cast.organisation.pk)
        return list(written.voices(written.heard(bv.open(folder, data=folder), organisation)))

    return sheets


def test_ten_comments_on_one_question_are_read_and_nine_are_not(heard):
    assert heard(9) == []
    (sheet,) = heard(1)
    assert (sheet.kind, sheet.key) == ("said", "tram-01")
    assert sheet.body[0]["question"] == OPEN["text"]
    assert sheet.body[0]["texts"] == []


def test_two_questions_are_not_added_up(heard):
    assert heard(6) == []
    assert heard(6, "o2") == []


def test_the_texts_come_masked_once_the_officer_decided_so(cast, heard):
    Organisation.objects.filter(pk=cast.organisation.pk).update(shows_comments=True)
    (sheet,) = heard(12)
    assert len(sheet.body[0]["texts"]) == 12
    assert not any("Sietske" in text for text in sheet.body[0]["texts"])


def test_switching_it_off_takes_the_comments_away_at_once(cast, closed_round):
    organisation, officer = cast.organisation, cast.user(Role.PRIVACY_OFFICER)
    services.show_comments(organisation, True, by=officer)
    picture = Picture.objects.create(
        organisation=organisation, made=timezone.now(), mark="", current=True, release={}, report_en="", report_nl=""
    )
    Sheet.objects.create(picture=picture, kind="said", key="tram-01", body="[]")
    services.show_comments(organisation, False, by=officer)
    assert not Sheet.objects.filter(kind="said").exists()
