"""Making the study again: once for many reasons, and never at the cost of the last good picture."""

import pytest

import bevlogen as bv
from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses import queries, services, study, workspace
from bevlogen_web.analyses.models import CUT_OFF, Picture, Refresh, State
from bevlogen_web.intake import services as intake
from bevlogen_web.intake.services import Origin
from bevlogen_web.intake.tables import Figure

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(settings):
    """Jobs are kept but not run, as when the worker is busy."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}


def _ask(cast, capture):
    with capture(execute=True):
        services.ask(cast.organisation)


def test_a_refresh_makes_the_current_picture(cast, closed_round, django_capture_on_commit_callbacks):
    _ask(cast, django_capture_on_commit_callbacks)
    picture = Picture.objects.get()
    assert picture.current
    assert picture.release["periods"] == ["2025-Q4"]
    assert picture.report_nl.startswith("<!doctype html>")
    assert 'lang="en"' in picture.report_en
    assert Refresh.objects.get().state == State.DONE


def test_no_answer_of_one_person_is_in_the_picture(cast, closed_round, django_capture_on_commit_callbacks):
    _ask(cast, django_capture_on_commit_callbacks)
    assert min(score["n"] for unit in Picture.objects.get().release["units"] for score in unit["scores"]) >= 5


def test_nothing_to_study_is_said(cast, teams, django_capture_on_commit_callbacks):
    _ask(cast, django_capture_on_commit_callbacks)
    assert queries.standing(cast.organisation).nothing
    assert not Picture.objects.exists()


def test_many_reasons_wait_as_one(cast, closed_round, waiting):
    for _ in range(3):
        services.ask(cast.organisation)
    assert Refresh.objects.count() == 1


def test_a_failed_refresh_leaves_the_last_good_picture(
    cast, closed_round, monkeypatch, django_capture_on_commit_callbacks
):
    _ask(cast, django_capture_on_commit_callbacks)
    good = Picture.objects.get()

    def fails(*_args):
        raise bv.BevlogenError("No such thing. Mend it.")

    monkeypatch.setattr(workspace, "write", fails)
    _ask(cast, django_capture_on_commit_callbacks)
    standing = queries.standing(cast.organisation)
    assert standing.picture == good
    assert standing.failed.fault == "No such thing. Mend it."


def test_pictures_made_one_after_another_remember_each_other(cast, closed_round, django_capture_on_commit_callbacks):
    for _ in range(2):
        _ask(cast, django_capture_on_commit_callbacks)
    ledger = intake.folder_of(cast.organisation) / study.LEDGER
    assert len(ledger.read_text(encoding="utf-8").splitlines()) == 1
    assert Picture.objects.count() == 2


def test_a_ledger_that_was_taken_away_stops_new_pictures(cast, closed_round, django_capture_on_commit_callbacks):
    _ask(cast, django_capture_on_commit_callbacks)
    good = Picture.objects.get()
    (intake.folder_of(cast.organisation) / study.LEDGER).unlink()
    _ask(cast, django_capture_on_commit_callbacks)
    standing = queries.standing(cast.organisation)
    assert standing.picture == good
    assert standing.failed.fault.startswith("The ledger of releases misses releases.jsonl. Nothing was released.")


def test_what_was_not_foreseen_does_not_seem_to_run_on(cast, closed_round, waiting, monkeypatch):
    def fails(*_args):
        raise ZeroDivisionError

    monkeypatch.setattr(workspace, "write", fails)
    services.ask(cast.organisation)
    with pytest.raises(ZeroDivisionError):
        study.run_waiting(cast.organisation)
    assert Refresh.objects.get().state == State.FAILED


def test_what_was_cut_off_is_seen_and_tried_again(cast, closed_round, django_capture_on_commit_callbacks):
    Refresh.objects.create(organisation=cast.organisation, state=State.RUNNING)
    study.run_waiting(cast.organisation)
    assert Refresh.objects.get().fault == CUT_OFF
    with django_capture_on_commit_callbacks(execute=True):
        assert services.ask_where_new() == [cast.organisation.pk, cast.other.pk]
    assert queries.standing(cast.organisation).picture is not None


def test_two_workers_do_not_run_one_study(cast, closed_round, waiting):
    services.ask(cast.organisation)
    with study._lock(cast.organisation) as held:
        assert held
        study.run_waiting(cast.organisation)
    assert Refresh.objects.get().state == State.WAITING


def test_new_data_asks_for_a_refresh_and_no_new_data_does_not(cast, closed_round, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        services.ask_where_new()
    assert services.ask_where_new() == []
    figure = Figure("tram-01", "2025-Q4", "absence", 3.0, 90.0)
    intake.deliver_figures(cast.organisation, [figure], Origin.of(b"figures"))
    assert services.ask_where_new() == [cast.organisation.pk]


def test_old_pictures_are_forgotten(cast, closed_round, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(study, "PICTURES_KEPT", 2)
    for _ in range(3):
        _ask(cast, django_capture_on_commit_callbacks)
    assert Picture.objects.count() == 2
    assert Picture.objects.filter(current=True).count() == 1


def test_asking_by_hand_is_in_the_log(cast, closed_round, waiting):
    services.ask(cast.organisation, by=cast.user(Role.DIRECTOR))
    assert cast.organisation.audit_entries.filter(verb="steering picture asked for").exists()
