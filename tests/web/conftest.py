"""The standing cast of the web tests, a real browser, and checks that hold for every page."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.test import Client
from django.utils import translation

from bevlogen_web.accounts import services
from bevlogen_web.accounts.models import Membership, Organisation, Role, User
from bevlogen_web.config import environment

PASSWORD = "a-long-enough-pass-phrase"

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

HERE = Path(__file__).parent
# ``database`` makes an installation of its own on the PostgreSQL that is given.
STORES = {"db", "transactional_db", "database"}


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL run what stores or asks something: all else says there what it said on SQLite, a minute before."""
    if not os.environ.get("BEVLOGEN_TEST_DATABASE_URL"):
        return
    left = [item for item in items if HERE in item.path.parents and not _stores(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _stores(item):
    return bool(STORES & set(item.fixturenames)) or item.get_closest_marker("django_db") is not None


@dataclass(frozen=True, slots=True)
class Cast:
    """One organisation with a user per role, and a stranger who administers another organisation."""

    organisation: Organisation
    other: Organisation
    members: dict[Role, Membership]
    stranger: Membership

    def client(self, role: Role) -> Client:
        """A browser in which the user with this role is signed in."""
        return _signed_in(self.members[role].user)

    def stranger_client(self) -> Client:
        """A browser in which the administrator of the other organisation is signed in."""
        return _signed_in(self.stranger.user)

    def user(self, role: Role) -> User:
        return self.members[role].user


@pytest.fixture(autouse=True)
def no_releases_before():
    """Organisations of other tests had the same number; what was released of them is not of this one."""
    for path in settings.DATA.glob("organisations/*/releases.*"):
        path.unlink()


@pytest.fixture(autouse=True)
def no_language_before():
    """A page that another test asked for leaves its language behind in the thread."""
    translation.deactivate()


@pytest.fixture
def cast(db) -> Cast:
    """Organisation ``here`` with every role, organisation ``there`` with a stranger."""
    here = Organisation.objects.create(name="Hier", slug="here", language="nl")
    there = Organisation.objects.create(name="Daar", slug="there", language="en-gb")
    members = {role: _member(here, f"{role}@here.example", role) for role in Role}
    return Cast(here, there, members, _member(there, "stranger@there.example", Role.ADMINISTRATOR))


@pytest.fixture
def anonymous() -> Client:
    """A browser in which nobody is signed in."""
    return Client()


def _member(organisation: Organisation, email: str, role: Role) -> Membership:
    user = services.make_account(email, PASSWORD, name=f"{organisation.name} {role.label}")
    return services.add_member(organisation, user, role, by=None)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def browser_page(chromium, live_server, transactional_db, request):
    """Open pages of the live server: ``browser_page(Role.X, phone=True, dark=True, language="en-gb")``.

    Without a role nobody is signed in; with one, the cast is there too. Addresses are relative: ``page.goto("/")``.
    """
    contexts = []

    def open_page(role: Role | None = None, *, phone: bool = False, dark: bool = False, language: str = "nl"):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            locale=language,
        )
        contexts.append(context)
        if role is not None:
            session = request.getfixturevalue("cast").client(role).cookies["bevlogen_session"].value
            context.add_cookies([{"name": "bevlogen_session", "value": session, "url": live_server.url}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


class _Postbox:
    """Keeps every message an SMTP server is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def smtp(settings, port) -> Iterator[list[EmailMessage]]:
    """A real mail server on this machine; the list fills with what it was given."""
    postbox = _Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    for name, value in environment.mail(f"smtp://127.0.0.1:{port}?tls=no", Path()).items():
        setattr(settings, name, value)
    yield postbox.messages
    controller.stop()
