"""Keys of integrations: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets

from django.utils import timezone

from bevlogen_web.intake.models import Token

PREFIX = "bevlogen_"


def make() -> str:
    """Make a key of 256 bits; the prefix lets tools that look for leaked keys know it."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    """Give what is kept of a key. It is long and random, so one plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def find(key: str) -> Token | None:
    """Give the token of a key, and note the day of its use; None if there is none (any more)."""
    token = Token.objects.select_related("organisation").filter(hash=hashed(key)).first()
    today = timezone.localdate()
    if token is not None and token.last_used != today:
        Token.objects.filter(pk=token.pk).update(last_used=today)
    return token
