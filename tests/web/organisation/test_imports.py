"""A file is looked at before it is applied, and then thrown away."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation import tasks, uploads
from bevlogen_web.organisation.models import Unit, Upload

ENGLISH = {"accept-language": "en-gb"}
DAY = "2026-03-01"


@pytest.fixture
def administrator(cast):
    return cast.client(Role.ADMINISTRATOR)


def send(client, content: bytes, kind: str = "units", **more: str):
    file = SimpleUploadedFile(f"{kind}.csv", content)
    url = reverse("organisation:import", kwargs={"slug": "here", "kind": kind})
    return client.post(url, {"file": file, "on": DAY, **more}, headers=ENGLISH, follow=True)


def apply(client, upload: Upload, mark: str | None = None):
    url = reverse("organisation:import-check", kwargs={"slug": "here", "number": upload.pk})
    return client.post(url, {"mark": mark or uploads.plan(upload).mark}, headers=ENGLISH)


def test_file_is_shown_before_anything_changes(administrator, small):
    page = send(administrator, b"unit;name\nE;East\n").content.decode()
    assert "Added: 1" in page
    assert not Unit.objects.filter(key="E").exists()


def test_file_is_applied_and_thrown_away(administrator, small):
    send(administrator, b"unit;name\nE;East\n")
    apply(administrator, Upload.objects.get())
    assert small.unit("E").name == "East"
    assert not Upload.objects.exists()


def test_faulty_file_offers_no_button_to_apply(administrator, small):
    page = send(administrator, b"unit;headcount\nE;many\n").content.decode()
    assert "no number of people" in page
    assert 'name="mark"' not in page


def test_faulty_file_cannot_be_applied(administrator, small):
    send(administrator, b"unit;headcount\nE;many\nF;1\n")
    apply(administrator, Upload.objects.get())
    assert not Unit.objects.filter(key="F").exists()


def test_what_changed_meanwhile_is_looked_at_again(administrator, small):
    send(administrator, b"unit;name\nN;North 2\n")
    upload = Upload.objects.get()
    seen = uploads.plan(upload).mark
    Unit.objects.filter(pk=small.north.pk).update(name="North 1")
    page = apply(administrator, upload, seen)
    assert "Something changed since you looked." in page.content.decode()
    assert small.unit("N").name == "North 1"


def test_no_table_is_told_at_once(administrator, small):
    page = send(administrator, b"\x00\x01").content.decode()
    assert "This file cannot be read." in page
    assert not Upload.objects.exists()


def test_file_can_be_given_up(administrator, small):
    send(administrator, b"unit;name\nE;East\n")
    number = Upload.objects.get().pk
    administrator.post(reverse("organisation:import-give-up", kwargs={"slug": "here", "number": number}))
    assert not Upload.objects.exists()


def test_file_of_a_colleague_is_not_there(administrator, cast, small):
    send(administrator, b"unit;name\nE;East\n")
    Upload.objects.update(by=cast.user(Role.DIRECTOR))
    url = reverse("organisation:import-check", kwargs={"slug": "here", "number": Upload.objects.get().pk})
    assert administrator.get(url).status_code == 404


def test_forgotten_file_is_deleted_after_a_day(administrator, small):
    send(administrator, b"number;unit\n3;N\n", kind="employees")
    Upload.objects.update(made=timezone.now() - timedelta(hours=25))
    tasks.clear_uploads.call()
    assert not Upload.objects.exists()


def test_employees_are_imported(administrator, small):
    send(administrator, b"number;unit;complete\n3;N;x\n", kind="employees", complete="on")
    apply(administrator, Upload.objects.get())
    assert small.employee("3").active is True
    assert small.employee("1").active is False


@pytest.mark.parametrize("kind", ["units", "employees"])
@pytest.mark.parametrize("language", ["nl", "en-gb"])
def test_example_can_be_imported(administrator, cast, kind, language):
    for key in ("110", "120"):
        Unit.objects.create(organisation=cast.organisation, key=key, name=key)
    url = reverse("organisation:import-example", kwargs={"slug": "here", "kind": kind})
    content = administrator.get(url, headers={"accept-language": language}).content
    send(administrator, content, kind=kind)
    found = uploads.plan(Upload.objects.get())
    assert (found.faults, found.unknown) == ((), ())


def test_unknown_kind_is_not_there(administrator):
    assert administrator.get("/o/here/import/answers/").status_code == 404
