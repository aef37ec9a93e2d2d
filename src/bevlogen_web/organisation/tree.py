"""The tree of units as lines of a nested list, ready to be drawn without recursion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bevlogen_web.organisation.models import Unit


@dataclass(frozen=True, slots=True)
class Line:
    """One unit in the list.

    Attributes
    ----------
    unit : the unit.
    depth : 0 at the top.
    below : number of units below it, at any depth.
    people : people in the unit and all below.
    closes : as many lists end after this line; a sequence, because a template can walk along one.
    """

    unit: Unit
    depth: int
    below: int
    people: int
    closes: range


def lines(units: Iterable[Unit]) -> list[Line]:
    """Put units in the order of the tree; a unit whose parent is not among them stands at the top.

    Parameters
    ----------
    units
        Units with ``people``, of ``queries.with_people``; those of one parent stay in the order they come in.
    """
    found = list(units)
    here = {unit.pk for unit in found}
    children: dict[int | None, list[Unit]] = {}
    for unit in found:
        children.setdefault(unit.parent_id if unit.parent_id in here else None, []).append(unit)
    order: list[tuple[Unit, int]] = []
    stack = [(unit, 0) for unit in reversed(children.get(None, []))]
    while stack:
        unit, depth = stack.pop()
        order.append((unit, depth))
        stack += [(child, depth + 1) for child in reversed(children.get(unit.pk, []))]
    return _counted(order)


def _counted(order: list[tuple[Unit, int]]) -> list[Line]:
    """Count from the bottom up: in this order all that lies below a unit follows it."""
    below: dict[int, int] = {}
    people: dict[int, int] = {}
    for unit, _depth in reversed(order):
        # people is added by the query, which the type of the model does not show
        people[unit.pk] = people.get(unit.pk, 0) + getattr(unit, "people", 0)
        if unit.parent_id is not None:
            below[unit.parent_id] = below.get(unit.parent_id, 0) + below.get(unit.pk, 0) + 1
            people[unit.parent_id] = people.get(unit.parent_id, 0) + people[unit.pk]
    depths = [depth for _unit, depth in order]
    return [
        Line(unit, depth, below.get(unit.pk, 0), people[unit.pk], range(max(0, depth - after)))
        for (unit, depth), after in zip(order, [*depths[1:], 0], strict=False)
    ]
