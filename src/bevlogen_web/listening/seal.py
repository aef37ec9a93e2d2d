"""Sealing: letters with the round's key, drafts with a key that only the code gives. AES-256-GCM, one size per round.

The round's key lies in a file beside the database, never in it, and is destroyed when the round closes: letters in
older backups of the database can then never be opened again, by anyone.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from bevlogen_web.instruments.definition import Definition, questions
from bevlogen_web.instruments.forms import LONGEST_TEXT

KEY_BYTES = 32
NONCE_BYTES = 12
BYTES_PER_CHARACTER = 4  # at most, in UTF-8; an escaped character takes fewer
AROUND_AN_ANSWER = 8  # quotes, colon, comma and a number
AROUND_A_LETTER = 128  # brackets, names of parts and the number of the unit
_LENGTH_BYTES = 4


class KeyGoneError(Exception):
    """The key of a round is not there: the round was closed, or the folder of keys was not kept."""


def room(definition: Definition) -> int:
    """Give the size in bytes that the longest possible letter of a definition needs; every letter gets it."""
    return AROUND_A_LETTER + sum(
        len(question["key"]) + AROUND_AN_ANSWER + _longest(question) for _page, question in questions(definition)
    )


def _longest(question: Mapping[str, Any]) -> int:
    if question["kind"] == "open":
        return LONGEST_TEXT * BYTES_PER_CHARACTER
    if question["kind"] == "choice":
        return max(len(option["key"].encode()) for option in question["options"]) * 2
    return AROUND_AN_ANSWER


def close_up(content: Mapping[str, Any], key: bytes, size: int, context: str) -> bytes:
    """Seal content with a key, padded to ``size`` bytes; ``context`` must be given again to open it.

    Raises
    ------
    ValueError
        If the content does not fit, so that no size ever tells how much was written.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > size:
        raise ValueError("The content is larger than the room for it.")
    padded = len(text).to_bytes(_LENGTH_BYTES, "big") + text.ljust(size, b"\0")
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, padded, context.encode())


def unseal(sealed: bytes, key: bytes, context: str) -> dict[str, Any]:
    """Open what ``close_up`` sealed.

    Raises
    ------
    cryptography.exceptions.InvalidTag
        If the key or the context is another, or a byte was changed.
    """
    padded = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    content: dict[str, Any] = json.loads(padded[_LENGTH_BYTES : _LENGTH_BYTES + length])
    return content


def make_key() -> str:
    """Make the key of a round in a new file, for its owner only, and give the name of the file."""
    name = secrets.token_hex(16)
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    _settle(folder)
    return name


def key_of(name: str) -> bytes:
    """Read the key of a round.

    Raises
    ------
    KeyGoneError
        If there is none.
    """
    if not has_key(name):
        raise KeyGoneError
    return (_folder() / name).read_bytes()


def has_key(name: str) -> bool:
    """Whether the key of a round is there."""
    return bool(name) and (_folder() / name).is_file()


def destroy_key(name: str) -> None:
    """Overwrite the key of a round and delete its file; nothing happens when it is gone already."""
    if not has_key(name):
        return
    path = _folder() / name
    with path.open("r+b") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _settle(path.parent)


def keys_except(names: Iterable[str]) -> list[str]:
    """Give the names of all keys there are but these."""
    folder = _folder()
    kept = set(names)
    return sorted(path.name for path in folder.iterdir() if path.name not in kept) if folder.is_dir() else []


def age_of(name: str, now: float) -> float:
    """Seconds since a key was made."""
    return now - (_folder() / name).stat().st_mtime


def _folder() -> Path:
    return Path(settings.DATA) / "keys" / "rounds"


def _settle(folder: Path) -> None:
    """Write the folder itself to disk, so that a key that was made or destroyed stays so after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
