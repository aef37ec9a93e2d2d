"""The disclose room: the one gate between what was found and what is shown."""

from bevlogen.disclose.collected import audit
from bevlogen.disclose.gate import release
from bevlogen.disclose.policy import PolicyError

__all__ = ["PolicyError", "audit", "release"]
