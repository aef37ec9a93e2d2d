"""Files that are put in a folder: stored and moved, or reported and left for mending."""

import os
import time

import pytest

from bevlogen_web.intake import inbox
from bevlogen_web.intake.models import Result
from bevlogen_web.organisation.models import Unit

GOOD = "unit,period,measure,value\ntram-01,2025-Q4,absence,3\n"
BAD = "unit,period,measure,value\ntram-01,2025-Q4,absence,three\ntram-09,2025-Q4,absence,3\n"


@pytest.fixture
def folder(cast, settings, tmp_path):
    """The watched folder for figures of an organisation with one unit."""
    settings.DATA = tmp_path
    Unit.objects.create(organisation=cast.organisation, key="tram-01", name="Lijn 1")
    return inbox.open_for(cast.organisation) / "results"


def _later() -> float:
    return time.time() + inbox.QUIET_SECONDS + 1


def _names(folder) -> list[str]:
    return sorted(path.name.partition("-")[2] for path in folder.iterdir()) if folder.exists() else []


def test_a_good_file_is_stored_and_moves_to_done(folder):
    (folder / "absence.csv").write_text(GOOD)
    assert inbox.take_all(_later()) == (1, 0)
    assert Result.objects.get().value == 3
    assert _names(folder / "done") == ["absence.csv"]
    assert not (folder / "absence.csv").exists()


def test_a_file_with_faults_moves_to_failed_with_a_report_of_all(folder):
    (folder / "absence.csv").write_text(BAD)
    assert inbox.take_all(_later()) == (0, 1)
    assert not Result.objects.exists()
    assert _names(folder / "failed") == ["absence.csv", "absence.csv.report.txt"]
    (report,) = (folder / "failed").glob("*.report.txt")
    assert 'row 2, column "value": text where a number is expected' in report.read_text()
    assert 'row 3, column "unit": unknown unit' in report.read_text()


def test_a_file_that_is_still_being_written_waits(folder):
    (folder / "absence.csv").write_text(GOOD)
    assert inbox.take_all() == (0, 0)


def test_hidden_files_links_and_other_kinds_are_left_alone(folder, tmp_path):
    (folder / ".absence.csv").write_text(GOOD)
    (folder / "absence.csv.part").write_text(GOOD)
    (tmp_path / "elsewhere.csv").write_text(GOOD)
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert inbox.take_all(_later()) == (0, 0)


def test_the_same_file_again_is_harmless(folder):
    for name in ("monday.csv", "tuesday.csv"):
        (folder / name).write_text(GOOD)
        os.utime(folder / name)
    assert inbox.take_all(_later()) == (2, 0)
    assert Result.objects.count() == 1
