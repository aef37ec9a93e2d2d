"""Mail reaches everyone once per mailing, through a real server, and tells the server's log nothing but the address."""

import re
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.core import mail
from listening.rounds import answer, code_of

from bevlogen_web.accounts.models import Role
from bevlogen_web.listening import answering, codes, sending, services
from bevlogen_web.listening.answering import Standing
from bevlogen_web.listening.models import Invitation
from bevlogen_web.organisation.models import Employee

LINK = re.compile(r"http://localhost:8000/a/(\w{25})\?language=(nl|en-gb)")


class Inbox(Message):
    """Keeps what a mail server receives, and does not know one address."""

    def __init__(self):
        super().__init__()
        self.messages = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address.startswith("zuid0"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message):
        self.messages.append(message)


@pytest.fixture
def inbox(settings):
    """A mail server of our own on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = Inbox()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield handler
    server.stop()


def test_a_real_server_gets_one_mail_for_each(opened, inbox):
    assert sending.send(opened) == 15
    receivers = [message["To"] for message in inbox.messages]
    assert len(receivers) == len(set(receivers)) == 15


def test_every_link_opens_the_round_of_its_reader(opened, inbox):
    sending.send(opened)
    texts = [message.get_payload(decode=True).decode() for message in inbox.messages]
    sent = [LINK.search(text)[1] for text in texts]
    assert {answering.find(code).standing for code in sent} == {Standing.OPEN}
    assert len(set(sent)) == 15


def test_an_address_the_server_refuses_is_marked_for_paper(opened, inbox):
    sending.send(opened)
    assert [one.employee.key for one in Invitation.objects.filter(refused=True)] == ["zuid-0"]


def test_without_a_server_the_rest_stays_to_be_sent(opened, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(sending.MailServerError) as raised:
        sending.send(opened)
    assert str(raised.value) == ""
    assert raised.value.__suppress_context__
    assert Invitation.objects.filter(wave=0).count() == 16


def test_sending_again_mails_nobody_twice(opened):
    sending.send(opened)
    assert sending.send(opened) == 0
    assert len(mail.outbox) == 16


def test_a_mail_is_in_the_language_of_its_reader(opened):
    Employee.objects.filter(key="noord-0").update(language="en-gb")
    sending.send(opened)
    english = next(message for message in mail.outbox if message.to == ["noord0@people.example"])
    dutch = next(message for message in mail.outbox if message.to == ["noord1@people.example"])
    assert english.subject == "Your opinion counts: Najaar"
    assert "Nobody can see what you answered" in english.body
    assert dutch.subject == "Uw mening telt: Najaar"
    assert "Niemand kan zien wat u antwoordt" in dutch.body


def test_a_mail_names_nobody(opened):
    sending.send(opened)
    assert not any("Mens" in message.body for message in mail.outbox)


def test_a_reminder_goes_only_to_who_has_not_answered(opened, cast):
    sending.send(opened)
    answer(opened, code_of(opened, "noord-0"), e1=1)
    mail.outbox.clear()
    sending.send(services.remind(opened, cast.user(Role.DIRECTOR)))
    assert len(mail.outbox) == 15
    assert not any(message.to == ["noord0@people.example"] for message in mail.outbox)
    assert all(message.subject.startswith("Herinnering") for message in mail.outbox)


def test_nobody_is_reminded_while_the_first_mailing_is_under_way(opened, cast):
    with pytest.raises(services.TooOftenError):
        services.remind(opened, cast.user(Role.DIRECTOR))


def test_nobody_is_reminded_more_than_three_times(opened, cast):
    sending.send(opened)
    for _time in range(3):
        opened = services.remind(opened, cast.user(Role.DIRECTOR))
        sending.send(opened)
    with pytest.raises(services.TooOftenError):
        services.remind(opened, cast.user(Role.DIRECTOR))


def test_who_has_no_address_holds_nothing_up(opened):
    Employee.objects.filter(key="noord-0").update(email="")
    assert sending.send(opened) == 15
    assert Invitation.objects.filter(wave=0).count() == 0


def test_cards_do_not_tell_who_has_answered(opened, cast):
    Employee.objects.filter(unit__key="noord").update(email="")
    answer(opened, code_of(opened, "noord-0"), e1=1)
    cards = sending.cards(opened, cast.user(Role.ADMINISTRATOR))
    assert [card.name for card in cards] == [f"Mens noord {number}" for number in range(8)]


def test_the_card_of_who_is_done_says_so(opened, cast):
    Employee.objects.filter(key="noord-0").update(email="")
    answer(opened, code_of(opened, "noord-0"), e1=1)
    card = sending.cards(opened, cast.user(Role.ADMINISTRATOR))[0]
    assert answering.find(codes.read(card.code)).standing == Standing.USED
