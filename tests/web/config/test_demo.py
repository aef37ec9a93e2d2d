"""The demonstration: complete after one call, and harmless to prepare again."""

import json

import pytest
from django.db.models import Count
from django.urls import reverse

from bevlogen_web.accounts.models import Membership, Organisation, Role
from bevlogen_web.actions.models import Action
from bevlogen_web.actions.queries import judged
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.models import Sheet
from bevlogen_web.config import demo
from bevlogen_web.feedback.models import Channel
from bevlogen_web.listening.models import Comment, Invitation, Round
from bevlogen_web.organisation.models import Succession, Unit

N_TEAMS = 60
N_GROUPS = 1 + 3 + 12  # the organisation, its services and their locations


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demonstration_is_complete_and_prepared_once(settings, tmp_path, client):
    settings.DATA, settings.DEMO = tmp_path, True
    said = []
    demo.prepare(said.append)
    demo.prepare(said.append)
    assert len(said) == 2
    organisation = Organisation.objects.get()
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role)
    assert Unit.objects.count() >= N_TEAMS + N_GROUPS
    assert Succession.objects.count() == 4
    held = Round.objects.get(state="open")
    assert Invitation.objects.filter(round=held).count() >= 5
    assert Channel.objects.count() == 3
    written = Comment.objects.values_list("unit").annotate(n=Count("pk")).order_by("n").values_list("n", flat=True)
    assert written.first() < written.last()
    read = Sheet.objects.filter(kind="said")
    assert 0 < read.count() < N_TEAMS
    assert any(one["words"] for body in read.values_list("body", flat=True) for one in json.loads(body))
    picture = analyses.current(organisation)
    assert picture.release["organisation"]["simulated"]
    assert len(picture.release["periods"]) == 8
    assert picture.notes["mixed"] == []
    told = [judged(action) for action in Action.objects.all()]
    assert [one.verdict for one in told].count("worked") == 1
    page = client.get(reverse("account_login")).content.decode()
    assert demo.PASSWORD in page
