"""Asking by mail, counting, and the nightly shuffle."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bevlogen_web.feedback import answers, links, mailing, services, tasks
from bevlogen_web.feedback.models import Asked, Comment, NoMail, Outgoing, Reason, Refusal, Response
from bevlogen_web.feedback.services import Contact, Mailing

from .conftest import THREE, Visitor


@pytest.fixture
def ask(cast, unit, version):
    def send(*addresses: str, **more: str) -> Mailing:
        contacts = [Contact(unit, address, **more) for address in addresses]
        return services.ask_by_mail(cast.organisation, contacts, by=None)

    return send


def test_customer_gets_a_link_that_works_once(ask, smtp):
    ask("anna@example.org", language="en-gb")
    tasks.send_mail.call()
    text = smtp[0].get_content()
    customer = Visitor(re.search(r"/f/([^/]+)/\s", text)[1])
    customer.send(customer.proof(), **THREE)
    assert "answered already" in customer.look().content.decode()
    assert Response.objects.count() == 1


def test_mail_can_be_stopped_with_one_click(ask, smtp, cast):
    ask("anna@example.org")
    tasks.send_mail.call()
    assert smtp[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.search(r"/f/stop/.+/", smtp[0]["List-Unsubscribe"])[0]
    Visitor("x").client.post(path, {"List-Unsubscribe": "One-Click"})
    assert services.wants_no_mail(cast.organisation, "anna@example.org")


def test_address_is_gone_when_the_mail_is_sent(ask, smtp):
    ask("anna@example.org")
    tasks.send_mail.call()
    assert Outgoing.objects.count() == 0
    assert b"anna" not in _everything_kept()


def test_mail_that_fails_waits(ask, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask("anna@example.org")
    tasks.send_mail.call()
    assert Outgoing.objects.count() == 1


def test_address_is_left_alone_for_a_month(ask):
    assert ask("anna@example.org") == Mailing(1, 0, 0, 0)
    assert ask("Anna@example.org") == Mailing(0, 0, 1, 0)


def test_address_is_asked_again_after_its_rest(ask):
    ask("anna@example.org")
    Asked.objects.update(until=timezone.localdate() - timedelta(days=1))
    assert ask("anna@example.org") == Mailing(1, 0, 0, 0)


def test_contact_that_was_sent_before_is_known(ask):
    ask("anna@example.org", code="17")
    assert ask("bert@example.org", code="17") == Mailing(0, 0, 0, 1)


def test_who_wants_no_mail_gets_none(ask, cast):
    NoMail.objects.create(
        organisation=cast.organisation, hash=links.address_hashes(cast.organisation.pk, "anna@example.org")[0]
    )
    assert ask("anna@example.org") == Mailing(0, 1, 0, 0)


def test_file_of_a_windows_sheet_is_read(cast, unit):
    content = "unit;email;language;contact\r\ntram-3;anna@example.org;nl;café\r\n".encode("cp1252")
    contacts, faults = mailing.read(cast.organisation, content)
    assert contacts == [Contact(unit, "anna@example.org", None, "nl", "café")]
    assert faults == []


def test_every_fault_of_a_file_is_named_at_once(cast, unit):
    _, faults = mailing.read(cast.organisation, b"unit,email,language\nbus,x,fr\ntram-3,a@example.org,nl\ntram-3,y,\n")
    assert [fault.row for fault in faults] == [2, 2, 2, 4]


def test_file_without_names_of_columns_is_refused(cast):
    _, faults = mailing.read(cast.organisation, b"tram-3,a@example.org\n")
    assert [fault.row for fault in faults] == [1, 1]


def test_refusals_add_up_by_day(db):
    answers.refuse(Reason.FORGED)
    answers.refuse(Reason.FORGED)
    assert Refusal.objects.get().n == 2


def test_shuffle_changes_no_row(visitor):
    proof = visitor.proof()
    visitor.send(proof, **THREE)
    visitor.send(proof, page="1", cus_comment="Fine")
    before = list(Response.objects.values()), list(Comment.objects.values())
    answers.shuffle(timezone.localdate() + timedelta(days=1))
    assert (list(Response.objects.values()), list(Comment.objects.values())) == before


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite keeps these rows in order of their random key")
def test_shuffle_orders_rows_by_key_and_ends_shared_transactions(mailed, visitor):
    for one in (visitor, visitor, visitor, mailed):
        one.send(one.proof(), **THREE)
    answers.shuffle(timezone.localdate() + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM feedback_response ORDER BY ctid")
        keys = [row[0] for row in cursor.fetchall()]
    assert keys == sorted(keys)


def _everything_kept() -> bytes:
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name.startswith("feedback_")]
        kept = b""
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            kept += repr(cursor.fetchall()).encode()
    return kept
