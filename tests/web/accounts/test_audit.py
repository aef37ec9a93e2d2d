"""The log of what was done cannot be altered unnoticed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import AuditEntry, Organisation, Role


@pytest.fixture
def organisation(db) -> Organisation:
    made = Organisation.objects.create(name="Hier", slug="here")
    for number in range(1, 5):
        audit.record(made, None, "thing.changed", f"thing {number}")
    return made


@pytest.fixture
def unprotected(db):
    """The trigger taken away, as an administrator of the database could."""
    on_table = "" if connection.vendor == "sqlite" else " ON accounts_auditentry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_entries_stay{on_table}")


def test_entries_are_numbered_and_whole(organisation):
    assert list(organisation.audit_entries.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert audit.find_break(organisation) is None


def test_database_refuses_to_alter_an_entry(organisation):
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        AuditEntry.objects.filter(number=2).update(what="thing 9")


def test_altered_entry_is_found(organisation, unprotected):
    AuditEntry.objects.filter(number=2).update(what="thing 9")
    assert audit.find_break(organisation) == audit.Break(2, "it was altered")


def test_altered_and_sealed_entry_breaks_the_next(organisation, unprotected):
    entry = AuditEntry.objects.get(number=2)
    entry.what = "thing 9"
    AuditEntry.objects.filter(number=2).update(what="thing 9", hash=audit.seal(entry))
    assert audit.find_break(organisation) == audit.Break(3, "it does not follow from the entry before")


def test_removed_entry_is_found(organisation):
    AuditEntry.objects.filter(number=3).delete()
    assert audit.find_break(organisation) == audit.Break(3, "an entry is missing")


def test_cut_off_end_is_found_with_a_noted_head(organisation):
    noted = audit.head(organisation)
    AuditEntry.objects.filter(number=4).delete()
    assert audit.find_break(organisation) is None
    assert not audit.holds(organisation, noted)


def test_noted_head_holds_while_the_log_grows(organisation):
    noted = audit.head(organisation)
    audit.record(organisation, None, "thing.changed", "thing 5")
    assert audit.holds(organisation, noted)


def test_chain_stays_whole_when_a_person_is_erased(cast):
    cast.members[Role.ADMINISTRATOR].delete()
    audit.record(cast.organisation, cast.user(Role.ADMINISTRATOR), "thing.changed", "thing 1")
    cast.user(Role.ADMINISTRATOR).delete()
    assert audit.find_break(cast.organisation) is None


def test_command_says_the_log_is_whole(organisation):
    said = StringIO()
    call_command("check_audit", stdout=said)
    assert said.getvalue() == f"here: whole, 4 entries, head {audit.head(organisation)}\n"


def test_command_fails_on_a_broken_log(organisation):
    AuditEntry.objects.filter(number=3).delete()
    said = StringIO()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("check_audit", stdout=said)
    assert said.getvalue() == "here: broken at entry 3: an entry is missing.\n"


def test_command_fails_on_a_head_that_is_gone(organisation):
    noted = audit.head(organisation)
    AuditEntry.objects.filter(number=4).delete()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("check_audit", "--organisation", "here", "--head", noted, stdout=StringIO())


def test_page_shows_whether_the_chain_is_whole(cast):
    page = cast.client(Role.WORKS_COUNCIL).get("/o/here/log/", headers={"accept-language": "en-gb"})
    assert "The chain is whole." in page.content.decode()
