"""How far a long scan is: told to whoever listens, such as the bar of the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[float], None]

_listeners: list[Listener] = []
_spans: list[tuple[float, float]] = []


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` the share that is done (0 to 1) of every scan within this block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def is_heard() -> bool:
    """Whether anybody listens."""
    return bool(_listeners)


@contextmanager
def part_of(place: int, parts: int) -> Iterator[None]:
    """Count what is told within this block as one of so many equal parts of a scan."""
    _spans.append((place / parts, 1 / parts))
    try:
        yield
        tell(1.0)
    finally:
        _spans.pop()


def tell(share: float) -> None:
    """Say which share (0 to 1) is done."""
    share = min(max(share, 0.0), 1.0)
    for start, length in reversed(_spans):
        share = start + share * length
    for listener in tuple(_listeners):
        listener(share)
