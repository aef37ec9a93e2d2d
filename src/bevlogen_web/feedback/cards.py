"""What a process remembers of a channel, so that asking and answering need no query for it.

A card is read again after some seconds: so long a channel that was paused can still be answered.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.feedback.models import Channel, Kind, Place
from bevlogen_web.instruments.definition import Definition, languages
from bevlogen_web.instruments.models import Version

SECONDS = 20
_MOST = 10_000
_cards: dict[str, tuple[float, Card]] = {}


@dataclass(frozen=True, slots=True)
class Card:
    """A channel as its respondents need it."""

    key: str
    kind: Kind
    active: bool
    organisation: int
    organisation_name: str
    organisation_language: str
    unit: int
    unit_name: str
    service: int | None
    version: int
    places: tuple[str, ...]

    @property
    def returns(self) -> bool:
        """Whether the page goes back to the start by itself, for the next person."""
        return self.kind in (Kind.KIOSK, Kind.STAFF)


@dataclass(frozen=True, slots=True)
class Questions:
    """A version, which never changes once it is asked, and the languages it can be asked in."""

    definition: Definition
    languages: tuple[str, ...]


def card(key: str) -> Card | None:
    """Give the card of a channel, or None when there is none with this key."""
    known = _cards.get(key)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    found = Channel.objects.select_related("organisation", "unit").filter(key=key).first()
    if found is None:
        return None
    if len(_cards) > _MOST:
        _cards.clear()
    made = _made(found, found.organisation)
    _cards[key] = (time.monotonic() + SECONDS, made)
    return made


@lru_cache(maxsize=256)
def questions(version: int) -> Questions:
    """Give what a version asks."""
    definition = Version.objects.get(pk=version).definition
    return Questions(definition, tuple(languages(definition)))


def forget() -> None:
    """Read everything again at the next request of this process."""
    _cards.clear()
    questions.cache_clear()


def _made(channel: Channel, organisation: Organisation) -> Card:
    return Card(
        channel.key,
        Kind(channel.kind),
        channel.active,
        organisation.pk,
        organisation.name,
        organisation.language,
        channel.unit_id,
        channel.unit.name,
        channel.service_id,
        channel.version_id,
        tuple(Place.objects.filter(organisation=organisation).values_list("origin", flat=True)),
    )
