"""A unit with a way to ask about it, and nothing remembered from the test before."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bevlogen_web.feedback import cards, limits, links, services
from bevlogen_web.feedback.models import Kind
from bevlogen_web.instruments import ours
from bevlogen_web.instruments.models import Version
from bevlogen_web.organisation.models import Unit

THREE = {"cus_conduct": "5", "cus_craft": "4", "cus_satisfied": "5"}


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cards.forget()
    limits.forget()


@pytest.fixture
def unit(cast) -> Unit:
    return Unit.objects.create(organisation=cast.organisation, key="tram-3", name="Tram 3")


@pytest.fixture
def version(db) -> Version:
    ours.load()
    return Version.objects.get(instrument__key="customer-encounter", state="published")


@pytest.fixture
def tap_version(version) -> Version:
    return Version.objects.get(instrument__key="encounter-tap", state="published")


@pytest.fixture
def open_channel(cast, unit, version):
    """Make a way to ask about the unit: ``open_channel(Kind.POSTER)``."""
    return lambda kind, asked=None: services.open_channel(
        cast.organisation, unit, asked or version, kind, None, by=None
    )


@pytest.fixture
def poster(open_channel):
    return open_channel(Kind.POSTER)


class Visitor:
    """A browser at one link, without cookies."""

    def __init__(self, token: str) -> None:
        self.path = f"/f/{token}/"
        self.client = Client(headers={"accept-language": "en"})

    def look(self, part: str = ""):
        return self.client.get(self.path + part)

    def proof(self, part: str = "") -> str:
        return re.search(r'name="proof" value="([^"]+)"', self.look(part).content.decode())[1]

    def send(self, proof: str, part: str = "", **fields: str):
        return self.client.post(
            self.path + part,
            "&".join(f"{name}={value}" for name, value in {"proof": proof, **fields}.items()),
            content_type="application/x-www-form-urlencoded",
        )


@pytest.fixture
def visitor(poster) -> Visitor:
    return Visitor(links.link_to(poster.key))


@pytest.fixture
def mailed(open_channel) -> Visitor:
    """Somebody with a link for one contact."""
    return Visitor(links.link_for_contact(open_channel(Kind.MAIL).key, timezone.localdate() + timedelta(days=1)))
