"""The heat map: every unit by every construct, sorted and filtered on the server, a window of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.models import Picture
from bevlogen_web.cockpit import queries
from bevlogen_web.cockpit.frame import READERS, Frame, frame, nothing_yet
from bevlogen_web.cockpit.views.links import team_addresses

PAGE = 60
MOST_AT_ONCE = 240


@dataclass(frozen=True, slots=True)
class Column:
    """A construct of the heat map: the order it can be sorted in, and whether it is."""

    key: str
    name: str
    period: str
    sorted: str
    address: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for: words in the name, a service, a column to sort by and its direction."""

    words: str
    service: str
    part: str
    by: str
    down: bool

    def query(self, **other: str) -> str:
        """Write it as the end of an address."""
        query = QueryDict(mutable=True)
        found = {"q": self.words, "service": self.service, "unit": self.part, "by": self.by, "down": "1" * self.down}
        query.update({key: value for key, value in {**found, **other}.items() if value})
        return str(query.urlencode())


@requires(*READERS)
@require_safe
def heat(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the first window; the script asks for the next, and without it there are pages."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    asked = _asked(request.GET)
    sheet = analyses.sheet(found.picture, "heat")
    order = _order(found.picture, asked)
    start = _number(request.GET.get("from", "0"), len(order))
    slug = membership.organisation.slug
    head = analyses.sheet(found.picture, "head")
    labels = {one["key"]: one["label"][found.language] for one in head["constructs"]}
    columns = [
        Column(
            key,
            labels[key],
            bv.pages.period(period, found.language),
            ("descending" if asked.down else "ascending") if asked.by == key else "none",
            asked.query(by=key, down="" if asked.by == key and asked.down else "1"),
        )
        for key, period in zip(sheet["columns"], sheet["periods"], strict=True)
    ]
    context = {
        "columns": columns,
        "rows": _rows(slug, found, order[start : start + PAGE], start),
        "asked": asked,
        "n_rows": len(order),
        "n_all": len(sheet["units"]),
        "rows_address": f"{reverse('cockpit:heat-rows', kwargs={'slug': slug})}?{asked.query()}",
        "by_name": asked.query(by="", down=""),
        "next": asked.query(**{"from": str(start + PAGE)}) if start + PAGE < len(order) else "",
        "previous": asked.query(**{"from": str(max(0, start - PAGE))}) if start else "",
        "first": start + 1,
        "last": min(start + PAGE, len(order)),
        "services": queries.services(found.picture),
        "rules": _why_hidden(found).values(),
        "page": PAGE,
    }
    return render(request, "cockpit/heat.html", {**found.context, **context})


@requires(*READERS)
@require_safe
@gzip_page  # figures alone: nothing secret whose length could be guessed
def heat_rows(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Give a window of rows."""
    found = frame(membership)
    if found is None:
        return JsonResponse({"rows": []})
    order = _order(found.picture, _asked(request.GET))
    start = _number(request.GET.get("from", "0"), len(order))
    many = min(_number(request.GET.get("n", str(PAGE)), MOST_AT_ONCE + 1), MOST_AT_ONCE)
    rows = _rows(membership.organisation.slug, found, order[start : start + many], start)
    return JsonResponse({"total": len(order), "from": start, "rows": rows})


def _asked(given: QueryDict) -> Asked:
    return Asked(
        given.get("q", "").strip(), given.get("service", ""), given.get("unit", ""), given.get("by", ""),
        given.get("down", "") == "1",
    )  # fmt: skip


def _number(text: str, most: int) -> int:
    """A whole number from 0 to below ``most``; 0 for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return number if number < max(most, 1) else 0


def _order(picture: Picture, asked: Asked) -> tuple[int, ...]:
    return _ordered(picture.pk, picture.made.isoformat(), asked, picture)


@lru_cache(maxsize=32)
def _ordered(_number: int, _made: str, asked: Asked, picture: Picture) -> tuple[int, ...]:
    """Rows that fit, in order; what is hidden stands last whatever the direction, so that order tells nothing of it."""
    sheet = analyses.sheet(picture, "heat")
    nodes = queries.tree(picture)
    words = asked.words.casefold()
    kept = [
        i
        for i, key in enumerate(sheet["units"])
        if (not words or words in nodes[key].name.casefold())
        and (not asked.service or nodes[key].service == asked.service)
        and (not asked.part or queries.is_below(nodes, key, asked.part))
    ]
    if asked.by not in sheet["columns"]:
        return (
            tuple(sorted(kept, key=lambda i: nodes[sheet["units"][i]].name.casefold())) if asked.down else tuple(kept)
        )
    column = sheet["columns"].index(asked.by)
    cells = sheet["cells"]
    known = [i for i in kept if isinstance(cells[i][column], int | float)]
    shown = frozenset(known)
    known.sort(key=lambda i: (cells[i][column], nodes[sheet["units"][i]].name), reverse=asked.down)
    return (*known, *(i for i in kept if i not in shown))


def _rows(slug: str, found: Frame, order: tuple[int, ...], start: int) -> list[dict[str, Any]]:
    """Write rows: name, address and cells of text, tone, and what a reader hears or asks for."""
    sheet = analyses.sheet(found.picture, "heat")
    head = analyses.sheet(found.picture, "head")
    about = {one["key"]: one for one in head["constructs"]}
    columns = [about[key] for key in sheet["columns"]]
    nodes = queries.tree(found.picture)
    why = _why_hidden(found)
    tones = _tones()
    address = team_addresses(slug)
    out = []
    for place, i in enumerate(order):
        node = nodes[sheet["units"][i]]
        cells = [
            _cell(value, tone, people, column["is_share"], found, why, tones)
            for value, tone, people, column in zip(
                sheet["cells"][i], sheet["tones"][i], sheet["people"][i], columns, strict=True
            )
        ]
        out.append(
            {"at": start + place, "name": node.name, "address": address(node.key), "depth": node.level, "cells": cells}
        )
    return out


def _why_hidden(found: Frame) -> dict[str, tuple[str, str]]:
    """Sign and words of each rule, with what can be done where it hides a figure."""
    head = analyses.sheet(found.picture, "head")
    ways = {one["rule"]: f". {one['text'][found.language]}" for one in head.get("ways", ())}
    rules = bv.pages.rules(head["policy"]["k"], found.language)
    return {key: (sign, words + ways.get(key, "")) for key, (sign, words) in rules.items()}


def _tones() -> dict[int, str]:
    return {
        2: _("far better than the middle unit"),
        1: _("better than the middle unit"),
        0: _("near the middle unit"),
        -1: _("worse than the middle unit"),
        -2: _("far worse than the middle unit"),
    }


def _cell(
    value: float | str | None, tone: int, people: float | None, share: bool, found: Frame,
    why: dict[str, tuple[str, str]],
    tones: dict[int, str],
) -> list[str]:  # fmt: skip
    """Text, tone and what is said on demand."""
    if value is None:
        return ["", "none", _("not measured")]
    if isinstance(value, str):
        return [why[value][0], "gone", why[value][1]]
    said = tones[tone]
    if people is not None:
        said = _("%(tone)s; respondents: %(n)s") % {"tone": said, "n": bv.pages.number(people, found.language)}
    return [bv.pages.figure(value, found.language, share=share), f"t{tone}", said]
