"""The forms of a reorganisation."""

import pytest
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation.models import Unit

DAY = "2026-03-01"


@pytest.fixture
def post(cast):
    client = cast.client(Role.ADMINISTRATOR)

    def send(name: str, given: dict, **more: object):
        url = reverse(f"organisation:{name}", kwargs={"slug": "here", **more})
        return client.post(url, given, headers={"accept-language": "en-gb"})

    return send


def test_units_are_merged(post, small):
    given = {"units": [small.north.pk, small.south.pk], "name": "Both", "parent": small.whole.pk, "on": DAY}
    assert post("merge", given).status_code == 302
    assert small.unit("both").origins.count() == 2


def test_refusal_is_told_above_the_form(post, small):
    given = {"units": [small.north.pk], "name": "Both", "on": DAY}
    assert "Choose at least two units." in post("merge", given).content.decode()


def test_unit_is_moved_to_the_top(post, small):
    post("move", {"parent": "", "on": DAY}, number=small.north.pk)
    assert small.unit("N").parent is None


def test_unit_below_is_not_offered_as_place(post, small):
    page = post("move", {"parent": small.north.pk, "on": DAY}, number=small.whole.pk)
    assert page.status_code == 200
    assert small.unit("W").parent is None


def test_unit_is_split(post, small):
    post("split", {"parts": "East\n9; West", "stays": "ends", "on": DAY}, number=small.north.pk)
    assert small.unit("N").end is not None
    assert small.unit("9").name == "West"


def test_unit_is_closed_with_an_heir(post, small):
    post("close", {"heir": small.south.pk, "on": DAY}, number=small.north.pk)
    assert small.employee("1").unit == small.south


def test_day_to_come_is_told(post, small):
    page = post("close", {"heir": "", "on": "2999-01-01"}, number=small.north.pk)
    assert "This day is still to come." in page.content.decode()
    assert small.unit("N").end is None


def test_closed_unit_cannot_be_reorganised(post, small):
    post("close", {"heir": "", "on": DAY}, number=small.north.pk)
    assert post("close", {"heir": "", "on": DAY}, number=small.north.pk).status_code == 404


def test_closed_unit_is_opened_again(post, small):
    post("close", {"heir": "", "on": DAY}, number=small.north.pk)
    post("reopen", {}, number=small.north.pk)
    assert small.unit("N").end is None


def test_units_of_another_organisation_are_not_merged(post, cast, small):
    strange = Unit.objects.create(organisation=cast.other, key="X", name="Elsewhere")
    post("merge", {"units": [small.north.pk, strange.pk], "name": "Both", "on": DAY})
    strange.refresh_from_db()
    assert strange.end is None
