"""A release cut into sheets, so that a page reads what it shows and no more, however large the organisation is.

``head``: everything but units. ``unit``: all of one unit, with what is hidden of it. ``tree``: the units by name.
``map``: the places of units. ``heat``: the last figure of each unit on each construct. Nothing is added to the release.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["head", "unit", "tree", "map", "heat"]
Document = Mapping[str, Any]

STEPS = (0.25, 0.75)  # in spreads of the shown units: nearer to the middle is "middle", farther than both is "far"


@dataclass(frozen=True, slots=True)
class Cut:
    """One sheet: its kind, the unit it is about ("" for the whole), and what it says."""

    kind: Kind
    key: str
    body: Any


def cut(document: Document) -> Iterator[Cut]:
    """Cut a stored release into sheets.

    Parameters
    ----------
    document : a release as ``bevlogen-steering/1``.
    """
    units = document["units"]
    hidden: dict[str, list[Document]] = {}
    for gone in document["suppressed"]:
        hidden.setdefault(gone["unit"], []).append(gone)
    yield Cut("head", "", {k: v for k, v in document.items() if k not in ("units", "suppressed")})
    yield Cut("tree", "", [_node(unit) for unit in units])
    yield Cut("map", "", [_place(unit) for unit in units if unit["position"] is not None])
    yield Cut("heat", "", _heat(document, hidden))
    for unit in units:
        yield Cut("unit", unit["key"], {**unit, "suppressed": hidden.get(unit["key"], [])})


def _node(unit: Document) -> list[Any]:
    return [unit["key"], unit["name"], unit["parent"], unit["service"], unit["level"]]


def _place(unit: Document) -> list[Any]:
    """Key, and estimate, low and high of employership and of service; the number of respondents."""
    at = unit["position"]
    return [unit["key"], *_three(at["employership"]), *_three(at["service"]), at["n"]]


def _three(interval: Document) -> list[float | None]:
    return [interval["estimate"], interval["low"], interval["high"]]


def _heat(document: Document, hidden: Mapping[str, Sequence[Document]]) -> dict[str, Any]:
    """Rows as in the tree; a cell is a figure, the rule that hides it, or null; ``tones`` is its colour, -2 to 2.

    Of each construct one period is compared: the last in which any unit is shown.
    """
    rank = {period: i for i, period in enumerate(document["periods"])}
    last: dict[str, str] = {}
    for unit in document["units"]:
        for name, shown in (("construct", unit["scores"]), ("measure", unit["results"])):
            for one in shown:
                if rank[one["period"]] >= rank.get(last.get(one[name], ""), -1):
                    last[one[name]] = one["period"]
    columns = [c for c in document["constructs"] if c["key"] in last]
    place = {c["key"]: i for i, c in enumerate(columns)}
    rows = [_row(unit, hidden.get(unit["key"], ()), last, place) for unit in document["units"]]
    tones = _tones(rows, [c["higher_is_better"] for c in columns])
    keys = [c["key"] for c in columns]
    return {
        "columns": keys,
        "periods": [last[key] for key in keys],
        "units": [u["key"] for u in document["units"]],
        "cells": [row[0] for row in rows],
        "people": [row[1] for row in rows],
        "tones": tones,
    }


_Row = tuple[list[float | str | None], list[float | None]]


def _row(unit: Document, hidden: Sequence[Document], last: Mapping[str, str], place: Mapping[str, int]) -> _Row:
    cells: list[float | str | None] = [None] * len(place)
    people: list[float | None] = [None] * len(place)
    for gone in hidden:
        if last.get(gone["construct"]) == gone["period"]:
            cells[place[gone["construct"]]] = gone["rule"]
    for score in unit["scores"]:
        if last[score["construct"]] == score["period"]:
            cells[place[score["construct"]]], people[place[score["construct"]]] = score["mean"], score["n"]
    for result in unit["results"]:
        if last[result["measure"]] == result["period"]:
            cells[place[result["measure"]]] = result["value"]
    return cells, people


def _tones(rows: Sequence[_Row], higher_is_better: Sequence[bool]) -> list[list[int]]:
    """Colour of each cell by its distance from the middle unit, in spreads of the shown units; good is positive."""
    tones = [[0] * len(higher_is_better) for _ in rows]
    for column, better in enumerate(higher_is_better):
        known = [(i, v) for i, (row, _) in enumerate(rows) if isinstance(v := row[column], int | float)]
        if len(known) < 3:
            continue
        values = [v for _, v in known]
        middle, spread = statistics.median(values), statistics.pstdev(values)
        for i, value in known:
            far = sum(abs(value - middle) > step * spread for step in STEPS) if spread > 0 else 0
            tones[i][column] = far if (value > middle) == better else -far
    return tones
