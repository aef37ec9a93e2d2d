"""Writes organisation.toml; Python's own library only reads TOML."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

Value = str | bool | int | float | Sequence["Value"] | Mapping[str, "Value"]


def document(sections: Mapping[str, Value]) -> str:
    """Write tables, lists of tables and values, in that order of the mapping; nested tables are written inline.

    Parameters
    ----------
    sections
        Top-level keys. A mapping becomes ``[key]``, a list of mappings becomes ``[[key]]`` for each.
    """
    blocks = []
    for key, value in sections.items():
        several = value if isinstance(value, list) and value and isinstance(value[0], Mapping) else None
        if several is not None:
            blocks += [f"[[{_key(key)}]]\n{_lines(one)}" for one in several if isinstance(one, Mapping)]
        elif isinstance(value, Mapping):
            blocks.append(f"[{_key(key)}]\n{_lines(value)}")
        else:
            blocks.insert(0, f"{_key(key)} = {written(value)}\n")
    return "\n".join(blocks)


def written(value: Value) -> str:
    """Write one value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {written(one)}" for key, one in value.items()) + " }"
    return "[" + ", ".join(written(one) for one in value) + "]"


def _lines(table: Mapping[str, Value]) -> str:
    return "".join(f"{_key(key)} = {written(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _text(key)


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but JSON leaves DEL as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
