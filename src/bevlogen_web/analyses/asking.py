"""Ways of asking: how answers from different sources to the same thing are put together.

Where a construct was asked in one way everywhere, its items stay items, and the study sees their reliability. Where it
was asked in several ways (other questions, another scale, another version), each form gets one score for it, on a
common scale, and the study compares those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COMMON_SCALE = (0.0, 10.0)


@dataclass(frozen=True, slots=True)
class Way:
    """How one source asks about one construct.

    Attributes
    ----------
    construct : key of the vocabulary, or a facet.
    table : ``answers`` (employees' forms) or ``interactions`` (contacts).
    items : names of the item columns.
    reverse : the items among them that count the other way.
    low, high : ends of the answer scale.
    min_answered : fewest items answered for a score.
    respondents : who answered.
    """

    construct: str
    table: str
    items: tuple[str, ...]
    reverse: frozenset[str]
    low: float
    high: float
    min_answered: int
    respondents: frozenset[str]

    def same_as(self, other: Way) -> bool:
        """Whether both ask the same questions on the same scale."""
        mine = (set(self.items), self.reverse, self.low, self.high)
        return mine == (set(other.items), other.reverse, other.low, other.high)


@dataclass(frozen=True, slots=True)
class Form:
    """Rows of one source: ``ways`` in which they ask, and the rows, by item name, with ``unit`` and ``date``."""

    table: str
    ways: tuple[Way, ...]
    rows: Sequence[Mapping[str, Any]] = field(default=())


@dataclass(frozen=True, slots=True)
class Asked:
    """How one construct goes into the study: its ways, and whether they differ.

    ``low`` and ``high`` are the ends of the scale of its score where the ways differ.
    """

    ways: tuple[Way, ...]
    mixed: bool
    low: float
    high: float

    @property
    def column(self) -> str:
        """Name of the column with its score, where the ways differ."""
        return f"score of {self.ways[0].construct}"

    def instrument(self) -> dict[str, Any]:
        """Write it for organisation.toml."""
        first = self.ways[0]
        told: dict[str, Any] = {"construct": first.construct, "table": first.table}
        told["respondents"] = sorted(frozenset[str]().union(*(way.respondents for way in self.ways)))
        told["range"] = [self.low, self.high]
        if self.mixed:
            return {**told, "items": [self.column], "options": 0, "min_answered": 1}
        items = [f"-{item}" if item in first.reverse else item for item in first.items]
        return {**told, "items": items, "min_answered": first.min_answered}


def together(ways: Iterable[Way]) -> dict[tuple[str, str], Asked]:
    """Put the ways of each table and construct together."""
    found: dict[tuple[str, str], list[Way]] = {}
    for way in ways:
        found.setdefault((way.table, way.construct), []).append(way)
    return {key: _asked(tuple(several)) for key, several in found.items()}


def _asked(ways: tuple[Way, ...]) -> Asked:
    mixed = not all(way.same_as(ways[0]) for way in ways)
    scales = {(way.low, way.high) for way in ways}
    low, high = scales.pop() if len(scales) == 1 else COMMON_SCALE
    return Asked(ways, mixed, low, high)


def score(row: Mapping[str, Any], way: Way, asked: Asked) -> float | None:
    """Give the mean of the items answered, each reversed item turned, on the common scale; None if too few."""
    given = [(item, row[item]) for item in way.items if row.get(item) is not None]
    if len(given) < max(way.min_answered, 1):
        return None
    turned = [way.low + way.high - value if item in way.reverse else value for item, value in given]
    mean: float = sum(turned) / len(given)
    return asked.low + (mean - way.low) / (way.high - way.low) * (asked.high - asked.low)


def flattened(form: Form, asked: Mapping[tuple[str, str], Asked]) -> tuple[list[str], list[dict[str, Any]]]:
    """Give the columns and rows of a form as the study takes them."""
    plain = [way for way in form.ways if not asked[way.table, way.construct].mixed]
    mixed = [(way, asked[way.table, way.construct]) for way in form.ways if asked[way.table, way.construct].mixed]
    items = list(dict.fromkeys(item for way in plain for item in way.items))
    carried = [name for name in ("employee", "customer", "service") if any(row.get(name) for row in form.rows)]
    columns = ["unit", "date", *carried, *items, *(one.column for _, one in mixed)]
    rows = [{**row, **{one.column: score(row, way, one) for way, one in mixed}} for row in form.rows]
    return columns, rows
