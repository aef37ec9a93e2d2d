"""Right to exist: do customers stay and come, does it pay, is the capacity used; and what moved more than chance."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit import drawing, queries
from bevlogen_web.cockpit.frame import READERS, Frame, frame, not_there, nothing_yet
from bevlogen_web.cockpit.views.overview import alarms_of, parts

ALARMS_SHOWN = 30


@requires(*READERS)
@require_safe
def exist(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the figures of record of the whole or of one part, each with the limits of its newest figure."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    asked = request.GET.get("unit", "")
    scope = queries.scope(found.picture, asked)
    if scope is None:
        return not_there(request, found, asked)
    keys = [scope.node.key, *(node.key for node in scope.below[: queries.MOST_BRANCHES])]
    release = queries.release(found.picture, keys, root=scope.node.key)
    slug = membership.organisation.slug
    cards = []
    for card in bv.pages.exist(release, found.language):
        rows = _rows(found, scope.node.key, card.key)
        ahead = _ahead(found, scope.node.key, card.key)
        arguments = {"slug": slug, "construct": card.key}
        files = {
            kind: f"{reverse('cockpit:exist-figure', kwargs={**arguments, 'kind': kind})}?unit={scope.node.key}"
            for kind in drawing.KINDS
        }
        spec = _spec(found, card.key, ahead) | {"data": {"values": [*rows, *ahead]}, "title": None}  # the card has it
        cards.append((card, drawing.Figure(card.key, spec, "", files) if len(rows) > 1 else None, ahead))
    alarms = alarms_of(found, scope.node.key)
    context = {
        "scope": scope,
        "parts": parts(found, scope),
        "cards": cards,
        "warnings": bv.pages.warnings(release, found.language),
        "alarms": alarms[:ALARMS_SHOWN],
        "n_alarms": len(alarms),
        "watched": analyses.sheet(found.picture, "bell")["watched"],
    }
    return render(request, "cockpit/exist.html", {**found.context, **context})


@requires(*READERS)
@require_safe
def exist_figure(request: HttpRequest, membership: Membership, construct: str, kind: drawing.Kind) -> HttpResponse:
    """Give the course of one figure as a file."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    unit = request.GET.get("unit", "") or queries.top(found.picture)
    known = {one["key"] for one in analyses.sheet(found.picture, "head")["constructs"]}
    if construct not in known or queries.scope(found.picture, unit) is None:
        return not_there(request, found, unit)
    ahead = _ahead(found, unit, construct)
    rows = [*_rows(found, unit, construct), *ahead]
    return drawing.file(_spec(found, construct, ahead), rows, kind, construct)


def _spec(found: Frame, construct: str, ahead: list[dict[str, Any]]) -> dict[str, Any]:
    head = analyses.sheet(found.picture, "head")
    about = next(one for one in head["constructs"] if one["key"] == construct)
    order = [bv.pages.period(one, found.language) for one in head["periods"]]
    order += [one["period"] for one in ahead if one["period"] not in order]
    title = about["label"][found.language]
    return bv.figures.course(found.language, title=title, share=about["is_share"], order=order)


def _rows(found: Frame, unit: str, construct: str) -> list[dict[str, Any]]:
    """Give the shown figures of one unit in time order, with limits at the newest."""
    sheet = analyses.unit_sheets(found.picture, [unit]).get(unit)
    if sheet is None:
        return []
    values = {one["period"]: one["value"] for one in sheet["results"] if one["measure"] == construct}
    control = sheet["control"].get(construct)
    periods = analyses.sheet(found.picture, "head")["periods"]
    rung = {(a["unit"], a["construct"]) for a in analyses.sheet(found.picture, "bell")["alarms"]}
    out = []
    for period in periods:
        if period in values:
            limits = control if control is not None and control["period"] == period else None
            out.append({
                "period": bv.pages.period(period, found.language),
                "value": values[period],
                "low": limits["low"] if limits else None,
                "high": limits["high"] if limits else None,
                "alarm": limits is not None and (unit, construct) in rung,
            })  # fmt: skip
    return out


def _ahead(found: Frame, unit: str, construct: str) -> list[dict[str, Any]]:
    """Give where the mean over teams goes, from where it is now; nothing for a part, of which there is no outlook."""
    head = analyses.sheet(found.picture, "head")
    outlook = next((one for one in head.get("outlooks", ()) if one["measure"] == construct), None)
    if outlook is None or unit != queries.top(found.picture):
        return []
    said = [
        {
            "period": bv.pages.period(one["period"], found.language),
            "middle": one["q50"],
            **{name: one[name] for name in ("q10", "q25", "q75", "q90")},
        }
        for one in outlook["ahead"]
    ]
    now = outlook.get("now")
    if now is None:
        return said
    start = bv.pages.period(head["periods"][-1], found.language)
    return [{"period": start, **dict.fromkeys(("middle", "q10", "q25", "q75", "q90"), now)}, *said]
