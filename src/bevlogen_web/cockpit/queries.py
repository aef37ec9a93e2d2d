"""Reading: the last good release, and of it no more than a page needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import Http404

import bevlogen as bv
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.models import Picture
from bevlogen_web.organisation import queries as organisations

MOST_BRANCHES = 40


@dataclass(frozen=True, slots=True)
class Node:
    """A unit by name, as the release names it."""

    key: str
    name: str
    parent: str | None
    service: str | None
    level: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the organisation a page is about: a unit of the release, and what lies directly below it."""

    node: Node
    is_whole: bool
    path: tuple[Node, ...]
    below: tuple[Node, ...]


def tree(picture: Picture) -> dict[str, Node]:
    """Give every unit by key, parents before what is below them."""
    return _tree(picture.pk, picture.made.isoformat(), picture)


@lru_cache(maxsize=8)
def _tree(_number: int, _made: str, picture: Picture) -> dict[str, Node]:
    return {row[0]: Node(*row) for row in analyses.sheet(picture, "tree")}


def top(picture: Picture) -> str:
    """Key of the unit that stands for the whole; the first at the top where none does."""
    root: str | None = analyses.sheet(picture, "head")["organisation"]["root"]
    nodes = tree(picture)
    if root in nodes:
        return str(root)
    return next((key for key, node in nodes.items() if node.level == 0), "")


def scope(picture: Picture, key: str) -> Scope | None:
    """Give the part of the organisation with a key ("" for the whole); None if the release does not know it."""
    nodes = tree(picture)
    whole = top(picture)
    node = nodes.get(key or whole)
    if node is None:
        return None
    path: list[Node] = []
    above = node.parent
    while above is not None and above in nodes:
        path.insert(0, nodes[above])
        above = nodes[above].parent
    below = tuple(one for one in nodes.values() if one.parent == node.key)
    return Scope(node, node.key == whole, tuple(path), below)


def is_shown(picture: Picture, key: str) -> bool:
    """Whether the release holds any figure of a unit."""
    sheet = analyses.unit_sheets(picture, [key]).get(key)
    return sheet is not None and bool(sheet["scores"] or sheet["results"])


def services(picture: Picture) -> list[tuple[str, str]]:
    """Give key and name of every service that a unit of the release belongs to.

    The name is that of the unit which is the service, else that of the service itself, else the key.
    """
    nodes = tree(picture)
    keys = dict.fromkeys(node.service for node in nodes.values() if node.service)
    unnamed = [key for key in keys if key not in nodes]
    offered = organisations.services_of(picture.organisation) if unnamed else ()
    own = {one.key: one.name for one in offered}
    return [(key, nodes[key].name if key in nodes else own.get(key, key)) for key in keys]


def unit_for(picture: Picture, part: str, service: str) -> str:
    """Key of the one released unit that is a service within a part; "" where there is no such unit, or more than one.

    Several units together are a group that no release has checked, so nothing is added up for them.
    """
    nodes = tree(picture)
    found = [node for node in nodes.values() if node.service == service and is_below(nodes, node.key, part)]
    tops = [node for node in found if node.parent is None or nodes[node.parent].service != service]
    return tops[0].key if len(tops) == 1 else ""


def release(
    picture: Picture, keys: Iterable[str], *, root: str, moves_of: str | None = None, upto: str = ""
) -> bv.Release:
    """Open the release with the figures of some units only; other units that it names are there by name.

    Parameters
    ----------
    picture : the stored picture.
    keys : units whose figures are wanted.
    root : unit that stands for the whole.
    moves_of : keep the first moves of this unit and what is below it; None keeps all.
    upto : last period whose figures are wanted; "" for all.
    """
    head = analyses.sheet(picture, "head")
    nodes = tree(picture)
    found = analyses.unit_sheets(picture, keys)
    sheets = {key: found[key] for key in nodes if key in found}  # in the order of the release
    periods = head["periods"]
    if upto in periods[:-1]:
        periods = periods[: periods.index(upto) + 1]
        sheets = {key: _until(sheet, frozenset(periods)) for key, sheet in sheets.items()}
    moves = [m for m in head["priorities"] if moves_of is None or is_below(nodes, m["unit"], moves_of)]
    about = moves_of or root
    warned = [
        {**one, "alarms": [a for a in one["alarms"] if is_below(nodes, a["unit"], about)]}
        for one in (head.get("warnings", ()) if periods == head["periods"] else ())
    ]
    named = (
        {m["unit"] for m in moves}
        | {a["unit"] for one in warned for a in one["alarms"]}
        | {instead for s in sheets.values() for gone in s["suppressed"] if (instead := gone.get("instead"))}
    )
    stubs = [_stub(nodes[key]) for key in named if key in nodes and key not in sheets]
    part: Mapping[str, Any] = {
        **head,
        "periods": periods,
        "priorities": moves,
        "voices": [
            {"unit": key, **{name: one[name] for name in ("period", "question", "words")}}
            for key, said in analyses.voices(picture, sheets).items()
            for one in reversed(said)
            if one["period"] in periods
        ],
        "actions": [
            a
            for a in head.get("actions", ())
            if moves_of is None or any(is_below(nodes, unit, moves_of) for unit in a["units"])
        ],
        "outlooks": head.get("outlooks", ()) if root == top(picture) and periods == head["periods"] else (),
        "warnings": warned,
        "units": [*sheets.values(), *stubs],
        "suppressed": [gone for s in sheets.values() for gone in s["suppressed"]],
    }
    return bv.reopen(part, root=root)


def _until(sheet: Mapping[str, Any], periods: frozenset[str]) -> dict[str, Any]:
    """Leave the figures after a period out."""
    lists = ("scores", "results", "suppressed")
    return {**sheet, **{name: [one for one in sheet[name] if one["period"] in periods] for name in lists}}


def is_below(nodes: Mapping[str, Node], key: str, above: str) -> bool:
    """Whether a unit is, or lies below, another."""
    at: str | None = key
    while at is not None and at in nodes:
        if at == above:
            return True
        at = nodes[at].parent
    return False


def _stub(node: Node) -> dict[str, Any]:
    return {
        "key": node.key,
        "name": node.name,
        "parent": node.parent,
        "service": node.service,
        "co_creation": None,
        "level": node.level,
        "scores": [],
        "results": [],
        "position": None,
    }


def own_keys_with(membership: Membership, key: str) -> frozenset[str] | None:
    """Give ``own_keys`` for the page of one of these.

    Raises
    ------
    Http404
        Where it is not: the units of others are not there for a manager.
    """
    own = own_keys(membership)
    if own is not None and key not in own:
        raise Http404
    return own


def own_keys(membership: Membership) -> frozenset[str] | None:
    """Keys of the units whose pages a member may open; None for every unit."""
    if membership.role != Role.MANAGER:
        return None
    return frozenset(organisations.visible_units(membership).values_list("key", flat=True))
