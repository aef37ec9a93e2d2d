"""Reading by another system: the current picture, and only that."""

import pytest
from django.test import Client
from django.utils import timezone

from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses.models import Picture
from bevlogen_web.intake import services as intake
from bevlogen_web.intake.models import Scope


@pytest.fixture
def read(cast):
    """Read an address with a key for reading."""
    key = intake.make_token(cast.organisation, "BI", [Scope.READ_RELEASE], by=cast.user(Role.ADMINISTRATOR))[1]
    return lambda path: Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})


def _picture(organisation, **release) -> Picture:
    return Picture.objects.create(
        organisation=organisation,
        made=timezone.now(),
        mark="",
        current=True,
        release=release,
        report_en="",
        report_nl="",
    )


def test_without_a_picture_there_is_nothing_to_read(read):
    assert read("release").status_code == 404


def test_the_release_is_given_as_it_is(cast, read):
    _picture(cast.organisation, periods=["2025-Q4"])
    assert read("release").json() == {"periods": ["2025-Q4"]}


def test_another_organisations_release_is_not(cast, read):
    _picture(cast.other, periods=["2025-Q4"])
    assert read("release").status_code == 404


def test_a_key_for_sending_reads_nothing(cast):
    key = intake.make_token(cast.organisation, "HR", [Scope.SEND_RESULTS], by=cast.user(Role.ADMINISTRATOR))[1]
    answer = Client().get("/api/v1/release", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403


def test_the_standing_can_be_read(cast, read):
    assert read("status").json() == {"made": None, "busy": False, "failed": False}
