"""How much one place may send: counted in memory only, never with an address that could be read back.

Each process of the server counts for itself, so with two of them the limits are twice as wide.
"""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.http import HttpRequest

WINDOW = 600  # seconds
MOST = 60  # forms per window, channel and address: a waiting room behind one connection stays far below
MOST_KIOSK = 240
_MOST_KEPT = 100_000

_lock = threading.Lock()
_counts: dict[int, int] = {}
_window = 0


def allows(request: HttpRequest, channel: str, most: int = MOST) -> bool:
    """Count one more from where the request comes, and say whether that is still within the limit."""
    global _window  # the state of this module is what it is for
    now = int(time.monotonic() // WINDOW)
    # Python's own hash is keyed at random per process: it cannot be turned back into an address elsewhere.
    place = hash((address(request), channel))
    with _lock:
        if now != _window or len(_counts) > _MOST_KEPT:
            _counts.clear()
            _window = now
        _counts[place] = _counts.get(place, 0) + 1
        return _counts[place] <= most


def forget() -> None:
    """Begin counting anew."""
    with _lock:
        _counts.clear()


def address(request: HttpRequest) -> str:
    """Give the address a request comes from, as the nearest trusted proxy saw it."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    return seen[-proxies] if proxies and len(seen) >= proxies else request.META.get("REMOTE_ADDR", "")
