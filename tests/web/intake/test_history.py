"""History from before: kept when it has no fault, and never a way to another's files."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.intake import queries, services
from bevlogen_web.intake.services import UnfitArchiveError

TOML = """
[organisation]
name = "Vroeger"
period = "month"
[tables.units]
file = "units.csv"
[tables.answers]
file = "answers.csv"
[[instruments]]
construct = "engagement"
items = ["x1"]
range = [1, 5]
"""
FILES = {
    "organisation.toml": TOML,
    "units.csv": "unit\nteam\n",
    "answers.csv": "unit,period,x1\nteam,2025-01,4\n",
}


@pytest.fixture(autouse=True)
def _apart(settings, tmp_path):
    settings.DATA = tmp_path


def zipped(files, prefix="") -> SimpleUploadedFile:
    """Pack files as a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(prefix + name, text)
    return SimpleUploadedFile("history.zip", stream.getvalue())


def bring(cast, *uploads):
    return services.bring_history(cast.organisation, uploads, by=cast.user(Role.ADMINISTRATOR))


def _kept(tmp_path) -> list[str]:
    return [path.name for path in tmp_path.rglob("*") if path.is_file()]


def test_a_zip_without_faults_is_kept(cast, tmp_path):
    assert bring(cast, zipped(FILES, "my-organisation/")) == ()
    found = queries.history(cast.organisation)
    assert (found.grain, found.periods, found.files) == ("month", ["2025-01"], sorted(FILES))
    assert queries.grain(cast.organisation) == "month"


def test_every_fault_is_told_and_nothing_is_kept(cast, tmp_path):
    faults = bring(cast, zipped({**FILES, "answers.csv": "unit,period,x1\nteam,2025-01,9\nother,2025-01,1\n"}))
    assert len(faults) == 2
    assert queries.history(cast.organisation) is None
    assert _kept(tmp_path) == []


def test_a_new_history_takes_the_place_of_the_old(cast, tmp_path, django_capture_on_commit_callbacks):
    bring(cast, zipped(FILES))
    with django_capture_on_commit_callbacks(execute=True):
        bring(cast, zipped({**FILES, "answers.csv": "unit,period,x1\nteam,2025-02,4\n"}))
    assert queries.history(cast.organisation).periods == ["2025-02"]
    assert sorted(_kept(tmp_path)) == sorted(FILES)


@pytest.mark.parametrize("path", ["../answers.csv", "/etc/passwd.csv", "..\\answers.csv"])
def test_a_table_in_another_folder_is_a_fault(cast, path):
    toml = TOML.replace('"answers.csv"', repr(path))
    (fault,) = bring(cast, zipped({**FILES, "organisation.toml": toml}))
    assert fault.found == "a table that lies in another folder"


def test_names_in_a_zip_lead_nowhere_else(cast, tmp_path):
    bring(cast, zipped(FILES, "../../"))
    assert all(path.is_relative_to(tmp_path / "organisations") for path in tmp_path.rglob("*.csv"))


def test_a_zip_with_a_name_twice_is_refused(cast):
    with pytest.raises(UnfitArchiveError):
        bring(cast, zipped({"a/units.csv": "", "b/units.csv": ""}))


def test_a_zip_that_grows_too_large_is_refused(cast, monkeypatch):
    monkeypatch.setattr(services, "MOST_UNPACKED", 10)
    with pytest.raises(UnfitArchiveError):
        bring(cast, zipped(FILES))


def test_what_is_no_zip_is_refused(cast):
    with pytest.raises(UnfitArchiveError):
        bring(cast, SimpleUploadedFile("history.zip", b"no zip"))


def test_the_page_shows_every_fault(cast):
    broken = zipped({**FILES, "answers.csv": "unit,period,x1\nteam,2025-01,9\n"})
    address = reverse("intake:history", kwargs={"slug": "here"})
    page = cast.client(Role.ADMINISTRATOR).post(address, {"tables": broken}).content.decode()
    assert "an answer outside the scale 1 to 5" in page


def test_the_page_keeps_what_is_right(cast):
    address = reverse("intake:history", kwargs={"slug": "here"})
    answer = cast.client(Role.ADMINISTRATOR).post(address, {"tables": zipped(FILES)}, follow=True)
    assert "January 2025" in answer.content.decode()


def test_dropping_it_deletes_the_files(cast, tmp_path, django_capture_on_commit_callbacks):
    bring(cast, zipped(FILES))
    with django_capture_on_commit_callbacks(execute=True):
        cast.client(Role.ADMINISTRATOR).post(reverse("intake:drop", kwargs={"slug": "here"}))
    assert queries.history(cast.organisation) is None
    assert _kept(tmp_path) == []
