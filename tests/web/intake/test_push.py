"""``bevlogen push`` against a running application."""

import pytest

from bevlogen.errors import BevlogenError, WorkspaceError
from bevlogen.sources.push import push
from bevlogen_web.accounts.models import Role
from bevlogen_web.intake import services
from bevlogen_web.intake.models import Delivery, Result, Scope
from bevlogen_web.organisation.models import Unit


@pytest.fixture
def key(transactional_db, cast) -> str:
    Unit.objects.create(organisation=cast.organisation, key="tram-01", name="Lijn 1")
    scopes = [Scope.SEND_RESULTS]
    return services.make_token(cast.organisation, "HR", scopes, by=cast.user(Role.ADMINISTRATOR))[1]


@pytest.fixture
def export(tmp_path):
    """A file as a Dutch spreadsheet writes it."""
    path = tmp_path / "verzuim.csv"
    path.write_bytes("unit;period;measure;value;exposure\r\ntram-01;2025-Q4;absence;3,5;100\r\n".encode("cp1252"))
    return path


def test_a_file_is_stored_and_again_is_the_same(live_server, key, export):
    first = push(export, "results", live_server.url, key)
    assert first.rows == 1
    assert push(export, "results", live_server.url, key) == first
    assert Result.objects.get().value == 3.5
    assert Delivery.objects.count() == 1


def test_faults_come_back_with_row_and_column(live_server, key, export):
    export.write_text("unit,period,measure,value\ntram-01,2025-Q4,absence,3\ntram-77,2025-Q4,absence,3\n")
    with pytest.raises(WorkspaceError) as error:
        push(export, "results", live_server.url, key)
    (fault,) = error.value.faults
    assert (fault.file, fault.row, fault.column) == ("verzuim.csv", 3, "unit")


def test_a_key_without_the_right_is_told_so(live_server, key, export):
    with pytest.raises(BevlogenError, match="interactions:write"):
        push(export, "interactions", live_server.url, key)


def test_a_key_never_travels_readable(export):
    with pytest.raises(BevlogenError, match="Use https"):
        push(export, "results", "http://bevlogen.example.org", "bevlogen_x")


def test_a_server_that_is_not_there_is_told(export):
    with pytest.raises(BevlogenError, match="Cannot reach"):
        push(export, "results", "http://127.0.0.1:9", "bevlogen_x")
