"""A release cut into sheets, so that a page reads what it shows and no more, however large the organisation is.

``head``: everything but units. ``unit``: all of one unit, with what is hidden of it. ``tree``: the units by name.
``map``: the places of units. ``heat``: the last figure of each unit on each construct. ``bell``: what moved more than
chance. ``move``: what moving a lever may bring (``whatif``). All else follows from the released figures alone.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import bevlogen as bv

Kind = Literal["head", "unit", "tree", "map", "heat", "bell", "move", "own", "said"]
Document = Mapping[str, Any]

ALARM = 0.05  # of the alarms at most this share is chance, over all series together
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
    yield Cut("head", "", {k: v for k, v in document.items() if k not in ("units", "suppressed", "voices")})
    yield Cut("tree", "", [_node(unit) for unit in units])
    yield Cut("map", "", [_place(unit) for unit in units if unit["position"] is not None])
    yield Cut("heat", "", _heat(document, hidden))
    control = _control(document)
    yield Cut("bell", "", _bell(control))
    for unit in units:
        key = unit["key"]
        yield Cut("unit", key, {**unit, "suppressed": hidden.get(key, []), "control": control.get(key, {})})


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
    order = {key: i for i, key in enumerate((*bv.CONSTRUCTS, *bv.FACETS))}
    columns = sorted(
        (c for c in document["constructs"] if c["key"] in last), key=lambda c: order.get(c["key"], len(order))
    )
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


def _control(document: Document) -> dict[str, dict[str, Any]]:
    """Limits of the newest figure of every series, by unit and construct."""
    series = [
        (unit["key"], name, {one["period"]: one for one in found})
        for unit in document["units"]
        for name, found in _series(unit).items()
    ]
    if not series:
        return {}
    periods = document["periods"]
    values = [[by[p]["value"] if p in by else math.nan for p in periods] for _, _, by in series]
    steps = [max(one["step"] for one in by.values()) for _, _, by in series]
    found = bv.models.control.charts(values, step=steps)
    out: dict[str, dict[str, Any]] = {}
    for i, (unit, name, _) in enumerate(series):
        if found.newest[i] >= 0:
            out.setdefault(unit, {})[name] = {
                "period": periods[found.newest[i]],
                "value": values[i][found.newest[i]],
                "centre": float(found.centre[i]),
                "low": float(found.low[i]),
                "high": float(found.high[i]),
                "q": float(found.q_value[i]),
            }
    return out


def _series(unit: Document) -> dict[str, list[dict[str, Any]]]:
    """Shown figures of a unit by construct, with what each was rounded to."""
    out: dict[str, list[dict[str, Any]]] = {}
    for score in unit["scores"]:
        step = score.get("step") or _third_digit(score["mean"])
        out.setdefault(score["construct"], []).append({"period": score["period"], "value": score["mean"], "step": step})
    for result in unit["results"]:
        one = {"period": result["period"], "value": result["value"], "step": _third_digit(result["value"])}
        out.setdefault(result["measure"], []).append(one)
    return out


def _third_digit(value: float) -> float:
    """Size of the third significant digit."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - 2) if value else 0.0


def _bell(control: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What moved more than chance, the surest first, and how many series were watched."""
    rung = [
        {"unit": unit, "construct": name, **one}
        for unit, by_name in control.items()
        for name, one in by_name.items()
        if one["q"] < ALARM
    ]
    return {"watched": sum(len(one) for one in control.values()), "alarms": sorted(rung, key=lambda a: a["q"])}
