"""What a cell of text says: a number, a code or a date. Each different text of a batch is read once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Kind = Literal["text", "number", "when"]

BLANK = " \t\r\n\xa0"
MISSING = frozenset({"NA", "N/A", "NAN", "NULL", "#N/A", "#N/B"})
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}.*$", re.DOTALL)


class Mark(IntEnum):
    """What is to be said of a cell in a number column."""

    FINE = 0
    NO_NUMBER = 1
    COMMA = 2
    POINT = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A canonical column: text, number or date (``when``), from ``column`` of the file or the fixed text ``value``."""

    name: str
    kind: Kind
    column: str | None = None
    value: str | None = None


def number(text: str, comma: bool) -> tuple[float, Mark]:
    """Read a number with at most one decimal sign; NaN where there is none. A sign for thousands is never guessed.

    Examples
    --------
    >>> number("3,5", comma=True)[0], number("1.234,5", comma=True)[1].name
    (3.5, 'NO_NUMBER')
    """
    bare = text.strip(BLANK)
    if not bare or bare.upper() in MISSING:
        return math.nan, Mark.FINE
    if _NUMBER.fullmatch(bare) is None or ("," in bare and not comma):
        return math.nan, Mark.NO_NUMBER
    value = float(bare.replace(",", "."))
    if math.isinf(value):
        return math.nan, Mark.NO_NUMBER
    return value, Mark.COMMA if "," in bare else Mark.POINT if "." in bare else Mark.FINE


def code(text: str) -> str | None:
    """Return a text without blanks around it; None if nothing is left."""
    return text.strip(BLANK) or None


def when(text: str) -> str | None:
    """Return a date or period without its time of day."""
    return code(_TIME_OF_DAY.sub("", text.strip(BLANK)))


def typed(columns: dict[str, pa.DictionaryArray], cells: Sequence[Cell], line: pa.Array, comma: bool) -> pa.RecordBatch:
    """Return a batch under canonical names: numbers with their marks, codes and dates; rows that are all blank go.

    Parameters
    ----------
    columns : the columns of the file, each as codes of its different texts.
    comma : whether a comma may be a decimal sign.
    """
    fields: dict[str, pa.Array] = {"line": line}
    for cell in cells:
        if cell.column is None:
            texts, place = [cell.value or ""], np.zeros(len(line), dtype=np.int64)
        else:
            texts, place = _texts(columns[cell.column])
        if cell.kind == "number":
            read = [number(text, comma) for text in texts]
            fields[cell.name] = pa.array(np.array([value for value, _ in read])[place], from_pandas=True)
            fields[f"k_{cell.name}"] = pa.array(np.array([mark for _, mark in read], dtype=np.uint8)[place])
        else:
            clean = [when(text) if cell.kind == "when" else code(text) for text in texts]
            fields[cell.name] = pa.array(clean, pa.string()).take(pa.array(place))
    batch = pa.RecordBatch.from_pydict(fields)
    blank = _blank(columns, len(line))
    return batch.filter(pa.array(~blank)) if blank.any() else batch


def schema_of(cells: Sequence[Cell]) -> pa.Schema:
    """Columns of a batch that ``typed`` returns."""
    fields: list[tuple[str, Any]] = [("line", pa.int64())]
    for cell in cells:
        if cell.kind == "number":
            fields += [(cell.name, pa.float64()), (f"k_{cell.name}", pa.uint8())]
        else:
            fields.append((cell.name, pa.string()))
    return pa.schema(fields)


def _texts(column: pa.DictionaryArray) -> tuple[list[str], NDArray[Any]]:
    return [text or "" for text in column.dictionary.to_pylist()] or [""], column.indices.to_numpy()


def _blank(columns: dict[str, pa.DictionaryArray], rows: int) -> NDArray[np.bool_]:
    blank = np.ones(rows, dtype=bool)
    for column in columns.values():
        texts, place = _texts(column)
        blank &= np.array([code(text) is None for text in texts])[place]
    return blank
