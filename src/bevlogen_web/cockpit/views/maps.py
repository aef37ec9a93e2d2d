"""The map: every disclosable unit by distinctive employership and distinctive service."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit import drawing, queries
from bevlogen_web.cockpit.frame import READERS, Frame, frame, nothing_yet
from bevlogen_web.cockpit.views.links import team_addresses

MOST_COMPARED = 5
MOST_WHISKERS = 80
MOST_NAMED = 12
ROWS_SHOWN = 25  # each costs 0.4 KB of a page that must stay under 400
FARTHEST = 4.0
_LETTERS = "ABCDE"
_OF_ALL = ("x", "y", "name", "address")
_OF_CHOSEN = ("x_low", "x_high", "y_low", "y_high", "x_before", "y_before", "chosen", "mark")
_CORNERS = {
    (True, True): "both_strong",
    (False, True): "service_strong",
    (True, False): "employership_strong",
    (False, False): "both_lag",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the map as text; ``corner`` names the quadrant it lies in."""

    key: str
    name: str
    employership: str
    service: str
    employership_span: str
    service_span: str
    corner: str
    n: str
    chosen: bool


@requires(*READERS)
@require_safe
def unit_map(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the map; find a unit, compare a few, keep to one service."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    points = _points(request.GET, membership, found)
    whole = analyses.sheet(found.picture, "map")
    slug = membership.organisation.slug
    query = _query(request.GET)
    chosen = [key for key in request.GET.getlist("unit") if key]
    words = request.GET.get("q", "").strip()
    nodes = queries.tree(found.picture)
    on_map = {one[0] for one in whole}
    hits = [n for n in nodes.values() if n.key in on_map and words and words.casefold() in n.name.casefold()]
    ordered = sorted(points, key=lambda one: (not one[1].chosen, one[1].name))
    places = _places(found, ordered[:ROWS_SHOWN])
    context = {
        "points": points,
        "places": places,
        "n_places": len(points),
        "compared": _compared(found, chosen, {row[0]: point.mark for row, point in points}),
        "figure": drawing.Figure(
            "map",
            _spec(found, points) | ({"transform": [{"flatten": columns}]} if (columns := _columns(points)) else {}),
            f"{reverse('cockpit:map-rows', kwargs={'slug': slug})}?{query}",
            {
                kind: f"{reverse('cockpit:map-figure', kwargs={'slug': slug, 'kind': kind})}?{query}"
                for kind in drawing.KINDS
            },
        ),
        "has_path": any(point.x_before is not None for _, point in points),
        "words": words,
        "hits": hits[:20],
        "chosen": chosen,
        "query": query,
        "service": request.GET.get("service", ""),
        "services": queries.services(found.picture),
        "most": MOST_COMPARED,
        "unknown": [key for key in chosen if key not in on_map],
        "nodes": nodes,
        "whiskers": len(points) <= MOST_WHISKERS,
        "k": analyses.sheet(found.picture, "head")["policy"]["k"],
        "off": len([key for key in nodes if key not in on_map]),
    }
    return render(request, "cockpit/map.html", {**found.context, **context})


@requires(*READERS)
@require_safe
@gzip_page  # figures alone: nothing secret whose length could be guessed
def map_rows(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Give the units as data of the figure; many of them in columns, which are a fifth smaller on the way."""
    found = frame(membership)
    points = [] if found is None else _points(request.GET, membership, found)
    rows = [point.row() for _, point in points]
    columns = _columns(points)
    packed = [{name: [row.get(name) for row in rows] for name in columns}] if columns else rows
    return JsonResponse(packed, safe=False, json_dumps_params={"separators": (",", ":")})


@requires(*READERS)
@require_safe
def map_figure(request: HttpRequest, membership: Membership, kind: drawing.Kind) -> HttpResponse:
    """Give the map as a file."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    points = _points(request.GET, membership, found)
    return drawing.file(_spec(found, points), [point.row() for _, point in points], kind, "map")


def _points(asked: QueryDict, membership: Membership, found: Frame) -> list[tuple[list[Any], bv.figures.Point]]:
    """Give the units of the chosen service with both axes, those to compare marked."""
    nodes = queries.tree(found.picture)
    service = asked.get("service", "")
    chosen = [key for key in asked.getlist("unit") if key][:MOST_COMPARED]
    past = _year_before(found, chosen)
    address = team_addresses(membership.organisation.slug)
    out = []
    for row in analyses.sheet(found.picture, "map"):
        key, x, x_low, x_high, y, y_low, y_high, _n = row
        node = nodes[key]
        if x is None or y is None or (service and node.service != service and key not in chosen):
            continue
        before = past.get(key, (None, None))
        point = bv.figures.Point(
            node.name, x, y, x_low, x_high, y_low, y_high, *before, address=address(key),
            chosen=key in chosen,
        )  # fmt: skip
        out.append((row, point))
    return _marked(out)


def _marked(points: list[tuple[list[Any], bv.figures.Point]]) -> list[tuple[list[Any], bv.figures.Point]]:
    """Give chosen units a letter, in the order in which they are compared: the strongest service first."""
    order = sorted((point for _, point in points if point.chosen), key=lambda point: -point.y)
    marks = {id(point): letter for point, letter in zip(order, _LETTERS, strict=False)}
    return [(row, replace(point, mark=marks[id(point)]) if point.chosen else point) for row, point in points]


def _columns(points: list[tuple[list[Any], bv.figures.Point]]) -> tuple[str, ...]:
    """Names of the columns in which many units are sent; intervals and paths go with chosen units alone. Few: none."""
    if len(points) <= MOST_WHISKERS:
        return ()
    return (*_OF_ALL, *(_OF_CHOSEN if any(point.chosen for _, point in points) else ()))


def _year_before(found: Frame, keys: list[str]) -> dict[str, tuple[float | None, float | None]]:
    """Where the trend says that a unit stood a year before."""
    out = {}
    for key, sheet in analyses.unit_sheets(found.picture, keys).items():
        at = sheet["position"]
        if at is None or at["trend_service"]["estimate"] is None or at["trend_employership"]["estimate"] is None:
            continue
        out[key] = (
            at["employership"]["estimate"] - at["trend_employership"]["estimate"],
            at["service"]["estimate"] - at["trend_service"]["estimate"],
        )
    return out


def _compared(found: Frame, keys: list[str], marks: dict[str, str]) -> list[tuple[str, Any]]:
    """Give the letter and the places of each chosen unit, as text."""
    release = queries.release(found.picture, keys[:MOST_COMPARED], root=queries.top(found.picture))
    services = dict(queries.services(found.picture))
    rows = bv.pages.positions(release, found.language)
    return [(marks.get(row.key, ""), replace(row, peers=services.get(row.peers, row.peers))) for row in rows]


def _spec(found: Frame, points: list[tuple[list[Any], bv.figures.Point]]) -> dict[str, Any]:
    sides = [abs(v) for _, p in points for v in (p.x, p.y, p.x_low, p.x_high, p.y_low, p.y_high) if v is not None]
    reach = min(FARTHEST, math.ceil(10 * max([1.0, *sides])) / 10)
    few = len(points) <= MOST_NAMED
    return bv.figures.unit_map(found.language, reach=reach, whiskers=len(points) <= MOST_WHISKERS, names=few)


def _query(asked: QueryDict) -> str:
    kept = [("unit", key) for key in asked.getlist("unit") if key][:MOST_COMPARED]
    return urlencode([*kept, *([("service", asked["service"])] if asked.get("service") else [])])


def _places(found: Frame, points: list[tuple[list[Any], bv.figures.Point]]) -> list[Place]:
    """Write units as rows of the table."""
    words = found.context["say"]
    number = bv.pages.effect
    span = bv.pages.span
    return [
        Place(
            row[0],
            p.name,
            number(p.x, found.language),
            number(p.y, found.language),
            "–" if p.x_low == p.x_high else span(p.x_low, p.x_high, found.language),
            "–" if p.y_low == p.y_high else span(p.y_low, p.y_high, found.language),
            words[_CORNERS[p.x > 0, p.y > 0]],
            "" if row[7] is None else f"{row[7]:g}",
            p.chosen,
        )
        for row, p in points
    ]
