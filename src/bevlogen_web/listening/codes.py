"""Personal codes: made when they are sent, never stored, and known here only by a hash that opens a door.

A code has 125 bits. From it come three values that cannot be turned into each other or back: the gate (who was
invited), the place of a draft, and the key of that draft.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Crockford's base 32: no I, L, O or U, so that a code on paper is read in one way only.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 25
GROUP = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u00a0": None, "\u2011": None})
_TOP_63_BITS = 1


def make() -> str:
    """Make a code of 25 characters (125 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def written(code: str) -> str:
    """Give a code in groups of five, for paper."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read(text: str) -> str | None:
    """Give the code somebody typed or followed, or None if it cannot be one."""
    code = text.strip().upper().translate(_READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def gate(code: str) -> str:
    """Hash by which the invitation is found, in hexadecimal."""
    return _hash("gate", code).hex()


def draft_place(code: str) -> int:
    """Key of the row of the draft: 63 bits of a hash, so that its place says nothing of when it was begun."""
    return int.from_bytes(_hash("draft", code)[:8], "big") >> _TOP_63_BITS


def draft_key(code: str) -> bytes:
    """Give the 256-bit key of the draft (HKDF with SHA-256)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bevlogen draft").derive(code.encode())


def _hash(purpose: str, code: str) -> bytes:
    return hashlib.sha256(f"{purpose}|{code}".encode()).digest()
