"""What machines see: health, counts, log lines, and the clock."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils.module_loading import import_string

from bevlogen_web.accounts.models import Role
from bevlogen_web.config import logs, schedule
from bevlogen_web.config.views import operations

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_health_is_ok(client, db):
    assert client.get("/health").json() == {"status": "ok"}


def test_health_is_503_without_a_database(client, db, monkeypatch):
    class Gone:
        def cursor(self):
            raise OperationalError

    monkeypatch.setattr(operations, "connection", Gone())
    assert client.get("/health").status_code == 503


def test_counts_go_by_route_and_not_by_address(cast, client):
    cast.client(Role.ADMINISTRATOR).get(f"/o/here/colleagues/{cast.members[Role.ANALYST].pk}/")
    counts = client.get("/metrics").content.decode()
    assert 'route="o/<slug:slug>/colleagues/<int:number>/"' in counts
    assert "here/colleagues" not in counts


def test_counts_need_the_token_where_there_is_one(client, settings):
    settings.METRICS_TOKEN = "token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer token"}).status_code == 200


def test_request_is_logged_by_route(cast, caplog):
    caplog.set_level(logging.INFO, "bevlogen_web.request")
    cast.client(Role.ANALYST).get("/o/here/")
    assert caplog.messages[-1].startswith("GET o/<slug:slug>/ 200")


@pytest.mark.parametrize("path", ["/a/", "/a/secret-code", "/f/token"])
def test_respondents_leave_no_line(client, db, caplog, path):
    caplog.set_level(logging.INFO)
    client.get(path)
    assert [record for record in caplog.records if record.name == "bevlogen_web.request"] == []


def test_counts_do_not_show_when_an_employee_answers(client, db):
    client.get("/metrics")
    before = client.get("/metrics").content.decode().count("none")
    client.get("/a/secret-code")
    assert client.get("/metrics").content.decode().count("none") == before


def test_line_of_other_software_drops_its_arguments():
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Not Found: %s", ("/a/secret",), None)
    assert json.loads(logs.Line().format(record))["message"] == "Not Found: %s"


def test_line_of_an_error_drops_its_message():
    try:
        raise ValueError("ada@stad.example")
    except ValueError as error:
        record = logging.LogRecord("django", logging.ERROR, "", 0, "x", (), (ValueError, error, error.__traceback__))
    line = logs.Line().format(record)
    assert json.loads(line)["error"] == "ValueError"
    assert "ada@" not in line
    sentence = logs.Sentence().format(record)
    assert re.fullmatch(r"\d\d:\d\d error: x \(ValueError in test_line_of_an_error_drops_its_message:\d+\)", sentence)


@pytest.fixture
def handed(monkeypatch, settings):
    """Tasks that the clock handed on, by name."""
    names = []

    class Task:
        def enqueue(self):
            names.append("hourly")

    monkeypatch.setattr(schedule, "import_string", lambda path: Task())
    settings.SCHEDULE = {"hourly": ("some.task", timedelta(hours=1))}
    return names


def test_clock_hands_a_task_on_when_its_time_has_come(db, handed):
    schedule.tick(NOON)
    schedule.tick(NOON + timedelta(minutes=59))
    assert handed == []
    schedule.tick(NOON + timedelta(minutes=60))
    schedule.tick(NOON + timedelta(minutes=61))
    assert handed == ["hourly"]


@pytest.mark.parametrize("path", [path for path, _ in settings.SCHEDULE.values()])
def test_scheduled_task_runs(db, path):
    assert import_string(path).call() is None
