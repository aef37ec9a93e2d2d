"""The standing cast of the web tests, a real browser, and checks that hold for every page."""

from dataclasses import dataclass

import pytest
from django.test import Client

from bevlogen_web.accounts import services
from bevlogen_web.accounts.models import Membership, Organisation, Role, User

PASSWORD = "a-long-enough-pass-phrase"


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
    user = User.objects.create_user(email, PASSWORD, name=f"{organisation.name} {role.label}")
    return services.add_member(organisation, user, role, by=None)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client
