"""The evidence: one link of the chain, all claims, and one claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit import drawing, queries
from bevlogen_web.cockpit.frame import READERS, Frame, frame, not_there, nothing_yet

MOST_IN_TABLE = 100
_ORDER = ("supported", "contradicted", "nothing", "undetermined")


@requires(*READERS)
@require_safe
def link(request: HttpRequest, membership: Membership, cause: str, outcome: str) -> HttpResponse:
    """Show everything that is known of one link."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    release = _whole(found)
    evidence = bv.pages.link(release, cause, outcome, found.language)
    if evidence is None:
        return not_there(request, found)
    slug = membership.organisation.slug
    points = scatter_points(slug, found, cause, outcome)
    names = bv.pages.names(release, found.language)
    spec = bv.figures.scatter(found.language, cause=names[cause], outcome=names[outcome])
    arguments = {"slug": slug, "cause": cause, "outcome": outcome}
    context = {
        "link": evidence,
        "points": points,
        "table": points[:MOST_IN_TABLE],
        "figure": drawing.Figure(
            "scatter",
            spec,
            reverse("cockpit:link-rows", kwargs=arguments),
            {kind: reverse("cockpit:link-figure", kwargs={**arguments, "kind": kind}) for kind in drawing.KINDS},
        ),
        "designs": bv.pages.designs(found.language),
        "claims": [c for c in bv.pages.claims(release, found.language) if _is_about(release, c.ident, cause, outcome)],
    }
    return render(request, "cockpit/link.html", {**found.context, **context})


@requires(*READERS)
@require_safe
@gzip_page  # figures alone: nothing secret whose length could be guessed
def link_rows(request: HttpRequest, membership: Membership, cause: str, outcome: str) -> HttpResponse:
    """Give the units of the scatter as data of the figure."""
    found = frame(membership)
    points = [] if found is None else scatter_points(membership.organisation.slug, found, cause, outcome)
    return JsonResponse([point.row() for point in points], safe=False)


@requires(*READERS)
@require_safe
def link_figure(
    request: HttpRequest, membership: Membership, cause: str, outcome: str, kind: drawing.Kind
) -> HttpResponse:
    """Give the scatter as a file."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    names = bv.pages.names(_whole(found), found.language)
    if cause not in names or outcome not in names:
        return not_there(request, found)
    spec = bv.figures.scatter(found.language, cause=names[cause], outcome=names[outcome])
    rows = [one.row() for one in scatter_points(membership.organisation.slug, found, cause, outcome)]
    return drawing.file(spec, rows, kind, f"{cause}-{outcome}")


@requires(*READERS)
@require_safe
def claims(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List every claim with its verdict."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    all_of_them = bv.pages.claims(_whole(found), found.language)
    decided_first = sorted(all_of_them, key=lambda one: _ORDER.index(one.sign.kind))
    return render(request, "cockpit/claims.html", {**found.context, "claims": decided_first})


@requires(*READERS)
@require_safe
def claim(request: HttpRequest, membership: Membership, claim: str) -> HttpResponse:
    """Show the evidence of one claim."""
    found = frame(membership)
    if found is None:
        return nothing_yet(request, membership)
    all_of_them = {one.ident: one for one in bv.pages.claims(_whole(found), found.language)}
    one = all_of_them.get(f"claim-{claim}")
    if one is None:
        return not_there(request, found)
    context: dict[str, Any] = {"claim": one, "designs": bv.pages.designs(found.language)}
    return render(request, "cockpit/claim.html", {**found.context, **context})


def scatter_points(slug: str, found: Frame, cause: str, outcome: str) -> list[bv.figures.Point]:
    """Give every unit at the end of the tree with a shown last figure on both sides."""
    heat = analyses.sheet(found.picture, "heat")
    if cause not in heat["columns"] or outcome not in heat["columns"]:
        return []
    a, b = heat["columns"].index(cause), heat["columns"].index(outcome)
    nodes = queries.tree(found.picture)
    address = team_addresses(slug)
    above = {node.parent for node in nodes.values()}
    return [
        bv.figures.Point(nodes[key].name, row[a], row[b], address=address(key))
        for key, row in zip(heat["units"], heat["cells"], strict=True)
        if key not in above and isinstance(row[a], int | float) and isinstance(row[b], int | float)
    ]


def team_addresses(slug: str) -> Callable[[str], str]:
    """Give what writes the address of the page of a unit; for thousands of them the pattern is resolved once."""
    start = reverse("cockpit:team", kwargs={"slug": slug, "key": "-"}).removesuffix("-/")
    return lambda key: f"{start}{quote(key)}/"


def _whole(found: Frame) -> bv.Release:
    top = queries.top(found.picture)
    return queries.release(found.picture, [top], root=top)


def _is_about(release: bv.Release, ident: str, cause: str, outcome: str) -> bool:
    arrows = next(c.claim.links for c in release.claims if f"claim-{c.claim.id}" == ident)
    return any((arrow.cause, arrow.outcome) == (cause, outcome) for arrow in arrows)
