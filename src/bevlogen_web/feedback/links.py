"""What stands in links and forms: signed, without personal data, and readable without the database.

A *link* carries the key of its channel and, when it was mailed after one contact, a code for that contact and the last
day it works. A *form* carries a proof that it was drawn here: which channel, version, when, and a random part from
which the key of the answer's row follows; so the same form sent twice can make only one row.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

_LINK = signing.Signer(salt="bevlogen.feedback.link", sep=".")
_FORM = signing.Signer(salt="bevlogen.feedback.form", sep=".")
_STOP = signing.Signer(salt="bevlogen.feedback.stop", sep=".")
_MAX = 2**63 - 1

FORM_VALID = 12 * 3600  # seconds


class ForgedError(Exception):
    """A link or form was not made here, or was damaged on its way."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: the key of a channel; for one contact also its code and the last day."""

    channel: str
    contact: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What a form proves: the key of the channel, the version, when it was drawn (seconds), and its random part."""

    channel: str
    version: int
    drawn: int
    nonce: str

    @property
    def too_old(self) -> bool:
        """Whether it was open for so long that somebody may have stored it."""
        return not 0 <= time.time() - self.drawn + 60 <= FORM_VALID + 60

    def row(self, part: str = "") -> int:
        """Give the key of the row this form makes; ``part`` tells several rows of one form apart."""
        return number_of("row", f"{self.nonce}~{part}")


def number_of(kind: str, text: str) -> int:
    """Give 1 to 2**63 - 1 out of a text, by a keyed hash: the same for the same text, and saying nothing about it."""
    digest = salted_hmac(f"bevlogen.feedback.{kind}", text, algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) % _MAX + 1


def address_hashes(organisation: int, email: str) -> list[str]:
    """Give the keyed hash of an address; the first is that of the key in use, the others of keys before it."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    salt = f"bevlogen.feedback.no-mail.{organisation}"
    return [salted_hmac(salt, email.lower(), secret=key, algorithm="sha256").hexdigest() for key in keys]


def link_to(channel: str) -> str:
    """Make the link of a channel, for as many people as want."""
    return _LINK.sign(channel)


def link_for_contact(channel: str, until: date) -> str:
    """Make a link for one contact, with a code that is kept nowhere."""
    return _LINK.sign(f"{channel}~{secrets.token_urlsafe(12)}~{until.toordinal():x}")


def read_link(token: str) -> Link:
    """Read a link.

    Raises
    ------
    ForgedError
        If it was not made here.
    """
    channel, *contact = _opened(_LINK, token).split("~")
    return Link(channel, contact[0], date.fromordinal(int(contact[1], 16))) if contact else Link(channel)


def new_form(channel: str, version: int) -> str:
    """Make the proof that goes into a form."""
    return _FORM.sign(f"{channel}~{version}~{int(time.time())}~{secrets.token_urlsafe(12)}")


def read_form(proof: str, channel: str) -> Form:
    """Read the proof of a form that was sent to a channel.

    Raises
    ------
    ForgedError
        If it was not made here, or for another channel.
    """
    named, version, drawn, nonce = _opened(_FORM, proof).split("~")
    if named != channel:
        raise ForgedError
    return Form(named, int(version), int(drawn), nonce)


def stop_link(organisation: int, address_hash: str) -> str:
    """Make the link by which somebody ends all mail of an organisation."""
    return _STOP.sign(f"{organisation}~{address_hash}")


def read_stop_link(token: str) -> tuple[int, str]:
    """Give organisation and hashed address of a link that ends all mail.

    Raises
    ------
    ForgedError
        If it was not made here.
    """
    organisation, address_hash = _opened(_STOP, token).split("~")
    return int(organisation), address_hash


def _opened(signer: signing.Signer, token: str) -> str:
    try:
        return signer.unsign(token)
    except signing.BadSignature as error:
        raise ForgedError from error
